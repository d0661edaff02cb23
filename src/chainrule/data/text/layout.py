"""Where the data of a text table is: what stands before it, the names, and which fields are columns."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chainrule.data.messages import listed
from chainrule.data.text.comments import Comments, find_comments
from chainrule.data.text.dialect import Dialect, Row, detect_dialect, scan, too_long, trimmed
from chainrule.data.text.footer import Footer, foot_of
from chainrule.data.text.header import first_row, is_group_row, is_header, is_units_row
from chainrule.data.text.names import joined_names, names_alone, unique_names
from chainrule.data.text.values import column_of
from chainrule.errors import DataError
from chainrule.files import check_table_size
from chainrule.files.reading import ReadingOptions

__all__ = ["Layout", "find_layout"]

_INDEX_NAME = re.compile(r"Unnamed: ?0(?:\.\d+)?")


@dataclass(frozen=True)
class Layout:
    """Where the data of a text table is.

    Attributes
    ----------
    dialect : Dialect
        How its rows are cut.
    header : bool
        Whether the file names the columns.
    names : tuple of str
        The names of the columns.
    fields : int
        The fields of each row.
    places : tuple of int
        Which of the fields are the columns.
    empty : tuple of int
        Fields without a name that are no column as long as they are empty.
    start : int
        The bytes, in UTF-8, before the first row of data.
    footer : Footer
        What the rows at the foot are held against.
    rows : sequence of sequences of str
        The first rows of data.
    notes : tuple of str
        A line for each decision.
    head : str
        The line of the names, empty if there is none of its own: it may come again between the rows.
    """

    dialect: Dialect
    header: bool
    names: tuple[str, ...]
    fields: int
    places: tuple[int, ...]
    empty: tuple[int, ...]
    start: int
    footer: Footer
    rows: Sequence[Sequence[str]]
    notes: tuple[str, ...]
    head: str = ""


@dataclass
class _Sample:
    """The first rows of a file, those that are blank apart."""

    rows: list[Row]
    blank_before: list[bool]
    width: int

    @property
    def cells(self) -> list[list[str]]:
        return [row.cells for row in self.rows]


def find_layout(
    name: str,
    text: str,
    is_whole: bool,
    options: ReadingOptions,
    tabs: bool = False,
    dialect: Dialect | None = None,
) -> Layout:
    """Find out how a text table is laid out.

    Parameters
    ----------
    name : str
        What messages call the file.
    text : str
        Its first rows, whole ones.
    is_whole : bool
        Whether that is all of it.
    options : ReadingOptions
        What need not be found out.
    tabs : bool, default False
        Whether the file is called one of tabs.
    dialect : Dialect, optional
        How the rows are cut, if that is known; it is found out else, with the comments.

    Raises
    ------
    DataError
        If there is no row, or no row of data.
    """
    notes: list[str] = []
    skipped = _skipped(text, options.skip_rows)
    start, known = 0, dialect is not None
    if dialect is None:
        dialect, start = detect_dialect(text[skipped:], options, tabs)
    try:
        sample, comments = _sample(text, skipped + start, dialect, known or bool(options.comment))
    except csv.Error as error:
        raise too_long(name, error) from error
    if not sample.rows:
        raise DataError(f"{name}: the file is empty: a table needs at least one row")
    check_table_size(name, 0, len(sample.rows[0].cells))
    dialect = replace(dialect, comment=comments.prefix)
    first = 0
    if options.skip_rows is None:
        first = first_row(sample.cells, sample.blank_before, sample.width)
    skipped = _lines_before(text, sample.rows[first].start if first else 0)
    if skipped:
        lines = (
            "1 line before the header is"
            if skipped == 1
            else f"{skipped} lines before the header are"
        )
        notes.append(f"{lines} skipped")
    rows = sample.rows[first:]
    head = _head(rows, sample.width, comments, options.header, notes)
    data = rows[head.rows :]
    if head.cells is not None and not data and is_whole:
        names = listed(head.cells, 3)
        raise DataError(f"{name}: there is a header ({names}) but no row of data")
    line = _line_of_names(text, rows[0], head)
    cells = [row.cells for row in data if not line or _plain(text[row.start : row.end]) != line]
    if is_whole and cells:
        cells = cells[: len(cells) - foot_of(cells, Footer.of(cells, head.width)).rows]
    columns = _columns(head, cells, notes)
    end = data[0].start if data else len(text)
    if said := dialect.odd_quotes:
        notes.append(said)
    if dialect.comment:
        notes.append(f"lines that begin with {dialect.comment} are comments and are left out")
    return Layout(
        dialect,
        head.cells is not None,
        *columns,
        start=len(text[:end].encode()),
        footer=Footer.of(cells, head.width),
        rows=cells,
        notes=tuple(notes),
        head=line,
    )


def _line_of_names(text: str, first: Row, head: _Head) -> str:
    """Return the first line of a table if it alone holds the names of several columns."""
    line = _plain(text[first.start : first.end])
    return line if head.rows == 1 and len(first.cells) > 1 and line.count("\n") == 0 else ""


def _plain(line: str) -> str:
    """Return a line without the byte order mark and the blanks around it."""
    return line.lstrip("\ufeff").strip()


def _skipped(text: str, lines: int | None) -> int:
    """Return the length of some first lines."""
    stream = io.StringIO(text, newline="")
    return sum(len(stream.readline()) for _ in range(lines or 0))


def _lines_before(text: str, end: int) -> int:
    """Return how many lines before a place have more in them than blanks."""
    lines = io.StringIO(text[:end], newline="")
    return sum(bool(line.strip(" \t\r\n,;|\"'")) for line in lines)


def _sample(
    text: str, start: int, dialect: Dialect, knows_comments: bool
) -> tuple[_Sample, Comments]:
    sample = _rows_of(text, start, dialect)
    comments = Comments(dialect.comment, None)
    if not knows_comments and sample.rows:
        lines = [text[row.start : row.end] for row in sample.rows]
        comments = find_comments(lines, sample.cells, dialect, sample.width)
        if comments.prefix:
            sample = _rows_of(text, start, replace(dialect, comment=comments.prefix))
    return sample, comments


def _rows_of(text: str, start: int, dialect: Dialect) -> _Sample:
    rows: list[Row] = []
    blank_before: list[bool] = []
    is_blank = False
    for row in scan(text[start:], dialect):
        if not any(cell.strip() for cell in row.cells) and (not rows or len(row.cells) < 2):
            is_blank = True
            continue
        rows.append(Row(row.start + start, row.end + start, row.cells))
        blank_before.append(is_blank)
        is_blank = False
        if len(rows) >= _MOST_ROWS:
            break
    later = rows[len(rows) // 3 :]
    widths = Counter(len(row.cells) for row in later)
    first = len(rows[0].cells) if rows else 0
    width = max(widths, key=lambda n: (widths[n], n == first, n), default=0)
    return _Sample(rows, blank_before, width)


_MOST_ROWS = 400


@dataclass(frozen=True)
class _Head:
    """The header: how many rows it has, and the cells that name the columns.

    Attributes
    ----------
    rows : int
        None where the names stand in a comment, or nowhere.
    cells : list of str or None
        None if there is no header.
    width : int
        The fields of a row of data.
    """

    rows: int
    cells: list[str] | None
    width: int


def _head(
    rows: Sequence[Row], width: int, comments: Comments, wanted: bool | None, notes: list[str]
) -> _Head:
    """Find the header among the first rows of a table, and say what is odd about it."""
    cells = [row.cells for row in rows]
    if comments.names and wanted is None and not is_header(cells):
        notes.append(
            f"the names of the columns are those of the line that begins with {comments.prefix}"
        )
        return _Head(0, comments.names, width)
    if wanted is None and is_group_row(cells, width):
        if names_alone(cells[1], width):
            groups = listed([cell.strip() for cell in cells[0] if cell.strip()], 3)
            notes.append(f"the header row above the names groups them ({groups}) and is left out")
            return _Head(2, cells[1], width)
        names = joined_names(cells[0], cells[1])
        notes.append(f"two rows of names are joined: {listed([n for n in names if n], 3)}")
        return _Head(2, names, width)
    if not (is_header(cells) if wanted is None else wanted):
        return _Head(0, None, _data_width(cells, width))
    below = width if len(cells) < 2 else _data_width(cells[1:], width)
    if wanted is None and is_units_row(cells, width):
        units = [cell.strip() for cell in cells[1] if cell.strip()]
        notes.append(f"the row below the names holds units ({listed(units, 3)}) and is left out")
        return _Head(2, cells[0], below)
    return _Head(1, cells[0], below)


def _data_width(cells: Sequence[Sequence[str]], width: int) -> int:
    """Return the fields of a row: those that the most have, or the first if none has as many."""
    return width if any(len(row) == width for row in cells) else len(cells[0])


def _columns(
    head: _Head, cells: Sequence[Sequence[str]], notes: list[str]
) -> tuple[tuple[str, ...], int, tuple[int, ...], tuple[int, ...]]:
    """Return the names, the number of fields, those that are columns, and those that must be empty."""
    if head.cells is None:
        names = tuple(f"c{place}" for place in range(1, head.width + 1))
        return names, head.width, tuple(range(head.width)), ()
    cut_names = list(head.cells)
    fields = head.width
    if len(cut_names) > fields:  # a delimiter too many in the header alone
        cut_names = trimmed(cut_names) if len(trimmed(cut_names)) >= fields else cut_names[:fields]
        fields = max(fields, len(cut_names))
    elif len(cut_names) == fields - 1 and column_of(cells, fields - 1):
        cut_names = ["", *cut_names]
    elif len(cut_names) < fields and any(
        column_of(cells, place) for place in range(len(cut_names), fields)
    ):
        fields = len(cut_names)  # rows with too many fields are refused by their number
    end = fields
    while end > 1 and (end > len(cut_names) or not cut_names[end - 1].strip()):
        if column_of(cells, end - 1):
            break
        end -= 1
    cut_names = cut_names[:end]
    empty = list(range(end, fields))
    first = 0
    if end > 1 and not cut_names[0].strip() and not column_of(cells, 0):
        first, empty = 1, [0, *empty]
    elif end > 1 and _counts_rows(cut_names[0], column_of(cells, 0), cells):
        first = 1
        notes.append("the first column has no name and counts the rows: it is left out")
    if empty:
        notes.append(_told_empty(0 in empty, end < fields))
    found = unique_names(cut_names[first:], notes)
    return tuple(found), fields, tuple(range(first, end)), tuple(empty)


def _told_empty(first: bool, last: bool) -> str:
    """Return the line on columns that are empty at the ends of the rows."""
    if first and last:
        what = "begins and ends with a delimiter: the empty first and last columns are"
    elif first:
        what = "begins with a delimiter: the empty first column is"
    else:
        what = "ends with a delimiter: the empty last column is"
    return f"every row {what} left out"


def _counts_rows(name: str, values: Sequence[str], cells: Sequence[Sequence[str]]) -> bool:
    """Tell whether a column without a name holds another whole number in each row."""
    if name.strip() and not _INDEX_NAME.fullmatch(name.strip()):
        return False
    return (
        len(values) == len(cells) > 0
        and all(value.strip().isdecimal() for value in values)
        and len(set(values)) == len(values)
    )
