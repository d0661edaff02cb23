"""deeplearning.ai, "Planar data classification with one hidden layer": costs and accuracies.

tanh hidden, sigmoid output, mean binary cross-entropy, full-batch gradient descent at 1.2.
"""

import numpy as np
import pytest

from chainrule import Network, Parameters
from chainrule.nn.propagation import backward, forward

LEARNING_RATE = 1.2


def flower():
    """Return the petals of class 0 and of class 1, drawn from the legacy RandomState(1)."""
    rng = np.random.RandomState(1)
    rows = []
    for label in (0, 1):
        t = np.linspace(3.12 * label, 3.12 * (label + 1), 200) + 0.2 * rng.randn(200)
        r = 4 * np.sin(4 * t) + 0.2 * rng.randn(200)
        rows.append(np.column_stack([r * np.sin(t), r * np.cos(t)]))
    return np.vstack(rows), np.repeat([[0.0], [1.0]], 200, axis=0)


X, Y = flower()


def start(units):
    """The course's weights are (n_h, 2) and (1, n_h): drawn in that layout, W1 first."""
    rng = np.random.RandomState(2)
    W1, W2 = 0.01 * rng.randn(units, 2), 0.01 * rng.randn(1, units)
    network = Network((2, units, 1), "tanh", loss="binary_cross_entropy")
    arrays = {"W1": W1.T, "b1": np.zeros(units), "W2": W2.T, "b2": np.zeros(1)}
    return network, Parameters.from_arrays(arrays)


def descend(units, steps, spoil=None):
    """Return the accuracy in % after so many steps; `spoil` changes the gradients in place."""
    network, parameters = start(units)
    for _ in range(steps):
        record = forward(network, parameters, X)
        gradients = backward(network, parameters, record, Y).gradients
        if spoil is not None:
            spoil(gradients)
        parameters.vector -= LEARNING_RATE * gradients.vector
    return 100 * ((network.predict(parameters, X) > 0.5) == Y).mean()


def test_costs_with_four_hidden_units():
    network, parameters = start(4)
    costs = []
    for step in range(7001):
        J, gradients = network.cost_and_gradients(parameters, X, Y)
        if step % 1000 == 0:
            costs.append(J)
        parameters.vector -= LEARNING_RATE * gradients.vector
    want = [0.693048, 0.288083, 0.254385, 0.233864, 0.226792, 0.222644, 0.219731, 0.217504]
    np.testing.assert_allclose(costs, want, rtol=0, atol=5.1e-7)


@pytest.mark.parametrize(
    ("units", "accuracy"), [(1, 67.5), (2, 67.25), (3, 90.75), (4, 90.5), (5, 91.25)]
)
def test_accuracies_after_5000_steps(units, accuracy):
    assert descend(units, 5000) == pytest.approx(accuracy, abs=1e-9)


def forget_biases(gradients):
    gradients["b1"][...] = 0
    gradients["b2"][...] = 0


def divide_twice(gradients):
    gradients["W1"] /= len(X)
    gradients["b1"] /= len(X)


@pytest.mark.parametrize(
    ("spoil", "units", "steps", "accuracy"),
    [
        pytest.param(None, 4, 10_000, 90.75, marks=pytest.mark.exhaustive),
        (forget_biases, 3, 5000, 90.25),
        pytest.param(forget_biases, 4, 10_000, 91.0, marks=pytest.mark.exhaustive),
        (divide_twice, 3, 5000, 82.75),
        pytest.param(divide_twice, 4, 10_000, 85.75, marks=pytest.mark.exhaustive),
    ],
)
def test_training_accuracy_proves_nothing_about_gradients(spoil, units, steps, accuracy):
    """Without any bias gradient the score may even be better than with the right ones."""
    # From step 9,000 on platforms differ, by an observation of the 400 or two.
    allowed = 1e-9 if steps < 9000 else 0.51
    assert descend(units, steps, spoil) == pytest.approx(accuracy, abs=allowed)


def test_the_starting_point_hides_mistakes():
    """At weights of 0.01 a wrong tanh' is off by less than a usual checker allows."""
    network, parameters = start(4)
    record = forward(network, parameters, X)
    back = backward(network, parameters, record, Y)
    for slope, least, most in ((1 - record.Z[1] ** 2, 1e-7, 5e-6), (1, 1e-5, 2e-3)):  # A² is right
        spoiled = back.gradients.copy()
        spoiled["W1"] = X.T @ (back.dA[1] * slope)
        spoiled["b1"] = (back.dA[1] * slope).sum(axis=0)
        norms = np.linalg.norm(spoiled.vector) + np.linalg.norm(back.gradients.vector)
        assert least < np.linalg.norm(spoiled.vector - back.gradients.vector) / norms < most
