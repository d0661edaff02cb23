"""Numbers that are written where there is none, such as -999: rows, and what shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = [
    "SENTINELS",
    "FoundDate",
    "FoundSentinel",
    "Sentinel",
    "date_sentinels",
    "find_sentinels",
    "may_be_sentinels",
]


@dataclass(frozen=True)
class Sentinel:
    """A number that is written where there is none, and what shows that it is meant so.

    Attributes
    ----------
    number : float
    spans : float
        How far it has to lie from the other numbers, in spans between their ends.
    rows : int
        In how many rows it has to come.
    alone : int
        How many different other numbers, none of them negative, make up for a smaller distance;
        0 if they do not.
    """

    number: float
    spans: float
    rows: int
    alone: int = 0


SENTINELS = (
    *(Sentinel(-float("9" * digits), 0.5, 3, 3) for digits in range(3, 11)),
    Sentinel(-32768, 0.5, 3, 3),
    *(Sentinel(float("9" * digits), 3, 3) for digits in range(3, 11)),
    Sentinel(32767, 3, 3),
    *(Sentinel(number, 3, 5) for number in (998, 997, 888, 777, 9998, 9997, 8888, 7777)),
    *(Sentinel(number, 1, 5, 5) for number in (-99, -98, -97, -88, -77, -888, -777)),
    *(Sentinel(number, 4, 10) for number in (99, 98, 97, 88, 77)),
    Sentinel(-9, 2, 10),
    Sentinel(-1, np.inf, 10, 10),
)
"""The numbers that are known; -1 is one among many numbers of which none is negative."""

_DATES = (
    *("0001-01-01", "1600-01-01", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31"),
    *("1900-01-01", "1901-01-01", "1970-01-01", "2099-12-31", "2100-01-01", "2199-12-31"),
    *("2222-02-22", "2999-12-31", "3000-01-01", "9999-01-01", "9999-12-31"),
)
"""The days that are written where there is none."""

_LEAST_ROWS_OF_A_DATE = 3
# From the years 1 and 9999 one row is enough.
_NO_DATE = ("0001-01-01", "9999-01-01", "9999-12-31")
_MICROSECONDS = 86_400_000_000
_YEAR = 365 * _MICROSECONDS

_NUMBERS = np.array([row.number for row in SENTINELS])
# So small a share of the rows is no habit, for a number that others could be.
_RARE = 0.002


@dataclass(frozen=True)
class FoundSentinel:
    """A number that is known to stand for none, in one column.

    Attributes
    ----------
    number : float
    rows : int
        In how many rows it comes.
    lowest, highest : float
        The ends of the other numbers.
    sure : bool
        Whether it comes often enough to be taken as missing.
    """

    number: float
    rows: int
    lowest: float
    highest: float
    sure: bool


def find_sentinels(lowest: float, highest: float, numbers: pa.ChunkedArray) -> list[FoundSentinel]:
    """Return the numbers of a column that stand for none, as far as they lie apart from the others.

    Parameters
    ----------
    lowest, highest : float
        The ends of the numbers.
    numbers : pyarrow.ChunkedArray
    """
    if not may_be_sentinels(lowest, highest):
        return []
    values = np.asarray(numbers.drop_null().to_numpy(), dtype=np.float64)
    known = np.isin(values, _NUMBERS)
    others = values[~known]
    if others.size == 0:
        return []
    low, high = float(others.min()), float(others.max())
    outer = values[known]
    numbers_there, counts = np.unique(outer[(outer < low) | (outer > high)], return_counts=True)
    rows = dict(zip(numbers_there.tolist(), counts.tolist(), strict=True))
    found = []
    for row in SENTINELS:
        count = rows.get(row.number, 0)
        if count and _is_apart(row, others, low, high):
            sure = count >= max(row.rows, _RARE * values.size)
            found.append(FoundSentinel(row.number, count, low, high, sure))
    return found


def may_be_sentinels(
    lowest: float | NDArray[np.float64], highest: float | NDArray[np.float64]
) -> Any:
    """Tell by the ends of numbers, or of many columns of them, whether some may stand for none."""
    return np.logical_or(np.isin(lowest, _NUMBERS), np.isin(highest, _NUMBERS))


def _is_apart(row: Sentinel, others: NDArray[np.float64], low: float, high: float) -> bool:
    """Tell whether a number lies apart from the others as its row asks for."""
    gap = low - row.number if row.number < low else row.number - high
    if low < high and gap > row.spans * (high - low):
        return True
    return bool(row.alone and low >= 0 > row.number and np.unique(others).size >= row.alone)


@dataclass(frozen=True)
class FoundDate:
    """A day that stands for none, in one column.

    Attributes
    ----------
    day : str
    number : float
        Its microseconds since 1970.
    rows : int
        In how many rows it comes.
    first, last : str
        The ends of the other dates.
    """

    day: str
    number: float
    rows: int
    first: str
    last: str


def date_sentinels(moments: pa.ChunkedArray) -> list[FoundDate]:
    """Return the days of a column that stand for none, further from the others than those lie apart.

    Parameters
    ----------
    moments : pyarrow.ChunkedArray
        Of ``timestamp[us]``, null where there is none.
    """
    days = {day: int(np.datetime64(day, "us").astype(np.int64)) for day in _DATES}
    ends = pc.min_max(moments)
    if not ends["min"].is_valid:  # not as_py: a moment may lie beyond Python's years
        return []
    outer = {int(ends[key].cast(pa.int64()).as_py()) // _MICROSECONDS for key in ("min", "max")}
    if not outer.intersection(ticks // _MICROSECONDS for ticks in days.values()):
        return []
    values = np.asarray(pc.cast(moments.drop_null(), pa.int64()).to_numpy())
    others = values[~np.isin(values, list(days.values()))]
    if others.size == 0:
        return []
    low, high = int(others.min()), int(others.max())
    first, last = (str(np.datetime64(end, "us").astype("datetime64[D]")) for end in (low, high))
    found = []
    for day, ticks in days.items():
        rows = int((values == ticks).sum())
        is_enough = rows >= (1 if day in _NO_DATE else _LEAST_ROWS_OF_A_DATE)
        if is_enough and max(low - ticks, ticks - high) > max(high - low, _YEAR):
            found.append(FoundDate(day, float(ticks), rows, first, last))
    return found
