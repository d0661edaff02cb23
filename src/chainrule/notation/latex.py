"""Formulas as LaTeX, for a document's math mode; amsmath is all it needs."""

from __future__ import annotations

from chainrule.notation.formula import (
    Cases,
    Formula,
    Fraction,
    Gradient,
    NormSquared,
    Number,
    Partial,
    Power,
    Symbol,
    Transpose,
)
from chainrule.notation.write import CHAIN, SUM, TIGHT, Face, Signs

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


def letters(base: str) -> str:
    """Return a base, letter by letter; a word stands upright."""
    if base in LETTERS:
        return LETTERS[base]
    if len(base) > 1 and base[0] == "d" and base[1:] not in WORDS:
        return f"d{letters(base[1:])}"
    return base if len(base) == 1 else rf"\mathrm{{{base.replace('_', ' ')}}}"


WORDS = ("iag",)  # diag is a word, dZ is not


def symbol(value: Symbol) -> str:
    """Return a letter with its indices."""
    text = letters(value.base)
    if value.hat:
        text = rf"\hat{{{text}}}"
    if value.prime and value.sup:  # a prime is a superscript already
        text = f"{{{text}'}}"
    if value.sub:
        text += f"_{{{value.sub}}}"
    if value.sup:
        text += f"^{{{value.sup}}}"
    return text.replace("−", "-") + "'" * (value.prime and not value.sup)


class Latex(Face):
    """Writes formulas as LaTeX."""

    signs = Signs(
        minus="-",
        times=r" \cdot ",
        by_units=r" \odot ",
        beside=r" \, ",
        matmul=r" \, ",
        becomes=r" \leftarrow ",
        brackets=r"\left({}\right)",
        total=r"\sum_{{{}}}",
        word=r"\mathrm{{{}}}",
    )

    def written(self, value: Formula) -> tuple[str, int]:
        """Return the text, and how tightly it holds together."""
        match value:
            case Symbol():
                return symbol(value), TIGHT
            case Number(0.5):
                return r"\frac{1}{2}", TIGHT
            case Number(number):
                return f"{number:.12g}", TIGHT if number >= 0 else SUM
            case Fraction(over, under):
                return rf"\frac{{{self(over)}}}{{{self(under)}}}", CHAIN
            case Power(body, exponent):
                return f"{{{self.within(body, TIGHT)}}}^{{{exponent}}}", TIGHT
            case Transpose(body):
                return f"{{{self.within(body, TIGHT)}}}^{{\\top}}", TIGHT
            case Partial(over, under):
                return rf"\frac{{\partial {self(over)}}}{{\partial {self(under)}}}", CHAIN
            case Gradient():
                return rf"\nabla_{{{self(value.by)}}} {self(value.cost)}", CHAIN
            case NormSquared(body):
                return rf"{{\lVert {self(body)} \rVert}}^{{2}}", TIGHT
            case Cases(left, then, otherwise):
                first = rf"{self(then)} & \text{{where }} {self(left)} > 0"
                rows = rf"{first} \\ {self(otherwise)} & \text{{else}}"
                return rf"\begin{{cases}} {rows} \end{{cases}}", TIGHT
            case _:
                return self.shared(value)


latex = Latex()
