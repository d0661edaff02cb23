"""Corrections in the user's own notation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chainrule.doctor.findings import Mistake
from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.evaluate import Meaning
from chainrule.doctor.formulas.ground import holds_at
from chainrule.doctor.formulas.numpy_reader import read_numpy, read_numpy_expression
from chainrule.doctor.formulas.program import concrete, key_of_target, run
from chainrule.doctor.formulas.repairs import Repair, repairs
from chainrule.doctor.formulas.session import Session, truth_of
from chainrule.doctor.formulas.symbols import is_shared
from chainrule.doctor.formulas.tree import Assignment, Expression, Name
from chainrule.doctor.formulas.trials import MatrixTrial
from chainrule.doctor.formulas.write import to_text
from chainrule.doctor.notation import PENALTIES
from chainrule.doctor.notation import Notation as RightFormulas
from chainrule.errors import FormulaError
from chainrule.nn.arrays import Array

__all__ = ["correction", "mended", "right_formula", "translated"]


def assignment_of(session: Session, key: str) -> tuple[Assignment, dict[str, int]] | None:
    """Return the last formula that gives a quantity, and what its letters stand for."""
    depth = session.network.depth
    found = None
    for assignment, letters in concrete(session.assignments, depth):
        known = {"L": depth, "K": depth - 1, **letters}
        if key_of_target(assignment, known, depth) == key:
            found = assignment, letters
    return found


def mended(session: Session, key: str) -> list[tuple[Repair, str]]:
    """Return the repairs of the formula for a quantity, each with the corrected formula."""
    found = assignment_of(session, key)
    if found is None:
        return []
    assignment, letters = found
    if unknown_names(
        assignment.expression, session.meaning(session.references[0], letters), session
    ):
        return []
    for per_observation in (False, True):
        trials = []
        for reference in session.references:
            seen = reference.per_observation() if per_observation else reference
            meaning = session.meaning(seen, letters)
            values = {**meaning.values, **run(session.own, meaning, session.network.depth).values}
            meaning = replace(meaning, values=values)
            truth = truth_of(key, seen, session)
            if truth is None:
                return []
            trials.append(MatrixTrial(truth, reference.m, meaning, key))
        repaired = [
            repair
            for repair in session.repaired.get(assignment, [])
            if repair.expression is not None and holds_at(repair.expression, trials)
        ] or repairs(
            assignment,
            trials,
            depth=session.network.depth,
            penalty=penalty_of(session, key, trials),
            reduction=session.network.reduction,
        )
        if repaired:
            session.repaired[assignment] = repaired
            target = to_text(assignment.target, session.notation)
            return [
                (repair, f"{target} = {written(session, repair.expression)}")
                for repair in repaired
                if repair.expression is not None
            ]
        if session.network.reduction != "mean":
            break
    return []


def unknown_names(expression: Expression, meaning: Meaning, session: Session) -> list[str]:
    """Return the names of the user's own that have no value: what they are cannot be guessed."""
    own = [a.target.symbol for a in session.own if isinstance(a.target, Name)]
    return [
        name.symbol
        for name in tree.names_of(expression)
        if not is_shared(name) and name.symbol not in meaning.values and name.symbol not in own
    ]


def penalty_of(
    session: Session, key: str, trials: Sequence[MatrixTrial]
) -> tuple[Expression, list[Array]] | None:
    """Return the derivative of the penalty by a parameter, as a formula and at every trial."""
    penalty = session.network.penalty
    if penalty is None or key[:2] not in ("dW", "db") or not penalty.covers(key[1:]):
        return None
    [assignment] = read_numpy(f"new = {PENALTIES[penalty.scale].format(key[1:])}")
    expression = unspelled(assignment.expression, session.latex)
    return expression, [trial.meaning_value(expression) for trial in trials]


def unspelled(expression: Expression, latex: bool) -> Expression:
    """Return a formula of ours without our spelling, so that it is written in the user's."""

    def change(node: Expression) -> Expression:
        if latex and isinstance(node, tree.Multiply) and is_scalar(node.left):
            return tree.Juxtapose(node.left, node.right)
        return without_text(node)

    return tree.rewritten(expression, change)


def is_scalar(node: Expression) -> bool:
    """Say whether an expression is of numbers, m, λ and η alone."""
    names = tree.names_of(node)
    return all(name.symbol in ("m", "lambda", "eta") for name in names)


def written(session: Session, expression: Expression) -> str:
    """Write a repaired formula: sums and slopes as the notation has them."""
    axis = 1 if session.layout.startswith("columns") else 0
    right = RightFormulas(session.network)

    def change(node: Expression) -> Expression:
        if isinstance(node, tree.IndexSum) and not session.latex:
            return tree.Reduce("sum", node.operand, axis, keepdims=True)
        if isinstance(node, tree.Apply) and node.activation is None and not node.text:
            layer = None if node.layer is None or node.layer.letter else node.layer.offset
            if node.derivative and layer and 1 <= layer <= session.network.depth:
                return unspelled(read_numpy_expression(right.derivative(layer)), session.latex)
        return node

    return to_text(tree.rewritten(expression, change), session.notation)


def correction(
    session: Session, mistake: Mistake, codes: tuple[str, ...], found: Sequence[tuple[Repair, str]]
) -> str:
    """Return the user's own formula put right, or the right formula if no small change does that."""
    for repair, text in found:
        if sorted(repair.codes) == sorted(codes) or repair.codes == (mistake.code,):
            return text
    return translated(session, mistake.corrected)


def translated(session: Session, text: str) -> str:
    """Write a NumPy formula in the user's notation."""
    if not session.latex or not text:
        return text
    try:
        [assignment] = read_numpy(text)
    except (FormulaError, ValueError):
        return text
    expression = unspelled(assignment.expression, latex=True)
    target = without_text(assignment.target)
    return f"{to_text(target, session.notation)} = {to_text(expression, session.notation)}"


def without_text(node: Expression) -> Expression:
    return replace(node, text="") if isinstance(node, (Name, tree.Apply)) else node


def right_formula(session: Session, key: str) -> str:
    """Return the right formula for a gradient, in the user's notation."""
    layout = "columns" if session.layout.startswith("columns") else "rows"
    return translated(session, RightFormulas(session.network, layout).formula(key))
