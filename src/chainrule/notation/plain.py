"""Formulas as plain text: ``dZ1 = (dZ2 W2ᵀ) ⊙ (1 − A1²)``."""

from __future__ import annotations

from functools import singledispatch

from chainrule.notation.formula import (
    Add,
    Apply,
    Cases,
    Equation,
    Formula,
    Fraction,
    Gradient,
    Item,
    MatMul,
    NormSquared,
    Number,
    Partial,
    Power,
    Product,
    SumOver,
    Symbol,
    Transpose,
)

__all__ = ["plain", "plain_number"]

# How tightly the parts hold together; what is looser than its surroundings gets brackets.
LOOSE, SUM, SIGMA, PRODUCT, CHAIN, TIGHT = range(6)
MULTIPLES = ("m", "n", "η", "λ", "κ", "π", "learning_rate")
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def plain(value: Formula) -> str:
    """Return a formula as one line of text."""
    return written(value)[0]


def within(value: Formula, level: int) -> str:
    text, own = written(value)
    return text if own >= level else f"({text})"


def plain_number(value: float) -> str:
    """Return a number of a formula: ½ where it is one half, a whole number without a point."""
    return "½" if value == 0.5 else f"{value:.12g}".replace("-", "−")


@singledispatch
def written(value: Formula) -> tuple[str, int]:
    """Return the text, and how tightly it holds together."""
    raise TypeError(f"no formula: {value!r}")


@written.register
def _(value: Symbol) -> tuple[str, int]:
    base = value.base + "\N{COMBINING CIRCUMFLEX ACCENT}" if value.hat else value.base
    base = {"Y\u0302": "Ŷ", "y\u0302": "ŷ", "x\u0302": "x̂"}.get(base, base)
    sub = f"_{value.sub}" if value.sub and not value.sub[0].isdigit() else value.sub
    sub = f"_({value.sub})" if "−" in value.sub else sub
    sup = f"^{value.sup}" if value.sup else ""
    return base + sub + sup + "'" * value.prime, TIGHT


@written.register
def _(value: Number) -> tuple[str, int]:
    return plain_number(value.value), TIGHT if value.value >= 0 else SUM


@written.register
def _(value: Add) -> tuple[str, int]:
    text = ""
    for sign, term in value.terms:
        body = within(term, SUM if sign > 0 and not isinstance(term, Add) else SIGMA)
        text += (" + " if sign > 0 else " − ") + body
    first = value.terms[0][0]
    return (text[3:] if first > 0 else "−" + text[3:]), SUM


@written.register
def _(value: Product) -> tuple[str, int]:
    text = within(value.factors[0], PRODUCT)
    for before, factor in zip(value.factors, value.factors[1:], strict=False):
        sign = " · " if value.scalars else " ⊙ "
        if not value.scalars and is_multiple(before):
            sign = " "
        last = factor is value.factors[-1] and is_multiple(before)  # c (a/b), (1/m) Σ_i ℓ[i]
        text += sign + within(factor, SIGMA if last else CHAIN)
    return text, PRODUCT


def is_multiple(value: Formula) -> bool:
    """Say whether a factor is a number, so that no ⊙ stands behind it."""
    if isinstance(value, Fraction):
        return is_multiple(value.over) and is_multiple(value.under)
    if isinstance(value, (Product, MatMul)):
        return all(is_multiple(factor) for factor in value.factors)
    return isinstance(value, Number) or (isinstance(value, Symbol) and value.base in MULTIPLES)


@written.register
def _(value: MatMul) -> tuple[str, int]:
    return " ".join(within(factor, TIGHT) for factor in value.factors), CHAIN


@written.register
def _(value: Fraction) -> tuple[str, int]:
    text = f"{within(value.over, CHAIN)}/{within(value.under, TIGHT)}"
    return (f"({text})", TIGHT) if is_multiple(value) else (text, PRODUCT)


@written.register
def _(value: Power) -> tuple[str, int]:
    return within(value.body, TIGHT) + str(value.exponent).translate(RAISED), TIGHT


@written.register
def _(value: Transpose) -> tuple[str, int]:
    return within(value.body, TIGHT) + "ᵀ", TIGHT


@written.register
def _(value: Apply) -> tuple[str, int]:
    arguments = ", ".join(plain(argument) for argument in value.arguments)
    return f"{within(value.function, TIGHT)}({arguments})", TIGHT


@written.register
def _(value: Item) -> tuple[str, int]:
    return f"{within(value.body, TIGHT)}[{value.index}]", TIGHT


@written.register
def _(value: Partial) -> tuple[str, int]:
    return f"∂{within(value.over, TIGHT)}/∂{within(value.under, TIGHT)}", CHAIN


@written.register
def _(value: Gradient) -> tuple[str, int]:
    return f"∇_{plain(value.by)} {plain(value.cost)}", CHAIN


@written.register
def _(value: SumOver) -> tuple[str, int]:
    if value.axis == "units":
        name = "rowsum" if value.layout == "rows" else "colsum"
        return f"{name}({plain(value.body)})", TIGHT
    if value.axis == "index":
        return f"Σ_{value.index} {within(value.body, SIGMA)}", SIGMA
    index = value.index if value.layout == "rows" else f":, {value.index}"
    return f"Σ_{value.index} {within(value.body, TIGHT)}[{index}]", SIGMA


@written.register
def _(value: NormSquared) -> tuple[str, int]:
    return f"‖{plain(value.body)}‖²", TIGHT


@written.register
def _(value: Cases) -> tuple[str, int]:
    then, otherwise = plain(value.then), plain(value.otherwise)
    return f"[{then} where {plain(value.left)} > 0, else {otherwise}]", TIGHT


@written.register
def _(value: Equation) -> tuple[str, int]:
    return f" {value.sign} ".join([plain(value.left), *map(plain, value.forms)]), LOOSE
