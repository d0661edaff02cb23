"""The cells of a sheet as a text file would have them.

A number has all of its digits, a truth value is true or false, a moment is written as in ISO 8601, and
an error such as #DIV/0! is empty. A percent cell is its value: 12.5 % is 0.125.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["cells_of", "used_columns"]

_NUMBER = r"^-?\d+(?:\.\d+)?$"
_MOMENT = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$"
_TIME = r"^1899-12-31 (\d\d:\d\d:\d\d(?:\.\d+)?)$"


def cells_of(
    text: pa.Array,
    numbers: pa.Array,
    durations: pa.Array | None = None,
    are_numbers: pa.Array | None = None,
) -> pa.Array:
    """Return the cells of a column.

    Parameters
    ----------
    text : pyarrow.Array
        All cells as text, in which numbers may be rounded.
    numbers, durations : pyarrow.Array
        Those that are, or could be read as, numbers; those that are durations, if there are any.
    are_numbers : pyarrow.Array
        Whether a cell is a number, where there are long ones; else those of `numbers` may be text.
    """
    text = _with_all_digits(text, numbers)
    if are_numbers is not None:
        text = pc.if_else(are_numbers, _written(numbers), text)
    if durations is not None:
        seconds = pc.divide(pc.cast(pc.cast(durations, pa.int64()), pa.float64()), 1e3)
        return pc.if_else(pc.is_valid(durations), _written(seconds), text)
    moments = pc.match_substring_regex(text, _MOMENT)
    if not pc.any(moments).as_py():
        return text
    if pc.all(pc.ends_with(pc.filter(text, moments), " 00:00:00")).as_py():
        # Days; and where all the times of a column are midnight, they are times no more.
        return pc.if_else(moments, pc.utf8_slice_codeunits(text, 0, 10), text)
    return pc.replace_substring_regex(text, _TIME, r"\1")


def _with_all_digits(text: pa.Array, numbers: pa.Array) -> pa.Array:
    """Return the text, with the number itself where the text is another one.

    A text that is a number, such as 00501, stays as it is: what it spells is what was read in it.
    """
    spelled = pc.if_else(
        pc.match_substring_regex(text, _NUMBER), text, pa.scalar(None, pa.string())
    )
    differs = pc.not_equal(pc.cast(spelled, pa.float64()), numbers)
    return pc.if_else(pc.fill_null(differs, False), _written(numbers), text)


def _written(numbers: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(pc.cast(numbers, pa.string()), r"\.0$", "")


def used_columns(columns: list[pa.Array]) -> list[pa.Array]:
    """Return the columns from the first to the last that has a cell with something in it."""
    used = [place for place, column in enumerate(columns) if _has_cells(column)]
    return columns[used[0] : used[-1] + 1] if used else []


def _has_cells(column: pa.Array) -> bool:
    return bool(pc.any(pc.not_equal(pc.utf8_trim_whitespace(column), "")).as_py())
