"""How the column of a target is read: its labels stay as they are written, its numbers need not."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from chainrule.data import decisions
from chainrule.data.decisions import Decision
from chainrule.data.forms.labels import LabelForm
from chainrule.data.inference import decide
from chainrule.data.profiles import Profile
from chainrule.data.readings import Reading

__all__ = ["decide_target"]

_MOST_LABELS = 1000


def decide_target(profile: Profile) -> Decision:
    """Return how a target is read, and what is to be said of it.

    Truth values that are written as words stay the labels that they are, and so does text of plain
    numbers.
    """
    decision = replace(decide(profile), few_whole=None, left_out="")
    reading = replace(decision.reading, lowest=None, highest=None)  # far ones are to be judged too
    decision = replace(decision, reading=reading)
    kind = decision.reading.kind
    if profile.declared == "categorical":
        return _labels(profile, (), listed=True)
    if pa.types.is_dictionary(profile.column.type) or profile.present == 0:
        return decision
    if not profile.is_text:
        dated = kind == "date" and not pa.types.is_timestamp(profile.plain.type)
        if kind == "boolean" or (dated and profile.declared is None):
            return Decision(profile.name, Reading(profile.name, "categorical", LabelForm()))
        return decision
    codes = tuple(clause for clause in decision.clauses if "are codes" in clause)
    if codes:
        return _labels(profile, codes, listed=True)
    plain = kind == "numeric" and not decision.clauses and profile.declared is None
    return _labels(profile, ()) if plain or kind in ("boolean", "categorical") else decision


def _labels(profile: Profile, clauses: tuple[str, ...], listed: bool = False) -> Decision:
    decision = decisions.labels(profile, questioned=False)
    form = decision.reading.form
    assert isinstance(form, LabelForm)
    if profile.is_text:
        joined = dict(form.joined)
        labels = [word for word in profile.words.to_pylist() if word not in joined]
        numbers = bool(pc.all(pc.match_substring_regex(profile.words, r"^[\d.+-]*$")).as_py())
        if len(labels) <= _MOST_LABELS and not numbers:
            form = replace(form, labels=tuple(labels))
    reading = Reading(profile.name, "categorical", replace(form, listed=listed))
    return Decision(profile.name, reading, clauses + decision.clauses, decision.doubts)
