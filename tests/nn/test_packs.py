"""A pack predicts the mean of its networks, keeps their parameters apart, and survives a file."""

import json

import numpy as np
import pytest

from chainrule.core import forward_output
from chainrule.errors import ParameterError
from chainrule.modelfile import load, save
from chainrule.nn import Network, Parameters, PeriodicEmbedding, propagation
from chainrule.nn.packs import Pack, network_from_dict, packed

NETWORKS = [
    Network((4, 6, 2), hidden="relu", loss="categorical_cross_entropy"),
    Network(
        (4, 5, 5, 2),
        hidden="tanh",
        loss="categorical_cross_entropy",
        embedding=PeriodicEmbedding(2, 4),
    ),
    Network((4, 3, 3, 3, 2), hidden="relu", loss="categorical_cross_entropy"),
]
PARAMETERS = [network.init(seed) for seed, network in enumerate(NETWORKS)]
PACK, VECTOR = packed(list(zip(NETWORKS, PARAMETERS, strict=True)))
X = np.random.RandomState(0).randn(9, 4)


@pytest.mark.parametrize("forward", [propagation.forward_output, forward_output])
def test_its_members_are_the_networks(forward):
    output = forward(PACK, VECTOR, X)
    assert output.A.shape == (3, 9, 2)
    for member, (network, parameters) in enumerate(zip(NETWORKS, PARAMETERS, strict=True)):
        np.testing.assert_allclose(output.A[member], network.predict(parameters, X), rtol=1e-12)


def test_it_predicts_the_mean_and_costs_the_mean():
    mean = np.mean([n.predict(p, X) for n, p in zip(NETWORKS, PARAMETERS, strict=True)], axis=0)
    np.testing.assert_allclose(PACK.predict(VECTOR, X), mean, rtol=1e-12)
    Y = np.eye(2)[[0, 1, 0, 1, 0, 1, 1, 1, 0]]
    costs = [n.cost(p, X, Y) for n, p in zip(NETWORKS, PARAMETERS, strict=True)]
    assert PACK.cost(VECTOR, X, Y) == pytest.approx(np.mean(costs), rel=1e-12)


def test_a_member_is_one_of_the_networks():
    for index, (network, parameters) in enumerate(zip(NETWORKS, PARAMETERS, strict=True)):
        own, theirs = PACK.member(VECTOR, index)
        np.testing.assert_allclose(
            own.predict(theirs, X), network.predict(parameters, X), rtol=1e-12
        )
    for index in (-1, 3):
        with pytest.raises(ParameterError, match=f"no member {index}: .* are 0 to 2"):
            PACK.member(VECTOR, index)


def test_layers_and_gradients_are_those_of_one_network():
    for ask in (
        lambda: PACK.forward(VECTOR, X),
        lambda: PACK.cost_and_gradients(VECTOR, X, np.eye(2)[[0] * 9]),
    ):
        with pytest.raises(ParameterError, match=r"ask one of them, pack\.member\(parameters, 0\)"):
            ask()


def test_names_and_parts():
    assert list(VECTOR)[:3] == ["0.W1", "0.b1", "0.W2"]
    assert PACK.layout.count == sum(network.layout.count for network in NETWORKS)
    for part, parameters in zip(VECTOR.parts(), PARAMETERS, strict=True):
        assert part == parameters
    VECTOR.parts()[1]["W1"][0, 0] = 7  # shared, not copied
    assert VECTOR["1.W1"][0, 0] == 7
    VECTOR.parts()[1]["W1"][0, 0] = PARAMETERS[1]["W1"][0, 0]


def test_as_plain_values_and_back():
    record = json.loads(json.dumps(PACK.to_dict()))
    assert network_from_dict(record) == PACK
    assert network_from_dict(json.loads(json.dumps(NETWORKS[0].to_dict()))) == NETWORKS[0]


def test_through_a_file(tmp_path):
    save((PACK, VECTOR), tmp_path / "pack")
    network, parameters = load(tmp_path / "pack")
    assert (network, parameters) == (PACK, VECTOR)


def test_one_network_is_no_pack():
    network, parameters = packed([(NETWORKS[1], PARAMETERS[1])])
    assert (network, parameters) == (NETWORKS[1], PARAMETERS[1])
    assert parameters.vector is not PARAMETERS[1].vector


@pytest.mark.parametrize(
    "networks",
    [
        [],
        [NETWORKS[0], Network((4, 6, 3), loss="categorical_cross_entropy")],
        [NETWORKS[0], Network((5, 6, 2), loss="categorical_cross_entropy")],
        [NETWORKS[0], Network((4, 6, 2), loss="binary_cross_entropy")],
        [Network((4, 6, 2), members=2)],
    ],
    ids=["none", "outputs", "inputs", "loss", "an ensemble"],
)
def test_what_cannot_be_one(networks):
    with pytest.raises(ParameterError, match="pack"):
        Pack.of(networks)


def test_zeros_of_its_layout():
    assert Parameters.zeros(PACK.layout).vector.shape == VECTOR.vector.shape
