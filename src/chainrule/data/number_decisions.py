"""What is decided of a column of numbers, and the line that says so."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from chainrule.data.cells import number_cells
from chainrule.data.decisions import Decision
from chainrule.data.forms.beside import mark_beside, without_marks
from chainrule.data.forms.number_marks import NumberFinding
from chainrule.data.forms.numbers import EITHER, NumberForm
from chainrule.data.forms.units import factor
from chainrule.data.messages import shown
from chainrule.data.profiles import Profile, examples_of
from chainrule.data.readings import Reading
from chainrule.data.sentinels import FoundSentinel, find_sentinels

__all__ = ["numbers", "ranged"]

# So many different texts are looked at for the marks beside their numbers.
_LOOKED_AT = 20_000
_BETWEEN = {",": "commas", ".": "points", " ": "blanks", "'": "apostrophes", "_": "underscores"}


def numbers(profile: Profile) -> Decision:
    """Return the decision for a column of numbers that are written as text."""
    found = profile.numbers
    assert found is not None
    form = found.form
    clauses, doubts = [], []
    which = found.is_number & np.asarray(pc.is_null(number_cells(profile.words)), dtype=bool)
    if not form.is_plain or which.any():
        word = profile.first(_telling(profile, which if which.any() else found.is_number))
        value = form.values(pa.array([word], profile.words.type))[0]
        clauses.append(f"numbers{_unit(form)}{_marks(found)}: {shown(word)} is {value:.15g}")
        clauses += _other_units(form, found.units)
        clauses += _left_out_marks(profile, found)
    if found.doubtful:
        other = "." if form.decimal == "," else ","
        value = form.values(pa.array([found.doubtful], profile.words.type))[0]
        doubts.append(
            f"nothing tells whether {shown(found.doubtful)} is {value:.15g}, as it is taken, or has "
            f"decimals (--decimal {other} for that)"
        )
    left = profile.unread(found.is_number)
    if left:
        clauses.append(f"{'missing' if clauses else 'numbers, missing'} where it says {left}")
    reading = Reading(profile.name, "numeric", form, gaps=profile.gaps(found.is_number))
    decision = Decision(
        profile.name, reading, tuple(clauses), tuple(doubts), shows_decimal=found.shows
    )
    return ranged(decision, profile)


def ranged(decision: Decision, profile: Profile) -> Decision:
    """Return the decision for a column of numbers with their ends, and a line on odd ones."""
    values = decision.reading.form.read(profile.plain)
    ends = pc.min_max(values)
    if ends["min"].as_py() is None:
        return decision
    # A zero has no sign: which of two zeros is the lower one is nobody's decision.
    low, high = float(ends["min"].as_py()) + 0.0, float(ends["max"].as_py()) + 0.0
    clauses, doubts = list(decision.clauses), list(decision.doubts)
    infinite = 0 if profile.is_text else values.null_count - profile.plain.null_count
    if infinite > 0:
        count = "1 infinite value is" if infinite == 1 else f"{infinite:,} infinite values are"
        clauses.append(f"{count} missing")
    odd = [] if profile.declared == "numeric" else find_sentinels(low, high, values)
    judged = not profile.options.strict and not profile.is_target
    missing = tuple(one.number for one in odd if one.sure and judged)
    for one in odd:
        is_missing = one.number in missing
        (clauses if is_missing else doubts).append(_sentinel_line(profile.name, one, is_missing))
    if missing:
        ends = [one.number for one in odd if one.number not in missing]
        low, high = min([odd[0].lowest, *ends]), max([odd[0].highest, *ends])
    gaps = ("inf", "-inf") if infinite > 0 else decision.reading.gaps
    reading = replace(decision.reading, lowest=low, highest=high, gaps=gaps, sentinels=missing)
    return replace(decision, reading=reading, clauses=tuple(clauses), doubts=tuple(doubts))


def _sentinel_line(name: str, found: FoundSentinel, is_missing: bool) -> str:
    rows = "1 row" if found.rows == 1 else f"{found.rows:,} rows"
    others = f"the others, {found.lowest:g} to {found.highest:g}"
    if is_missing:
        return (
            f"{found.number:g} (in {rows}), apart from {others}, is taken as missing (--kind "
            f"{name}=number keeps it)"
        )
    return (
        f"{found.number:g} (in {rows}) lies apart from {others}, and may stand for a missing value "
        f"(--missing {found.number:g})"
    )


def _marks(found: NumberFinding) -> str:
    """Return how the numbers are written, in words."""
    form, said = found.form, []
    if form.decimal == "," and "," in found.written:
        said.append("a decimal comma")
    if form.decimal == EITHER:
        said.append("commas and points before the decimals")
    if form.thousands and form.thousands in found.written:
        said.append(f"{_BETWEEN[form.thousands]} between the thousands")
    if "(" in found.written:
        said.append("parentheses for a minus")
    if "-" in found.written:
        said.append("a minus behind them")
    return f" with {', '.join(said[:-1])}{' and ' if said[1:] else ''}{said[-1]}" if said else ""


def _left_out_marks(profile: Profile, found: NumberFinding) -> list[str]:
    """Return what is said of the marks beside numbers that are not exact."""
    if not found.form.marked:
        return []
    bare, marked = without_marks(profile.words)
    which = np.flatnonzero(marked & found.is_number)[:_LOOKED_AT]
    counted: Counter[str] = Counter()
    for place in which:
        mark = mark_beside(profile.words[place].as_py(), bare[place].as_py())
        counted[mark.lower()] += int(profile.counts[place])
    verb = "is" if len(counted) == 1 else "are"
    return [f"{examples_of(counted)} beside a number {verb} left out"] if counted else []


def _telling(profile: Profile, which: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which numbers are good examples: those with two marks, such as 1.234,50."""
    two = pc.match_substring_regex(profile.words, r"\d[^\d]\d+[.,]\d")
    telling = which & np.asarray(two, dtype=bool)
    return telling if telling.any() else which


def _unit(form: NumberForm) -> str:
    unit = _named(form)
    return f" in {unit}" if unit else ""


def _named(form: NumberForm) -> str:
    """Return how the unit of a form is called, with its currency."""
    if form.currency and factor(form.unit, form.currency) == 1:
        return form.currency
    return f"{form.currency} {form.unit}".strip()


def _other_units(form: NumberForm, units: dict[str, int]) -> list[str]:
    """Return what is said of the numbers of a column that have another unit than most."""
    own = _named(form)
    if not own:
        return []
    clauses = []
    bare = units.get("", 0)
    if bare:
        clauses.append(f"{bare:,} without a unit are taken as {own}")
    others = {
        unit: count
        for unit, count in units.items()
        if unit not in ("", own, form.unit, form.currency) and factor(unit, form.unit) is not None
    }
    if others:
        clauses.append(f"{examples_of(others)} converted to {own}")
    return clauses
