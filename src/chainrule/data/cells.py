"""What the text of a cell means: a missing value, a number, a truth value, a date.

Every function here takes a whole column of text and returns a column of the same length. The same
rules hold for a file that is read at once and for one that is read in batches, so that a model sees
the same numbers either way.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from chainrule.data.forms.missing import MISSING_WORDS, TEXT

__all__ = [
    "LARGEST_EXACT",
    "MISSING_WORDS",
    "TEXT",
    "are_values",
    "boolean_cells",
    "canonical_cells",
    "clean_text",
    "date_cells",
    "number_cells",
]

_NUMBER = r"^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|(?i:inf|infinity))$"
_HEXADECIMAL = r"^0[xX][0-9a-fA-F]{1,16}$"
_INTEGER = r"^(?:\+|(-))?0*(\d+)$"
_DAY = r"\d{4}-\d\d-\d\d"
_CLOCK = r"\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?"
_DATE_WITHOUT_ZONE = rf"^{_DAY}(?:[ T]{_CLOCK})?$"
_DATE_WITH_ZONE = rf"^{_DAY}[ T]{_CLOCK}(?:Z|[+-]\d\d:?\d\d)$"

_TRUE_WORDS = ("true", "yes")
_FALSE_WORDS = ("false", "no")

LARGEST_EXACT = 2.0**53
"""From here on not every whole number has a float64 of its own."""


def clean_text(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the text without white space around it, with null where the value is missing."""
    trimmed = pc.utf8_trim_whitespace(pc.cast(text, TEXT))
    missing = pc.is_in(trimmed, value_set=pa.array(MISSING_WORDS, TEXT))
    return pc.if_else(missing, pa.scalar(None, TEXT), trimmed)


def number_cells(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the numbers that the cells spell, null where a cell is not a number."""
    try:
        return pc.cast(text, pa.float64())
    except pa.ArrowInvalid:
        pass  # some cell is not a plain number: look at each
    decimal = _only(text, pc.match_substring_regex(text, _NUMBER))
    decimal = pc.cast(pc.replace_substring_regex(decimal, r"^\+", ""), pa.float64())
    # Arrow's CSV reader takes 0x1F for a whole number, so a batch of text has to as well.
    return pc.coalesce(decimal, pc.cast(_hexadecimal_cells(text), pa.float64(), safe=False))


def boolean_cells(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the truth values that the cells spell, null where a cell is neither."""
    lower = pc.utf8_lower(text)
    is_true = pc.is_in(lower, value_set=pa.array(_TRUE_WORDS, TEXT))
    is_false = pc.is_in(lower, value_set=pa.array(_FALSE_WORDS, TEXT))
    return pc.if_else(pc.or_(is_true, is_false), is_true, pa.scalar(None, pa.bool_()))


def date_cells(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the moments (UTC) that ISO dates and times spell, null where a cell is not one."""
    # Nanoseconds, which data frames write, are cut to microseconds.
    text = pc.replace_substring_regex(text, r"(\.\d{6})\d+", r"\1")
    without_zone = _only(text, pc.match_substring_regex(text, _DATE_WITHOUT_ZONE))
    with_zone = _only(text, pc.match_substring_regex(text, _DATE_WITH_ZONE))
    moment = pa.timestamp("us")
    try:
        in_utc = pc.cast(pc.cast(with_zone, pa.timestamp("us", "UTC")), moment)
        return pc.coalesce(pc.cast(without_zone, moment), in_utc)
    except pa.ArrowInvalid:
        # Some cell has the form of a date without being one, such as 2023-02-30.
        cells = pc.coalesce(without_zone, with_zone).to_pylist()
        return pa.chunked_array([pa.array([_moment(cell) for cell in cells], moment)])


def canonical_cells(text: pa.ChunkedArray, numbers: bool) -> pa.ChunkedArray:
    """Return the form in which values are compared as categories.

    Parameters
    ----------
    text : pyarrow.ChunkedArray
        Cleaned text.
    numbers : bool
        Whether cells that spell the same number (``3``, ``3.0``, ``03``) are the same category.
        Otherwise only the case of true and false is leveled, because a file of nothing else is
        read as truth values.
    """
    if numbers:
        return pc.coalesce(_canonical_numbers(text), text)
    lower = pc.utf8_lower(text)
    is_truth = pc.is_in(lower, value_set=pa.array(["true", "false"], TEXT))
    return pc.if_else(is_truth, lower, text)


def are_values(cells: Sequence[str]) -> list[bool]:
    """Tell which cells are values rather than names of columns: numbers, dates, truth values, ?."""
    text = pc.utf8_trim_whitespace(pa.chunked_array([pa.array(cells, TEXT)]))
    readings = (number_cells(text), boolean_cells(text), date_cells(text))
    is_value = pc.equal(text, "?")
    for reading in readings:
        is_value = pc.or_(is_value, pc.is_valid(reading))
    return list(is_value.to_pylist())


def _canonical_numbers(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Spell every number in one way, whole ones without a point; null where there is none."""
    # Whole numbers stay digits: not each one is a float64.
    integers = _only(text, pc.match_substring_regex(text, _INTEGER))
    integers = pc.replace_substring_regex(integers, _INTEGER, r"\1\2")
    integers = pc.replace_substring_regex(integers, "^-0$", "0")
    integers = pc.coalesce(integers, pc.cast(_hexadecimal_cells(text), TEXT))
    values = number_cells(text)
    is_whole = pc.and_(pc.equal(pc.floor(values), values), pc.less(pc.abs(values), LARGEST_EXACT))
    whole = pc.if_else(is_whole, values, pa.scalar(None, pa.float64()))
    return pc.coalesce(integers, pc.cast(pc.cast(whole, pa.int64()), TEXT), pc.cast(values, TEXT))


def _hexadecimal_cells(text: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(_only(text, pc.match_substring_regex(text, _HEXADECIMAL)), pa.int64())


def _only(text: pa.ChunkedArray, wanted: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(wanted, text, pa.scalar(None, text.type))


def _moment(cell: str | None) -> datetime.datetime | None:
    try:
        moment = None if cell is None else datetime.datetime.fromisoformat(cell)
        if moment is None or moment.tzinfo is None:
            return moment
        return moment.astimezone(datetime.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
