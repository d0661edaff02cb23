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

    Truth values that are written as words stay the labels that they are.
    """
    if not profile.is_text or profile.present == 0 or pa.types.is_dictionary(profile.column.type):
        decision = decide(profile)
        if decision.reading.kind in ("date", "boolean") and profile.declared is None:
            plain = Reading(profile.name, "categorical", LabelForm())
            return Decision(profile.name, plain)
        return replace(decision, few_whole=None, left_out="")
    decision = decide(profile)
    kind = decision.reading.kind
    if kind in ("boolean", "categorical") or _stay_text(profile, decision):
        return _labels(profile, decision)
    return replace(decision, few_whole=None)


def _stay_text(profile: Profile, decision: Decision) -> bool:
    """Tell whether text of plain numbers stays text, so that its labels are as they are written."""
    return decision.reading.kind == "numeric" and not decision.clauses and not decision.doubts


def _labels(profile: Profile, decision: Decision) -> Decision:
    named = decisions.labels(profile, questioned=False)
    form = named.reading.form
    assert isinstance(form, LabelForm)
    joined = dict(form.joined)
    labels = [word for word in profile.words.to_pylist() if word not in joined]
    numbers = bool(pc.all(pc.match_substring_regex(profile.words, r"^[\d.+-]*$")).as_py())
    if len(labels) <= _MOST_LABELS and not numbers:
        form = replace(form, labels=tuple(labels))
    clauses = tuple(clause for clause in decision.clauses if "codes" in clause) + named.clauses
    reading = Reading(profile.name, "categorical", form)
    return Decision(profile.name, reading, clauses, named.doubts)
