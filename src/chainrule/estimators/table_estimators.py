"""TableClassifier and TableRegressor: tables as people have them, in scikit-learn's contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from sklearn.base import ClassifierMixin, RegressorMixin

from chainrule.data import Schema, TargetCodec
from chainrule.data.labels import Labels as ColumnLabels
from chainrule.errors import DataError, ModelFileError
from chainrule.estimators.labels import Labels
from chainrule.estimators.table_base import TableEstimator
from chainrule.estimators.table_model import TableModel
from chainrule.estimators.table_parameters import (
    described,
    numbered_weights,
    parameters_class,
)
from chainrule.estimators.table_targets import (
    alike,
    as_known,
    numbers_of,
    read_again,
    schema_of_labels,
)
from chainrule.modelfile import saveable
from chainrule.nn.arrays import Array
from chainrule.settings import ClassifierSettings, RegressorSettings

__all__ = ["TableClassifier", "TableRegressor"]

ClassifierParameters: Any = parameters_class("ClassifierParameters", ClassifierSettings)
RegressorParameters: Any = parameters_class("RegressorParameters", RegressorSettings)

KINDS = {"U": "text", "O": "text", "b": "bool", "i": "int", "u": "int", "f": "float"}


@saveable
class TableClassifier(ClassifierParameters, ClassifierMixin, TableEstimator):  # type: ignore[misc]
    """A classifier of tables as people have them: text, dates, numbers, missing values go straight in.

    Columns are encoded as `TableModel` does it, and a network is trained on them, by default with the
    recipe "realmlp". X is a data frame (pandas, polars, pyarrow), an array, a dictionary of columns or
    a list of dictionaries; y are labels, or an indicator matrix of many labels.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    model_ : TableModel
        What does the work; ``chainrule.save(model_, path)`` writes a file for the command line.
    classes_ : ndarray of shape (K,)
        The labels.
    history_ : History
        Costs, scores, learning rates and times of every epoch.
    n_iter_, n_features_in_, feature_names_in_
        As in scikit-learn.
    column_names_ : tuple of str
        The names of the columns; x0, x1 and so on for those of an array.
    notes_ : list of str
        What was decided about the columns, a line each; `verbose` prints them. What is in doubt, and
        a column that gives the target away, is a `chainrule.data.DataWarning` too.

    Examples
    --------
    >>> import pandas as pd
    >>> from chainrule import TableClassifier
    >>> X = pd.DataFrame({"size": [1.0, None, 3.0, 4.0] * 5, "kind": list("abab") * 5})
    >>> y = ["no", "no", "yes", "yes"] * 5
    >>> model = TableClassifier(
    ...     preset="plain", solver="lbfgs", early_stopping=False, random_state=0
    ... )
    >>> model.fit(X, y).score(X, y)
    1.0
    >>> model.predict({"size": 3.5, "kind": "a"})
    array(['yes'], dtype='<U3')
    """

    settings_class = ClassifierSettings

    def _learn_target(
        self, y: Any, names: tuple[str, ...], model: TableModel
    ) -> tuple[Any, Schema]:
        self._labels = labels = Labels.of(y)
        self.classes_ = classes = labels.classes
        if labels.kind == "multilabel":
            both = [ColumnLabels(name, "int", (0, 1)) for name in names]
            model.target = TargetCodec("multilabel", names, both)
            return y, Schema()
        if len(classes) == 1:
            raise DataError(
                f"y has one class only, {classes.tolist()[0]!r}: there is nothing to learn"
            )
        task: Any = "multiclass" if len(classes) > 2 else "binary"
        model.target = TargetCodec(task, names, [column_labels(names[0], classes)])
        weights = numbered_weights(self.class_weight, classes)
        if "class_weight" in model.settings:
            model.settings["class_weight"] = weights
        return y, schema_of_labels(names[0], model.target.labels)

    def _known_target(self, y: Any, model: TableModel) -> Any:
        if self._labels.kind == "multilabel":
            return y
        return as_known(model.target.targets[0], y, self.classes_)

    def _encoded_target(self, y: Any) -> Array:
        return self._labels.encode(y, np.float64)

    def _doubt_of_target(self) -> str:
        return alike(self.classes_)

    def _target_record(self) -> dict[str, Any]:
        return {"labels": self._labels.to_dict()}

    def _restore_target(self, details: Mapping[str, Any]) -> None:
        self._labels = labels = Labels.from_dict(details["labels"])
        self.classes_ = labels.classes
        target = self.model_.target
        classes = len(target.targets) if target.task == "multilabel" else len(target.labels)
        if target.task != labels.kind or classes != len(labels.classes):
            raise DataError("the labels of the estimator do not fit those of its model")

    def decision_function(self, X: Any) -> Array:
        """Return the log-odds: of shape (m,) for two classes, else (m, K)."""
        rows = self._rows(X)
        return self.model_.classifier.decision_function(rows)

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, or of each label, of shape (m, K)."""
        rows = self._rows(X)
        return self.model_.classifier.predict_proba(rows)

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithm of `predict_proba`: it is finite where that is 0."""
        rows = self._rows(X)
        return self.model_.classifier.predict_log_proba(rows)

    def predict(self, X: Any) -> Array:
        """Return the most probable class of each row; for many labels, a row of 0 and 1."""
        rows = self._rows(X)
        decided = self.model_.classifier.predict(rows)
        return decided if self._labels.kind == "multilabel" else self.classes_[decided]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the accuracy on rows whose labels are known, in any case and with any blanks.

        Parameters
        ----------
        X, y
            As for `fit`.
        sample_weight : array-like of shape (m,), optional
        """
        return float(super().score(X, self._scored_target(y), sample_weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


@saveable
class TableRegressor(RegressorParameters, RegressorMixin, TableEstimator):  # type: ignore[misc]
    """A regressor of tables as people have them: text, dates, numbers, missing values go straight in.

    As `TableClassifier`, for numbers: one target or several. The network learns them standardized;
    predictions are in their own units.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    model_, history_, n_iter_, n_features_in_, feature_names_in_, column_names_, notes_
        As for `TableClassifier`.

    Examples
    --------
    >>> import pandas as pd
    >>> from chainrule import TableRegressor
    >>> X = pd.DataFrame({"size": range(20), "kind": list("abab") * 5})
    >>> y = 2.5 * X["size"] + 10 * (X["kind"] == "a")
    >>> model = TableRegressor(preset="plain", solver="lbfgs", early_stopping=False, random_state=0)
    >>> model.fit(X, y).score(X, y) > 0.99
    True
    """

    settings_class = RegressorSettings

    def _learn_target(
        self, y: Any, names: tuple[str, ...], model: TableModel
    ) -> tuple[Any, Schema]:
        model.target = TargetCodec("regression", names)
        return numbers_of(y, names, model.encoder.options)

    def _known_target(self, y: Any, model: TableModel) -> Any:
        return read_again(y, model.target.targets, model.encoder.schema)

    def _encoded_target(self, y: Any) -> Array:
        return y[:, np.newaxis] if y.ndim == 1 else y

    def _restore_target(self, details: Mapping[str, Any]) -> None:
        if self.model_.target.task != "regression":
            raise DataError("the model of a regressor is one of classes")

    def predict(self, X: Any) -> Array:
        """Return the predicted numbers, of shape (m,), or (m, k) for several targets."""
        rows = self._rows(X)
        predicted: Array = self.model_.estimator.predict(rows)
        return predicted

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return R² on rows whose numbers are known, as text too where the training had text.

        Parameters
        ----------
        X, y
            As for `fit`.
        sample_weight : array-like of shape (m,), optional
        """
        return float(super().score(X, self._scored_target(y), sample_weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


for _class in (TableClassifier, TableRegressor):
    if _class.__doc__ is not None:  # Python's -OO takes docstrings away
        _class.__doc__ = _class.__doc__.replace("{parameters}", described(_class.settings_class))


def column_labels(name: str, classes: Array) -> ColumnLabels:
    """Return classes as a column of a file has them; by their numbers, if a file cannot tell them."""
    values = classes.tolist()
    kind = KINDS.get(classes.dtype.kind, "text")
    texts = kind == "text" and all(isinstance(value, str) for value in values)
    if kind != "text" or texts:
        try:
            return ColumnLabels.from_dict(ColumnLabels(name, kind, tuple(values)).to_dict())
        except (ModelFileError, pa.ArrowException):  # two that differ by a blank, say
            pass
    return ColumnLabels(name, "int", tuple(range(len(values))))
