"""The models: each is fitted to a data frame, and predicts for others.

The peers run as people run them. Before scikit-learn's MLP, numbers are standardized, missing ones being
the median with a column that says so, and categories are one-hot; HistGradientBoosting takes missing
values and categories as they are. Their own parameters are the defaults. The MLP does not standardize
the target of a regression by itself: it is measured both ways.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import (
    TransformedTargetRegressor,
    make_column_selector,
    make_column_transformer,
)
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from chainrule.estimators import TableModel

from .sets import CLASSIFICATION, REGRESSION, TARGET


@dataclass(frozen=True)
class Prediction:
    """What a model says of some rows.

    Attributes
    ----------
    values : ndarray of shape (m,)
        Labels, as text, or numbers.
    probabilities : ndarray of shape (m, k), optional
        Of the classes in the order of `labels`.
    labels : list of str
    """

    values: np.ndarray
    probabilities: np.ndarray | None = None
    labels: tuple[str, ...] = ()


Predict = Callable[[pd.DataFrame], Prediction]
Fit = Callable[[pd.DataFrame, str, int], Predict]


@dataclass(frozen=True)
class Model:
    """A model: its name, its title in the report, how it is fitted to (frame, task, seed), its tasks."""

    name: str
    title: str
    fit: Fit
    tasks: tuple[str, ...] = (CLASSIFICATION, REGRESSION)


def encoded() -> Any:
    """Return what makes numbers of a data frame for scikit-learn's MLP."""
    return make_column_transformer(
        (
            make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()),
            make_column_selector(dtype_include="number"),
        ),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include="category")),
    )


def sklearn_mlp(task: str, seed: int) -> Any:
    mlp = MLPClassifier if task == CLASSIFICATION else MLPRegressor
    return make_pipeline(encoded(), mlp(random_state=seed))


def scaled_mlp(task: str, seed: int) -> Any:
    return TransformedTargetRegressor(sklearn_mlp(task, seed), transformer=StandardScaler())


def trees(task: str, seed: int) -> Any:
    boosting = (
        HistGradientBoostingClassifier if task == CLASSIFICATION else HistGradientBoostingRegressor
    )
    return boosting(categorical_features="from_dtype", random_state=seed)


def of_sklearn(build: Callable[[str, int], Any]) -> Fit:
    """Return how to fit what `build` makes."""

    def fit(frame: pd.DataFrame, task: str, seed: int) -> Predict:
        model = build(task, seed).fit(frame.drop(columns=TARGET), frame[TARGET])

        def predict(rows: pd.DataFrame) -> Prediction:
            X = rows.drop(columns=TARGET)
            values = np.asarray(model.predict(X))
            if task != CLASSIFICATION:
                return Prediction(values)
            return Prediction(values, model.predict_proba(X), tuple(map(str, model.classes_)))

        return predict

    return fit


def of_chainrule(preset: str, **settings: Any) -> Fit:
    """Return how to fit a preset, which sets its own validation rows aside."""

    def fit(frame: pd.DataFrame, task: str, seed: int) -> Predict:
        model = TableModel(preset=preset, random_state=seed, **settings)
        return predictor(model.fit(frame, TARGET, task=task))

    return fit


def predictor(model: TableModel) -> Predict:
    def predict(rows: pd.DataFrame) -> Prediction:
        table = model.predict(rows)
        values = table["prediction"].to_numpy()
        if model.target.task == "regression":
            return Prediction(values)
        columns = [name for name in table.column_names if name.startswith("probability_")]
        probabilities = np.column_stack([table[name].to_numpy() for name in columns])
        labels = tuple(name.removeprefix("probability_") for name in columns)
        return Prediction(values, probabilities, labels)

    return predict


MLP, SCALED_MLP, TREES = "sklearn-mlp", "sklearn-mlp-scaled", "trees"
PLAIN, PRESET, PIECEWISE, ENSEMBLE = "plain", "preset", "preset-pl", "ensemble"
MODELS = {
    model.name: model
    for model in (
        Model(MLP, "scikit-learn MLP", of_sklearn(sklearn_mlp)),
        Model(
            SCALED_MLP,
            "scikit-learn MLP, target standardized",
            of_sklearn(scaled_mlp),
            (REGRESSION,),
        ),
        Model(TREES, "HistGradientBoosting", of_sklearn(trees)),
        Model(PLAIN, "plain", of_chainrule("plain")),
        Model(PRESET, "preset", of_chainrule("realmlp")),
        Model(PIECEWISE, "preset + piecewise-linear", of_chainrule("realmlp", piecewise_linear=16)),
        Model(ENSEMBLE, "preset, ensemble of 4", of_chainrule("realmlp", ensemble=4)),
    )
}
