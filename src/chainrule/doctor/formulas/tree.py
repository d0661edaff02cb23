"""Formulas as immutable trees: what both readers build, and all else works on.

A tree is bounded when it is built: at most `MOST_NODES` nodes and `MOST_LEVELS` levels. So everything
that walks over one may recurse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from chainrule.errors import FormulaError

__all__ = [
    "Add",
    "Apply",
    "Assignment",
    "Compare",
    "Divide",
    "Expression",
    "Function",
    "IndexSum",
    "Juxtapose",
    "Kronecker",
    "Layer",
    "MatMul",
    "Maximum",
    "Multiply",
    "Name",
    "Negate",
    "NewAxis",
    "Norm",
    "Number",
    "Ones",
    "Partial",
    "Power",
    "Reduce",
    "Shape",
    "ShapeNote",
    "Transpose",
    "Unreadable",
    "names_of",
    "rewritten",
    "walk",
]

MOST_NODES = 1000
MOST_LEVELS = 60


@dataclass(frozen=True, order=True)
class Layer:
    """The number of a layer: a letter, or none, and a whole number added to it.

    >>> str(Layer("l", -1)), str(Layer("", 2)), Layer("l", -1).at({"l": 3})
    ('l-1', '2', 2)
    """

    letter: str = ""
    offset: int = 0

    def at(self, letters: Mapping[str, int]) -> int:
        """Return the number, the letters being given."""
        if not self.letter:
            return self.offset
        if self.letter not in letters:
            raise FormulaError(f"the layer {self} has no number: {self.letter!r} is not known")
        return letters[self.letter] + self.offset

    def __str__(self) -> str:
        if not self.letter:
            return str(self.offset)
        return self.letter + (f"{self.offset:+d}" if self.offset else "")


@dataclass(frozen=True)
class Expression:
    """A formula or a part of one.

    `children` are the parts that are expressions themselves, from left to right; `size` and `levels`
    count the nodes and their nesting.
    """

    size: int = field(init=False, repr=False, compare=False, default=1)
    levels: int = field(init=False, repr=False, compare=False, default=1)
    children: tuple[Expression, ...] = field(init=False, repr=False, compare=False, default=())

    def __post_init__(self) -> None:
        children: list[Expression] = []
        for value in self.__dict__.values():
            if isinstance(value, Expression):
                children.append(value)
            elif isinstance(value, tuple):
                children += [part for part in value if isinstance(part, Expression)]
        size = 1 + sum(child.size for child in children)
        levels = 1 + max((child.levels for child in children), default=0)
        if size > MOST_NODES:
            raise FormulaError(f"a formula of more than {MOST_NODES} parts: split it")
        if levels > MOST_LEVELS:
            raise FormulaError(f"a formula nested more than {MOST_LEVELS} levels deep: split it")
        object.__setattr__(self, "size", size)
        object.__setattr__(self, "levels", levels)
        object.__setattr__(self, "children", tuple(children))

    def with_children(self, children: tuple[Expression, ...]) -> Expression:
        """Return the same node over other children, as many as before."""
        rest = iter(children)
        changes: dict[str, Any] = {}
        for entry in fields(self):
            if not entry.init:
                continue
            value = getattr(self, entry.name)
            if isinstance(value, Expression):
                changes[entry.name] = next(rest)
            elif isinstance(value, tuple) and any(isinstance(part, Expression) for part in value):
                changes[entry.name] = tuple(next(rest) for _ in value)
        return replace(self, **changes)


@dataclass(frozen=True)
class Name(Expression):
    """A quantity: a canonical symbol, its layer, and how it was written.

    Parameters
    ----------
    symbol : str
        X Y Yhat A Z W b, dA dZ dW db, m, lambda, eta, J, loss (of one observation), theta (all
        parameters), dtheta, n (the units of a layer); or a name of the user's own.
    layer : Layer or None
    indices : tuple of str
        Of the units, one for A Z b, two for W: ``w_{ij}``.
    observation : str
        The index of the observation, as in ``z^{(i)}``; empty if there is none.
    text : str
        As the user wrote it.
    """

    symbol: str
    layer: Layer | None = None
    indices: tuple[str, ...] = ()
    observation: str = ""
    text: str = field(default="", compare=False)

    @property
    def is_derivative(self) -> bool:
        """Whether it is ∂J by something."""
        return self.symbol in ("dA", "dZ", "dW", "db", "dtheta", "dX")

    @property
    def is_parameter(self) -> bool:
        """Whether it is a weight, a bias, or all of them."""
        return self.symbol in ("W", "b", "theta")


@dataclass(frozen=True)
class Number(Expression):
    """A constant."""

    value: float
    text: str = field(default="", compare=False)


@dataclass(frozen=True)
class Add(Expression):
    """A sum of terms; a difference is a sum with a `Negate` in it."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True)
class Negate(Expression):
    """A minus sign."""

    operand: Expression


