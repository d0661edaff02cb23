"""Where formulas are compared with the truth, in matrices: trials for `repairs`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.evaluate import Meaning, evaluate
from chainrule.doctor.formulas.tree import Expression
from chainrule.errors import FormulaError
from chainrule.nn.arrays import Array

__all__ = ["MatrixTrial", "fitted"]


@dataclass
class MatrixTrial:
    """One point, in matrices.

    Parameters
    ----------
    truth : ndarray
    m : int
    meaning : Meaning
    key : str
        What the formula gives: "dW2", "Z1", "J".
    """

    truth: Array
    m: int
    meaning: Meaning
    key: str

    def value(self, expression: Expression) -> Array:
        """Return what an expression gives, in the shape of the truth."""
        if self.key in ("J", "loss") and self.truth.ndim == 0:
            return total(expression, self.meaning)
        return fitted(evaluate(expression, self.meaning), self.truth, self.key)

    def meaning_value(self, expression: Expression) -> Array:
        """Return what an expression gives, in its own shape."""
        return evaluate(expression, self.meaning)


def total(expression: Expression, meaning: Meaning) -> Array:
    r"""Return a cost: what is left of the outputs is summed, in every term by itself.

    In ``\sum_i (\hat y_i - y_i)^2 + \lambda \lVert W \rVert^2`` the penalty stands once, not once for
    each output.
    """
    match expression:
        case tree.Add(terms=terms):
            return np.asarray(sum(total(term, meaning) for term in terms))
        case tree.Negate(operand=operand):
            return -total(operand, meaning)
        case tree.Juxtapose(left=left, right=right) | tree.Multiply(left=left, right=right):
            one, two = evaluate(left, meaning), evaluate(right, meaning)
            if one.size == 1:
                return np.asarray(one.sum() * total(right, meaning))
            if two.size == 1:
                return np.asarray(total(left, meaning) * two.sum())
        case tree.Divide(top=top, bottom=bottom):
            below = evaluate(bottom, meaning)
            if below.size == 1:
                return np.asarray(total(top, meaning) / below.sum())
    return np.asarray(evaluate(expression, meaning).sum())


def fitted(value: Array, truth: Array, key: str) -> Array:
    """Return a value in the shape of the truth, if it differs in axes of length 1 alone.

    Raises
    ------
    FormulaError
        If it has another shape.
    """
    if value.shape == truth.shape:
        return value
    if key in ("J", "loss") and truth.ndim == 0:
        return np.asarray(value.sum())
    if key == "loss" and value.ndim == 2:
        for axis in (0, 1):
            total = value.sum(axis=axis, keepdims=True)
            if total.shape == truth.shape:
                return np.asarray(total)
    if value.size == truth.size:
        flat = value.ndim < 2 or key[-2:-1] == "b" or key.startswith(("b", "db"))
        if flat and max(value.shape, default=1) == value.size == max(truth.shape, default=1):
            return value.reshape(truth.shape)
    shapes = " × ".join(map(str, value.shape)) or "a number"
    wanted = " × ".join(map(str, truth.shape)) or "a number"
    raise FormulaError(f"it gives {shapes}, and {key} is {wanted}")
