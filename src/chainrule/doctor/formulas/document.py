r"""The formulas of a Markdown or LaTeX document, with their lines.

In both, mathematics is what stands between ``$$``, ``$``, ``\[ \]`` or ``\( \)``, or in an environment
such as ``equation`` or ``align``; in Markdown, a fenced block called ``math`` too, and a fenced block
called ``latex`` or ``tex``. Code, comments and verbatim text are passed over.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property

from chainrule.doctor.formulas.equations import read_latex, style_of
from chainrule.doctor.formulas.macros import Macros
from chainrule.doctor.formulas.roles import roles_of
from chainrule.doctor.formulas.tree import Assignment, ShapeNote, Unreadable
from chainrule.errors import FormulaError

__all__ = ["Block", "find_blocks", "read_document"]

ROUNDS = 3  # one role may show another
MOST_FORMULAS = 2000
MOST_CHARACTERS = 2_000_000
ENVIRONMENTS = (
    r"equation|align|aligned|alignat|gather|gathered|split|multline|eqnarray|displaymath"
    r"|flalign|math"
)
OPENINGS = (
    r"""
      (?P<fence>^[ ]{0,3}(?P<ticks>`{3,}+|~{3,}+)[ \t]*+(?P<language>[\w+-]*+)[^\n]*+\n)
    | (?P<html><!--)
    | (?P<code>`++)
    | (?P<verbatim>\\begin\{(?P<kind>verbatim|lstlisting|minted|comment)\})
    | (?P<escaped>\\[\\$%])
    | (?P<display>\$\$)
    | (?P<bracket>\\\[)
    | (?P<paren>\\\()
    | (?P<environment>\\begin\{(?P<name>"""
    + ENVIRONMENTS
    + r""")\*?\})
    | (?<![\\$])\$(?!\s)(?P<inline>(?:[^$\n\\]|\\.|\n(?!\s*\n))+?)(?<![\s\\])\$(?!\d)
    """
)
FLAGS = re.VERBOSE | re.DOTALL | re.MULTILINE
IN_MARKDOWN = re.compile(OPENINGS, FLAGS)
IN_LATEX = re.compile(OPENINGS + r"| (?P<comment>(?<!\\)%[^\n]*)", FLAGS)
CLOSINGS = {"html": "-->", "display": "$$", "bracket": r"\]", "paren": r"\)"}
TICKS = re.compile(r"`++")
CLOSING_FENCE = re.compile(r"^[ ]{0,3}(?P<ticks>`{3,}+|~{3,}+)[ \t]*+$", re.MULTILINE)
LONGEST_CODE = 2000
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
    openings = IN_LATEX if latex else IN_MARKDOWN
    ends = Ends(text)
    place, line, counted = 0, 1, 0
    while match := openings.search(text, place):
        start, stop, place = ends.extent(match)
        kind = match.lastgroup
        mathematics = match["inline"] or kind in ("display", "bracket", "paren", "environment")
        if match["fence"]:
            mathematics = match["language"].lower() in MATH_FENCES
        if not mathematics or start >= stop:
            continue
        line += text.count("\n", counted, start)
        counted = start
        found.append(Block(text[start:stop], line))
    return found


@dataclass
class Ends:
    """Where what has been opened ends. What is not closed once is not looked for again."""

    text: str
    missing: set[str] = field(default_factory=set)

    @cached_property
    def ticks(self) -> dict[int, list[int]]:
        """The places of the runs of ticks, by their length."""
        places: dict[int, list[int]] = {}
        for run in TICKS.finditer(self.text):
            places.setdefault(len(run[0]), []).append(run.start())
        return places

    def extent(self, match: re.Match[str]) -> tuple[int, int, int]:
        """Return where the inside begins and ends, and the place to go on from."""
        if match["inline"]:
            return match.start("inline"), match.end("inline"), match.end()
        if match["fence"]:
            return self.fenced(match)
        if match["code"]:
            return self.coded(match)
        closing = next((CLOSINGS[name] for name in CLOSINGS if match[name]), "")
        if match["verbatim"]:
            closing = rf"\end{{{match['kind']}}}"
        elif match["environment"]:
            closing = match[0].replace(r"\begin", r"\end")
        if not closing:
            return match.end(), match.end(), match.end()
        stop = -1 if closing in self.missing else self.text.find(closing, match.end())
        if stop < 0:
            self.missing.add(closing)
            return match.end(), match.end(), match.end()
        return match.end(), stop, stop + len(closing)

    def fenced(self, match: re.Match[str]) -> tuple[int, int, int]:
        """Return the extent of a fenced block, which the end of the document closes too."""
        for closing in CLOSING_FENCE.finditer(self.text, match.end()):
            if closing["ticks"].startswith(match["ticks"]):
                return match.end(), closing.start(), closing.end()
        return match.end(), len(self.text), len(self.text)

    def coded(self, match: re.Match[str]) -> tuple[int, int, int]:
        """Return the extent of code between as many ticks, in one line; of the ticks, if it is none."""
        stop = match.end()
        places = self.ticks[len(match["code"])]
        after = bisect_left(places, stop)
        closing = places[after] if after < len(places) else len(self.text)
        if closing - stop <= LONGEST_CODE and closing < len(self.text):
            inside = self.text[stop:closing]
            if "\n" not in inside:
                return stop, closing, closing + len(match["code"])
        return stop, stop, stop


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
    blocks = []
    length = 0
    for block in find_blocks(text, latex):
        blocks.append(Block(macros.expanded(block.text), block.line))
        length += len(blocks[-1].text)
        if length > MOST_CHARACTERS:
            raise FormulaError("commands of the document's own that grow without end")
    style = style_of("\n".join(block.text for block in blocks))
    for _ in range(ROUNDS):
        found: list[Assignment | ShapeNote | Unreadable] = []
        for block in blocks:
            found += read_latex(block.text, block.line, style)
            if len(found) > MOST_FORMULAS:
                raise FormulaError(f"more than {MOST_FORMULAS} formulas: split the document")
        roles = roles_of([formula for formula in found if isinstance(formula, Assignment)])
        if roles.items() <= style.roles.items():
            break
        style.roles = {**roles, **style.roles}
    return found
