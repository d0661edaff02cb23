"""TableModel: from a file or a data frame to predictions, everything that is between in one object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from chainrule.core import forward_output
from chainrule.data import (
    Findings,
    TableEncoder,
    TargetCodec,
    iterate_batches,
    read_table,
    weights,
)
from chainrule.errors import ParameterError, unknown_name
from chainrule.estimators.fitted import Fitted
from chainrule.estimators.outputs import in_float64
from chainrule.estimators.prediction_columns import prediction_columns
from chainrule.estimators.scaling import TargetScaling
from chainrule.estimators.table_checks import check_counts, check_outputs, check_roles, two_outputs
from chainrule.estimators.table_figures import figures
from chainrule.estimators.table_record import parts_of_record, table_record
from chainrule.estimators.table_training import (
    encodes_further,
    estimator_target,
    fit_encoded,
    table_settings,
    table_target,
)
from chainrule.modelfile import ModelRecord, saveable
from chainrule.nn import Output, prediction, propagation
from chainrule.nn.arrays import Array
from chainrule.settings.presets import preset_settings

if TYPE_CHECKING:  # scikit-learn takes a second to import, and is no part of a training
    from chainrule.estimators.classifier import MLPClassifier
    from chainrule.estimators.regressor import MLPRegressor

__all__ = ["TableModel"]


@saveable
class TableModel:
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
    dtype : {"float64", "float32"}, optional
        The precision of the network; float32 with the preset "realmlp", else float64.
    preset : {"realmlp", "plain"}, optional
        A set of settings to start from; see `chainrule.settings.presets`.
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
        usual = preset_settings(preset, classification=True).get("precision", "float64")
        self.encoder = TableEncoder(categorical, numeric, drop, max_categories)
        self.dtype = np.dtype(dtype or usual)
        self.preset = preset
        self.settings = settings
        self.summary: dict[str, Any] = {}
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
    ) -> TableModel:
        """Learn how to encode the rows, and train the network on them.

        Parameters
        ----------
        source : str, path, data frame or pyarrow.Table
            The training rows.
        target : str or sequence of str
            The column to predict; several make a multilabel or a many-output model.
        task : str, optional
            "binary", "multiclass", "classification", "multilabel" or "regression", if it is not to
            be read off the target.
        weight : str, optional
            The column of observation weights.
        validation : str, path, data frame or pyarrow.Table, optional
            Validation rows, with the same columns.

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
        table = as_table(source)
        self.target = TargetCodec.fit(table, target, task)
        if self.target.task == "multiclass" and self.target.width == 2:
            # A classifier of two classes has one sigmoid output, not two of a softmax.
            self.target = TargetCodec("binary", self.target.targets, self.target.classes)
        check_roles(self.encoder, self.target.targets, weight)
        self.weight = weight
        # Weights first: a wrong name must not wait for the encoding.
        sample_weight = None if weight is None else weights(table, weight)
        used = [*self.target.targets, *([weight] if weight is not None else [])]
        self.estimator_settings = table_settings(
            self.target.task, self.settings, self.preset, self.dtype, table.num_rows
        )
        self.encoder.fit(table, exclude=used)
        Y = self.target.encode(table)
        scaled = self.target.task == "regression" and self.settings.get("loss") != "poisson"
        scaling = TargetScaling.of(Y) if scaled else None
        self._publish(
            fit_encoded(
                self.estimator_settings,
                table_target(self.target, self.estimator_settings, scaling),
                (self._encoded(table), self._target_rows(Y), sample_weight),
                None if validation is None else self._rows(as_table(validation)),
                self.encoder.feature_names,
            ),
            scaling,
        )
        return self

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

    @property
    def fitted(self) -> Fitted:
        """The fitted network, with its parameters and its history."""
        if self._fitted is None:
            raise AttributeError("this TableModel is not fitted yet")
        return self._fitted

    def _encoded(self, rows: Any, first_row: int = 1, findings: Findings | None = None) -> Array:
        """Return rows as the estimator takes them, in the network's precision or in float64."""
        dtype = np.float64 if encodes_further(self.estimator_settings) else self.dtype
        return self.encoder.transform(rows, first_row, dtype, findings)

    def _target_rows(self, Y: Array) -> Array:
        """Return encoded targets as the estimator takes y."""
        if self.settings.get("loss") == "poisson":
            check_counts(Y, self.target.targets)
        return estimator_target(self.target, Y)

    def check_rows(self, source: Any) -> None:
        """Raise the DataError that `evaluate` would raise for these rows; warn of nothing.

        Parameters
        ----------
        source : str, path, data frame or pyarrow.Table
            Rows with the target, and the weights' column if the model was trained with one.
        """
        self._rows(as_table(source), Findings())

    def _rows(
        self, table: pa.Table, findings: Findings | None = None
    ) -> tuple[Array, Array, Array | None]:
        """Return encoded rows as the estimator takes them: X, y, weight."""
        return (
            self._encoded(table, findings=findings),
            self._target_rows(self.target.encode(table)),
            None if self.weight is None else weights(table, self.weight),
        )

    def network_rows(self, source: Any) -> tuple[Array, Array, Array | None]:
        """Return rows as the network itself takes them: inputs, targets and weights.

        Parameters
        ----------
        source : str, path, data frame or pyarrow.Table
            Rows with the target, and the weights' column if the model was trained with one.

        Returns
        -------
        X : ndarray of shape (m, n_0)
            Encoded and scaled.
        Y : ndarray of shape (m, n_L)
            Those of a regression are standardized.
        weight : ndarray of shape (m,) or None
        """
        table = as_table(source)
        X = self.fitted.inputs(self._encoded(table))
        Y = self.output_targets(table)
        weight = None if self.weight is None else weights(table, self.weight).astype(self.dtype)
        return X, self.scaling.forward(Y).astype(self.dtype), weight

    def output_targets(self, table: pa.Table) -> Array:
        """Return the targets of rows in their own units, a column for each output of the network."""
        Y = self.target.encode(table)
        return np.hstack([1 - Y, Y]) if two_outputs(self.target, self.fitted.network) else Y

    # ------------------------------------------------------------------------- predicting and judging

    def predict(self, source: Any) -> pa.Table:
        """Return the predictions for every row, as a table in the rows' order.

        Parameters
        ----------
        source : str, path, data frame or pyarrow.Table
            Rows with the columns that the model was trained on, in any order.

        Returns
        -------
        pyarrow.Table
            "prediction", and for classes a "probability_LABEL" for each; with several targets,
            "prediction_TARGET" for each, and if they are labels "probability_TARGET_LABEL" of the
            second label of each: of yes, 1 or true.

        Raises
        ------
        DataError
            If a column is missing, or a cell cannot be read.
        """
        return pa.Table.from_batches(self.predict_batches(source))

    def predict_batches(
        self, source: Any, *, rows: int = 65_536, **reading: Any
    ) -> Iterator[pa.RecordBatch]:
        """Yield the predictions batch by batch, in bounded memory.

        Parameters
        ----------
        source
            As for `predict`.
        rows : int
            At most so many rows a batch.
        **reading
            Options of `chainrule.data.iterate_batches`: delimiter, header, encoding.

        Yields
        ------
        pyarrow.RecordBatch
        """
        findings = Findings()
        first_row = 1
        for batch in iterate_batches(source, rows=rows, **reading):
            yield self.predict_rows(batch, first_row, findings)
            first_row += batch.num_rows
        findings.warn()

    def predict_rows(self, batch: Any, first_row: int, findings: Findings) -> pa.RecordBatch:
        """Return the predictions for one batch, whose first row has the number `first_row`."""
        X = self.fitted.inputs(self._encoded(batch, first_row, findings))
        output = self.fitted.output(X, self.n_threads, first_row)
        columns = prediction_columns(
            self.target, self.scaling, self.fitted.network, output, first_row
        )
        return pa.RecordBatch.from_pydict(columns)

    def evaluate(self, source: Any) -> dict[str, float]:
        """Return how good the model is on rows whose target is known.

        Parameters
        ----------
        source : str, path, data frame or pyarrow.Table
            Rows with the target, and the weights' column if the model was trained with one.

        Returns
        -------
        dict of str to float
            "rows" and "cost" (that of the training, penalty included; of a regression, on the
            standardized targets), and accuracy, roc_auc and log_loss, or r2, rmse and mae in the
            target's own units. NaN where a figure is not defined, as the ROC AUC of one class.
        """
        table = as_table(source)
        X, targets, weight = self.network_rows(table)
        network, parameters = self.fitted.network, self.fitted.parameters
        members = forward_output(network, parameters, X, self.n_threads)
        cost = propagation.cost(network, parameters, members, targets, weight)
        output = prediction(network, in_float64(network, members))
        output = Output(output.Z, self.scaling.backward(output.A))
        return {
            "rows": table.num_rows,
            "cost": float(cost),
            **figures(self.target.task, network, output, self.output_targets(table), weight),
        }

    @property
    def n_threads(self) -> int | None:
        """Threads to compute on; the result is the same."""
        given: int | None = self.estimator_settings["n_threads"]
        return given

    @n_threads.setter
    def n_threads(self, count: int | None) -> None:
        self.estimator_settings["n_threads"] = count

    # -------------------------------------------------------------------------------------- keeping

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


def as_table(source: Any) -> pa.Table:
    """Return a table; files and data frames are read."""
    return source if isinstance(source, pa.Table) else read_table(source)
