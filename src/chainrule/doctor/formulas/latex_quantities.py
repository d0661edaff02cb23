r"""Quantities in LaTeX: a letter with its corners, the prediction as a function, names of one's own."""

from __future__ import annotations

import re
from dataclasses import replace

from chainrule.doctor.formulas.latex_derivatives import (
    Derivatives,
    derivative_of,
    without_corners,
)
from chainrule.doctor.formulas.latex_grammar import Item
from chainrule.doctor.formulas.latex_names import ROLES, Corners, corners_of, letter_of, single
from chainrule.doctor.formulas.tree import (
    Expression,
    IndexSum,
    Juxtapose,
    Layer,
    Name,
    Power,
    Transpose,
)
from chainrule.errors import FormulaError

__all__ = ["SIZE_WORDS", "VECTORS", "Quantities"]

OWN = (
    "Delta",
    "Gamma",
    "Lambda",
    "Psi",
    "mu",
    "pi",
    "xi",
    "zeta",
    "omega",
    "nu",
)  # commands that may be names of the document's own
SIZE_WORDS = ("m", "n", "N")
VECTORS = ("A", "Z", "X", "Y", "Yhat")


class Quantities(Derivatives):
    """The part of a reader that knows names."""

    def name(self, item: Item, after: Item | None, place: int) -> tuple[Expression, int]:
        """Read a quantity, or a name of the document's own."""
        found = letter_of(item)
        if found is None:
            raise FormulaError(f"not understood: {self.source(item)!r}")
        letter, hat = found
        if self.style.bars and item.kind == "accent" and item.value in ("bar", "overline"):
            return self.barred(item), place + 1
        role = self.style.role(letter)
        if letter == "cases":
            raise FormulaError("cases are understood with two rows, each a value & a condition")
        if role is None and letter not in (*ROLES, *OWN) and item.kind == "command":
            raise FormulaError(f"\\{letter} is not understood here")
        if after is not None and self.is_hypothesis(letter, item, after):
            return self.hypothesis(item, after), place + 2
        if role == "Y" and hat:
            role = "Yhat"
        if role == "A" and hat and letter in self.style.roles:
            role = "Yhat"
        layered = role in ("W", "b", "Z", "A", "X", "dZ", "Yhat", "Y", "theta") or role is None
        corners = corners_of(item, self.style, layered=layered)
        if corners.derivative:
            raise FormulaError(f"{self.source(item)}: a prime belongs to a function")
        text = without_corners(self.source(item), corners.transposed, corners.power is not None)
        if corners.chosen and letter == "e":  # e_y, the vector with a 1 for the right class
            observation = "" if corners.chosen == "y" else corners.chosen[1:]
            return self.with_corners(Name("Y", None, (), observation), corners), place + 1
        if corners.chosen:
            symbol = role if role in ("Yhat", "A", "Z") else None
            return self.of_class(symbol or letter, letter, corners), place + 1
        if role == "J":
            call = after is not None and after.kind == "round"
            observed = bool(corners.observation or len(corners.indices) == 1)
            if call and after is not None:
                # L(ŷ, y) is the loss of an observation, J(θ) the cost.
                observed = observed or "y" in self.source(after).lower()
                text = self.text[item.start : after.stop].strip() if item.bare else ""
            value: Expression = Name("loss" if observed else "J", text=text)
            return self.with_corners(value, corners), place + (2 if call else 1)
        value = self.quantity_of(role, letter, corners, item, text)
        return self.with_corners(value, corners), place + 1

    def barred(self, item: Item) -> Expression:
        r"""Read ``\bar{z}``, the derivative of the cost by z."""
        inner = single(item.body[0])
        if inner is None or item.primes:
            raise FormulaError(f"not understood: {self.source(item)!r}")
        whole = replace(inner, above=[*inner.above, *item.above], below=[*inner.below, *item.below])
        expression, _ = self.name(whole, None, 0)
        transposed = isinstance(expression, Transpose)
        name = expression.operand if isinstance(expression, Transpose) else expression
        if not isinstance(name, Name):
            raise FormulaError(f"not understood: {self.source(item)!r}")
        text = without_corners(self.source(item), transposed)
        derivative = derivative_of(Name("J"), name, text)
        return Transpose(derivative) if transposed else derivative

    def of_class(self, symbol: str, letter: str, corners: Corners) -> Expression:
        r"""Read ``p_{y_i}``, the part of a vector that belongs to the right class: Σ_k y_k p_k."""
        observation = "" if corners.chosen == "y" else corners.chosen[1:]
        truth = Name("Y", None, ("k",), observation)
        part = Name(symbol, corners.layer, ("k",), observation, text=rf"{letter}_{{k}}")
        return self.with_corners(IndexSum("k", Juxtapose(truth, part)), corners)

    def quantity_of(
        self, role: str | None, letter: str, corners: Corners, item: Item, text: str
    ) -> Name:
        """Return the name for a role with its corners."""
        layer, indices, observation = corners.layer, corners.indices, corners.observation
        subscripted = bool(item.below) and (not item.above or bool(observation))
        if role is None or (corners.word and role != "m"):
            parts = [letter, corners.word, "".join(indices), "" if layer is None else str(layer)]
            return Name("_".join(part for part in parts if part), text=text)
        if role == "m":
            if layer is None and not corners.word and not indices:
                return Name("m", text=text)
            return Name(
                "n" if layer is not None else f"n_{corners.word or indices[0]}", layer, text=text
            )
        if role in ("lambda", "eta"):
            return Name(role, text=text)
        default = self.style.roles.get(letter, ("", None))[1]
        if default is not None and layer is None:
            layer = default
        if role == "W" and len(indices) == 2 and "0" in indices:  # w_{j0} is the bias
            return Name("b", layer, tuple(i for i in indices if i != "0"), observation, text=text)
        if role == "theta":
            return Name("theta" if layer is None else "W", layer, indices, text=text)
        if role == "X" and layer is not None and layer != Layer("", 0):
            if subscripted and not layer.letter:
                return Name(f"{letter}_{layer}", text=text)  # a feature
            role = "A"
        if role in ("A", "X") and layer == Layer("", 0):
            role, layer = "X", None
        if role in VECTORS and len(indices) == 2 and not observation:
            observation, indices = indices[0], indices[1:]  # y_{ik}: observation i, unit k
        if role in ("Y", "Yhat", "X"):
            layer = None
        return Name(role, layer, indices, observation, text=text)

    def is_hypothesis(self, letter: str, item: Item, after: Item) -> bool:
        r"""Say whether this is a prediction written as a function: ``h_\theta(x)``, ``f_{w,b}(x)``."""
        if letter not in ("h", "f", "g", "yhat") or after.kind != "round" or item.primes:
            return False
        below = self.text[item.start : item.stop].partition("_")[2].strip(" {}")
        inside = self.source(after).strip("() ")
        named = re.fullmatch(
            r"(?:\\(?:theta|Theta|boldsymbol|mathbf|vec|beta)|[wWb,]|[\s{}])+", below
        )
        return (
            bool(named)
            and re.match(r"\\?(?:mathbf|boldsymbol|vec|bm)?[\s{]*[xX]", inside) is not None
        )

    def hypothesis(self, item: Item, after: Item) -> Expression:
        r"""Read ``h_\theta(x^{(i)})``: the prediction for an observation."""
        inside = self.whole(after.body[0])
        observation = inside.observation if isinstance(inside, Name) else ""
        if isinstance(inside, Name) and len(inside.indices) == 1 and not observation:
            observation = inside.indices[0]  # h(x_i)
        text = self.text[item.start : after.stop].strip() if not after.above else ""
        name = Name("Yhat", None, (), observation, text=text)
        corners = corners_of(after.stripped_of_body(), self.style, layered=False)
        return self.with_corners(name, corners)

    def with_corners(self, inner: Expression, corners: Corners) -> Expression:
        """Apply a power and a transpose."""
        if corners.power is not None:
            exponent = self.whole(corners.power)
            inner = Power(inner, exponent)
        return Transpose(inner) if corners.transposed else inner
