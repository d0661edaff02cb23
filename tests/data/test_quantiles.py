"""Normal scores: the definition, ties, ends, what does not change, and hostile files."""

import copy
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, rankdata

from chainrule.data.features import FeatureEncoder
from chainrule.data.quantiles import LEAST_POINTS, MOST_POINTS, NUMBERS, NormalScores
from chainrule.errors import ModelFileError

RNG = np.random.RandomState(0)


def test_the_definition():
    """Of training rows themselves: the normal quantile of the middle rank."""
    column = np.round(RNG.lognormal(0, 2, 300), 1)  # with ties
    expected = norm.ppf((rankdata(column) - 0.5) / len(column))
    scores = NormalScores.fit(column[:, np.newaxis])
    np.testing.assert_allclose(scores.apply(column[:, np.newaxis])[:, 0], expected, atol=1e-9)


def test_between_and_beyond():
    scores = NormalScores.fit(np.array([[0.0], [1.0], [3.0]]))
    found = scores.apply(np.array([[-9.0], [0.0], [0.5], [1.0], [2.0], [3.0], [1e300]]))[:, 0]
    third = norm.ppf(5 / 6)
    assert found == pytest.approx([-third, -third, -third / 2, 0, third / 2, third, third])


def test_large_columns_are_normal_but_for_their_ends():
    column = RNG.exponential(size=50_000)
    scores = NormalScores.fit(column[:, np.newaxis])
    assert len(scores.values[0]) <= MOST_POINTS
    found = scores.apply(column[:, np.newaxis])[:, 0]
    expected = norm.ppf((rankdata(column) - 0.5) / len(column))
    inner = np.abs(expected) < 2.5
    np.testing.assert_allclose(found[inner], expected[inner], atol=0.02)
    inner = np.abs(expected) < 1.5
    np.testing.assert_allclose(found[inner], expected[inner], atol=2e-3)


def test_numbers_come_first_and_columns_of_two_values_become_0_and_1():
    X = np.column_stack([np.tile([3.0, 7.0], 50), RNG.randn(100), np.full(100, 5.0), RNG.rand(100)])
    scores = NormalScores.fit(X)
    assert scores.numbers.tolist() == [1, 3]
    assert scores.others.tolist() == [0, 2]
    found = scores.apply(X)
    assert set(found[:, 2]) == {0, 1}
    assert set(found[:, 3]) == {0}
    encoder = FeatureEncoder.fit(X, normal=True)
    assert encoder.numbers == 2
    assert np.array_equal(encoder.transform(X), found)


@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=50))
def test_the_order_is_kept_and_a_rising_function_changes_nothing(values):
    column = np.array(values)[:, np.newaxis]
    found = NormalScores.fit(column).apply(column)[:, 0]
    order = np.argsort(values, kind="stable")
    assert (np.diff(found[order]) >= 0).all()
    bent = column**3 + column
    if len(np.unique(bent)) == len(np.unique(column)) > 2:
        other = NormalScores.fit(bent).apply(bent)[:, 0]
        np.testing.assert_allclose(found, other, atol=1e-9)


def test_extremes_are_finite():
    X = np.array([[-1e308, 5e-324], [0.0, 0.0], [1e308, 1e-300], [1.0, 2.0]])
    assert np.isfinite(NormalScores.fit(X).apply(X)).all()


def test_many_columns_have_few_points_each():
    X = RNG.randn(400, 2_000)
    scores = NormalScores.fit(X)
    points = [len(values) for values in scores.values]
    assert max(points) <= max(LEAST_POINTS, NUMBERS // 2_000) + 1


def test_through_json_to_the_bit():
    X = np.column_stack([RNG.randn(60), RNG.randint(0, 5, 60), np.tile([0.0, 1.0], 30)])
    encoder = FeatureEncoder.fit(X, normal=True)
    again = FeatureEncoder.from_dict(json.loads(json.dumps(encoder.to_dict())))
    assert np.array_equal(again.transform(X), encoder.transform(X))


def damaged():
    good = FeatureEncoder.fit(RNG.randn(30, 2), normal=True).to_dict()
    for place, value in (
        (("scores",), 7),
        (("scores", "values"), []),
        (("scores", "values", 0), [1.0, 1.0, 2.0]),
        (("scores", "values", 0), []),
        (("scores", "values", 0, 3), "a"),
        (("scores", "scores", 1), [0.0, 1.0, 2.0]),
        (("scores", "scores", 1, 0), float("nan")),
        (("scores", "values", 1), list(range(MOST_POINTS + 2))),
    ):
        bad = copy.deepcopy(good)
        *way, last = place
        inner = bad
        for step in way:
            inner = inner[step]
        inner[last] = value
        yield bad


@pytest.mark.parametrize("bad", list(damaged()), ids=lambda bad: str(bad["scores"])[:40])
def test_damaged_files(bad):
    with pytest.raises(ModelFileError):
        FeatureEncoder.from_dict(bad)
