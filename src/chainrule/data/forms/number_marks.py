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
from chainrule.data.forms.amounts import in_one_unit
from chainrule.data.forms.beside import without_marks, without_seconds
from chainrule.data.forms.numbers import (
    DECIMALS,
    EITHER,
    THOUSANDS,
    NumberForm,
    Parts,
    parts_of,
    whole_pattern,
)
from chainrule.data.forms.units import factor, is_money, unit_of

__all__ = ["NumberFinding", "find_numbers"]

# 1,234 and 1.234, which may be a thousand or one and a bit.
_EITHER = r"^[1-9]\d{0,2}[.,]\d{3}$"
# So many different texts tell how all are written, unless some of the others are not read then.
_LOOKED_AT = 20_000
# Numbers with a point between the thousands, and their share of those that are below 1,000.
_THOUSAND = r"^-?[1-9]\d{0,2}\.\d{3}$"
_LEAST_WITH_POINT = 20
_SHARE_BELOW = 0.01
# So many numbers are written with the same marks, or both marks may stand before decimals.
_AGREE = 0.95
# So many of a column are amounts of two units, or none is taken for one.
_SHARE_JOINED = 0.2
# Beside numbers that are marked, so many different ones have no mark.
_LEAST_PLAIN = 3


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
    written : frozenset of str
        Which marks the numbers have: those of the form that come, "(" for parentheses and "-" for a
        minus behind.
    """

    form: NumberForm
    is_number: NDArray[np.bool_]
    doubtful: str = ""
    shows: str = ""
    units: dict[str, int] = field(default_factory=dict)
    written: frozenset[str] = frozenset()


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
    if (
        plain.all()
        and (decimal or usual or ".") == "."
        and (decimal or usual or not _points_are_thousands(words, counts))
    ):
        with_point = bool(pc.any(pc.match_substring(words, ".")).as_py())
        return NumberFinding(NumberForm(), plain, shows="." if with_point else "")
    step = max(1, len(words) // _LOOKED_AT)
    places = np.arange(0, len(words), step)
    while True:
        some, weights = words.take(pa.array(places)), counts[places]
        bare, marked = without_marks(some)
        are_marked = _are_marked(some, bare, weights, marked)
        bare = bare if are_marked else some
        whole, are_joined = in_one_unit(bare)
        joined = bool(weights[are_joined].sum() >= _SHARE_JOINED * weights.sum())
        found = _find(whole if joined else bare, weights, decimal, thousands, usual)
        if found is None:
            return None
        found = replace(found, form=replace(found.form, marked=are_marked, joined=joined))
        values = found.form.values(words)
        is_number = np.isfinite(values)
        left = np.setdiff1d(np.flatnonzero(~is_number), places)
        if step == 1 or left.size == 0 or places.size > 3 * _LOOKED_AT:
            return replace(found, is_number=is_number)
        places = np.union1d(places, left[:_LOOKED_AT])


def _are_marked(
    words: pa.Array, bare: pa.Array, counts: NDArray[np.int64], marked: NDArray[np.bool_]
) -> bool:
    """Tell whether numbers of a column have marks, as ~ is, and at least as many have none.

    Of numbers that all have some, such as <5 and >5, the marks are what they say.
    """
    if not marked.any():
        return False
    have_seconds = np.asarray(pc.not_equal(without_seconds(words), words), dtype=bool)
    plain = parts_of(without_seconds(words)).readable() & (have_seconds | ~marked)
    others = parts_of(bare).readable() & marked
    enough = plain.sum() >= _LEAST_PLAIN
    return bool(enough and others.any() and counts[plain].sum() >= counts[others].sum())


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
        fits = _fits(parts.body, whole_pattern(*marks)) & readable
        scores[marks] = int(counts[fits].sum())
    best = max(scores.values())
    if decimal is None and not thousands and best < _AGREE * counts[readable].sum():
        fits = _fits(parts.body, whole_pattern(EITHER, "")) & readable
        if counts[fits].sum() >= _AGREE * counts[readable].sum():
            scores[(EITHER, "")] = best = int(counts[fits].sum())
    if best == 0:
        return None
    equal = [marks for marks, score in scores.items() if score == best]
    chosen = next((marks for marks in equal if marks[0] == usual), equal[0])
    if (",", ".") in equal and not usual and _points_are_thousands(parts.body, counts):
        chosen = (",", ".")
    form = NumberForm(*chosen, currency, unit)
    doubtful, shows = "", ""
    with_mark = np.asarray(pc.fill_null(pc.match_substring_regex(parts.body, "[.,]"), False))
    if (with_mark & readable).any():
        either = np.asarray(pc.fill_null(pc.match_substring_regex(parts.body, _EITHER), False))
        others = [marks for marks in equal if marks[0] not in (chosen[0], EITHER)]
        if others and (either & readable).any() and not usual and chosen != (".", ""):
            doubtful = words[int(np.argmax(either & readable))].as_py()
        if not others and decimal is None and chosen[0] != EITHER:
            shows = chosen[0]
    return NumberFinding(form, readable, doubtful, shows, units, _written(words, parts, form))


def _written(words: pa.Array, parts: Parts, form: NumberForm) -> frozenset[str]:
    """Return which marks the numbers have."""
    read = words.filter(pa.array(parts.readable() & parts.negative))
    patterns = {"(": r"\(", "-": r"\d[^-]*-$"}
    found = {mark for mark, regex in patterns.items() if _any(read, regex)}
    for mark in (form.decimal, form.thousands):
        if mark and pc.any(pc.match_substring(parts.body, mark)).as_py():
            found.add(mark)
    return frozenset(found)


def _any(words: pa.Array, regex: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(words, regex)).as_py())


def _points_are_thousands(bodies: pa.Array, counts: NDArray[np.int64]) -> bool:
    """Tell whether points stand between thousands, though they may be those of decimals.

    They do in 845, 8.123 and 12.500, where three digits stand behind every point, none of which a
    number with decimals would have left out, and some numbers have no point, all of them below 1,000.
    """
    with_point = _fits(bodies, r"\.")
    if with_point.sum() < _LEAST_WITH_POINT or not _fits(bodies, _THOUSAND)[with_point].all():
        return False
    without = _fits(bodies, r"^-?\d+$")
    small = _fits(bodies, r"^-?\d{1,3}$")
    rows = counts[without].sum()
    return bool((small == without).all() and rows >= _SHARE_BELOW * counts[with_point].sum() > 0)


def _fits(texts: pa.Array, regex: str) -> NDArray[np.bool_]:
    found = pc.fill_null(pc.match_substring_regex(texts, regex), False)
    return np.asarray(found, dtype=bool)


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
        # A word among bare numbers is no unit, but a few hours or kilograms are.
        known = sum(count for text, count in behind.items() if text and factor(text, unit))
        is_known = unit_of(unit) is not None
        unit = unit if is_known and known >= 0.9 * (behind.total() - behind[""]) else ""
    if currency and is_money(unit) and factor(unit, currency) is None:  # $5 and 5 €
        if behind[unit] > in_front[currency]:
            currency = ""
        else:
            unit = ""
    return currency, unit, dict(both.most_common())


def _most(counted: Counter[str]) -> str:
    return max((text for text in counted if text), key=lambda text: counted[text], default="")
