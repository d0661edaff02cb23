"""The figures of `TableModel.evaluate`, and what weights do to them and to the training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from chainrule import TableModel
from chainrule.errors import DataError
from chainrule.estimators.intervals import bootstrap, wilson
from chainrule.estimators.table_figures import are_unequal
from helpers.cli import people
from helpers.tables import TASKS, fitted

# ---------------------------------------------------------------- the figures, against scikit-learn


def weighting(weighted: bool) -> dict[str, Any]:
    return {"weight": "votes"} if weighted else {}


def precision_of(case: str, model: TableModel, y: pd.Series, P: Any, w: Any) -> float:
    """Return scikit-learn's average precision: of the rarer of two classes, or the mean of several."""
    if case != "binary":
        Y = np.column_stack([y == label for label in model.target.labels])
        return metrics.average_precision_score(Y, P, average="macro", sample_weight=w)
    shares = [np.average(y == label, weights=w) for label in model.target.labels]
    rare = 0 if shares[0] < shares[1] else 1
    truth = y == model.target.labels[rare]
    return metrics.average_precision_score(truth, P[:, rare], sample_weight=w)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("case", ["binary", "multiclass"])
def test_figures_of_a_classification(case: str, weighted: bool):
    new = people(80, seed=1)
    model = fitted(case, people(), weighting(weighted), max_iter=15)
    figures = model.evaluate(new)
    ends = [figures.pop(f"accuracy_{end}", None) for end in ("low", "high")]
    assert ends == ([None, None] if weighted else list(wilson(figures["accuracy"], 80)))
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
            "balanced_accuracy": metrics.balanced_accuracy_score(
                y, predicted["prediction"], sample_weight=w
            ),
            "average_precision": precision_of(case, model, y, P, w),
            "largest_class": max(np.average(y == label, weights=w) for label in y.unique()),
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
    assert figures["r2"] > 0.3 or case != "regression"
    intervals = {} if weighted else bootstrap(Y, A)
    for name in ("r2", "rmse"):
        ends = tuple(figures.get(f"{name}_{end}") for end in ("low", "high"))
        assert ends == pytest.approx(intervals[name]) if intervals else (None, None)


def test_figures_of_a_multilabel_model():
    new = people(80, seed=1)
    model = fitted("multilabel", people(), max_iter=10)
    figures = model.evaluate(new)
    predicted = model.predict(new).to_pandas()
    targets = TASKS["multilabel"]["target"]
    Y = new[targets].to_numpy()
    labels = predicted[[f"prediction_{name}" for name in targets]].to_numpy()
    P = predicted[[f"probability_{name}_1" for name in targets]].to_numpy()
    assert figures["accuracy"] == pytest.approx(metrics.accuracy_score(Y, labels))
    assert figures["roc_auc"] == pytest.approx(metrics.roc_auc_score(Y, P))


def test_which_classes_are_unequal():
    assert are_unequal([75, 25])
    assert not are_unequal([74, 26])
    assert are_unequal([40, 30, 10])
    assert not are_unequal([40, 0, 30])  # a class that these rows lack
    assert not are_unequal([])
    assert not are_unequal([0, 0])


def test_figures_of_many_rows_have_no_interval():
    model = fitted("binary", people())
    assert "accuracy_low" in model.evaluate(people(999))
    assert "accuracy_low" not in model.evaluate(people(1000))


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
    for figures in (one, other):  # those that go by weights are none of single rows
        assert not [name for name in figures if name.endswith(("_low", "_high"))]
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
