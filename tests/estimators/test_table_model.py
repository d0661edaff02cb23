"""TableModel: encoder, target, network and scaling as one object, on every kind of table."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn import metrics
from sklearn.exceptions import ConvergenceWarning

import chainrule
from chainrule import MLPClassifier, MLPRegressor, TableModel
from chainrule.data import DataWarning, TableEncoder
from chainrule.errors import DataError, ParameterError
from chainrule.estimators.scaling import TargetScaling
from helpers.cli import TARGETS, people

TASKS: dict[str, dict[str, Any]] = {
    "binary": {"target": "grown"},
    "multiclass": {"target": "grade"},
    "multilabel": {"target": ["likes_tea", "likes_rye"]},
    "regression": {"target": "score"},
    "several numbers": {"target": ["score", "visits"], "task": "regression"},
    "counts": {"target": "visits", "task": "regression"},
}


def new_model(target: str | list[str], **settings: Any) -> TableModel:
    targets = [target] if isinstance(target, str) else target
    settings = {
        "hidden_layer_sizes": (6,),
        "solver": "lbfgs",
        "alpha": 0.1,
        "max_iter": 300,
        "random_state": 0,
        "drop": [name for name in TARGETS if name not in targets],
        **settings,
    }
    return TableModel(**settings)


def fitted(case: str, frame: pd.DataFrame, fit: dict[str, Any] | None = None, **settings: Any):
    how = TASKS[case]
    if case == "counts":
        settings = {"loss": "poisson", "alpha": 1.0, **settings}
    model = new_model(how["target"], **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(frame, **how, **(fit or {}))


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
    model = fitted("multiclass", frame)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    X = TableEncoder(drop=model.encoder.drop).fit(table, exclude=["grade"]).transform(table)
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


# ---------------------------------------------------------------- the figures, against scikit-learn


def weighting(weighted: bool) -> dict[str, Any]:
    return {"weight": "votes"} if weighted else {}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("case", ["binary", "multiclass"])
def test_figures_of_a_classification(case: str, weighted: bool):
    new = people(80, seed=1)
    model = fitted(case, people(), weighting(weighted), max_iter=15)
    figures = model.evaluate(new)
    predicted = model.predict(new).to_pandas()
    P = predicted.filter(like="probability_").to_numpy()
    y, w = new[TASKS[case]["target"]], new["votes"] if weighted else None
    shares = P[:, 1] if case == "binary" else P
    several = {} if case == "binary" else {"multi_class": "ovr", "average": "macro"}
    assert figures == pytest.approx(
        {
            "rows": 80,
            "cost": figures["cost"],
            "accuracy": metrics.accuracy_score(y, predicted["prediction"], sample_weight=w),
            "roc_auc": metrics.roc_auc_score(y, shares, sample_weight=w, **several),
            "log_loss": metrics.log_loss(y, P, sample_weight=w, labels=model.target.labels),
        },
        rel=1e-9,
    )
    assert 0.5 < figures["accuracy"] < 1
    penalty = model.estimator.network_.penalty.scale
    assert penalty == "half_mean"
    W = [model.estimator.parameters_[f"W{layer}"] for layer in (1, 2)]
    total = 80 if w is None else w.sum()
    squares = sum((V**2).sum() for V in W)
    assert figures["cost"] == pytest.approx(figures["log_loss"] + 0.1 * squares / (2 * total))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("case", ["regression", "several numbers", "counts"])
def test_figures_of_a_regression(case: str, weighted: bool):
    new = people(80, seed=1)
    model = fitted(case, people(), weighting(weighted))
    figures = model.evaluate(new)
    targets = TASKS[case]["target"]
    Y = new[[targets] if isinstance(targets, str) else targets].to_numpy()
    A = model.predict(new).to_pandas().to_numpy()
    w = new["votes"] if weighted else None
    assert figures["r2"] == pytest.approx(metrics.r2_score(Y, A, sample_weight=w))
    assert figures["mae"] == pytest.approx(metrics.mean_absolute_error(Y, A, sample_weight=w))
    if case != "several numbers":  # over several outputs scikit-learn takes the mean of the roots
        rmse = metrics.root_mean_squared_error(Y, A, sample_weight=w)
        assert figures["rmse"] == pytest.approx(rmse)
    assert figures["r2"] > 0.3


def test_figures_of_a_multilabel_model():
    new = people(80, seed=1)
    model = fitted("multilabel", people(), max_iter=10)
    figures = model.evaluate(new)
    predicted = model.predict(new).to_pandas()
    targets = TASKS["multilabel"]["target"]
    Y = new[targets].to_numpy()
    labels = predicted[[f"prediction_{name}" for name in targets]].to_numpy()
    P = predicted[[f"probability_{name}" for name in targets]].to_numpy()
    assert figures["accuracy"] == pytest.approx(metrics.accuracy_score(Y, labels))
    assert figures["roc_auc"] == pytest.approx(metrics.roc_auc_score(Y, P))


def test_figures_that_are_not_defined():
    model = fitted("binary", people())
    figures = model.evaluate(people().query("grown == 'yes'"))
    assert np.isnan(figures["roc_auc"])
    assert 0 <= figures["accuracy"] <= 1


# ------------------------------------------------------------------------------------------ weights


@pytest.mark.parametrize("case", ["binary", "multiclass", "regression", "counts"])
def test_to_evaluate_a_weight_is_a_repeated_row(case: str):
    new = people(50, seed=2)
    model = fitted(case, people(), {"weight": "votes"}, max_iter=10)
    repeated = new.loc[new.index.repeat(new["votes"])].assign(votes=1)
    one, other = model.evaluate(new), model.evaluate(repeated)
    assert (one.pop("rows"), other.pop("rows")) == (50, new["votes"].sum())
    assert one == pytest.approx(other, rel=1e-9)


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_to_train_a_weight_is_a_repeated_row(task: str):
    # All corners of a square, so that repeating some leaves the encoder's statistics as they are.
    corners = [(a, b) for a in (-1.5, 1.5) for b in (-1.5, 1.5)]
    frame = pd.DataFrame(corners * 3, columns=["a", "b"])
    frame["w"] = [3] * 4 + [1] * 4 + [2] * 4
    if task == "binary":
        frame["y"] = list("nnnyyynyynyn")
    else:  # every weight with the same two values: mean and scale stay too
        frame["y"] = [0.5, -0.5, -0.5, 0.5, 0.5, 0.5, -0.5, -0.5, 0.5, -0.5, 0.5, -0.5]
    repeated = frame.loc[frame.index.repeat(frame["w"])].assign(w=1)
    settings = {
        "hidden_layer_sizes": (3,),
        "activation": "tanh",
        "solver": "lbfgs",
        "alpha": 1.0,
        "tol": 1e-10,
        "random_state": 0,
        "max_iter": 2000,
    }
    models = [TableModel(**settings).fit(rows, "y", weight="w") for rows in (frame, repeated)]
    assert models[0].target.task == task
    plain = TableModel(drop=["w"], **settings).fit(frame, "y")
    vectors = [model.estimator.parameters_.vector for model in (*models, plain)]
    np.testing.assert_allclose(vectors[0], vectors[1], rtol=1e-4, atol=1e-5)
    assert abs(vectors[0] - vectors[2]).max() > 1e-2
    assert models[0].evaluate(frame)["cost"] == pytest.approx(models[1].evaluate(repeated)["cost"])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, 1, -1, 1], "'w' is negative in row 3"),
        ([1, None, 1, 1], "'w' is missing in row 2"),
        ([0, 0, 0, 0], "'w' are zero"),
        ([1, 1, np.inf, 1], "'w', row 3"),
        (["1", "1", "1", "x"], "'w', row 4: 'x'"),
    ],
)
def test_weights_that_are_none(values: list[Any], message: str):
    frame = pd.DataFrame({"x": range(4), "y": list("abab"), "w": values})
    with pytest.raises(DataError, match=message):
        TableModel().fit(frame, "y", weight="w")


# ----------------------------------------------------------------- the encoder and the training rows


def test_the_encoder_learns_from_the_training_rows_alone():
    training = pd.DataFrame(
        {
            "x": [1.0, 2.0, 3.0, np.nan] * 3,
            "c": ["a", "b", "a", "b"] * 3,
            "y": [0.5, 1.5, 2.5, 3.5] * 3,
        }
    )
    other = pd.DataFrame({"x": [1e6, 2e6], "c": ["unseen", "a"], "y": [1e6, -1e6]})
    settings = {"solver": "sgd", "max_iter": 2, "random_state": 0, "hidden_layer_sizes": (2,)}
    with pytest.warns(ConvergenceWarning):
        alone = TableModel(**settings).fit(training, "y")
    with (
        pytest.warns(ConvergenceWarning),
        pytest.warns(DataWarning, match="'c': 1 row has a category .*'unseen'"),
    ):
        beside = TableModel(**settings).fit(training, "y", validation=other)
    assert alone.encoder.to_dict() == beside.encoder.to_dict()
    assert beside.encoder.feature_names == ["x", "x is missing", "c=a", "c=b"]
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
        ({"age": "x"}, "'age', row 1: 'x'"),
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


@pytest.mark.parametrize("factor", [1e-9, 1.0, 1e9, 1e150, 1e307])
def test_the_units_of_the_target_do_not_matter(factor: float):
    frame = people()
    expected = fitted("regression", frame).predict(frame)["prediction"].to_numpy()
    scaled = frame.assign(score=frame["score"] / 10 * factor)
    model = fitted("regression", scaled)
    found = model.predict(scaled)["prediction"].to_numpy() / factor * 10
    np.testing.assert_allclose(found, expected, rtol=1e-4)


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
        with pytest.raises(DataError, match="'score'.*nothing to learn"):
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


def test_a_loaded_model_can_be_fitted_again(tmp_path: Path):
    frame = people()
    model = fitted("regression", frame)
    chainrule.save(model, tmp_path / "m")
    again = chainrule.load(tmp_path / "m").fit(frame, "score")
    assert again.estimator.get_params() == model.estimator.get_params()
    assert again.evaluate(frame)["r2"] > 0.9


def test_single_precision_is_close_to_double():
    frame = people()
    models = [fitted("regression", frame, dtype=dtype) for dtype in ("float32", "float64")]
    assert models[0].estimator.parameters_.dtype == np.float32
    one, other = (model.predict(frame)["prediction"].to_numpy() for model in models)
    assert one.dtype == np.float64
    np.testing.assert_allclose(one, other, atol=0.2)
