"""The order of a program's formulas: what is updated too early."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chainrule.doctor.findings import Mistake, Verdict
from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.formula_finding import FormulaFinding
from chainrule.doctor.formulas.tree import Assignment, Name

__all__ = ["in_program_order"]

RIGHT = (Verdict.RIGHT, Verdict.CONVENTION)


def in_program_order(
    judged: Iterable[tuple[Assignment, FormulaFinding]],
) -> list[FormulaFinding]:
    """Find gradients that are passed back through weights after their update.

    A text states formulas, and their order says nothing; a program computes one after the other. The
    forward pass may begin anew with the updated weights.

    Parameters
    ----------
    judged : iterable of (Assignment, FormulaFinding)
        The formulas of a program in their order, each with what is said of it by itself.

    Returns
    -------
    list of FormulaFinding
    """
    updated: set[Name] = set()
    findings = []
    for assignment, finding in judged:
        target = assignment.target
        symbol = target.symbol if isinstance(target, Name) else ""
        used = updated & set(map(plain, tree.names_of(assignment.expression)))
        if symbol in ("Z", "A", "Yhat"):
            updated -= used
        elif isinstance(target, Name) and symbol == "W" and assignment.is_update:
            updated.add(plain(target))
        elif symbol in ("dA", "dZ") and used and finding.verdict in RIGHT:
            finding = updated_before(assignment, finding, min(used, key=str))
        findings.append(finding)
    return findings


def plain(name: Name) -> Name:
    """Return a name without its spelling."""
    return replace(name, text="")


def updated_before(
    assignment: Assignment, finding: FormulaFinding, weights: Name
) -> FormulaFinding:
    """Return the finding for a formula that comes after an update of the weights it uses."""
    name = f"{weights.symbol}{weights.layer or ''}"
    sentence = (
        f"In {finding.quantity} the gradient is passed back through {name} after its update: compute "
        "all gradients first."
    )
    mistake = Mistake("updated_weights", finding.quantity, sentence, assignment.source)
    return replace(finding, verdict=Verdict.WRONG, mistakes=(mistake,), note="")
