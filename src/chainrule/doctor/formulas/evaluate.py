"""The value of a formula: NumPy's rules for NumPy's operators, the shapes' for a product as written.

Nothing here runs anything but the operations below, on arrays whose size is checked before they are
made. So a formula takes a bounded time, whatever is written in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.symbols import key_of
from chainrule.doctor.formulas.tree import Expression, Layer, Name
from chainrule.doctor.formulas.write import to_text
from chainrule.errors import FormulaError
from chainrule.nn.activations import ACTIVATIONS, Activation
from chainrule.nn.arrays import Array, magnitude
from chainrule.nn.special import erf

__all__ = ["Meaning", "evaluate"]

MOST_ELEMENTS = 10_000_000
FUNCTIONS: dict[str, Any] = {
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "expm1": np.expm1,
    "sqrt": np.sqrt,
    "square": np.square,
    "abs": magnitude,
    "sign": lambda x: np.sign(x.real),
    "cosh": np.cosh,
    "sinh": np.sinh,
    "cos": np.cos,
    "sin": np.sin,
    "erf": erf,
}


@dataclass(frozen=True)
class Meaning:
    """What the names in a formula stand for.

    Parameters
    ----------
    values : mapping of str to ndarray or float
        "X", "Y", "Yhat", "W1", "dZ2", "m" and so on, and the user's own names.
    activations : sequence of Activation
        g_1 … g_L, for a formula that says g.
    letters : mapping of str to int
        The layers that letters stand for: {"l": 2, "L": 3}.
    columns : bool
        Whether one column is one observation; else one row is.
    """

    values: Mapping[str, Any]
    activations: Sequence[Activation] = ()
    letters: Mapping[str, int] = field(default_factory=dict)
    columns: bool = False

    def of(self, name: Name) -> Array:
        """Return the value of a name, one matrix for each observation where it has an index for it."""
        value = np.asarray(self.values[self.key(name)])
        if not name.observation or value.ndim != 2:
            return value
        return value.T[:, :, np.newaxis] if self.columns else value[:, np.newaxis, :]

    def key(self, name: Name) -> str:
        """Return the key of a name, or raise a FormulaError if it has no value."""
        layer = None if name.layer is None else name.layer.at(self.letters)
        key = key_of(name.symbol, layer)
        if key in self.values:
            return key
        if layer is None and key_of(name.symbol, 2) not in self.values:
            only = key_of(name.symbol, 1)  # a network of one layer needs no numbers
            if only in self.values:
                return only
        raise FormulaError(f"{name.text or key} has no value here")

    def activation(self, node: tree.Apply) -> Activation:
        """Return the activation that a node applies."""
        if node.activation is not None:
            return ACTIVATIONS[node.activation]
        layer: Layer | None = node.layer
        if layer is None:
            layers = {n.layer for n in tree.names_of(node.operand) if n.symbol in ("Z", "A")}
            layer = layers.pop() if len(layers) == 1 else None
        if layer is None and len(set(self.activations)) == 1:
            return self.activations[0]
        if layer is None:
            raise FormulaError(f"which layer's activation is {node.text or 'g'}?")
        number = layer.at(self.letters)
        if not 1 <= number <= len(self.activations):
            raise FormulaError(f"{node.text or 'g'} of layer {number}: there is no such layer")
        return self.activations[number - 1]


def evaluate(expression: Expression, meaning: Meaning) -> Array:
    """Return the value of a formula.

    Parameters
    ----------
    expression : Expression
    meaning : Meaning

    Returns
    -------
    ndarray

    Raises
    ------
    FormulaError
        If a name has no value or shapes do not fit; the message names the part.

    Examples
    --------
    >>> from chainrule.doctor.formulas.numpy_reader import read_numpy_expression
    >>> evaluate(read_numpy_expression("2 * X.sum() - 1"), Meaning({"X": np.ones((3, 2))})).item()
    11.0
    """
    with np.errstate(all="ignore"):  # what is not finite is seen by whoever compares it
        return value_of(expression, meaning)


def value_of(node: Expression, meaning: Meaning) -> Array:
    match node:
        case tree.Name():
            return meaning.of(node)
        case tree.Number(value=number):
            return np.asarray(number)
        case tree.Transpose(operand=Name(symbol="b" | "db") as bias):
            return meaning.of(bias).reshape(1, -1)  # however it is stored, b^T is a row
        case tree.IndexSum():
            return index_sum(node, meaning)
        case tree.Ones(shape=sizes, like=like):
            return ones(node, [value_of(size, meaning) for size in sizes], like)
        case tree.Partial():
            return partial(node, meaning)
    values = [value_of(child, meaning) for child in node.children]
    return operation(node, values, meaning)


def operation(node: Expression, values: list[Array], meaning: Meaning) -> Array:
    """Return the value of a node from those of its children."""
    match node:
        case tree.Add():
            total = values[0]
            for value in values[1:]:
                total = elementwise(node, np.add, total, value)
            return total
        case tree.Negate():
            return -values[0]
        case tree.Multiply():
            return elementwise(node, np.multiply, *values)
        case tree.Divide():
            return elementwise(node, np.divide, *values)
        case tree.Power():
            return elementwise(node, power, *values)
        case tree.Maximum():
            return elementwise(node, lambda a, b: np.where(a.real >= b.real, a, b), *values)
        case tree.Compare(operator=sign):
            return elementwise(node, COMPARISONS[sign], *values)
        case tree.MatMul():
            return matmul(node, *values)
        case tree.Juxtapose():
            return product(node, *values)
        case tree.Transpose():
            return values[0].swapaxes(-1, -2) if values[0].ndim > 1 else values[0]
        case tree.Reduce():
            return reduce(node, values[0])
        case tree.Function(name=name):
            return np.asarray(FUNCTIONS[name](values[0]))
        case tree.Apply():
            return apply(node, values[0], meaning)
        case tree.Shape(axis=axis):
            if axis >= values[0].ndim:
                raise FormulaError(f"{to_text(node)}: {shape_of(values[0])} has no axis {axis}")
            return np.asarray(float(values[0].shape[axis]))
        case tree.NewAxis(pattern=pattern):
            return new_axis(node, values[0], pattern)
        case tree.Norm():
            axes = (-2, -1) if values[0].ndim > 2 else None
            return np.sqrt((values[0] * values[0]).sum(axis=axes, keepdims=axes is not None))
    raise FormulaError(f"{to_text(node)} cannot be computed")


COMPARISONS: dict[str, Any] = {
    ">": lambda a, b: (a.real > b.real).astype(float),
    ">=": lambda a, b: (a.real >= b.real).astype(float),
    "<": lambda a, b: (a.real < b.real).astype(float),
    "<=": lambda a, b: (a.real <= b.real).astype(float),
}


def power(base: Array, exponent: Array) -> Array:
    # NumPy squares by a product, which a complex step needs to be exact.
    if exponent.ndim == 0 and exponent == 2:
        return base * base
    return np.asarray(np.power(base, exponent))


def shape_of(value: Array) -> str:
    """Return a shape in words."""
    return " × ".join(map(str, value.shape)) or "a number"


def unfit(node: Expression, left: Array, right: Array, why: str) -> FormulaError:
    """Build the error for shapes that do not go together."""
    parts = " and ".join(
        f"{to_text(child)} ({shape_of(value)})"
        for child, value in zip(node.children, (left, right), strict=False)
    )
    return FormulaError(f"{to_text(node)}: {parts} {why}")


def elementwise(node: Expression, function: Any, left: Array, right: Array) -> Array:
    """Combine two arrays element by element, after a look at how large the result is."""
    try:
        shape = np.broadcast_shapes(left.shape, right.shape)
    except ValueError:
        raise unfit(node, left, right, "do not go together element by element") from None
    if prod(shape) > MOST_ELEMENTS:
        raise unfit(node, left, right, "make an array that is too large")
    return np.asarray(function(left, right))


def matmul(node: Expression, left: Array, right: Array) -> Array:
    """Multiply two matrices."""
    if left.ndim == 0 or right.ndim == 0:
        raise unfit(node, left, right, "do not multiply as matrices: one is a number")
    rows = left.shape[-2] if left.ndim > 1 else 1
    columns = right.shape[-1] if right.ndim > 1 else 1
    if left.shape[-1] != right.shape[-2 if right.ndim > 1 else 0]:
        raise unfit(node, left, right, "do not multiply as matrices")
    stacked = max(prod(left.shape[:-2]), 1) * max(prod(right.shape[:-2]), 1)
    if rows * columns * stacked > MOST_ELEMENTS:
        raise unfit(node, left, right, "make an array that is too large")
    try:
        return np.asarray(left @ right)
    except ValueError:
        raise unfit(node, left, right, "do not multiply as matrices") from None


def product(node: tree.Juxtapose, left: Array, right: Array) -> Array:
    """Multiply as mathematics does: by a number, as matrices, or element by element."""
    if left.ndim < 2 or right.ndim < 2:
        return elementwise(node, np.multiply, left, right)
    same = left.shape[-2:] == right.shape[-2:]
    if left.shape[-1] == right.shape[-2] and not (same and node.mark in ("*", "\\ast")):
        return matmul(node, left, right)
    if same or 1 in (prod(left.shape[-2:]), prod(right.shape[-2:])):
        return elementwise(node, np.multiply, left, right)
    raise unfit(node, left, right, "do not multiply, neither as matrices nor element by element")


def reduce(node: tree.Reduce, value: Array) -> Array:
    """Sum or average over an axis, or over everything."""
    if node.axis is not None and node.axis >= value.ndim:
        raise FormulaError(f"{to_text(node)}: {shape_of(value)} has no axis {node.axis}")
    function = np.sum if node.kind == "sum" else np.mean
    return np.asarray(function(value, axis=node.axis, keepdims=node.keepdims))


def new_axis(node: Expression, value: Array, pattern: tuple[bool, ...]) -> Array:
    """Insert axes of length 1."""
    if pattern.count(False) > value.ndim or value.ndim + pattern.count(True) > 3:
        raise FormulaError(f"{to_text(node)}: {shape_of(value)} does not take this subscript")
    return value[tuple(np.newaxis if new else slice(None) for new in pattern)]


def ones(node: Expression, sizes: list[Array], like: bool) -> Array:
    """Make an array of ones."""
    if like:
        return np.ones_like(sizes[0])
    shape = []
    for size in sizes:
        number = float(size.real) if size.ndim == 0 else -1.0
        if not (number.is_integer() and 1 <= number <= MOST_ELEMENTS):
            raise FormulaError(f"{to_text(node)}: a size is a positive whole number")
        shape.append(int(number))
    if prod(shape) > MOST_ELEMENTS:
        raise FormulaError(f"{to_text(node)}: the array is too large")
    return np.ones(shape)


def apply(node: tree.Apply, Z: Array, meaning: Meaning) -> Array:
    """Return g(Z) or g'(Z); softmax runs over the units, whichever axis they are on."""
    g = meaning.activation(node)
    if Z.ndim == 0:
        Z = Z.reshape(1)
        return np.asarray((g.derivative(Z, g.value(Z)) if node.derivative else g.value(Z))[0])
    if not np.issubdtype(Z.dtype, np.inexact):
        Z = Z.astype(float)
    turned = meaning.columns and Z.ndim > 1
    if turned:
        Z = Z.swapaxes(-1, -2)
    A = g.value(Z)
    value = g.derivative(Z, A) if node.derivative else A
    return value.swapaxes(-1, -2) if turned else value


