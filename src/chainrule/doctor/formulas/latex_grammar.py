r"""The surface of LaTeX formulas: what stands beside, above and below what. Lark reads it.

What the pieces mean is not decided here: whether the 2 of ``a^2`` is a power or a layer, or whether
``d`` and ``W`` are one name, is for `chainrule.doctor.formulas.latex_reader`. The grammar is LALR(1),
so that a text is read in a time that is linear in its length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeAlias

import lark

from chainrule.errors import FormulaError

__all__ = ["Item", "Product", "Relation", "Sum", "parse"]

MOST_CHARACTERS = 4000
MOST_NESTING = 20

GRAMMAR = r"""
start: sum (RELATION sum)*
sum: SIGN? product (SIGN product)*
product: (item | OPERATOR)+
item: atom script*
script: "^" argument -> above
      | "_" argument -> below
      | PRIME        -> prime
argument: simple | group | font
atom: simple | group | font | frac | root | accent | round | square | curly | norm
simple: LETTER | NUMBER | WORD | COMMAND
group: "{" start? "}"
font: FONT argument
accent: ACCENT argument
frac: FRAC argument argument
root: ROOT argument
round: "(" start ")"
square: "[" start "]"
curly: "\\{" start "\\}"
norm: "\\lVert" start "\\rVert"

