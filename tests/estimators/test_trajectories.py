"""The same seed gives scikit-learn's weights, losses and scores, epoch by epoch."""

import numpy as np
import pytest
import scipy.optimize
import sklearn.neural_network as sk
from threadpoolctl import threadpool_limits

import chainrule as cr
from helpers.trajectories import (
    EPOCHS,
    TOLERANCE,
    Case,
    all_weights,
    cases,
    loss_difference,
    rows_of,
    weight_difference,
)

CASES = list(cases())
# These fits are short on purpose, and both libraries say so.
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


@pytest.fixture(autouse=True)
def one_blas_thread():
    with threadpool_limits(1, "blas"):
        yield


# The first 96 are a product with four activations: two of them here, the others every night.
SOME = [
    pytest.param(
        case, marks=[pytest.mark.exhaustive] * (number < 96 and (number + number // 4) % 2)
    )
    for number, case in enumerate(CASES)
]


@pytest.mark.parametrize("case", SOME, ids=lambda case: case.name)
def test_a_fit_is_scikit_learns(case):
    ours, theirs = case.fitted()
    assert weight_difference(ours, theirs) < TOLERANCE
    assert ours.n_iter_ == theirs.n_iter_
    assert ours.t_ == theirs.t_
    assert ours.out_activation_ == theirs.out_activation_
    assert (ours.n_layers_, ours.n_outputs_) == (theirs.n_layers_, theirs.n_outputs_)
    if case.data != "three outputs":
        assert loss_difference(ours, theirs) < TOLERANCE
        assert ours.loss_ == pytest.approx(theirs.loss_, rel=TOLERANCE)
    if case.settings.get("early_stopping"):
        assert ours.best_loss_ is theirs.best_loss_ is None
        np.testing.assert_allclose(ours.validation_scores_, theirs.validation_scores_, rtol=1e-8)
        assert ours.best_validation_score_ == pytest.approx(theirs.best_validation_score_, rel=1e-8)
    else:
        assert ours.validation_scores_ is theirs.validation_scores_ is None
        assert ours.best_validation_score_ is theirs.best_validation_score_ is None
    X, y = case.rows()
    if case.data in ("binary", "multiclass", "digits", "multilabel"):
        np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
        np.testing.assert_allclose(
            ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-6, atol=1e-12
        )
        np.testing.assert_array_equal(ours.classes_, theirs.classes_)
    else:
        np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-6, atol=1e-9)
    assert ours.score(X, y) == pytest.approx(theirs.score(X, y), rel=1e-8)


def test_the_cases_stop_early_and_late_and_lower_the_rate():
    iterations = {"early": 0, "late": 0, "lowered": 0}
    for case in CASES[::24] + [c for c in CASES if c.settings.get("learning_rate") == "adaptive"]:
        ours, _ = case.fitted()
        iterations["early" if ours.n_iter_ < EPOCHS else "late"] += 1
        iterations["lowered"] += len(set(ours.history_.learning_rate)) > 1
    assert min(iterations.values()) >= 3


@pytest.mark.parametrize("data", ["binary", "multiclass", "multilabel", "diabetes", "counts"])
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_a_warm_start_goes_on_as_scikit_learns(data, solver):
    settings = {"solver": solver, "max_iter": 7, "warm_start": True, "learning_rate": "invscaling"}
    case = Case(data, settings)
    ours, theirs = case.estimators()
    X, y = case.rows()
    for fit in (1, 2, 3):
        ours.fit(X, y)
        theirs.fit(X, y)
        assert weight_difference(ours, theirs) < TOLERANCE
        assert len(ours.loss_curve_) == 7 * fit
        assert loss_difference(ours, theirs) < TOLERANCE
        assert (ours.n_iter_, ours.t_) == (theirs.n_iter_, theirs.t_) == (7, 7 * fit * X.shape[0])


@pytest.mark.parametrize("first", ["partial_fit", "fit"])
@pytest.mark.parametrize("data", ["binary", "multiclass", "diabetes"])
@pytest.mark.parametrize(
    "settings",
    [
        {"solver": "adam"},
        {"solver": "sgd"},
        {"solver": "sgd", "learning_rate": "invscaling"},
        {"solver": "sgd", "learning_rate": "adaptive", "n_iter_no_change": 1, "tol": 0.5},
    ],
    ids=str,
)
def test_partial_fit_goes_on_as_scikit_learns(first, data, settings):
    case = Case(data, {**settings, "max_iter": 5, "batch_size": 32})
    ours, theirs = case.estimators()
    X, y = case.rows()
    classes = {"classes": np.unique(y)} if data != "diabetes" else {}
    for call in range(6):
        part = slice(20 * call, 20 * call + 60)
        for model in (ours, theirs):
            if call == 0 and first == "fit":
                model.fit(X, y)
            else:
                model.partial_fit(X[part], y[part], **classes)
        assert weight_difference(ours, theirs) < TOLERANCE
        assert loss_difference(ours, theirs) < TOLERANCE
        assert (ours.n_iter_, ours.t_) == (theirs.n_iter_, theirs.t_)


@pytest.mark.parametrize("data", ["binary", "multiclass", "multilabel", "diabetes", "counts"])
@pytest.mark.parametrize("weighted", [False, True])
def test_lbfgs_starts_and_ends_where_scikit_learns_does(data, weighted, monkeypatch):
    starts = []
    minimize = scipy.optimize.minimize

    def spy(function, x0, *args, **options):
        starts.append(np.sort(x0))  # scikit-learn packs the weights first, then the biases
        return minimize(function, x0, *args, **options)

    monkeypatch.setattr(scipy.optimize, "minimize", spy)
    settings = {"solver": "lbfgs", "alpha": 0.3, "max_iter": 400, "activation": "tanh", "tol": 1e-6}
    ours, theirs = Case(data, settings, weighted).fitted()
    np.testing.assert_array_equal(*starts)
    # There are many minima, and the two round differently on the way: they need not end in the same.
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=0.02)
    assert ours.n_iter_ > 10


