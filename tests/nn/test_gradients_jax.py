"""Costs and gradients against JAX's automatic differentiation, in float64."""

import numpy as np
import pytest

from chainrule.nn import L2
from helpers.cases import CROSS_ENTROPIES, HIDDEN, PAIRS, WEIGHT, network_of, point, random_targets
from helpers.gradients import relative_error
from helpers.jax_network import costs_and_gradients, parametrized_gradients
from helpers.parametrized import PARAMETRIZATIONS, name_of, parametrized


def check_every_pair(hidden, depth, reduction, scale, biases):
    # Every kink is at 0, so that a point off relu's is off all of them.
    parameters, X, _ = point(network_of(hidden, "relu", "squared_error", depth))
    targets = {(output, loss): random_targets(loss, 5, 3, seed=depth) for output, loss in PAIRS}
    options = {"reduction": reduction, "strength": 0.3, "scale": scale, "biases": biases}
    J_jax, gradients_jax = costs_and_gradients(
        parameters, X, WEIGHT, targets, hidden=hidden, smoothing=0.1, **options
    )
    for (output, loss), Y in targets.items():
        network = network_of(
            hidden,
            output,
            loss,
            depth,
            reduction=reduction,
            penalty=L2(0.3, scale, biases),
            label_smoothing=0.1 if loss in CROSS_ENTROPIES else 0.0,
        )
        J, gradients = network.cost_and_gradients(parameters, X, Y, WEIGHT)
        pair = f"{output} {loss}"
        assert J_jax[pair].dtype == np.float64
        assert relative_error(J, J_jax[pair]) < 1e-13, pair
        for layer, (W, b) in enumerate(gradients_jax[pair], start=1):
            assert relative_error(gradients[f"W{layer}"], W) < 1e-12, f"W{layer}, {pair}"
            assert relative_error(gradients[f"b{layer}"], b) < 1e-12, f"b{layer}, {pair}"


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_hidden_layers(hidden, depth):
    check_every_pair(hidden, depth, "mean", "half_mean", biases=True)


@pytest.mark.parametrize("scale", ["full", "half", "half_mean"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_no_hidden_layer(reduction, scale):
    check_every_pair("identity", 0, reduction, scale, biases=False)


@pytest.mark.parametrize("depth", [0, 2])
@pytest.mark.parametrize("options", PARAMETRIZATIONS, ids=name_of)
def test_parametrizations(options, depth):
    """Every output and loss; activation, reduction and penalty in turn."""
    number = PARAMETRIZATIONS.index(options) + depth
    hidden, reduction = HIDDEN[number % len(HIDDEN)], ("mean", "sum")[number % 2]
    parameters, X, _ = point(parametrized(options, hidden, "relu", "squared_error", depth))
    targets = {(output, loss): random_targets(loss, 5, 3, seed=depth) for output, loss in PAIRS}
    biases = number % 3 == 0
    J_jax, gradients_jax = parametrized_gradients(
        parameters,
        X,
        WEIGHT,
        targets,
        hidden=hidden,
        smoothing=0.1,
        reduction=reduction,
        strength=0.3,
        biases=biases,
        members=options["members"],
        ntk=options["parametrization"] == "ntk",
    )
    for (output, loss), Y in targets.items():
        network = parametrized(
            options,
            hidden,
            output,
            loss,
            depth,
            reduction=reduction,
            penalty=L2(0.3, "half", biases),
            label_smoothing=0.1 if loss in CROSS_ENTROPIES else 0.0,
        )
        J, gradients = network.cost_and_gradients(parameters, X, Y, WEIGHT)
        pair = f"{output} {loss}"
        assert relative_error(J, J_jax[pair]) < 1e-13, pair
        assert set(gradients) == set(gradients_jax[pair])
        for name, V in gradients_jax[pair].items():
            assert relative_error(gradients[name], V) < 1e-12, f"{name}, {pair}"
