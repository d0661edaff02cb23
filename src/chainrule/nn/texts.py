"""The language of the formulas that stand on rows: Python's own, with a few letters and functions.

A row of `ACTIVATIONS` or `LOSSES` says in text what its functions compute, so that other rooms can
write it, in their own notation, without knowing the row:

.. code-block:: text

    z, a, da    a unit's pre-activation, its activation g(z), and ∂J/∂a
    a, y        of a loss: an output and its target
    sum(…)      over the units of one observation
    where(c, x, y), x > y (which is 1 or 0), max(x, y), abs(x), sign(x)
    exp, log, log1p, expm1, sqrt, tanh, cosh, sinh, sin, cos, and erf
    σ(x)        a function that another row is the definition of, by its symbol
    Φ(x), φ(x)  the normal distribution and its density

Everything else is refused when the row is made.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import lru_cache
from math import pi, sqrt

import numpy as np

from chainrule.errors import FormulaError
from chainrule.nn.arrays import Array
from chainrule.nn.special import erf, expit, ndtr

__all__ = ["DEFINED", "FUNCTIONS", "check_text", "evaluated", "letters_of", "parsed"]

ELEMENTARY = ("exp", "log", "log1p", "expm1", "sqrt", "tanh", "cosh", "sinh", "sin", "cos")
FUNCTIONS: dict[str, Callable[..., Array]] = {
    **{name: getattr(np, name) for name in ELEMENTARY},
    "abs": np.abs,
    "sign": np.sign,
    "max": np.maximum,
    "where": np.where,
    "sum": lambda x: np.sum(x, axis=-1, keepdims=True),
    "erf": erf,
    "σ": expit,
    "Φ": ndtr,
    "φ": lambda x: np.exp(-x * x / 2) / sqrt(2 * pi),
}
# What the functions without a name in NumPy are, of x.
DEFINED = {"Φ": "(1 + erf(x/sqrt(2)))/2", "φ": "exp(-x**2/2)/sqrt(2*pi)"}
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.Gt)


@lru_cache(maxsize=256)
def parsed(text: str) -> ast.expr:
    """Return the tree of a text.

    Raises
    ------
    FormulaError
        If it is no formula of this language.
    """
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        raise FormulaError(f"{text!r} is no formula") from None
    for node in ast.walk(tree):
        if not is_known(node):
            raise FormulaError(
                f"{text!r} is no formula: {ast.unparse(node)!r} has no meaning in it"
            )
    return tree


def is_known(node: ast.AST) -> bool:
    """Say whether the language has such a node."""
    match node:
        case ast.Call(func=ast.Name(id=name), keywords=[]):
            return name in FUNCTIONS
        case ast.Constant(value=value):
            return type(value) in (int, float)
        case ast.Compare(ops=[_]) | ast.BinOp() | ast.UnaryOp() | ast.Name() | ast.Load():
            return True
        case _:
            return isinstance(node, OPERATORS)


def letters_of(text: str) -> set[str]:
    """Return the letters of a formula, without the names of its functions."""
    names = [node.id for node in ast.walk(parsed(text)) if isinstance(node, ast.Name)]
    return set(names) - set(FUNCTIONS)


def check_text(text: str | None, letters: Iterable[str]) -> None:
    """Raise a FormulaError unless `text` is a formula of these letters, or None."""
    unknown = set() if text is None else letters_of(text) - set(letters)
    if unknown:
        raise FormulaError(
            f"{text!r} has the letter {min(unknown)!r}; {', '.join(letters)} are known"
        )


def evaluated(text: str, **letters: Array) -> Array:
    """Return the value of a formula, computed as it is written: its digits may cancel.

    Examples
    --------
    >>> evaluated("a*(1 - a)", a=np.array([0.5, 1.0]))
    array([0.25, 0.  ])
    """
    code = compile(ast.Expression(parsed(text)), text, "eval")  # of this language's nodes alone
    value: Array = np.multiply(eval(code, {"__builtins__": {}, **FUNCTIONS}, letters), 1.0)
    return value
