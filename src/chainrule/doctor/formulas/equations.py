r"""A block of LaTeX mathematics cut into formulas, and each of them read.

Rows end with ``\\``; a row that begins with a relation or an operator goes on with the one before. In a
row, ``\quad``, arrows of implication, commas and words part formulas, where each part has a sign of
equality of its own. In ``a = b = c`` both b and c are held against a.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.latex_grammar import cleaned
from chainrule.doctor.formulas.latex_names import Style
from chainrule.doctor.formulas.latex_reader import LatexReader
from chainrule.doctor.formulas.surface import plain
from chainrule.doctor.formulas.tree import Assignment, Expression, Name, ShapeNote, Unreadable
from chainrule.errors import FormulaError

__all__ = ["read_latex", "read_latex_expression", "style_of"]

MOST_CHARACTERS = 200_000
MOST_IN_ONE = 4000
MOST_IN_SHAPE = 300
MOST_FORMULAS = 2000

COMMENT = re.compile(r"(?<!\\)%[^\n]*")
ENVIRONMENT = re.compile(
    r"\\(?:begin|end)\s*\{(?:equation|align|aligned|alignat|gather|gathered|split|multline|eqnarray"
    r"|displaymath|flalign|math|array)\*?\}(?:\s*\{[lcr&\d ]*\})?"
)
ROW_END = re.compile(r"\\\\(?:\s*+\[[^\]\n]{0,60}+\])?|\\cr(?![A-Za-z])")
EQUALITY = re.compile(r"=|\\leftarrow|\\gets|\\equiv|\\coloneqq|\\triangleq|\\in(?![A-Za-z])|←|∈|≡")
SIGN = re.compile(r":?=|\\(?:leftarrow|gets|equiv|coloneqq|triangleq)(?![A-Za-z])|[←≡]")
CONTINUED = re.compile(r"[\s&]*+(?:=|[+\-−*/]|\\(?:equiv|cdot|odot|circ|times)(?![A-Za-z]))")
MARK = re.compile(r"\\(?:label|tag\*?)\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])")
BREAK = re.compile(
    r"\\q?quad(?![A-Za-z])|\\(?:Rightarrow|implies|Leftrightarrow|iff|Longrightarrow|therefore|because"
    r"|qquad|hspace\{[^{}]{0,60}+\})(?![A-Za-z])|\\(?:text|mathrm|mbox)\s*\{(?:[^{}\s,.:(]*+[\s,.:(][^{}]*+|with|where|for"
    r"|if|and|so|hence|thus|then|or|by)\}|[,;]"
)
REAL = re.compile(
    r"^\s*+\\mathbb\s*+\{?\s*+R\s*+\}?\s*+\^\s*+\{?\s*+(?P<rows>[^{}×]*?(?:\{[^{}]*\})?)\s*(?:\\times|×)\s*"
    r"(?P<columns>[^{}]*?(?:\{[^{}]*\})?)\s*\}?\s*$"
)
BESIDE = re.compile(
    r"^\s*+[(\[]?\s*+(?:\\text\s*+\{[^{}]*+\})?\s*+(?P<rows>[\w_{}\\]+?)\s*+(?:\\times|×)\s*+(?P<columns>[\w_{}\\]+?)\s*+[)\]]?\s*+$"
)
PLAIN_LAYER = re.compile(r"\^\s*(?:\{\s*)?(?:l|L|\\ell)\s*(?:[+\-−]\s*1\s*)?(?:\}|(?![\w}]))")
NUMBERED_WEIGHTS = re.compile(r"[Ww]\s*+(?:_\s*+(?:\w|\{[^{}]*+\})\s*+)?\^\s*+\{?\s*+\d")
BETWEEN_ROWS = re.compile(r"\\(?:short)?intertext\s*+\{[^{}]*+(?:\{[^{}]*+\}[^{}]*+)*+\}")
LEADING = re.compile(r"^(?:\\[,;:! ]\s*)+")
H_PRIME = re.compile(r"(?<![A-Za-z\\])h\s*+(?:'|\^\s*+\{?\s*+\\prime\s*+\}?)\s*+(?:\\left\s*+)?\(")
BARRED = re.compile(
    r"\\(?:bar|overline)\s*+\{?\s*+(?:\\(?:mathbf|boldsymbol|bm|vec)\s*+\{?\s*+)?[wWbB](?![A-Za-z])"
)
COUNTED = re.compile(r"[AaHhZz]\s*+\}?\s*+_\s*+\{\s*([ijkr])\s*-\s*1\s*\}")
PAIRED = re.compile(r"_\s*+\{\s*+([a-z]\s*+,?\s*+[a-z])\s*+\}|_\s*\{\s*([ijkr])\s*=")
LIMITS = re.compile(r"\\sum\s*+(?:_\s*+(?:\w|\{[^{}]*+\}))?\s*+\^\s*(?:\w|\\ell|\{[^{}]*\})")


def style_of(text: str) -> Style:
    """Learn from a whole document how it writes its layers.

    >>> style_of(r"a^{l-1}").plain_layers, style_of(r"a^{[l-1]}").plain_layers
    (True, False)
    """
    text = LIMITS.sub(" ", text)
    plain_layers = bool(PLAIN_LAYER.search(text) or NUMBERED_WEIGHTS.search(text))
    functions = ("h",) if H_PRIME.search(text) else ()
    counted = set(COUNTED.findall(text)) - set("".join(map("".join, PAIRED.findall(text))))
    style = Style(
        plain_layers,
        functions=functions,
        bars=bool(BARRED.search(text)),
        counted=tuple(sorted(counted)),
    )
    if r"\Delta" in text and r"\delta" not in text and "δ" not in text:
        style.roles["Delta"] = "dZ", None
    return style


def read_latex(
    text: str, line: int = 1, style: Style | None = None
) -> list[Assignment | ShapeNote | Unreadable]:
    r"""Read every formula in a block of LaTeX.

    Parameters
    ----------
    text : str
        Mathematics, without the dollars around it; ``align`` and the like may stand in it.
    line : int
        The number of its first line.
    style : Style, optional
        How its document writes; learned from the text itself by default.

    Returns
    -------
    list of Assignment, ShapeNote or Unreadable
        In their order. What states no equality is left out.

    Examples
    --------
    >>> from chainrule.doctor.formulas.write import to_text
    >>> [dW] = read_latex(r"\frac{\partial J}{\partial W_2} = \frac{1}{m} A_1^T (\hat{Y} - Y)")
    >>> dW.target.symbol, to_text(dW.expression)
    ('dW', '\\frac{1}{m} A_1^\\top (\\hat{Y} - Y)')
    """
    if len(text) > MOST_CHARACTERS:
        raise FormulaError(f"{len(text):,} characters of formulas: more than {MOST_CHARACTERS:,}")
    style = style_of(text) if style is None else style
    found: list[Assignment | ShapeNote | Unreadable] = []
    text = BETWEEN_ROWS.sub(lambda found: "\n" * found[0].count("\n"), COMMENT.sub("", text))
    for row, offset in rows(plain(text)):
        for piece, note in pieces(row):
            if len(found) >= MOST_FORMULAS:
                raise FormulaError(f"more than {MOST_FORMULAS} formulas: split the document")
            found += read_piece(piece, note, line + offset, style)
    return found


def read_latex_expression(text: str, style: Style | None = None) -> Expression:
    """Read the right side of a formula.

    Raises
    ------
    FormulaError
        If it cannot be read.
    """
    style = style_of(text) if style is None else style
    reader = LatexReader(text, style)
    if len(reader.relation.sides) != 1:
        raise FormulaError(f"{text.strip()[:60]!r} is not one expression")
    return reader.sides()[0]


def rows(text: str) -> Iterator[tuple[str, int]]:
    """Yield the rows of a block and how many lines stand before each; join what goes on."""
    pending, pending_line = "", 0
    place = 0
    text = ENVIRONMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    ends = [(found.start(), found.end()) for found in ROW_END.finditer(text)]
    line = counted = 0
    for stop, after in [*ends, (len(text), len(text))]:
        row = text[place:stop]
        begins = place + len(row) - len(row.lstrip())
        line += text.count("\n", counted, begins)
        counted = begins
        if pending and CONTINUED.match(row):
            pending += " " + row
        else:
            if pending.strip():
                yield pending, pending_line
            pending, pending_line = row, line
        place = after
    if pending.strip():
        yield pending, pending_line


def pieces(row: str) -> Iterator[tuple[str, tuple[str, str] | None]]:
    """Yield the formulas of a row, each with the shape that is noted behind it."""
    parts = split(row)
    for place, part in enumerate(parts):
        if not EQUALITY.search(part):
            continue
        beside = parts[place + 1] if place + 1 < len(parts) else ""
        note = BESIDE.match(beside) if len(beside) <= MOST_IN_SHAPE else None
        yield part, (note["rows"], note["columns"]) if note else None


def split(row: str) -> list[str]:
    """Cut a row where no bracket is open and the mark is one that parts formulas."""
    parts, start, place, depth = [], 0, 0, 0
    while place < len(row):
        character = row[place]
        if character == "\\" and not row[place + 1 : place + 2].isalpha():
            place += 2  # \, parts nothing
            continue
        found = BREAK.match(row, place) if depth == 0 else None
        if found:
            parts.append(row[start:place])
            start = place = found.end()
            continue
        depth += (character in "([{") - (character in ")]}")
        depth = max(depth, 0)
        place += 1
    parts.append(row[start:])
    return [part for part in parts if part.strip(" &\n\t")]


def read_piece(
    piece: str, note: tuple[str, str] | None, line: int, style: Style
) -> list[Assignment | ShapeNote | Unreadable]:
    """Read one formula, with as many sides as it has."""
    source = " ".join(MARK.sub("", piece).replace("&", " ").split()).rstrip(".,;: ")
    source = LEADING.sub("", source, count=1)
    source = "".join(letter if letter.isprintable() else "\ufffd" for letter in source)
    if len(source) > MOST_IN_ONE:
        return [Unreadable(f"{source[:80]} …", f"{len(source):,} characters are too many", line)]
    try:
        noted = shape_note(source, line, style)
        if noted is not None:
            return [noted]
        if "\\in" in source or "∈" in source:
            return []
        reader = LatexReader(source, style)
        if not reader.is_equation:
            return []
        sides = reader.sides()
    except FormulaError as error:
        return [Unreadable(source, str(error), line)]
    except RecursionError:
        return [Unreadable(source, "it is nested too deep", line)]
    target = sides[0]
    texts = sides_of(source)
    found: list[Assignment | ShapeNote | Unreadable] = []
    for number, side in enumerate(sides[1:], start=1):
        name, value = target, side
        stated = f"{texts[0]} = {texts[number]}" if 2 < len(texts) == len(sides) else source
        if isinstance(name, tree.Transpose) and isinstance(name.operand, Name):
            name, value = name.operand, tree.Transpose(value)
        if name != value and not is_trivial(name, value):
            found.append(Assignment(name, value, stated, line, note))
    return found


def sides_of(source: str) -> list[str]:
    """Cut a formula at its signs of equality, outside of brackets."""
    parts, start, depth = [], 0, 0
    for place, character in enumerate(source):
        depth += (character in "([{") - (character in ")]}")
        found = SIGN.match(source, place) if depth == 0 else None
        if found and place >= start:
            parts.append(source[start:place].strip())
            start = found.end()
    return [*parts, source[start:].strip()]


def is_trivial(target: Expression, value: Expression) -> bool:
    r"""Say whether a formula says nothing about a network: ``l = 1``, ``m = 100``, ``\eta = 0.1``."""
    if isinstance(target, Name) and target.symbol in ("m", "eta", "lambda", "n"):
        return True
    if isinstance(target, Name) and target.symbol in ("J", "loss"):
        return isinstance(value, tree.Number)  # for ℓ = 1, …, L
    counted = isinstance(target, Name) and target.symbol in ("l", "L", "k", "K", "i", "j", "t")
    said = ("A", "Z", "W", "Y", "Yhat")
    return counted and not any(n.symbol in said for n in tree.names_of(value))


def shape_note(source: str, line: int, style: Style) -> ShapeNote | None:
    r"""Read ``W_1 \in \mathbb{R}^{n \times d}``; None if it is something else."""
    text = cleaned(source)
    name, sign, space = text.partition("\\in")
    if not sign or space[:1].isalpha():
        return None
    shape = REAL.match(space) if len(space) <= MOST_IN_SHAPE else None
    if not shape or "=" in name:
        return None
    target = LatexReader(name, style).sides()[0]
    if not isinstance(target, Name):
        return None
    return ShapeNote(target, (shape["rows"], shape["columns"]), source, line)
