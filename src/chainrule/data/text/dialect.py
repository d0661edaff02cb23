"""How the rows of a text table are cut into fields: delimiter, quotation marks, comments.

The delimiter is the one of tab ``; |`` and ``,`` for which the most lines of a sample have the same
number of fields, more than one. Where none does as well, any number of blanks may stand between the
fields, or the fields may stand in columns of the page. If there is none of all these, the table has a
single column. Quotation marks are double ones, doubled inside; others are tried where a sample has
what looks like them, and taken where more of its rows get the same number of fields.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chainrule.errors import DataError
from chainrule.files.reading import ReadingOptions

__all__ = ["COMMENTS", "Dialect", "Row", "cut", "detect_dialect", "scan", "too_long", "trimmed"]

# Where two candidates fit equally well the first one is taken: a semicolon in every line is hardly
# chance, a comma may be a decimal one.
CANDIDATES = ("\t", ";", "|", ",")
RARE = ("^", "~", "\x01", "\x1f")
"""Delimiters that are looked for where none of the others is found: nearly every row has to agree."""

COMMENTS = ("#", "%", "//")
"""What lines begin with that may be comments."""

SAMPLE_ROWS = 400
_SAMPLE_SIGNS = 1 << 20
_SEPARATOR_LINE = re.compile(r'\A"?sep=(.)"?(?:\r\n|\n|\r)', re.IGNORECASE)
_TOKEN = re.compile(r'"(?:[^"\n]|"")*"(?=\s|$)|\S+')
_RULE = re.compile(r"(?=.{5})(?=.*(?:---|===|-:|:-))[|+:=\- ]+[\r\n]*")
_NUMBER = re.compile(r"[+\-−]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?%?")


@dataclass(frozen=True)
class Dialect:
    """How the rows of a text table are cut.

    Attributes
    ----------
    delimiter : str
        The character between two fields; a blank is any number of blanks and tabs.
    quote : str or None
        The quotation mark.
    escape : str or None
        What stands before a quotation mark inside a field, if they are not doubled.
    comment : str or None
        What lines begin with that are no rows.
    stops : tuple of int
        Where the columns of the page begin, if they are what separates the fields.
    blanks : bool
        Whether blanks may stand between a delimiter and a quotation mark.
    rules : bool
        Whether lines are drawn, with dashes, between the rows.
    """

    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    comment: str | None = None
    stops: tuple[int, ...] = ()
    blanks: bool = False
    rules: bool = False

    @property
    def odd_quotes(self) -> str | None:
        """The line that says how fields are quoted, if it is not as usual."""
        if self.quote is None:
            return "a quotation mark is not closed: they all are taken for signs like others"
        if self.escape:
            return f"{self.escape} before a quotation mark makes it one of the text"
        return None if self.quote == '"' else "' is taken for the quotation mark"

    @property
    def is_plain(self) -> bool:
        """Whether Arrow can cut the rows itself."""
        return self.delimiter != " " and not self.stops and not self.blanks

    def skips(self, line: str) -> bool:
        """Tell whether a line is none of a row: a comment, or one that is drawn."""
        if self.comment and line.lstrip(" \t").startswith(self.comment):
            return True
        return self.rules and is_rule(line)


def is_rule(line: str) -> bool:
    """Tell whether a line is drawn, as between the rows of a table in Markdown.

    Examples
    --------
    >>> is_rule("|:-----|--:|"), is_rule("+----+"), is_rule("---"), is_rule("-----,-----")
    (True, True, False, False)
    """
    return bool(_RULE.fullmatch(line))


@dataclass(frozen=True)
class Row:
    """A row of a sample: where it stands in the text, and its cells."""

    start: int
    end: int
    cells: list[str]


class Lines:
    """The lines of a text one by one, those that are skipped left out, with the place in the text."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self.lines = io.StringIO(text, newline="")
        self.dialect = dialect
        self.start = self.end = 0
        self.at_row = True

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            begin = self.end
            self.end += len(line)
            if self.at_row:
                if self.dialect.skips(line):
                    continue
                self.start = begin
                self.at_row = False
            yield line


