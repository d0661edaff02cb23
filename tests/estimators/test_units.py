"""A target whose signal is small beside its mean: predictions, scores and figures in its units."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

import chainrule as cr
from chainrule.estimators.scaling import TargetScaling
from chainrule.train import Callback

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
rng = np.random.RandomState(0)
X = rng.normal(size=(300, 3))
SIGNAL = X @ [3.0, 1.0, -2.0]
OFFSETS = [(0.0, 1.0), (1e8, 1.0), (-1e8, 1.0), (1.7e9, 100.0), (1e12, 1.0), (1e8, 1e-3)]
QUICK = {"hidden_layer_sizes": (16,), "max_iter": 32, "random_state": 0}


def realmlp(**settings):
    return cr.MLPRegressor.from_preset("realmlp", **{**QUICK, **settings})


def relative(prediction, offset, scale):
    """Return a prediction in units of the signal; exact, for numbers near the offset."""
    return (prediction - offset) / scale


@pytest.mark.parametrize("several", [{}, {"ensemble": 3}, {"bagging": 2}], ids=str)
@pytest.mark.parametrize(("offset", "scale"), OFFSETS)
def test_an_offset_costs_no_digits(offset, scale, several):
    """A float32 network predicts y = offset + scale s as well as it predicts s."""
    y = offset + scale * SIGNAL
    model = realmlp(**several).fit(X, y)
    found = model.predict(X)
    assert found.dtype == np.float64
    plain = realmlp(**several).fit(X, SIGNAL).predict(X)
    # The signal has lost digits to the offset before the fit sees it, and a training magnifies that.
    lost = 1e4 * np.spacing(abs(offset)) / scale
    assert np.abs(relative(found, offset, scale) - plain).max() < 0.01 + lost
    assert r2_score(relative(y, offset, scale), relative(found, offset, scale)) > 0.9
    assert len(np.unique(found)) > 0.9 * len(np.unique(y))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_mean_is_subtracted_before_float32_is(dtype):
    """float64 targets keep their digits beside float32 inputs."""
    settings = {**QUICK, "standardize_target": True, "solver": "lbfgs"}
    y = 1e8 + SIGNAL
    model = cr.MLPRegressor(**settings).fit(X.astype(dtype), y)
    assert model.parameters_.dtype == dtype
    found = model.predict(X.astype(dtype))
    assert r2_score(SIGNAL, found - 1e8) > 0.99


def test_inputs_with_an_offset_are_centered_before_float32_is():
    far = X * [1.0, 1e-3, 1e3] + [1e8, 1e8, -1e12]
    model = realmlp().fit(far, SIGNAL)
    assert r2_score(SIGNAL, model.predict(far)) > 0.9
    frame = pd.DataFrame(far, columns=list("abc")).assign(y=SIGNAL)
    table = cr.TableModel(preset="realmlp", **QUICK).fit(frame, "y")
    assert table.evaluate(frame)["r2"] > 0.9


@pytest.mark.parametrize("outlier", [1e9, 1e12])
@pytest.mark.parametrize("settings", [{}, {"piecewise_linear": 8, "scaling": None}], ids=str)
def test_values_beside_an_outlier_stay_apart_in_float32(outlier, settings, tmp_path):
    """A mean and a deviation of the outlier's size are no reason to round the others to one number."""
    wild = X.copy()
    wild[0] = outlier
    frame = pd.DataFrame(wild, columns=list("abc")).assign(y=SIGNAL)
    model = cr.TableModel(preset="realmlp", **{**QUICK, **settings}).fit(frame, "y")
    assert model.estimator.parameters_.dtype == np.float32
    for held in (model, saved_and_loaded(model, tmp_path)):
        found = held.predict(frame)["prediction"].to_numpy()[1:]
        assert r2_score(SIGNAL[1:], found) > 0.7
        assert held.evaluate(frame[1:])["r2"] == pytest.approx(r2_score(SIGNAL[1:], found))


SCORES = {"rmse": root_mean_squared_error, "mae": mean_absolute_error, "r2": r2_score}


