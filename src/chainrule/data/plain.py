"""Bringing columns of the many types that tables have to a few plain ones."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from chainrule.data.cells import TEXT, clean_text, number_cells
from chainrule.data.dictionaries import decoded
from chainrule.data.messages import shown
from chainrule.errors import DataError

__all__ = ["all_numbers", "first_where", "missing_count", "plain_column"]

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


def plain_column(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the column as one of a few plain types.

    They are: integers, float32, float64, truth values, text (without white space around it, null
    where missing) and ``timestamp[us]`` in UTC. A column that has none of these forms, such as one
    of lists, is a `DataError`.

    Parameters
    ----------
    name : str
        The column's name, for messages.
    column : pyarrow.Array or pyarrow.ChunkedArray
        The column, of any type.
    """
    if not isinstance(column, pa.ChunkedArray):
        column = pa.chunked_array([column])
    try:
        return _plain(name, column)
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise DataError(
            f"column {shown(name)} holds values of type {column.type}, which cannot be used: "
            f"convert them to numbers or text, or leave the column out with --drop {name}"
        ) from error


def _plain(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    types = pa.types
    if types.is_dictionary(kind):
        return _plain(name, decoded(name, column))
    if types.is_integer(kind) or types.is_boolean(kind):
        return column
    if types.is_floating(kind):
        return pc.cast(column, pa.float32()) if types.is_float16(kind) else column
    if types.is_null(kind) or types.is_decimal(kind):
        return pc.cast(column, pa.float64())
    if types.is_date(kind) or types.is_timestamp(kind):
        in_utc = pa.timestamp("us", getattr(kind, "tz", None))
        return pc.cast(pc.cast(column, in_utc, safe=False), pa.timestamp("us"))
    if types.is_duration(kind):
        ticks = pc.cast(pc.cast(column, pa.int64()), pa.float64(), safe=False)
        return pc.multiply(ticks, _SECONDS[kind.unit])
    if types.is_time(kind):
        return pc.replace_substring_regex(pc.cast(column, TEXT), r"\.0+$", "")
    return clean_text(column)


def all_numbers(plain: pa.ChunkedArray) -> bool:
    """Tell whether every value of a plain column that is not missing is a number."""
    if plain.type == TEXT:
        return bool(number_cells(plain).null_count == plain.null_count)
    return bool(pa.types.is_integer(plain.type) or pa.types.is_floating(plain.type))


def first_where(mask: pa.ChunkedArray) -> int:
    """Return the index of the first true value, −1 if there is none."""
    return int(pc.index(mask, pa.scalar(True)).as_py())


def missing_count(plain: pa.ChunkedArray) -> int:
    """Return how many values of a plain column are missing; NaN is missing too."""
    if pa.types.is_floating(plain.type):
        return int(pc.sum(pc.is_null(plain, nan_is_null=True), min_count=0).as_py())
    return int(plain.null_count)
