"""The notes "COL 865 Deep Learning: Backpropagation" (3 August 2017), equation by equation.

K hidden layers, z = Wᵀ x + b, sigmoid output, J = ½ Σ L(ŷ, y) + λ ‖θ‖² with L the log-likelihood loss
and every parameter penalized. Declared conventions: the ½ in front, the sum, and the biases in θ.
"""

import numpy as np
import pytest

from chainrule import L2, Network
from chainrule.nn import ACTIVATIONS
from helpers.notes import Point, assert_lower_cost, assert_same, assert_slip

LAMBDA = 0.3
PENALTY = L2(LAMBDA, "full", biases=True)
SIZES = (3, 4, 4, 2)


def network_of(penalty=PENALTY, hidden=("tanh", "softplus"), sizes=SIZES):
    return Network(
        sizes,
        hidden,
        loss="binary_cross_entropy",
        reduction="sum",
        cost_scale=0.5,
        penalty=penalty,
    )


def slope(p, layer):
    g = ACTIVATIONS[p.network.activations[layer - 1].name]
    return g.derivative(p.Z[layer], p.A[layer])


@pytest.mark.parametrize("m", [1, 6])
def test_going_back_layer_by_layer(m):
    """In columns, as in the notes; ∇θ gets the penalty's 2λθ added, which the notes leave out."""
    p = Point(network_of(), m)
    L = p.network.depth
    for layer in range(1, L + 1):
        assert_same(p.W[layer].T @ p.A[layer - 1].T + p.b[layer].T, p.Z[layer].T)
    log_likelihood = p.Y * np.log(p.A[L]) + (1 - p.Y) * np.log(1 - p.A[L])
    squares = sum((V**2).sum() for V in p.parameters.values())
    assert_same(-log_likelihood.sum() / 2 + LAMBDA * squares, p.J)

    gradient = ((p.A[L] - p.Y) / (p.A[L] * (1 - p.A[L])) / 2).T  # ∇_ŷ J
    for layer in range(L, 0, -1):
        gradient = slope(p, layer).T * gradient  # ∇_z J = g'(z) ⊙ ∇_x̂ J
        assert_same(gradient, p.dZ[layer].T)
        # ∇_W J = ∇_z J · (layer input)ᵀ is that of Wᵀ; ∇_b J = ∇_z J, summed over the observations.
        by_W = (gradient @ p.A[layer - 1]).T + 2 * LAMBDA * p.W[layer]
        by_b = gradient.sum(axis=1, keepdims=True).T + 2 * LAMBDA * p.b[layer]
        assert_same(by_W, p.dW[layer])
        assert_same(by_b, p.db[layer])
        gradient = p.W[layer] @ gradient  # ∇_x̂(k−1) J = (weights) · ∇_z(k) J
        assert_same(gradient, p.dA[layer - 1].T)


def test_the_jacobian_gradient_product():
    """∇_x z = (∂y/∂x)ᵀ ∇_y z, for an element-wise activation and for one that is not."""
    p = Point(network_of(hidden=("tanh", "softmax")), m=1)
    diagonal = np.diag(1 - p.A[1][0] ** 2)
    assert_same(diagonal.T @ p.dA[1][0], p.dZ[1][0])
    a = p.A[2][0]
    full = np.diag(a) - np.outer(a, a)
    assert_same(full.T @ p.dA[2][0], p.dZ[2][0])
    assert_same(p.W[2] @ p.dZ[2][0], p.dA[1][0])  # ∂z/∂x = Wᵀ, its transpose is W


def test_any_number_of_hidden_layers():
    for count in range(5):
        p = Point(network_of(hidden="tanh", sizes=(3, *range(4, 4 + count), 2)))
        assert p.network.depth == count + 1
        delta = (p.A[-1] - p.Y) / 2
        for layer in range(count + 1, 0, -1):
            assert_same(p.A[layer - 1].T @ delta + 2 * LAMBDA * p.W[layer], p.dW[layer])
            delta = delta @ p.W[layer].T * (1 - p.A[layer - 1] ** 2)


def test_the_update():
    assert_lower_cost(Point(network_of()), learning_rate=1e-3)


def test_slip_the_gradient_of_the_penalty_is_left_out():
    p = Point(network_of())
    for layer in (1, 2, 3):
        assert_slip(p.A[layer - 1].T @ p.dZ[layer], p.dW[layer])
        assert_slip(p.dZ[layer].sum(axis=0, keepdims=True), p.db[layer])
        by_W = p.A[layer - 1].T @ p.dZ[layer]
        for factor in (LAMBDA, -2 * LAMBDA, LAMBDA / p.m):  # nor is it any other multiple
            assert_slip(by_W + factor * p.W[layer], p.dW[layer])


def test_slip_the_slope_where_the_input_is_meant():
    """∇_W = ∇_z · g'(z)ᵀ is written once; it is ∇_z times the layer's input."""
    p = Point(network_of(penalty=None, sizes=(4, 4, 4, 4)))
    for layer in (1, 2, 3):
        assert_same(p.A[layer - 1].T @ p.dZ[layer], p.dW[layer])
        assert_slip(slope(p, layer).T @ p.dZ[layer], p.dW[layer])


def test_slip_the_transpose_on_the_way_down():
    """∇_x̂(k−1) = Wᵀ ∇_z is written where z = Wᵀ x needs W ∇_z; square layers hide the shapes."""
    p = Point(network_of(sizes=(4, 4, 4, 4)))
    for layer in (1, 2, 3):
        assert_same(p.W[layer] @ p.dZ[layer].T, p.dA[layer - 1].T)
        assert_slip(p.W[layer].T @ p.dZ[layer].T, p.dA[layer - 1].T)
    oblong = Point(network_of())
    with pytest.raises(ValueError, match="matmul"):
        oblong.W[3].T @ oblong.dZ[3].T


def test_slip_the_layer_of_the_input():
    """z(k) = Wᵀ x̂(k) is written for Wᵀ x̂(k−1)."""
    p = Point(network_of(sizes=(4, 4, 4, 4)))
    for layer in (1, 2, 3):
        assert_same(p.A[layer - 1] @ p.W[layer] + p.b[layer], p.Z[layer])
        assert_slip(p.A[layer] @ p.W[layer] + p.b[layer], p.Z[layer])


def test_slip_the_half_is_dropped_for_one_example():
    p = Point(network_of(penalty=None), m=1)
    assert_same((p.A[3] - p.Y) / 2, p.dZ[3])
    assert_slip(p.A[3] - p.Y, p.dZ[3])
    loss = -(p.Y * np.log(p.A[3]) + (1 - p.Y) * np.log(1 - p.A[3])).sum()
    assert_same(loss / 2, p.J)
    assert_slip(loss, p.J)
