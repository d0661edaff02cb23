"""Formulas as LaTeX, for a document's math mode; amsmath is all it needs."""

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
from chainrule.notation.plain import CHAIN, LOOSE, PRODUCT, SIGMA, SUM, TIGHT, is_multiple

__all__ = ["COMMANDS", "latex"]

LETTERS = {
    "σ": r"\sigma",
    "δ": r"\delta",
    "β": r"\beta",
    "θ": r"\theta",
    "η": r"\eta",
    "λ": r"\lambda",
    "κ": r"\kappa",
    "π": r"\pi",
    "α": r"\alpha",
    "Φ": r"\Phi",
    "φ": r"\varphi",
    "ℓ": r"\ell",
    "∇": r"\nabla",
    "Ỹ": r"\tilde{Y}",
    "tanh": r"\tanh",
    "cosh": r"\cosh",
    "cos": r"\cos",
    "sin": r"\sin",
    "exp": r"\exp",
    "log": r"\log",
    "max": r"\max",
}
# Every command that a formula may hold: what the tests allow, and every renderer has to know.
STRUCTURE = (
    *("hat", "frac", "partial", "odot", "cdot", "sum", "top", "left", "right", "lVert", "rVert"),
    *("mathrm", "begin", "end", "leftarrow", "text", "nabla"),
)
COMMANDS = frozenset(text.partition("{")[0].strip("\\") for text in (*LETTERS.values(), *STRUCTURE))


def latex(value: Formula) -> str:
    """Return a formula as LaTeX."""
    return set_(value)[0]


def within(value: Formula, level: int) -> str:
    text, own = set_(value)
    return text if own >= level else rf"\left({text}\right)"


def letters(base: str) -> str:
    """Return a base, letter by letter; a word stands upright."""
    if base in LETTERS:
        return LETTERS[base]
    if len(base) > 1 and base[0] == "d" and base[1:] not in WORDS:
        return f"d{letters(base[1:])}"
    return base if len(base) == 1 else rf"\mathrm{{{base.replace('_', ' ')}}}"


WORDS = ("iag",)  # diag is a word, dZ is not


@singledispatch
def set_(value: Formula) -> tuple[str, int]:
    """Return the LaTeX, and how tightly it holds together."""
    raise TypeError(f"no formula: {value!r}")


@set_.register
def _(value: Symbol) -> tuple[str, int]:
    text = letters(value.base)
    if value.hat:
        text = rf"\hat{{{text}}}"
    if value.prime and value.sup:  # a prime is a superscript already
        text = f"{{{text}'}}"
    if value.sub:
        text += f"_{{{value.sub}}}"
    if value.sup:
        text += f"^{{{value.sup}}}"
    text = text.replace("−", "-")
    return text + "'" * (value.prime and not value.sup), TIGHT


@set_.register
def _(value: Number) -> tuple[str, int]:
    if value.value == 0.5:
        return r"\frac{1}{2}", TIGHT
    return f"{value.value:.12g}", TIGHT if value.value >= 0 else SUM


@set_.register
def _(value: Add) -> tuple[str, int]:
    text = ""
    for sign, term in value.terms:
        body = within(term, SUM if sign > 0 and not isinstance(term, Add) else SIGMA)
        text += (" + " if sign > 0 else " - ") + body
    return (text[3:] if value.terms[0][0] > 0 else "-" + text[3:]), SUM


@set_.register
def _(value: Product) -> tuple[str, int]:
    text = within(value.factors[0], PRODUCT)
    for before, factor in zip(value.factors, value.factors[1:], strict=False):
        sign = r" \cdot " if value.scalars else r" \odot "
        if not value.scalars and is_multiple(before):
            sign = r" \, "
        last = factor is value.factors[-1] and is_multiple(before)  # c (a/b), (1/m) Σ_i ℓ[i]
        text += sign + within(factor, SIGMA if last else CHAIN)
    return text, PRODUCT


@set_.register
def _(value: MatMul) -> tuple[str, int]:
    return r" \, ".join(within(factor, TIGHT) for factor in value.factors), CHAIN


@set_.register
def _(value: Fraction) -> tuple[str, int]:
    return rf"\frac{{{latex(value.over)}}}{{{latex(value.under)}}}", CHAIN


@set_.register
def _(value: Power) -> tuple[str, int]:
    return f"{{{within(value.body, TIGHT)}}}^{{{value.exponent}}}", TIGHT


@set_.register
def _(value: Transpose) -> tuple[str, int]:
    return f"{{{within(value.body, TIGHT)}}}^{{\\top}}", TIGHT


@set_.register
def _(value: Apply) -> tuple[str, int]:
    arguments = ", ".join(latex(argument) for argument in value.arguments)
    return rf"{within(value.function, TIGHT)}\left({arguments}\right)", TIGHT


@set_.register
def _(value: Item) -> tuple[str, int]:
    return f"{within(value.body, TIGHT)}[{value.index}]", TIGHT


@set_.register
def _(value: Partial) -> tuple[str, int]:
    return rf"\frac{{\partial {latex(value.over)}}}{{\partial {latex(value.under)}}}", CHAIN


@set_.register
def _(value: Gradient) -> tuple[str, int]:
    return rf"\nabla_{{{latex(value.by)}}} {latex(value.cost)}", CHAIN


@set_.register
def _(value: SumOver) -> tuple[str, int]:
    if value.axis == "units":
        name = "rowsum" if value.layout == "rows" else "colsum"
        return rf"\mathrm{{{name}}}\left({latex(value.body)}\right)", TIGHT
    if value.axis == "index":
        return rf"\sum_{{{value.index}}} {within(value.body, SIGMA)}", SIGMA
    index = value.index if value.layout == "rows" else rf":, {value.index}"
    return rf"\sum_{{{value.index}}} {within(value.body, TIGHT)}[{index}]", SIGMA


@set_.register
def _(value: NormSquared) -> tuple[str, int]:
    return rf"{{\lVert {latex(value.body)} \rVert}}^{{2}}", TIGHT


@set_.register
def _(value: Cases) -> tuple[str, int]:
    then, otherwise, left = latex(value.then), latex(value.otherwise), latex(value.left)
    return (
        rf"\begin{{cases}} {then} & \text{{where }} {left} > 0 \\ {otherwise} & \text{{else}} "
        r"\end{cases}",
        TIGHT,
    )


@set_.register
def _(value: Equation) -> tuple[str, int]:
    sign = {"=": "=", "←": r"\leftarrow"}[value.sign]
    return f" {sign} ".join([latex(value.left), *map(latex, value.forms)]), LOOSE
