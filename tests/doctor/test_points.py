"""Where the doctor checks: points at which a mistake shows."""

import numpy as np
import pytest

from chainrule import L2, Network
from chainrule.doctor.points import OFF_KINK, draw_points
from chainrule.errors import ParameterError
from chainrule.nn.propagation import forward
from helpers.judging import networks


@pytest.mark.parametrize(
    "network", list(networks(full=False)), ids=lambda n: f"{n.hidden}-{n.loss}"
)
def test_points(network):
    points = draw_points(network, 3)
    assert len({point.m for point in points}) == 3
    for point in points:
        assert point.m >= 5
        assert point.m not in network.sizes
        vector = point.parameters.vector
        np.testing.assert_array_equal(vector.astype(np.float32), vector)
        np.testing.assert_array_equal(point.X.astype(np.float32), point.X)
        assert 0.2 < np.std(vector) < 1.5
        for name, view in point.parameters.items():
            assert name[0] == "W" or np.abs(view).min() > 0.09
        network.checked_batch(point.parameters, point.X, point.Y, None)
        record = forward(network, point.parameters, point.X)
        for g, Z in zip(network.activations, record.Z[1:], strict=True):
            for kink in g.kinks:
                assert np.abs(Z - kink).min() >= OFF_KINK


def test_the_seed_decides():
    network = Network((3, 4, 1), loss="binary_cross_entropy")
    same = [draw_points(network, 2, seed) for seed in (0, 0, 1)]
    assert same[0][1].parameters == same[1][1].parameters
    assert same[0][1].parameters != same[2][1].parameters
    with pytest.raises(ParameterError, match="seed must be"):
        draw_points(network, 1, -1)


def test_a_wide_network_has_points_too():
    network = Network((300, 200, 10), "relu", loss="categorical_cross_entropy", penalty=L2(0.1))
    (point,) = draw_points(network, 1)
    Z = forward(network, point.parameters, point.X).Z[1]
    assert 0.5 < Z.std() < 4
    assert np.abs(Z).min() > 1e-5
