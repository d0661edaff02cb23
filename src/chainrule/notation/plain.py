"""Formulas as plain text: ``dZ1 = (dZ2 W2ᵀ) ⊙ (1 − A1²)``."""

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
from chainrule.notation.write import CHAIN, PRODUCT, SUM, TIGHT, Face, Signs, is_multiple

__all__ = ["plain", "plain_number"]

RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def plain_number(value: float) -> str:
    """Return a number of a formula: ½ where it is one half, a whole number without a point."""
    return "½" if value == 0.5 else f"{value:.12g}".replace("-", "−")


def symbol(value: Symbol) -> str:
    """Return a letter with its indices: ``W2``, ``a_j``, ``σ'``."""
    base = value.base + "\N{COMBINING CIRCUMFLEX ACCENT}" if value.hat else value.base
    base = {"Y\u0302": "Ŷ", "y\u0302": "ŷ", "x\u0302": "x̂"}.get(base, base)
    sub = f"_{value.sub}" if value.sub and not value.sub[0].isdigit() else value.sub
    sub = f"_({value.sub})" if "−" in value.sub else sub
    sup = f"^{value.sup}" if value.sup else ""
    return base + sub + sup + "'" * value.prime


class Plain(Face):
    """Writes formulas as one line of text."""

    signs = Signs(
        minus="−",
        times=" · ",
        by_units=" ⊙ ",
        beside=" ",
        matmul=" ",
        becomes=" ← ",
        brackets="({})",
        total="Σ_{}",
        word="{}",
    )

    def written(self, value: Formula) -> tuple[str, int]:
        """Return the text, and how tightly it holds together."""
        match value:
            case Symbol():
                return symbol(value), TIGHT
            case Number(number):
                return plain_number(number), TIGHT if number >= 0 else SUM
            case Fraction(over, under):
                text = f"{self.within(over, CHAIN)}/{self.within(under, TIGHT)}"
                return (f"({text})", TIGHT) if is_multiple(value) else (text, PRODUCT)
            case Power(body, exponent):
                return self.within(body, TIGHT) + str(exponent).translate(RAISED), TIGHT
            case Transpose(body):
                return self.within(body, TIGHT) + "ᵀ", TIGHT
            case Partial(over, under):
                return f"∂{self.within(over, TIGHT)}/∂{self.within(under, TIGHT)}", CHAIN
            case Gradient():
                return f"∇_{self(value.by)} {self(value.cost)}", CHAIN
            case NormSquared(body):
                return f"‖{self(body)}‖²", TIGHT
            case Cases(left, then, otherwise):
                condition = f"{self(left)} > 0"
                return f"[{self(then)} where {condition}, else {self(otherwise)}]", TIGHT
            case _:
                return self.shared(value)


plain = Plain()