def scan(text: str, dialect: Dialect) -> Iterator[Row]:
    """Yield the rows of a text, those that are blank as rows without cells.

    Raises
    ------
    csv.Error
        If a field is longer than any field is.
    """
    lines = Lines(text, dialect)
    for cells in cut(iter(lines), dialect):
        yield Row(lines.start, lines.end, cells)
        lines.at_row = True


def cut(lines: Iterator[str], dialect: Dialect) -> Iterator[list[str]]:
    """Yield the cells of each row."""
    if dialect.stops:
        bounds = list(zip(dialect.stops, (*dialect.stops[1:], None), strict=True))
        for line in lines:
            yield [line[a:b].strip() for a, b in bounds] if line.strip() else []
    elif dialect.delimiter == " ":
        for line in lines:
            yield [_unquoted(token) for token in _TOKEN.findall(line)]
    else:
        yield from csv.reader(
            lines,
            delimiter=dialect.delimiter,
            quotechar=dialect.quote or '"',
            quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
            doublequote=dialect.escape is None,
            escapechar=dialect.escape,
            skipinitialspace=dialect.blanks,
        )


def _unquoted(token: str) -> str:
    if len(token) > 1 and token[0] == token[-1] == '"':
        return token[1:-1].replace('""', '"')
    return token


def detect_dialect(text: str, options: ReadingOptions, tabs: bool) -> tuple[Dialect, int]:
    """Find out how the rows of a sample are cut.

    Parameters
    ----------
    text : str
        The first rows, whole ones.
    options : ReadingOptions
    tabs : bool
        Whether the file is called one of tabs.

    Returns
    -------
    dialect : Dialect
        But for its comments, which are looked for when the width of the table is known.
    start : int
        Where the rows begin in the text: behind the line ``sep=;`` that some programs write.
    """
    named = _SEPARATOR_LINE.match(text)
    start = named.end() if named else 0
    delimiter = options.delimiter or (named[1] if named else None)
    part, rules = _first_lines(text[start:])
    known = (delimiter,) if delimiter else ("\t",) if tabs else CANDIDATES
    usual = Dialect(delimiter=known[-1], comment=options.comment, rules=rules)
    if delimiter == " ":
        return usual, start
    best, best_share = _best(part, usual, known)
    if delimiter is None and not tabs:
        best = _with_blanks(part, best, best_share)
        if best.is_plain and best_share < 0.5:
            best = _best(part, best, RARE, 0.95)[0]
    return best, start


def _best(
    text: str, best: Dialect, known: Sequence[str], best_share: float = 0.0
) -> tuple[Dialect, float]:
    """Return the dialect of one of some delimiters that fits best, and the share of the rows."""
    usual = best
    for candidate in known:
        for dialect in _quotings(text, replace(usual, delimiter=candidate)):
            share = _share(text, dialect)
            # Other quotation marks than the usual ones need a reason.
            if share > best_share + (1e-9 if dialect.quote == '"' else 1e-3) or (
                (dialect.escape or dialect.blanks) and share >= best_share > 0
            ):
                best, best_share = dialect, share
    return best, best_share


def _first_lines(text: str) -> tuple[str, bool]:
    """Return the first lines but for comments and lines that are drawn, and whether there are such.

    `SAMPLE_ROWS` or a megabyte of them, two at least.
    """
    lines = io.StringIO(text, newline="")
    found: list[str] = []
    size = 0
    comments: list[str] = []
    rules = False
    for line in lines:
        if is_rule(line):
            rules = True
            continue
        is_comment = line.lstrip(" \t").startswith(tuple(f"{mark} " for mark in COMMENTS))
        (comments if is_comment else found).append(line)
        size += len(line)
        if len(found) >= SAMPLE_ROWS or (size > _SAMPLE_SIGNS and len(found) > 2):
            break
    return "".join(found if len(found) > 1 else comments + found), rules


