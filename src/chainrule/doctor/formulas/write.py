r"""Trees back to text: NumPy notation, or LaTeX, in the user's own symbols.

A name is written as the user wrote it. One that the user did not write, because a correction brought it
in, is spelled after the others: if W_2 was ``W^{[2]}``, then W_1 is ``W^{[1]}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import pi

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.latex_names import GREEK as INDEX_LETTERS
from chainrule.doctor.formulas.numbering import Numbering
from chainrule.doctor.formulas.tree import Expression, Layer, Name

__all__ = ["Notation", "to_text"]

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)  # how tightly a node binds
LATEX_SYMBOLS = {
    "Yhat": r"\hat{Y}",
    "lambda": r"\lambda",
    "eta": r"\eta",
    "theta": r"\theta",
    "dtheta": r"\nabla_\theta J",
    "loss": r"\ell",
}
GREEK = {letter: name for name, letter in INDEX_LETTERS.items()}
INDICES = re.compile(r"_\s*(?:\{[A-Za-z, ]*\}|[A-Za-z])")
IN_WORDS = re.compile(r"\\(?:text|mathrm)\{[^{}\\]*\}")  # where TeX takes no bare underscore
LATEX_FUNCTIONS = {"exp": r"\exp", "log": r"\log", "cosh": r"\cosh", "sinh": r"\sinh"}
LATEX_ACTIVATIONS = {"sigmoid": r"\sigma", "tanh": r"\tanh"}


@dataclass(frozen=True)
class Notation:
    r"""How names are spelled.

    Parameters
    ----------
    latex : bool
        LaTeX; else NumPy.
    spellings : mapping of (symbol, layer) to str
        What the user wrote.
    product, transposed : str
        What the user writes between the factors of an element-wise product, and above what is
        transposed; in LaTeX.
    columns : bool
        Whether an observation is a column: what a sum along an axis runs over.
    numbering : Numbering
        How the user numbers layers.
    generic : Apply, optional
        How the user writes the activation of any layer: ``g^{[l]}``, ``\phi``.
    named : frozenset of str
        The activations that the user names.
    samples : mapping of (symbol, int) to Name
        Names that the user wrote with as many indices.
    observed : mapping of (symbol, layer, index) to str
        What the user wrote with one index alone, which may be that of the observation.
    """

    latex: bool = False
    spellings: dict[tuple[str, Layer | None], str] = field(default_factory=dict)
    product: str = r"\odot"
    transposed: str = r"\top"
    columns: bool = False
    numbering: Numbering = field(default_factory=Numbering)
    generic: tree.Apply | None = None
    named: frozenset[str] = frozenset()
    samples: dict[tuple[str, int], Name] = field(default_factory=dict)
    observed: dict[tuple[str, Layer | None, str], str] = field(default_factory=dict)

    @classmethod
    def of(cls, expressions: Iterable[Expression], latex: bool) -> Notation:
        """Learn the spellings from expressions."""
        spellings: dict[tuple[str, Layer | None], str] = {}
        generic: tree.Apply | None = None
        named: set[str] = set()
        samples: dict[tuple[str, int], Name] = {}
        observed: dict[tuple[str, Layer | None, str], str] = {}
        for expression in expressions:
            for node in tree.walk(expression):
                if isinstance(node, tree.Apply):
                    named.add(node.activation or "")
                    generic = generic or (None if node.activation or not node.text else node)
            for name in tree.names_of(expression):
                if name.text and name.indices and not name.observation:
                    samples.setdefault((name.symbol, len(name.indices)), name)
                letters = (*name.indices, name.observation) if name.observation else name.indices
                if name.text and len(letters) == 1:
                    observed.setdefault((name.symbol, name.layer, letters[0]), name.text)
                if name.text and not letters:
                    spellings.setdefault((name.symbol, name.layer), name.text)
        known = frozenset(named)
        return cls(
            latex, spellings, generic=generic, named=known, samples=samples, observed=observed
        )

    def name(self, name: Name) -> str:
        """Spell a name."""
        if name.text:
            return IN_WORDS.sub(lambda found: found[0].replace("_", "\\_"), name.text)
        moved = self.numbering.theirs(name)
        return self.spelled(moved if isinstance(moved, Name) else name)

    def spelled(self, name: Name) -> str:
        """Spell a name that the user did not write."""
        if name.observation and not name.indices:
            known = self.observed.get((name.symbol, name.layer, name.observation))
            return known or self.standard(name)
        if name.indices:
            return self.like_sample(name) or self.standard(name)
        known = self.spellings.get((name.symbol, name.layer))
        if known:
            return known
        if name.layer is not None and name.layer.letter in ("l", "L"):
            layers = {layer for symbol, layer in self.spellings if symbol == name.symbol}
            if layers == {None}:  # nobody numbers the layers
                return self.spellings[name.symbol, None]
        for (symbol, layer), text in self.spellings.items():
            if symbol == name.symbol and layer and name.layer:
                moved = respelled(text, layer, name.layer)
                if moved:
                    return moved
        return self.standard(name)

    def like_sample(self, name: Name) -> str | None:
        """Spell a name with indices after one that the user wrote; None if there is none like it."""
        sample = self.samples.get((name.symbol, len(name.indices)))
        if sample is None or name.observation or (sample.layer is not None and name.layer is None):
            return None
        text: str | None = sample.text
        if sample.layer is not None and name.layer is not None and sample.layer != name.layer:
            text = respelled(sample.text, sample.layer, name.layer)
        letters = dict(zip(sample.indices, name.indices, strict=True))
        if text is None or len(letters) < len(sample.indices):
            return None
        return INDICES.sub(
            lambda found: "".join(letters.get(character, character) for character in found[0]), text
        )

    def standard(self, name: Name) -> str:
        """Spell a name as this project does."""
        layer = "" if name.layer is None else str(name.layer)
        if not self.latex:
            symbol = {"lambda": "lam", "J": "cost", "loss": "loss"}.get(name.symbol, name.symbol)
            return symbol + layer if layer.isdecimal() or not layer else f"{symbol}[{layer}]"
        symbol = LATEX_SYMBOLS.get(name.symbol, name.symbol)
        if name.is_derivative and name.symbol != "dtheta":
            inner = self.spelled(Name(name.symbol[1:], name.layer, name.indices, name.observation))
            return rf"\frac{{\partial J}}{{\partial {inner}}}"
        if name.indices or name.observation:
            symbol = symbol.lower() if len(symbol) == 1 else symbol.replace("Y", "y")
            written = f"{symbol}_{{{lettered(name.indices)}}}" if name.indices else symbol
            above = layer or (f"({name.observation})" if name.observation else "")
            return written + (f"^{{{above}}}" if above else "")
        return symbol + (f"_{{{layer}}}" if len(layer) > 1 else f"_{layer}" if layer else "")


def lettered(indices: Iterable[str]) -> str:
    r"""Write indices: jk, or ``\beta \gamma``."""
    return "".join(rf"\{GREEK[index]} " if index in GREEK else index for index in indices).strip()


def respelled(text: str, layer: Layer, other: Layer) -> str | None:
    """Return a spelling with one layer's number in place of another's; None if it is not in it."""
    matches = list(re.finditer(rf"(?<![\w+-]){re.escape(str(layer))}(?![\w+-])", text))
    if not matches and not layer.letter:  # W2
        matches = list(re.finditer(rf"(?<!\d){layer}(?!\d)", text))
    if len(matches) != 1:
        return None
    start, stop = matches[0].span()
    new = str(other)
    bare = text[:start].rstrip().endswith(("_", "^"))
    return text[:start] + (f"{{{new}}}" if bare and len(new) > 1 else new) + text[stop:]


def to_text(expression: Expression, notation: Notation | None = None) -> str:
    """Write an expression as `notation` says; by default as it was read.

    >>> from chainrule.doctor.formulas.numpy_reader import read_numpy_expression
    >>> to_text(read_numpy_expression("(A1.T @ (A2-Y))/m"))
    'A1.T @ (A2 - Y) / m'
    """
    if notation is None:
        latex = any(
            isinstance(node, tree.Juxtapose) or "\\" in getattr(node, "text", "")
            for node in tree.walk(expression)
        )
        notation = Notation(latex)
    return Writer(notation).text(expression, SUM)


class Writer:
    """Writes the nodes, with brackets only where they are needed."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self.latex = notation.latex

    def text(self, node: Expression, around: int) -> str:
        """Write a node that stands in something which binds as tightly as `around`."""
        written, tightness = self.parts(node)
        return self.bracketed(written) if tightness < around else written

    def bracketed(self, text: str) -> str:
        return rf"\left({text}\right)" if self.latex and r"\frac" in text else f"({text})"

    def parts(self, node: Expression) -> tuple[str, int]:
        """Return the text of a node, and how tightly it binds."""
        match node:
            case tree.Name():
                return self.notation.name(node), ATOM
            case tree.Number():
                written = r"\pi" if self.latex and node.value == pi else node.text
                return written or f"{node.value:g}", ATOM if node.value >= 0 else SUM
            case tree.Add(terms=terms):
                return self.sum(terms), SUM
            case tree.Negate(operand=operand):
                return f"-{self.text(operand, PRODUCT)}", SUM
            case tree.Power(base=base, exponent=exponent):
                return self.power(base, exponent), POWER
            case tree.Transpose(operand=operand):
                inner = self.text(operand, ATOM)
                return (
                    f"{self.scripted(inner)}^{self.notation.transposed}"
                    if self.latex
                    else f"{inner}.T"
                ), ATOM
            case tree.Kronecker(left=left, right=right):
                return (rf"\delta_{{{left}{right}}}" if self.latex else f"δ_{left}{right}"), ATOM
            case tree.Partial(top=top, bottom=bottom):
                above, below = self.notation.name(top), self.notation.name(bottom)
                if self.latex:
                    return rf"\frac{{\partial {above}}}{{\partial {below}}}", ATOM
                return f"∂{above}/∂{below}", PRODUCT
        if isinstance(node, (tree.Multiply, tree.MatMul, tree.Juxtapose, tree.Divide)):
            return self.product(node)
        return self.call(node), ATOM

    def scripted(self, text: str) -> str:
        """Put braces around what already has a superscript: TeX takes no two."""
        return f"{{{text}}}" if "^" in text else text

    def sum(self, terms: tuple[Expression, ...]) -> str:
        written = self.text(terms[0], SUM)
        for term in terms[1:]:
            if isinstance(term, tree.Negate):
                written += f" - {self.text(term.operand, PRODUCT)}"
            else:
                text = self.text(term, PRODUCT if isinstance(term, tree.Number) else SUM)
                written += f" + {text}"
        return written

    def power(self, base: Expression, exponent: Expression) -> str:
        inner, above = self.text(base, ATOM), self.text(exponent, ATOM)
        if not self.latex:
            return f"{inner}**{above}"
        if isinstance(base, Name):
            inner = self.scripted(inner)
        return f"{inner}^{above}" if len(above) == 1 else f"{inner}^{{{above}}}"

    def product(self, node: Expression) -> tuple[str, int]:
        left, right = node.children
        if isinstance(node, tree.Divide):
            if self.latex:
                above, below = self.text(left, SUM), self.text(right, SUM)
                return rf"\frac{{{above}}}{{{below}}}", ATOM
            return f"{self.text(left, PRODUCT)} / {self.text(right, SIGN)}", PRODUCT
        if self.latex:
            mark = {"Multiply": f" {self.notation.product} "}.get(type(node).__name__, " ")
            if isinstance(node, tree.Juxtapose) and node.mark:
                mark = f" {node.mark} "
        else:
            mark = " @ " if isinstance(node, tree.MatMul) else " * "
        first = self.text(left, PRODUCT)
        if isinstance(left, tree.IndexSum):  # what follows would be summed too
            first = self.bracketed(self.text(left, SUM))
        mixed = not self.latex and type(left) is not type(node) and self.is_product(left)
        if mixed and tree.MatMul in (type(left), type(node)):
            first = self.bracketed(self.text(left, SUM))
        tight = SIGN if not self.latex or self.is_product(right) else PRODUCT
        return f"{first}{mark}{self.text(right, tight)}", PRODUCT

    @staticmethod
    def is_product(node: Expression) -> bool:
        return isinstance(node, (tree.Multiply, tree.MatMul, tree.Juxtapose))

    def call(self, node: Expression) -> str:
        """Write what looks like a function."""
        match node:
            case tree.Function(name="sqrt", operand=operand) if self.latex:
                return rf"\sqrt{{{self.text(operand, SUM)}}}"
            case tree.Function(name=name, operand=operand):
                shown = (
                    LATEX_FUNCTIONS.get(name, rf"\operatorname{{{name}}}") if self.latex else None
                )
                module = "scipy.special" if name == "erf" else "np"
                return self.applied(shown or f"{module}.{name}", operand)
            case tree.Apply():
                return self.applied(self.activation(node), node.operand)
            case tree.Reduce():
                return self.reduction(node)
            case tree.IndexSum(index=index, operand=operand, upper=upper):
                if not self.latex:
                    return f"Σ_{index} {self.text(operand, PRODUCT)}"
                letter = lettered((index,))
                limits = f"_{{{letter}}}" if index else ""
                if upper:
                    limits = f"_{{{letter}=1}}^{{{upper}}}"
                return rf"\sum{limits} {self.text(operand, PRODUCT)}"
            case tree.Compare(left=left, operator=sign, right=right):
                written = f"({self.text(left, PRODUCT)} {sign} {self.text(right, PRODUCT)})"
                return rf"\mathbb{{1}}{written}" if self.latex else written
            case tree.Norm(operand=operand):
                inner = self.text(operand, SUM)
                return rf"\lVert {inner} \rVert" if self.latex else f"np.linalg.norm({inner})"
            case tree.Maximum(left=left, right=right):
                pair = f"({self.text(left, SUM)}, {self.text(right, SUM)})"
                return (r"\max" if self.latex else "np.maximum") + pair
            case tree.Shape(operand=operand, axis=axis):
                return f"{self.text(operand, ATOM)}.shape[{axis}]"
            case tree.NewAxis(operand=operand, pattern=pattern):
                axes = ", ".join("None" if new else ":" for new in pattern)
                return f"{self.text(operand, ATOM)}[{axes}]"
            case tree.Ones(shape=sizes, like=like):
                if self.latex and not like:
                    return r"\mathbf{1}"
                inner = ", ".join(self.text(size, SUM) for size in sizes)
                return f"np.ones_like({inner})" if like else f"np.ones(({inner},))"
        return type(node).__name__

    def applied(self, name: str, operand: Expression) -> str:
        return name + self.bracketed(self.text(operand, SUM))

    def activation(self, node: tree.Apply) -> str:
        """Write the activation's name, with its prime."""
        if not self.latex:
            if node.text:
                return node.text
            name = node.activation or f"g{node.layer or ''}"
            if node.derivative:
                return f"{name}_prime"
            return f"np.{name}" if name == "tanh" else name  # the one that NumPy has
        generic = self.notation.generic
        if not node.text and node.activation is None and generic is not None:
            if generic.layer is None or node.layer is None:
                text: str | None = generic.text
            else:
                text = respelled(generic.text, generic.layer, node.layer)
            if text:
                return f"{text}'" if node.derivative and "'" not in text else text
        name = node.text or LATEX_ACTIVATIONS.get(
            node.activation or "",
            rf"\operatorname{{{node.activation}}}" if node.activation else "g",
        )
        if not node.text and node.layer is not None:
            name += f"_{{{node.layer}}}"
        return f"{name}'" if node.derivative and "'" not in name and "prime" not in name else name

    def reduction(self, node: tree.Reduce) -> str:
        if self.latex:
            index = "i" if node.axis is None or (node.axis == 0) != self.notation.columns else "j"
            total = rf"\sum_{index} {self.text(node.operand, PRODUCT)}"
            return total if node.kind == "sum" else rf"\frac{{1}}{{m}} {total}"
        options = ([f"axis={node.axis}"] if node.axis is not None else []) + (
            ["keepdims=True"] if node.keepdims else []
        )
        if isinstance(node.operand, Name):
            return f"{self.text(node.operand, ATOM)}.{node.kind}({', '.join(options)})"
        return f"np.{node.kind}({', '.join([self.text(node.operand, SUM), *options])})"
