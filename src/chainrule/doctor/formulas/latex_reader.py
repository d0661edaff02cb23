r"""Formulas in LaTeX, read into trees.

`latex_grammar` says what stands where, `latex_names` what a name with its corners is; here the products,
sums, fractions and functions are put together. A product binds as people read it:
``W^\top \delta \odot \sigma'(z)`` is :math:`(W^\top \delta) \odot \sigma'(z)`, and a ``\sum`` takes all
the factors to its right.
"""

from __future__ import annotations

from dataclasses import replace

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.latex_derivatives import GENERIC
from chainrule.doctor.formulas.latex_grammar import Item, Relation, Sum, parse
from chainrule.doctor.formulas.latex_indices import (
    by_observation,
    indexed_by,
    is_condition,
    kronecker_of,
)
from chainrule.doctor.formulas.latex_names import (
    GREEK,
    Corners,
    Style,
    corners_of,
    letter_of,
    single,
)
from chainrule.doctor.formulas.latex_quantities import SIZE_WORDS, Quantities
from chainrule.doctor.formulas.symbols import ELEMENT_FUNCTIONS, activation_called
from chainrule.doctor.formulas.tree import (
    Add,
    Apply,
    Compare,
    Divide,
    Expression,
    Function,
    IndexSum,
    Juxtapose,
    Kronecker,
    Maximum,
    Multiply,
    Name,
    Negate,
    Norm,
    Number,
    Ones,
)
from chainrule.errors import FormulaError

__all__ = ["LatexReader"]

EQUALITIES = ("=", ":=", "leftarrow", "gets", "equiv", "coloneqq", "triangleq")
BY_ELEMENT = ("\\odot", "\\circ", "\\otimes", "\\star", "\\bullet", "*", "\\ast")
BETWEEN = ("\\cdot", "\\times")
BRACKETS = ("round", "square", "curly")