def _quotings(text: str, dialect: Dialect) -> list[Dialect]:
    """Return the dialect with each kind of quotation marks that the text may have."""
    found = [dialect]
    edge = re.escape(dialect.delimiter)
    if '\\"' in text and re.search(rf'(?<!")\\"(?![{edge}\r\n]|\Z)', text):
        found.append(replace(dialect, escape="\\"))
    if re.search(rf'[{edge}][ \t]+"', text):
        found.append(replace(dialect, blanks=True))
    if re.search(rf"(?:^|[{edge}])'[^'\n]*'(?:[{edge}]|\r?$)", text, re.MULTILINE):
        found.append(replace(dialect, quote="'"))
    if '"' in text:
        found.append(replace(dialect, quote=None))
    return found


def _share(text: str, dialect: Dialect) -> float:
    """Return the part of the rows that have the most usual number of fields, if it is above one."""
    try:
        rows = [row.cells for row in scan(text, dialect) if row.cells]
    except csv.Error:
        return 0.0  # with this delimiter a field would be longer than any field is
    # A quotation mark that is never closed swallows the rows behind it.
    count = max(1, len(rows), text.count("\n") // 20)
    best = 0
    for widths in (map(len, rows), (len(trimmed(row)) for row in rows)):
        ((fields, agreeing),) = Counter(widths).most_common(1) or [(0, 0)]
        best = max(best, agreeing if fields > 1 else 0)
    return best / count


def _width(text: str, dialect: Dialect) -> int:
    """Return the fields that the most rows have."""
    widths = Counter(len(row.cells) for row in scan(text, dialect) if row.cells)
    return max(widths, key=lambda fields: widths[fields], default=0)


def trimmed(cells: Sequence[str]) -> list[str]:
    """Return the cells without the empty ones at the end."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return list(cells[:end])


def _with_blanks(text: str, best: Dialect, best_share: float) -> Dialect:
    """Return a dialect of blanks where it fits the rows better than a delimiter does."""
    blanks = Dialect(" ", comment=best.comment, rules=best.rules)
    rows = [row.cells for row in scan(text, blanks) if row.cells]
    if len(rows) < 2:
        return best
    share = _share(text, blanks)
    numbers = sum(bool(_NUMBER.fullmatch(cell)) for row in rows[1:] for cell in row)
    cells = sum(map(len, rows[1:]))
    if best_share > 0.5 and (best.delimiter not in ",\t" or numbers < 0.5 * cells):
        return best
    if best_share > 0.5 and best.delimiter == "\t" and _width(text, best) >= _width(text, blanks):
        return best  # no blanks stand beside the tabs
    if share > best_share and share >= 0.8 and numbers >= cells / (len(rows[0]) + 1):
        return blanks
    stops = _stops(text) if best_share < 0.5 else ()
    return replace(blanks, stops=stops) if stops else best


def _stops(text: str) -> tuple[int, ...]:
    """Return where the columns of a page begin: behind a place that is blank in every line."""
    lines = [line.rstrip() for line in text.expandtabs().splitlines() if line.strip()]
    if len(lines) < 4:
        return ()
    width = max(map(len, lines))
    if width > 10_000:
        return ()
    blank = [
        all(place >= len(line) or line[place] == " " for line in lines) for place in range(width)
    ]
    starts = [
        place for place in range(width) if not blank[place] and (place == 0 or blank[place - 1])
    ]
    # Columns of words that happen to be blank at one place are none of a page: numbers stand there.
    bounds = list(zip(starts, [*starts[1:], None], strict=True))
    cells = [[line[a:b].strip() for a, b in bounds] for line in lines[1:]]
    full = sum(all(row) for row in cells)
    numbers = [
        sum(bool(_NUMBER.fullmatch(row[place])) for row in cells) for place in range(len(starts))
    ]
    has_numbers = any(count > 0.5 * len(cells) for count in numbers)
    return tuple(starts) if len(starts) > 1 and has_numbers and full > len(cells) // 2 else ()


def too_long(name: object, error: csv.Error) -> DataError:
    """Return the error for a text of which no rows can be made."""
    return DataError(f"{name}: not a table of text ({error}): is it the right file?")
