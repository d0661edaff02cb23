"""TableModel: encoder, target, network and scaling as one object, on every kind of table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.exceptions import ConvergenceWarning

import chainrule
from chainrule import MLPClassifier, MLPRegressor, TableModel
from chainrule.data import DataWarning, TableEncoder
from chainrule.errors import DataError, ParameterError
from chainrule.estimators.scaling import TargetScaling
from helpers.cli import people
from helpers.tables import TASKS, fitted, new_model

# ------------------------------------------------------------------------------- the same as by hand


def test_a_regression_is_the_estimator_between_encoder_and_scaling():
    frame = people()
    model = fitted("regression", frame)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    X = TableEncoder(drop=model.encoder.drop).fit(table, exclude=["score"]).transform(table)
    y = frame["score"].to_numpy()
    settings = model.estimator.get_params()
    estimator = MLPRegressor(**settings).fit(X, (y - y.mean()) / y.std())
    expected = estimator.predict(X) * y.std() + y.mean()
    np.testing.assert_allclose(model.predict(frame)["prediction"], expected, rtol=1e-9)


def test_a_classification_is_the_estimator_behind_the_encoder():
    frame = people()
    model = fitted("multiclass", frame, max_iter=20)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    X = TableEncoder(drop=model.encoder.drop).fit(table, exclude=["grade"]).transform(table)
    with pytest.warns(ConvergenceWarning):
        estimator = MLPClassifier(**model.estimator.get_params()).fit(X, frame["grade"])
    predicted = model.predict(frame)
    assert predicted["prediction"].to_pylist() == list(estimator.predict(X))
    for label, column in zip(estimator.classes_, estimator.predict_proba(X).T, strict=True):
        np.testing.assert_allclose(predicted[f"probability_{label}"], column, rtol=1e-9)


# ------------------------------------------------------------------------------------------ sources


@pytest.mark.parametrize("case", TASKS)
def test_every_source_gives_the_same_model(tmp_path: Path, case: str):
    frame = people()
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    sources = [
        frame,
        pl.from_pandas(frame),
        pa.Table.from_pandas(frame, preserve_index=False),
        tmp_path / "t.csv",
        str(tmp_path / "t.parquet"),
    ]
    models = [fitted(case, source, max_iter=20) for source in sources]
    for model in models:
        assert model.target.task == models[0].target.task
        np.testing.assert_array_equal(
            model.estimator.parameters_.vector, models[0].estimator.parameters_.vector
        )
    expected = models[0].predict(frame)
    for source in sources:
        predicted = models[0].predict(source)
        assert predicted.schema == expected.schema
        assert predicted.equals(expected)
        assert models[0].evaluate(source) == models[0].evaluate(frame)


def test_batches_are_those_of_the_whole():
    frame = people()
    model = fitted("multiclass", frame)
    batches = list(model.predict_batches(frame, rows=7))
    assert [batch.num_rows for batch in batches] == [7] * 8 + [4]
    whole = model.predict(frame)
    streamed = pa.Table.from_batches(batches)
    assert streamed["prediction"].equals(whole["prediction"])
    np.testing.assert_allclose(
        streamed.to_pandas().iloc[:, 1:], whole.to_pandas().iloc[:, 1:], rtol=1e-12
    )


# ----------------------------------------------------------------- the encoder and the training rows


def test_the_encoder_learns_from_the_training_rows_alone():
    training = pd.DataFrame(
        {
            "x": [1.0, 2.0, 3.0, np.nan] * 3,
            "c": ["a", "b", "a", "b"] * 3,
            "y": [0.5, 1.5, 2.5, 3.5] * 3,
        }
    )
    other = pd.DataFrame({"x": [4.5, 5.0], "c": ["unseen", "a"], "y": [1e6, -1e6]})
    settings = {"solver": "sgd", "max_iter": 2, "random_state": 0, "hidden_layer_sizes": (2,)}
    with pytest.warns(ConvergenceWarning):
        alone = TableModel(**settings).fit(training, "y")
    with (
        pytest.warns(ConvergenceWarning),
        pytest.warns(DataWarning, match="'c': 1 row has a category .*'unseen'"),
    ):
        beside = TableModel(**settings).fit(training, "y", validation=other)
    assert alone.encoder.to_dict() == beside.encoder.to_dict()
    assert beside.encoder.feature_names == ["x", "x is missing", "c=b"]
    assert alone.scaling.to_dict() == beside.scaling.to_dict()
    (numeric, _) = beside.encoder.to_dict()["columns"]
    filled = training["x"].fillna(2.0)
    assert numeric["mean"] == pytest.approx(filled.mean())
    assert numeric["std"] == pytest.approx(filled.std(ddof=0))
    assert beside.scaling.mean == pytest.approx([2.0])
    np.testing.assert_array_equal(
        alone.estimator.parameters_.vector, beside.estimator.parameters_.vector
    )


def test_validation_rows_enter_the_history_in_the_network_s_units():
    training, validation = people(60), people(40, seed=3)
    settings = {"solver": "adam", "early_stopping": True, "max_iter": 30, "alpha": 0.0}
    model = fitted("regression", training, {"validation": validation}, metric="cost", **settings)
    history = model.estimator.history_
    best = history.validation_cost[history.best_epoch - 1]
    assert best == min(history.validation_cost)
    assert model.evaluate(validation)["cost"] == pytest.approx(best)
    residual = validation["score"] - model.predict(validation)["prediction"].to_numpy()
    assert best == pytest.approx((residual**2).mean() / (2 * model.scaling.scale[0] ** 2))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"score": None}, "'score' is missing"),
        ({"age": None}, "missing: 'age'"),
        ({"votes": None}, "weight column 'votes'"),
    ],
)
def test_validation_rows_that_cannot_be_used(change: dict[str, Any], message: str):
    validation = people(5)
    for name, value in change.items():
        validation = (
            validation.drop(columns=name) if value is None else validation.assign(**{name: value})
        )
    with pytest.raises((DataError, ParameterError), match=message):
        new_model("score").fit(people(), "score", weight="votes", validation=validation)


def test_checking_rows_warns_of_nothing():
    model = fitted("binary", people())
    model.check_rows(people().assign(city="Riga", hobby="chess"))
    with pytest.raises(DataError, match="'perhaps'"):
        model.check_rows(people().assign(grown="perhaps"))


# ------------------------------------------------------------------------------ scaling of the target


@pytest.mark.parametrize("exponent", [-900, -30, 30, 1015])
def test_the_units_of_the_target_do_not_matter(exponent: int):
    frame = people()
    expected = fitted("regression", frame).predict(frame)["prediction"].to_numpy()
    scaled = frame.assign(score=np.ldexp(frame["score"], exponent))
    found = fitted("regression", scaled).predict(scaled)["prediction"].to_numpy()
    np.testing.assert_allclose(np.ldexp(found, -exponent), expected, rtol=1e-12)


def test_scaling():
    Y = np.array([[1.0, 5.0], [3.0, 5.0]])
    scaling = TargetScaling.of(Y)
    np.testing.assert_array_equal(scaling.forward(Y), [[-1, 0], [1, 0]])
    np.testing.assert_array_equal(scaling.backward(scaling.forward(Y)), Y)
    assert TargetScaling.from_dict(scaling.to_dict(), 2).to_dict() == scaling.to_dict()
    np.testing.assert_array_equal(TargetScaling.none(2).forward(Y), Y)


@pytest.mark.parametrize(
    "record",
    [
        {"mean": [0.0], "scale": [1.0, 1.0]},
        {"mean": [0.0, 0.0], "scale": [1.0, 0.0]},
        {"mean": [0.0, 0.0], "scale": [1.0, -1.0]},
        {"mean": [0.0, 0.0], "scale": [1.0, float("nan")]},
        {"mean": [float("inf"), 0.0], "scale": [1.0, 1.0]},
        {"mean": [0.0, 0.0], "scale": [1.0, float("inf")]},
    ],
)
def test_a_scaling_that_does_not_fit(record: dict[str, Any]):
    with pytest.raises(DataError, match="scaling"):
        TargetScaling.from_dict(record, 2)


def test_counts_are_not_scaled():
    model = fitted("counts", people())
    assert model.scaling.to_dict() == {"mean": [0.0], "scale": [1.0]}
    assert (model.predict(people())["prediction"].to_numpy() > 0).all()


def test_negative_counts():
    frame = people().assign(visits=[3] * 7 + [-2] + [4] * 52)
    with pytest.raises(DataError, match="column 'visits', row 8: -2 is negative"):
        fitted("counts", frame)


# ------------------------------------------------------------------------------------------ settings


@pytest.mark.parametrize(
    ("settings", "target", "message"),
    [
        ({"hiden_layer_sizes": 3}, "score", "'hiden_layer_sizes': did you mean 'hidden_layer_si"),
        ({"class_weight": "balanced"}, "score", "class_weight does not apply to a regression task"),
        ({"loss": "poisson"}, "grown", "loss does not apply to a binary task"),
        ({"solver": "adm"}, "grown", "did you mean 'adam'"),
        ({"hidden_layer_sizes": (3, 0)}, "grown", r"\(3, 0\)"),
        ({"max_categories": 0}, "grown", "max_categories must be at least 1"),
        ({"drop": ["grown"]}, "grown", "'grown' is the target: it cannot be left out"),
        ({"categorical": ["grown"]}, "grown", "'grown' is the target: it cannot be a categorical"),
        ({"numeric": ["votes"]}, "grown", "'votes' is the weight: it cannot be a numeric input"),
        ({"categorical": ["cities"]}, "grown", "'cities': did you mean 'city'"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any], target: str, message: str):
    with pytest.raises(ParameterError, match=message):
        TableModel(**settings).fit(people(), target, weight="votes")


def test_a_dtype_that_is_none():
    with pytest.raises(ParameterError, match="'float46': did you mean 'float64'"):
        TableModel(dtype="float46")


def test_the_target_is_not_the_weight():
    with pytest.raises(ParameterError, match="'votes' is the target: it cannot be the weight too"):
        TableModel().fit(people(), "votes", weight="votes")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("grwon", "'grwon': did you mean 'grown'"),
        (["grown", "grown"], "'grown' is there twice"),
        ([], "no target column is named"),
    ],
)
def test_targets_that_make_no_sense(target: str | list[str], message: str):
    with pytest.raises(ParameterError, match=message):
        TableModel().fit(people(), target)


def test_a_target_that_never_varies():
    for value in (0.5, "a", 3):
        with pytest.raises(DataError, match=r"'score'.*nothing to learn"):
            TableModel().fit(people().assign(score=value), "score")


def test_two_classes_named_multiclass_are_a_binary_task():
    model = new_model("grown").fit(people(), "grown", task="multiclass")
    assert model.target.task == "binary"
    assert model.estimator.network_.sizes[-1] == 1
    assert model.predict(people()).column_names[1:] == ["probability_no", "probability_yes"]


def test_nothing_is_fitted_yet(tmp_path: Path):
    with pytest.raises(ParameterError, match="not fitted"):
        chainrule.save(TableModel(), tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


# -------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", TASKS)
def test_a_saved_model_is_the_same(tmp_path: Path, case: str, dtype: str):
    frame = people()
    model = fitted(case, frame, {"weight": "votes"}, max_iter=20, dtype=dtype)
    model.summary = {"data": "people", "π": [1, None]}
    chainrule.save(model, tmp_path / "m.safetensors")
    loaded = chainrule.load(tmp_path / "m.safetensors")
    assert type(loaded) is TableModel
    assert loaded.predict(frame).equals(model.predict(frame))
    assert loaded.evaluate(frame) == model.evaluate(frame)
    assert loaded.summary == model.summary
    assert loaded.dtype == model.dtype == np.dtype(dtype)
    assert loaded.estimator.parameters_.dtype == np.dtype(dtype)
    chainrule.save(loaded, tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == (
        tmp_path / "m.safetensors"
    ).read_bytes()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("target", ["grown", "score"])
def test_a_loaded_model_can_be_fitted_again(tmp_path: Path, target: str):
    frame = people().assign(code=np.arange(60) % 7, tag=[str(i % 3) for i in range(60)])
    options = {"categorical": ["code"], "numeric": ["tag"], "drop": ["age"], "max_categories": 4}
    settings = {"hidden_layer_sizes": [5], "solver": "lbfgs", "max_iter": 30, "random_state": 0}
    model = TableModel(**options, **settings).fit(frame, "grown")
    chainrule.save(model, tmp_path / "m")
    loaded = chainrule.load(tmp_path / "m").fit(frame, target)
    again = model.fit(frame, target)
    assert loaded.encoder.feature_names == again.encoder.feature_names
    assert "age" not in loaded.encoder.columns
    assert loaded.encoder.notices == again.encoder.notices
    assert loaded.target.task == again.target.task
    assert loaded.predict(frame).equals(again.predict(frame))


@pytest.mark.parametrize("case", ["binary", "multiclass", "multilabel"])
def test_probabilities_are_those_of_the_estimator_to_the_last_digit(case: str):
    frame = people()
    model = fitted(case, frame, max_iter=20)
    X = model.encoder.transform(pa.Table.from_pandas(frame, preserve_index=False))
    largest = np.abs(model.estimator.decision_function(X)).max()
    for last in (model.estimator.coefs_[-1], model.estimator.intercepts_[-1]):
        last *= 100 / largest  # so sure of itself that 1 − p is 0 where p rounds to 1
    predicted = model.predict(frame)
    columns = [name for name in predicted.column_names if name.startswith("probability_")]
    P = np.stack([predicted[name].to_numpy() for name in columns], axis=1)
    np.testing.assert_array_equal(P, model.estimator.predict_proba(X))
    assert 0 < P.min() < 1e-17


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_network_for_another_task_is_refused():
    frame = people()
    model = TableModel(max_iter=2).fit(frame, ["likes_tea", "likes_rye", "grown"])
    record = model.to_record()
    record.details["target"] = fitted("multiclass", frame, max_iter=2).target.to_dict()
    with pytest.raises(DataError, match="'binary_cross_entropy' does not belong to a multiclass"):
        TableModel.from_record(record)


def test_single_precision_is_close_to_double():
    frame = people()
    models = [fitted("regression", frame, dtype=dtype) for dtype in ("float32", "float64")]
    assert models[0].estimator.parameters_.dtype == np.float32
    one, other = (model.predict(frame)["prediction"].to_numpy() for model in models)
    assert one.dtype == np.float64
    np.testing.assert_allclose(one, other, atol=0.2)
