r"""What one item of a LaTeX formula stands for: the letter, and what is at its corners.

``W^{[2]T}``, ``w_{jk}^{l+1}``, ``\hat y^{(i)}``, ``a_1^2``: a superscript is a layer, a transpose, an
observation, a prime or a power. Brackets decide where there are any; a plain number is a power, unless
the document writes its layers so (`Style`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from chainrule.doctor.formulas.latex_grammar import Item, Relation
from chainrule.doctor.formulas.tree import Layer
from chainrule.errors import FormulaError

__all__ = [
    "COST_NAMES",
    "GREEK",
    "ROLES",
    "Corners",
    "Style",
    "corners_of",
    "index_of",
    "letter_of",
    "single",
]

ROLES = {
    **dict.fromkeys(("W", "w", "Theta"), "W"),
    **dict.fromkeys(("b", "B", "beta"), "b"),
    **dict.fromkeys(("z", "Z"), "Z"),
    **dict.fromkeys(("a", "A", "h", "H"), "A"),
    **dict.fromkeys(("x", "X"), "X"),
    **dict.fromkeys(("y", "Y", "t", "T"), "Y"),
    **dict.fromkeys(("m", "n", "N"), "m"),
    **dict.fromkeys(("J", "C", "E", "L", "ell", "cost", "loss", "Cost", "Loss", "error"), "J"),
    **dict.fromkeys(("MSE", "SSE", "RSS", "BCE", "CCE", "NLL", "MAE"), "J"),
    **dict.fromkeys(
        ("eta", "alpha", "epsilon", "gamma", "learning_rate", "lr", "learning rate"), "eta"
    ),
    "delta": "dZ",
    "lambda": "lambda",
    "theta": "theta",
}
COST_NAMES = tuple(name for name, role in ROLES.items() if role == "J")
LAYER_LETTERS = ("l", "L", "k", "K", "j", "ell", "r", "i", "h")
PLAIN_LAYER_LETTERS = ("l", "L", "ell", "K")  # without brackets
OBSERVATIONS = ("i", "j", "n", "s")  # in round brackets
GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "kappa": "κ", "mu": "μ", "nu": "ν", "rho": "ρ"}
FONTS_OF_NOTHING = ("hat", "widehat", "tilde", "widetilde", "bar", "overline")


@dataclass
class Style:
    r"""How a document writes, as far as one formula alone does not show it.

    Parameters
    ----------
    plain_layers : bool
        Whether a plain number above is a layer: ``W^2``, beside ``a^{l-1}``.
    round_layers : bool
        Whether ``z^{(1)}`` is a layer; ``z^{(i)}`` is an observation all the same.
    own : set of str
        Names that the document defines for itself.
    roles : dict of str to (str, Layer or None)
        Letters that stand for something else than usual, as the document's forward pass shows, and
        the layer of those that are written without one: ``h = \sigma(z_1)``.
    functions : tuple of str
        Letters that are functions here, beside g and f: ``h'(a_j)``.
    bars : bool
        Whether a bar makes a derivative: ``\bar{W} = \bar{z} x^\top``.
    counted : tuple of str
        Letters below that count layers, as ``A_{k-1}`` shows.
    """

    plain_layers: bool = False
    round_layers: bool = True
    own: set[str] = field(default_factory=set)
    roles: dict[str, tuple[str, Layer | None]] = field(default_factory=dict)
    functions: tuple[str, ...] = ()
    bars: bool = False
    counted: tuple[str, ...] = ()

    def role(self, letter: str) -> str | None:
        """Return what a letter stands for; None if it is a name of the document's own."""
        if letter in self.roles:
            return self.roles[letter][0]
        return None if letter in self.own else ROLES.get(letter)


@dataclass
class Corners:
    """What stands at the corners of a name."""

    layer: Layer | None = None
    indices: tuple[str, ...] = ()
    observation: str = ""
    transposed: bool = False
    derivative: bool = False
    power: Relation | None = None
    word: str = ""
    chosen: str = ""  # the class that is chosen: y, or yi for y_i


def single(relation: Relation) -> Item | None:
    """Return the one item of a relation, or None if it is more."""
    if len(relation.sides) != 1 or len(relation.sides[0].terms) != 1:
        return None
    sign, product = relation.sides[0].terms[0]
    if sign != "+" or len(product.parts) != 1 or isinstance(product.parts[0], str):
        return None
    return product.parts[0]


def letter_of(item: Item) -> tuple[str, bool] | None:
    """Return the letter of an item and whether it has a hat; None if it is no letter."""
    if item.kind in ("letter", "command", "word"):
        return item.value, False
    if item.kind in ("font", "group", "accent") and item.body:
        inner = single(item.body[0])
        if inner is None:
            return None
        found = letter_of(inner)
        if found is None:
            return None
        return found[0], found[1] or (item.kind == "accent" and item.value in FONTS_OF_NOTHING)
    return None


