"""Every formula that a report proposes is NumPy code that runs, and gives the right numbers."""

from itertools import product

import numpy as np
import pytest

import chainrule as cr
from chainrule import L2, Network
from chainrule.doctor.points import draw_point
from chainrule.doctor.reference import refer
from chainrule.nn import ACTIVATIONS
from helpers.cases import HIDDEN, PAIRS
from helpers.corrections import check_formulas_of, surroundings

SETTINGS = tuple(product(("mean", "sum"), (1.0, 1 / 3), (None, L2(0.3, "half_mean", biases=True))))


@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_every_activation_with_every_loss(output, loss):
    for number, hidden in enumerate(HIDDEN):
        reduction, scale, penalty = SETTINGS[number % len(SETTINGS)]
        check_formulas_of(
            Network(
                (3, 4, 2),
                hidden,
                output,
                loss,
                reduction=reduction,
                cost_scale=scale,
                penalty=penalty,
            )
        )


@pytest.mark.parametrize("settings", SETTINGS)
def test_every_setting(settings):
    reduction, scale, penalty = settings
    options = {"reduction": reduction, "cost_scale": scale, "penalty": penalty}
    check_formulas_of(
        Network((3, 4, 3, 2), "gelu", "softmax", "categorical_cross_entropy", **options)
    )
    check_formulas_of(Network((3, 4, 3, 2), "softmax", "softmax", "squared_error", **options))


@pytest.mark.parametrize("hidden", [name for name in HIDDEN if ACTIVATIONS[name].is_elementwise])
def test_the_correction_of_a_forgotten_slope_is_read_and_found_right(hidden):
    network = Network((3, 4, 2), hidden, loss="categorical_cross_entropy")
    report = cr.check_formulas(network, {"dZ1": "(dZ2 @ W2.T) * dZ2.sum()"})
    corrected = report.mistakes[0].corrected
    assert cr.check_formulas(network, corrected).ok, corrected
    if hidden != "identity":
        [wrong] = cr.check_formulas(network, {"dZ1": "dZ2 @ W2.T"}).mistakes
        assert wrong.code == "missing_activation_derivative"
        assert cr.check_formulas(network, wrong.corrected).ok, wrong.corrected


def test_targets_that_do_not_sum_to_1_are_counted():
    """The short A − Y would be wrong for them."""
    network = Network((3, 4, 3), "tanh", loss="categorical_cross_entropy")
    point = draw_point(network, 5, 0, 0)
    X, Y = point.X, point.Y * np.array([[1.0], [2.0], [0.5], [1.0], [3.0]])
    A2 = network.forward(point.parameters, X)[2]
    [mistake] = cr.check_gradients(network, {"dZ2": (A2 - Y) / 5}, X, Y, point.parameters).mistakes
    assert mistake.corrected == "dZ2 = (A2 * Y.sum(axis=1, keepdims=True) - Y) / m"
    value = eval(mistake.corrected.partition(" = ")[2], {"A2": A2, "Y": Y, "m": 5})
    np.testing.assert_allclose(value, (A2 * Y.sum(axis=1, keepdims=True) - Y) / 5, rtol=1e-15)


@pytest.mark.parametrize("hidden", [name for name in HIDDEN if name not in ("identity", "softmax")])
def test_the_correction_of_formulas_runs(hidden):
    network = Network((3, 4, 2), hidden, loss="categorical_cross_entropy")
    [mistake] = cr.check_formulas(network, {"dZ1": "dZ2 @ W2.T"}).mistakes
    reference = refer(draw_point(network, 5, 0, 0))
    value = eval(mistake.corrected.partition(" = ")[2], surroundings(reference, "rows", False))
    np.testing.assert_allclose(value, reference.dZ[1], rtol=1e-9, err_msg=mistake.corrected)
