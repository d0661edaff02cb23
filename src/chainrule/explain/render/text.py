"""A page for the terminal: plain lines, each with the style that a terminal may give it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text as RichText

from chainrule.explain.document import Block, Document, Formulas, Grid, Heading, Matrix, Part, Text
from chainrule.explain.numbers import cells, number
from chainrule.notation.formula import Equation, Formula
from chainrule.notation.plain import plain

__all__ = ["lines", "matrix_lines", "render", "rich_text"]

INDENT = "  "


def render(document: Document) -> str:
    """Return a page as plain text."""
    return "\n".join(text for text, _ in lines(document)) + "\n"


def rich_text(document: Document) -> RichText:
    """Return a page for a terminal: headings and formulas stand out."""
    return RichText("\n").join(RichText(line, style) for line, style in lines(document))


def lines(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the lines of a page, and the style of each."""
    yield document.title, "bold"
    for block in document.blocks:
        if isinstance(block, (Heading, Text, Grid)):
            yield "", ""
        yield from block_lines(block, document.digits)


def block_lines(block: Block, digits: int) -> Iterator[tuple[str, str]]:
    match block:
        case Heading(text, 2):
            yield text, "bold underline"
        case Heading(text, _, aside, sources):
            origin = f"; from {', '.join(sources)}" if sources else ""
            yield f"{text}   {aside}{origin}".rstrip(), "bold"
        case Text(parts):
            yield "".join(map(written, parts)), ""
        case Formulas(equations):
            for equation in equations:
                for line in equation_lines(equation):
                    yield INDENT + line, "cyan"
        case Matrix(symbol, value, aside):
            for line in matrix_lines(f"{plain(symbol)} = ", cells(value, digits)):
                yield INDENT + line, ""
            if aside:
                yield f"{INDENT}({aside})", "dim"
        case Grid():
            yield from grid_lines(block, digits)


def written(part: Part) -> str:
    return plain(part) if isinstance(part, Formula) else part


def equation_lines(equation: Equation) -> Iterator[str]:
    """Yield an equation, each form on a line, the signs in one column."""
    left = plain(equation.left)
    for place, form in enumerate(equation.forms):
        start = left if place == 0 else " " * cell_len(left)
        yield f"{start} {equation.sign} {plain(form)}"


def matrix_lines(label: str, rows: list[list[str]]) -> list[str]:
    """Return a matrix in square brackets, its columns aligned, the label at its first row."""
    if len(rows) == 1 and len(rows[0]) == 1:
        return [label + rows[0][0]]
    widths = [max(len(row[j]) for row in rows) for j in range(len(rows[0]))]
    out = []
    for place, row in enumerate(rows):
        start = label if place == 0 else " " * cell_len(label)
        body = "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        open_, close = ("[" if place == 0 else " "), ("]" if place == len(rows) - 1 else "")
        out.append(f"{start}{open_}[{body}]{close}")
    return out


def grid_lines(grid: Grid, digits: int) -> Iterator[tuple[str, str]]:
    texts = [[cell(entry, digits) for entry in row] for row in (grid.header, *grid.rows)]
    widths = [max(cell_len(row[j]) for row in texts) for j in range(len(grid.header))]
    for place, row in enumerate(texts):
        padded = []
        for entry, width in zip(row, widths, strict=True):
            blank = " " * (width - cell_len(entry))
            padded.append(entry + blank)
        yield INDENT + "  ".join(padded).rstrip(), "bold" if place == 0 else ""


def cell(entry: Part | float, digits: int) -> str:
    return number(entry, digits) if isinstance(entry, (int, float)) else written(entry)
