"""The targets that users hand to the table estimators, in any form, as arrays of numbers or labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.utils import check_array, check_consistent_length, column_or_1d

from chainrule.data import ColumnOptions, Findings, Schema
from chainrule.data.cells import clean_text, number_cells
from chainrule.data.forms.labels import LabelForm, folded
from chainrule.data.forms.missing import TEXT, is_marked
from chainrule.data.labels import Label
from chainrule.data.messages import listed, shown
from chainrule.data.plain import plain_column
from chainrule.data.readings import Reading
from chainrule.data.records import column_of
from chainrule.errors import DataError
from chainrule.estimators.validated import checked_weight
from chainrule.nn.arrays import Array

__all__ = [
    "alike",
    "as_known",
    "checked_target",
    "checked_weights",
    "numbers_of",
    "read_again",
    "schema_of_labels",
    "target_names",
]


def checked_target(estimator: Any, y: Any, rows: int | None, *, numeric: bool) -> Any:
    """Return a target as an array of shape (m,) or (m, k): of numbers, labels, or numbers as text.

    Parameters
    ----------
    estimator : TableClassifier or TableRegressor
    y : array, series or data frame
    rows : int or None
        How many there must be, if that is to be checked.
    numeric : bool
        Whether it is to be of numbers.

    Raises
    ------
    ValueError
        If a value is missing or infinite, or there is not one for each row.
    """
    if y is None:
        raise DataError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is None"
        )
    if isinstance(y, str):
        raise DataError(f"y is the text {shown(y)}: give the column itself, as X.pop({shown(y)})")
    is_array = isinstance(y, np.ndarray)
    y = in_numpy(y)
    check_present(y)
    given = check_array(
        y,
        accept_sparse="csr",
        ensure_2d=False,
        dtype=np.float64 if numeric and not is_text(y) else None,
        input_name="y",
        ensure_min_samples=0,
    )
    if rows is not None:
        check_consistent_length(given, np.empty(rows))
    if given.ndim == 2 and given.shape[1] == 1 and not hasattr(given, "tocsr"):
        given = column_or_1d(given, warn=is_array)
    if numeric and getattr(y, "dtype", given.dtype).kind in "mM":
        raise DataError(
            "y holds dates or times: give numbers, such as the days or hours since a moment"
        )
    return given


def in_numpy(y: Any) -> Any:
    """Return a series, a data frame or a column of Arrow as an array; all else as it is."""
    if isinstance(y, (pa.Array, pa.ChunkedArray)):
        if pa.types.is_dictionary(y.type) or pa.types.is_decimal(y.type):
            y = plain_column("y", y)
        if y.null_count:
            return np.array(y.to_pylist(), dtype=object)
        return y.to_numpy(zero_copy_only=False)
    return y.to_numpy() if hasattr(y, "to_numpy") else y


def check_present(y: Any) -> None:
    """Raise a DataError if one of several objects is missing."""
    if not isinstance(y, (list, tuple)) and getattr(getattr(y, "dtype", None), "kind", "") != "O":
        return
    missing = [i for i, entry in enumerate(y) if is_missing(entry)]
    if missing:
        raise DataError(
            f"y[{missing[0]}] is missing, one of {len(missing):,}: fill them, or leave out the rows"
        )


def is_missing(entry: Any) -> bool:
    """Say whether this is None, or what pandas writes for it."""
    return entry is None or type(entry).__name__ in ("NAType", "NaTType")


def is_text(y: Any) -> bool:
    """Say whether there is text in a target."""
    if isinstance(y, np.ndarray) and y.dtype.kind != "O":
        return y.dtype.kind in "US"
    values = y.ravel() if isinstance(y, np.ndarray) else y
    return isinstance(values, Iterable) and any(isinstance(entry, str) for entry in values)


def checked_weights(sample_weight: Any, rows: int) -> Array | None:
    """Return weights as float64, of shape (m,); one number is that of every row."""
    if isinstance(sample_weight, (int, float)):
        sample_weight = np.full(rows, sample_weight)
    return checked_weight(sample_weight, np.float64)


def numbers_of(y: Array, names: tuple[str, ...], options: ColumnOptions) -> tuple[Array, Schema]:
    """Return the numbers that a target says, and how text of it is read: not at all, if it has none.

    Parameters
    ----------
    y : ndarray of shape (m,) or (m, k)
    names : tuple of str
        Of the targets.
    options : ColumnOptions
        What the user says of text.

    Raises
    ------
    DataError
        If a cell is no number: the message names its row.
    """
    if y.dtype.kind not in "USO":
        return y, Schema()
    table = text_table(y, names)
    schema = Schema.of(table, replace(options, kinds={}, drop=()), names)
    return read_numbers(table, schema).reshape(y.shape), schema


def read_again(y: Array, names: tuple[str, ...], schema: Schema) -> Array:
    """Return the numbers of another target, whose text is read as that of the training was."""
    if y.dtype.kind not in "USO":
        return y
    if not set(names) <= set(schema.readings):
        return numbers_of(y, names, ColumnOptions())[0]
    return read_numbers(text_table(y, names), schema).reshape(y.shape)


def text_table(y: Array, names: tuple[str, ...]) -> pa.Table:
    """Return a target as a table."""
    columns = [column_of(values.tolist()) for values in y.reshape(len(y), -1).T]
    if len(columns) != len(names):
        raise DataError(f"y has {len(columns)} columns, where the training had {len(names)}")
    return pa.table(columns, names=list(names))


def read_numbers(table: pa.Table, schema: Schema) -> Array:
    """Return the columns of a table as numbers, of shape (m, k)."""
    found = []
    for name, cells in zip(table.column_names, table.columns, strict=True):
        values = plain_column(name, schema.column(name, cells))
        if values.type == TEXT:  # of plain numbers, which might be labels
            values = number_cells(values)
        if not is_number(values) or values.null_count == len(values):
            plainest = pc.index(pc.match_substring_regex(pc.cast(cells, TEXT), "^[^0-9]+$"), True)
            example = cells[max(plainest.as_py(), 0)].as_py()
            raise DataError(
                f"y is text, such as {shown(example)}, where numbers are needed: "
                "TableClassifier predicts labels"
            )
        if values.null_count:
            row = pc.index(pc.is_null(values), True).as_py()
            raise DataError(
                f"y[{row}] is {shown(cells[row].as_py())}, which is no number, one of "
                f"{values.null_count:,}: mend them, or leave out the rows"
            )
        found.append(values.to_numpy().astype(np.float64))
    return np.column_stack(found)


def is_number(values: pa.ChunkedArray) -> bool:
    """Say whether values are numbers."""
    return bool(pa.types.is_integer(values.type) or pa.types.is_floating(values.type))


def schema_of_labels(name: str, labels: tuple[Label, ...]) -> Schema:
    """Return how labels of a file are read: in any case and with any blanks, if that is safe.

    Parameters
    ----------
    name : str
        Of the target.
    labels : tuple of str, int, float or bool
        Those of the training.
    """
    words = [label for label in labels if isinstance(label, str)]
    if len({folded(word) for word in words}) < len(labels):
        return Schema()
    cells = pa.array(words, TEXT)
    if clean_text(cells).to_pylist() != words or pc.any(is_marked(cells)).as_py():
        return Schema()
    return Schema({name: Reading(name, "categorical", LabelForm(labels=tuple(words)))})


def alike(classes: Array) -> str:
    """Return a line on classes that differ by case or blanks alone, "" if there are none."""
    texts = [label for label in classes.tolist() if isinstance(label, str)]
    first: dict[str, str] = {}
    pairs = [
        (first[folded(label)], label)
        for label in texts
        if first.setdefault(folded(label), label) != label
    ]
    if not pairs:
        return ""
    one, other = pairs[0]
    more = f", and {len(pairs) - 1:,} more" if len(pairs) > 1 else ""
    return (
        f"y has classes that differ by case or blanks alone, {shown(one)} and {shown(other)}{more}: "
        "they are told apart"
    )


def as_known(name: str, y: Array, classes: Array) -> Array:
    """Return labels as the training rows spell them; a `DataWarning` names what is odd.

    Parameters
    ----------
    name : str
        Of the target.
    y : ndarray of shape (m,)
    classes : ndarray of shape (K,)
        The labels of the training rows.
    """
    if y.ndim != 1:
        return y
    labels = [label for label in classes.tolist() if isinstance(label, str)]
    of_folded = {folded(label): label for label in labels}
    known = set(classes.tolist())
    strange = [label for label in dict.fromkeys(y.tolist()) if label not in known]
    if not strange:
        return y
    findings = Findings()
    respelled = {}
    if len(of_folded) == len(labels):
        texts = [label for label in strange if isinstance(label, str)]
        respelled = {word: of_folded[folded(word)] for word in texts if folded(word) in of_folded}
    new = [label for label in strange if label not in respelled]
    if new:
        count = sum(label in set(new) for label in y.tolist())
        findings.add_line(
            f"column {shown(name)}: in {count:,} of {len(y):,} rows it has labels that the training "
            f"rows do not have, where no prediction is right: {listed(new, 3)}"
        )
    if respelled:
        findings.add_spelled(name, respelled)
        y = np.array([respelled.get(label, label) for label in y.tolist()], dtype=object)
        y = y.astype(classes.dtype) if not new else y
    findings.warn()
    return y


def target_names(y: Any, count: int, taken: tuple[str, ...]) -> tuple[str, ...]:
    """Return what the targets are called: as in their data frame, or y; never as an input is.

    Parameters
    ----------
    y : series, data frame or array
    count : int
        How many targets there are.
    taken : tuple of str
        The names of the inputs.
    """
    columns = getattr(y, "column_names", getattr(y, "columns", None))
    if columns is not None and len(columns) == count:
        names = [str(name) for name in columns]
    elif count == 1:
        name = getattr(y, "name", None)
        names = ["y" if name is None or callable(name) else str(name)]
    else:
        names = [f"y{j}" for j in range(count)]
    unique: list[str] = []
    for name in names:
        while name in taken or name in unique:
            name += "_"
        unique.append(name)
    return tuple(unique)
