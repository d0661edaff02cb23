"""A fit that is of no use says so, in one line that names the reason; one that is says nothing."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

import chainrule as cr

X, y = load_diabetes(return_X_y=True)
X = scale(X)
C, c = load_breast_cancer(return_X_y=True)
TARGET = (
    r"on its training rows it has R² -[0-9.e+]+; standardize the target \(standardize_target=True\)"
)
INPUTS = r'; standardize the inputs \(scaling="robust"\)$'


def heard(model, *rows, **more):
    """Return what a fit warns of, and the model."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(*rows, **more)
    return [str(warning.message) for warning in caught]


@pytest.mark.parametrize(("factor", "offset"), [(1e6, 0), (1, 1e7), (1e-6, 0)])
@pytest.mark.parametrize("settings", [{}, {"early_stopping": True}, {"solver": "lbfgs"}], ids=str)
def test_targets_far_from_order_one(factor, offset, settings):
    model = cr.MLPRegressor(hidden_layer_sizes=(8,), max_iter=12, random_state=0, **settings)
    if settings.get("solver") == "lbfgs" and factor > 1:
        return  # which copes
    with pytest.warns(ConvergenceWarning, match=TARGET) as caught:
        model.fit(X, y * factor + offset)
    assert len(caught) == 1  # and not that it has not converged besides
    assert "\n" not in str(caught[0].message)
    model.set_params(standardize_target=True, max_iter=200)
    assert not any("worse than a constant" in line for line in heard(model, X, y * factor + offset))


@pytest.mark.parametrize(("offset", "spread"), [(1.7e12, 1e8), (1e9, 1e5), (2000, 10)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_inputs_far_from_their_mean(offset, spread, dtype):
    """Unix milliseconds, seconds, years."""
    rng = np.random.RandomState(0)
    S = rng.randn(400, 3)
    inputs = (offset + spread * S).astype(dtype)
    for model, target in (
        (cr.MLPClassifier((8,), max_iter=20, random_state=0), S @ [1, 2, -1] > 0),
        (cr.MLPRegressor(hidden_layer_sizes=(8,), max_iter=20, random_state=0), S @ [1, 2, -1]),
    ):
        with pytest.warns(ConvergenceWarning, match=INPUTS):
            model.fit(inputs, target)
        model.set_params(scaling="robust", learning_rate_init=0.01, max_iter=200)
        assert not any("constant" in line for line in heard(model, inputs, target))
        assert model.score(inputs, target) > 0.95


def test_ordinary_fits_say_nothing():
    """Raw inputs of some hundreds, unstandardized targets that were reached, a fit of few epochs."""
    for model, rows in (
        (cr.MLPClassifier((20,), random_state=0, max_iter=400), (C, c)),
        (
            cr.MLPRegressor(hidden_layer_sizes=(20,), random_state=0, solver="sgd", max_iter=100),
            (X, y),
        ),
        (cr.MLPRegressor(hidden_layer_sizes=(20,), random_state=0, max_iter=1), (X, scale(y))),
        (cr.MLPClassifier((20,), random_state=0, max_iter=1), (X, y > 150)),
        (
            cr.MLPRegressor(hidden_layer_sizes=(20,), random_state=0, max_iter=2, loss="poisson"),
            (X, y),
        ),
    ):
        assert not [line for line in heard(model, *rows) if "has not converged" not in line]


def test_the_penalty_is_no_part_of_it():
    """A large one leaves the mean of the targets, which is no worse than itself."""
    model = cr.MLPRegressor(hidden_layer_sizes=(), solver="lbfgs", alpha=1e9, max_iter=500)
    assert not heard(model, X * 20, y)
    model = cr.MLPRegressor(
        hidden_layer_sizes=(8,), alpha=1e7, solver="lbfgs", random_state=0, max_iter=500
    )
    assert not any("constant" in line for line in heard(model, X, y))


def test_weights_and_constant_targets():
    model = cr.MLPRegressor(hidden_layer_sizes=(8,), max_iter=3, random_state=0)
    [line] = heard(model, X, y * 1e6, sample_weight=np.linspace(0, 1, len(y)))
    assert "worse than a constant" in line
    assert not any("a constant:" in line for line in heard(model, X, np.full(len(y), 1e6)))


def test_a_pass_over_a_batch_says_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cr.MLPRegressor(hidden_layer_sizes=(8,), random_state=0).partial_fit(X, y * 1e6)
