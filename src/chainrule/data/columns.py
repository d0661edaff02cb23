"""What a column is, and how to turn one into numbers, truth values, dates or categories.

Rows are numbered from 1: row 1 is the first row of data, a header line is not counted. A function
that looks at a part of a table takes the number of that part's first row as `first_row`, so that
its messages name the row of the whole table.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from chainrule.data.cells import (
    TEXT,
    boolean_cells,
    canonical_cells,
    clean_text,
    date_cells,
    number_cells,
)
from chainrule.data.messages import shown
from chainrule.data.plain import all_numbers, first_where, missing_count, plain_column
from chainrule.errors import DataError

__all__ = [
    "Kind",
    "canonical_text",
    "to_booleans",
    "to_dates",
    "to_numeric",
]

Kind = Literal["numeric", "boolean", "categorical", "date"]
"""What a column is to the encoder."""


def to_numeric(column: pa.ChunkedArray, name: str, first_row: int = 1) -> NDArray[np.float64]:
    """Return a column as floats, NaN where a value is missing.

    Parameters
    ----------
    column : pyarrow.Array or pyarrow.ChunkedArray
        Numbers, truth values, or text that spells numbers.
    name : str
        The column's name, for messages.
    first_row : int, default 1
        The number of the column's first row in the whole table.

    Returns
    -------
    ndarray of shape (m,)
        The values.

    Raises
    ------
    DataError
        If a cell is not a number, or is infinite; the message names column, row and text.
    """
    plain = plain_column(name, column)
    if pa.types.is_timestamp(plain.type):
        raise DataError(f"column {shown(name)} holds dates where numbers are needed")
    if plain.type == TEXT:
        numbers = _read(plain, number_cells(plain), name, first_row, "a number")
        values = _to_numpy(numbers)
    elif pa.types.is_boolean(plain.type):
        values = _to_numpy(pc.cast(plain, pa.float64()))
    else:
        values = np.asarray(plain.to_numpy(), dtype=np.float64)
    infinite = np.isinf(values)
    if infinite.any():
        index = int(np.argmax(infinite))
        raise DataError(
            f"column {shown(name)}, row {first_row + index}: {shown(plain[index].as_py())} is not "
            "a finite number: correct it, or leave the cell empty"
        )
    return values


def to_booleans(column: pa.ChunkedArray, name: str, first_row: int = 1) -> NDArray[np.float64]:
    """Return a column of truth values as 0 and 1, NaN where a value is missing.

    Truth values, the words true, false, yes and no, and the numbers 0 and 1 are taken.

    Parameters
    ----------
    column : pyarrow.Array or pyarrow.ChunkedArray
        The column.
    name : str
        Its name, for messages.
    first_row : int, default 1
        The number of the column's first row in the whole table.
    """
    plain = plain_column(name, column)
    expected = "true or false"
    if pa.types.is_boolean(plain.type):
        truths = pc.cast(plain, pa.float64())
    elif plain.type == TEXT:
        words = pc.cast(boolean_cells(plain), pa.float64())
        truths = _read(plain, pc.coalesce(words, _zero_or_one(number_cells(plain))), name,
                       first_row, expected)  # fmt: skip
    elif pa.types.is_timestamp(plain.type):
        truths = _read(plain, pa.nulls(len(plain), pa.float64()), name, first_row, expected)
    else:
        numbers = pa.chunked_array([_to_numpy(pc.cast(plain, pa.float64(), safe=False))])
        numbers = pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)
        truths = _read(numbers, _zero_or_one(numbers), name, first_row, expected)
    return _to_numpy(truths)


def to_dates(column: pa.ChunkedArray, name: str, first_row: int = 1) -> pa.ChunkedArray:
    """Return a column as ``timestamp[us]`` in UTC, null where a value is missing.

    Parameters
    ----------
    column : pyarrow.Array or pyarrow.ChunkedArray
        Dates, times stamps, or text that spells ISO dates and times.
    name : str
        Its name, for messages.
    first_row : int, default 1
        The number of the column's first row in the whole table.
    """
    plain = plain_column(name, column)
    if pa.types.is_timestamp(plain.type):
        return plain
    if missing_count(plain) == len(plain):
        return pa.chunked_array([pa.nulls(len(plain), pa.timestamp("us"))])
    dates = pa.nulls(len(plain), pa.timestamp("us"))
    if plain.type == TEXT:
        dates = date_cells(plain)
    return _read(plain, dates, name, first_row, "an ISO date such as 2024-12-31")


def canonical_text(
    column: pa.ChunkedArray, name: str, numbers: bool | None = None
) -> pa.ChunkedArray:
    """Return the values of a column in the form in which categories are compared.

    The categories 3 (a whole number), 3.0 (one among missing values) and ``"3"`` (text) are the
    same one.

    Parameters
    ----------
    column : pyarrow.Array or pyarrow.ChunkedArray
        The column, of any plain type.
    name : str
        Its name, for messages.
    numbers : bool, optional
        Whether text is compared as numbers; by default, if all of it spells numbers.
    """
    plain = plain_column(name, column)
    if pa.types.is_timestamp(plain.type):
        text = pc.replace_substring_regex(pc.cast(plain, TEXT), r"\.0+$", "")
        return pc.replace_substring_regex(text, " 00:00:00$", "")
    if plain.type == TEXT:
        return canonical_cells(plain, all_numbers(plain) if numbers is None else numbers)
    # A number is spelled like a number even among categories that are not: 3.0 is "3".
    return canonical_cells(clean_text(pc.cast(plain, TEXT)), not pa.types.is_boolean(plain.type))


def _read(
    plain: pa.ChunkedArray, values: pa.ChunkedArray, name: str, first_row: int, expected: str
) -> pa.ChunkedArray:
    """Return `values`, which are what `plain` says, after a check that every cell said something."""
    if values.null_count == plain.null_count:
        return values
    index = first_where(pc.and_(pc.is_valid(plain), pc.is_null(values)))
    raise DataError(
        f"column {shown(name)}, row {first_row + index}: {shown(_cell(plain, index))} is not "
        f"{expected}: correct it, or leave the cell empty"
    )


def _cell(plain: pa.ChunkedArray, index: int) -> object:
    value = plain[index]
    return str(value) if pa.types.is_timestamp(plain.type) else value.as_py()


def _zero_or_one(numbers: pa.ChunkedArray) -> pa.ChunkedArray:
    wanted = pc.is_in(numbers, value_set=pa.array([0.0, 1.0]))
    return pc.if_else(wanted, numbers, pa.scalar(None, pa.float64()))


def _to_numpy(numbers: pa.ChunkedArray) -> NDArray[np.float64]:
    return np.asarray(pc.fill_null(numbers, np.nan), dtype=np.float64)