def step_of_one_epoch(model, X, Y, rate):
    """Return the gradient that a fitted model follows in one full-batch step, and its loss there."""
    before = all_weights(model)
    model.set_params(learning_rate_init=rate).fit(X, Y)
    return (before - all_weights(model)) / rate, model.loss_curve_[-1]


def moved(model, direction, step):
    """Move the weights of a fitted model along a direction, in place."""
    start = 0
    for V in (*model.coefs_, *model.intercepts_):
        V += step * direction[start : start + V.size].reshape(V.shape)
        start += V.size


@pytest.mark.parametrize("outputs", [1, 2, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_gradient_followed_is_that_of_the_loss_reported(outputs, weighted):
    """scikit-learn's isn't for several outputs: it is theirs times the number of outputs."""
    X, y = rows_of("three outputs")
    Y = y[:, 0] if outputs == 1 else y[:, :outputs]
    settings = {
        "hidden_layer_sizes": (4,),
        "activation": "tanh",
        "solver": "sgd",
        "momentum": 0.0,
        "alpha": 0.0,
        "batch_size": len(X),
        "shuffle": False,
        "max_iter": 1,
        "warm_start": True,
        "random_state": 0,
    }
    for model, ratio in ((cr.MLPRegressor(**settings), 1), (sk.MLPRegressor(**settings), outputs)):
        still = 1e-300
        model.set_params(learning_rate_init=still).fit(X, Y)
        followed, _ = step_of_one_epoch(model, X, Y, 0.5)
        moved(model, followed, 0.5)  # back to where the step began, but for rounding
        slopes, directions = [], np.random.RandomState(1).normal(size=(3, followed.size))
        h = 1e-5
        for direction in directions:
            ends = []
            for sign in (1, -1):
                moved(model, direction, sign * h)
                ends.append(step_of_one_epoch(model, X, Y, still)[1])
                moved(model, direction, -sign * h)
            slopes.append((ends[0] - ends[1]) / (2 * h))
        np.testing.assert_allclose(directions @ followed, ratio * np.array(slopes), rtol=1e-6)


def test_several_outputs_without_a_penalty_cost_the_sum_of_what_scikit_learn_averages():
    ours, theirs = Case("three outputs", {"alpha": 0.0, "n_iter_no_change": EPOCHS}).fitted()
    np.testing.assert_allclose(ours.loss_curve_, 3 * np.array(theirs.loss_curve_), rtol=1e-10)


def test_the_order_of_the_shuffles_does_not_depend_on_the_validation_rows_given():
    """Rows of the user's own leave the random stream alone: the weights are those without them."""
    X, y = rows_of("binary")
    settings = {"max_iter": 5, "random_state": 0, "hidden_layer_sizes": (4,)}
    plain = cr.MLPClassifier(**settings).fit(X, y)
    watched = cr.MLPClassifier(**settings).fit(X, y, validation_data=(X[:50], y[:50]))
    np.testing.assert_array_equal(all_weights(plain), all_weights(watched))
    assert len(watched.history_.validation_score) == 5
