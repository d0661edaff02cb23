"""What the tests of the lecture notes share: a point where no slip can pass."""

import numpy as np

from chainrule.nn.propagation import backward, forward
from helpers.cases import random_parameters, random_targets
from helpers.gradients import check_gradients, relative_error

SAME = 1e-13
SLIP = 0.05


class Point:
    """A network at weights of order 1, with its records, the gradients proved by complex step.

    The attributes are named as in the notes: X, Y, m, and by layer Z, A, W, b, dZ, dA, dW, db.
    """

    def __init__(self, network, m=6, seed=1):
        self.network, self.m = network, m
        self.parameters = random_parameters(network.sizes, seed, scale=0.9)
        self.X = np.random.RandomState(seed + 1).normal(size=(m, network.sizes[0]))
        self.Y = random_targets(network.loss, m, network.sizes[-1], seed + 2)
        check_gradients(network, self.parameters, self.X, self.Y)
        record = forward(network, self.parameters, self.X)
        back = backward(network, self.parameters, record, self.Y, input_gradient=True)
        self.Z, self.A, self.dZ, self.dA = record.Z, record.A, back.dZ, back.dA
        layers = range(1, network.depth + 1)
        self.W = [None, *(self.parameters[f"W{layer}"] for layer in layers)]
        self.b = [None, *(self.parameters[f"b{layer}"] for layer in layers)]
        self.dW = [None, *(back.gradients[f"W{layer}"] for layer in layers)]
        self.db = [None, *(back.gradients[f"b{layer}"] for layer in layers)]
        self.J = network.cost(self.parameters, self.X, self.Y)

    def descend(self, learning_rate):
        """Return the parameters after one step of gradient descent."""
        stepped = self.parameters.copy()
        for layer in range(1, self.network.depth + 1):
            stepped[f"W{layer}"] = self.W[layer] - learning_rate * self.dW[layer]
            stepped[f"b{layer}"] = self.b[layer] - learning_rate * self.db[layer]
        return stepped


def assert_same(formula, truth):
    """The formula of the note gives the derivative."""
    assert np.shape(formula) == np.shape(truth)
    error = relative_error(formula, truth)
    assert error < SAME, f"off by {error:.2e}"


def assert_slip(formula, truth):
    """The formula of the note gives other numbers, 5 % off or more, though of the right shape."""
    assert np.shape(formula) == np.shape(truth)
    assert relative_error(formula, truth) > SLIP


def assert_lower_cost(point, learning_rate=1e-2):
    """A step of gradient descent goes down, by about η‖dθ‖²."""
    after = point.descend(learning_rate)
    slope = sum(np.sum(V**2) for V in (*point.dW[1:], *point.db[1:]))
    fall = point.J - point.network.cost(after, point.X, point.Y)
    assert 0.8 < fall / (learning_rate * slope) < 1.2
