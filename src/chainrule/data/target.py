"""Turning the target columns into the array that a network learns, and back; row weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from chainrule.data import checked
from chainrule.data.columns import to_numeric
from chainrule.data.labels import Label, Labels, check_present, fit_labels
from chainrule.data.messages import listed, shown
from chainrule.data.plain import plain_column
from chainrule.data.task import TASKS, Task, check_targets, resolve_task
from chainrule.errors import DataError, ParameterError, nearest_name, unknown_name

__all__ = ["TargetCodec", "weights"]


class TargetCodec:
    """Translates between target columns and the arrays that a network learns and predicts.

    ============  ======================  ===================================================
    task          shape of the array      its values
    ============  ======================  ===================================================
    binary        (m, 1)                  0 for the first class, 1 for the second
    multiclass    (m, number of classes)  1 in the column of the row's class, else 0
    multilabel    (m, number of targets)  0 or 1, as for binary, in each column
    regression    (m, number of targets)  the numbers
    ============  ======================  ===================================================

    The classes of a column are sorted: no before yes, 0 before 1, false before true.

    Parameters
    ----------
    task : Task
        What is learned.
    targets : sequence of str
        The target columns.
    classes : sequence of Labels
        The classes of each target; none for regression.

    Examples
    --------
    >>> table = pa.table({"grown": ["yes", "no", "yes"]})
    >>> codec = TargetCodec.fit(table, "grown")
    >>> codec.task, codec.labels
    ('binary', ('no', 'yes'))
    >>> codec.decode(np.array([1, 0])).to_pylist()
    ['yes', 'no']
    """

    def __init__(self, task: Task, targets: Sequence[str], classes: Sequence[Labels] = ()) -> None:
        self.task: Task = task
        self.targets = tuple(targets)
        self.classes = tuple(classes)

    @classmethod
    def fit(
        cls, table: pa.Table, targets: str | Sequence[str], task: str | None = None
    ) -> TargetCodec:
        """Learn the classes, and the task unless it is named, from the training rows.

        Parameters
        ----------
        table : pyarrow.Table
            The training rows.
        targets : str or sequence of str
            The target column, or several.
        task : str, optional
            One of `TASKS`, or ``"classification"`` for binary or multiclass, whichever fits; by
            default what `infer_task` says.

        Raises
        ------
        DataError
            If a target has missing or infinite values, has one class or more than 1,000, or does
            not fit the task.
        ParameterError
            If there is no such column or task.
        """
        names = check_targets(table, targets)
        resolved = resolve_task(table, names, task)
        if resolved == "regression":
            codec = cls(resolved, names)
            _check_varied(names, codec.encode(table))
            return codec
        return cls(resolved, names, [fit_labels(name, table.column(name)) for name in names])

    @property
    def labels(self) -> tuple[Any, ...]:
        """The classes in their own types: of the one target, or a tuple for each of several."""
        values: tuple[tuple[Label, ...], ...] = tuple(labels.values for labels in self.classes)
        return values if self.task == "multilabel" or not values else values[0]

    @property
    def width(self) -> int:
        """The number of columns of the encoded array."""
        return len(self.labels) if self.task == "multiclass" else len(self.targets)

    def encode(self, table: pa.Table, first_row: int = 1) -> NDArray[np.float64]:
        """Return the targets as the array that a network learns.

        Parameters
        ----------
        table : pyarrow.Table or pyarrow.RecordBatch
            The rows.
        first_row : int, default 1
            The number of the first row, for messages.

        Returns
        -------
        ndarray of shape (m, width)
            The encoded targets, C-contiguous.

        Raises
        ------
        DataError
            If a target is missing, or has a value that is no class or no finite number.
        """
        columns = [_target_column(table, name) for name in self.targets]
        if self.task == "regression":
            numbers = [
                _regression_target(cells, name, first_row)
                for name, cells in zip(self.targets, columns, strict=True)
            ]
            return np.ascontiguousarray(np.stack(numbers, axis=1))
        indices = [
            labels.numbers_of(cells, first_row)
            for labels, cells in zip(self.classes, columns, strict=True)
        ]
        if self.task == "multiclass":
            return np.eye(self.width)[indices[0]]
        return np.ascontiguousarray(np.stack(indices, axis=1), dtype=np.float64)

    def counts(self, table: pa.Table) -> dict[Label, int]:
        """Return the rows of each class; of numbers, or of several labels, there are no classes."""
        if self.task not in ("binary", "multiclass"):
            return {}
        Y = self.encode(table)
        rows = Y.sum(axis=0) if Y.shape[1] > 1 else [len(Y) - Y.sum(), Y.sum()]
        return {label: int(count) for label, count in zip(self.labels, rows, strict=True)}

    def decode(self, numbers: NDArray[np.integer], target: str | None = None) -> pa.Array:
        """Return the labels of class numbers.

        Parameters
        ----------
        numbers : ndarray of shape (m,)
            The number of each row's class: 0 for the first label, and so on.
        target : str, optional
            Whose classes; it has to be said if there are several targets.

        Returns
        -------
        pyarrow.Array
            The labels, in their own type.
        """
        if self.task == "regression":
            raise ParameterError("a regression has no classes to decode")
        if target is None and len(self.targets) > 1:
            raise ParameterError(f"say whose classes: target= one of {listed(self.targets)}")
        if target is not None and target not in self.targets:
            raise unknown_name("target column", target, self.targets)
        place = 0 if target is None else self.targets.index(target)
        return self.classes[place].labels_of(numbers)

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""
        return {
            "task": self.task,
            "targets": list(self.targets),
            "classes": [labels.to_dict() for labels in self.classes],
        }

    @classmethod
    def from_dict(cls, value: object) -> TargetCodec:
        """Return the codec that `to_dict` described.

        Parameters
        ----------
        value : object
            What was read from a model file; nothing is taken for granted.

        Raises
        ------
        ModelFileError
            If anything about it is odd.
        """
        entries = checked.mapping(value, "the target", ("task", "targets", "classes"))
        task = cast("Task", checked.text(entries["task"], "the task", known=TASKS))
        targets = checked.texts(entries["targets"], "the targets")
        listed_classes = checked.items(entries["classes"], "the classes of the targets")
        classes = [Labels.from_dict(item) for item in listed_classes]
        owners = () if task == "regression" else targets
        if not targets or tuple(labels.column for labels in classes) != owners:
            raise checked.damaged("the targets and their classes do not belong together")
        if task in ("binary", "multiclass") and len(targets) != 1:
            raise checked.damaged(f"the task {task!r} has {len(targets)} targets")
        if task in ("binary", "multilabel") and any(len(c.values) != 2 for c in classes):
            raise checked.damaged(f"a target of the task {task!r} has other than two classes")
        return cls(task, targets, classes)


def weights(table: pa.Table, column: str, first_row: int = 1) -> NDArray[np.float64]:
    """Return how much each row counts.

    Parameters
    ----------
    table : pyarrow.Table or pyarrow.RecordBatch
        The rows.
    column : str
        The column of the weights: finite numbers, none below zero and not all zero.
    first_row : int, default 1
        The number of the first row, for messages.

    Returns
    -------
    ndarray of shape (m,)
        The weights.

    Raises
    ------
    DataError
        If a weight is missing, negative or infinite, or all are zero; the message names the row.
    ParameterError
        If there is no such column.
    """
    if column not in table.schema.names:
        raise unknown_name("weight column", column, table.schema.names)
    values = to_numeric(table.column(column), column, first_row)
    for bad, what in ((np.isnan(values), "is missing"), (values < 0, "is negative")):
        if bad.any():
            row = first_row + int(np.argmax(bad))
            raise DataError(
                f"the weight {shown(column)} {what} in row {row}: every row needs a weight of zero "
                "or more"
            )
    if not values.any():
        raise DataError(f"the weights {shown(column)} are zero in every row: some row has to count")
    return values


def _check_varied(names: Sequence[str], Y: NDArray[np.float64]) -> None:
    for name, values in zip(names, Y.T, strict=True):
        if values.min() == values.max():
            raise DataError(
                f"the target {shown(name)} is {values[0]:g} in every row: there is nothing to learn"
            )


def _target_column(table: pa.Table, name: str) -> pa.ChunkedArray:
    if len(table.schema.get_all_field_indices(name)) != 1:
        names = table.schema.names
        nearest = nearest_name(name, names)
        hint = f" (is it {shown(nearest)}?)" if nearest and name not in names else ""
        found = "is missing" if name not in names else "is there more than once"
        raise DataError(f"the target {shown(name)} {found}{hint}: the table needs it once")
    return table.column(name)


def _regression_target(cells: pa.ChunkedArray, name: str, first_row: int) -> NDArray[np.float64]:
    check_present(name, plain_column(name, cells), first_row)
    return to_numeric(cells, name, first_row)
