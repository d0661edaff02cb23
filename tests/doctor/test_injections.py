"""Every kind of mistake, made in code that knows nothing of the doctor, is found and named."""

from collections import Counter

import numpy as np
import pytest

from chainrule import L2, Network
from chainrule.doctor import CATALOG
from helpers.judging import judge, networks, pairs, singles

NETWORKS = (
    Network((3, 4, 4, 2), ("tanh", "sigmoid"), loss="binary_cross_entropy", penalty=L2(0.3)),
    Network((3, 3, 3), "relu", loss="categorical_cross_entropy", penalty=L2(0.2)),
    Network(
        (3, 4, 4, 3),
        ("gelu", "tanh"),
        "sigmoid",
        "half_squared_error",
        "sum",
        L2(0.2, "half_mean", biases=True),
    ),
    Network((2, 3, 3, 1), ("elu", "selu"), loss="poisson", penalty=L2(0.1, "full")),
    Network((3, 2), output="softmax", loss="squared_error"),
    Network((3, 4, 4, 2), ("softmax", "mish"), "tanh", "squared_error", cost_scale=0.5),
)
BAD = ("missed", "unnamed", "otherwise", "fails")
each_network = pytest.mark.parametrize("network", NETWORKS, ids=lambda n: f"{n.output}-{n.loss}")


def described(slips):
    return [(slip.code, slip.place, slip.how) for slip in slips]


def judged(network, chosen):
    """Return how often each result came out; none of them may be a bad one."""
    counts = Counter()
    for slips in chosen:
        judgment = judge(network, slips)
        counts[judgment.result] += 1
        assert judgment.result not in BAD, (described(slips), judgment)
    return counts


def some_singles(network, step=4):
    """Return every step-th slip of each kind, one at least; where they begin, the network decides."""
    kinds = {}
    for slips in singles(network):
        kinds.setdefault(slips[0].code, []).append(slips)
    start = NETWORKS.index(network)
    return [
        slips for found in kinds.values() for slips in found[start % min(step, len(found)) :: step]
    ]


@each_network
def test_single_mistakes_of_every_kind(network):
    counts = judged(network, some_singles(network))
    assert counts["named"] > 10 * max(counts["tied"], counts["equivalent"])


@pytest.mark.exhaustive
@each_network
def test_every_single_mistake(network):
    counts = judged(network, singles(network))
    assert counts["named"] > 10 * max(counts["tied"], counts["equivalent"])


@pytest.mark.parametrize(
    "options",
    [
        {"dtype": np.float32},
        {"layout": "columns"},
        {"intermediates": True},
        {"dtype": np.float32, "layout": "columns", "intermediates": True},
    ],
    ids=str,
)
def test_in_every_form(options):
    network = NETWORKS[0]
    for slips in singles(network)[::3]:
        judgment = judge(network, slips, **options)
        assert judgment.result in ("named", "tied", "equivalent"), (described(slips), judgment)


@each_network
def test_two_mistakes(network):
    results = Counter()
    for slips in pairs(network, np.random.RandomState(0), 15):
        judgment = judge(network, slips)
        results[judgment.result] += 1
        assert judgment.result not in ("missed", "unnamed"), (described(slips), judgment)
    assert results["named"] >= 10


def test_the_mistakes_cover_the_catalog():
    made = {slips[0].code for network in NETWORKS for slips in some_singles(network)}
    elsewhere = {
        "wrong_update",
        "accumulated",
        "wrong_shape",
        "part_of_batch",
        "unknown",
    }  # own tests
    documents = {"symbol_clash", "degenerate_cost", "wrong_shape_note"}
    assert made | elsewhere | documents == set(CATALOG)


def test_right_gradients_are_not_accused():
    chosen = list(networks())[::3]
    for number, network in enumerate(chosen):
        for options in (
            {"dtype": np.float32, "intermediates": bool(number % 2)},
            {"layout": "columns" if number % 3 else "rows"},
        ):
            judgment = judge(network, (), seed=number, **options)
            assert judgment.result == "equivalent", (network, options, judgment)
