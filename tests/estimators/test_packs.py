"""Packs as estimators: what may be said, what is refused, files, tables, and small or odd rows."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

import chainrule as cr
from chainrule.errors import ParameterError
from chainrule.nn import Network
from chainrule.nn.packs import Pack
from chainrule.settings import ClassifierSettings, RegressorSettings, preset_settings, rows_of
from chainrule.settings.packs import (
    PackClassifierSettings,
    PackRegressorSettings,
    pack_parameters,
    pack_settings,
)
from chainrule.settings.presets import DRAWN

RNG = np.random.RandomState(0)
X = RNG.randn(240, 5)
SIGNAL = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2]
CLASSES = np.array(["low", "mid", "high"])[np.digitize(SIGNAL, [-0.5, 0.5])]
SETTINGS = {"effort": "low", "random_state": 0, "max_iter": 40}


def fitted(kind=cr.PackClassifier, y=CLASSES, **settings):
    return kind(**{**SETTINGS, **settings}).fit(X, y)


def test_it_learns_what_a_linear_model_cannot():
    model = fitted(max_iter=200)
    assert isinstance(model.network_, (Pack, Network))
    assert model.score(X, CLASSES) > 0.85
    assert fitted(cr.PackRegressor, SIGNAL, max_iter=200).score(X, SIGNAL) > 0.85


def test_the_attributes():
    model = fitted()
    assert list(model.classes_) == ["high", "low", "mid"]
    assert model.n_iter_ == len(model.history_) == 40
    members = getattr(model.network_, "members", 1)
    assert len(model.sampled_) == members
    assert {"member", "epoch", "depth", "learning_rate"} <= set(model.sampled_[0])
    assert all(one["epoch"] <= 40 for one in model.sampled_)
    assert model.loss_ == min(model.history_.validation_cost)
    best = model.history_.best_epoch
    assert model.history_.validation_cost[best - 1] == model.loss_
    assert max(one["epoch"] for one in model.sampled_) == best


@pytest.mark.parametrize(
    ("kind", "y"),
    [
        (cr.PackClassifier, CLASSES),
        (cr.PackClassifier, CLASSES == "mid"),
        (cr.PackClassifier, np.column_stack([SIGNAL > 0, X[:, 3] > 0]).astype(int)),
        (cr.PackRegressor, SIGNAL * 1e6 + 1e9),
        (cr.PackRegressor, np.column_stack([SIGNAL, -SIGNAL])),
    ],
    ids=["classes", "two", "labels", "numbers", "several"],
)
def test_through_a_file_and_the_same_for_any_number_of_threads(kind, y, tmp_path):
    model = fitted(kind, y)
    expected = model.predict(X)
    assert expected.shape == np.asarray(y).shape
    cr.save(model, tmp_path / "m")
    again = cr.load(tmp_path / "m")
    assert np.array_equal(again.predict(X), expected)
    assert again.sampled_ == model.sampled_
    assert {**again.get_params(), "n_threads": None} == model.get_params()
    assert np.array_equal(fitted(kind, y, n_threads=1).predict(X), expected)
    assert np.array_equal(clone(model).fit(X, y).predict(X), expected)


def test_counts():
    y = RNG.poisson(np.exp(SIGNAL))
    model = fitted(cr.PackRegressor, y, loss="poisson")
    assert (model.predict(X) > 0).all()
    assert np.corrcoef(model.predict(X), np.exp(SIGNAL))[0, 1] > 0.7


def test_weights_of_classes_and_rows():
    rare = SIGNAL > 1.2
    plain, balanced = fitted(y=rare), fitted(y=rare, class_weight="balanced")
    assert balanced.predict(X).mean() > plain.predict(X).mean()
    weight = np.where(X[:, 3] > 0, 1.0, 0.0)
    other = np.where(X[:, 3] > 0, SIGNAL, -SIGNAL)  # of rows that weigh nothing
    model = cr.PackRegressor(**{**SETTINGS, "max_iter": 150}).fit(X, other, weight)
    heavy = weight > 0
    assert np.mean((model.predict(X) - SIGNAL)[heavy] ** 2) < 0.25 * SIGNAL.var()


def test_the_time_is_a_limit():
    model = fitted(max_iter=100_000, time_limit=0.3)
    assert model.history_.stopped == "the time was up, 0.3 seconds"
    assert model.history_.seconds[-1] < 5
    limited = cr.MLPClassifier(max_iter=100_000, time_limit=0.2, tol=0, n_iter_no_change=np.inf)
    assert limited.fit(X, CLASSES).history_.stopped == "the time was up, 0.2 seconds"


def test_it_prints_who_is_trained_on(capsys):
    fitted(verbose=True, max_iter=3)
    lines = capsys.readouterr().out.splitlines()
    assert re.search("12 of 12 networks trained on, [1-9]+ in the ensemble$", lines[0])
    assert lines[-1] == "training ended: all 3 epochs done"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("learning_rate_init", 0.5),
        ("dropout", 0.1),
        ("solver", "sgd"),
        ("alpha", 0.3),
        ("bagging", 2),
        ("ensemble", 3),
        ("warm_start", True),
        ("piecewise_linear", 4),
        ("label_smoothing", 0.1),
        ("metric", "accuracy"),
    ],
)
def test_what_is_drawn_cannot_be_said(setting, value):
    model = cr.MLPClassifier.from_preset("pack", **{setting: value})
    with pytest.raises(ParameterError, match=f"^{setting} does not go with a pack"):
        model.fit(X, CLASSES)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"early_stopping": False}, "none are to be set aside"),
        ({"hidden_layer_sizes": ()}, "a pack needs hidden layers"),
        ({"pack": "huge"}, "huge"),
        ({"time_limit": 0}, "time_limit must be a finite number above 0"),
    ],
)
def test_what_is_refused(settings, message):
    with pytest.raises(ParameterError, match=message):
        cr.MLPClassifier.from_preset("pack", **settings).fit(X, CLASSES)


@pytest.mark.parametrize("kind", [cr.PackClassifier, cr.PackRegressor])
@pytest.mark.parametrize("effort", [None, "huge", 3])
def test_an_effort_that_is_none(kind, effort):
    with pytest.raises(ParameterError, match="effort"):
        kind(effort=effort).fit(X, SIGNAL > 0)


def test_another_preset_has_no_pack():
    frame = pd.DataFrame({"a": X[:, 0], "y": CLASSES})
    with pytest.raises(ParameterError, match=r"pack='low' is of the preset 'pack'.*'realmlp'"):
        cr.TableModel(preset="realmlp", pack="low").fit(frame, "y")


def test_every_setting_is_heeded_or_refused():
    rows = {*rows_of(ClassifierSettings), *rows_of(RegressorSettings)}
    heeded = {*rows_of(PackClassifierSettings), *rows_of(PackRegressorSettings), "pack"} - {
        "effort"
    }
    of_the_preset = {"early_stopping", "scaling", "standardize_target", "binary_output"}
    assert rows == {*DRAWN, *heeded, *of_the_preset}
    assert not {*DRAWN} & {*heeded, *of_the_preset}


def test_each_hidden_layer_may_have_its_activation():
    model = fitted(activation=["tanh", "relu", "selu"], hidden_layer_sizes=(8, 6, 4), max_iter=3)
    networks = model.network_.networks or (model.network_,)
    for network in networks:
        depth = network.depth - 1
        assert network.hidden == ("tanh", "relu", "selu")[:depth]
        assert network.sizes[1:-1] == (8, 6, 4)[:depth]


def test_several_networks_have_no_weights_in_common():
    model = cr.MLPRegressor.from_preset("pack", pack="low", max_iter=60, random_state=1)
    model.fit(X, SIGNAL)
    assert len(model.network_.networks) > 1
    assert not hasattr(model, "coefs_")
    with pytest.raises(AttributeError, match="ask one of them"):
        _ = model.intercepts_


def test_the_preset_is_the_estimator():
    known = preset_settings("pack", classification=True)
    preset = cr.MLPClassifier.from_preset("pack", random_state=0, max_iter=20, pack="low")
    model = fitted(max_iter=20)
    assert preset.fit(X, CLASSES).loss_ == model.loss_
    assert np.array_equal(preset.predict_proba(X), model.predict_proba(X))
    given = cr.PackClassifier().get_params()
    settings = pack_settings(given, classification=True)
    assert {name: settings[name] for name in known} == known
    assert pack_parameters(settings, classification=True) == given
    assert set(given) == set(PackClassifierSettings.__dataclass_fields__)


def test_in_a_table_model(tmp_path):
    frame = pd.DataFrame(X, columns=list("abcde")).assign(
        kind=np.where(X[:, 4] > 0, "p", "q"), y=CLASSES
    )
    model = cr.TableModel(preset="pack", pack="low", max_iter=30, random_state=0).fit(frame, "y")
    assert model.fitted.features.numbers == 5  # and not the kinds
    assert model.evaluate(frame)["accuracy"] > 0.7
    cr.save(model, tmp_path / "m")
    again = cr.load(tmp_path / "m")
    assert again.predict(frame).equals(model.predict(frame))


@pytest.mark.parametrize("rows", [12, 20])
def test_small_tables(rows):
    y = np.tile([0, 1], rows)[:rows]
    model = cr.PackClassifier(**SETTINGS).fit(X[:rows], y)
    assert np.isfinite(model.predict_proba(X)).all()


def test_constant_columns_and_extremes():
    odd = X.copy()
    odd[:, 0] = 7
    odd[::2, 1] = 1e300
    odd[1::2, 1] = -1e300
    model = cr.PackClassifier(**SETTINGS).fit(odd, CLASSES)
    odd[0, :2] = (1e308, -1e308)  # other than in training
    assert np.isfinite(model.predict_proba(odd)).all()
