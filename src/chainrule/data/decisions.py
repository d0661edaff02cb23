"""What is decided of a column, and the line that says so: one function for each kind but numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from chainrule.data.forms.compounds import are_compounds
from chainrule.data.forms.date_patterns import PATTERNS
from chainrule.data.forms.dates import DateForm
from chainrule.data.forms.labels import LabelForm, find_spellings
from chainrule.data.forms.truths import TruthForm
from chainrule.data.messages import shown
from chainrule.data.profiles import Profile, examples_of
from chainrule.data.readings import Reading
from chainrule.data.sentinels import date_sentinels

__all__ = ["Decision", "dates", "labels", "truths", "typed_dates", "typed_moments"]

# With fewer rows, all values of a text column may differ by chance.
_ROWS_OF_AN_IDENTIFIER = 20
_WORDS_OF_A_SENTENCE = 4
_CLOCKS = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}
# A time with a zone that is not UTC itself.
_ZONED = (
    r":\d\d(?:[.,]\d+)?(?: ?[AaPp]\.?[Mm]\.?)? ?"
    r"(?:(?:GMT|UTC)?[+-]\d\d?(?::?\d\d)?|\(?[A-Z]{3,4}\)?)$"
)


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
    number = float(first[0].as_py())
    moment = form.read(first)[0].as_py()
    how = f"{_CLOCKS[form.ticks]} since 1970" if form.ticks else "dates"
    clause = (
        f"the numbers are {how}: {number:.0f} is {_moment(moment)} (--kind "
        f"{profile.name}=number takes them as numbers)"
    )
    reading = Reading(profile.name, "date", form)
    said = ((), (clause,)) if doubtful else ((clause,), ())
    return _without_sentinels(Decision(profile.name, reading, *said), profile)


def _without_sentinels(decision: Decision, profile: Profile) -> Decision:
    """Return the decision for dates, of which some stand for none."""
    if profile.declared == "date":
        return decision
    found = date_sentinels(decision.reading.form.read(profile.plain))
    clauses = [
        f"{one.day} (in {'1 row' if one.rows == 1 else f'{one.rows:,} rows'}), apart from the others, "
        f"{one.first} to {one.last}, is taken as missing (--kind {profile.name}=date keeps it)"
        for one in found
    ]
    if profile.options.strict:
        return replace(decision, doubts=(*decision.doubts, *clauses))
    reading = replace(decision.reading, sentinels=tuple(one.number for one in found))
    return replace(decision, reading=reading, clauses=(*decision.clauses, *clauses))


def typed_moments(profile: Profile) -> Decision:
    """Return the decision for a column of dates or times that are no text."""
    zone = getattr(profile.column.type, "tz", None)
    clause = () if zone in (None, "UTC") else (f"times in {zone} are brought to UTC",)
    decision = Decision(profile.name, Reading(profile.name, "date", DateForm()), clause)
    return _without_sentinels(decision, profile)


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
    elif {PATTERNS[name].called for name in form.patterns} == {"times of day"}:
        clauses.append(f"times of day, such as {shown(word)}")
    elif form.patterns or form.format:
        called = dict.fromkeys(PATTERNS[name].called for name in form.patterns)
        how = ", or ".join(called) or form.format
        years = found.short_years
        spanned = (
            f", two-digit years are {years[0]} to {years[1]}"
            if years and years[1] > years[0]
            else ""
        )
        clauses.append(f"dates ({how}{spanned}): {shown(word)} is {_moment(moment)}")
    zoned = found.is_date & np.asarray(pc.match_substring_regex(profile.words, _ZONED), dtype=bool)
    if zoned.any():
        word = profile.first(zoned)
        moment = form.read(pa.chunked_array([pa.array([word], profile.words.type)]))[0].as_py()
        clauses.append(f"times with time zones are brought to UTC: {shown(word)} is {moment}")
    left = profile.unread(found.is_date)
    if left:
        clauses.append(f"{'missing' if clauses else 'dates, missing'} where it says {left}")
    reading = Reading(profile.name, "date", form, gaps=profile.gaps(found.is_date))
    decision = Decision(
        profile.name, reading, tuple(clauses), tuple(doubts), shows_order=found.shows
    )
    return _without_sentinels(decision, profile)


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
    if questioned and not profile.is_target:
        clauses += _compounds(profile, bool(reason))
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


def _compounds(profile: Profile, left_out: bool) -> list[str]:
    """Return the clause about texts that hold numbers which are not read, if there are any."""
    found = are_compounds(profile.words, profile.counts)
    if not found.any():
        return []
    taken = "" if left_out else ", and is taken as categories"
    return [
        f"it holds numbers that are not read, such as {shown(profile.first(found))}{taken} (give "
        "each number a column of its own to have it as a number)"
    ]


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


def _telling(profile: Profile, is_date: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which dates are good examples: those with a part that can only be the day."""
    large = pc.match_substring_regex(profile.words, r"(?:^|\D)(?:1[3-9]|2\d|3[01])(?:\D|$)")
    telling = is_date & np.asarray(large, dtype=bool)
    return telling if telling.any() else is_date


def _moment(moment: object) -> str:
    return str(moment).removesuffix(" 00:00:00")
