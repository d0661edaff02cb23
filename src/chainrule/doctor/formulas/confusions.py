"""Symbols that stand for two things, and costs that compare a thing with itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.conventions import Convention, Ground
from chainrule.doctor.formulas.tree import Assignment, Expression, Name

__all__ = ["degenerate", "is_sum_called_bias", "not_degenerate"]

MOST_NAMES = 8  # in a cost: so many are tried in all ways


def is_sum_called_bias(assignment: Assignment) -> bool:
    """Say whether a formula is b = W a + b: a pre-activation that is called like its bias."""
    target = assignment.target
    if not isinstance(target, Name) or target.symbol != "b":
        return False
    names = list(tree.names_of(assignment.expression))
    symbols = {name.symbol for name in names}
    itself = any(name.symbol == "b" and name.layer == target.layer for name in names)
    step = symbols & {"eta", "dW", "db", "dZ", "dA"}
    return itself and "W" in symbols and bool(symbols & {"X", "A"}) and not step


def degenerate(assignment: Assignment, convention: Convention) -> str | None:
    """Return what a cost does not depend on, "prediction" or "target"; None if it is no such cost.

    The cost is compared with nothing, or with itself: Σ (ŷ − ŷ)², Σ y log y.
    """
    target = assignment.target
    if not isinstance(target, Name) or target.symbol not in ("J", "loss"):
        return None
    if any(isinstance(node, tree.Partial) for node in tree.walk(assignment.expression)):
        return None
    names = list(places(assignment.expression, convention.depth))
    targets = [name.symbol == "Y" for name in names]
    if len(names) < 2 or (any(targets) and not all(targets)):
        return None
    return "prediction" if all(targets) else "target"


def places(expression: Expression, depth: int) -> Iterator[Name]:
    """Yield the names of predictions and targets, in order."""
    for name in tree.names_of(expression):
        layer = name.layer
        last = layer is not None and (layer.letter, layer.offset) in (("L", 0), ("", depth))
        if name.symbol in ("Y", "Yhat") or (name.symbol == "A" and last):
            yield name


def not_degenerate(
    assignment: Assignment, convention: Convention, ground: Ground, instead: Name
) -> Expression | None:
    """Return the cost that is meant: with some of its names replaced, it is the declared one.

    Parameters
    ----------
    assignment : Assignment
        A degenerate cost.
    convention : Convention
    ground : Ground
    instead : Name
        What the cost lacks.
    """
    wrong = set(places(assignment.expression, convention.depth))
    count = sum(node in wrong for node in tree.walk(assignment.expression))
    if count > MOST_NAMES:
        return None
    for size in range(1, count):
        for chosen in combinations(range(count), size):
            expression = replaced(assignment.expression, wrong, set(chosen), instead)
            if ground.holds(replace(assignment, expression=expression), convention):
                return expression
    return None


def replaced(
    expression: Expression, wrong: set[Name], chosen: set[int], instead: Name
) -> Expression:
    """Return an expression with the chosen ones of its wrong names replaced."""
    seen = -1

    def change(node: Expression) -> Expression:
        nonlocal seen
        if not isinstance(node, Name) or node not in wrong:
            return node
        seen += 1
        if seen not in chosen:
            return node
        return replace(instead, indices=node.indices, observation=node.observation)

    return tree.rewritten(expression, change)
