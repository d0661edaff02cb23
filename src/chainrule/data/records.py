"""Rows as Python has them: a dictionary of columns, one row as a dictionary, a list of such rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from chainrule.data.messages import shown
from chainrule.errors import DataError

__all__ = ["column_of", "is_records", "table_of_records"]


def is_records(source: object) -> bool:
    """Say whether these are a dictionary, or a list of dictionaries."""
    if isinstance(source, Mapping):
        return not hasattr(source, "toarray")  # a sparse matrix of SciPy's, by its keys
    return isinstance(source, (list, tuple)) and bool(source) and isinstance(source[0], Mapping)


def table_of_records(source: Any) -> pa.Table:
    """Return a table of a dictionary or of a list of dictionaries; names become text.

    Parameters
    ----------
    source : dict of str to array, dict of str to value, or list of dict
        The columns; one row; or rows, in which a key that is missing is a missing value.

    Raises
    ------
    DataError
        If columns differ in length, or rows are no dictionaries.
    """
    if isinstance(source, Mapping):
        columns = columns_of(source)
    else:
        for number, row in enumerate(source, start=1):
            if not isinstance(row, Mapping):
                raise DataError(
                    f"row {number} is {shown(row)}, where the first one is a dictionary"
                )
        names = dict.fromkeys(name for row in source for name in row)
        columns = {str(name): column_of([row.get(name) for row in source]) for name in names}
    if not columns:
        raise DataError("the dictionary is empty: it needs a value for each column")
    return pa.table(columns)


def columns_of(source: Mapping[Any, Any]) -> dict[str, pa.Array]:
    """Return the columns of a dictionary of columns, or of one row."""
    one_row = not any(is_column(values) for values in source.values())
    columns = {
        str(name): column_of([values] if one_row or not is_column(values) else values)
        for name, values in source.items()
    }
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        first = next(iter(lengths))
        other = next(name for name in lengths if lengths[name] != lengths[first])
        raise DataError(
            f"column {shown(other)} has {lengths[other]:,} values and column {shown(first)} "
            f"{lengths[first]:,}: all columns need as many"
        )
    return columns


def is_column(values: Any) -> bool:
    """Say whether this is a column of values, and not one value."""
    if isinstance(values, (str, bytes, Mapping)):
        return False
    return isinstance(values, (Sequence, pa.Array, pa.ChunkedArray)) or np.ndim(values) > 0


def column_of(values: Iterable[Any]) -> pa.Array:
    """Return values as a column; of mixed types, each as text."""
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return values
    listed = (
        values.tolist() if isinstance(values, np.ndarray) and values.dtype == object else values
    )
    try:
        return pa.array(listed, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.array([text_of(value) for value in listed], pa.string())


def text_of(value: Any) -> str | None:
    """Return one value as text; None and NaN are missing."""
    missing = value is None or (isinstance(value, float) and np.isnan(value))
    return None if missing else str(value)
