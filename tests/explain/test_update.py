"""Steps of gradient descent: published worked numbers to every digit, and their slips as such."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ParameterError
from chainrule.explain import explain
from helpers.cases import point


def mazur():
    """2-2-2 of Matt Mazur, "A Step by Step Backpropagation Example"."""
    network = cr.Network((2, 2, 2), "sigmoid", "sigmoid", "half_squared_error")
    parameters = cr.Parameters.from_arrays(
        {
            "W1": [[0.15, 0.25], [0.20, 0.30]],
            "b1": [0.35, 0.35],
            "W2": [[0.40, 0.50], [0.45, 0.55]],
            "b2": [0.60, 0.60],
        }
    )
    return explain(network, parameters, [[0.05, 0.10]], [[0.01, 0.99]])


def nine_digits(got, want):
    np.testing.assert_allclose(np.ravel(got), want, rtol=0, atol=5.1e-10)


def test_one_step_of_mazur_and_its_slip():
    update = mazur().update(0.5, freeze=("b1", "b2"), too_early=True)
    nine_digits(update.costs, [0.298371109, 0.291027774])
    nine_digits(update.first["W2"].T, [0.358916480, 0.408666186, 0.511301270, 0.561370121])
    nine_digits(update.first["W1"].T, [0.149780716, 0.199561432, 0.249751144, 0.299502287])
    nine_digits(update.gradients["W1"][0, 0], [0.000438568])
    nine_digits(update.gradients["W2"][0, 0], [0.082167041])
    nine_digits(update.too_early.costs, [0.298371109, 0.291027924])  # as published
    nine_digits(update.first["b1"], [0.35, 0.35])
    assert update.steps == 1


def test_ten_thousand_steps_of_mazur():
    update = mazur().update(0.5, steps=10_000, freeze=("b1", "b2"), too_early=True)
    assert update.costs[-1] == pytest.approx(3.510188e-5, abs=5e-12)
    nine_digits(update.outputs, [0.015913620, 0.984064274])
    nine_digits(update.too_early.outputs, [0.015912196, 0.984065734])  # as published


def test_the_biases_of_mazur():
    nine_digits(mazur().update(0.5).costs[1], [0.280471447])
    nine_digits(mazur().update(0.5, shared_biases=True).costs[1], [0.285750887])


def test_the_path_sums_of_mazur():
    """∂E_o1/∂out_h1 and ∂E_o2/∂out_h1 are the parts of ∂E/∂w1 that the two outputs send back."""
    chain = mazur().chain("W1[0,0]")
    nine_digits(chain.value, [0.000438568])
    slope_and_input = 0.241300709 * 0.05
    parts = [path.product / slope_and_input for path in chain.paths]
    np.testing.assert_allclose(parts, [0.055399425, -0.019049119], atol=5e-9)


def test_a_batch_with_everything():
    network = cr.Network((3, 4, 3), "gelu", loss="categorical_cross_entropy", penalty=cr.L2(0.2))
    parameters, X, Y = point(network)
    weight = np.array([1.0, 2.0, 0.5, 0.0, 1.0])
    trace = explain(network, parameters, X, Y, weight)
    update = trace.update(0.1, steps=3, freeze=["W2"])
    moved = parameters.copy()
    costs = []
    for _ in range(3):
        J, gradients = network.cost_and_gradients(moved, X, Y, weight)
        costs.append(J)
        for name in ("W1", "b1", "b2"):
            moved[name] -= 0.1 * gradients[name]
    costs.append(network.cost(moved, X, Y, weight))
    np.testing.assert_allclose(update.costs, costs, rtol=1e-13)
    np.testing.assert_allclose(update.after.vector, moved.vector, rtol=1e-13)
    np.testing.assert_array_equal(update.before.vector, parameters.vector)
    np.testing.assert_allclose(update.gradients.vector, trace.gradients.vector, rtol=1e-14)
    squares = sum((trace.gradients[name] ** 2).sum() for name in ("W1", "b1", "b2"))
    assert update.first_order == pytest.approx(0.1 * squares, rel=1e-10)
    assert update.too_early is None


def test_too_early_moves_every_layer_by_what_it_then_sees():
    """Written out for three layers: each product with W sees the weights of the next step."""
    network = cr.Network((3, 4, 3, 2), "tanh", "identity", "half_squared_error")
    parameters, X, Y = point(network)
    update = explain(network, parameters, X, Y).update(0.3, steps=2, too_early=True)
    moved = parameters.copy()
    for _ in range(2):
        A0, A1, A2, A3 = network.forward(moved, X)
        dZ3 = (A3 - Y) / len(X)
        moved["W3"] -= 0.3 * A2.T @ dZ3
        moved["b3"] -= 0.3 * dZ3.sum(axis=0)
        dZ2 = dZ3 @ moved["W3"].T * (1 - A2**2)
        moved["W2"] -= 0.3 * A1.T @ dZ2
        moved["b2"] -= 0.3 * dZ2.sum(axis=0)
        dZ1 = dZ2 @ moved["W2"].T * (1 - A1**2)
        moved["W1"] -= 0.3 * A0.T @ dZ1
        moved["b1"] -= 0.3 * dZ1.sum(axis=0)
    np.testing.assert_allclose(update.too_early.after.vector, moved.vector, rtol=1e-12)
    assert np.abs(update.after.vector - moved.vector).max() > 1e-3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"learning_rate": 0.0}, "learning_rate must be a finite number above 0"),
        ({"learning_rate": np.nan}, "learning_rate"),
        ({"learning_rate": "fast"}, "learning_rate must be a finite number above 0, not 'fast'"),
        ({"learning_rate": 0.1, "steps": 0}, "steps must be a whole number"),
        ({"learning_rate": 0.1, "freeze": ["b9"]}, "unknown parameter 'b9'"),
    ],
)
def test_what_is_refused(options, words):
    with pytest.raises(ParameterError, match=words):
        mazur().update(**options)
