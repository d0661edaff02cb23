r"""Derivatives in LaTeX: ``\frac{\partial J}{\partial W}``, ``\nabla_W J``, ``dW``."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from chainrule.doctor.formulas.latex_grammar import Item, Relation
from chainrule.doctor.formulas.latex_names import (
    COST_NAMES,
    ROLES,
    Corners,
    Style,
    corners_of,
    letter_of,
)
from chainrule.doctor.formulas.tree import (
    Divide,
    Expression,
    Layer,
    Name,
    Partial,
    Transpose,
)
from chainrule.errors import FormulaError

__all__ = ["GENERIC", "Derivatives", "derivative_of", "is_differential", "without_corners"]

GENERIC = ("f", "g", "phi", "varphi", "psi")
DIFFERENTIALS = ("W", "b", "Z", "A", "X", "theta", "Yhat")
TURNED = r"(?:\\(?:mathsf|mathrm|mathbf|mathit|text|rm|sf)\s*(?:T|\{\s*T\s*\})|T|\\top|\\intercal)"
TRANSPOSED = re.compile(rf"\s*\^\s*(?:{TURNED}|\{{\s*{TURNED}\s*\}})\s*$")
TRANSPOSED_INSIDE = re.compile(rf"\s*\^?\s*{TURNED}\s*\}}\s*$")
RAISED = re.compile(r"\s*\^\s*(?:\d|\{\s*-?\d+\s*\})\s*$")


class Derivatives(ABC):
    """The part of a reader that knows derivatives; what it needs of the rest is at its beginning."""

    text: str
    style: Style

    @abstractmethod
    def name(self, item: Item, after: Item | None, place: int) -> tuple[Expression, int]:
        """Read a name."""

    @abstractmethod
    def whole(self, relation: Relation) -> Expression:
        """Read what stands in brackets."""

    @abstractmethod
    def raised(self, inner: Expression, item: Item) -> Expression:
        """Apply what stands above an item."""

    @abstractmethod
    def with_corners(self, inner: Expression, corners: Corners) -> Expression:
        """Apply a power and a transpose."""

    def source(self, item: Item) -> str:
        """Return the text of an item."""
        return self.text[item.start : item.stop].strip()

    def quantity(self, item: Item) -> bool:
        """Say whether an item is something that a cost is differentiated by."""
        found = letter_of(item)
        if found is None:
            return False
        usual = ROLES.get(found[0])
        shown = self.style.roles.get(found[0], (usual, None))[0]
        return shown in DIFFERENTIALS or usual in DIFFERENTIALS or (usual == "Y" and found[1])

    def fraction(self, item: Item, parts: list[Item | str], place: int) -> tuple[Expression, int]:
        r"""Read ``\frac``: a quotient, or a derivative."""
        top, bottom = item.body
        above, below = plain_parts(top), plain_parts(bottom)
        if above and below and is_differential(above[0]) and is_differential(below[0]):
            variable = self.variable(below[1:])
            if len(above) == 1:  # \frac{\partial}{\partial W} J
                following = parts[place + 1] if place + 1 < len(parts) else None
                if not isinstance(following, Item):
                    raise FormulaError(f"of what is {self.source(item)!r} the derivative?")
                derived = self.derived([following])
                place += 1
                last = following
                if place + 1 < len(parts) and self.is_argument(following, parts[place + 1]):
                    place += 1
                    last = parts[place]  # type: ignore[assignment]
                text = self.text[item.start : last.stop].strip()
            else:
                derived = self.derived(above[1:])
                text = self.source(item)
            return self.raised_derivative(derived, variable, item, text), place + 1
        return self.raised(Divide(self.whole(top), self.whole(bottom)), item), place + 1

    def raised_derivative(self, top: Name, bottom: Name, item: Item, text: str) -> Expression:
        """Return a derivative with what stands above it."""
        corners = corners_of(item.stripped_of_body(), self.style, layered=False)
        if item.above:
            text = ""
        return self.with_corners(derivative_of(top, bottom, text), corners)

    def is_argument(self, item: Item, following: Item | str) -> bool:
        """Say whether brackets are the argument of a cost: J(θ)."""
        found = letter_of(item)
        return (
            found is not None
            and found[0] in COST_NAMES
            and isinstance(following, Item)
            and following.kind == "round"
        )

    def is_activation(self, letter: str) -> bool:
        """Say whether a letter is an activation, whose value it stands for."""
        return letter == "sigma" or (letter in GENERIC and self.style.role(letter) is None)

    def derived(self, parts: list[Item | str]) -> Name:
        r"""Read what is differentiated: J, J(θ), cost, a_2, \sigma."""
        items = [part for part in parts if isinstance(part, Item)]
        if len(items) != len(parts) or not items:
            raise FormulaError("what is differentiated is not understood")
        if len(items) > 1 and all(item.kind == "letter" and item.bare for item in items):
            word = "".join(item.value for item in items)
            if word in COST_NAMES:
                return Name("J", text=word)
        if len(items) == 2 and self.is_argument(items[0], items[1]):
            items = items[:1]
        if len(items) == 2 and items[1].kind == "round":  # \sigma(z)
            items = items[:1]
        if len(items) != 1:
            raise FormulaError("what is differentiated is not understood")
        found = letter_of(items[0])
        if found is not None and self.is_activation(found[0]):
            corners = corners_of(items[0], self.style)
            return Name("A", corners.layer, corners.indices, text=self.source(items[0]))
        return self.bare_name(items[0])

    def variable(self, parts: list[Item | str]) -> Name:
        """Read what is differentiated by."""
        if len(parts) != 1 or not isinstance(parts[0], Item):
            raise FormulaError("what is differentiated by is not understood")
        found = letter_of(parts[0])
        if found is not None and self.is_activation(found[0]):
            return self.derived(parts)
        return self.bare_name(parts[0])

    def bare_name(self, item: Item) -> Name:
        """Read a name that has neither a power nor a transpose."""
        expression, _ = self.name(item, None, 0)
        if not isinstance(expression, Name):
            raise FormulaError(f"a name is needed, not {self.source(item)!r}")
        return expression

    def derivative_in_line(
        self, item: Item, parts: list[Item | str], place: int
    ) -> tuple[Expression, int]:
        r"""Read ``\partial J / \partial W`` and ``\nabla_W J``."""
        start = item.start
        if item.value == "nabla" or (item.value == "partial" and item.below):
            if not item.below:
                raise FormulaError("∇ of what? Write what it is taken by below it")
            variable = self.variable(plain_parts(item.below[0]))
            if len(item.below[0].sides) != 1:
                raise FormulaError("∇ by what is not understood")
            place += 1
            stop = item.stop
            top = Name("J", text="J")
            if place < len(parts) and isinstance(parts[place], Item):
                following = parts[place]
                assert isinstance(following, Item)
                found = letter_of(following)
                if found is not None and (found[0] in COST_NAMES or self.quantity(following)):
                    top = self.bare_name(following)
                    stop = following.stop
                    place += 1
                    if place < len(parts) and self.is_argument(following, parts[place]):
                        place += 1
            return derivative_of(top, variable, self.text[start:stop].strip()), place
        stroke = next((k for k in range(place, len(parts)) if parts[k] in ("/", "\\div")), None)
        if stroke is None or stroke + 2 >= len(parts) or not is_differential(parts[stroke + 1]):
            raise FormulaError("a ∂ is not understood: write \\frac{\\partial J}{\\partial W}")
        top = self.derived(parts[place + 1 : stroke])
        bottom = self.variable(parts[stroke + 2 : stroke + 3])
        last = parts[stroke + 2]
        assert isinstance(last, Item)
        return derivative_of(top, bottom, self.text[start : last.stop].strip()), stroke + 3

    def differential(
        self, item: Item, parts: list[Item | str], place: int
    ) -> tuple[Expression, int]:
        """Read ``dW``, or ``dJ / dW``."""
        after = parts[place + 1]
        assert isinstance(after, Item)
        if place + 4 < len(parts) and parts[place + 2] == "/" and is_differential(parts[place + 3]):
            bottom = self.variable(parts[place + 4 : place + 5])
            return derivative_of(self.derived([after]), bottom, ""), place + 5
        expression, _ = self.name(after, None, 0)
        transposed = isinstance(expression, Transpose)
        if isinstance(expression, Transpose):
            expression = expression.operand
        if not isinstance(expression, Name):
            raise FormulaError(f"not understood: d{self.source(after)}")
        text = without_corners(self.text[item.start : after.stop].strip(), transposed)
        derivative = derivative_of(Name("J"), expression, text)
        return Transpose(derivative) if transposed else derivative, place + 2


def plain_parts(relation: Relation) -> list[Item | str]:
    """Return the parts of a relation that is one product, or nothing."""
    if len(relation.sides) != 1 or len(relation.sides[0].terms) != 1:
        return []
    sign, product = relation.sides[0].terms[0]
    return list(product.parts) if sign == "+" else []


def is_differential(part: Item | str) -> bool:
    """Say whether a part is a ∂, or a d."""
    if not isinstance(part, Item) or not part.bare:
        return False
    found = letter_of(part)
    return found is not None and found[0] in ("partial", "d")


def derivative_of(top: Name, bottom: Name, text: str) -> Name | Partial:
    """Return ∂top/∂bottom: a quantity of its own where the top is the cost."""
    if top.symbol not in ("J", "loss"):
        return Partial(top, bottom)
    if bottom.symbol in ("W", "b", "Z", "A", "theta", "Yhat"):
        return Name(
            "d" + bottom.symbol, bottom.layer, bottom.indices, bottom.observation, text=text
        )
    if bottom.symbol == "X":
        return Name("dA", Layer("", 0), bottom.indices, bottom.observation, text=text)
    return Partial(top, bottom)


def without_corners(text: str, transposed: bool, raised: bool = False) -> str:
    """Return the text of a name without its transpose and its power; empty if that is not clear."""
    if raised:
        shorter = RAISED.sub("", text)
        if shorter == text:
            return ""
        text = shorter
    if transposed:
        shorter = TRANSPOSED.sub("", text)
        if shorter == text:
            shorter = TRANSPOSED_INSIDE.sub("}", text)
        if shorter == text:
            return ""
        text = shorter.strip()
        if text.startswith("{") and text.endswith("}"):
            text = text[1:-1]
    return text.strip()
