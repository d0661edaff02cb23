"""What a page is made of: the few kinds of block that every renderer knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from chainrule.nn.arrays import Array
from chainrule.notation.formula import Equation, Formula

__all__ = ["Block", "Document", "Formulas", "Grid", "Heading", "Matrix", "Part", "Text"]

Part: TypeAlias = "str | Formula"


@dataclass(frozen=True)
class Heading:
    """A heading; level 2 is a section, 3 a step, with the steps that it is computed from."""

    text: str
    level: int = 2
    aside: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Text:
    """A paragraph of words and formulas."""

    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Formulas:
    """Equations, each form of them on a line of its own."""

    equations: tuple[Equation, ...]


@dataclass(frozen=True)
class Matrix:
    """The numbers of one symbol, and what there is to say of them."""

    symbol: Formula
    value: Array
    aside: str = ""


@dataclass(frozen=True)
class Grid:
    """A table of words, formulas and numbers."""

    header: tuple[Part, ...]
    rows: tuple[tuple[Part | float, ...], ...]


Block: TypeAlias = "Heading | Text | Formulas | Matrix | Grid"


@dataclass
class Document:
    """A page.

    Parameters
    ----------
    title : str
    blocks : list
    digits : int
        Behind the point, in every number.
    """

    title: str
    blocks: list[Block] = field(default_factory=list)
    digits: int = 6

    def add(self, *blocks: Block) -> None:
        """Append blocks."""
        self.blocks += blocks

    def say(self, *parts: Part) -> None:
        """Append a paragraph."""
        self.blocks.append(Text(parts))
