"""TableModel: from a file or a data frame to predictions, everything that is between in one object."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa

from chainrule.data import (
    READING_OPTIONS,
    Schema,
    TableEncoder,
    TargetCodec,
)
from chainrule.data.leaks import leak_line, leaks
from chainrule.data.task import task_line
from chainrule.errors import ParameterError, unknown_name
from chainrule.estimators.fitted import Fitted
from chainrule.estimators.fitted_table import FittedTable, in_text
from chainrule.estimators.scaling import TargetScaling
from chainrule.estimators.table_checks import check_outputs, check_roles
from chainrule.estimators.table_page import line_of, page_of
from chainrule.estimators.table_record import parts_of_record, table_record
from chainrule.estimators.table_rows import as_table, training_rows
from chainrule.estimators.table_training import (
    fit_encoded,
    table_settings,
    table_target,
)
from chainrule.modelfile import ModelRecord, saveable
from chainrule.nn.arrays import Array
from chainrule.settings.presets import named_preset, preset_settings

if TYPE_CHECKING:  # scikit-learn takes a second to import, and is no part of a training
    from chainrule.estimators.classifier import MLPClassifier
    from chainrule.estimators.regressor import MLPRegressor

__all__ = ["TableModel"]


@saveable
class TableModel(FittedTable):
    """A network together with what it needs to read tables: encoder, classes, scaling.

    It takes files (CSV, Parquet, Arrow, NPZ), data frames and Arrow tables. Columns are encoded by
    `chainrule.data.TableEncoder` as it learned from the training rows; the task is read off the
    target, or named; the targets of a regression are standardized for the network and predicted in
    their own units. `chainrule train` makes one, and `chainrule.load` gives it back.

    Parameters
    ----------
    categorical, numeric, drop : sequence of str
        Columns to take as categories, to take as numbers, to leave out.
    max_categories : int
        Most categories of a column that are told apart.
    kinds, missing, decimal, thousands, date_format, day_first, strict
        How columns are read, as `chainrule.data.options_of` has them.
    dtype : {"float64", "float32"}, optional
        The precision of the network; float32 with the presets "realmlp" and "pack", else float64.
    preset : {"auto", "realmlp", "plain", "pack"}, optional
        A set of settings to start from; see `chainrule.settings.presets`. "auto" is "pack", or
        "realmlp" where a setting describes one network.
    **settings
        Parameters of `MLPClassifier`, or of `MLPRegressor` if the task is a regression.

    Attributes
    ----------
    fitted : Fitted
        The network, its parameters, and the history of their training.
    estimator : MLPClassifier or MLPRegressor
        The same as a fitted estimator, on encoded columns.
    encoder : TableEncoder
    target : TargetCodec
        ``target.task`` is binary, multiclass, multilabel or regression.
    summary : dict
        What was trained on, and how it went: plain values, saved with the model.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {"size": [1.0, 2.0, 3.0, 4.0], "kind": list("abab"), "y": list("nnyy")}
    ... )
    >>> model = TableModel(hidden_layer_sizes=(4,), solver="lbfgs", random_state=0).fit(frame, "y")
    >>> model.predict(frame)["prediction"].to_pylist()
    ['n', 'n', 'y', 'y']
    """

    def __init__(
        self,
        *,
        categorical: Sequence[str] = (),
        numeric: Sequence[str] = (),
        drop: Sequence[str] = (),
        max_categories: int = 100,
        dtype: str | None = None,
        preset: str | None = None,
        **settings: Any,
    ) -> None:
        if dtype not in (None, "float64", "float32"):
            raise unknown_name("dtype", dtype, ("float64", "float32"))
        preset = named_preset(preset, settings)
        usual = preset_settings(preset, classification=True).get("precision", "float64")
        reading = {name: settings.pop(name) for name in READING_OPTIONS if name in settings}
        self.encoder = TableEncoder(categorical, numeric, drop, max_categories, **reading)
        self.dtype = np.dtype(dtype or usual)
        self.preset = preset
        self.settings = settings
        self.summary: dict[str, Any] = {}
        self.estimator_settings: dict[str, Any] = {}
        self._fitted: Fitted | None = None
        self._estimator: MLPClassifier | MLPRegressor | None = None

    # ------------------------------------------------------------------------------------- training

    def fit(
        self,
        source: Any,
        target: str | Sequence[str],
        *,
        task: str | None = None,
        weight: str | None = None,
        validation: Any = None,
        schema: Schema | None = None,
    ) -> TableModel:
        """Learn how to encode the rows, and train the network on them.

        Parameters
        ----------
        source : str, path, data frame or pyarrow.Table
            The training rows.
        target : str or sequence of str
            The column to predict; several make a multilabel or a many-output model. A column that a
            data frame numbers is known by its number, or by that as text.
        task : str, optional
            "binary", "multiclass", "classification", "multilabel" or "regression", if it is not to
            be read off the target.
        weight : str, optional
            The column of observation weights.
        validation : str, path, data frame or pyarrow.Table, optional
            Validation rows, with the same columns.
        schema : Schema, optional
            How the columns are read, where more rows than these say it.

        Returns
        -------
        self

        Raises
        ------
        DataError
            If a table cannot be used: the message names column and row.
        ParameterError
            If a setting or a column name is wrong: the message names the nearest right one.
        DivergenceError
            If training diverges.
        """
        target = in_text(target)
        is_file = isinstance(source, str | os.PathLike)
        notes: list[str] = []  # of a data frame they are warnings
        source = as_table(source, notes if is_file else None)
        given = (source, target, weight, self.encoder.options, schema)
        table, schema, left_out = training_rows(*given)
        self.target = TargetCodec.fit(table, target, task)
        if self.target.task == "multiclass" and self.target.width == 2:
            # A classifier of two classes has one sigmoid output, not two of a softmax.
            self.target = TargetCodec("binary", self.target.targets, self.target.classes)
        check_roles(self.encoder, self.target.targets, weight)
        self.weight = weight
        # Weights first: a wrong name must not wait for the encoding.
        sample_weight = self._weights(table)
        used = [*self.target.targets, *([weight] if weight is not None else [])]
        self.encoder.fit(table, exclude=used, schema=schema)
        leaks = self.leaks_of(table, self.target.encode(table))
        more = [left_out, self._target_line(table, task), leaks]
        notices = [*notes, *self.encoder.notices, *more]
        self.encoder.notices = [line for line in notices if line]
        aside = None
        if validation is not None:
            valid = self._known(validation)
            aside = (valid, self.target.encode(valid), self._weights(valid))
        return self.train(table, self.target.encode(table), sample_weight, aside)

    def _target_line(self, table: pa.Table, task: str | None) -> str:
        targets = self.target.targets
        return task_line(table, targets, self.target.task) if task is None else ""

    def leaks_of(self, table: pa.Table, Y: Array) -> str:
        """Return a line on the columns that give the target away, "" if there are none.

        Parameters
        ----------
        table : pyarrow.Table
            The training rows, which were read by the encoder's schema.
        Y : ndarray of shape (m, target.width)
        """
        encoder = self.encoder
        found = leaks(table, encoder.schema, encoder.columns, Y, self.target.task)
        return leak_line(found, self.target.targets[0]) if found else ""

    def train(
        self,
        table: pa.Table,
        Y: Array,
        weight: Array | None = None,
        validation: tuple[pa.Table, Array, Array | None] | None = None,
    ) -> TableModel:
        """Train on rows that `encoder` and `target` have learned from.

        Parameters
        ----------
        table : pyarrow.Table
        Y : ndarray of shape (m, target.width)
            The targets, as `target` encodes them.
        weight : ndarray of shape (m,), optional
        validation : tuple (table, Y, weight), optional
        """
        self.estimator_settings = table_settings(
            self.target.task, self.settings, self.preset, self.dtype, len(Y)
        )
        scaled = self.target.task == "regression" and self.settings.get("loss") != "poisson"
        scaling = TargetScaling.of(Y) if scaled else None
        target = table_target(self.target, self.estimator_settings, scaling)
        rows = self._estimator_rows(table, Y, weight)
        aside = None if validation is None else self._estimator_rows(*validation)
        names = self.encoder.feature_names
        fitted = fit_encoded(self.estimator_settings, target, rows, aside, names)
        self._publish(fitted, scaling)
        return self

    def _estimator_rows(
        self, table: pa.Table, Y: Array, weight: Array | None
    ) -> tuple[Array, Array, Array | None]:
        """Return rows as the estimator takes them: X, y, weight."""
        return self._encoded(table), self._target_rows(Y), weight

    @property
    def classifier(self) -> MLPClassifier:
        """`estimator`, of a model that tells classes."""
        return cast("MLPClassifier", self.estimator)

    def _publish(self, fitted: Fitted, scaling: TargetScaling | None) -> None:
        self._fitted, self._estimator = fitted, None
        self.scaling = scaling or TargetScaling.none(fitted.network.sizes[-1])
        check_outputs(self.target, fitted.network)

    @property
    def estimator(self) -> MLPClassifier | MLPRegressor:
        """The fitted estimator, on encoded columns; it shares the network's parameters with this."""
        if self._estimator is None:
            from chainrule.estimators.classifier import MLPClassifier
            from chainrule.estimators.regressor import MLPRegressor

            regression = self.target.task == "regression"
            kind = MLPRegressor if regression else MLPClassifier
            self._estimator = kind.from_fitted(self.estimator_settings, self.fitted)
        return self._estimator

    # -------------------------------------------------------------------------------------- keeping

    def __repr__(self) -> str:
        return line_of(self)

    def _repr_html_(self) -> str:
        return page_of(self)

    def to_record(self) -> ModelRecord:
        """Take the fitted model apart for `chainrule.save`."""
        if self._fitted is None:
            raise ParameterError("this TableModel is not fitted yet: there is nothing to save")
        return table_record(self)

    @classmethod
    def from_record(cls, record: ModelRecord) -> TableModel:
        """Put together what `to_record` took apart."""
        parts = parts_of_record(record)
        model = cls(dtype=record.parameters.dtype.name)
        model.settings, model.estimator_settings = parts.chosen, parts.settings
        model.encoder, model.target, model.weight = parts.encoder, parts.target, parts.weight
        model.summary = parts.summary
        model._publish(parts.fitted, parts.scaling)
        return model
