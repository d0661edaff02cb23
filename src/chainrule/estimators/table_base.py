"""The base of the table estimators: a table model with the face of scikit-learn."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from chainrule.data import DataWarning, Schema
from chainrule.data.checked import flag, texts
from chainrule.data.frames import collected
from chainrule.data.messages import condensed
from chainrule.errors import DataError
from chainrule.estimators.persistence import plain_parameters, revived_parameters
from chainrule.estimators.table_inputs import is_matrix, table_of
from chainrule.estimators.table_model import TableModel
from chainrule.estimators.table_page import page_of
from chainrule.estimators.table_parameters import new_model
from chainrule.estimators.table_targets import checked_target, checked_weights, target_names
from chainrule.estimators.table_wording import in_python
from chainrule.estimators.validated import unpacked_validation
from chainrule.modelfile import ModelRecord
from chainrule.nn.arrays import Array
from chainrule.notices import warn_user
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
    def _learn_target(
        self, y: Any, names: tuple[str, ...], model: TableModel
    ) -> tuple[Any, Schema]:
        """Give a table model its target codec; return y as it is read, and how a file's is."""

    @abstractmethod
    def _known_target(self, y: Any, model: TableModel) -> Any:
        """Return new targets as those that a model learned: read, and spelled."""

    @abstractmethod
    def _encoded_target(self, y: Any) -> Array:
        """Return y as the target codec of the model would encode it."""

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
        notes: list[str] = []
        X = collected(X)
        table = table_of(self, X, reset=True, notes=notes)
        values = self._checked_target(y, table.num_rows)
        weight = checked_weights(sample_weight, table.num_rows)
        table, values, weight = counting(table, values, weight)
        model = new_model(
            self.get_params(deep=False), self.settings_class, self.column_names_, is_matrix(X)
        )
        width = values.shape[1] if values.ndim == 2 else 1
        names = target_names(y, width, self.column_names_)
        values, of_target = self._learn_target(values, names, model)
        if table.num_rows == 1:
            raise DataError("X has 1 sample, from which there is nothing to learn: give more rows")
        learn_columns(model, table, of_target)
        Y = self._encoded_target(values)
        aside = self._validation(validation_data, model)
        self._say(model, table, Y, notes)
        self.model_ = model.train(table, Y, weight, aside)
        return self

    def _validation(
        self, given: Any, model: TableModel
    ) -> tuple[pa.Table, Array, Array | None] | None:
        """Return the user's own validation rows, encoded targets and weights."""
        if given is None:
            return None
        X, y, weight = unpacked_validation(given)
        table = table_of(self, X, reset=False)
        values = self._known_target(self._checked_target(y, table.num_rows), model)
        return table, self._encoded_target(values), checked_weights(weight, table.num_rows)

    def _say(self, model: TableModel, table: pa.Table, Y: Array, notes: list[str]) -> None:
        """Keep a line for each decision; print them, if asked to, and warn of those in doubt."""
        schema, encoder = model.encoder.schema, model.encoder
        doubtful = [one.line for one in schema.decisions if one.doubts and not one.left_out]
        warned = condensed(doubtful)
        leak = model.leaks_of(schema.read(table), Y)
        warned += [line for line in (leak, self._doubt_of_target()) if line]
        decided = [line for line in encoder.notices if line not in warned]
        warned = [in_python(line) for line in warned]
        encoder.notices = [*notes, *map(in_python, decided), *warned]
        if self.verbose:
            for line in encoder.notices:
                print(line)
        else:
            for line in warned:
                warn_user(line, DataWarning)

    def _doubt_of_target(self) -> str:
        """Return a line on what is doubtful about the target, "" if nothing is."""
        return ""

    def _checked_target(self, y: Any, rows: int | None = None) -> Any:
        numeric = self.settings_class is RegressorSettings
        return checked_target(self, y, rows, numeric=numeric)

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
    def notes_(self) -> list[str]:
        """What was decided about the columns, a line each."""
        return list(self._fitted_model.encoder.notices)

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
            "notes": list(dict.fromkeys(self.notes_)),
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
        model.model_.encoder.notices = list(texts(details["notes"], "the notes of the estimator"))
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
        tags.input_tags.sparse = True  # they become dense tables, if these fit into memory
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = []
        tags.target_tags.required = True
        return tags

    def _scored_target(self, y: Any) -> Any:
        """Return the target of rows that are judged as the training had it."""
        check_is_fitted(self)
        return self._known_target(self._checked_target(y), self.model_)

    def _html_repr(self) -> str:
        """Return scikit-learn's page of an estimator that is not fitted, else one of its own."""
        if self.__sklearn_is_fitted__():
            return page_of(self.model_, type(self).__name__)
        return str(super()._html_repr())


def counting(table: pa.Table, y: Any, weight: Array | None) -> tuple[pa.Table, Any, Array | None]:
    """Return the rows that count: one of weight 0 is as if it were not there."""
    if weight is None or weight.shape != (table.num_rows,):
        return table, y, weight
    counts = weight != 0
    if counts.all() or not counts.any():
        return table, y, weight
    return table.filter(pa.array(counts)), y[counts], weight[counts]


def learn_columns(model: TableModel, table: pa.Table, of_target: Schema) -> None:
    """Teach a table model's encoder the columns, and how the target of a file is read."""
    targets, model.weight = model.target.targets, None
    # They are known columns, as where they stand in the table: nothing new in a later one.
    for name in targets:
        table = table.append_column(name, pa.nulls(table.num_rows))
    encoder = model.encoder
    encoder.fit(table, exclude=targets)
    readings = {**encoder.schema.readings, **of_target.readings}
    encoder.schema = replace(encoder.schema, readings=readings)
    encoder.notices += of_target.notes
