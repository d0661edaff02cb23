"""Mehmet, "Neural Network Backpropagation", equation by equation.

One observation a row, sigmoid in both layers, ½ Σ (a2 − y)², everything summed over the batch; then one
neuron taken node by node.
"""

import numpy as np

from chainrule import Network, Parameters
from chainrule.nn import ACTIVATIONS
from helpers.gradients import complex_step
from helpers.notes import Point, assert_lower_cost, assert_same, assert_slip


def network_of(reduction="sum"):
    return Network((3, 4, 2), "sigmoid", "sigmoid", "half_squared_error", reduction)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_the_derivative_of_the_sigmoid():
    z = np.linspace(-5, 5, 21)
    slope = ACTIVATIONS["sigmoid"].derivative(z, sigmoid(z))
    np.testing.assert_allclose(sigmoid(z) * (1 - sigmoid(z)), slope, rtol=1e-13)


def test_the_network_of_two_layers():
    p = Point(network_of())
    a0, a1, a2 = p.A
    assert_same(sigmoid(a0 @ p.W[1] + p.b[1]), a1)
    assert_same(sigmoid(a1 @ p.W[2] + p.b[2]), a2)
    assert_same(((a2 - p.Y) ** 2).sum() / 2, p.J)  # never stated, implied by δ2
    delta2 = (a2 - p.Y) * sigmoid(p.Z[2]) * (1 - sigmoid(p.Z[2]))
    assert_same(delta2, p.dZ[2])
    assert_same(a1.T @ delta2, p.dW[2])
    assert_same(delta2.sum(axis=0, keepdims=True), p.db[2])
    delta1 = delta2 @ p.W[2].T * sigmoid(p.Z[1]) * (1 - sigmoid(p.Z[1]))
    assert_same(delta1, p.dZ[1])
    assert_same(a0.T @ delta1, p.dW[1])
    assert_same(delta1.sum(axis=0, keepdims=True), p.db[1])


def test_the_cost_that_delta2_implies_is_neither_a_mean_nor_without_the_half():
    p = Point(network_of())
    for other in (
        network_of("mean"),
        Network((3, 4, 2), "sigmoid", "sigmoid", "squared_error", "sum"),
    ):
        _, gradients = other.cost_and_gradients(p.parameters, p.X, p.Y)
        assert_slip(gradients["W2"], p.dW[2])
        assert_slip(gradients["b1"], p.db[1])


def test_the_updates():
    assert_lower_cost(Point(network_of()))


def test_one_neuron_node_by_node():
    """x = w1·x1, z = x + b, σ(z), C = ½ Σ (σ(z) − y)²: four factors, one a node."""
    network = Network((1, 1), output="sigmoid", loss="half_squared_error", reduction="sum")
    w1, b = 0.8, -0.6
    parameters = Parameters.from_arrays({"W1": [[w1]], "b1": [b]})
    x1 = np.array([0.5, -1.5, 2.0, 0.25, 1.0])
    y = np.array([1.0, 0.0, 0.5, 1.0, 0.0])
    product = w1 * x1
    z = product + b
    dC_dsigma = sigmoid(z) - y
    dsigma_dz = sigmoid(z) * (1 - sigmoid(z))
    dz_dproduct, dproduct_dw1 = 1.0, x1
    C, gradients = network.cost_and_gradients(parameters, x1[:, np.newaxis], y)
    truth = complex_step(network, parameters, x1[:, np.newaxis], y)
    assert_same(((sigmoid(z) - y) ** 2).sum() / 2, C)
    chain = (dC_dsigma * dsigma_dz * dz_dproduct * dproduct_dw1).sum()
    assert_same(chain, gradients["W1"][0, 0])
    assert_same(chain, truth["W1"][0, 0])
    dz_db = 1.0
    assert_same((dC_dsigma * dsigma_dz * dz_db).sum(), gradients["b1"][0, 0])
    for left_out in (dC_dsigma, dsigma_dz, dproduct_dw1):  # every factor is needed
        assert_slip((dC_dsigma * dsigma_dz * dproduct_dw1 / left_out).sum(), truth["W1"][0, 0])


def test_slip_the_sum_node_is_not_the_bias():
    """Called `b`, the node's derivative would be ∂C/∂b of each observation, not their sum."""
    p = Point(Network((1, 1), output="sigmoid", loss="half_squared_error", reduction="sum"))
    node, bias = p.dZ[1], p.db[1]
    assert node.shape == (p.m, 1)
    assert bias.shape == (1, 1)
    assert_same(node.sum(axis=0, keepdims=True), bias)
    for each in node:
        assert_slip(each[np.newaxis], bias)
    assert_slip(p.Z[1], np.broadcast_to(p.b[1], p.Z[1].shape))
