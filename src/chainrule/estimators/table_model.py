"""TableModel: from a file or a data frame to predictions, everything that is between in one object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from chainrule.core import forward_output
from chainrule.data import (
    Findings,
    Schema,
    TableEncoder,
    TargetCodec,
    iterate_batches,
    read_table,
    rows_with_targets,
    weights,
)
from chainrule.data.task import check_targets
from chainrule.errors import DataError, ParameterError, unknown_name
from chainrule.estimators.base import BaseMLP
from chainrule.estimators.classifier import MLPClassifier
from chainrule.estimators.outputs import in_float64, outputs_of
from chainrule.estimators.persistence import chosen_settings
from chainrule.estimators.prediction_columns import prediction_columns
from chainrule.estimators.regressor import MLPRegressor
from chainrule.estimators.scaling import TargetScaling
from chainrule.estimators.table_checks import check_counts, check_outputs, check_roles, two_outputs
from chainrule.estimators.table_figures import figures
from chainrule.modelfile import ModelRecord, saveable
from chainrule.nn import Output, prediction, propagation
from chainrule.nn.arrays import Array
from chainrule.settings.presets import few_rows_batch, preset_settings

__all__ = ["TableModel"]

ESTIMATORS: dict[str, type[BaseMLP]] = {
    "MLPClassifier": MLPClassifier,
    "MLPRegressor": MLPRegressor,
}


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
    kinds : dict of str to str
        What columns are, by name: "number", "category", "date" or "truth".
    missing, decimal, thousands, date_format, day_first, strict
        How text is read, as `chainrule.data.ColumnOptions` has them.
    dtype : {"float64", "float32"}, optional
        The precision of the network; float32 with the preset "realmlp", else float64.
    preset : {"realmlp", "plain"}, optional
        A set of settings to start from; see `chainrule.settings.presets`.
    **settings
        Parameters of `MLPClassifier`, or of `MLPRegressor` if the task is a regression.

    Attributes
    ----------
    estimator : MLPClassifier or MLPRegressor
        The fitted estimator, on encoded columns.
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
        kinds: Mapping[str, str] | None = None,
        missing: Sequence[str] = (),
        decimal: str | None = None,
        thousands: str | None = None,
        date_format: str | None = None,
        day_first: bool | None = None,
        strict: bool = False,
        dtype: str | None = None,
        preset: str | None = None,
        **settings: Any,
    ) -> None:
        if dtype not in (None, "float64", "float32"):
            raise unknown_name("dtype", dtype, ("float64", "float32"))
        usual = preset_settings(preset, classification=True).get("precision", "float64")
        self.encoder = TableEncoder(
            categorical, numeric, drop, max_categories, kinds, missing=missing, decimal=decimal,
            thousands=thousands, date_format=date_format, day_first=day_first, strict=strict,
        )  # fmt: skip
        self.dtype = np.dtype(dtype or usual)
        self.preset = preset
        self.settings = settings
        self.summary: dict[str, Any] = {}

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
            The column to predict; several make a multilabel or a many-output model.
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
        table = as_table(source)
        targets = check_targets(table, target)
        if schema is None:
            unread = [] if weight is None else [weight]
            schema = Schema.of(table, self.encoder.options, targets, unread)
        table, left_out = rows_with_targets(schema.read(table), targets)
        self.target = TargetCodec.fit(table, targets, task)
        if self.target.task == "multiclass" and self.target.width == 2:
            # A classifier of two classes has one sigmoid output, not two of a softmax.
            self.target = TargetCodec("binary", self.target.targets, self.target.classes)
        check_roles(self.encoder, self.target.targets, weight)
        self.weight = weight
        # Weights first: a wrong name must not wait for the encoding.
        sample_weight = None if weight is None else weights(table, weight)
        used = [*self.target.targets, *([weight] if weight is not None else [])]
        self.encoder.fit(table, exclude=used, schema=schema)
        self.encoder.notices += [left_out] if left_out else []
        self.estimator = self._new_estimator(table.num_rows)
        Y = self.target.encode(table)
        scaled = self.target.task == "regression" and self.settings.get("loss") != "poisson"
        scaling = TargetScaling.of(Y) if scaled else None
        validation_data = None
        if validation is not None:
            validation_data = self._rows(self._known(validation))
        self.estimator._fit(
            self._encoded(table),
            self._estimator_target(Y),
            sample_weight,
            validation_data,
            known=scaling,
        )
        self.scaling = scaling or TargetScaling.none(self.estimator.network_.sizes[-1])
        check_outputs(self.target, self.estimator.network_)
        return self

    def _new_estimator(self, rows: int) -> BaseMLP:
        regression = self.target.task == "regression"
        kind: type[BaseMLP] = MLPRegressor if regression else MLPClassifier
        known = kind().get_params()
        for name in self.settings:
            if name not in known:
                if name in {**MLPClassifier().get_params(), **MLPRegressor().get_params()}:
                    raise ParameterError(f"{name} does not apply to a {self.target.task} task")
                raise unknown_name("setting", name, known)
        preset = preset_settings(self.preset, classification=not regression)
        if self.preset == "plain":
            preset["batch_size"] = few_rows_batch(rows)
        given = {**preset, **self.settings, "precision": None}  # the rows come in it
        if self.dtype == np.float32 and (given.get("scaling") or given.get("piecewise_linear")):
            given["precision"] = "float32"  # they come in float64: see _encoded
        if regression:
            given["standardize_target"] = False  # which is done here
        return kind(**given)

    def _encoded(self, rows: Any, first_row: int = 1, findings: Findings | None = None) -> Array:
        """Return rows as the estimator takes them, in the network's precision.

        Where the estimator goes on encoding, they are float64 until it has: beside an outlier of 1e12
        the values of a column are one in float32, however robustly it is scaled then.
        """
        goes_on = self.estimator.scaling is not None or self.estimator.piecewise_linear
        dtype = np.float64 if goes_on else self.dtype
        return self.encoder.transform(rows, first_row, dtype, findings)

    def _estimator_target(self, Y: Array) -> Array:
        """Return what the estimator takes as y: class numbers, an indicator matrix, or numbers."""
        match self.target.task:
            case "binary":
                return Y[:, 0].astype(np.int64)
            case "multiclass":
                return Y.argmax(axis=1)
            case "multilabel":
                return Y.astype(np.int64)
            case _:
                if self.settings.get("loss") == "poisson":
                    check_counts(Y, self.target.targets)
                return Y[:, 0] if Y.shape[1] == 1 else Y

    def check_rows(self, source: Any) -> None:
        """Raise the DataError that `evaluate` would raise for these rows; warn of nothing.

        Parameters
        ----------
        source : str, path, data frame or pyarrow.Table
            Rows with the target, and the weights' column if the model was trained with one.
        """
        self._rows(self._known(source), Findings())

    def _known(self, source: Any, findings: Findings | None = None) -> pa.Table:
        """Return the rows of a table whose targets are known, with values in place of text."""
        read = self.encoder.schema.read(as_table(source), findings)
        table, left_out = rows_with_targets(read, self.target.targets)
        if findings is not None and left_out:
            findings.add_line(left_out)
        return table

    def _rows(
        self, table: pa.Table, findings: Findings | None = None
    ) -> tuple[Array, Array, Array | None]:
        """Return encoded rows as the estimator takes them: X, y, weight."""
        return (
            self._encoded(table, findings=findings),
            self._estimator_target(self.target.encode(table)),
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
        findings = Findings()
        table = self._known(source, findings)
        X = self.estimator.encode(self._encoded(table, findings=findings))
        findings.warn()
        Y = self.output_targets(table)
        weight = None if self.weight is None else weights(table, self.weight).astype(self.dtype)
        return X, self.scaling.forward(Y).astype(self.dtype), weight

    def output_targets(self, table: pa.Table) -> Array:
        """Return the targets of rows in their own units, a column for each output of the network."""
        Y = self.target.encode(table)
        return np.hstack([1 - Y, Y]) if two_outputs(self.target, self.estimator.network_) else Y

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
        X = self.estimator.encode(self._encoded(batch, first_row, findings))
        network, parameters = self.estimator.network_, self.estimator.parameters_
        members = outputs_of(network, parameters, X, self.estimator.n_threads, first_row)
        output = prediction(network, members)
        columns = prediction_columns(self.target, self.scaling, network, output, first_row)
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
        findings = Findings()
        table = self._known(source, findings)
        findings.warn()
        X, targets, weight = self.network_rows(table)
        network, parameters = self.estimator.network_, self.estimator.parameters_
        members = forward_output(network, parameters, X, self.estimator.n_threads)
        cost = propagation.cost(network, parameters, members, targets, weight)
        output = prediction(network, in_float64(network, members))
        output = Output(output.Z, self.scaling.backward(output.A))
        return {
            "rows": table.num_rows,
            "cost": float(cost),
            **figures(self.target.task, network, output, self.output_targets(table), weight),
        }

    # -------------------------------------------------------------------------------------- keeping

    def to_record(self) -> ModelRecord:
        """Take the fitted model apart for `chainrule.save`."""
        if not hasattr(self, "estimator"):
            raise ParameterError("this TableModel is not fitted yet: there is nothing to save")
        estimator = self.estimator.to_record()
        return ModelRecord(
            "TableModel",
            estimator.network,
            estimator.parameters,
            {
                "estimator": {"kind": estimator.kind, "details": estimator.details},
                "encoder": self.encoder.to_dict(),
                "target": self.target.to_dict(),
                "scaling": self.scaling.to_dict(),
                "weight": self.weight,
                "summary": self.summary,
            },
        )

    @classmethod
    def from_record(cls, record: ModelRecord) -> TableModel:
        """Put together what `to_record` took apart."""
        details = record.details
        inner = details["estimator"]
        model = cls(dtype=record.parameters.dtype.name)
        model.estimator = ESTIMATORS[inner["kind"]].from_record(
            ModelRecord(inner["kind"], record.network, record.parameters, inner["details"])
        )
        model.settings = chosen_settings(model.estimator)
        model.encoder = TableEncoder.from_dict(details["encoder"])
        model.target = TargetCodec.from_dict(details["target"])
        model.scaling = TargetScaling.from_dict(details["scaling"], record.network.sizes[-1])
        if isinstance(model.estimator, MLPRegressor):
            model.estimator._scaling = model.scaling
        weight = details["weight"]
        if weight is not None and not isinstance(weight, str):
            raise DataError("the name of the weights' column is not a text")
        model.weight = weight
        model.summary = dict(details["summary"])
        if len(model.encoder.feature_names) != model.estimator.n_features_in_:
            raise DataError("the encoder's columns do not fit the network's inputs")
        check_outputs(model.target, model.estimator.network_)
        return model


def as_table(source: Any) -> pa.Table:
    """Return a table; files and data frames are read."""
    return source if isinstance(source, pa.Table) else read_table(source)
