"""The formulas for one network, the points where they are computed, and the layout they are in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import numpy as np

from chainrule.doctor.formulas.evaluate import Meaning, evaluate
from chainrule.doctor.formulas.program import Outcome, concrete, key_of_target, run
from chainrule.doctor.formulas.repairs import Repair
from chainrule.doctor.formulas.settings import meaning_at
from chainrule.doctor.formulas.symbols import canonical_name
from chainrule.doctor.formulas.tree import Assignment, Name
from chainrule.doctor.formulas.trials import fitted
from chainrule.doctor.formulas.write import Notation
from chainrule.doctor.reference import Reference
from chainrule.errors import FormulaError
from chainrule.nn import Network
from chainrule.nn.arrays import Array

__all__ = ["FORWARD", "GRADIENT", "SAME", "TRANSPOSED", "Session", "credibility", "truth_of"]

GRADIENT = re.compile(r"d[WbZA]\d+")
FORWARD = re.compile(r"[ZA]\d+|J|Yhat")
SAME = 1e-7
TRANSPOSED = re.compile(r"\^\s*\{?\s*T|\]T\}|\)T\}")


@dataclass
class Session:
    """What is checked: the formulas, the points, and the layout they are in.

    `repaired` keeps what mended a formula at one layer: it is tried first at the others.
    """

    network: Network
    assignments: list[Assignment]
    references: list[Reference]
    layout: str
    learning_rate: float
    latex: bool
    spelling: Notation | None = None
    repaired: dict[Assignment, list[Repair]] = field(default_factory=dict)

    @property
    def notation(self) -> Notation:
        """How the user spells names: as declared, or as the formulas do."""
        if self.spelling is not None:
            return replace(self.spelling, columns=self.layout.startswith("columns"))
        expressions = [part for a in self.assignments for part in (a.target, a.expression)]
        found = Notation.of(expressions, self.latex)
        found = replace(found, columns=self.layout.startswith("columns"))
        sources = " ".join(assignment.source for assignment in self.assignments)
        return replace(found, transposed="T") if TRANSPOSED.search(sources) else found

    def outcomes(self) -> list[Outcome]:
        """Run the formulas at every point."""
        return [self.run(reference) for reference in self.references]

    @property
    def broken(self) -> list[str]:
        """What the formulas give no value for, or one of another shape."""
        reference = self.references[0]
        outcome = self.run(reference)
        found = list(outcome.errors)
        for key, value in outcome.values.items():
            truth = truth_of(key, reference, self)
            try:
                if truth is not None:
                    fitted(value, truth, key)
            except FormulaError:
                found.append(key)
        return found

    def run(self, reference: Reference) -> Outcome:
        """Run the formulas at one point."""
        return run(self.assignments, self.meaning(reference), self.network.depth)

    def meaning(self, reference: Reference, letters: dict[str, int] | None = None) -> Meaning:
        """Return what names stand for at a point."""
        return meaning_at(reference, self.layout, self.learning_rate, letters)

    @property
    def own(self) -> list[Assignment]:
        """The formulas that define names of the user's own."""
        return [a for a in self.assignments if isinstance(a.target, Name) and is_own(a.target)]


def is_own(name: Name) -> bool:
    """Say whether a name is the user's own."""
    return canonical_name(name.symbol) is None or name.symbol == name.text


def credibility(session: Session) -> tuple[int, int, int]:
    """Say how well a layout goes with the formulas: how many are right, fit, can be computed."""
    reference = session.references[0]
    depth = session.network.depth
    right = fit = computed = 0
    true = session.meaning(reference)
    true = replace(true, values={**true.values, **run(session.own, true, depth).values})
    for assignment, letters in concrete(session.assignments, depth):
        # By itself, on true values: a mistake before it says nothing of its own layout.
        meaning = replace(true, letters={**true.letters, **letters})
        try:
            key = key_of_target(assignment, meaning.letters, depth)
            truth = truth_of(key, reference, session)
            value = evaluate(assignment.expression, meaning)
            computed += 1
            if truth is None:
                continue
            value = fitted(value, truth, key)
        except FormulaError:
            continue
        fit += 1
        size = float(np.linalg.norm(truth))
        right += any(
            bool(np.linalg.norm(value - times * truth) <= SAME * max(times * size, 1e-12))
            for times in (1.0, float(reference.m))
        )
    # Without better evidence a formula is in one of the two usual layouts.
    unusual = {"rows_transposed": 2, "columns_transposed": 1}.get(session.layout, 0)
    return 2 * right + fit - 2 * unusual, right, computed


def truth_of(key: str, reference: Reference, session: Session) -> Array | None:
    """Return the true value of a quantity in the session's layout; None if it is none of ours."""
    values = meaning_at(reference, session.layout, session.learning_rate).values
    if key.startswith("new_"):
        name = key.removeprefix("new_")
        if name not in values or f"d{name}" not in values:
            return None
        return np.asarray(values[name] - session.learning_rate * values[f"d{name}"])
    if GRADIENT.fullmatch(key) or FORWARD.fullmatch(key):
        return np.asarray(values[key]) if key in values else None
    return None
