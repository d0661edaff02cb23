"""What numbers may be: days, clocks, a few classes, a count of the rows."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from chainrule.data.forms.dates import TICKS, DateForm

__all__ = [
    "FEW_DIFFERENT",
    "counts_by_one",
    "counts_up",
    "date_form_of",
    "few_whole",
    "is_unnamed",
    "may_be_dates",
    "may_count_up",
]

# Names of columns that hold dates.
_HINT = re.compile(
    r"date|time|stamp|epoch|unix|datum|created|updated|modified"
    r"|(?:^|[^a-z])(?:ts|when|day|zeit|since|until|start|end|at|dob|birth|joined|seen|t)(?:[^a-z]|$)",
    re.IGNORECASE,
)
_UNNAMED = re.compile(r"^(?:|Unnamed: ?\d+|index|__index_level_0__|row_?names?)$", re.IGNORECASE)
# 2000 and 2036, in seconds: what counts from 1970 and lies between is most likely a clock.
_FROM, _TO = 946_684_800, 2_082_758_400
_FIRST_DATE = 19_000_101
FEW_DIFFERENT = 20
_MANY = 20


def date_form_of(name: str, numbers: pa.ChunkedArray) -> tuple[DateForm, bool] | None:
    """Return the form of dates that numbers stand for, and whether that is in doubt; else None.

    Parameters
    ----------
    name : str
        The name of the column, which speaks for dates, or does not.
    numbers : pyarrow.ChunkedArray
    """
    ends = pc.min_max(numbers)
    low, high = ends["min"].as_py(), ends["max"].as_py()
    if low is None or not np.isfinite(high) or not may_be_dates(low, high):
        return None
    hinted = bool(_HINT.search(name))
    if high <= 21_001_231 or 19_000_101_000_000 <= low <= high <= 21_001_231_235_959:
        form = DateForm(("compact",))
        different = pc.unique(numbers.drop_null())
        valid = form.read(pa.chunked_array([different])).null_count == 0
        return (form, False) if valid and len(different) > (1 if hinted else 4) else None
    for ticks, micro in TICKS.items():
        second = 1e6 / micro
        if _FROM * second <= low and high <= _TO * second and _whole(numbers):
            many = len(pc.unique(numbers.slice(0, 10_000))) > _MANY
            return (DateForm(ticks=ticks), not hinted) if hinted or many else None
    return None


def may_be_dates(lowest: float | NDArray[np.float64], highest: float | NDArray[np.float64]) -> Any:
    """Tell by the ends of numbers, or of many columns of them, whether they may stand for dates."""
    return np.logical_and(np.greater_equal(lowest, _FIRST_DATE), np.not_equal(lowest, highest))


def few_whole(numbers: pa.ChunkedArray) -> tuple[int, int] | None:
    """Return the ends of at least three and at most twenty different whole numbers; else None."""
    if not pa.types.is_integer(numbers.type) or len(numbers) <= _MANY:
        return None
    if not 3 <= pc.count_distinct(numbers.slice(0, 10_000)).as_py() <= FEW_DIFFERENT:
        return None
    different = pc.unique(numbers.drop_null())
    ends = pc.min_max(different)
    return (ends["min"].as_py(), ends["max"].as_py()) if len(different) <= FEW_DIFFERENT else None


def is_unnamed(name: str) -> bool:
    """Tell whether a column has no name, or that of an index."""
    return bool(_UNNAMED.match(name.strip()))


def counts_by_one(values: NDArray[np.float64]) -> bool:
    """Tell whether values are 0, 1, 2 and so on, or 1, 2, 3."""
    return values.size > 1 and values[0] in (0, 1) and bool((np.diff(values) == 1).all())


def counts_up(values: NDArray[np.float64]) -> bool:
    """Tell whether more than a few values are whole numbers, each larger than the one before."""
    if values.size <= _MANY:
        return False
    with np.errstate(over="ignore"):
        steps = np.diff(values)
    return bool((steps >= 1).all() and (steps == np.floor(steps)).all())


def may_count_up(columns: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell by the first rows which of many columns, of shape (k, m), may be ones that count up."""
    first = columns[:, : _MANY + 1]
    if first.shape[1] <= _MANY:
        return np.zeros(len(columns), dtype=bool)
    with np.errstate(over="ignore"):
        return np.asarray((np.diff(first, axis=1) >= 1).all(axis=1))


def _whole(numbers: pa.ChunkedArray) -> bool:
    if pa.types.is_integer(numbers.type):
        return True
    return bool(pc.all(pc.equal(pc.floor(numbers), numbers)).as_py())
