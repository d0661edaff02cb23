r"""Formulas that are written element by element: ``\delta_j = (\sum_k w_{jk} \delta_k) \sigma'(z_j)``.

Every axis goes by the letter of its index, at one observation. A product lines up equal letters, a sum
takes the axis of its letter away, and what is left must be the letters of the left side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.evaluate import FUNCTIONS, Meaning
from chainrule.doctor.formulas.tree import Expression, Name
from chainrule.doctor.formulas.write import to_text
from chainrule.errors import FormulaError
from chainrule.nn.arrays import Array

__all__ = ["IndexedTrial", "Lettered", "evaluate_indexed", "is_indexed"]

MOST_ELEMENTS = 20_000
OBSERVED = ("A", "Z", "X", "Y", "Yhat", "dA", "dZ", "dYhat", "loss")
VECTORS = ("A", "Z", "b", "X", "Y", "Yhat", "dA", "dZ", "db", "dYhat")
BINARY: dict[type[Expression], Any] = {
    tree.Multiply: np.multiply,
    tree.MatMul: np.multiply,
    tree.Juxtapose: np.multiply,
    tree.Divide: np.divide,
    tree.Maximum: np.maximum,
}


@dataclass(frozen=True)
class Lettered:
    """An array, and the letter of each of its axes."""

    array: Array
    letters: tuple[str, ...] = ()

    def along(self, letters: Sequence[str]) -> Array:
        """Return the array with its axes in this order, and axes of length 1 for those it lacks."""
        kept = [letter for letter in letters if letter in self.letters]
        array = self.array.transpose([self.letters.index(letter) for letter in kept])
        place = [slice(None) if letter in self.letters else np.newaxis for letter in letters]
        return array[tuple(place)]


def is_indexed(*expressions: Expression) -> bool:
    """Say whether a formula has indices of units."""
    return any(
        name.indices and name.symbol in (*VECTORS, "W", "dW")
        for expression in expressions
        for name in tree.names_of(expression)
    )


def evaluate_indexed(expression: Expression, meaning: Meaning) -> Lettered:
    """Return the value of a formula with indices.

    Parameters
    ----------
    expression : Expression
    meaning : Meaning
        At a point of one observation.

    Raises
    ------
    FormulaError
        If a letter runs over two lengths, or a name has no value.
    """
    with np.errstate(all="ignore"):
        return value_of(expression, meaning)


def value_of(node: Expression, meaning: Meaning) -> Lettered:
    match node:
        case tree.Name():
            return name_value(node, meaning)
        case tree.Number(value=number):
            return Lettered(np.asarray(number))
        case tree.Partial():
            return partial(node, meaning)
        case tree.Kronecker(left=left, right=right):
            return Lettered(np.eye(np.size(meaning.values["Yhat"])), (left, right))
        case tree.Norm(operand=Name(indices=(), observation="") as whole):
            array = np.asarray(meaning.values[meaning.key(whole)])
            return Lettered(np.sqrt((array * array).sum()))
        case tree.IndexSum(index=index, operand=operand) if index in layers_in(operand):
            return layer_sum(node, meaning)
        case tree.IndexSum(index=index, operand=operand):
            inner = value_of(operand, meaning)
            if index not in inner.letters and meaning.values["m"] > 1:
                raise FormulaError(f"{to_text(node)}: nothing in it has the index {index}")
            if index not in inner.letters:
                return inner  # over the observations, of which there is one
            place = inner.letters.index(index)
            rest = (*inner.letters[:place], *inner.letters[place + 1 :])
            return Lettered(np.asarray(inner.array.sum(axis=place)), rest)
    values = [value_of(child, meaning) for child in node.children]
    match node:
        case tree.Add():
            total = values[0]
            for value in values[1:]:
                total = combined(node, np.add, total, value)
            return total
        case tree.Negate():
            return Lettered(-values[0].array, values[0].letters)
        case tree.Transpose():
            return values[0]
        case tree.Power():
            if values[1].array.ndim == 0 and values[1].array == 2:
                return Lettered(values[0].array ** 2, values[0].letters)
            return combined(node, np.power, *values)
        case tree.Function(name=name):
            return Lettered(np.asarray(FUNCTIONS[name](values[0].array)), values[0].letters)
        case tree.Apply():
            return apply(node, values[0], meaning)
        case tree.Norm() if values[0].letters:
            raise FormulaError(f"{to_text(node)} is not understood with indices")
        case tree.Norm():
            return Lettered(np.sqrt((values[0].array ** 2).sum()))
        case tree.Reduce():
            return Lettered(np.asarray(values[0].array.sum()))
    function = BINARY.get(type(node))
    if function is None or len(values) != 2:
        raise FormulaError(f"{to_text(node)} is not understood with indices")
    return combined(node, function, *values)


def layers_in(operand: Expression) -> set[str]:
    """Return the letters that layers have in a sum."""
    return {name.layer.letter for name in tree.names_of(operand) if name.layer is not None}


def layer_sum(node: tree.IndexSum, meaning: Meaning) -> Lettered:
    """Sum over the layers 1 … L."""
    total = Lettered(np.asarray(0.0))
    for layer in range(1, len(meaning.activations) + 1):
        letters = {**meaning.letters, node.index: layer}
        inner = Meaning(meaning.values, meaning.activations, letters, meaning.columns)
        total = combined(node, np.add, total, value_of(node.operand, inner))
    return total


def combined(node: Expression, function: Any, left: Lettered, right: Lettered) -> Lettered:
    """Combine two arrays along their letters."""
    letters = tuple(dict.fromkeys((*left.letters, *right.letters)))
    one, two = left.along(letters), right.along(letters)
    for letter, a, b in zip(letters, one.shape, two.shape, strict=True):
        if a != b and 1 not in (a, b):
            raise FormulaError(
                f"{to_text(node)}: the index {letter} runs over {a} and over {b} units"
            )
    if prod(np.broadcast_shapes(one.shape, two.shape)) > MOST_ELEMENTS:
        raise FormulaError(f"{to_text(node)}: too many indices")
    return Lettered(np.asarray(function(one, two)), letters)


def name_value(name: Name, meaning: Meaning) -> Lettered:
    """Return a quantity with its letters."""
    array = np.asarray(meaning.values[meaning.key(name)])
    if name.symbol in OBSERVED and meaning.values["m"] > 1:
        return observed(name, array, meaning)
    if name.symbol in ("W", "dW"):
        if len(name.indices) == 1 and 1 in array.shape:
            return Lettered(array.reshape(-1), name.indices)  # w_j of a single unit
        if len(name.indices) != 2:
            if array.size == 1:
                return Lettered(array.reshape(()))
            raise FormulaError(f"{name.text or name.symbol} needs two indices beside the others")
        if name.indices[0] == name.indices[1]:
            raise FormulaError(f"{name.text} has the same index twice")
        return Lettered(array, name.indices)
    if name.symbol in VECTORS:
        if not name.indices:
            if array.size == 1:
                return Lettered(array.reshape(()))
            raise FormulaError(f"{name.text or name.symbol} needs an index beside the others")
        if name.indices[0].isdecimal():
            number = int(name.indices[0])
            if not 1 <= number <= array.size:
                raise FormulaError(f"{name.text}: there is no unit {number}")
            return Lettered(array.reshape(-1)[number - 1])
        return Lettered(array.reshape(-1), name.indices[:1])
    if array.size == 1:
        return Lettered(array.reshape(()))
    raise FormulaError(f"{name.text or name.symbol} is not understood beside indices")


def observed(name: Name, array: Array, meaning: Meaning) -> Lettered:
    """Return a quantity of many observations, the letter of the observation first."""
    if not name.observation:
        raise FormulaError(f"{name.text or name.symbol} needs an index of the observation")
    rows = array.T if meaning.columns else array
    if not name.indices:
        if rows.shape[1] == 1:
            return Lettered(rows[:, 0], (name.observation,))
        raise FormulaError(f"{name.text or name.symbol} needs an index beside the others")
    if name.indices[0].isdecimal():
        number = int(name.indices[0])
        if not 1 <= number <= rows.shape[1]:
            raise FormulaError(f"{name.text}: there is no unit {number}")
        return Lettered(rows[:, number - 1], (name.observation,))
    if name.indices[0] == name.observation:
        raise FormulaError(f"{name.text} has the same index twice")
    return Lettered(rows, (name.observation, name.indices[0]))


def apply(node: tree.Apply, inner: Lettered, meaning: Meaning) -> Lettered:
    """Return g or g' of a vector; softmax takes all of it."""
    g = meaning.activation(node)
    Z = np.atleast_1d(np.asarray(inner.array, dtype=np.result_type(inner.array, float)))
    if g.name == "softmax" and Z.ndim != 1:
        raise FormulaError(f"{to_text(node)}: softmax of more than one index")
    row = Z[np.newaxis, :] if Z.ndim == 1 else Z
    A = g.value(row)
    value = g.derivative(row, A) if node.derivative else A
    return Lettered(value.reshape(inner.array.shape), inner.letters)


