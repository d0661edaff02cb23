"""Tests of chainrule.doctor.values."""

import numpy as np
import pytest

from chainrule.doctor.values import at_points, attempt, distance


@pytest.mark.parametrize(
    "rule",
    [
        lambda a: a @ np.ones((7, 7)),
        lambda a: a[:, 5],
        lambda a: {}["dZ1"],
        lambda a: a * np.inf,
        lambda a: a * np.nan,
    ],
    ids=["product", "index", "unknown", "infinite", "nan"],
)
def test_a_rule_that_cannot_be_applied_gives_nothing(rule):
    array = np.ones((2, 3))
    with np.errstate(all="ignore"):
        assert attempt(rule, array) is None
    assert at_points(rule, (array, array)) == (None, None)


def test_points_without_values_stay_without():
    found = at_points(lambda a, b: a + b, (np.ones(2), None), (np.ones(2), np.ones(2)))
    assert found[1] is None
    assert np.array_equal(found[0], [2, 2])


def test_the_distance_is_relative_and_at_least_that_of_the_floor():
    one, other = (np.array([3.0, 4.0]),), (np.array([3.0, 4.5]),)
    assert distance(one, one) == 0
    assert distance(one, other) == pytest.approx(0.5 / np.hypot(3, 4.5))
    assert distance(one, other, [10.0]) == pytest.approx(0.05)
    assert distance(one, (None,)) == np.inf
    assert distance((None,), one) == np.inf
    assert distance(one, (np.ones(3),)) == np.inf
