"""Whether a cell is a value or a word: enough to tell a header from the rows below it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chainrule.data.cells import are_values

__all__ = ["column_of", "is_blank", "is_value", "mostly_values", "values_of"]

# Numbers and dates as people write them: $1,234.50, (12), 41.7 %, 31.12.2024, 10:30.
_WRITTEN = re.compile(
    r"[(<>≤≥~+\-−]*\s?(?:[$€£¥]|USD|EUR|CHF|GBP)?\s?[+\-−]?(?:\d[\d.,'’:/\-\s\u00a0\u202f]*|[.,]\d+)"
    r"(?:[eE][+-]?\d+)?\s?(?:%|‰|[$€£¥])?\)?"
)
_FILLERS = ("", "-", "--", "–", "—", ".", "n/a", "na", "nan", "null", "none")


def is_value(cell: str) -> bool:
    """Tell whether a cell is a number or a date in one of many forms."""
    return bool(_WRITTEN.fullmatch(cell.strip()))


def is_blank(cell: str) -> bool:
    """Tell whether a cell is empty, or stands for nothing."""
    return cell.strip().lower() in _FILLERS


def values_of(cells: Sequence[str]) -> list[bool]:
    """Tell which cells are values: numbers, dates, truth values, a question mark."""
    strict = are_values(list(cells))
    return [plain or is_value(cell) for plain, cell in zip(strict, cells, strict=True)]


def column_of(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    """Return the cells of a column that stand for something."""
    return [row[place] for row in rows if place < len(row) and not is_blank(row[place])]


def mostly_values(cells: Sequence[str]) -> bool:
    """Tell whether nine tenths of some cells are values, and there is one."""
    return bool(cells) and sum(map(is_value, cells)) >= 0.9 * len(cells)
