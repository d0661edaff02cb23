r"""Documents whose δ is minus the derivative: ``\delta_k = (t_k - y_k)\, y_k (1 - y_k)``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chainrule.doctor.findings import Verdict
from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.formula_finding import FormulaFinding
from chainrule.doctor.formulas.letter import letter_in
from chainrule.doctor.formulas.tree import Assignment, Expression, Name

__all__ = ["count_held", "may_be_negative", "negated", "without_corrections"]


def is_delta(node: Expression) -> bool:
    """Say whether a node is written δ."""
    return (
        isinstance(node, Name) and node.symbol == "dZ" and letter_in(node.text).lower() == "delta"
    )


def opposite(node: Expression) -> Expression:
    return tree.Negate(node) if is_delta(node) else node


def negated(settled: Sequence[Assignment]) -> list[Assignment]:
    """Return the formulas with −δ in the place of δ."""
    done = []
    for assignment in settled:
        expression = tree.rewritten(assignment.expression, opposite)
        if is_delta(assignment.target):
            expression = tree.Negate(expression)
        elif any(map(is_delta, tree.walk(assignment.target))):
            expression = assignment.expression
        done.append(replace(assignment, expression=expression))
    return done


def may_be_negative(
    formulas: Sequence[object], settled: Sequence[Assignment], findings: Sequence[FormulaFinding]
) -> bool:
    """Say whether what has a δ in it does not hold, so that δ may be minus ours."""
    if not any(is_delta(a.target) for a in settled):
        return False
    return any(
        finding.verdict in (Verdict.WRONG, Verdict.UNREADABLE) and speaks_of_delta(formula)
        for formula, finding in zip(formulas, findings, strict=True)
    )


def speaks_of_delta(formula: object) -> bool:
    """Say whether a formula has a δ in it."""
    if not isinstance(formula, Assignment):
        return False
    return any(map(is_delta, (*tree.walk(formula.target), *tree.walk(formula.expression))))


def count_held(formulas: Sequence[object], findings: Sequence[FormulaFinding]) -> int:
    """Count the formulas that hold: what δ is itself says nothing of its sign, what it gives does."""
    return sum(
        finding.verdict in (Verdict.RIGHT, Verdict.CONVENTION)
        for formula, finding in zip(formulas, findings, strict=True)
        if isinstance(formula, Assignment) and not is_delta(formula.target)
    )


def without_corrections(
    formulas: Sequence[object], findings: Sequence[FormulaFinding]
) -> list[FormulaFinding]:
    """Return the findings without corrected formulas in which δ would have the other sign."""
    done = []
    for formula, finding in zip(formulas, findings, strict=True):
        if finding.mistakes and speaks_of_delta(formula):
            plain = tuple(replace(mistake, corrected="") for mistake in finding.mistakes)
            finding = replace(finding, mistakes=plain)
        done.append(finding)
    return done
