"""The base of the table estimators: a table model with the face of scikit-learn."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from chainrule.data import TargetCodec
from chainrule.data.checked import flag, texts
from chainrule.errors import DataError
from chainrule.estimators.persistence import plain_parameters, revived_parameters
from chainrule.estimators.table_inputs import (
    checked_target,
    checked_weights,
    is_matrix,
    table_of,
    target_names,
)
from chainrule.estimators.table_model import TableModel
from chainrule.estimators.table_page import page_of
from chainrule.estimators.table_parameters import new_model
from chainrule.estimators.validated import unpacked_validation
from chainrule.modelfile import ModelRecord
from chainrule.nn.arrays import Array
from chainrule.settings import RegressorSettings
from chainrule.train import History

__all__ = ["TableEstimator"]


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
        # The targets are known columns, as where they stand in the table: nothing new in a later one.
        known = table
        for name in codec.targets:
            known = known.append_column(name, pa.nulls(table.num_rows))
        model.encoder.fit(known, exclude=codec.targets)
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

    def to_record(self) -> ModelRecord:
        """Take the fitted model apart for `chainrule.save`."""
        check_is_fitted(self)
        inner = self.model_.to_record()
        details = {
            "model": inner.details,
            "parameters": plain_parameters(self.get_params(deep=False)),
            "columns": list(self.column_names_),
            "named": hasattr(self, "feature_names_in_"),
            **self._target_record(),
        }
        return ModelRecord(type(self).__name__, inner.network, inner.parameters, details)

    @classmethod
    def from_record(cls, record: ModelRecord) -> Self:
        """Put together what `to_record` took apart."""
        details = record.details
        model = cls(**revived_parameters(details["parameters"], sorted(cls().get_params())))
        inner = ModelRecord("TableModel", record.network, record.parameters, details["model"])
        model.model_ = TableModel.from_record(inner)
        names = texts(details["columns"], "the columns of the estimator")
        if not set(model.model_.encoder.columns) <= set(names) or len(set(names)) < len(names):
            raise DataError("the columns of the estimator do not fit those of its encoding")
        model.column_names_, model.n_features_in_ = tuple(names), len(names)
        if flag(details["named"], "whether the columns have names"):
            model.feature_names_in_ = np.array(names, dtype=object)
        model._restore_target(details)
        return model

    def _target_record(self) -> dict[str, Any]:
        """Return what a model file holds of the target beside the table model's own."""
        return {}

    @abstractmethod
    def _restore_target(self, details: Mapping[str, Any]) -> None:
        """Take the target from a model file, checked."""

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
