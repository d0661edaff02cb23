"""Formulas as trees: what a derivation is written in, and what `plain` and `latex` print.

Python's own operators build them, with NumPy's meaning: ``@`` is the matrix product, ``*`` the
element-wise one (for a number in front, a plain multiple), ``.T`` the transpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TypeAlias

__all__ = [
    "Add",
    "Apply",
    "Cases",
    "Equation",
    "Formula",
    "Fraction",
    "Gradient",
    "Item",
    "MatMul",
    "NormSquared",
    "Number",
    "Operand",
    "Partial",
    "Power",
    "Product",
    "SumOver",
    "Symbol",
    "Transpose",
    "as_expr",
    "symbols_in",
    "total",
]

Operand: TypeAlias = "Formula | int | float"


@dataclass(frozen=True)
class Formula:
    """The base of all formulas; immutable."""

    def __add__(self, other: Operand) -> Formula:
        return Add((*terms_of(self), (1, as_expr(other))))

    def __radd__(self, other: Operand) -> Formula:
        return as_expr(other) + self

    def __sub__(self, other: Operand) -> Formula:
        return Add((*terms_of(self), (-1, as_expr(other))))

    def __rsub__(self, other: Operand) -> Formula:
        return as_expr(other) - self

    def __neg__(self) -> Formula:
        return Add(((-1, self),))

    def __mul__(self, other: Operand) -> Formula:
        return Product((*factors_of(self), *factors_of(as_expr(other))))

    def __rmul__(self, other: Operand) -> Formula:
        return as_expr(other) * self

    def __matmul__(self, other: Formula) -> Formula:
        return MatMul((*chain_of(self), *chain_of(other)))

    def __truediv__(self, other: Operand) -> Formula:
        return Fraction(self, as_expr(other))

    def __rtruediv__(self, other: Operand) -> Formula:
        return as_expr(other) / self

    def __pow__(self, exponent: int) -> Formula:
        return Power(self, exponent)

    def __call__(self, *arguments: Operand) -> Formula:
        """Return the function of this name, applied to arguments."""
        return Apply(self, tuple(as_expr(argument) for argument in arguments))

    def __getitem__(self, index: str) -> Formula:
        return Item(self, index)

    @property
    def T(self) -> Formula:
        """The transpose."""
        return Transpose(self)

    def children(self) -> Iterator[Formula]:
        """Yield the formulas that this one is made of, from left to right."""
        for field in fields(self):
            yield from _expressions(getattr(self, field.name))


def _expressions(value: object) -> Iterator[Formula]:
    if isinstance(value, Formula):
        yield value
    elif isinstance(value, tuple):
        for entry in value:
            yield from _expressions(entry)


@dataclass(frozen=True)
class Symbol(Formula):
    """A letter: ``Symbol("dZ", "2")`` is dZ2, ``Symbol("W", sup="(1)")`` is W^(1).

    Parameters
    ----------
    base : str
        One or more letters; Greek ones as they are.
    sub, sup : str
        Subscript and superscript.
    hat : bool
        Whether it wears a hat.
    prime : bool
        Whether it is a derivative: g'.
    """

    base: str
    sub: str = ""
    sup: str = ""
    hat: bool = False
    prime: bool = False


@dataclass(frozen=True)
class Number(Formula):
    """A number."""

    value: float


@dataclass(frozen=True)
class Add(Formula):
    """A sum of terms, each with its sign: ((1, a), (-1, b)) is a − b."""

    terms: tuple[tuple[int, Formula], ...]


@dataclass(frozen=True)
class Product(Formula):
    """The element-wise product ⊙; with `scalars` the plain product of numbers, ·."""

    factors: tuple[Formula, ...]
    scalars: bool = False


@dataclass(frozen=True)
class MatMul(Formula):
    """The matrix product."""

    factors: tuple[Formula, ...]


@dataclass(frozen=True)
class Fraction(Formula):
    """A quotient, element by element."""

    over: Formula
    under: Formula


@dataclass(frozen=True)
class Power(Formula):
    """A power, element by element."""

    body: Formula
    exponent: int


@dataclass(frozen=True)
class Transpose(Formula):
    """The transpose."""

    body: Formula


@dataclass(frozen=True)
class Apply(Formula):
    """A function of arguments, element by element unless its name says otherwise."""

    function: Formula
    arguments: tuple[Formula, ...]


@dataclass(frozen=True)
class Item(Formula):
    """One entry, row or column: ``dZ[i]``."""

    body: Formula
    index: str


@dataclass(frozen=True)
class Partial(Formula):
    """A partial derivative, ∂over/∂under."""

    over: Formula
    under: Formula


@dataclass(frozen=True)
class Gradient(Formula):
    """The gradient of a cost by a variable: ∇_W J."""

    by: Formula
    cost: Formula


@dataclass(frozen=True)
class SumOver(Formula):
    """A sum: over the observations, over the units of a layer, or over an index.

    Parameters
    ----------
    body : Formula
    axis : {"observations", "units", "index"}
    index : str
        The letter that runs.
    layout : {"rows", "columns"}
        What an observation is.
    """

    body: Formula
    axis: str
    index: str = "i"
    layout: str = "rows"


@dataclass(frozen=True)
class NormSquared(Formula):
    """‖W‖², the sum of the squares of all entries."""

    body: Formula


@dataclass(frozen=True)
class Cases(Formula):
    """One of two values: `then` where `left` > 0, `otherwise` elsewhere; element by element."""

    left: Formula
    then: Formula
    otherwise: Formula


@dataclass(frozen=True)
class Equation(Formula):
    """One symbol, and the forms that it is equal to."""

    left: Formula
    forms: tuple[Formula, ...]
    sign: str = "="


def as_expr(value: Operand) -> Formula:
    """Return a formula; a number becomes one."""
    return value if isinstance(value, Formula) else Number(value)


def terms_of(value: Formula) -> tuple[tuple[int, Formula], ...]:
    return value.terms if isinstance(value, Add) else ((1, value),)


def factors_of(value: Formula) -> tuple[Formula, ...]:
    return value.factors if isinstance(value, Product) and not value.scalars else (value,)


def chain_of(value: Formula) -> tuple[Formula, ...]:
    return value.factors if isinstance(value, MatMul) else (value,)


def total(terms: list[Formula]) -> Formula:
    """Return the sum of one or more terms."""
    return terms[0] if len(terms) == 1 else Add(tuple((1, term) for term in terms))


def symbols_in(value: Formula) -> Iterator[Symbol]:
    """Yield the symbols of a formula, from left to right."""
    if isinstance(value, Symbol):
        yield value
    for child in value.children():
        yield from symbols_in(child)
