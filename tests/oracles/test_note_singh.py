"""Rahul Singh, "Back Propagation Equations for Binary Classification", equation by equation.

One observation a row, any hidden activation, sigmoid output, mean binary cross-entropy. Its dZ is the
derivative of the loss of each observation; the 1/m enters in dW and dB. So its dZ is m times the
derivative of the cost, and its dW and dB are right.
"""

import numpy as np
import pytest

from chainrule import Network
from chainrule.nn import ACTIVATIONS
from helpers.cases import HIDDEN
from helpers.notes import Point, assert_lower_cost, assert_same, assert_slip

ELEMENTWISE = [name for name in HIDDEN if name != "softmax"]


def network_of(sizes, hidden):
    return Network(sizes, hidden, loss="binary_cross_entropy")


def slope(point, layer):
    """Return f'(Z) of a hidden layer."""
    g = point.network.activations[layer - 1]
    return ACTIVATIONS[g.name].derivative(point.Z[layer], point.A[layer])


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("hidden", ELEMENTWISE)
def test_the_network_of_two_layers(hidden, outputs):
    p = Point(network_of((3, 4, outputs), hidden))
    m, X, Y = p.m, p.X, p.Y
    assert_same(X @ p.W[1] + p.b[1], p.Z[1])
    assert_same(p.A[1] @ p.W[2] + p.b[2], p.Z[2])
    losses = -(Y * np.log(p.A[2]) + (1 - Y) * np.log(1 - p.A[2]))
    assert_same(losses.sum() / m, p.J)

    dZ2 = p.A[2] - Y
    assert_same(dZ2 / m, p.dZ[2])
    assert_same(p.A[1].T @ dZ2 / m, p.dW[2])
    assert_same(dZ2.sum(axis=0, keepdims=True) / m, p.db[2])
    dZ1 = dZ2 @ p.W[2].T * slope(p, 1)
    assert_same(dZ1 / m, p.dZ[1])
    assert_same(X.T @ dZ1 / m, p.dW[1])
    assert_same(dZ1.sum(axis=0, keepdims=True) / m, p.db[1])


def test_the_network_of_the_next_depth():
    """Its sizes n_0 … n_3, and two different hidden activations f1 and f2."""
    p = Point(network_of((3, 4, 5, 1), ("tanh", "gelu")))
    m = p.m
    dZ3 = p.A[3] - p.Y
    dZ2 = dZ3 @ p.W[3].T * slope(p, 2)
    dZ1 = dZ2 @ p.W[2].T * slope(p, 1)
    for layer, dZ in ((3, dZ3), (2, dZ2), (1, dZ1)):
        assert_same(dZ / m, p.dZ[layer])
        assert_same(p.A[layer - 1].T @ dZ / m, p.dW[layer])
        assert_same(dZ.sum(axis=0, keepdims=True) / m, p.db[layer])


def test_every_factor_of_the_chains():
    """One observation, factor by factor: ∂L/∂ŷ, ∂ŷ/∂z2, ∂z2/∂W2, ∂z2/∂a1, ∂a1/∂z1, ∂z1/∂W1."""
    p = Point(network_of((3, 4, 1), "tanh"), m=1)
    y, a = p.Y[0, 0], p.A[2][0, 0]
    dL_da = (a - y) / (a * (1 - a))
    assert_same(-(y / a - (1 - y) / (1 - a)), dL_da)
    da_dz2 = a * (1 - a)
    assert_same(dL_da * da_dz2, p.dZ[2][0, 0])
    for i in range(4):
        assert_same(dL_da * da_dz2 * p.A[1][0, i], p.dW[2][i, 0])
        assert_same(dL_da * da_dz2 * p.W[2][i, 0], p.dA[1][0, i])
        da1_dz1 = 1 - p.A[1][0, i] ** 2
        assert_same(dL_da * da_dz2 * p.W[2][i, 0] * da1_dz1, p.dZ[1][0, i])
        for j in range(3):
            chain = dL_da * da_dz2 * p.W[2][i, 0] * da1_dz1 * p.X[0, j]
            assert_same(chain, p.dW[1][j, i])


@pytest.mark.parametrize("sizes", [(3, 5), (3, 4, 3), (4, 3, 2, 5, 2, 2)])
@pytest.mark.parametrize("loss", ["binary_cross_entropy", "categorical_cross_entropy"])
def test_the_generalization_to_l_layers_and_to_many_classes(sizes, loss):
    p = Point(Network(sizes, "tanh", loss=loss))
    L = p.network.depth
    # A row of targets need not sum to 1: for softmax Ŷ then counts so many times.
    total = p.Y.sum(axis=1, keepdims=True) if loss == "categorical_cross_entropy" else 1
    dZ = p.A[L] * total - p.Y
    for layer in range(L, 0, -1):
        assert_same(dZ / p.m, p.dZ[layer])
        assert_same(p.A[layer - 1].T @ dZ / p.m, p.dW[layer])
        assert_same(dZ.sum(axis=0, keepdims=True) / p.m, p.db[layer])
        if layer > 1:
            dZ = dZ @ p.W[layer].T * (1 - p.A[layer - 1] ** 2)


def test_the_updates():
    assert_lower_cost(Point(network_of((3, 4, 1), "tanh")))


def test_its_dZ_is_m_times_the_derivative_of_the_cost():
    p = Point(network_of((3, 4, 1), "tanh"))
    assert_slip(p.A[2] - p.Y, p.dZ[2])
    assert_same(p.A[2] - p.Y, p.m * p.dZ[2])


def test_slip_biases_of_shape_n_by_1():
    p = Point(network_of((3, 4, 5, 1), "tanh"))
    assert [b.shape for b in p.b[1:]] == [(1, 4), (1, 5), (1, 1)]
    with pytest.raises(ValueError, match="broadcast"):
        p.X @ p.W[1] + p.b[1].T
    assert p.db[1].shape != (4, 1)


def test_slip_n_in_the_cost_and_m_in_the_gradients():
    """Were the n of the cost not the m of the gradients, the gradients would be n/m times wrong."""
    p = Point(network_of((3, 4, 1), "tanh"))
    n = p.network.sizes[0]
    assert_slip(p.A[1].T @ (p.A[2] - p.Y) / n, p.dW[2])
    losses = p.network.loss_function.value(p.A[2], p.Y)
    assert_slip(losses.sum() / n, p.J)
