"""Multiples of the truth: what they are, and formulas with a constant, a sign or an m taken off."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.tree import Expression, Name, Number

__all__ = ["Multiple", "unscaled", "written"]

NICE = (2, 3, 4, 1 / 2, 1 / 3, 1 / 4, 3 / 2, 2 / 3)


@dataclass(frozen=True)
class Multiple:
    """What a value is a multiple of the truth by: constant · m^power."""

    constant: float = 1.0
    power: int = 0

    @property
    def is_one(self) -> bool:
        """Whether they are the same."""
        return self.power == 0 and abs(self.constant - 1) < 1e-6


def written(number: float) -> str:
    """Write a factor: 1/2 for 0.5."""
    for nice in NICE:
        if abs(number - nice) < 1e-6:
            top, bottom = float(nice).as_integer_ratio()
            if bottom > 100:
                top, bottom = round(nice * 3), 3
            return str(top) if bottom == 1 else f"{top}/{bottom}"
    return f"{number:.6g}"


def unscaled(expression: Expression, multiple: Multiple) -> Expression:
    """Return the expression divided by a multiple."""
    inverse = 1 / multiple.constant
    m = Name("m")
    if inverse < 0:
        expression = negated(expression)
    for _ in range(abs(multiple.power)):
        if multiple.power > 0:
            expression = tree.Divide(expression, m)
        else:
            undivided = without_division(expression)
            expression = tree.Juxtapose(m, expression) if undivided is None else undivided
    size = abs(inverse)
    if abs(size - 1) > 1e-6:
        constant, rest = leading_constant(expression)
        if rest is not None:
            size, expression = size * constant, rest
    if abs(size - 1) > 1e-6:
        if size < 1:
            expression = tree.Divide(expression, Number(1 / size, written(1 / size)))
        else:
            expression = tree.Juxtapose(Number(size, written(size)), expression)
    return expression


def without_division(expression: Expression) -> Expression | None:
    """Leave out a division by m, at the end or at the beginning; None if there is none."""
    if isinstance(expression, tree.Divide):
        if isinstance(expression.bottom, Name) and expression.bottom.symbol == "m":
            return expression.top
        inner = without_division(expression.top)
        return None if inner is None else replace(expression, top=inner)
    if isinstance(expression, tree.Negate):
        inner = without_division(expression.operand)
        return None if inner is None else tree.Negate(inner)
    if isinstance(expression, tree.Reduce) and expression.kind == "mean":
        return replace(expression, kind="sum")
    if not isinstance(expression, (tree.Multiply, tree.Juxtapose)):
        return None
    for first, second in (expression.children, expression.children[::-1]):
        inner = without_division(first)
        if inner is not None:
            one = isinstance(inner, Number) and inner.value == 1
            children = (inner, second) if first is expression.left else (second, inner)
            return second if one else expression.with_children(children)
    return None


def leading_constant(expression: Expression) -> tuple[float, Expression | None]:
    """Take the number off the front of a product: 1/2 off (1/2)(a − y)."""
    if not isinstance(expression, (tree.Multiply, tree.Juxtapose)):
        return 1.0, None
    left, right = expression.left, expression.right
    if isinstance(left, Number):
        return left.value, right
    if isinstance(left, tree.Divide):
        top, bottom = left.top, left.bottom
        if isinstance(top, Number) and isinstance(bottom, Number) and bottom.value:
            return top.value / bottom.value, right
    constant, rest = leading_constant(left)
    return constant, None if rest is None else replace(expression, left=rest)


def negated(expression: Expression) -> Expression:
    """Return the negative, where a difference is turned around: Y − A is A − Y."""
    bare = without_minus(expression)
    if bare is not None:
        return bare
    flipped = turned_difference(expression)
    return tree.Negate(expression) if flipped is None else flipped


def without_minus(expression: Expression) -> Expression | None:
    """Leave out the minus at the beginning; None if there is none."""
    if isinstance(expression, tree.Negate):
        return expression.operand
    if not isinstance(expression, (tree.Multiply, tree.Juxtapose, tree.Divide)):
        return None
    first, second = expression.children
    inner = without_minus(first)
    if inner is None:
        return None
    one = isinstance(inner, Number) and inner.value == 1 and not isinstance(expression, tree.Divide)
    return second if one else expression.with_children((inner, second))


def turned_difference(expression: Expression) -> Expression | None:
    """Return the expression with one of its differences turned around, or None if it has none."""
    if isinstance(expression, tree.Add) and len(expression.terms) == 2:
        first, second = expression.terms
        if isinstance(second, tree.Negate):
            return tree.Add((second.operand, tree.Negate(first)))
    if isinstance(
        expression,
        (tree.Multiply, tree.MatMul, tree.Juxtapose, tree.Divide, tree.Reduce, tree.IndexSum),
    ):
        children = expression.children
        for place, child in enumerate(children):
            if isinstance(expression, tree.Divide) and place:
                break
            if not any(name.symbol == "Y" for name in tree.names_of(child)):
                continue
            turned = turned_difference(child)
            if turned is not None:
                return expression.with_children((*children[:place], turned, *children[place + 1 :]))
    return None