class LatexReader(Quantities):
    """Reads one formula.

    Parameters
    ----------
    text : str
        The formula.
    style : Style
        How its document writes.

    Raises
    ------
    FormulaError
        From every method, if something has no meaning here.
    """

    def __init__(self, text: str, style: Style) -> None:
        self.relation, self.text = parse(text)
        self.style = style

    @property
    def is_equation(self) -> bool:
        """Whether its sides are said to be the same."""
        signs = [sign.lstrip("\\") for sign in self.relation.signs]
        return bool(signs) and all(sign in EQUALITIES for sign in signs)

    def sides(self) -> list[Expression]:
        """Return the sides of the equation."""
        return [self.sum(side) for side in self.relation.sides]

    def whole(self, relation: Relation) -> Expression:
        """Read what stands in brackets: one sum, or a comparison."""
        if len(relation.sides) == 1:
            return self.sum(relation.sides[0])
        if len(relation.sides) == 2:
            signs = {">": ">", "<": "<", "ge": ">=", "geq": ">=", "le": "<=", "leq": "<="}
            sign = signs.get(relation.signs[0].lstrip("\\"))
            if sign:
                left, right = map(self.sum, relation.sides)
                return Compare(left, sign, right)
        raise FormulaError("a relation in brackets is not understood")

    def sum(self, node: Sum) -> Expression:
        """Read terms with their signs."""
        terms: list[Expression] = []
        for sign, product in node.terms:
            if sign == "\\pm":
                raise FormulaError("± is not understood")
            term = self.product(product.parts)
            terms.append(Negate(term) if sign == "-" else term)
        return terms[0] if len(terms) == 1 else Add(tuple(terms))

    def product(self, parts: list[Item | str]) -> Expression:
        """Read a product; a sum sign takes all that follows it."""
        if not parts:
            raise FormulaError("a part is missing")
        for place, part in enumerate(parts):
            if isinstance(part, Item) and part.kind == "command" and part.value == "sum":
                total = self.summation(part, parts[place + 1 :])
                before = parts[:place]
                while before and isinstance(before[-1], str) and before[-1] in BETWEEN:
                    before = before[:-1]
                name = self.function_before(before)
                if name:  # \log \sum_j e^{z_j}
                    before, total = before[:-1], Function(name, total)
                return Juxtapose(self.product(before), total) if before else total
        for place in range(len(parts)):
            if self.is_diagonal(parts, place):
                return self.diagonal(parts, place)
        groups: list[list[Item | str]] = [[]]
        marks: list[str] = []
        for part in parts:
            if isinstance(part, str) and part in BY_ELEMENT:
                marks.append(part)
                groups.append([])
            else:
                groups[-1].append(part)
        value = self.factors(groups[0])
        for mark, group in zip(marks, groups[1:], strict=True):
            other = self.factors(group)
            plain = mark in ("*", "\\ast")
            value = Juxtapose(value, other, mark) if plain else Multiply(value, other)
        return value

    def function_before(self, parts: list[Item | str]) -> str:
        """Return the function that stands last, without an argument; empty if there is none."""
        last = parts[-1] if parts else None
        if not isinstance(last, Item) or last.kind != "command" or not last.bare:
            return ""
        return ELEMENT_FUNCTIONS.get(last.value, "")

    def summation(self, sign: Item, rest: list[Item | str]) -> Expression:
        """Read what a sum sign runs over, and what it sums."""
        index, upper = "", ""
        if sign.below:
            first = sign.below[0].sides[0].terms[0][1].parts
            found = letter_of(first[0]) if first and isinstance(first[0], Item) else None
            if found is None:
                raise FormulaError("the index of a sum is not understood")
            index = GREEK.get(found[0], found[0])
        if sign.above:
            top = single(sign.above[0])
            found = letter_of(top) if top is not None else None
            if found and top is not None and top.bare:
                upper = found[0]
        operand = self.product(rest)
        if index:
            counted = "m" if self.style.role(upper) == "m" else upper
            operand = by_observation(operand, index, counted)
            upper = counted if upper in self.style.roles else upper
        return IndexSum(index, operand, upper)

    def factors(self, parts: list[Item | str]) -> Expression:
        """Read what stands side by side, or between dots and strokes."""
        value: Expression | None = None
        mark = ""
        place = 0
        while place < len(parts):
            part = parts[place]
            if isinstance(part, str):
                if part in (",", ";", ":") or mark or value is None:
                    raise FormulaError(f"{part!r} is not understood here")
                mark = part
                place += 1
                continue
            factor, place = self.factor(parts, place)
            if value is None:
                value = factor
            elif mark in ("/", "\\div"):
                if isinstance(factor, Number) and self.is_count(parts, place):  # 1/2m
                    count, place = self.factor(parts, place)
                    factor = Juxtapose(factor, count)
                value = Divide(value, factor)
            else:
                value = Juxtapose(value, factor, mark)
            mark = ""
        if value is None or mark:
            raise FormulaError("a factor is missing")
        return value

    def is_count(self, parts: list[Item | str], place: int) -> bool:
        """Say whether the part at a place is m or n."""
        part = parts[place] if place < len(parts) else None
        return isinstance(part, Item) and part.kind == "letter" and part.value in SIZE_WORDS

    def factor(self, parts: list[Item | str], place: int) -> tuple[Expression, int]:
        """Read the factor at `place`; return it and the place behind it."""
        item = parts[place]
        assert isinstance(item, Item)
        following = parts[place + 1] if place + 1 < len(parts) else None
        after = following if isinstance(following, Item) else None
        if item.kind == "number" and item.value == "1" and item.bare and is_condition(after):
            assert after is not None
            return self.indicator(after.body[0]), place + 2  # 1\{k = y\}
        if item.kind == "number":
            return self.raised(Number(float(item.value), item.value), item), place + 1
        if item.kind in BRACKETS or (item.kind == "group" and letter_of(item) is None):
            inner = self.whole(item.body[0]) if item.body else None
            if inner is None:
                raise FormulaError("empty brackets")
            return self.raised(inner, item), place + 1
        if item.kind == "frac":
            return self.fraction(item, parts, place)
        if item.kind == "root":
            return self.raised(Function("sqrt", self.whole(item.body[0])), item), place + 1
        if item.kind == "norm":
            plain = replace(item, below=[])  # of which norm: they are all Euclidean here
            return self.raised(Norm(self.whole(item.body[0])), plain), place + 1
        if item.kind == "font" and self.is_one(item):
            return self.one(item, after, place)
        found = letter_of(item)
        if found is None:
            raise FormulaError(f"not understood: {self.source(item)!r}")
        letter, hat = found
        if letter == "delta" and item.kind == "command":
            pair = kronecker_of(item)
            if pair is not None:
                return pair, place + 1
        if item.kind == "command" and letter in ("partial", "nabla"):
            return self.derivative_in_line(item, parts, place)
        if letter == "d" and item.bare and after is not None and self.quantity(after):
            return self.differential(item, parts, place)
        if letter == "e" and item.above and not item.below:
            return Function("exp", self.whole(item.above[0])), place + 1
        if not hat:
            function = self.function(item, letter, parts, place)
            if function is not None:
                return function
        return self.name(item, after, place)

    def raised(self, inner: Expression, item: Item) -> Expression:
        """Apply the transpose and the power that stand above an item."""
        corners = corners_of(item.stripped_of_body(), self.style, layered=False)
        if item.kind == "round" and len(corners.indices) == 1 and corners.layer is None:
            inner, corners.indices = indexed_by(inner, corners.indices[0]), ()
        if corners.layer is not None or corners.indices or corners.derivative:
            raise FormulaError(f"a corner of {self.source(item)!r} is not understood")
        return self.with_corners(inner, corners)

    def is_one(self, item: Item) -> bool:
        """Say whether an item is a bold 1, or an indicator."""
        inner = single(item.body[0]) if item.body else None
        if inner is None or not inner.bare:
            return False
        return (inner.kind == "number" and inner.value == "1") or (
            item.value == "mathbb" and inner.value in ("I", "1")
        )

    def one(self, item: Item, after: Item | None, place: int) -> tuple[Expression, int]:
        r"""Read ``\mathbf{1}``, a column of ones, or ``\mathbb{1}[z > 0]``."""
        if item.below and len(item.below[0].sides) == 2:
            return self.indicator(item.below[0]), place + 1
        below = single(item.below[0]) if item.below else None
        if below is not None and below.kind in BRACKETS and len(below.body[0].sides) == 2:
            return self.indicator(below.body[0]), place + 1
        if after is not None and after.kind in BRACKETS and len(after.body[0].sides) == 2:
            return self.indicator(after.body[0]), place + 2
        column = Ones((Name("m"), Number(1, "1")))
        return self.raised(column, item), place + 1

    def indicator(self, relation: Relation) -> Expression:
        r"""Read what an indicator says: ``z > 0``; ``i = j``; ``k = y``, one target's class."""
        if relation.signs != ["="]:
            return self.whole(relation)
        classes: list[Name] = []
        letters: list[str] = []
        for side in relation.sides:
            product = side.terms[0][1].parts if len(side.terms) == 1 else []
            item = product[0] if len(product) == 1 else None
            found = letter_of(item) if isinstance(item, Item) else None
            if found is None or not isinstance(item, Item):
                raise FormulaError("an indicator is understood of i = j, k = y, and z > 0")
            if self.style.role(found[0]) == "Y" and not found[1] and found[0] != "t":
                corners = corners_of(item, self.style)
                observation = corners.observation or "".join(corners.indices[:1])
                classes.append(Name("Y", None, (), observation))
            else:
                letters.append(found[0])
        if len(letters) == 2:
            return Kronecker(letters[0], letters[1])
        if len(classes) == 1:
            return replace(classes[0], indices=(letters[0],))
        raise FormulaError("an indicator is understood of i = j, k = y, and z > 0")

    def diagonal(self, parts: list[Item | str], place: int) -> Expression:
        r"""Read a product with ``\operatorname{diag}(v)``: an element-wise product by v.

        It stands on the side of the data: left of ``W^\top \delta``, right of ``\delta W^\top``.
        """
        inner = parts[place + 1]
        assert isinstance(inner, Item)
        vector = self.whole(inner.body[0])
        before, after = parts[:place], parts[place + 2 :]
        while before and before[-1] in BETWEEN:
            before = before[:-1]
        while after and after[0] in BETWEEN:
            after = after[1:]
        if before and after:
            rest = self.product(after)
            if any(n.symbol in ("A", "dA", "dZ", "Y", "Yhat", "X") for n in tree.names_of(rest)):
                return Juxtapose(self.product(before), Multiply(vector, rest))
            return Juxtapose(Multiply(self.product(before), vector), rest)
        if after:
            return Multiply(vector, self.product(after))
        return Multiply(self.product(before), vector) if before else vector

    def is_diagonal(self, parts: list[Item | str], place: int) -> bool:
        r"""Say whether ``\operatorname{diag}`` and its argument stand at a place."""
        item = parts[place]
        after = parts[place + 1] if place + 1 < len(parts) else None
        if not isinstance(item, Item) or not isinstance(after, Item) or not item.bare:
            return False
        found = letter_of(item)
        word = found is not None and found[0].lower() in ("diag", "d i a g")
        return word and after.kind in BRACKETS and after.bare and bool(after.body)

    def function(
        self, item: Item, letter: str, parts: list[Item | str], place: int
    ) -> tuple[Expression, int] | None:
        """Read a function and its argument; None if the item is no function."""
        following = parts[place + 1] if place + 1 < len(parts) else None
        after = following if isinstance(following, Item) else None
        bracketed = after is not None and after.kind in (*BRACKETS, "group")
        word = letter.replace(" ", "")
        if word in ("max",) and after is not None:
            return self.maximum(after), place + 2
        if word in ("sum",) and after is not None and bracketed:
            return IndexSum("", self.whole(after.body[0])), place + 2
        called = activation_called(word)
        known = called is not None or word in ELEMENT_FUNCTIONS
        generic = bracketed and (
            (letter in GENERIC and self.style.role(letter) is None)
            or letter in self.style.functions
        )
        if not ((known and item.kind in ("command", "word", "font")) or generic):
            return None
        if item.kind == "font" and not bracketed:
            return None
        if after is None:
            raise FormulaError(f"{self.source(item)} has no argument")
        corners = corners_of(item, self.style)
        if bracketed:
            argument = self.whole(after.body[0])
            outer = corners_of(after.stripped_of_body(), self.style, layered=False)
            place += 2
        else:
            argument, place = self.factor(parts, place + 1)
            outer = Corners()
        value: Expression
        if word in ELEMENT_FUNCTIONS and not corners.derivative:
            value = Function(ELEMENT_FUNCTIONS[word], argument)
        elif called is not None or generic:
            which = None if generic else called
            text = "" if item.above and not item.primes else self.source(item).rstrip("' ")
            if corners.power is not None or (corners.derivative and item.above):
                text = ""
            value = Apply(which, argument, corners.derivative, corners.layer, text=text)
        else:
            raise FormulaError(f"the derivative {self.source(item)} is not understood")
        return self.with_corners(self.with_corners(value, corners), outer), place

    def maximum(self, after: Item) -> Expression:
        r"""Read ``\max(0, z)``."""
        if after.kind in BRACKETS and len(after.body[0].sides) == 1:
            terms = after.body[0].sides[0].terms
            found = [number for number, (_, product) in enumerate(terms) if "," in product.parts]
            if len(found) == 1 and terms[found[0]][1].parts.count(",") == 1:
                sign, product = terms[found[0]]
                comma = product.parts.index(",")
                before, behind = (
                    replace(product, parts=parts)
                    for parts in (product.parts[:comma], product.parts[comma + 1 :])
                )
                left = Sum([*terms[: found[0]], (sign, before)])
                right = Sum([("+", behind), *terms[found[0] + 1 :]])
                return Maximum(self.sum(left), self.sum(right))
        raise FormulaError("max is understood as max(0, z)")
