"""The types of the columns of a text table: by its first rows, and by what they would lose.

Dates and times stay as they are written: a batch of the file, where nothing is inferred, then has the
same text, and one place (`cells`) decides what it means. So do whole numbers beyond 64 bits, which are
told apart by digits that a float64 does not have, and those with zeros before them, which are codes; and
numbers with points that may stand between thousands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chainrule.data.cells import LARGEST_EXACT, MISSING_WORDS, TEXT, number_cells
from chainrule.data.text.arrow import FALSE_VALUES, TRUE_VALUES
from chainrule.data.text.layout import Layout
from chainrule.data.text.values import column_of

__all__ = ["first_types", "lossy_columns", "may_have_whole_numbers"]

_INFERRED = (pa.int64(), pa.float64(), pa.bool_(), pa.string(), pa.null())
# So many digits has a whole number that is not a float64 of its own.
_LONG_WHOLE = r"^\s*[+-]?\d{16,}\s*$"
_LEADING_ZERO = r"^\s*0\d"
_GUESSED_FROM = 50  # rows
_WHOLE = re.compile(r"-?\d{1,18}")
_DECIMAL = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_DECIMAL_COMMA = re.compile(r"\D{0,4}\d+(?:[.'’\s]\d{3})*,(?:\d{1,2}|\d{4,})\D{0,4}")
_BELOW_THOUSAND = re.compile(r"-?\d{1,3}")
_THOUSAND = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")
_BLOCK = 1 << 22  # cells


def first_types(layout: Layout, columns: Sequence[str], guessed: bool) -> dict[str, pa.DataType]:
    """Return the types of columns by their first cells: text, and numbers if they may be guessed."""
    places = dict(zip(layout.names, layout.places, strict=True))
    rows = layout.rows[:_GUESSED_FROM]
    found: dict[str, pa.DataType] = {}
    others: dict[str, list[str]] = {}
    for name in columns:
        cells = column_of(rows, places[name])
        if not cells:
            continue
        if guessed and all(map(_WHOLE.fullmatch, cells)):
            found[name] = pa.int64()
        elif guessed and "." in "".join(cells) and all(map(_DECIMAL.fullmatch, cells)):
            found[name] = pa.float64()
        else:
            others[name] = cells
    # All at once: a table may have thousands of columns.
    typed = iter(_have_types([cell for cells in others.values() for cell in cells]))
    for name, cells in others.items():
        if not all(list(islice(typed, len(cells)))):
            found[name] = pa.string()
    return found


def _have_types(cells: Sequence[str]) -> list[bool]:
    """Tell which cells do not make their column one of text: numbers, truth values, missing ones."""
    text = pc.utf8_trim_whitespace(pa.chunked_array([pa.array(cells, TEXT)]))
    words = pa.array([*MISSING_WORDS, *TRUE_VALUES, *FALSE_VALUES], TEXT)
    return list(pc.or_(pc.is_in(text, words), pc.is_valid(number_cells(text))).to_pylist())


def may_have_whole_numbers(layout: Layout) -> bool:
    """Tell whether a column could be one of whole numbers, by the first rows."""
    columns = (column_of(layout.rows[:_GUESSED_FROM], place) for place in layout.places)
    return any(all(cell.strip().isdecimal() for cell in cells) for cells in columns)


def lossy_columns(table: pa.Table, layout: Layout, leading_zeros: bool) -> dict[str, str]:
    """Return the columns whose type may lose what is written, and the pattern of a cell that does.

    Parameters
    ----------
    table : pyarrow.Table
        As Arrow inferred it.
    layout : Layout
    leading_zeros : bool
        Whether some whole number has a zero before it.

    Returns
    -------
    dict
        The pattern is empty where every cell is to be text.
    """
    found = dict.fromkeys(_may_be_rounded(table), _LONG_WHOLE)
    decimal_commas = _has_decimal_commas(layout)
    places = dict(zip(layout.names, layout.places, strict=True))
    for field in table.schema:
        if field.type not in _INFERRED:
            found[field.name] = ""
        elif leading_zeros and field.type == pa.int64():
            found[field.name] = _LEADING_ZERO
        elif field.type == pa.float64() and (
            decimal_commas or _may_have_thousands(column_of(layout.rows, places[field.name]))
        ):
            found[field.name] = ""
    return found


def _may_have_thousands(cells: Sequence[str]) -> bool:
    """Tell whether the points in some cells may stand between thousands: 845, 8.123."""
    cells = [cell.strip() for cell in cells]
    with_point = [cell for cell in cells if "." in cell]
    if not all(map(_THOUSAND.fullmatch, with_point)):
        return False
    return bool(with_point) and any(map(_BELOW_THOUSAND.fullmatch, cells))


def _has_decimal_commas(layout: Layout) -> bool:
    return any(
        _DECIMAL_COMMA.fullmatch(cell.strip())
        for row in layout.rows[:_GUESSED_FROM]
        for cell in row
        if "," in cell
    )


def _may_be_rounded(table: pa.Table) -> list[str]:
    """Return the columns that could hold whole numbers that were read as the nearest float64."""
    floats = [field.name for field in table.schema if field.type == pa.float64()]
    largest = np.zeros(len(floats))
    for batch in table.select(floats).to_batches():
        for start, block in _blocks(batch):
            part = largest[start : start + block.shape[1]]
            np.fmax(part, np.fmax.reduce(np.abs(block), axis=0), out=part)
    return [name for name, value in zip(floats, largest, strict=True) if value >= LARGEST_EXACT]


def _blocks(batch: pa.RecordBatch) -> Iterator[tuple[int, np.ndarray]]:
    """Yield some columns of floats at a time, as a matrix: a call for each would take longer."""
    width = max(1, _BLOCK // max(1, batch.num_rows))
    for start in range(0, batch.num_columns, width):
        part = batch.select(range(start, min(start + width, batch.num_columns)))
        yield start, part.to_tensor(null_to_nan=True, row_major=False).to_numpy()