def partial(node: tree.Partial, meaning: Meaning) -> Lettered:
    """Return a local derivative of one element by another."""
    top, bottom = node.top, node.bottom
    upper, lower = meaning.key(top), meaning.key(bottom)
    depth = len(meaning.activations)
    upper = f"A{depth}" if upper == "Yhat" else upper
    lower = {"X": "A0", "Yhat": f"A{depth}"}.get(lower, lower)
    i = top.indices[:1]
    layer = int(upper[1:]) if upper[1:].isdecimal() else 0
    if upper[0] == "A" and lower == f"Z{layer}" and f"{upper}/{lower}" in meaning.values:
        return activation_slope(upper, layer, i, bottom.indices[:1], meaning)
    if upper[0] == "Z" and i and lower == f"Z{layer - 1}":
        return through(node, layer, i, meaning)
    if upper[0] == "Z" and i:
        return sum_slope(node, layer, lower, i, meaning)
    raise FormulaError(f"{to_text(node)} is not a derivative of this network")


def activation_slope(
    upper: str, layer: int, i: tuple[str, ...], j: tuple[str, ...], meaning: Meaning
) -> Lettered:
    """Return ∂a_i/∂z_j: the slope itself for i = j."""
    slope = np.asarray(meaning.values[f"{upper}/Z{layer}"]).reshape(-1)
    if i == j:
        return Lettered(slope, i) if i else Lettered(slope.reshape(()))
    if not i or not j:
        raise FormulaError("a derivative with an index on one side alone")
    if meaning.activations[layer - 1].name == "softmax":
        a = np.asarray(meaning.values[upper]).reshape(-1)
        return Lettered(np.diag(a) - np.outer(a, a), (*i, *j))
    return Lettered(np.diag(slope), (*i, *j))


