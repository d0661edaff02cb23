r"""Layers that go by their letters: W and b, then V and c in ``h = \tanh(W x + b)``, ``y = V h + c``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.letter import letter_in
from chainrule.doctor.formulas.symbols import is_shared
from chainrule.doctor.formulas.tree import Assignment, Expression, Layer, Name

__all__ = ["layers_by_letters"]

PARTS = (tree.Juxtapose, tree.MatMul, tree.Multiply, tree.IndexSum, tree.Transpose, Name)


@dataclass(frozen=True)
class Step:
    """One step forward: Z or A, the letters of the weights and the bias, and the input.

    `known` says that the weights are called W, `bent` that an activation is taken of the sum.
    """

    target: Name
    weights: str
    bias: str
    bent: bool
    known: bool
    input: Name


def layers_by_letters(given: Sequence[Assignment]) -> dict[str, tuple[str, Layer | None]]:
    """Return the layers of letters, where no layer has a number, and each has weights of its own.

    Parameters
    ----------
    given : sequence of Assignment
        Those whose targets are names.

    Returns
    -------
    dict of str to (str, Layer or None)
        The quantity that a letter stands for, and its layer; empty if layers go by numbers.
    """
    everything = [
        n for a in given for n in (*tree.names_of(a.target), *tree.names_of(a.expression))
    ]
    steps = list(steps_of(given))
    if any(is_numbered(name) for name in everything):
        return after_numbers(steps)
    if len(steps) < 2 or len({step.weights for step in steps}) < len(steps):
        return {}
    found: dict[str, tuple[str, Layer | None]] = {}
    for number, step in enumerate(steps, start=1):
        layer = Layer("", number)
        found[step.weights] = "W", layer
        if step.bias:
            found[step.bias] = "b", layer
        target = step.target
        if target.symbol == "Yhat":
            continue
        if target.symbol == "Y":
            if any(n.symbol == "Y" and letter_in(n.text) == "t" for n in everything):
                found[letter_in(target.text)] = "Yhat", None
        elif step.bent and number == len(steps):
            found[letter_in(target.text)] = "Yhat", None
        else:
            found[letter_in(target.text)] = "A" if step.bent else "Z", layer
    return found


def is_numbered(name: Name) -> bool:
    """Say whether the layer of a name is written with it."""
    return name.layer is not None and any(mark in name.text for mark in "_^")


def after_numbers(steps: Sequence[Step]) -> dict[str, tuple[str, Layer | None]]:
    r"""Return the output's weights as those after the last number: ``s = u^\top a_2 + c``."""
    found: dict[str, tuple[str, Layer | None]] = {}
    for step in steps:
        if step.known or step.input.layer is None or step.input.layer.letter:
            continue
        layer = Layer("", step.input.layer.offset + 1)
        found[step.weights] = "W", layer
        if step.bias:
            found[step.bias] = "b", layer
        if step.target.symbol not in ("Y", "Yhat"):
            found[letter_in(step.target.text)] = ("Yhat", None) if step.bent else ("Z", layer)
    return found if len(found) and len({layer for _, layer in found.values() if layer}) == 1 else {}


def is_updated(assignment: Assignment) -> bool:
    """Say whether a formula gives a name a new value in terms of its old one."""
    return any(name == assignment.target for name in tree.names_of(assignment.expression))


def steps_of(given: Sequence[Assignment]) -> Iterator[Step]:
    """Yield the steps forward, each from the data or from what another one gives."""
    given = [a for a in given if not is_updated(a)]
    defined = {letter_in(a.target.text) for a in given if isinstance(a.target, Name)}
    seen: set[str] = set()
    for assignment in given:
        target = assignment.target
        assert isinstance(target, Name)
        letter = letter_in(target.text)
        step = step_of(target, assignment.expression, defined)
        if letter and step is not None and letter not in seen:
            seen.add(letter)
            yield step


def step_of(target: Name, expression: Expression, defined: set[str]) -> Step | None:
    """Return W x + b as a step, with an activation around it or without; None if it is none."""
    bent = isinstance(expression, tree.Apply) and not expression.derivative
    inner = expression.operand if isinstance(expression, tree.Apply) and bent else expression
    if isinstance(inner, tree.Maximum):
        inner, bent = inner.right, True
    terms = inner.terms if isinstance(inner, tree.Add) else (inner,)
    pairs = [weights_in(term, defined) for term in terms]
    weights = [pair for pair in pairs if pair]
    if len(weights) != 1 or len(terms) > 2:
        return None
    rest = [names_in(term) for term, pair in zip(terms, pairs, strict=True) if not pair]
    if rest and (len(rest[0]) != 1 or not is_new(rest[0][0], "b", defined)):
        return None
    matrix, source = weights[0]
    bias = letter_in(rest[0][0].text) if rest else ""
    return Step(target, letter_in(matrix.text), bias, bent, matrix.symbol == "W", source)


def weights_in(term: Expression, defined: set[str]) -> tuple[Name, Name] | None:
    """Return the weights and the input of their product; None if a term is none."""
    names = names_in(term)
    if len(names) != 2 or not all(isinstance(node, PARTS) for node in tree.walk(term)):
        return None
    weights = [name for name in names if is_new(name, "W", defined)]
    inputs = [n for n in names if n.symbol in ("X", "A") or letter_in(n.text) in defined]
    return (weights[0], inputs[0]) if len(weights) == 1 and len(inputs) == 1 else None


def names_in(term: Expression) -> list[Name]:
    """Return the names of a term, but not the number of ones in a column of them."""
    return [name for name in tree.names_of(term) if name.symbol != "m"]


def is_new(name: Name, symbol: str, defined: set[str]) -> bool:
    """Say whether a name may be a parameter: called so, or a letter that nothing defines."""
    letter = letter_in(name.text)
    if name.symbol == symbol:
        return bool(letter)
    return not is_shared(name) and len(letter) == 1 and letter not in defined
