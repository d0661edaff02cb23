"""Several formulas run one after the other, each on what the ones before gave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.evaluate import Meaning, evaluate
from chainrule.doctor.formulas.symbols import key_of
from chainrule.doctor.formulas.tree import Assignment, Layer, Name
from chainrule.errors import FormulaError
from chainrule.nn.arrays import Array

__all__ = ["Outcome", "concrete", "in_order", "key_of_target", "run"]


@dataclass
class Outcome:
    """What a program gave at one point.

    Parameters
    ----------
    values : dict of str to ndarray
        By key: "dW2", "A1", "new_W2", and the user's own names.
    errors : dict of str to str
        Why there is no value.
    """

    values: dict[str, Array] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def key_of_target(assignment: Assignment, letters: Mapping[str, int], depth: int) -> str:
    """Return the key under which a formula's value is known: "dW2", "new_W2", "E"."""
    target = assignment.target
    if not isinstance(target, Name):
        raise FormulaError("a quantity is needed on the left, such as dW2")
    layer = None if target.layer is None else target.layer.at(letters)
    if (
        layer is None
        and depth == 1
        and target.symbol in ("W", "b", "Z", "dW", "db", "dZ", "A", "dA")
    ):
        layer = 1
    symbol = target.symbol
    if symbol == "Yhat":
        symbol, layer = "A", depth
    if symbol == "dYhat":
        symbol, layer = "dA", depth
    prefix = "new_" if assignment.is_update else ""
    return prefix + key_of(symbol, layer)


def concrete(
    assignments: Iterable[Assignment], depth: int
) -> list[tuple[Assignment, dict[str, int]]]:
    """Return each formula with the layers that its letters stand for, the last layer first.

    ``dZ[l] = …`` is one formula for every l for which all its layers are there.
    """
    found: list[tuple[Assignment, dict[str, int]]] = []
    for assignment in assignments:
        letters = sorted(letters_of(assignment) - {"L", "K"})
        if not letters:
            found.append((assignment, {}))
            continue
        for number in range(depth, 0, -1):
            chosen = dict.fromkeys(letters, number)
            if fits(assignment, chosen, depth):
                found.append((assignment, chosen))
    return found


def letters_of(assignment: Assignment) -> set[str]:
    """Return the letters that layers have in a formula, without those that a sum runs over."""
    layers: set[Layer | None] = set()
    bound = set()
    for part in (assignment.target, assignment.expression):
        for node in tree.walk(part):
            if isinstance(node, (Name, tree.Apply)):
                layers.add(node.layer)
            if isinstance(node, tree.IndexSum):
                bound.add(node.index)
    return {layer.letter for layer in layers if layer is not None and layer.letter} - bound


def fits(assignment: Assignment, letters: Mapping[str, int], depth: int) -> bool:
    """Say whether every layer in a formula exists."""
    known = {"L": depth, "K": depth - 1, **letters}
    for part in (assignment.target, assignment.expression):
        for name in tree.names_of(part):
            if name.layer is None or (name.layer.letter not in known and name.layer.letter):
                continue
            lowest = 0 if name.symbol in ("A", "dA", "n") else 1
            if not lowest <= name.layer.at(known) <= depth:
                return False
    return True


def in_order(assignments: Sequence[Assignment]) -> list[Assignment]:
    """Return formulas that were given in any order so that each comes after those it uses.

    Where they use each other in a circle, they keep their order.
    """
    by_name: dict[tuple[str, Any], Assignment] = {}
    for assignment in assignments:
        if isinstance(assignment.target, Name):
            by_name[assignment.target.symbol, assignment.target.layer] = assignment
    done: dict[int, Assignment] = {}
    waiting: set[int] = set()

    def visit(assignment: Assignment) -> None:
        if id(assignment) in done or id(assignment) in waiting:
            return
        waiting.add(id(assignment))
        for name in tree.names_of(assignment.expression):
            source = by_name.get((name.symbol, name.layer))
            if source is not None and source is not assignment and len(waiting) < 200:
                visit(source)
        waiting.discard(id(assignment))
        done[id(assignment)] = assignment

    for assignment in assignments:
        visit(assignment)
    return list(done.values())


def run(assignments: Sequence[Assignment], meaning: Meaning, depth: int) -> Outcome:
    """Compute the formulas one after the other.

    What a formula gives is what its name stands for in those after it; where it gives nothing, the
    true value stays.
    """
    outcome = Outcome()
    values = dict(meaning.values)
    for assignment, letters in concrete(assignments, depth):
        known = {**meaning.letters, **letters}
        now = Meaning(values, meaning.activations, known, meaning.columns)
        key = key_of_target(assignment, known, depth)
        try:
            value = evaluate(assignment.expression, now)
        except FormulaError as error:
            outcome.errors[key] = str(error)
            outcome.values.pop(key, None)
            continue
        outcome.errors.pop(key, None)
        outcome.values[key] = value
        plain = key.removeprefix("new_")
        values[plain] = value
        aliases = {f"A{depth}": "Yhat", f"dA{depth}": "dYhat"}
        if plain in aliases:
            values[aliases[plain]] = value
    return outcome
