r"""The formulas of a Markdown or LaTeX document, with their lines.

In both, mathematics is what stands between ``$$``, ``$``, ``\[ \]`` or ``\( \)``, or in an environment
such as ``equation`` or ``align``; in Markdown, a fenced block called ``math`` too, and a fenced block
called ``latex`` or ``tex``. Code, comments and verbatim text are passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chainrule.doctor.formulas.equations import read_latex, style_of
from chainrule.doctor.formulas.macros import Macros
from chainrule.doctor.formulas.roles import roles_of
from chainrule.doctor.formulas.tree import Assignment, ShapeNote, Unreadable
from chainrule.errors import FormulaError

__all__ = ["Block", "find_blocks", "read_document"]

ROUNDS = 3  # one role may show another
MOST_CHARACTERS = 2_000_000
ENVIRONMENTS = (
    r"equation|align|aligned|alignat|gather|gathered|split|multline|eqnarray|displaymath"
    r"|flalign|math"
)
PIECES = re.compile(
    r"""
      (?P<fence>^[ ]{0,3}(?P<ticks>`{3,}|~{3,})[ \t]*(?P<language>[\w+-]*)[^\n]*\n
        (?P<fenced>.*?)(?:^[ ]{0,3}(?P=ticks)[`~]*[ \t]*$|\Z))
    | (?P<html><!--.*?-->)
    | (?P<code>(?P<tick>`+)(?!`)[^\n]*?(?<!`)(?P=tick)(?!`))
    | (?P<verbatim>\\begin\{(?P<kind>verbatim|lstlisting|minted|comment)\}.*?\\end\{(?P=kind)\})
    | (?P<escaped>\\[\\$%])
    | (?P<comment>(?<!\\)%[^\n]*)
    | \$\$(?P<display>.+?)\$\$
    | \\\[(?P<bracket>.+?)\\\]
    | \\\((?P<paren>.+?)\\\)
    | (?P<environment>\\begin\{(?P<name>"""
    + ENVIRONMENTS
    + r""")\*?\}(?P<inside>.*?)\\end\{(?P=name)\*?\})
    | (?<![\\$])\$(?!\s)(?P<inline>(?:[^$\n\\]|\\.|\n(?!\s*\n))+?)(?<![\s\\])\$(?!\d)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
GROUPS = ("display", "bracket", "paren", "inside", "inline")
MATH_FENCES = ("math", "latex", "tex")


@dataclass(frozen=True)
class Block:
    """A piece of mathematics and the line it begins in."""

    text: str
    line: int


def find_blocks(text: str, latex: bool = False) -> list[Block]:
    r"""Find the mathematics of a document.

    Parameters
    ----------
    text : str
        The document.
    latex : bool
        Whether it is a LaTeX file, where ``%`` begins a comment; else it is Markdown.

    Returns
    -------
    list of Block

    Raises
    ------
    FormulaError
        If it is longer than two million characters.

    Examples
    --------
    >>> find_blocks("One line.\n\n$$ a = b $$ and $c = d$.")
    [Block(text=' a = b ', line=3), Block(text='c = d', line=3)]
    """
    if len(text) > MOST_CHARACTERS:
        raise FormulaError(f"a document of {len(text):,} characters: more than {MOST_CHARACTERS:,}")
    found: list[Block] = []
    place, line, counted = 0, 1, 0
    while match := PIECES.search(text, place):
        place = max(match.end(), match.start() + 1)
        if not latex and match["comment"]:
            place = match.start() + 1  # in Markdown a % is a %
            continue
        group = next((name for name in GROUPS if match[name]), None)
        if group is None and match["fenced"] and match["language"].lower() in MATH_FENCES:
            group = "fenced"
        if group is None:
            continue
        line += text.count("\n", counted, match.start(group))
        counted = match.start(group)
        found.append(Block(match[group], line))
    return found


def read_document(text: str, latex: bool = False) -> list[Assignment | ShapeNote | Unreadable]:
    """Read every formula of a document.

    Parameters
    ----------
    text, latex
        As for `find_blocks`.

    Returns
    -------
    list of Assignment, ShapeNote or Unreadable
        In the order of the document.
    """
    macros = Macros.of(text)
    blocks = [Block(macros.expanded(block.text), block.line) for block in find_blocks(text, latex)]
    style = style_of("\n".join(block.text for block in blocks))
    for _ in range(ROUNDS):
        found = [
            formula for block in blocks for formula in read_latex(block.text, block.line, style)
        ]
        roles = roles_of([formula for formula in found if isinstance(formula, Assignment)])
        if roles.items() <= style.roles.items():
            break
        style.roles = {**roles, **style.roles}
    return found
