"""The greedy choice: against every subset, by each loss, and what it must not do."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss, mean_poisson_deviance

from chainrule.pack import Judge, choose

RNG = np.random.RandomState(0)
LABELS = RNG.randint(0, 3, 80)
ONE_HOT = np.eye(3)[LABELS]
WEIGHT = RNG.rand(80)


def softmax(Z):
    e = np.exp(Z - Z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def squared(Y, A, w):
    return np.average(((A - Y) ** 2).mean(axis=1), weights=w)


def many_classes(Y, A, w):
    return log_loss(Y.argmax(axis=1), A, sample_weight=w, labels=range(Y.shape[1]))


def labels_apart(Y, A, w):
    return np.mean([log_loss(y, a, sample_weight=w) for y, a in zip(Y.T, A.T, strict=True)])


def poisson(Y, A, w):
    """The deviance less what the targets alone make of it."""
    y = Y.ravel()
    own = np.average(y - np.where(y > 0, y * np.log(np.maximum(y, 1)), 0), weights=w)
    return mean_poisson_deviance(y, A.ravel(), sample_weight=w) / 2 + own


SETS = {
    "half_squared_error": (RNG.randn(80, 2), lambda Y: Y + RNG.randn(*Y.shape), squared),
    "squared_error": (RNG.randn(80, 1), lambda Y: Y + RNG.randn(*Y.shape), squared),
    "categorical_cross_entropy": (
        ONE_HOT,
        lambda Y: softmax(2 * Y + RNG.randn(*Y.shape)),
        many_classes,
    ),
    "binary_cross_entropy": (
        ONE_HOT[:, :2],
        lambda Y: 1 / (1 + np.exp(1 - 2 * Y + RNG.randn(*Y.shape))),
        labels_apart,
    ),
    "poisson": (
        RNG.poisson(3, (80, 1)).astype(float),
        lambda Y: np.exp(0.3 * RNG.randn(*Y.shape) + np.log(Y + 1)),
        poisson,
    ),
}


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["alike", "weighted"])
@pytest.mark.parametrize("loss", SETS)
def test_the_loss_of_a_mean_is_the_one_that_others_compute(loss, weight):
    Y, predict, oracle = SETS[loss]
    judge = Judge.of(loss, Y, weight)
    members = [predict(Y) for _ in range(5)]
    traces = [judge.trace(A) for A in members]
    for some in ([0], [1, 3], [0, 1, 2, 3, 4]):
        mean = np.mean([members[place] for place in some], axis=0)
        found = judge.losses(np.mean([traces[place] for place in some], axis=0)[np.newaxis])
        assert found[0] == pytest.approx(oracle(Y, mean, weight), rel=2e-5)


@pytest.mark.parametrize("loss", SETS)
def test_each_step_is_the_best_there_is(loss):
    Y, predict, oracle = SETS[loss]
    members = [predict(Y) for _ in range(7)]
    judge = Judge.of(loss, Y, None)
    choice = choose(judge, [judge.trace(A) for A in members], 7)

    def of(places):
        return oracle(Y, np.mean([members[place] for place in places], axis=0), None)

    chosen = list(choice.members)
    assert len(set(chosen)) == len(chosen) >= 2
    assert choice.loss == pytest.approx(of(chosen), rel=2e-5)
    for size in range(1, len(chosen) + 1):
        others = [place for place in range(7) if place not in chosen[: size - 1]]
        losses = [of([*chosen[: size - 1], place]) for place in others]
        assert min(losses) == pytest.approx(of(chosen[:size]), rel=2e-5)
        assert size == 1 or of(chosen[:size]) < of(chosen[: size - 1])
    if len(chosen) < 7:  # nothing more makes it better
        left = [place for place in range(7) if place not in chosen]
        assert min(of([*chosen, place]) for place in left) >= of(chosen) - 1e-6


def test_no_more_than_may_be():
    Y, predict, _ = SETS["half_squared_error"]
    judge = Judge.of("half_squared_error", Y, None)
    traces = [judge.trace(predict(Y)) for _ in range(6)]
    assert len(choose(judge, traces, 6).members) > 2
    assert len(choose(judge, traces, 2).members) == 2


def test_a_member_that_is_not_finite_is_never_chosen():
    Y, predict, _ = SETS["half_squared_error"]
    judge = Judge.of("half_squared_error", Y, None)
    bad = [np.full_like(Y, value) for value in (np.nan, np.inf, 1e200)]
    traces = [judge.trace(A) for A in [*bad, predict(Y), predict(Y)]]
    with np.errstate(over="ignore", invalid="ignore"):
        assert set(choose(judge, traces, 5).members) <= {3, 4}
        nothing = choose(judge, traces[:2], 5)
    assert (nothing.members, nothing.loss) == ((), np.inf)


@given(st.integers(0, 2**32 - 1))
def test_a_greedy_choice_is_no_better_than_the_best_subset_and_no_worse_than_the_best_one(seed):
    rng = np.random.RandomState(seed)
    y = rng.randn(20, 1)
    judge = Judge.of("half_squared_error", y, None)
    traces = [judge.trace(y + rng.randn(20, 1)) for _ in range(5)]

    def of(places):
        return judge.losses(np.mean([traces[place] for place in places], axis=0)[np.newaxis])[0]

    subsets = [some for size in range(1, 6) for some in combinations(range(5), size)]
    choice = choose(judge, traces, 5)
    assert min(map(of, subsets)) <= choice.loss + 1e-12
    assert choice.loss <= min(of([place]) for place in range(5))
