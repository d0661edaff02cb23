"""The places in a formula where something can be changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.tree import Assignment, Expression, Layer, Name

__all__ = ["Edit", "Place", "places", "put", "replaced", "target_of"]

PRODUCTS = (tree.Multiply, tree.MatMul, tree.Juxtapose)


@dataclass(frozen=True)
class Edit:
    """A changed formula, what mistake the change undoes, and how unlikely it is."""

    expression: Expression
    code: str
    sentence: str
    rank: int = 0
    details: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Place:
    """A node in a formula: what replaces it gives a whole formula again."""

    node: Expression
    path: tuple[int, ...]
    derivative: bool
    """Whether it stands in a factor that is the derivative of an activation."""
    penalty: bool
    """Whether it stands in a term with λ."""
    partial: bool = False
    """Whether it is one of the two names of a local derivative."""


def places(assignment: Assignment) -> list[Place]:
    """Return every node of a formula, with where it stands."""
    found: list[Place] = []
    target = assignment.target
    inputs = isinstance(target, Name) and target.symbol in ("dW", "W")
    backward = isinstance(target, tree.Partial) or (
        isinstance(target, Name) and target.is_derivative
    )

    def visit(node: Expression, path: tuple[int, ...], derivative: bool, penalty: bool) -> None:
        found.append(Place(node, path, derivative, penalty))
        for number, child in enumerate(node.children):
            inner = derivative or (isinstance(node, tree.Apply) and node.derivative)
            if isinstance(node, PRODUCTS) and not inner and backward:
                inner = is_slope(child) and not (inputs and is_bare(child))
            burdened = penalty
            if isinstance(node, tree.Add):
                burdened = penalty or any(n.symbol == "lambda" for n in tree.names_of(child))
            if isinstance(node, tree.Partial):
                found.append(Place(child, (*path, number), inner, burdened, partial=True))
            else:
                visit(child, (*path, number), inner, burdened)

    visit(assignment.expression, (), False, False)
    if isinstance(assignment.expression, tree.Add):
        return found
    if any(name.symbol == "lambda" for name in tree.names_of(assignment.expression)):
        return [replace(place, penalty=True) for place in found]
    return found


def is_slope(node: Expression) -> bool:
    """Say whether a factor speaks of activations and pre-activations alone."""
    names = list(tree.names_of(node))
    return bool(names) and all(name.symbol in ("A", "Z", "Yhat") for name in names)


def is_bare(node: Expression) -> bool:
    """Say whether a factor is a name, transposed perhaps."""
    return isinstance(node, Name) or (
        isinstance(node, tree.Transpose) and isinstance(node.operand, Name)
    )


def replaced(whole: Expression, path: tuple[int, ...], new: Expression) -> Expression:
    """Return the whole with another node at a path."""
    if not path:
        return new
    children = list(whole.children)
    children[path[0]] = replaced(children[path[0]], path[1:], new)
    return whole.with_children(tuple(children))


def put(assignment: Assignment, place: Place, new: Expression) -> Expression:
    """Return the right side of a formula with another node at a place."""
    return replaced(assignment.expression, place.path, new)


def target_of(assignment: Assignment) -> tuple[str, Layer | None]:
    """Return the symbol and the layer of what a formula gives."""
    target = assignment.target
    if isinstance(target, Name):
        return target.symbol, target.layer
    if isinstance(target, tree.Partial):
        return "partial", target.bottom.layer
    return "", None
