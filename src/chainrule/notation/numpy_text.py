"""The formulas of `chainrule.nn`'s rows in NumPy's notation."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import singledispatchmethod
from typing import NamedTuple

from chainrule.nn import ACTIVATIONS
from chainrule.nn.texts import DEFINED, parsed

__all__ = ["ATOM", "PRODUCT", "SUM", "Written", "numpy_text"]

# How tightly the parts hold together; what is looser than its surroundings gets brackets.
LOOSE, SUM, PRODUCT, POWER, ATOM = range(5)
SIGNS = {ast.Add: (" + ", SUM), ast.Sub: (" - ", SUM), ast.Mult: (" * ", PRODUCT)}
SIGNS[ast.Div] = (" / ", PRODUCT)
NUMPY = {"max": "np.maximum", "erf": "scipy.special.erf"}


class Written(NamedTuple):
    """A formula as text, and how tightly it holds together."""

    text: str
    level: int = ATOM

    def within(self, level: int) -> str:
        """Return the text, in brackets where its surroundings hold together more tightly."""
        return self.text if self.level >= level else f"({self.text})"


def numpy_text(text: str, letters: Mapping[str, Written], axis: int = 1) -> Written:
    """Return the formula that a row's text is, as NumPy code.

    Parameters
    ----------
    text : str
        In the language of `chainrule.nn.texts`.
    letters : mapping of str to Written
        What stands for z, a, da and y. A key such as ``"sum(y)"`` stands for a whole sum.
    axis : int
        The axis of the units.

    Examples
    --------
    >>> numpy_text("a*(1 - a)", {"a": Written("A1")}).text
    'A1 * (1 - A1)'
    """
    return NumpyWriter(letters, axis).write(parsed(text))


class NumpyWriter:
    """Writes the nodes of a row's formula."""

    def __init__(self, letters: Mapping[str, Written], axis: int) -> None:
        self.letters, self.axis = letters, axis

    @singledispatchmethod
    def write(self, node: ast.expr) -> Written:
        """Return the code of a node."""
        raise TypeError(f"no formula: {ast.unparse(node)}")

    @write.register
    def _(self, node: ast.Constant) -> Written:
        return Written(repr(node.value))

    @write.register
    def _(self, node: ast.Name) -> Written:
        return Written("np.pi") if node.id == "pi" else self.letters[node.id]

    @write.register
    def _(self, node: ast.UnaryOp) -> Written:
        return Written("-" + self.write(node.operand).within(PRODUCT), PRODUCT)

    @write.register
    def _(self, node: ast.BinOp) -> Written:
        left, right = self.write(node.left), self.write(node.right)
        if isinstance(node.op, ast.Pow):
            return Written(f"{left.within(ATOM)}**{right.within(POWER)}", POWER)
        if isinstance(node.op, ast.Mult) and right.text == "1":
            return left
        sign, level = SIGNS[type(node.op)]
        after = level if isinstance(node.op, ast.Add) else level + 1
        return Written(left.within(level) + sign + right.within(after), level)

    @write.register
    def _(self, node: ast.Compare) -> Written:
        left, [right] = self.write(node.left), map(self.write, node.comparators)
        return Written(f"{left.within(SUM)} > {right.within(SUM)}", LOOSE)

    @write.register
    def _(self, node: ast.Call) -> Written:
        assert isinstance(node.func, ast.Name)
        name, whole = node.func.id, ast.unparse(node)
        if whole in self.letters:
            return self.letters[whole]
        arguments = [self.write(argument) for argument in node.args]
        if name == "sum":
            return Written(f"{arguments[0].within(ATOM)}.sum(axis={self.axis}, keepdims=True)")
        if name in DEFINED:
            return numpy_text(DEFINED[name], {"x": arguments[0]}, self.axis)
        for g in ACTIVATIONS.values():
            if g.symbol == name:
                return numpy_text(g.formula, {"z": arguments[0]}, self.axis)
        return Written(f"{NUMPY.get(name, f'np.{name}')}({', '.join(a.text for a in arguments)})")
