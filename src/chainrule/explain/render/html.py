"""A page as one HTML file: mathematics as MathML, nothing is fetched from anywhere."""

from __future__ import annotations

from functools import lru_cache
from html import escape

from chainrule.explain.document import Block, Document, Formulas, Grid, Heading, Matrix, Part, Text
from chainrule.explain.numbers import cells, number
from chainrule.notation.formula import Equation, Formula
from chainrule.notation.latex import latex

__all__ = ["mathml", "render"]

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #1b1b1f; background: #fff; }
h2 { border-bottom: 1px solid #c8c8d0; padding-bottom: .2rem; margin-top: 2.2rem; }
h3 { margin: 1.6rem 0 .2rem; }
h3 small, .aside { font-weight: normal; color: #55555f; }
.equation { margin: .35rem 0 .35rem 1.5rem; border-spacing: .35rem .15rem; }
.equation td:first-child { text-align: right; }
.values { display: flex; align-items: center; gap: .5rem; margin: .4rem 0 .6rem 1.5rem;
  overflow: auto hidden; }
.matrix { border-collapse: collapse; border-left: 2px solid; border-right: 2px solid;
  font: 14px ui-monospace, monospace; }
.matrix td { padding: .05rem .5rem; text-align: right; }
.grid { border-collapse: collapse; margin: .6rem 0; }
.grid th, .grid td { border: 1px solid #c8c8d0; padding: .25rem .6rem; text-align: left;
  vertical-align: top; }
@media (prefers-color-scheme: dark) { body { color: #e6e6ea; background: #16161a; }
  h3 small, .aside { color: #a8a8b4; } }
""".strip()


def render(document: Document) -> str:
    """Return a page as HTML."""
    body = "\n".join(block_text(block, document.digits) for block in document.blocks)
    title = escape(document.title)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n"
        f"<h1>{title}</h1>\n{body}\n</body>\n</html>\n"
    )


def block_text(block: Block, digits: int) -> str:
    match block:
        case Heading(text, 3, aside, sources):
            links = ", ".join(f'<a href="#{anchor(name)}">{escape(name)}</a>' for name in sources)
            small = escape(aside) + (f"; from {links}" if links else "")
            name = escape(text)
            return (
                f'<h3 id="{anchor(text)}">{name}{f" <small>{small}</small>" if small else ""}</h3>'
            )
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Text(parts):
            return f"<p>{''.join(map(written, parts))}</p>"
        case Formulas(equations):
            return "\n".join(map(equation_text, equations))
        case Matrix(symbol, value, aside):
            return matrix_text(symbol, cells(value, digits), aside)
        case Grid(header, rows):
            head = "".join(f"<th>{written(part)}</th>" for part in header)
            body = "\n".join(
                "<tr>" + "".join(f"<td>{cell(entry, digits)}</td>" for entry in row) + "</tr>"
                for row in rows
            )
            return f'<table class="grid">\n<tr>{head}</tr>\n{body}\n</table>'


def anchor(name: str) -> str:
    """Return a step's name as an anchor: no blanks, nothing to escape."""
    return "step-" + "".join(c if c.isalnum() else f".{ord(c):x}." for c in name)


def equation_text(equation: Equation) -> str:
    """Return an equation, each form on a line of its own, the signs in one column."""
    sign = mathml("=" if equation.sign == "=" else r"\leftarrow")
    rows = []
    for place, form in enumerate(equation.forms):
        left = display(equation.left) if place == 0 else ""
        rows.append(f"<tr><td>{left}</td><td>{sign}</td><td>{display(form)}</td></tr>")
    return f'<table class="equation">{"".join(rows)}</table>'


def display(form: Formula) -> str:
    return mathml(rf"\displaystyle {latex(form)}")


def matrix_text(symbol: Formula, rows: list[list[str]], aside: str) -> str:
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(entry)}</td>" for entry in row) + "</tr>" for row in rows
    )
    after = f'<div class="aside">{escape(aside)}</div>' if aside else ""
    label = mathml(f"{latex(symbol)} =")
    return f'<div class="values">{label}<table class="matrix">{body}</table></div>{after}'


def written(part: Part) -> str:
    return mathml(latex(part)) if isinstance(part, Formula) else escape(part)


def cell(entry: Part | float, digits: int) -> str:
    return number(entry, digits) if isinstance(entry, (int, float)) else written(entry)


@lru_cache(maxsize=4096)
def mathml(text: str) -> str:
    """Return LaTeX as MathML."""
    from latex2mathml.converter import convert  # it reads a table of 200 kB when it is imported

    return convert(text)
