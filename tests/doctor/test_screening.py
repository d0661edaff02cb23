"""Tests of chainrule.doctor.screening: it saves time, and changes no diagnosis."""

import numpy as np
import pytest

from chainrule import L2, Network
from chainrule.doctor import check_gradients, decoding
from helpers.judging import pairs, singles
from helpers.slips import code_with

NETWORKS = (
    Network((3, 4, 2), hidden="tanh", loss="categorical_cross_entropy", penalty=L2(0.3)),
    Network((3, 3, 3), hidden="relu", loss="half_squared_error", reduction="sum"),
    Network(
        (2, 4, 1), hidden="sigmoid", loss="binary_cross_entropy", penalty=L2(0.2, "full", True)
    ),
)
DEEP = Network((3, 4, 4, 2), hidden=("tanh", "sigmoid"), loss="categorical_cross_entropy")
GIVEN = (("dW1",), ("db1",), ("dW1", "db1"), ("dW2",), ("dW1", "db2"))


def check_the_same_is_said(network, given, slips, monkeypatch):
    for made in slips:
        code = code_with(network, made)

        def some(params, X, Y, code=code):
            found = code(params, X, Y)
            return {name: found[name] for name in given}

        screened = check_gradients(network, some)
        with monkeypatch.context() as patch:
            patch.setattr(decoding, "promising", lambda *arguments: True)
            whole = check_gradients(network, some)
        assert screened.codes == whole.codes, made
        assert [f.quantity for f in screened.findings] == [f.quantity for f in whole.findings]


@pytest.mark.parametrize("given", GIVEN, ids=str)
def test_the_same_is_said_without_it(given, monkeypatch):
    check_the_same_is_said(NETWORKS[0], given, singles(NETWORKS[0])[::40], monkeypatch)


@pytest.mark.exhaustive
@pytest.mark.parametrize("given", GIVEN, ids=str)
@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: str(network.sizes))
def test_the_same_is_said_without_it_of_every_network(network, given, monkeypatch):
    slips = [*singles(network)[::15], *pairs(network, np.random.RandomState(0), 2)]
    check_the_same_is_said(network, given, slips, monkeypatch)


def test_it_rules_out_what_nothing_explains(monkeypatch):
    seen = []

    def counted(*arguments):
        seen.append(promising(*arguments))
        return seen[-1]

    promising = decoding.promising
    monkeypatch.setattr(decoding, "promising", counted)
    noise = np.random.RandomState(0).normal(size=(3, 4))
    assert check_gradients(DEEP, lambda params, X, Y: {"dW1": noise}).codes == ("unknown",)
    assert len(seen) > 10
    assert not any(seen)
