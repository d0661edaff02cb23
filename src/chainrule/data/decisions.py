"""What is decided of a column, and the line that says so: one function for each kind."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from chainrule.data.cells import number_cells
from chainrule.data.forms.date_patterns import PATTERNS
from chainrule.data.forms.dates import DateForm
from chainrule.data.forms.labels import LabelForm, find_spellings
from chainrule.data.forms.numbers import NumberForm
from chainrule.data.forms.truths import TruthForm
from chainrule.data.forms.units import factor
from chainrule.data.messages import shown
from chainrule.data.number_checks import sentinel
from chainrule.data.profiles import Profile, examples_of
from chainrule.data.readings import Reading

__all__ = ["Decision", "dates", "labels", "numbers", "ranged", "truths", "typed_dates"]

# With fewer rows, all values of a text column may differ by chance.
_ROWS_OF_AN_IDENTIFIER = 20
_WORDS_OF_A_SENTENCE = 4
_CLOCKS = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}


@dataclass(frozen=True)
class Decision:
    """What one column is, and what is to be said about it.

    Attributes
    ----------
    name : str
    reading : Reading
    clauses : tuple of str
        What was decided that is not plain to see.
    doubts : tuple of str
        What might as well have been decided otherwise, with the option that does.
    left_out : str
        Why the column is not used, "" if it is.
    few_whole : tuple of int or None
        The ends of a few whole numbers that may be numbers or classes.
    shows_decimal, shows_order : str
        The decimal mark, and the order of day and month, that it shows beyond doubt; else "".
    """

    name: str
    reading: Reading
    clauses: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    left_out: str = ""
    few_whole: tuple[int, int] | None = None
    shows_decimal: str = ""
    shows_order: str = ""

    @property
    def line(self) -> str:
        """One line about the column, "" if there is nothing to say."""
        said = "; ".join((*self.clauses, *self.doubts))
        if self.left_out:
            said = f"is left out: {self.left_out}" + (f"; {said}" if said else "")
            return f"column {shown(self.name)} {said}"
        return f"column {shown(self.name)}: {said}" if said else ""


def truths(profile: Profile, form: TruthForm) -> Decision:
    """Return the decision for a column of truth values that are written as words."""
    is_truth = np.asarray(pc.is_valid(form.read(pa.chunked_array([profile.words]))), dtype=bool)
    left = profile.unread(is_truth)
    clauses = [f"truth values, missing where it says {left}"] if left else []
    if form.false[0] not in ("false", "n", "f", "off"):
        clauses.insert(0, f"{shown(form.true[0])} is true, {shown(form.false[0])} is false")
    reading = Reading(profile.name, "boolean", form, gaps=profile.gaps(is_truth))
    return Decision(profile.name, reading, tuple(clauses))


def typed_dates(profile: Profile, form: DateForm, doubtful: bool) -> Decision:
    """Return the decision for numbers that stand for dates."""
    first = profile.plain.drop_null().slice(0, 1)
    number = first[0].as_py()
    moment = form.read(first)[0].as_py()
    how = f"{_CLOCKS[form.ticks]} since 1970" if form.ticks else "dates"
    clause = (
        f"the numbers are {how}: {number:.0f} is {_moment(moment)} (--kind "
        f"{profile.name}=number takes them as numbers)"
    )
    reading = Reading(profile.name, "date", form)
    said = ((), (clause,)) if doubtful else ((clause,), ())
    return Decision(profile.name, reading, *said)


def dates(profile: Profile) -> Decision:
    """Return the decision for a column of dates that are written as text."""
    found = profile.dates
    assert found is not None
    form = found.form
    clauses, doubts, first = [], [], "dmy" in form.patterns
    word = found.doubtful or profile.first(_telling(profile, found.is_date))
    moment = form.read(pa.chunked_array([pa.array([word], profile.words.type)]))[0].as_py()
    if found.doubtful:
        doubts.append(
            f"dates, and nothing tells whether day or month is first: {shown(word)} is taken as "
            f"{_moment(moment)} (--{'month' if first else 'day'}-first for the other)"
        )
    elif form.patterns == ("clock",):
        clauses.append(f"times of day, such as {shown(word)}")
    elif form.patterns or form.format:
        called = dict.fromkeys(PATTERNS[name].called for name in form.patterns)
        how = ", or ".join(called) or form.format
        clauses.append(f"dates ({how}): {shown(word)} is {_moment(moment)}")
    left = profile.unread(found.is_date)
    if left:
        clauses.append(f"{'missing' if clauses else 'dates, missing'} where it says {left}")
    reading = Reading(profile.name, "date", form, gaps=profile.gaps(found.is_date))
    return Decision(profile.name, reading, tuple(clauses), tuple(doubts), shows_order=found.shows)


def numbers(profile: Profile) -> Decision:
    """Return the decision for a column of numbers that are written as text."""
    found = profile.numbers
    assert found is not None
    form = found.form
    clauses, doubts = [], []
    which = found.is_number & np.asarray(pc.is_null(number_cells(profile.words)), dtype=bool)
    if not form.is_plain or which.any():
        word = profile.first(which if which.any() else found.is_number)
        value = form.values(pa.array([word], profile.words.type))[0]
        clauses.append(f"numbers{_unit(form)}: {shown(word)} is {value:.15g}")
        clauses += _other_units(form, found.units)
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
    low, high = float(ends["min"].as_py()), float(ends["max"].as_py())
    clauses, doubts = list(decision.clauses), list(decision.doubts)
    infinite = 0 if profile.is_text else values.null_count - profile.plain.null_count
    if infinite > 0:
        count = "1 infinite value is" if infinite == 1 else f"{infinite:,} infinite values are"
        clauses.append(f"{count} missing")
    code = sentinel(low, high, values)
    if code is not None:
        number, rows, low_other, high_other = code
        doubts.append(
            f"{number:g} (in {rows:,} {'row' if rows == 1 else 'rows'}) lies far from the others, "
            f"{low_other:g} to {high_other:g}, and may stand for a missing value (--missing "
            f"{number:g})"
        )
    gaps = ("inf", "-inf") if infinite > 0 else decision.reading.gaps
    reading = replace(decision.reading, lowest=low, highest=high, gaps=gaps)
    return replace(decision, reading=reading, clauses=tuple(clauses), doubts=tuple(doubts))


def labels(profile: Profile, questioned: bool = True) -> Decision:
    """Return the decision for a column of categories.

    Parameters
    ----------
    profile : Profile
    questioned : bool
        Whether the column may be left out as an identifier, or as free text.
    """
    name = profile.name
    if not profile.is_text:
        return Decision(name, Reading(name, "categorical", LabelForm()))
    words, counts = profile.words.to_pylist(), profile.counts.tolist()
    left = profile.unread(np.ones(len(words), dtype=bool))
    clauses = [f"missing where it says {left}"] if left else []
    reason = _not_encoded(profile, words) if questioned else ""
    spelled = find_spellings({} if reason else dict(zip(words, counts, strict=True)))
    doubts = []
    if spelled.joined:
        pairs = ", ".join(f"{shown(one)} as {shown(main)}" for one, main in spelled.joined[:3])
        more = f" and {len(spelled.joined) - 3:,} more" if len(spelled.joined) > 3 else ""
        clauses.append(f"labels that differ by case or blanks alone are one: {pairs}{more}")
    if spelled.apart:
        pairs = ", ".join(f"{shown(main)} and {shown(one)}" for one, main in spelled.apart[:3])
        doubts.append(f"labels that differ by case alone are told apart: {pairs}")
    signs = "+" in words
    form = LabelForm(spelled.joined, signs)
    reading = Reading(name, "categorical", form)
    return Decision(name, reading, tuple(clauses), tuple(doubts), reason)


def _not_encoded(profile: Profile, words: list[str]) -> str:
    """Return why a column of text is not used as categories, "" if it is."""
    name = profile.name
    keep = f"(--kind {name}=category keeps it)"
    if len(words) <= _ROWS_OF_AN_IDENTIFIER:
        return ""
    units = {} if profile.numbers is None else profile.numbers.units
    rows = int(profile.counts.sum())
    if 1 < len(units) <= 10 and sum(units.values()) > 0.9 * rows and 2 * len(words) > rows:
        return f"its numbers have units that do not compare, {examples_of(units)} {keep}"
    sentence = sum(word.count(" ") + 1 for word in words[:1000]) / min(len(words), 1000)
    if sentence > _WORDS_OF_A_SENTENCE and 2 * len(words) > rows:
        return (
            f"it is free text, {sentence:.0f} words on average, which is not encoded (--kind "
            f"{name}=category keeps whole texts as categories)"
        )
    if len(words) == rows:
        return f"no value comes twice, as in an identifier {keep}"
    return ""


def _unit(form: NumberForm) -> str:
    unit = f"{form.currency} {form.unit}".strip()
    return f" in {unit}" if unit else ""


def _other_units(form: NumberForm, units: dict[str, int]) -> list[str]:
    """Return what is said of the numbers of a column that have another unit than most."""
    own = f"{form.currency} {form.unit}".strip()
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


def _telling(profile: Profile, is_date: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which dates are good examples: those with a part that can only be the day."""
    large = pc.match_substring_regex(profile.words, r"(?:^|\D)(?:1[3-9]|2\d|3[01])(?:\D|$)")
    telling = is_date & np.asarray(large, dtype=bool)
    return telling if telling.any() else is_date


def _moment(moment: object) -> str:
    return str(moment).removesuffix(" 00:00:00")