def sum_slope(
    node: tree.Partial, layer: int, lower: str, i: tuple[str, ...], meaning: Meaning
) -> Lettered:
    """Return ∂z_i by a weight, a bias or an input."""
    indices = node.bottom.indices
    values: Mapping[str, Any] = meaning.values
    turned = weights_are_turned(meaning, layer)
    if lower == f"W{layer}" and len(indices) == 2:
        out, into = indices if turned else indices[::-1]
        if out == i[0]:
            return Lettered(np.asarray(values[f"A{layer - 1}"]).reshape(-1), (into,))
    if lower == f"b{layer}" and indices == i:
        return Lettered(np.asarray(1.0))
    if lower == f"A{layer - 1}" and len(indices) == 1 and indices != i:
        weights = np.asarray(values[f"W{layer}"])
        return Lettered(weights, (*i, *indices) if turned else (*indices, *i))
    raise FormulaError(f"{to_text(node)} is not a derivative of this network")


def through(node: tree.Partial, layer: int, i: tuple[str, ...], meaning: Meaning) -> Lettered:
    """Return ∂z_i by the pre-activation of a unit in the layer before."""
    indices = node.bottom.indices
    if len(indices) != 1 or indices == i or meaning.activations[layer - 2].name == "softmax":
        raise FormulaError(f"{to_text(node)} is not a derivative of this network")
    weights = np.asarray(meaning.values[f"W{layer}"])
    by_unit = weights if weights_are_turned(meaning, layer) else weights.T
    slope = np.asarray(meaning.values[f"A{layer - 1}/Z{layer - 1}"]).reshape(-1)
    return Lettered(by_unit * slope, (*i, *indices))


def weights_are_turned(meaning: Meaning, layer: int) -> bool:
    """Say whether the weights are stored with one row for each unit of the layer."""
    return bool(np.shape(meaning.values[f"W{layer}"])[0] == np.size(meaning.values[f"b{layer}"]))


@dataclass
class IndexedTrial:
    """One point of one observation, element by element."""

    truth: Array
    letters: tuple[str, ...]
    meaning: Meaning
    m: int = 1

    def value(self, expression: Expression) -> Array:
        """Return what an expression gives, along the letters of the truth."""
        found = evaluate_indexed(expression, self.meaning)
        extra = set(found.letters) - set(self.letters)
        if extra:
            raise FormulaError(f"the index {min(extra)} is on the right side alone")
        array = found.along(self.letters)
        for letter, a, b in zip(self.letters, array.shape, self.truth.shape, strict=True):
            if a not in (1, b):
                raise FormulaError(f"the index {letter} runs over {a} and over {b} units")
        return np.broadcast_to(array, self.truth.shape)