def is_transpose(item: Item) -> bool:
    found = letter_of(item)
    return found is not None and found[0] in ("T", "top", "intercal", "t", "tr", "mathsf")


def is_prime(item: Item) -> bool:
    return item.kind == "command" and item.value == "prime"


def layer_in(relation: Relation, letters: tuple[str, ...]) -> Layer | None:
    """Read l, l - 1, 2; None if it is something else."""
    if len(relation.sides) != 1:
        return None
    letter, offset = "", 0
    for sign, product in relation.sides[0].terms:
        if len(product.parts) != 1 or isinstance(product.parts[0], str):
            return None
        item = product.parts[0]
        if not item.bare:
            if sign == "+" and not letter and "L" in letters and is_last(item):
                letter = "L"
                continue
            return None
        if item.kind == "number" and item.value.isdecimal() and len(item.value) < 3:
            offset += int(item.value) if sign == "+" else -int(item.value)
        elif sign == "+" and not letter and item.kind in ("letter", "command"):
            if item.value not in letters:
                return None
            letter = "l" if item.value == "ell" else item.value
        else:
            return None
    return Layer(letter, offset)


def is_last(item: Item) -> bool:
    """Say whether an item is n_l, the number of layers."""
    if item.value != "n" or item.above or item.primes or len(item.below) != 1:
        return False
    inner = single(item.below[0])
    return inner is not None and inner.bare and inner.value in ("l", "L", "ell")


def corners_of(item: Item, style: Style, *, layered: bool = True) -> Corners:
    """Read what stands at the corners of an item.

    Parameters
    ----------
    item : Item
    style : Style
    layered : bool
        Whether the item is something that layers have; else a number above is a power.

    Raises
    ------
    FormulaError
        If a corner has a meaning that is not known.
    """
    corners = Corners(derivative=item.primes > 0)
    if item.primes > 1:
        raise FormulaError("a second derivative is not understood")
    for inner in inside(item):  # {W^{[2]}}^T, \mathbf{W_1}
        merge(corners, corners_of(inner, style, layered=layered))
    for relation in item.below:
        read_below(relation, corners, style)
    plain: list[Relation] = []
    for relation in item.above:
        read_above(relation, corners, style, layered, plain)
    for relation in plain:
        place_number(relation, corners, style, layered)
    return corners


def inside(item: Item) -> list[Item]:
    if item.kind in ("font", "group", "accent") and item.body:
        inner = single(item.body[0])
        if inner is not None:
            return [inner]
    return []


def merge(corners: Corners, other: Corners) -> None:
    corners.layer = other.layer
    corners.indices = other.indices
    corners.observation = other.observation
    corners.transposed = other.transposed
    corners.derivative = corners.derivative or other.derivative
    corners.power = other.power
    corners.word = other.word
    corners.chosen = other.chosen


def read_below(relation: Relation, corners: Corners, style: Style) -> None:
    """Read a subscript: a layer's number or letter, indices of units, a word."""
    layer = layer_in(relation, (*PLAIN_LAYER_LETTERS, *style.counted))
    if layer is not None:
        corners.layer = layer
        return
    layer = layer_in(relation, LAYER_LETTERS)
    if layer is not None and layer.offset and layer.letter:  # a_{k-1}
        corners.layer = layer
        return
    corners.chosen = class_in(relation)
    if corners.chosen:
        return
    items: list[Item] = []
    if len(relation.sides) == 1 and len(relation.sides[0].terms) == 1:
        parts = relation.sides[0].terms[0][1].parts
        items = [part for part in parts if isinstance(part, Item)]
        if all(part == "," for part in parts if isinstance(part, str)):
            bracketed = single(relation)
            if bracketed is not None and bracketed.kind in ("square", "round"):
                corners.layer = layer_in(bracketed.body[0], LAYER_LETTERS)
                if corners.layer is not None:
                    return
            if items and all(index_of(i) and i.bare for i in items) and len(items) <= 3:
                indices = [index_of(i) for i in items]
                if indices[-1] == "l" and len(indices) > 1:
                    corners.layer = Layer(indices.pop())
                corners.indices = tuple(indices)
                return
            if items and all(i.kind in ("letter", "word", "command") and i.bare for i in items):
                corners.word = "".join(i.value for i in items)
                return
            if "," in parts and numbered(items):  # z_{2,i}
                corners.layer = Layer("", int(items[0].value))
                corners.indices = tuple(i.value for i in items[1:])
                return
            if items and all(i.kind in ("letter", "number") and i.bare for i in items):
                corners.indices = tuple(i.value for i in items)
                return
    raise FormulaError("a subscript is not understood")