@pytest.mark.parametrize("metric", SCORES)
@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_validation_scores_are_in_the_targets_units(metric, outputs, early, precision):
    Y = np.column_stack([1e8 + 50 * SIGNAL, 3 - 0.01 * SIGNAL])[:, :outputs]
    Y = Y[:, 0] if outputs == 1 else Y
    held = X[200:], Y[200:]
    model = realmlp(metric=metric, early_stopping=early, precision=precision)
    model.fit(X[:200], Y[:200], validation_data=held)
    if early:
        score = model.best_validation_score_
        assert score == model.history_.validation_score[model.history_.best_epoch - 1]
    else:
        score = model.history_.validation_score[-1]
    want = SCORES[metric](held[1], model.predict(held[0]))
    if metric == "rmse" and outputs == 2:  # scikit-learn takes the mean of the outputs' roots
        want = np.sqrt(np.mean((held[1] - model.predict(held[0])) ** 2))
    assert score == pytest.approx(want, rel=1e-5)


def test_what_is_watched_does_not_depend_on_the_units():
    """`tol` is a part of the target's deviation, and several outputs count the same."""
    settings = {"n_iter_no_change": 3, "tol": 1e-2, "metric": "rmse", "max_iter": 200}
    Y = np.column_stack([SIGNAL, SIGNAL**2])
    models = [
        realmlp(**settings, precision="float64").fit(X, Y * units)
        for units in ([1.0, 1.0], [2.0**20, 2.0**-20])
    ]
    assert models[0].n_iter_ == models[1].n_iter_ < 200
    assert models[0].parameters_ == models[1].parameters_


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_table_model_in_the_targets_units(dtype, tmp_path):
    class Shown(Callback):
        scores = None

        def on_epoch_end(self, run):
            self.scores = list(run.history.validation_score)

    shown = Shown()
    y = 1e8 + SIGNAL
    frame = pd.DataFrame(X, columns=list("abc")).assign(y=y)
    model = cr.TableModel(preset="realmlp", dtype=dtype, callbacks=[shown], **QUICK)
    model.fit(frame[:200], "y", validation=frame[200:])
    for held in (model, saved_and_loaded(model, tmp_path)):
        found = held.predict(frame[200:])["prediction"].to_numpy()
        assert found.dtype == np.float64
        assert len(np.unique(found)) == 100
        figures = held.evaluate(frame[200:])
        assert figures["r2"] == pytest.approx(r2_score(y[200:], found))
        assert figures["rmse"] == pytest.approx(root_mean_squared_error(y[200:], found))
        assert figures["rmse"] == pytest.approx(min(shown.scores), rel=1e-5)
        encoded = held._encoded(cr.data.read_table(frame[200:]))
        np.testing.assert_allclose(held.estimator.predict(encoded), found, rtol=1e-15)


@pytest.mark.parametrize("preset", ["realmlp", "plain"])
def test_rows_set_aside_are_scaled_as_the_others(preset):
    """A table model scales the target; whoever splits rows off later must not do so once more."""
    frame = pd.DataFrame(X, columns=list("abc")).assign(y=1e8 + SIGNAL)
    model = cr.TableModel(preset=preset, metric="rmse", **QUICK).fit(frame, "y")
    history = model.estimator.history_
    assert 0.2 < history.validation_cost[-1] / history.cost[-1] < 5
    assert 0.3 < model.estimator.best_validation_score_ / model.evaluate(frame)["rmse"] < 3


def saved_and_loaded(model, folder):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cr.save(model, folder / "m")
    return cr.load(folder / "m")


def test_scaling_back_adds_the_mean_last():
    Y = 1e8 + np.arange(8.0)[:, None] * 2.0**-20
    scaling = TargetScaling.of(Y)
    assert np.abs(scaling.backward(scaling.forward(Y)) - Y).max() <= np.spacing(1e8)
    rough = scaling.backward(scaling.forward(Y).astype(np.float32))
    assert rough.dtype == np.float64
    assert len(np.unique(rough)) == 8
