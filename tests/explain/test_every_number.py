"""Every number of a trace: against complex steps, and against the formula that stands beside it."""

import json
from dataclasses import replace

import pytest

from chainrule.explain import explain
from chainrule.nn import L2
from helpers.cases import CROSS_ENTROPIES, HIDDEN, PAIRS, WEIGHT, network_of, point
from helpers.explained import assert_by_complex_steps, assert_by_formulas

DEPTHS = (1, 2, 3)


def variants(network):
    """Yield a network as it is, and one with every convention changed; with observation weights."""
    yield network, None
    smoothing = 0.1 if network.loss in CROSS_ENTROPIES else 0.0
    yield (
        replace(
            network,
            reduction="sum",
            penalty=L2(0.3, "half_mean", biases=True),
            cost_scale=0.5,
            label_smoothing=smoothing,
        ),
        None,
    )
    yield replace(network, penalty=L2(0.2, "full"), cost_scale=2.0), WEIGHT


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_against_complex_steps(output, loss, depth):
    """A third of the activations at each depth."""
    for hidden in HIDDEN[depth - 1 :: len(DEPTHS)]:
        base = network_of(hidden, output, loss, depth)
        parameters, X, Y = point(base)
        for network, weight in variants(base):
            trace = explain(network, parameters, X, Y, weight)
            document = json.loads(json.dumps(trace.to_dict()))
            assert_by_complex_steps(document, network, parameters, X, Y, weight)


@pytest.mark.parametrize("notation", ["rows", "columns"])
@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_every_formula_gives_the_value_beside_it(output, loss, notation):
    """Half of the activations in each notation, the other half with the next output and loss."""
    start = (PAIRS.index((output, loss)) + (notation == "columns")) % 2
    for hidden in HIDDEN[start::2]:
        base = network_of(hidden, output, loss, 2)
        parameters, X, Y = point(base)
        for network, weight in variants(base):
            trace = explain(network, parameters, X, Y, weight, notation=notation)
            assert_by_formulas(trace)
