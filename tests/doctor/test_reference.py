"""The truth that the doctor compares with."""

from dataclasses import replace

import numpy as np
import pytest

from chainrule import L2, Network, PeriodicEmbedding
from chainrule.doctor.points import draw_points
from chainrule.doctor.reference import check_network, confirm, refer
from chainrule.errors import ChainruleError, ParameterError
from helpers.gradients import loss_slopes, relative_error
from helpers.judging import networks


@pytest.mark.parametrize(
    "network", list(networks(full=False)), ids=lambda n: f"{n.hidden}-{n.loss}"
)
def test_everything_against_the_complex_step(network):
    """dA_L too, which training never forms where loss and output are fused."""
    (point,) = draw_points(network, 1)
    reference = refer(point)
    assert confirm(reference) < 1e-12
    slopes = loss_slopes(network, point.parameters, point.X, point.Y)
    c = network.cost_scale / (point.m if network.reduction == "mean" else 1)
    for layer in range(1, network.depth + 1):
        assert relative_error(reference.true(f"dZ{layer}"), c * slopes.Z[layer]) < 1e-11
        # The softmax of an output moves all of a row; as a function of A alone ℓ has this derivative:
        assert relative_error(reference.true(f"dA{layer}"), c * slopes.A[layer]) < 1e-11


def test_an_embedding_is_confirmed_too():
    """The truth of what `check_network` does not let in yet."""
    network = Network((3, 4, 2), "tanh", embedding=PeriodicEmbedding(2, 5))
    for point in draw_points(network, 2):
        reference = refer(point)
        assert confirm(reference) < 1e-12
        assert all(np.abs(reference.gradients[name]).min() > 0 for name in point.parameters)
    with pytest.raises(ParameterError, match="the doctor does not know networks with embedding"):
        check_network(network)


def test_per_observation_derivatives():
    network = Network((3, 4, 2), loss="binary_cross_entropy", penalty=L2(0.2))
    reference = refer(draw_points(network, 1)[0])
    other = reference.per_observation()
    m = reference.m
    np.testing.assert_allclose(other.true("dZ1"), m * reference.true("dZ1"))
    np.testing.assert_array_equal(other.true("dW1"), reference.true("dW1"))
    assert other.c * other.collect == pytest.approx(reference.c)


def test_a_wrong_reference_is_not_spoken_of():
    reference = refer(draw_points(Network((3, 4, 2)), 1)[0])
    gradients = reference.gradients.copy()
    gradients["W1"][0, 0] += 1e-6
    with pytest.raises(ChainruleError, match="differs from the complex step"):
        confirm(replace(reference, gradients=gradients))


def test_what_is_no_network_is_refused():
    with pytest.raises(ParameterError, match="must be a Network"):
        check_network("3-4-1")
