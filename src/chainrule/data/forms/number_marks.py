"""Finding out how the numbers of a column are written, from its different texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from chainrule.data.cells import number_cells
from chainrule.data.forms.numbers import (
    DECIMALS,
    THOUSANDS,
    NumberForm,
    Parts,
    parts_of,
    whole_pattern,
)
from chainrule.data.forms.units import factor

__all__ = ["NumberFinding", "find_numbers"]

# 1,234 and 1.234, which may be a thousand or one and a bit.
_EITHER = r"^[1-9]\d{0,2}[.,]\d{3}$"
# So many different texts tell how all are written, unless some of the others are not read then.
_LOOKED_AT = 20_000


@dataclass(frozen=True)
class NumberFinding:
    """How the numbers of a column are written, and what speaks for it.

    Attributes
    ----------
    form : NumberForm
    is_number : ndarray of bool
        Which of the different texts are numbers then.
    doubtful : str
        A number that would be another one with the other decimal mark, where nothing tells; else "".
    shows : str
        The decimal mark that the column shows beyond doubt, "" if it shows none.
    units : dict of str to int
        How many rows are written with each unit, "" for none.
    """

    form: NumberForm
    is_number: NDArray[np.bool_]
    doubtful: str = ""
    shows: str = ""
    units: dict[str, int] = field(default_factory=dict)


def find_numbers(
    words: pa.Array,
    counts: NDArray[np.int64],
    decimal: str | None = None,
    thousands: str | None = None,
    usual: str = "",
) -> NumberFinding | None:
    """Return how the numbers among texts are written; None if none of them is a number.

    Parameters
    ----------
    words : pyarrow.Array
        The different texts of a column, cleaned.
    counts : ndarray of shape (n,)
        How often each comes.
    decimal, thousands : str, optional
        The marks, if they are known.
    usual : str
        The decimal mark of the file's other columns, where it is known.
    """
    plain = np.asarray(pc.is_finite(number_cells(words)).fill_null(False), dtype=bool)
    if plain.all() and (decimal or usual or ".") == ".":
        with_point = bool(pc.any(pc.match_substring(words, ".")).as_py())
        return NumberFinding(NumberForm(), plain, shows="." if with_point else "")
    step = max(1, len(words) // _LOOKED_AT)
    places = np.arange(0, len(words), step)
    while True:
        some, weights = words.take(pa.array(places)), counts[places]
        found = _find(some, weights, decimal, thousands, usual)
        if found is None:
            return None
        values = found.form.values(words)
        is_number = np.isfinite(values)
        left = np.setdiff1d(np.flatnonzero(~is_number), places)
        if step == 1 or left.size == 0 or places.size > 3 * _LOOKED_AT:
            return replace(found, is_number=is_number)
        places = np.union1d(places, left[:_LOOKED_AT])


def _find(
    words: pa.Array,
    counts: NDArray[np.int64],
    decimal: str | None,
    thousands: str | None,
    usual: str,
) -> NumberFinding | None:
    parts = parts_of(words)
    readable = parts.readable()
    if not readable.any():
        return None
    currency, unit, units = _units(parts, counts, readable)
    scores = {}
    for marks in _pairs(decimal, thousands):
        fits = pc.match_substring_regex(parts.body, whole_pattern(*marks))
        fits = np.asarray(pc.fill_null(fits, False), dtype=bool) & readable
        scores[marks] = int(counts[fits].sum())
    best = max(scores.values())
    if best == 0:
        return None
    equal = [marks for marks, score in scores.items() if score == best]
    chosen = next((marks for marks in equal if marks[0] == usual), equal[0])
    form = NumberForm(*chosen, currency, unit)
    doubtful, shows = "", ""
    with_mark = np.asarray(pc.fill_null(pc.match_substring_regex(parts.body, "[.,]"), False))
    if (with_mark & readable).any():
        either = np.asarray(pc.fill_null(pc.match_substring_regex(parts.body, _EITHER), False))
        others = [marks for marks in equal if marks[0] != chosen[0]]
        if others and (either & readable).any() and not usual and chosen != (".", ""):
            doubtful = words[int(np.argmax(either & readable))].as_py()
        if not others and decimal is None:
            shows = chosen[0]
    return NumberFinding(form, readable, doubtful, shows, units)


def _pairs(decimal: str | None, thousands: str | None) -> Iterator[tuple[str, str]]:
    """Yield the marks of decimals and thousands that may be, the most usual ones first."""
    for mark in DECIMALS if decimal is None else (decimal,):
        for between in THOUSANDS if thousands is None else (thousands,):
            if between == mark:
                continue
            yield mark, between


def _units(
    parts: Parts, counts: NDArray[np.int64], readable: NDArray[np.bool_]
) -> tuple[str, str, dict[str, int]]:
    """Return the most frequent currency in front and unit behind, and how often each unit comes."""
    before = [sign or "" for sign in parts.before.to_pylist()]
    after = [unit or "" for unit in parts.after.to_pylist()]
    in_front: Counter[str] = Counter()
    behind: Counter[str] = Counter()
    both: Counter[str] = Counter()
    for place in np.flatnonzero(readable):
        count = int(counts[place])
        in_front[before[place]] += count
        behind[after[place]] += count
        both[f"{before[place]} {after[place]}".strip()] += count
    currency = _most(in_front)
    unit = _most(behind)
    if unit and "" in behind and factor("", unit) is not None:
        unit = ""  # 900, 1.2k and 3M are counts
    elif unit and behind[unit] < 0.5 * behind.total() and behind[""] > behind[unit]:
        unit = ""
    return currency, unit, dict(both.most_common())


def _most(counted: Counter[str]) -> str:
    return max((text for text in counted if text), key=lambda text: counted[text], default="")
