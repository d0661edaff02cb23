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
    "first_comma",
    "first_slip",
    "infer_kind",
    "to_booleans",
    "to_dates",
    "to_numeric",
]

Kind = Literal["numeric", "boolean", "categorical", "date"]
"""What a column is to the encoder."""

# A text column with so many numbers among its values was meant to be one of numbers.
_MOSTLY = 0.9

# 12,5 and 1.234,56 with a decimal comma; 1,234 and 1,234,567.8 with commas between thousands.
_WITH_COMMA = r"^[+-]?(?:(?:\d+|\d{1,3}(?:\.\d{3})+),\d+|\d{1,3}(?:,\d{3})+(?:\.\d+)?)$"


def infer_kind(name: str, column: pa.ChunkedArray, declared: Kind | None = None) -> Kind:
    """Say what a column is.

    ==================================================================  ===========
    the column                                                          its kind
    ==================================================================  ===========
    numbers (0 and 1 too), or text that is a number in every row        numeric
    truth values, or text that is true, false, yes or no in every row   boolean
    dates and times, or text that is an ISO date or time in every row   date
    categories of a data frame, and every other text                    categorical
    ==================================================================  ===========

    Missing values do not count.

    Parameters
    ----------
    name : str
        The column's name, for messages.
    column : pyarrow.Array or pyarrow.ChunkedArray
        The whole column.
    declared : Kind, optional
        What the user says that the column is, which is not questioned.

    Returns
    -------
    Kind
        ``"numeric"``, ``"boolean"``, ``"categorical"`` or ``"date"``.

    Raises
    ------
    DataError
        If every value is missing; if at least 90 %, but not all, of a text column's values are
        numbers, for one of the others is then most likely a mistake; or if the numbers have commas.
    """
    plain = plain_column(name, column)
    present = len(plain) - missing_count(plain)
    if present == 0:
        raise DataError(f"column {shown(name)} has no values at all: leave it out (--drop {name})")
    if declared is not None:
        return declared
    if pa.types.is_dictionary(column.type):
        return "categorical"
    if pa.types.is_timestamp(plain.type):
        return "date"
    if pa.types.is_boolean(plain.type):
        return "boolean"
    if plain.type != TEXT:
        return "numeric"
    return _kind_of_text(name, plain, present)


def _kind_of_text(name: str, text: pa.ChunkedArray, present: int) -> Kind:
    if all_numbers(text):
        return "numeric"
    slip = first_slip(text)
    if slip is not None:
        raise DataError(
            f"column {shown(name)}, row {slip + 1}: {shown(text[slip].as_py())} is not a number, "
            f"as most values of the column are: correct it, or declare the column categorical "
            f"(--categorical {name})"
        )
    comma = first_comma(text)
    if comma is not None:
        raise DataError(
            f"column {shown(name)}, row {comma + 1}: {shown(text[comma].as_py())} has a comma: write "
            "numbers with a decimal point and nothing between thousands, or declare the column "
            f"categorical (--categorical {name})"
        )
    if len(text) - boolean_cells(text).null_count == present:
        return "boolean"
    if len(text) - date_cells(text).null_count == present:
        return "date"
    return "categorical"


def first_slip(text: pa.ChunkedArray) -> int | None:
    """Return the index of the first value that is no number where most are; else None.

    Parameters
    ----------
    text : pyarrow.ChunkedArray
        A plain column of text.
    """
    numbers = number_cells(text)
    found = len(numbers) - numbers.null_count
    present = len(text) - text.null_count
    if found == present or found < _MOSTLY * present:
        return None
    return first_where(pc.and_(pc.is_valid(text), pc.is_null(numbers)))


def first_comma(text: pa.ChunkedArray) -> int | None:
    """Return the index of the first number with a comma where all values are numbers; else None.

    Parameters
    ----------
    text : pyarrow.ChunkedArray
        A plain column of text.
    """
    with_comma = pc.match_substring_regex(text, _WITH_COMMA)
    index = first_where(with_comma)
    if index < 0:
        return None
    others = number_cells(pc.if_else(with_comma, pa.scalar(None, text.type), text))
    numbers = pc.sum(with_comma).as_py() + len(others) - others.null_count
    return index if numbers == len(text) - text.null_count else None


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
