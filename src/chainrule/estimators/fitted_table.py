"""What a fitted table model does with rows: encode, predict and judge them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from chainrule.core import forward_output
from chainrule.data import Findings, TableEncoder, TargetCodec, iterate_batches, weights
from chainrule.data.labels import Label
from chainrule.estimators.fitted import Fitted
from chainrule.estimators.outputs import in_float64
from chainrule.estimators.prediction_columns import prediction_columns
from chainrule.estimators.scaling import TargetScaling
from chainrule.estimators.table_checks import check_counts, two_outputs
from chainrule.estimators.table_figures import figures
from chainrule.estimators.table_rows import as_table, known_rows
from chainrule.estimators.table_training import encodes_further, estimator_target
from chainrule.nn import Output, prediction, propagation
from chainrule.nn.arrays import Array

__all__ = ["FittedTable", "in_text"]


class FittedTable:
    """A fitted network with what it needs to read tables; `TableModel` is one that can be fitted.

    Attributes
    ----------
    encoder : TableEncoder
    target : TargetCodec
    weight : str or None
        The column of the weights.
    scaling : TargetScaling
        Of the targets of a regression.
    dtype : dtype
        Of the network.
    settings, estimator_settings : dict
        The settings that were chosen, and all of them.
    """

    encoder: TableEncoder
    target: TargetCodec
    weight: str | None
    scaling: TargetScaling
    dtype: np.dtype[Any]
    settings: dict[str, Any]
    estimator_settings: dict[str, Any]
    _fitted: Fitted | None

    @property
    def fitted(self) -> Fitted:
        """The fitted network, with its parameters and its history."""
        if self._fitted is None:
            raise AttributeError("this TableModel is not fitted yet")
        return self._fitted

    def encode(self, source: Any) -> Array:
        """Return rows as `estimator` takes them: what `encoder` makes of them, in its precision."""
        return self._encoded(as_table(source))

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
        table = self._known(source, Findings())
        self._encoded(table, findings=Findings())
        self._target_rows(self.target.encode(table))
        self._weights(table)

    def _known(self, source: Any, findings: Findings | None = None) -> pa.Table:
        """Return rows with values in place of text; what is odd is warned of unless it is noted."""
        noted = Findings() if findings is None else findings
        rows = known_rows(source, self.encoder.schema, self.target.targets, noted)
        if findings is None:
            noted.warn()
        return rows

    def class_counts(self, source: Any) -> dict[Label, int]:
        """Return the rows of each class in a table; of numbers, or of several labels, none.

        Parameters
        ----------
        source : str, path, data frame or pyarrow.Table
            Rows with the target.
        """
        return self.target.counts(self._known(source, Findings()))

    def _weights(self, table: pa.Table) -> Array | None:
        """Return the weights of rows, if the model was trained with some."""
        return None if self.weight is None else weights(table, self.weight)

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
        table = self._known(source)
        X = self.fitted.inputs(self._encoded(table))
        Y = self.output_targets(table)
        weight = self._weights(table)
        weight = None if weight is None else weight.astype(self.dtype)
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
        table = self._known(source)
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


def in_text(names: Any) -> str | list[str]:
    """Return the name of a column, or names, as text: pandas numbers columns that have none."""
    is_one = isinstance(names, str) or not isinstance(names, Iterable)
    return str(names) if is_one else [str(name) for name in names]