WORD.3: /\\(?:text(?:rm|it|bf|tt)?|math(?:rm|it|sf|tt)|operatorname|mbox)\s*\{\s*[A-Za-z][\w .,\\-]*\}/
FRAC.2: /\\[dtc]?frac(?![A-Za-z])/
ROOT.2: /\\sqrt(?![A-Za-z])/
ACCENT.2: /\\(?:hat|widehat|bar|overline|tilde|widetilde|vec|underline|dot)(?![A-Za-z])/
FONT.2: /\\(?:math(?:bf|cal|scr|bb|rm|it|sf|tt)|boldsymbol|bm|pmb|text(?:bf)?|operatorname)(?![A-Za-z])/
OPERATOR.2: /\\(?:odot|circ|cdot|times|otimes|ast|bullet|star|div|oslash)(?![A-Za-z])|[*\/,;:]/
RELATION.2: ASSIGNED | COMPARED | /[=<>]/
ASSIGNED: /:=|\\(?:leftarrow|gets|equiv|coloneqq|triangleq|approx|in)(?![A-Za-z])/
COMPARED: /\\(?:leq?|geq?|neq?|to|rightarrow|propto|sim|mapsto)(?![A-Za-z])/
SIGN.2: /[+-]|\\pm(?![A-Za-z])/
PRIME: /'+/
NUMBER: /\d+(?:\.\d+)?|\.\d+/
LETTER: /[A-Za-z]/
COMMAND: /\\[A-Za-z]+/
%ignore /\s+/
"""

# What carries no meaning: sizes of brackets, spaces, labels, alignment.
NOISE = re.compile(
    r"\\(?:left|right|middle|[bB]igg?[lrm]?|displaystyle|textstyle|scriptstyle|limits|nolimits|nonumber"
    r"|notag|quad|qquad|hfill|mathstrut|strut|null|medspace|thinspace|boxed|underbrace|overbrace)"
    r"(?![A-Za-z])\.?"
    r"|\\(?:label|tag\*?|phantom|hspace\*?|vspace\*?|cite|color|textcolor)\s*\{[^{}]*\}"
    r"|\\[,;:!> ]|~|&|\\displaylimits"
)
UNICODE = {
    "−": "-", "–": "-", "·": r"\cdot ", "×": r"\times ", "⊙": r"\odot ", "∘": r"\circ ", "∗": "*",
    "∂": r"\partial ", "∇": r"\nabla ", "∑": r"\sum ", "Σ": r"\sum ", "√": r"\sqrt ", "‖": r"\|",
    "α": r"\alpha ", "β": r"\beta ", "δ": r"\delta ", "η": r"\eta ", "θ": r"\theta ", "λ": r"\lambda ",
    "σ": r"\sigma ", "φ": r"\phi ", "Δ": r"\Delta ", "Θ": r"\Theta ", "ℓ": r"\ell ", "←": r"\leftarrow ",
    "∈": r"\in ", "ŷ": r"\hat{y} ", "Ŷ": r"\hat{Y} ", "½": r"\frac{1}{2} ", "′": "'", "ᵀ": r"^\top ",
    "²": "^2 ", "₀": "_0 ", "₁": "_1 ", "₂": "_2 ", "₃": "_3 ", "₄": "_4 ", "₅": "_5 ", "≤": r"\le ",
    "≥": r"\ge ", "≈": r"\approx ", "≡": r"\equiv ", "\u00a0": " ",
}  # fmt: skip
SPELLINGS = (
    (re.compile(r"\\(?:cr|newline)(?![A-Za-z])"), " "),
    (re.compile(r"(\\[dtc]?frac)\s*(\d)\s*(\d)"), r"\1{\2}{\3}"),
    (re.compile(r"\\(?:dots|ldots|cdots|vdots)(?![A-Za-z])"), r"\\dots "),
    (re.compile(r"\\l?brace(?![A-Za-z])"), r"\\{"),
    (re.compile(r"\\rbrace(?![A-Za-z])"), r"\\}"),
    (re.compile(r"\\lbrack(?![A-Za-z])"), "["),
    (re.compile(r"\\rbrack(?![A-Za-z])"), "]"),
    (re.compile(r"\\colon(?![A-Za-z])\s*="), ":="),
    (re.compile(r"\\_"), "_"),
    (re.compile(r"(?<!\d)\.\s?\*"), r"\\odot "),
    (re.compile(r",\s*(?:axis|keepdims)\s*=\s*\w+"), ""),
    (re.compile(r"(?:\\(?:text|mathrm|operatorname)\s*\{\s*)?np\.sum\s*\}?"), r"\\text{sum}"),
)
COMMANDS = re.compile(r"(?:\\[A-Za-z]+\s*){16}")
NORM = re.compile(r"\\\||\\Vert(?![A-Za-z])|\|\|")


@dataclass
class Item:
    """One thing, with what stands at its corners.

    `kind` is letter, number, word, command; or group, font, accent, frac, root, round, square, curly,
    norm, which have a body.
    """

    kind: str
    value: str = ""
    body: tuple[Relation, ...] = ()
    above: list[Relation] = field(default_factory=list)
    below: list[Relation] = field(default_factory=list)
    primes: int = 0
    start: int = 0
    stop: int = 0

    @property
    def bare(self) -> bool:
        """Whether nothing stands at its corners."""
        return not (self.above or self.below or self.primes)

    def stripped_of_body(self) -> Item:
        """Return its corners alone."""
        return replace(self, body=())


@dataclass
class Product:
    """Items and operators, as they follow each other."""

    parts: list[Item | str]


@dataclass
class Sum:
    """Products with their signs."""

    terms: list[tuple[str, Product]]


@dataclass
class Relation:
    """Sums with the signs of relation between them: one sum, in most places."""

    sides: list[Sum]
    signs: list[str] = field(default_factory=list)


Script: TypeAlias = tuple[str, Any]


class Builder(lark.visitors.Transformer_NonRecursive[lark.Token, Any]):
    """Turns what Lark finds into the classes above."""

    def start(self, parts: list[Any]) -> Relation:
        return Relation(parts[::2], [str(sign) for sign in parts[1::2]])

    def sum(self, parts: list[Any]) -> Sum:
        terms: list[tuple[str, Product]] = []
        sign = "+"
        for part in parts:
            if isinstance(part, Product):
                terms.append((sign, part))
            else:
                sign = str(part)
        return Sum(terms)

    def product(self, parts: list[Any]) -> Product:
        return Product([part if isinstance(part, Item) else str(part) for part in parts])

    def item(self, parts: list[Any]) -> Item:
        item: Item = parts[0]
        for kind, value, stop in parts[1:]:
            if kind == "prime":
                item.primes += value
            else:
                getattr(item, kind).append(value)
            item.stop = stop
        return item

    def above(self, parts: list[Any]) -> tuple[str, Any, int]:
        return "above", alone(parts[0]), parts[0].stop

    def below(self, parts: list[Any]) -> tuple[str, Any, int]:
        return "below", alone(parts[0]), parts[0].stop

    def prime(self, parts: list[Any]) -> tuple[str, Any, int]:
        return "prime", len(parts[0]), parts[0].end_pos

    def argument(self, parts: list[Any]) -> Item:
        return parts[0]

    def atom(self, parts: list[Any]) -> Item:
        return parts[0]

    def simple(self, parts: list[Any]) -> Item:
        token = parts[0]
        text = str(token)
        if token.type == "WORD":
            text = text[text.index("{") + 1 : -1].replace("\\", "").strip()
        elif token.type == "COMMAND":
            text = text[1:]
        return Item(token.type.lower(), text, start=token.start_pos, stop=token.end_pos)


def bracket(kind: str) -> Any:
    """Return the callback of something that has a body."""

    def build(self: Builder, meta: Any, parts: list[Any]) -> Item:
        value = "".join(str(part).lstrip("\\") for part in parts if isinstance(part, lark.Token))
        body = tuple(
            part if isinstance(part, Relation) else alone(part)
            for part in parts
            if isinstance(part, (Relation, Item))
        )
        return Item(kind, value, body, start=meta.start_pos, stop=meta.end_pos)

    return lark.v_args(meta=True)(build)


for name in ("group", "font", "accent", "frac", "root", "round", "square", "curly", "norm"):
    setattr(Builder, name, bracket(name))


def alone(item: Item) -> Relation:
    """Return what an item holds, or the item as something by itself."""
    if item.kind == "group" and item.bare:
        return item.body[0] if item.body else Relation([Sum([("+", Product([]))])])
    return Relation([Sum([("+", Product([item]))])])


@cache
def parser() -> Any:
    """Return the parser; making it takes some hundredths of a second."""
    return lark.Lark(GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def cleaned(text: str) -> str:
    """Return a formula without what carries no meaning, in the letters of the grammar."""
    for character, spelling in UNICODE.items():
        text = text.replace(character, spelling)
    text = text.replace("y\u0302", r"\hat{y}").replace("Y\u0302", r"\hat{Y}")
    for pattern, spelling in SPELLINGS:
        text = pattern.sub(spelling, text)
    text = NOISE.sub(" ", text)
    sides = iter([r"\lVert ", r"\rVert "] * len(text))
    return NORM.sub(lambda _: next(sides), text).strip()


def parse(text: str) -> tuple[Relation, str]:
    """Read the surface of one formula.

    Returns
    -------
    relation : Relation
    text : str
        What was parsed, to which the items' positions belong.

    Raises
    ------
    FormulaError
        If it is no formula of this grammar; the message shows where it stops being one.
    """
    if len(text) > MOST_CHARACTERS:
        raise FormulaError(f"a formula of {len(text):,} characters: more than {MOST_CHARACTERS:,}")
    text = cleaned(text)
    depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if depth > MOST_NESTING:
            raise FormulaError(f"brackets nested more than {MOST_NESTING} deep")
    if COMMANDS.search(text):  # \hat\hat\hat…, which nests without a bracket
        raise FormulaError("too many commands without a letter between them")
    try:
        return Builder().transform(parser().parse(text)), text
    except lark.exceptions.UnexpectedInput as error:
        place = error.pos_in_stream
        ended = getattr(getattr(error, "token", None), "type", "") == "$END"
        if ended or place is None or not 0 <= place < len(text):
            raise FormulaError(
                "it ends too early: a bracket is open, or a part is missing"
            ) from None
        raise FormulaError(f"not understood from {text[place : place + 24]!r} on") from None
    except lark.exceptions.LarkError as error:
        raise FormulaError(f"not understood: {' '.join(str(error).split())[:80]}") from None
