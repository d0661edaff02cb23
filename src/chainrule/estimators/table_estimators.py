"""TableClassifier and TableRegressor: tables as people have them, in scikit-learn's contract."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from chainrule.data import TargetCodec
from chainrule.data.labels import Labels as ColumnLabels
from chainrule.errors import DataError, ModelFileError
from chainrule.estimators.labels import Labels
from chainrule.estimators.table_inputs import (
    checked_target,
    checked_weights,
    is_matrix,
    table_of,
    target_names,
)
from chainrule.estimators.table_model import TableModel
from chainrule.estimators.table_page import page_of
from chainrule.estimators.table_parameters import (
    described,
    new_model,
    numbered_weights,
    parameters_class,
)
from chainrule.estimators.validated import unpacked_validation
from chainrule.modelfile import saveable
from chainrule.nn.arrays import Array
from chainrule.settings import ClassifierSettings, RegressorSettings
from chainrule.train import History

__all__ = ["TableClassifier", "TableRegressor"]

ClassifierParameters: Any = parameters_class("ClassifierParameters", ClassifierSettings)
RegressorParameters: Any = parameters_class("RegressorParameters", RegressorSettings)

KINDS = {"U": "text", "O": "text", "b": "bool", "i": "int", "u": "int", "f": "float"}


class TableEstimator(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The base of `TableClassifier` and `TableRegressor`; use one of those.

    The work is done by a `TableModel`, ``model_``; this class gives it the face of scikit-learn.
    """

    settings_class: ClassVar[type]

    model_: TableModel
    column_names_: tuple[str, ...]

    @abstractmethod
    def _codec(self, y: Any, names: tuple[str, ...]) -> TargetCodec:
        """Return what a table model knows of the target, and learn about it."""

    @abstractmethod
    def _encoded_target(self, y: Any) -> Array:
        """Return y as the codec would encode it."""

    def _parameters(self) -> dict[str, Any]:
        """Return the parameters as a table model takes them."""
        parameters: dict[str, Any] = self.get_params(deep=False)
        return parameters

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, validation_data: Any = None
    ) -> Self:
        """Train on a table.

        Parameters
        ----------
        X : data frame, array of shape (m, n), dict of columns or list of dict
            Numbers, text, dates, truth values, categories; missing values are welcome.
        y : array, series or data frame of shape (m,) or (m, k)
            The target; none may be missing.
        sample_weight : array-like of shape (m,), optional
            Observation weights, at least 0.
        validation_data : tuple (X, y) or (X, y, sample_weight), optional
            Your own validation rows, in the place of a part of these.

        Returns
        -------
        self

        Raises
        ------
        ParameterError
            If a parameter has a value that it cannot have.
        ValueError
            If X or y cannot be used.
        DivergenceError
            If training diverges.
        """
        table = table_of(self, X, reset=True)
        values = self._checked_target(y, table)
        width = values.shape[1] if values.ndim == 2 else 1
        codec = self._codec(values, target_names(y, width, self.column_names_))
        if table.num_rows == 1:
            raise DataError("X has 1 sample, from which there is nothing to learn: give more rows")
        parameters, matrix = self._parameters(), is_matrix(X)
        model = new_model(parameters, self.settings_class, self.column_names_, matrix)
        aside = None
        if validation_data is not None:
            valid, y_valid, weight = unpacked_validation(validation_data)
            rows = table_of(self, valid, reset=False)
            Y_valid = self._encoded_target(self._checked_target(y_valid, rows))
            aside = (rows, Y_valid, checked_weights(weight))
        model.target, model.weight = codec, None
        model.encoder.fit(table)
        Y = self._encoded_target(values)
        self.model_ = model.train(table, Y, checked_weights(sample_weight), aside)
        return self

    def _checked_target(self, y: Any, table: pa.Table) -> Any:
        numeric = self.settings_class is RegressorSettings
        return checked_target(self, y, table.num_rows, numeric=numeric)

    def _rows(self, X: Any) -> Array:
        """Return new rows as the network's estimator takes them."""
        check_is_fitted(self)
        return self.model_.encode(table_of(self, X, reset=False))

    def transform(self, X: Any) -> Array:
        """Return rows as they are encoded, before the network's own encoding, if there is one.

        Parameters
        ----------
        X
            As for `fit`.

        Returns
        -------
        ndarray of shape (m, number of ``get_feature_names_out()``)
            Or a data frame, as ``set_output`` asks.
        """
        return self._rows(X)

    def get_feature_names_out(self, input_features: Any = None) -> Array:
        """Return the names of the encoded columns.

        Parameters
        ----------
        input_features : None
            There for the contract.
        """
        check_is_fitted(self)
        return np.array(self.model_.encoder.feature_names, dtype=object)

    @property
    def history_(self) -> History:
        """The course of the training."""
        return self._fitted_model.fitted.history

    @property
    def n_iter_(self) -> int:
        """The epochs of the training, or iterations."""
        return self._fitted_model.fitted.iterations

    @property
    def _fitted_model(self) -> TableModel:
        if "model_" not in vars(self):
            raise AttributeError(f"this {type(self).__name__} is not fitted yet")
        return self.model_

    def __sklearn_is_fitted__(self) -> bool:
        return "model_" in vars(self)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = []
        tags.target_tags.required = True
        return tags

    def _repr_html_(self) -> str:
        if not self.__sklearn_is_fitted__():
            return str(self._html_repr()) if hasattr(self, "_html_repr") else f"<pre>{self!r}</pre>"
        return page_of(self.model_, type(self).__name__)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


