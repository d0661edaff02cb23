"""A page as a LaTeX document that compiles with amsmath alone."""

from __future__ import annotations

import re

from chainrule.explain.document import Block, Document, Formulas, Grid, Heading, Matrix, Part, Text
from chainrule.explain.numbers import GAP, cells, number
from chainrule.explain.render.markdown import aligned
from chainrule.notation.formula import Formula
from chainrule.notation.latex import latex

__all__ = ["escaped", "render"]

PREAMBLE = r"""\documentclass[10pt,a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage[margin=2cm]{geometry}
\usepackage{amsmath}
\allowdisplaybreaks
\setcounter{MaxMatrixCols}{20}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
"""
SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": "$<$", ">": "$>$", "|": "$|$",
}  # fmt: skip
UNICODE = {
    "∂": r"\partial", "⊙": r"\odot", "σ": r"\sigma", "η": r"\eta", "λ": r"\lambda", "δ": r"\delta",
    "β": r"\beta", "θ": r"\theta", "Σ": r"\sum", "ℓ": r"\ell", "×": r"\times", "·": r"\cdot",
    "−": "-", "→": r"\to", "←": r"\leftarrow", "≠": r"\neq", "∇": r"\nabla", "½": r"\frac{1}{2}",
    "‖": r"\|", "²": "{}^2", "ᵀ": r"{}^\top", "⋯": r"\cdots", "Φ": r"\Phi", "φ": r"\varphi",
    "∞": r"\infty", "≥": r"\ge", "≤": r"\le", "ŷ": r"\hat{y}", "Ŷ": r"\hat{Y}", "Ỹ": r"\tilde{Y}",
    "Π": r"\prod", "…": r"\dots",
}  # fmt: skip
WRITTEN = {"“": "``", "”": "''", "’": "'", "–": "--", "—": "---", "x̂": r"$\hat{x}$"}  # fmt: skip


def render(document: Document) -> str:
    """Return a page as a LaTeX document."""
    body = [rf"\section*{{{escaped(document.title)}}}"]
    body += [block_text(block, document.digits) for block in document.blocks]
    return PREAMBLE + "\\begin{document}\n" + "\n\n".join(body) + "\n\\end{document}\n"


def block_text(block: Block, digits: int) -> str:
    match block:
        case Heading(text, level, aside, sources):
            aside += f"; from {', '.join(sources)}" if sources else ""
            command = {2: "subsection*", 3: "subsubsection*"}[level]
            return rf"\{command}{{{escaped(text)}}}" + (f"\n{escaped(aside)}" if aside else "")
        case Text(parts):
            return "".join(map(written, parts))
        case Formulas(equations):
            return "\\[\n" + aligned(equations) + "\n\\]"
        case Matrix(symbol, value, aside):
            rows = " \\\\\n".join(" & ".join(map(figure, row)) for row in cells(value, digits))
            text = f"\\[\n{latex(symbol)} = \\begin{{bmatrix}}\n{rows}\n\\end{{bmatrix}}\n\\]"
            return text + (f"\n{escaped(aside)}" if aside else "")
        case Grid(header, rows):
            return grid_text(header, rows, digits)


def grid_text(
    header: tuple[Part, ...], rows: tuple[tuple[Part | float, ...], ...], digits: int
) -> str:
    width = 0.94 / len(header)
    lines = [row_text(header, digits) + r"\hline", *(row_text(row, digits) for row in rows)]
    columns = f"p{{{width:.3f}\\textwidth}}" * len(header)
    return f"\\begin{{tabular}}{{{columns}}}\n" + "\n".join(lines) + "\n\\end{tabular}"


def row_text(row: tuple[Part | float, ...], digits: int) -> str:
    texts = (
        figure_in_text(number(c, digits)) if isinstance(c, (int, float)) else written(c)
        for c in row
    )
    return " & ".join(texts) + r" \\"


def figure_in_text(text: str) -> str:
    return f"${figure(text)}$"


def figure(text: str) -> str:
    """Return a number of a matrix in math mode: 1.5e-05 as a power of ten."""
    if text == GAP:
        return r"\cdots"
    if "inf" in text or "nan" in text:
        return text.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}")
    return re.sub(r"e([+-]\d+)", lambda m: rf"\cdot 10^{{{int(m[1])}}}", text)


def written(part: Part) -> str:
    return f"${latex(part)}$" if isinstance(part, Formula) else escaped(part)


def escaped(text: str) -> str:
    """Return words as LaTeX: special characters escaped, mathematical signs in math mode."""
    for sign, replacement in WRITTEN.items():
        text = text.replace(sign, f"\0{replacement}\0") if "$" in replacement else text
    parts = text.split("\0")
    return "".join(
        part if place % 2 else "".join(map(character, part)) for place, part in enumerate(parts)
    )


def character(sign: str) -> str:
    if sign in UNICODE:
        return f"${UNICODE[sign]}$"
    return SPECIAL.get(sign, WRITTEN.get(sign, sign))
