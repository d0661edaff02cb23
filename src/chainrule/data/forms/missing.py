"""The words that stand for a missing value: rows, which everything else asks."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["MISSING_WORDS", "SPREADSHEET_ERRORS", "TEXT", "VAGUE_WORDS", "is_marked", "is_vague"]

# Text with 64-bit offsets: a column of more than 2 GB of text stays one column.
TEXT = pa.large_string()

MISSING_WORDS = (
    *("", "NA", "N/A", "null", "NULL", "None", "?"),
    *("NaN", "nan", "NAN", "-nan", "-NaN", "-NAN"),
)
"""The cells of any text column that stand for a missing value."""

SPREADSHEET_ERRORS = (
    *("#N/A", "#NA", "#N/A N/A", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!"),
    *("#SPILL!", "#CALC!", "#GETTING_DATA", "<NA>", "\\N", "NaT"),
)
"""What spreadsheets, databases and data frames write where there is no value; missing in any column."""

MARKS = ("-", "--", "---", "–", "—", ".", "..", "...", "…", ":", "n/a", "n.a.", "N.A.", "(null)")
"""Marks that stand for a missing value in any column, unless a column has + among its values."""

VAGUE_WORDS = (
    *(
        "na",
        "none",
        "n.d.",
        "n.d",
        "nd",
        "n/d",
        "n.k.",
        "unknown",
        "unk",
        "missing",
        "not available",
    ),
    *("not applicable", "not known", "not recorded", "tbd", "tba", "pending", "undefined", "empty"),
    *("no data", "nodata", "unbekannt", "k.a.", "k. a.", "s.d.", "s/d", "inconnu", "nil"),
    *(": c", ": u", ": z", ": n", ":c", ":u", ":z", "(x)", "(d)", "(s)", "(na)", "(z)"),
    *("[x]", "[c]", "[z]", "[u]", "[w]", "[low]", "*", "**", "***"),
    *("inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"),
)
"""Words (in any case) that are missing among numbers, dates and truth values, and labels elsewhere."""


def is_marked(words: pa.Array | pa.ChunkedArray, signs: bool = False) -> pa.Array | pa.ChunkedArray:
    """Return which cleaned texts stand for a missing value in any column.

    Parameters
    ----------
    words : pyarrow.Array or pyarrow.ChunkedArray
    signs : bool
        Whether a minus is a finding beside a plus, and no gap.
    """
    marks = [mark for mark in MARKS if not (signs and mark in "-–—")]
    return pc.is_in(words, value_set=pa.array([*SPREADSHEET_ERRORS, *marks], TEXT))


def is_vague(words: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return which cleaned texts stand for a missing value among numbers, dates and truth values."""
    lower = pc.utf8_lower(words)
    plain = [word.lower() for word in (*MISSING_WORDS, *SPREADSHEET_ERRORS, *MARKS, *VAGUE_WORDS)]
    return pc.is_in(lower, value_set=pa.array(plain, TEXT))
