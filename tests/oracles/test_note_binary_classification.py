"""The handwritten note "Back propagation: Binary Classification", equation by equation.

Two layers, one observation a column, tanh hidden, sigmoid output, binary cross-entropy. Its cost has
1/n and a sum over the observations; its six steps have neither, so that they are those of one
observation, or of the summed cost once the two bias steps sum over the observations.
"""

import numpy as np
import pytest

from chainrule import Network
from helpers.notes import Point, assert_lower_cost, assert_same, assert_slip


def network_of(reduction):
    return Network((3, 4, 2), "tanh", loss="binary_cross_entropy", reduction=reduction)


class Columns:
    """The point in the layout of the note: W1 is (n_h, d), an observation is a column."""

    def __init__(self, point):
        self.m = point.m
        self.x, self.y = point.X.T, point.Y.T
        self.a1, self.a2 = point.A[1].T, point.A[2].T
        self.z1, self.z2 = point.Z[1].T, point.Z[2].T
        self.w1, self.w2 = point.W[1].T, point.W[2].T
        self.b1, self.b2 = point.b[1].T, point.b[2].T
        self.dz1, self.dz2 = point.dZ[1].T, point.dZ[2].T
        self.dw1, self.dw2 = point.dW[1].T, point.dW[2].T
        self.db1, self.db2 = point.db[1].T, point.db[2].T


@pytest.mark.parametrize("m", [1, 6])
def test_the_six_steps_for_the_summed_cost(m):
    point = Point(network_of("sum"), m)
    c = Columns(point)
    # Forward, and the cost as a sum.
    assert_same(c.w1 @ c.x + c.b1, c.z1)
    assert_same(np.tanh(c.z1), c.a1)
    assert_same(c.w2 @ c.a1 + c.b2, c.z2)
    assert_same(1 / (1 + np.exp(-c.z2)), c.a2)
    assert_same(-(c.y * np.log(c.a2) + (1 - c.y) * np.log(1 - c.a2)).sum(), point.J)
    # Step 1, its two factors and their product.
    da2 = (c.a2 - c.y) / (c.a2 * (1 - c.a2))
    assert_same(da2 * (c.a2 * (1 - c.a2)), c.dz2)
    assert_same(c.a2 - c.y, c.dz2)
    # Steps 2 to 6; 3 and 6 sum over the observations.
    assert_same((c.a2 - c.y) @ c.a1.T, c.dw2)
    assert_same((c.a2 - c.y).sum(axis=1, keepdims=True), c.db2)
    dz1 = c.w2.T @ (c.a2 - c.y) * (1 - c.a1**2)
    assert_same(dz1, c.dz1)
    assert_same(dz1 @ c.x.T, c.dw1)
    assert_same(dz1.sum(axis=1, keepdims=True), c.db1)
    if m == 1:  # one observation: the bias steps hold as they are written
        assert_same(c.a2 - c.y, c.db2)
        assert_same(dz1, c.db1)


def test_with_the_declared_mean_every_step_takes_the_1_over_n():
    mean, total = Point(network_of("mean")), Point(network_of("sum"))
    c = Columns(mean)
    loss = -(c.y * np.log(c.a2) + (1 - c.y) * np.log(1 - c.a2)).sum() / c.m
    assert_same(loss, mean.J)
    for layer in (1, 2):
        assert_same(total.dZ[layer] / c.m, mean.dZ[layer])
        assert_same(total.dW[layer] / c.m, mean.dW[layer])
        assert_same(total.db[layer] / c.m, mean.db[layer])


def test_the_update_of_all_four():
    assert_lower_cost(Point(network_of("mean")))
    assert_lower_cost(Point(network_of("sum")), learning_rate=1e-3)


def test_slip_the_1_over_n_is_lost_from_step_1_on():
    c = Columns(Point(network_of("mean")))
    assert_slip(c.a2 - c.y, c.dz2)
    assert_slip((c.a2 - c.y) @ c.a1.T, c.dw2)
    dz1 = c.w2.T @ (c.a2 - c.y) * (1 - c.a1**2)
    assert_slip(dz1, c.dz1)
    assert_slip(dz1 @ c.x.T, c.dw1)


def test_slip_the_sum_is_lost_from_the_bias_steps():
    c = Columns(Point(network_of("sum")))
    dz1 = c.w2.T @ (c.a2 - c.y) * (1 - c.a1**2)
    for formula, truth in ((c.a2 - c.y, c.db2), (dz1, c.db1)):
        assert formula.shape != truth.shape
        for column in formula.T:  # nor is it any one observation's
            assert_slip(column[:, np.newaxis], truth)


def test_slip_the_shape_beside_step_5():
    c = Columns(Point(network_of("sum")))
    assert c.dw1.shape == (4, 3)  # n_h × d
    assert c.dw1.shape != (1, 3)  # 1 × d
