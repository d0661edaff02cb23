"""Costs and gradients against JAX's automatic differentiation, in float64."""

from dataclasses import replace

import numpy as np
import pytest

from chainrule.nn import L2
from helpers.cases import CROSS_ENTROPIES, HIDDEN, PAIRS, WEIGHT, network_of, point, random_targets
from helpers.gradients import relative_error
from helpers.jax_network import costs_and_gradients
from helpers.parametrized import PARAMETRIZATIONS, name_of, parametrized


def check_every_pair(network, depth):
    """Compare for every output and loss, with the hidden layers, reduction and penalty of a network."""
    # Every kink is at 0, so that a point off relu's is off all of them.
    parameters, X, _ = point(replace(network, output="relu", loss="squared_error"))
    targets = {(output, loss): random_targets(loss, 5, 3, seed=depth) for output, loss in PAIRS}
    costs, truths = costs_and_gradients(network, parameters, X, WEIGHT, targets, smoothing=0.1)
    for (output, loss), Y in targets.items():
        smoothing = 0.1 if loss in CROSS_ENTROPIES else 0.0
        own = replace(network, output=output, loss=loss, label_smoothing=smoothing)
        J, gradients = own.cost_and_gradients(parameters, X, Y, WEIGHT)
        assert costs[output, loss].dtype == np.float64
        assert relative_error(J, costs[output, loss]) < 1e-13, own
        truth = truths[output, loss]
        assert set(gradients) == set(truth)
        for name, V in truth.items():
            assert gradients[name].shape == V.shape
            assert relative_error(gradients[name], V) < 1e-12, f"{name}, {own}"


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_hidden_layers(hidden, depth):
    penalty = L2(0.3, "half_mean", biases=True)
    check_every_pair(network_of(hidden, "identity", "squared_error", depth, penalty=penalty), depth)


@pytest.mark.parametrize("scale", ["full", "half", "half_mean"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_no_hidden_layer(reduction, scale):
    options = {"reduction": reduction, "penalty": L2(0.3, scale)}
    check_every_pair(network_of("identity", "identity", "squared_error", 0, **options), 0)


@pytest.mark.parametrize("depth", [0, 2])
@pytest.mark.parametrize("options", PARAMETRIZATIONS, ids=name_of)
def test_parametrizations(options, depth):
    """Every output and loss; activation, reduction and penalty in turn."""
    number = PARAMETRIZATIONS.index(options) + depth
    hidden, reduction = HIDDEN[number % len(HIDDEN)], ("mean", "sum")[number % 2]
    rest = {"reduction": reduction, "penalty": L2(0.3, "half", biases=number % 3 == 0)}
    network = parametrized(options, hidden, "identity", "squared_error", depth, **rest)
    check_every_pair(network, depth)
