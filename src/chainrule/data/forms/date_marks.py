"""Finding out how the dates of a column are written, from its different texts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from chainrule.data.forms.date_patterns import PATTERNS, moments_of
from chainrule.data.forms.dates import DateForm

__all__ = ["DateFinding", "find_dates"]

# Of so many different texts at least one has a pattern, or none is looked for in the others.
_TRIED = 64
_MOST_PATTERNS = 3
# Two digits are a year until this one; a gap of some years in the hundred tells where they begin.
_LATEST_YEAR = 2050
_LEAST_GAP = 5


@dataclass(frozen=True)
class DateFinding:
    """How the dates of a column are written, and what speaks for it.

    Attributes
    ----------
    form : DateForm
    is_date : ndarray of bool
        Which of the different texts are dates then.
    short_years : tuple of int or None
        The first and the last year that is written with two digits; None if there is none.
    doubtful : str
        A date that would be another one with day and month changed, where nothing tells; else "".
    shows : str
        "dmy" or "mdy" if the column shows which is first beyond doubt, else "".
    """

    form: DateForm
    is_date: NDArray[np.bool_]
    doubtful: str = ""
    shows: str = ""
    short_years: tuple[int, int] | None = None


def find_dates(
    words: pa.Array,
    counts: NDArray[np.int64],
    day_first: bool | None = None,
    date_format: str | None = None,
    usual: str = "",
) -> DateFinding | None:
    """Return how the dates among texts are written; None if none of them is a date.

    Parameters
    ----------
    words : pyarrow.Array
        The different texts of a column, cleaned, in the order in which they first come.
    counts : ndarray of shape (n,)
        How often each comes.
    day_first : bool, optional
        Whether the day stands before the month, if it is known.
    date_format : str, optional
        A format of `strftime`, if it is known.
    usual : str
        The order, "dmy" or "mdy", of the file's other columns, where it is known.
    """
    if date_format:
        named = DateForm(format=date_format)
        is_date = ~np.isnat(named.moments(words))
        if is_date.any():
            return DateFinding(named, is_date)
    tried = words.take(pa.array(np.unique(np.linspace(0, len(words) - 1, _TRIED).astype(int))))
    moments = {"": DateForm().moments(words)} if _has(DateForm().moments(tried)) else {}
    for name, pattern in PATTERNS.items():
        if _has(moments_of(tried, pattern)):
            moments[name] = moments_of(words, pattern)
    if not moments:
        return None
    doubtful, shows = "", ""
    if "dmy" in moments or "mdy" in moments:
        both = {name: moments.pop(name, None) for name in ("dmy", "mdy")}
        order, doubt, shows = _order(words, counts, both, day_first, usual)
        moments[order] = moments_of(words, PATTERNS[order])
        doubtful = words[int(np.argmax(~np.isnat(moments[order])))].as_py() if doubt else ""
    left = np.ones(len(words), dtype=bool)
    chosen: list[str] = []
    while moments and len(chosen) < _MOST_PATTERNS:
        rows = {name: int(counts[left & ~np.isnat(read)].sum()) for name, read in moments.items()}
        best = max(rows, key=lambda name: rows[name])  # of equals the first row of the table
        if rows[best] == 0:
            break
        left &= np.isnat(moments.pop(best))
        chosen.append(best)
    form = DateForm(tuple(name for name in chosen if name))
    short_years = _short_years(form, words)
    if short_years is not None:
        form = replace(form, first_year=short_years[0])
    order_used = {"dmy", "mdy"}.intersection(chosen)
    doubtful, shows = (doubtful, shows) if order_used else ("", "")
    return DateFinding(form, ~left, doubtful, shows, short_years)


def _short_years(form: DateForm, words: pa.Array) -> tuple[int, int] | None:
    """Return the first and the last of the years that are written with two digits.

    They begin after the widest gap of the hundred years, and end in `_LATEST_YEAR` at the latest: 32 to
    99 and 00 to 04 are 1932 to 2004.
    """
    moments = form.moments(words)
    earlier = replace(form, first_year=form.first_year - 100).moments(words)
    short = moments[(moments != earlier) & ~np.isnat(moments) & ~np.isnat(earlier)]
    if not short.size:
        return None
    used = np.unique(short.astype("datetime64[Y]").astype(np.int64) + 1970) % 100
    used = np.unique(used)
    gaps = np.diff(np.append(used, used[0] + 100))
    start = int(used[(int(np.argmax(gaps)) + 1) % used.size])
    span = 100 - int(gaps.max())
    if gaps.max() < _LEAST_GAP:
        start, span = (_LATEST_YEAR + 1) % 100, 99
    first = _LATEST_YEAR - span - (_LATEST_YEAR - span - start) % 100
    return first, first + span


def _has(moments: NDArray[np.datetime64]) -> bool:
    return bool((~np.isnat(moments)).any())


def _order(
    words: pa.Array,
    counts: NDArray[np.int64],
    both: dict[str, NDArray[np.datetime64] | None],
    day_first: bool | None,
    usual: str,
) -> tuple[str, bool, str]:
    """Return "dmy" or "mdy", whether that is in doubt, and the same once more if it is beyond doubt."""
    if day_first is not None:
        return ("dmy" if day_first else "mdy"), False, ""
    read = {
        name: moments_of(words, PATTERNS[name]) if given is None else given
        for name, given in both.items()
    }
    rows = {name: int(counts[~np.isnat(moments)].sum()) for name, moments in read.items()}
    if rows["dmy"] != rows["mdy"]:
        order = "dmy" if rows["dmy"] > rows["mdy"] else "mdy"
        return order, False, order
    if usual:
        return usual, False, ""
    rises = {name: _rises(moments) for name, moments in read.items()}
    if rises["dmy"] != rises["mdy"]:
        return ("dmy" if rises["dmy"] else "mdy"), True, ""
    there = np.flatnonzero(~np.isnat(read["dmy"]))
    same = bool((read["dmy"][there] == read["mdy"][there]).all())
    slashes = sum("/" in words[int(place)].as_py() for place in there[:100])
    return ("mdy" if 2 * slashes > min(len(there), 100) else "dmy"), not same, ""


def _rises(moments: NDArray[np.datetime64]) -> bool:
    """Tell whether moments, a few at least, never go back from row to row."""
    known = moments[~np.isnat(moments)]
    return known.size > 2 and bool((np.diff(known) >= np.timedelta64(0, "us")).all())
