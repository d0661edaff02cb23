"""Rows that a quotation mark without its other half has joined with the row before."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from chainrule.data.text.layout import Layout
from chainrule.data.text.values import column_of, is_blank, is_value, mostly_values

__all__ = ["joined_rows", "told_joined"]

_MOST_CELLS = 10_000  # of a batch that are looked at
_LOOKED_AT = 30  # first rows, which tell where numbers stand


def joined_rows(part: pa.Table | pa.RecordBatch, layout: Layout) -> int:
    """Return how many cells hold the end of their row, a line end and the start of another row.

    Numbers stand there where the table has columns of numbers: text of several lines has none.
    """
    if layout.dialect.quote is None or layout.fields < 2:
        return 0
    values = [
        mostly_values(column_of(layout.rows[:_LOOKED_AT], place)) for place in range(layout.fields)
    ]
    place_of = dict(zip(layout.names, layout.places, strict=True))
    count = 0
    for name, column in zip(part.schema.names, part.columns, strict=True):
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            continue
        broken = pc.fill_null(pc.match_substring(column, "\n"), False)
        if pc.any(broken).as_py():
            cells = column.filter(broken).slice(0, _MOST_CELLS).to_pylist()
            place, delimiter = place_of[name], layout.dialect.delimiter
            count += sum(_holds_a_row(cell, place, delimiter, values) for cell in cells)
    return count


def _holds_a_row(cell: str, place: int, delimiter: str, values: Sequence[bool]) -> bool:
    lines = cell.split("\n")
    rest, start = lines[0].split(delimiter), lines[-1].split(delimiter)
    if len(rest) != len(values) - place or len(start) != place + 1:
        return False
    held = [*zip(rest[1:], values[place + 1 :], strict=True)]
    held += zip(start[:-1], values[:place], strict=True)
    at_values = [text.strip() for text, is_one in held if is_one]
    return bool(at_values) and all(is_value(text) or is_blank(text) for text in at_values)


def told_joined(count: int) -> str:
    """Return the line on rows that are joined."""
    rows = "in 1 row" if count == 1 else f"in {count:,} rows"
    return (
        f"{rows} a quotation mark is not closed, and what follows, up to the next mark, is part of the "
        "cell: close it, or double a mark within a cell"
    )
