r"""Indices in LaTeX: what a sum runs over, Kronecker's δ, a subscript of brackets."""

from __future__ import annotations

from dataclasses import replace

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.latex_grammar import Item
from chainrule.doctor.formulas.latex_quantities import SIZE_WORDS, VECTORS
from chainrule.doctor.formulas.tree import Expression, Kronecker, Name
from chainrule.errors import FormulaError

__all__ = ["by_observation", "indexed_by", "is_condition", "kronecker_of"]


def is_condition(item: Item | None) -> bool:
    """Say whether an item is a relation in curly brackets."""
    return item is not None and item.kind == "curly" and len(item.body[0].sides) == 2


def kronecker_of(item: Item) -> Kronecker | None:
    r"""Read ``\delta_{ij}``, which has two indices and nothing else; None if it is another δ."""
    if item.above or item.primes or len(item.below) != 1 or len(item.below[0].sides) != 1:
        return None
    terms = item.below[0].sides[0].terms
    parts = [part for part in terms[0][1].parts if part != ","] if len(terms) == 1 else []
    letters = [part.value for part in parts if isinstance(part, Item) and part.bare]
    if (
        len(parts) != 2
        or len(letters) != 2
        or not all(len(x) == 1 and x.isalpha() for x in letters)
    ):
        return None
    return None if letters[1] in ("l", "L") else Kronecker(letters[0], letters[1])


def indexed_by(inner: Expression, index: str) -> Expression:
    """Give an index of the observation to all in brackets: ``(A - Y)_i``."""
    if index not in ("i", "n"):
        raise FormulaError("a subscript of brackets is not understood")

    def observed(node: Expression) -> Expression:
        if not isinstance(node, Name) or node.indices or node.observation:
            return node
        if node.symbol in (*VECTORS, "dA", "dZ"):
            return replace(node, observation=index)
        return node

    return tree.rewritten(inner, observed)


def by_observation(operand: Expression, index: str, upper: str) -> Expression:
    """Take the index of a sum over the observations for what it is: ``y_i``, i = 1 … m."""
    over_units = any(
        name.symbol in ("W", "dW") and index in name.indices for name in tree.names_of(operand)
    )
    if over_units or (upper and upper not in SIZE_WORDS) or (not upper and index not in ("i", "n")):
        return operand

    def observed(node: Expression) -> Expression:
        if isinstance(node, Name) and node.indices == (index,) and node.symbol != "b":
            if not node.observation:
                return replace(node, indices=(), observation=index)
            return replace(node, indices=(node.observation,), observation=index)
        return node

    return tree.rewritten(operand, observed)
