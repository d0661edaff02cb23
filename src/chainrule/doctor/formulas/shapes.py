r"""Shapes that a document notes: ``W_1 \in \mathbb{R}^{n_0 \times n_1}``, ``(1 \times d)``."""

from __future__ import annotations

import re

from chainrule.doctor.formulas.conventions import Convention
from chainrule.doctor.formulas.tree import Assignment, Name, ShapeNote

__all__ = ["wrong_shape"]

DECORATION = re.compile(r"[\s{}()\[\]\\]|mathrm|text|times")
LAYER = re.compile(r"n[_^]?(\w+?)")
INPUTS = ("d", "n_x", "n_0", "n_{in}", "n_in", "n0", "p")
HIDDEN = ("n_h", "h", "n_hidden")
OUTPUTS = ("n_o", "n_y", "n_out", "n_L", "k", "K", "c")
COUNTS = ("m", "N")


def wrong_shape(note: ShapeNote | Assignment, convention: Convention) -> str | None:
    """Return the shape that should be noted, if the one that is noted is wrong; else None.

    A size that cannot be understood, such as a plain number, is taken as it is.
    """
    target = note.target
    shape = note.shape if isinstance(note, ShapeNote) else note.note
    if shape is None or not isinstance(target, Name) or target.layer is None or target.layer.letter:
        return None
    wanted = expected(target, convention)
    if wanted is None:
        return None
    found = [size(text, convention) for text in shape]
    if None in found:
        return None
    pairs = zip(found, wanted, strict=True)
    if all(same(one, two, convention.depth) for one, two in pairs):
        return None
    return " × ".join(spelled(part, convention) for part in wanted)


def same(one: str | None, two: str, depth: int) -> bool:
    """Compare two sizes: an output of one unit may be written 1."""
    return one == two or {one, two} == {"1", f"n{depth}"}


def expected(target: Name, convention: Convention) -> tuple[str, str] | None:
    """Return the shape of a quantity in a layout."""
    assert target.layer is not None
    layer = target.layer.offset
    rows = convention.layout.startswith("rows")
    turned = convention.layout in ("columns", "rows_transposed")
    kind = target.symbol.removeprefix("d")
    if not 0 <= layer <= convention.depth:
        return None
    if kind == "W":
        pair = (f"n{layer - 1}", f"n{layer}")
        return pair[::-1] if turned else pair
    if kind == "b":
        return ("1", f"n{layer}") if rows else (f"n{layer}", "1")
    if kind in ("A", "Z"):
        many = "1" if convention.one else "m"
        return (many, f"n{layer}") if rows else (f"n{layer}", many)
    return None


def size(text: str, convention: Convention) -> str | None:
    """Return the canonical name of a size: n1, m, 1; None if it is not known."""
    plain = DECORATION.sub("", text)
    if plain == "1":
        return "1"
    if plain in COUNTS:
        return "m"
    if plain in INPUTS:
        return "n0"
    if plain in HIDDEN and convention.depth == 2:
        return "n1"
    if plain in OUTPUTS:
        return f"n{convention.depth}"
    match = LAYER.fullmatch(plain)
    if match and match[1].isdecimal() and int(match[1]) <= convention.depth:
        return f"n{match[1]}"
    return None


def spelled(name: str, convention: Convention) -> str:
    """Write a size."""
    return f"n_{name[1:]}" if name.startswith("n") else name
