"""The note "Forward & Back Propagation Derivation" (5-12-2018), equation by equation.

Any number of layers, sigmoid hidden layers, ½ Σ (ŷ − y)², one observation at a time; first element by
element, then as matrices. Its forward part ends in softmax, its backward part in the element-wise σ'.
"""

import numpy as np
import pytest

from chainrule import Network
from helpers.notes import Point, assert_lower_cost, assert_same, assert_slip

SIZES = (3, 4, 2, 3)


def network_of(output="sigmoid", reduction="sum", sizes=SIZES):
    return Network(sizes, "sigmoid", output, "half_squared_error", reduction)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def slope(z):
    return (1 - sigmoid(z)) * sigmoid(z)


def test_element_by_element():
    p = Point(network_of(), m=1)
    a = [A[0] for A in p.A]
    z = [None, *(Z[0] for Z in p.Z[1:])]
    y, L = p.Y[0], 3
    delta = [None] * (L + 1)
    for layer in range(1, L + 1):
        for j in range(SIZES[layer]):
            inputs = range(SIZES[layer - 1])
            total = sum(p.W[layer][i, j] * a[layer - 1][i] for i in inputs) + p.b[layer][0, j]
            assert_same(total, z[layer][j])
            assert_same(sigmoid(total), a[layer][j])
    assert_same(sum((p.A[L][0] - y) ** 2) / 2, p.J)
    for layer in range(L, 0, -1):
        delta[layer] = [
            (a[L][j] - y[j]) * slope(z[L][j])
            if layer == L
            else slope(z[layer][j])
            * sum(p.W[layer + 1][j, k] * delta[layer + 1][k] for k in range(SIZES[layer + 1]))
            for j in range(SIZES[layer])
        ]
        for j in range(SIZES[layer]):
            assert_same(delta[layer][j], p.dZ[layer][0, j])
            assert_same(delta[layer][j], p.db[layer][0, j])
            for i in range(SIZES[layer - 1]):
                assert_same(delta[layer][j] * a[layer - 1][i], p.dW[layer][i, j])


def test_as_matrices():
    """One observation as a column: z = Wᵀ a + b."""
    p = Point(network_of(), m=1)
    a = [A.T for A in p.A]
    delta = None
    for layer in (1, 2, 3):
        assert_same(p.W[layer].T @ a[layer - 1] + p.b[layer].T, p.Z[layer].T)
    for layer in (3, 2, 1):
        z = p.Z[layer].T
        delta = (a[3] - p.Y.T) * slope(z) if layer == 3 else p.W[layer + 1] @ delta * slope(z)
        assert_same(delta, p.dZ[layer].T)
        assert_same(a[layer - 1] @ delta.T, p.dW[layer])
        assert_same(delta, p.db[layer].T)


def test_the_batch_in_rows():
    p = Point(network_of())
    assert_same(p.A[0] @ p.W[1] + p.b[1], p.Z[1])
    assert_same(p.W[1].T @ p.X.T + p.b[1].T, p.Z[1].T)  # the same thing in columns
    delta = (p.A[3] - p.Y) * slope(p.Z[3])
    for layer in (3, 2, 1):
        if layer < 3:
            delta = delta @ p.W[layer + 1].T * slope(p.Z[layer])
        assert_same(delta, p.dZ[layer])
        assert_same(p.A[layer - 1].T @ delta, p.dW[layer])
        assert_same(delta.sum(axis=0, keepdims=True), p.db[layer])
    assert_lower_cost(p)


def test_softmax_with_its_full_jacobian():
    """What the note's forward part asks for, and its backward part does not give."""
    p = Point(network_of("softmax", "mean"))
    exponentials = np.exp(p.Z[3])
    assert_same(exponentials / exponentials.sum(axis=1, keepdims=True), p.A[3])
    G = (p.A[3] - p.Y) / p.m
    assert_same(G, p.dA[3])
    assert_same(p.A[3] * (G - (G * p.A[3]).sum(axis=1, keepdims=True)), p.dZ[3])
    for a, g, dz in zip(p.A[3], G, p.dZ[3], strict=True):
        assert_same((np.diag(a) - np.outer(a, a)).T @ g, dz)


@pytest.mark.parametrize("outputs", [2, 3, 5])
def test_slip_the_diagonal_of_softmax(outputs):
    p = Point(network_of("softmax", "sum", (3, 4, outputs)))
    difference = p.A[2] - p.Y
    assert_slip(difference * p.A[2] * (1 - p.A[2]), p.dZ[2])  # the diagonal of the Jacobian
    assert_slip(difference * slope(p.Z[2]), p.dZ[2])  # σ' of z, as it is written
    assert_slip(p.A[1].T @ (difference * p.A[2] * (1 - p.A[2])), p.dW[2])


def test_slips_on_the_way_to_the_output_layer():
    p = Point(network_of(), m=1)
    a, y, z = p.A[3], p.Y, p.Z[3]
    assert_same(a - y, p.dA[3])
    for wrong in (y - a, (y - a) / 2, y + a):  # the sign; the sign and the ½; the plus
        assert_slip(wrong, p.dA[3])
        assert_slip(wrong * slope(z), p.dZ[3])
        assert_slip(p.A[2].T @ (wrong * slope(z)), p.dW[3])


def test_slip_the_derivative_of_z_by_w():
    """∂z_j/∂w_ij is a_i, and not (1 − σ(z_j))σ(z_j)."""
    p = Point(network_of(), m=1)
    delta = p.dZ[3]
    assert_same(np.outer(p.A[2], delta), p.dW[3])
    assert_slip(np.outer(np.ones(SIZES[2]), slope(p.Z[3]) * delta), p.dW[3])


def test_slip_the_cost_of_a_prediction_against_itself():
    p = Point(network_of())
    assert ((p.A[3] - p.A[3]) ** 2).sum() / 2 == 0 < p.J


def test_slip_the_index_in_the_box_of_the_chain():
    """∂L/∂a_i where ∂L/∂a_j is meant: the wrong unit's derivative, or another layer's."""
    p = Point(network_of(sizes=(4, 4, 4)), m=1)
    by_j = np.outer(p.A[1][0], p.dA[2][0] * slope(p.Z[2][0]))
    by_i = np.outer(p.A[1][0] * p.dA[2][0], slope(p.Z[2][0]))
    assert_same(by_j, p.dW[2])
    assert_slip(by_i, p.dW[2])
    assert_slip(np.outer(p.A[1][0] * p.dA[1][0], slope(p.Z[2][0])), p.dW[2])


def test_slip_the_layer_in_a_forward_line():
    """a^[1] = σ(z^[0]) is written for σ(z^[1]); the inputs have no z, so that X would be meant."""
    p = Point(network_of(sizes=(4, 4, 4)))
    assert p.Z[0] is None
    assert_slip(sigmoid(p.X), p.A[1])
    assert_same(sigmoid(p.Z[1]), p.A[1])
