"""How a formula is written: one walk through it, which every face shares.

A face, `chainrule.notation.plain` or `chainrule.notation.latex`, says with which signs, and writes
what looks different there: letters, fractions, powers. Where brackets stand is said here, once.
"""

from __future__ import annotations

from functools import singledispatchmethod
from typing import ClassVar, NamedTuple

from chainrule.notation.formula import (
    Add,
    Apply,
    Equation,
    Formula,
    Fraction,
    Item,
    MatMul,
    Number,
    Product,
    SumOver,
    Symbol,
)

__all__ = ["CHAIN", "LOOSE", "PRODUCT", "SIGMA", "SUM", "TIGHT", "Face", "Signs", "is_multiple"]

# How tightly the parts hold together; what is looser than its surroundings gets brackets.
LOOSE, SUM, SIGMA, PRODUCT, CHAIN, TIGHT = range(6)
MULTIPLES = ("m", "n", "η", "λ", "κ", "π", "learning_rate")


class Signs(NamedTuple):
    """The signs of a face, with the spaces around them.

    `brackets` has a place for what stands in them, `total` for the index of a sum, and `word` for a
    name that stands upright.
    """

    minus: str
    times: str
    by_units: str
    beside: str
    matmul: str
    becomes: str
    brackets: str
    total: str
    word: str


class Face:
    """Writes formulas; a face registers the parts that look different in it with `written`."""

    signs: ClassVar[Signs]

    def __call__(self, value: Formula) -> str:
        """Return a formula as text."""
        return self.written(value)[0]

    def within(self, value: Formula, level: int) -> str:
        """Return the text, in brackets where its surroundings hold together more tightly."""
        text, own = self.written(value)
        return text if own >= level else self.signs.brackets.format(text)

    def written(self, value: Formula) -> tuple[str, int]:
        """Return the text, and how tightly it holds together."""
        return self.shared(value)

    @singledispatchmethod
    def shared(self, value: Formula) -> tuple[str, int]:
        """Return what `written` does, of a part that looks alike in every face but for its signs."""
        raise TypeError(f"no formula: {value!r}")

    @shared.register
    def _(self, value: Add) -> tuple[str, int]:
        minus, text = self.signs.minus, ""
        for sign, term in value.terms:
            level = SUM if sign > 0 and not isinstance(term, Add) else SIGMA
            text += (" + " if sign > 0 else f" {minus} ") + self.within(term, level)
        return (text[3:] if value.terms[0][0] > 0 else minus + text[3:]), SUM

    @shared.register
    def _(self, value: Product) -> tuple[str, int]:
        text = self.within(value.factors[0], PRODUCT)
        for before, factor in zip(value.factors, value.factors[1:], strict=False):
            sign = self.signs.times if value.scalars else self.signs.by_units
            if not value.scalars and is_multiple(before):
                sign = self.signs.beside
            last = factor is value.factors[-1] and is_multiple(before)  # c (a/b), (1/m) Σ_i ℓ[i]
            text += sign + self.within(factor, SIGMA if last else CHAIN)
        return text, PRODUCT

    @shared.register
    def _(self, value: MatMul) -> tuple[str, int]:
        return self.signs.matmul.join(self.within(f, TIGHT) for f in value.factors), CHAIN

    @shared.register
    def _(self, value: Apply) -> tuple[str, int]:
        arguments = ", ".join(map(self, value.arguments))
        return self.within(value.function, TIGHT) + self.signs.brackets.format(arguments), TIGHT

    @shared.register
    def _(self, value: Item) -> tuple[str, int]:
        return f"{self.within(value.body, TIGHT)}[{value.index}]", TIGHT

    @shared.register
    def _(self, value: SumOver) -> tuple[str, int]:
        if value.axis == "units":
            name = self.signs.word.format("rowsum" if value.layout == "rows" else "colsum")
            return name + self.signs.brackets.format(self(value.body)), TIGHT
        total = self.signs.total.format(value.index)
        if value.axis == "index":
            return f"{total} {self.within(value.body, SIGMA)}", SIGMA
        index = value.index if value.layout == "rows" else f":, {value.index}"
        return f"{total} {self.within(value.body, TIGHT)}[{index}]", SIGMA

    @shared.register
    def _(self, value: Equation) -> tuple[str, int]:
        sign = {"=": " = ", "←": self.signs.becomes}[value.sign]
        return sign.join(map(self, (value.left, *value.forms))), LOOSE


def is_multiple(value: Formula) -> bool:
    """Say whether a factor is a number, so that no ⊙ stands behind it."""
    if isinstance(value, Fraction):
        return is_multiple(value.over) and is_multiple(value.under)
    if isinstance(value, (Product, MatMul)):
        return all(is_multiple(factor) for factor in value.factors)
    return isinstance(value, Number) or (isinstance(value, Symbol) and value.base in MULTIPLES)