def index_sum(node: tree.IndexSum, meaning: Meaning) -> Array:
    """Sum over layers, over the observations that have the index, or over all observations."""
    names = list(tree.names_of(node.operand))
    layers = {name.layer.letter for name in names if name.layer is not None}
    if node.index and node.index in layers:
        return layer_sum(node, meaning)
    value = value_of(node.operand, meaning)
    function = np.mean if node.mean else np.sum
    if value.ndim == 3 and node.index in {name.observation for name in names}:
        return np.asarray(function(value, axis=0))
    if value.ndim < 2:
        return value
    # i and n count observations, j and k units, where nothing else is said.
    units = node.index in ("j", "k") and not node.upper
    axis = -2 if meaning.columns == units else -1
    return np.asarray(function(value, axis=axis, keepdims=True))


def layer_sum(node: tree.IndexSum, meaning: Meaning) -> Array:
    """Sum over the layers 1 … L."""
    depth = len(meaning.activations)
    total = np.asarray(0.0)
    for layer in range(1, depth + 1):
        letters = {**meaning.letters, node.index: layer}
        inner = Meaning(meaning.values, meaning.activations, letters, meaning.columns)
        total = elementwise(node, np.add, total, value_of(node.operand, inner))
    return total


def partial(node: tree.Partial, meaning: Meaning) -> Array:
    """Return a local derivative, where it is an array that products can be taken with.

    ∂A/∂Z is g'(Z), element by element; ∂Z/∂W is the layer's input, ∂Z/∂A the weights, ∂Z/∂b is 1, and
    they multiply rightly where every layer has one unit.
    """
    top, bottom = node.top, node.bottom
    key = f"{meaning.key(top)}/{meaning.key(bottom)}"
    if key not in meaning.values:
        raise FormulaError(f"{to_text(node)} is not a derivative of this network")
    return np.asarray(meaning.values[key])
