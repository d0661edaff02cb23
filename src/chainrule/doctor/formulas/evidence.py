"""Whether a document was understood well enough to accuse a formula of it.

A right formula that is called wrong is worse than a wrong one that is not read. So an accusation
that rests on a reading which nothing else confirms is taken back, and the formula is said not to be
read, with what to declare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from chainrule.doctor.findings import Verdict
from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.formula_finding import FormulaFinding
from chainrule.doctor.formulas.infer import is_cost
from chainrule.doctor.formulas.letter import letter_in
from chainrule.doctor.formulas.symbols import is_shared
from chainrule.doctor.formulas.tree import Assignment, Name, ShapeNote, Unreadable

__all__ = ["Evidence"]

HELD = (Verdict.RIGHT, Verdict.CONVENTION)
COMPARED = (*HELD, Verdict.WRONG, Verdict.FOLLOWS)
# What a formula is called that was read in another sense than it is meant.
UNSURE = {"unknown", "wrong_local_derivative"}
# What all formulas of a document seem to have that follows a convention of its own.
UNIFORM = {"sign", "factor", "missing_transpose", "elementwise_product"}
QUANTITIES = ("W", "b", "Z", "A", "X", "Y", "Yhat", "theta")
FORWARD = ("Z", "A", "Yhat")
DECLARE = "declare what is meant with --layout, --loss, --output, --hidden or --reduction"
REASON = f"it does not hold under what was understood, and little confirms that: {DECLARE}"
UNCONFIRMED = (
    "it does not hold if {} is what it was taken for, and no other formula confirms that: "
    + DECLARE
)
TURNED = f"several formulas would need a transpose, so the layout is not understood: {DECLARE}"

Formula = Assignment | ShapeNote | Unreadable


@dataclass
class Evidence:
    """What the verdicts on all formulas of a document say about how well it was understood.

    Parameters
    ----------
    formulas : sequence of Assignment, ShapeNote or Unreadable
    findings : sequence of FormulaFinding
        One for each formula.
    """

    formulas: Sequence[Formula]
    findings: Sequence[FormulaFinding]

    def weighed(self) -> list[FormulaFinding]:
        """Return the findings, with accusations taken back that nothing supports."""
        done: list[FormulaFinding] = []
        gone: set[str] = set()
        for formula, finding in zip(self.formulas, self.findings, strict=True):
            reason = self.doubt(formula, finding)
            if not reason and gone & set(finding.follows_from):
                reason = REASON
            if reason:
                gone.add(finding.quantity)
                finding = not_read(finding, reason)
            done.append(finding)
        return done

    def doubt(self, formula: Formula, finding: FormulaFinding) -> str:
        """Say why a formula cannot be accused; empty if it is not, or can be."""
        if finding.verdict is not Verdict.WRONG or not isinstance(formula, Assignment):
            return ""
        codes = set(finding.codes)
        if any(plain(m.corrected) == plain(finding.source) for m in finding.mistakes):
            return REASON
        own = sorted(own_letters_of(formula) - self.confirmed_own)
        if own:
            return UNCONFIRMED.format(" or ".join(own))
        if "missing_transpose" in codes and self.is_turned:
            return TURNED
        if len(codes) > 1 and is_cost(formula):
            return REASON  # the cost is what the document says it is
        if codes & UNSURE and isinstance(formula.target, Name):
            letters = letters_of(formula) - self.confirmed
            if letters:
                return UNCONFIRMED.format(" or ".join(sorted({letter for letter, _ in letters})))
            return REASON if self.is_weak else ""
        repeated = any(self.codes.count(code) > 1 for code in codes & UNIFORM)
        return REASON if repeated and self.is_weak else ""

    @cached_property
    def codes(self) -> list[str]:
        """All mistakes that formulas are accused of."""
        return [code for finding in self.findings for code in finding.codes]

    @cached_property
    def is_weak(self) -> bool:
        """Whether fewer than half of what was compared holds."""
        verdicts = [
            finding.verdict
            for formula, finding in zip(self.formulas, self.findings, strict=True)
            if isinstance(formula, Assignment)
        ]
        held = sum(verdict in HELD for verdict in verdicts)
        return 2 * held < sum(verdict in COMPARED for verdict in verdicts)

    @cached_property
    def is_turned(self) -> bool:
        """Whether a step forward seems to lack a transpose, and something else too."""
        if self.codes.count("missing_transpose") < 2:
            return False
        return any(
            "missing_transpose" in finding.codes
            and isinstance(formula, Assignment)
            and isinstance(formula.target, Name)
            and formula.target.symbol in FORWARD
            for formula, finding in zip(self.formulas, self.findings, strict=True)
        )

    @cached_property
    def confirmed(self) -> set[tuple[str, str]]:
        """The letters of formulas that hold: what they were taken for is what they are."""
        return {letter for formula in self.held for letter in letters_of(formula)}

    @cached_property
    def confirmed_own(self) -> set[str]:
        """The names of the document's own in formulas that hold."""
        return {letter for formula in self.held for letter in own_letters_of(formula)}

    @cached_property
    def held(self) -> list[Assignment]:
        """The formulas that hold."""
        pairs = zip(self.formulas, self.findings, strict=True)
        return [f for f, said in pairs if said.verdict in HELD and isinstance(f, Assignment)]


def letters_of(formula: Assignment) -> set[tuple[str, str]]:
    """Return the letters of a formula that stand for quantities of a network, and for which."""
    names = (*tree.names_of(formula.target), *tree.names_of(formula.expression))
    found = {(letter_in(n.text).lower(), n.symbol) for n in names if n.symbol in QUANTITIES}
    return {(letter, symbol) for letter, symbol in found if letter}


def own_letters_of(formula: Assignment) -> set[str]:
    """Return the names of the document's own that a formula is computed from."""
    return {n.text or n.symbol for n in tree.names_of(formula.expression) if not is_shared(n)}


def plain(text: str) -> str:
    """Return a formula without its spaces."""
    return "".join(text.split())


def not_read(finding: FormulaFinding, reason: str) -> FormulaFinding:
    """Return what is said of a formula in the place of an accusation."""
    return replace(
        finding, verdict=Verdict.UNREADABLE, mistakes=(), ties=(), follows_from=(), note=reason
    )