@dataclass(frozen=True)
class Multiply(Expression):
    """An element-wise product: ``*`` in NumPy, ⊙ in mathematics."""

    left: Expression
    right: Expression


@dataclass(frozen=True)
class MatMul(Expression):
    """A matrix product: ``@``."""

    left: Expression
    right: Expression


@dataclass(frozen=True)
class Juxtapose(Expression):
    r"""A product as mathematics writes it; the shapes decide of which kind it is.

    It is one by a number, or of matrices, or element by element where two arrays of one shape do not
    multiply as matrices. `mark` is what stands between the two: nothing, ``\cdot``, ``\times`` or
    ``*``, which means element by element if it can.
    """

    left: Expression
    right: Expression
    mark: str = field(default="", compare=False)


@dataclass(frozen=True)
class Divide(Expression):
    """A quotient, element by element."""

    top: Expression
    bottom: Expression


@dataclass(frozen=True)
class Power(Expression):
    """A power, element by element."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True)
class Transpose(Expression):
    """A transpose."""

    operand: Expression


@dataclass(frozen=True)
class Reduce(Expression):
    """A sum or a mean over an axis, or over everything; NumPy's."""

    kind: str
    operand: Expression
    axis: int | None = None
    keepdims: bool = False


@dataclass(frozen=True)
class IndexSum(Expression):
    r"""``\sum_{i=1}^{m}``: over the index where the operand has it, else over the observations.

    `mean` says that it is an average, as a bar or ``\mathbb{E}`` has it.
    """

    index: str
    operand: Expression
    upper: str = ""
    mean: bool = False


@dataclass(frozen=True)
class Function(Expression):
    """An element function that is no activation: exp, log, sqrt, square, abs, sign and others."""

    name: str
    operand: Expression


@dataclass(frozen=True)
class Apply(Expression):
    """An activation, or its derivative, at an argument.

    `activation` is its name, or None for the one that its layer has: g, f_1. With no `layer` it is
    that of the argument.
    """

    activation: str | None
    operand: Expression
    derivative: bool = False
    layer: Layer | None = None
    text: str = field(default="", compare=False)


@dataclass(frozen=True)
class Kronecker(Expression):
    """1 where two indices are the same, else 0."""

    left: str
    right: str


@dataclass(frozen=True)
class Compare(Expression):
    """1 where the comparison holds, else 0."""

    left: Expression
    operator: str
    right: Expression


@dataclass(frozen=True)
class Maximum(Expression):
    """The larger of two, element by element."""

    left: Expression
    right: Expression


@dataclass(frozen=True)
class Ones(Expression):
    """An array of ones: of a given shape, or of that of the one operand (`like`)."""

    shape: tuple[Expression, ...]
    like: bool = False


@dataclass(frozen=True)
class Shape(Expression):
    """The length of an axis: ``X.shape[0]``."""

    operand: Expression
    axis: int


@dataclass(frozen=True)
class NewAxis(Expression):
    """``x[None]``, ``x[:, None]``: `pattern` has True for a new axis, False for an old one."""

    operand: Expression
    pattern: tuple[bool, ...]


@dataclass(frozen=True)
class Norm(Expression):
    """A Euclidean norm, of all elements."""

    operand: Expression


@dataclass(frozen=True)
class Partial(Expression):
    """A local derivative: ∂top/∂bottom, where top is not the cost."""

    top: Name
    bottom: Name


@dataclass(frozen=True)
class Assignment:
    """One formula: `target` = `expression`, as it stands in `source` at `line`.

    The target is a `Name` or a `Partial`; of an identity, such as σ'(x) = σ(x)(1 − σ(x)), any
    expression. `note` is the shape that is noted beside it.
    """

    target: Expression
    expression: Expression
    source: str
    line: int = 1
    note: tuple[str, str] | None = None

    @property
    def is_update(self) -> bool:
        """Whether it sets a parameter to itself less something."""
        return (
            isinstance(self.target, Name)
            and self.target.is_parameter
            and any(name == self.target for name in names_of(self.expression))
        )


@dataclass(frozen=True)
class ShapeNote:
    r"""A shape that is stated by itself: ``W_1 \in \mathbb{R}^{n_h \times d}``."""

    target: Name
    shape: tuple[str, str]
    source: str
    line: int = 1


@dataclass(frozen=True)
class Unreadable:
    """A formula that could not be read, and why."""

    source: str
    reason: str
    line: int = 1


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield every node, the outermost first."""
    yield expression
    for child in expression.children:
        yield from walk(child)


def names_of(expression: Expression) -> Iterator[Name]:
    """Yield every name, from left to right."""
    return (node for node in walk(expression) if isinstance(node, Name))


def rewritten(expression: Expression, change: Any) -> Expression:
    """Return the tree with ``change(node)`` in place of every node, the innermost first."""
    children = expression.children
    if children:
        new = tuple(rewritten(child, change) for child in children)
        if any(a is not b for a, b in zip(new, children, strict=True)):
            expression = expression.with_children(new)
    return change(expression)