@saveable
class TableClassifier(ClassifierParameters, ClassifierMixin, TableEstimator):  # type: ignore[misc]
    """A classifier of tables as people have them: text, dates, numbers, missing values go straight in.

    Columns are encoded as `TableModel` does it, and a network is trained on them, by default with the
    recipe "realmlp". X is a data frame (pandas, polars, pyarrow), an array, a dictionary of columns or
    a list of dictionaries; y are labels, or an indicator matrix of many labels.

    Parameters
    ----------
    preset : {"realmlp", "plain"} or None
        The settings to start from: where a parameter is "preset", its value is that of the preset.
    categorical, numeric, drop : sequence of str or int
        Columns to take as categories, as numbers, to leave out, by name or number.
    max_categories : int
        Most categories of a column that are told apart.
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

    def _codec(self, y: Any, names: tuple[str, ...]) -> TargetCodec:
        self._labels = labels = Labels.of(y)
        self.classes_ = labels.classes
        if labels.kind == "multilabel":
            both = [ColumnLabels(name, "int", (0, 1)) for name in names]
            return TargetCodec("multilabel", names, both)
        if len(labels.classes) == 1:
            raise DataError(
                f"y has one class only, {labels.classes[0]!r}: there is nothing to learn"
            )
        task: Any = "multiclass" if len(labels.classes) > 2 else "binary"
        return TargetCodec(task, names, [column_labels(names[0], labels.classes)])

    def _encoded_target(self, y: Any) -> Array:
        return self._labels.encode(y, np.float64)

    def _parameters(self) -> dict[str, Any]:
        parameters = super()._parameters()
        weight = numbered_weights(parameters["class_weight"], self.classes_)
        return {**parameters, "class_weight": weight}

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
    preset : {"realmlp", "plain"} or None
        The settings to start from: where a parameter is "preset", its value is that of the preset.
    categorical, numeric, drop : sequence of str or int
        Columns to take as categories, as numbers, to leave out, by name or number.
    max_categories : int
        Most categories of a column that are told apart.
    {parameters}

    Attributes
    ----------
    model_, history_, n_iter_, n_features_in_, feature_names_in_, column_names_
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

    def _codec(self, y: Any, names: tuple[str, ...]) -> TargetCodec:
        return TargetCodec("regression", names)

    def _encoded_target(self, y: Any) -> Array:
        return y[:, np.newaxis] if y.ndim == 1 else y

    def predict(self, X: Any) -> Array:
        """Return the predicted numbers, of shape (m,), or (m, k) for several targets."""
        rows = self._rows(X)
        predicted: Array = self.model_.estimator.predict(rows)
        return predicted

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
