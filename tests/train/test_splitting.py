"""Splitting rows: a partition, in the right proportions, with every class left to train on."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.errors import ParameterError
from chainrule.train.splitting import split_indices

PARTS = st.tuples(st.floats(0, 0.9), st.floats(0, 0.9)).filter(lambda parts: sum(parts) < 0.99)
CLASSES = st.lists(st.integers(0, 6), min_size=1, max_size=120)
SEEDS = st.integers(0, 2**32 - 1)


def split(m, validation, test, seed=0, strata=None):
    return split_indices(m, validation, test, np.random.RandomState(seed), strata)


@given(CLASSES, PARTS, SEEDS)
def test_every_row_is_in_one_part(classes, parts, seed):
    split_up = split(len(classes), *parts, seed, np.array(classes))
    assert sorted(np.concatenate(split_up)) == list(range(len(classes)))
    for rows in split_up:
        assert (np.diff(rows) > 0).all()


@given(CLASSES, PARTS, SEEDS)
def test_every_class_is_left_to_train_on(classes, parts, seed):
    training, _, _ = split(len(classes), *parts, seed, np.array(classes))
    assert set(np.array(classes)[training]) == set(classes)


@given(st.integers(1, 300), PARTS, SEEDS)
def test_proportions_without_classes(m, parts, seed):
    _, validation, test = split(m, *parts, seed)
    assert len(test) == min(round(parts[1] * m), m - 1)
    assert len(validation) == min(round(parts[0] * m), m - 1 - len(test))


@given(CLASSES, PARTS, SEEDS)
def test_proportions_of_each_class(classes, parts, seed):
    y = np.array(classes)
    _, validation, test = split(len(y), *parts, seed, y)
    for label, m in zip(*np.unique(y, return_counts=True), strict=True):
        in_test, in_validation = (y[test] == label).sum(), (y[validation] == label).sum()
        assert min(floor(parts[1] * m), m - 1) <= in_test <= ceil(parts[1] * m)
        room = m - 1 - in_test
        assert min(floor(parts[0] * m), room) <= in_validation <= ceil(parts[0] * m)


@pytest.mark.parametrize("rows_of_a_class", [2, 3, 5])
def test_proportions_of_many_small_classes(rows_of_a_class):
    # Each alone would be rounded to nothing.
    y = np.repeat(np.arange(200), rows_of_a_class)
    training, validation, test = split(len(y), 0.15, 0.15, 0, y)
    for rows in (validation, test):
        assert abs(len(rows) - 0.15 * len(y)) <= 1
    assert len(training) + len(validation) + len(test) == len(y)


@given(CLASSES, PARTS, SEEDS)
def test_the_same_seed_gives_the_same_parts(classes, parts, seed):
    one, other = (split(len(classes), *parts, seed, np.array(classes)) for _ in range(2))
    for rows, again in zip(one, other, strict=True):
        np.testing.assert_array_equal(rows, again)


def test_another_seed_gives_other_parts():
    tests = {tuple(split(100, 0.2, 0.2, seed)[2]) for seed in range(20)}
    assert len(tests) == 20


def test_every_row_comes_into_every_part():
    counts = np.zeros((3, 30))
    for seed in range(300):
        for part, rows in enumerate(split(30, 0.2, 0.3, seed, np.arange(30) % 3)):
            counts[part, rows] += 1
    # 300 draws with probability p: within five standard deviations of 300 p.
    for part, p in enumerate((0.5, 0.2, 0.3)):
        assert abs(counts[part] - 300 * p).max() < 5 * np.sqrt(300 * p * (1 - p))


def test_generators_of_both_kinds():
    training, _, _ = split_indices(10, 0.2, 0.2, np.random.default_rng(0))
    assert len(training) == 6


def test_nothing_set_aside():
    training, validation, test = split(5, 0, 0)
    assert list(training) == [0, 1, 2, 3, 4]
    assert len(validation) == len(test) == 0
    assert validation.dtype == test.dtype == training.dtype


@pytest.mark.parametrize(
    ("validation", "test"),
    [(-0.1, 0), (0, -0.1), (0.5, 0.5), (1, 0), (0, 1.5), (float("nan"), 0), (0, float("nan"))],
)
def test_impossible_parts(validation, test):
    with pytest.raises(ParameterError, match=rf"validation \({validation:g}\).*\({test:g}\)"):
        split(10, validation, test)
