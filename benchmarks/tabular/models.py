"""The models: each is fitted to a data frame, and predicts for others.

The peers run as people run them. Before scikit-learn's MLP, numbers are standardized, missing ones being
the median with a column that says so, and categories are one-hot; HistGradientBoosting takes missing
values and categories as they are, and so does LightGBM. CatBoost has no default that stops it: a fifth
of its rows says when, as its manual advises. Their other parameters are the defaults. The MLP does not
standardize the target of a regression by itself: it is measured both ways.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
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
from sklearn.model_selection import train_test_split
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
    """A model.

    Attributes
    ----------
    name, title : str
        The title is the report's.
    fit : callable
        How it is fitted to (frame, task, seed).
    tasks : tuple of str
    module : str
        Without which it is not measured.
    """

    name: str
    title: str
    fit: Fit
    tasks: tuple[str, ...] = (CLASSIFICATION, REGRESSION)
    module: str = "sklearn"

    @property
    def installed(self) -> bool:
        """Whether its package is there."""
        return find_spec(self.module) is not None


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


def lightgbm(task: str, seed: int) -> Any:
    from lightgbm import LGBMClassifier, LGBMRegressor

    return (LGBMClassifier if task == CLASSIFICATION else LGBMRegressor)(
        random_state=seed, verbose=-1
    )


def of_sklearn(build: Callable[[str, int], Any]) -> Fit:
    """Return how to fit what `build` makes."""

    def fit(frame: pd.DataFrame, task: str, seed: int) -> Predict:
        model = build(task, seed).fit(frame.drop(columns=TARGET), frame[TARGET])
        return sklearn_predictor(model, task, lambda X: X)

    return fit


def sklearn_predictor(model: Any, task: str, prepared: Callable[[Any], Any]) -> Predict:
    """Return how a fitted model of scikit-learn's kind predicts for rows that are `prepared`."""

    def predict(rows: pd.DataFrame) -> Prediction:
        X = prepared(rows.drop(columns=TARGET))
        values = np.asarray(model.predict(X)).reshape(len(rows))
        if task != CLASSIFICATION:
            return Prediction(values)
        return Prediction(values, model.predict_proba(X), tuple(map(str, model.classes_)))

    return predict


def catboost(frame: pd.DataFrame, task: str, seed: int) -> Predict:
    """Fit CatBoost to four fifths of the rows; the fifth says how many trees are kept."""
    from catboost import CatBoostClassifier, CatBoostRegressor

    X, y = worded(frame.drop(columns=TARGET)), frame[TARGET]
    strata = y if task == CLASSIFICATION else None
    X, X_stop, y, y_stop = train_test_split(X, y, test_size=0.2, random_state=seed, stratify=strata)
    kind = CatBoostClassifier if task == CLASSIFICATION else CatBoostRegressor
    categories = list(X.select_dtypes("object").columns)
    model = kind(
        random_seed=seed, early_stopping_rounds=50, cat_features=categories,
        verbose=False, allow_writing_files=False,
    )  # fmt: skip
    model.fit(X, y, eval_set=(X_stop, y_stop))
    return sklearn_predictor(model, task, worded)


def worded(X: pd.DataFrame) -> pd.DataFrame:
    """Return the categories as words, the missing ones too: CatBoost takes no others."""
    names = X.select_dtypes("category").columns
    words = {name: X[name].astype(object).fillna("missing").astype(str) for name in names}
    return X.assign(**{name: column.astype(object) for name, column in words.items()})


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
LIGHTGBM, CATBOOST = "lightgbm", "catboost"
PLAIN, PRESET, PIECEWISE, ENSEMBLE = "plain", "preset", "preset-pl", "ensemble"
PACK, LOW_PACK = "pack", "pack-low"
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
        Model(LIGHTGBM, "LightGBM", of_sklearn(lightgbm), module="lightgbm"),
        Model(CATBOOST, "CatBoost", catboost, module="catboost"),
        Model(PLAIN, "plain", of_chainrule("plain")),
        Model(PRESET, "realmlp", of_chainrule("realmlp")),
        Model(PIECEWISE, "realmlp, piecewise-linear", of_chainrule("realmlp", piecewise_linear=16)),
        Model(ENSEMBLE, "realmlp, ensemble of 4", of_chainrule("realmlp", ensemble=4)),
        Model(LOW_PACK, "pack, low effort", of_chainrule("pack", pack="low")),
        Model(PACK, "pack", of_chainrule("pack")),
    )
}
