"""What a column is, and how it is read, by all of its values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from chainrule.data import decisions, number_decisions
from chainrule.data.codes import are_codes
from chainrule.data.column_options import KINDS, ColumnOptions
from chainrule.data.columns import Kind
from chainrule.data.decisions import Decision
from chainrule.data.forms.amounts import are_long_clocks
from chainrule.data.forms.dates import DateForm
from chainrule.data.forms.labels import LabelForm
from chainrule.data.forms.numbers import NumberForm
from chainrule.data.forms.truths import TruthForm, find_truths
from chainrule.data.messages import shown
from chainrule.data.number_checks import date_form_of, few_whole
from chainrule.data.profiles import Profile
from chainrule.data.readings import PLAIN, Form, Reading
from chainrule.errors import DataError

__all__ = ["decide", "infer_kind"]

# Among truth values, words for a missing value, and other words, are none if they come more often.
_RARELY = 0.05
_VERY_RARELY = 0.01
_FEW_WORDS = 20
# Other words in so many rows are labels, and no slips.
_ROWS_OF_LABELS = 3
# What a spreadsheet puts before digits that are text.
_TEXT_MARK = "['\u2019]?"


def decide(profile: Profile) -> Decision:
    """Return what a column is, and how it is read.

    ==================================================================  ===========
    the column                                                          its kind
    ==================================================================  ===========
    numbers (0 and 1 too), or text that is mostly numbers               numeric
    truth values, or text that is a pair of words such as yes and no    boolean
    dates and times, text that is mostly dates, and numbers that count  date
    days or seconds
    categories of a data frame, and every other text                    categorical
    ==================================================================  ===========

    Raises
    ------
    DataError
        If it is declared to be of a kind of which it has not one value.
    """
    name, plain = profile.name, profile.plain
    if profile.present == 0 or (profile.is_text and len(profile.words) == 0):
        nothing = profile.unread(np.zeros(0, dtype=bool)) if profile.present else ""
        kind = profile.declared or "categorical"
        reason = f"it has no value but {nothing}" if nothing else "it has no value at all"
        return Decision(name, Reading(name, kind, PLAIN[kind]), left_out=reason)
    if profile.declared is not None:
        return _as_declared(profile, profile.declared)
    if pa.types.is_dictionary(profile.column.type):
        return Decision(name, Reading(name, "categorical", LabelForm()))
    if profile.is_text:
        return _of_text(profile)
    if pa.types.is_timestamp(plain.type):
        return decisions.typed_moments(profile)
    if pa.types.is_boolean(plain.type):
        return Decision(name, Reading(name, "boolean", TruthForm()))
    found = date_form_of(name, plain)
    if found is not None:
        return decisions.typed_dates(profile, *found)
    decision = Decision(name, Reading(name, "numeric", NumberForm()))
    decision = number_decisions.ranged(decision, profile)
    if not profile.is_target and are_codes(name, plain):
        return _codes(profile)
    return replace(decision, few_whole=few_whole(decision.reading.read(plain)))


def infer_kind(name: str, column: pa.ChunkedArray, declared: Kind | None = None) -> Kind:
    """Return what a column is to the encoder.

    Parameters
    ----------
    name : str
        The column's name, for messages.
    column : pyarrow.Array or pyarrow.ChunkedArray
        The whole column.
    declared : Kind, optional
        What the user says that the column is, which is not questioned.
    """
    kinds = {} if declared is None else {name: declared}
    return decide(Profile.of(name, column, ColumnOptions(kinds))).reading.kind


def _as_declared(profile: Profile, kind: Kind) -> Decision:
    """Return the decision for a column whose kind the user named."""
    decision: Decision | None = None
    if kind == "categorical":
        return decisions.labels(profile, questioned=False)
    if not profile.is_text:
        decision = _typed_as(profile, kind)
    elif kind == "numeric" and profile.numbers is not None:
        decision = number_decisions.numbers(profile)
    elif kind == "date" and profile.dates is not None:
        decision = decisions.dates(profile)
    elif kind == "boolean":
        found = find_truths(profile.words, profile.counts)
        form = found[0] if found else TruthForm()
        if form.read(pa.chunked_array([profile.words])).null_count < len(profile.words):
            decision = decisions.truths(profile, form)
    if decision is not None:
        return decision
    called = next(called for called, name in KINDS.items() if name == kind)
    raise DataError(
        f"column {shown(profile.name)} was declared a {called}, but no value of it is one, such as "
        f"{shown(str(profile.plain.drop_null()[0]))}: name another kind, or leave it to be found out"
    )


def _typed_as(profile: Profile, kind: Kind) -> Decision | None:
    """Return the decision for values that are not text, and are declared to be of a kind."""
    form: Form = PLAIN[kind]
    if kind == "date" and not pa.types.is_timestamp(profile.plain.type):
        found = date_form_of(f"{profile.name} date", profile.plain)
        form = found[0] if found else DateForm(("compact",))
    if form.read(profile.plain).null_count == len(profile.plain):
        return None
    decision = Decision(profile.name, Reading(profile.name, kind, form))
    return number_decisions.ranged(decision, profile) if kind == "numeric" else decision


def _of_text(profile: Profile) -> Decision:
    """Return the decision for a column of text whose kind nobody named."""
    found = find_truths(profile.words, profile.counts) if len(profile.words) <= _FEW_WORDS else None
    if found is not None and _are_truths(profile, found[1]):
        return decisions.truths(profile, found[0])
    if are_long_clocks(profile.words, profile.counts):
        return number_decisions.numbers(profile)
    if profile.are_dates:
        return decisions.dates(profile)
    zero_led = np.asarray(
        pc.match_substring_regex(profile.words, rf"^{_TEXT_MARK}0\d+$"), dtype=bool
    )
    if zero_led.any() and _are_digits(profile):
        clause = (
            f"digits with zeros in front, such as {shown(profile.first(zero_led))}, are codes and "
            f"taken as categories (--kind {profile.name}=number takes them as numbers)"
        )
        decision = decisions.labels(profile)
        clauses = () if decision.left_out and not profile.is_target else (clause, *decision.clauses)
        return replace(decision, clauses=clauses)
    if not profile.are_numbers or _is_label(profile):
        return decisions.labels(profile)
    decision = number_decisions.numbers(profile)
    if decision.reading.form != NumberForm() or profile.is_target:
        return decision
    values = decision.reading.form.read(profile.plain)
    clock = date_form_of(profile.name, values)
    if clock is not None and clock[0].ticks:
        return decisions.typed_dates(profile, *clock)
    return _codes(profile) if are_codes(profile.name, values) else decision


def _is_label(profile: Profile) -> bool:
    """Tell whether the one number of a column is a label beside others, as 0 is beside a, b and c."""
    if profile.numbers is None or profile.is_target:
        return False
    others = ~profile.numbers.is_number & ~profile.vague
    one_number = int(profile.numbers.is_number.sum()) == 1
    return one_number and profile.rows(others) >= _ROWS_OF_LABELS


def _codes(profile: Profile) -> Decision:
    """Return the decision for whole numbers whose name says that they are codes."""
    decision = decisions.labels(profile, questioned=False)
    first = (
        profile.words[0].as_py() if profile.is_text else f"{profile.plain.drop_null()[0].as_py():g}"
    )
    clause = (
        f"whole numbers such as {first} under this name are codes, and taken as categories (--kind "
        f"{profile.name}=number takes them as numbers)"
    )
    return replace(decision, clauses=(clause, *decision.clauses))


def _are_truths(profile: Profile, is_truth: NDArray[np.bool_]) -> bool:
    """Tell whether a column is one of truth values, though it may have other words too."""
    rows = int(profile.counts.sum())
    vague = profile.rows(~is_truth & profile.vague)
    others = profile.rows(~is_truth & ~profile.vague)
    return others <= _VERY_RARELY * rows and vague <= _RARELY * rows


def _are_digits(profile: Profile) -> bool:
    """Tell whether all texts are digits, but for words that stand for a missing value."""
    digits = np.asarray(pc.match_substring_regex(profile.words, rf"^{_TEXT_MARK}\d+$"), dtype=bool)
    return bool((digits | profile.vague).all())