def numbered(items: list[Item]) -> bool:
    """Say whether items are the number of a layer, and letters."""
    if len(items) < 2 or not all(item.bare for item in items):
        return False
    first, *rest = items
    count = first.kind == "number" and first.value.isdecimal()
    return count and all(item.kind == "letter" for item in rest)


def index_of(item: Item) -> str:
    r"""Return the letter of an index of units: j, or β for ``\beta``; empty if it is none."""
    return item.value if item.kind == "letter" else GREEK.get(item.value, "")


def class_in(relation: Relation) -> str:
    r"""Read the class that a subscript chooses: y, y_i, ``y^{(i)}``; empty if it is something else."""
    item = single(relation)
    if item is None and len(relation.sides) == 1 and len(relation.sides[0].terms) == 1:
        parts = [part for part in relation.sides[0].terms[0][1].parts if part != ","]
        if len(parts) == 2 and isinstance(parts[1], Item) and parts[1].below:  # n, y_n
            item = parts[1]
    if item is None or item.kind not in ("letter", "font") or item.primes:
        return ""
    found = letter_of(item)
    if found is None or found[0] not in ("y", "Y"):
        return ""
    scripts = [single(script) for script in (*item.below, *item.above)]
    if not scripts:
        return "y"
    if len(scripts) > 1 or scripts[0] is None:
        return ""
    inner: Item | None = scripts[0]
    if inner is not None and inner.kind == "round" and inner.body:
        inner = single(inner.body[0])
    return f"y{inner.value}" if inner is not None and inner.kind == "letter" else ""


def read_above(
    relation: Relation, corners: Corners, style: Style, layered: bool, plain: list[Relation]
) -> None:
    """Read a superscript; what may be a power or a layer is put aside in `plain`."""
    if len(relation.sides) == 1:
        terms = relation.sides[0].terms
        last = terms[-1][1].parts if terms else []
        while (
            last and isinstance(last[-1], Item) and (is_transpose(last[-1]) or is_prime(last[-1]))
        ):
            if is_transpose(last[-1]):
                corners.transposed = True
            else:
                corners.derivative = True
            corners.derivative = corners.derivative or last[-1].primes > 0
            last = last[:-1]
        if not last and len(terms) == 1:
            return
        terms = [*terms[:-1], (terms[-1][0], type(terms[-1][1])(last))]
        relation = Relation([type(relation.sides[0])(terms)])
        several = len(last) in (2, 3) and isinstance(last[0], Item)
        if several and len(terms) == 1 and all(isinstance(part, Item) for part in last):
            for part in last:  # {[1](i)}, {[1](i)2}
                one = Relation([type(relation.sides[0])([("+", type(terms[0][1])([part]))])])
                read_above(one, corners, style, layered, plain)
            return
    item = single(relation)
    if item is not None and item.primes:
        corners.derivative = True
    if item is not None and item.kind in ("square", "round") and layered:
        inner = [single(script) for script in item.above]  # A^{[1]^T}
        if any(part is not None and is_transpose(part) for part in inner):
            corners.transposed = True
        corners.derivative = corners.derivative or item.primes > 0
        layer = layer_in(item.body[0], (*LAYER_LETTERS, *OBSERVATIONS))
        only = layer is not None and layer.letter in set(OBSERVATIONS) - set(LAYER_LETTERS)
        if layer is None or (only and (layer.offset or item.kind == "square")):
            raise FormulaError("a superscript in brackets is not understood")
        if item.kind == "round" and layer.letter in OBSERVATIONS and not layer.offset:
            corners.observation = layer.letter
        elif corners.layer is None:
            corners.layer = layer
        else:
            corners.observation = str(layer)
        return
    layer = layer_in(relation, PLAIN_LAYER_LETTERS)
    if layer is None and len(relation.sides[0].terms) > 1:
        layer = layer_in(relation, LAYER_LETTERS)  # a^{k-1}
    if layered and layer is not None and layer.letter:
        if corners.layer is not None and not corners.indices:
            corners.indices = (str(corners.layer),)
        corners.layer = layer
        return
    plain.append(relation)


def place_number(relation: Relation, corners: Corners, style: Style, layered: bool) -> None:
    """Decide whether a plain superscript is a layer or a power."""
    layer = layer_in(relation, ())
    numbered = layered and style.plain_layers and layer is not None and layer.offset >= 0
    if numbered and corners.layer is None:
        corners.layer = layer
        return
    if corners.power is not None:
        raise FormulaError("two superscripts are not understood")
    corners.power = relation
