"""A page as Markdown, with formulas that GitHub and most viewers show: LaTeX in ``math`` blocks."""

from __future__ import annotations

from chainrule.explain.document import Block, Document, Formulas, Grid, Heading, Matrix, Part, Text
from chainrule.explain.numbers import cells, number
from chainrule.explain.render.text import matrix_lines
from chainrule.notation.formula import Equation, Formula
from chainrule.notation.latex import latex
from chainrule.notation.plain import plain

__all__ = ["aligned", "render"]


def render(document: Document) -> str:
    """Return a page as Markdown."""
    parts = [f"# {document.title}", *(block_text(b, document.digits) for b in document.blocks)]
    return "\n\n".join(parts) + "\n"


def block_text(block: Block, digits: int) -> str:
    match block:
        case Heading(text, level, aside, sources):
            aside += f"; from {', '.join(sources)}" if sources else ""
            return f"{'#' * level} {text}" + (f"\n\n{aside}" if aside else "")
        case Text(parts):
            return "".join(map(written, parts))
        case Formulas(equations):
            return fenced("math", [aligned(equations)])
        case Matrix(symbol, value, aside):
            body = matrix_lines(f"{plain(symbol)} = ", cells(value, digits))
            return fenced("text", body) + (f"\n\n{aside}" if aside else "")
        case Grid(header, rows):
            lines = [row_text(header, digits), "|" + "---|" * len(header)]
            return "\n".join([*lines, *(row_text(row, digits) for row in rows)])


def fenced(language: str, lines: list[str]) -> str:
    return "\n".join([f"```{language}", *lines, "```"])


def written(part: Part) -> str:
    return f"${latex(part)}$" if isinstance(part, Formula) else part


def row_text(row: tuple[Part | float, ...], digits: int) -> str:
    texts = [number(c, digits) if isinstance(c, (int, float)) else written(c) for c in row]
    return "| " + " | ".join(text.replace("|", r"\|") for text in texts) + " |"


def aligned(equations: tuple[Equation, ...]) -> str:
    """Return equations as one aligned block of LaTeX, each form on a line of its own."""
    lines = []
    for equation in equations:
        sign = "=" if equation.sign == "=" else r"\leftarrow"
        for place, form in enumerate(equation.forms):
            left = latex(equation.left) if place == 0 else ""
            lines.append(f"{left} &{sign} {latex(form)}")
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"
