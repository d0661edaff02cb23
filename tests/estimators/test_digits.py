"""Inputs with a large offset train as well as centered ones; lost digits are said in one line."""

import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import chainrule as cr

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
rng = np.random.RandomState(0)
S = rng.randn(400, 3)
LABELS, NUMBERS = S @ [1, 2, -1] > 0, np.sin(S[:, 0]) + S[:, 1]
LINE = "of X.* has few digits in float32"


def scored(kind, X, y, **settings):
    """Return how well a fit does on its own rows; it may say nothing of digits."""
    usual = {"max_iter": 60, "hidden_layer_sizes": (32,), "random_state": 0}
    model = kind.from_preset("realmlp", **{**usual, **settings})
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=f".*{LINE}")
        return model.fit(X[:300], y[:300]).score(X[300:], y[300:])


@pytest.mark.parametrize(
    ("offset", "spread", "dtype"),
    [
        (1.7e12, 1.0, np.float64),  # milliseconds
        (1.7e12, 1e9, np.float64),
        (1e15, 1e2, np.float64),
        (1.7e12, 3e9, np.float32),
        (1e9, 1e5, np.float32),
        (-2e7, 300.0, np.float32),
    ],
)
@pytest.mark.parametrize(
    "settings", [{}, {"precision": "float64"}, {"piecewise_linear": 8}], ids=str
)
def test_an_offset_costs_nothing(offset, spread, dtype, settings):
    X = (offset + spread * S).astype(dtype)
    for kind, y in ((cr.MLPClassifier, LABELS), (cr.MLPRegressor, NUMBERS)):
        centered = scored(kind, spread * S, y, **settings)
        assert scored(kind, X, y, **settings) > centered - 0.02 > 0.85


def test_a_column_of_float32_is_centered_in_float64():
    """So that a model that was saved, whose medians are float64, predicts what it did."""
    X = (1e9 + 1e5 * S).astype(np.float32)
    model = cr.MLPRegressor.from_preset("realmlp", max_iter=4, random_state=0).fit(X, NUMBERS)
    assert model._features.robust.median.dtype == np.float64
    np.testing.assert_array_equal(
        model._features.transform(X), model._features.transform(X.astype(np.float64)).astype("f4")
    )


@pytest.mark.parametrize(
    ("offset", "spread", "constant"), [(1.7e12, 1e5, False), (1e9, 40.0, False), (1.7e9, 1.0, True)]
)
@pytest.mark.parametrize("settings", [{}, {"scaling": "robust"}, {"precision": "float64"}], ids=str)
def test_digits_that_were_lost_before(offset, spread, constant, settings):
    X = np.hstack([S, offset + spread * S[:, :2]]).astype(np.float32)
    assert (X[:, 3].min() == X[:, 3].max()) == constant
    model = cr.MLPClassifier((4,), max_iter=2, random_state=0, **settings)
    with pytest.warns(UserWarning, match=rf"^column 3 {LINE[:4]}.*; give it in float64$") as caught:
        model.fit(X, LABELS)
    [line] = [str(w.message) for w in caught if "digits" in str(w.message)]
    assert "(and 1 more column)" in line
    with pytest.warns(UserWarning, match="^column 'when' of X has few digits"):
        model.fit(pd.DataFrame(X[:, 2:4], columns=["a", "when"]), LABELS)


def test_digits_that_would_be_lost_in_the_precision_asked_for():
    X = np.hstack([S, 1.7e12 + 1e3 * S])
    settings = {"max_iter": 2, "random_state": 0, "precision": "float32"}
    with pytest.warns(UserWarning, match=rf'{LINE}.*; take scaling="robust", which centers it'):
        cr.MLPClassifier((4,), **settings).fit(X, LABELS)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=f".*{LINE}")
        cr.MLPClassifier((4,), scaling="robust", **settings).fit(X, LABELS)
        cr.MLPClassifier((4,), piecewise_linear=4, **settings).fit(X, LABELS)
        cr.MLPClassifier((4,), **{**settings, "precision": None}).fit(X, LABELS)


def test_ordinary_columns_of_float32_say_nothing():
    flags = np.tile(np.eye(4), (100, 1))
    years = 2000 + np.arange(400) % 25
    ones, pixels = np.ones(400), np.arange(400) % 256
    seldom = np.where(np.arange(400) == 7, 1e6, 0.0)
    X = np.column_stack([S, flags, years, ones, pixels, seldom, 1e30 * S, 1e-30 * S])
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=f".*{LINE}")
        settings = {"precision": "float32", "max_iter": 1, "random_state": 0}
        for rows in (X[:, :11].astype(np.float32), X[:, :11]):
            cr.MLPClassifier((4,), **settings).fit(rows, LABELS)
            cr.MLPClassifier((4,), **settings).fit(sp.csr_matrix(rows), LABELS)
        cr.MLPClassifier((4,), scaling="robust", **settings).fit(X.astype(np.float32), LABELS)
        time = (1.7e12 + 1e3 * S).astype(np.float32)
        going_on = cr.MLPClassifier((4,), random_state=0).partial_fit(S, LABELS, classes=[0, 1])
        going_on.partial_fit(time, LABELS)
