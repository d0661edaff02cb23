"""Reading delimited text, at once or in batches, by the layout that was found out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from chainrule.data.cells import LARGEST_EXACT, are_values
from chainrule.data.messages import first_line
from chainrule.data.text.arrow import Feed, csv_options, physical_names
from chainrule.data.text.blocks import Text, data_blocks, sample_of
from chainrule.data.text.foreign import refuse_foreign
from chainrule.data.text.layout import Layout, find_layout
from chainrule.data.text.rows import plain_blocks
from chainrule.data.text.sums import Sums, ends_in_sums
from chainrule.data.text.values import column_of
from chainrule.errors import DataError, lacks_memory
from chainrule.files import lent_to_arrow
from chainrule.files.reading import ReadingOptions

__all__ = ["iterate_text", "layout_of", "read_text"]

_BLOCK = 1 << 24
_STREAM_BLOCK = 1 << 22
_FAILURES = (pa.ArrowException, OSError, ValueError)
_INFERRED = (pa.int64(), pa.float64(), pa.bool_(), pa.string(), pa.null())
# So many digits has a whole number that is not a float64 of its own.
_LONG_WHOLE = r"^\s*[+-]?\d{16,}\s*$"
_LEADING_ZERO = r"^\s*0\d"
_GUESSED_FROM = 50  # rows
_WHOLE = re.compile(r"-?\d{1,18}")
_DECIMAL = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_DECIMAL_COMMA = re.compile(r"\D{0,4}\d+(?:[.'’\s]\d{3})*,(?:\d{1,2}|\d{4,})\D{0,4}")
_BELOW_THOUSAND = re.compile(r"-?\d{1,3}")
_THOUSAND = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")


class _OtherWay(Exception):
    """Arrow cannot cut the rows in this way, or a cell is not of its column's first type."""


@dataclass(frozen=True)
class _Way:
    """How the rows are handed to Arrow: the faster ways are tried first.

    Attributes
    ----------
    newlines : bool
        Whether a quoted field may go on in the next line.
    guessed : bool
        Whether the types of numbers are those of the first rows.
    anew : bool
        Whether the rows are written anew: that is slow, and says which row is wrong.
    """

    newlines: bool = False
    guessed: bool = False
    anew: bool = False


def _ways(layout: Layout) -> list[_Way]:
    if not layout.dialect.is_plain:
        return [_Way(anew=True)]
    ways = [_Way(newlines=True), _Way(anew=True)]
    # In a single column the halves of a field could pass for rows.
    has_newlines = layout.fields == 1 or any(
        sign in cell for row in layout.rows for cell in row for sign in "\r\n"
    )
    return ways if has_newlines else [_Way(guessed=True), *ways]


def layout_of(text: Text, options: ReadingOptions) -> Layout:
    """Find out how a table is laid out, from its first lines."""
    sample, is_whole = sample_of(text)
    refuse_foreign(str(text.file), sample)
    tabs = ".tsv" in text.file.path.suffixes[-2:]
    return find_layout(str(text.file), sample, is_whole, options, tabs)


def read_text(
    text: Text, layout: Layout, columns: Sequence[str] | None, notes: list[str]
) -> pa.Table:
    """Read a whole table; a column's type is what all of its values have in common."""
    told = [f"{text.file.label}: {note}" for note in layout.notes]
    wanted = list(layout.names if columns is None else columns)
    for way in _ways(layout):
        heard = list(told)
        reader = _Reader(text, layout, way)
        try:
            table = reader.whole(wanted, _types_of(layout, wanted, way.guessed), heard)
            break
        except _OtherWay:
            continue
    table = _as_written(reader, layout, table)
    if ends_in_sums(table):
        heard.append(_told_sum(text))
        table = table.slice(0, table.num_rows - 1)
    notes += heard
    return table


def iterate_text(
    text: Text, layout: Layout, columns: Sequence[str] | None, rows: int, notes: list[str]
) -> Iterator[pa.RecordBatch]:
    """Read a table in batches, every column as text.

    The types of the first block would not bind the blocks after it, so none are inferred.
    """
    notes += [f"{text.file.label}: {note}" for note in layout.notes]
    wanted = list(layout.names if columns is None else columns)
    sums = Sums()
    before = None
    for batch in _either_way(text, layout, wanted, notes):
        sums.add(batch)
        if before is not None:
            yield from _sliced(before, rows)
        before = batch
    if before is not None:
        if sums.last_row_is_sum():
            notes.append(_told_sum(text))
            before = before.slice(0, before.num_rows - 1)
        yield from _sliced(before, rows)


def _sliced(batch: pa.RecordBatch, rows: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


def _told_sum(text: Text) -> str:
    return f"{text.file.label}: the last row holds the sums of the columns and is left out"


def _either_way(
    text: Text, layout: Layout, wanted: Sequence[str], notes: list[str]
) -> Iterator[pa.RecordBatch]:
    """Yield the batches as Arrow cuts them; from where it cannot, as they are written anew."""
    given = 0
    before = len(notes)
    for way in _ways(layout):
        left = given
        try:
            for batch in _Reader(text, layout, way).batches(wanted, notes):
                skipped = min(left, batch.num_rows)
                left -= skipped
                if skipped < batch.num_rows:
                    yield batch.slice(skipped)
                    given += batch.num_rows - skipped
            return
        except _OtherWay:
            del notes[before:]


class _Reader:
    """Hands the rows of a table to Arrow.

    Parameters
    ----------
    text : Text
    layout : Layout
    way : _Way
    """

    def __init__(self, text: Text, layout: Layout, way: _Way) -> None:
        self.text = text
        self.layout = layout
        self.way = way
        self.leading_zeros = False
        self.unnamed = [physical_names(layout)[place] for place in layout.empty]

    def whole(
        self, columns: Sequence[str], types: dict[str, pa.DataType], notes: list[str]
    ) -> pa.Table:
        """Return a table of some columns."""
        feed = self._feed(notes, len(self.layout.names))
        options = self._options(columns, types, _BLOCK)
        with self._explained(), lent_to_arrow(feed) as opened:
            table = pyarrow.csv.read_csv(opened(), **options)
        self.leading_zeros = feed.leading_zeros
        self._check_unnamed(table, 0)
        return table.select(list(columns))

    def batches(self, columns: Sequence[str], notes: list[str]) -> Iterator[pa.RecordBatch]:
        """Yield batches of some columns, all of text."""
        feed = self._feed(notes, 0)
        types = dict.fromkeys(columns, pa.string())
        options = self._options(columns, types, _STREAM_BLOCK)
        rows = 0
        with self._explained(), lent_to_arrow(feed) as opened:
            for batch in pyarrow.csv.open_csv(opened(), **options):
                self._check_unnamed(batch, rows)
                rows += batch.num_rows
                yield batch.select(list(columns))

    def _feed(self, notes: list[str], columns: int) -> Feed:
        blocks = plain_blocks if self.way.anew else data_blocks
        delimiter = "," if self.way.anew else self.layout.dialect.delimiter
        source = blocks(self.text, self.layout, notes)
        seeks_zeros = columns > 0 and _may_have_whole_numbers(self.layout)
        return Feed(self.text.file, source, columns, delimiter, seeks_zeros)

    def _options(
        self, columns: Sequence[str], types: dict[str, pa.DataType], block: int
    ) -> dict[str, Any]:
        named = types | dict.fromkeys(self.unnamed, pa.string())
        return csv_options(
            self.layout, self.way.anew, [*columns, *self.unnamed], named, block, self.way.newlines
        )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (DataError, MemoryError):
            raise
        except _FAILURES as error:
            if lacks_memory(error):
                raise MemoryError(str(error)) from error
            if not self.way.anew:
                raise _OtherWay from error
            raise DataError(
                f"{self.text.file}: cannot be read ({first_line(error)}): is the file complete?"
            ) from error

    def _check_unnamed(self, part: pa.Table | pa.RecordBatch, before: int) -> None:
        """Raise a DataError if a field behind the last name, taken for empty, is not."""
        for name in self.unnamed:
            column = part.column(name)
            if column.null_count < len(column):
                row = pc.index(pc.is_valid(column), pa.scalar(True)).as_py() + before + 1
                raise DataError(
                    f"{self.text.file}, row {row}: {len(self.layout.names)} fields are expected, and "
                    "the one behind them is empty in the rows before: give it a name, or correct the "
                    "row"
                )


def _types_of(layout: Layout, columns: Sequence[str], guessed: bool) -> dict[str, pa.DataType]:
    """Return the types of columns by their first cells: text, and numbers if they may be guessed."""
    places = dict(zip(layout.names, layout.places, strict=True))
    found = {}
    for name in columns:
        cells = column_of(layout.rows[:_GUESSED_FROM], places[name])
        if not cells:
            continue
        if guessed and all(map(_WHOLE.fullmatch, cells)):
            found[name] = pa.int64()
        elif guessed and "." in "".join(cells) and all(map(_DECIMAL.fullmatch, cells)):
            found[name] = pa.float64()
        elif not all(are_values(cells)):
            found[name] = pa.string()
    return found


def _may_have_whole_numbers(layout: Layout) -> bool:
    """Tell whether a column could be one of whole numbers, by the first rows."""
    columns = (column_of(layout.rows[:_GUESSED_FROM], place) for place in layout.places)
    return any(all(cell.strip().isdecimal() for cell in cells) for cells in columns)


def _as_written(reader: _Reader, layout: Layout, table: pa.Table) -> pa.Table:
    """Return the table with text where a type that was inferred would lose what is written.

    Dates and times stay as they are written: a batch of the file, where nothing is inferred, then has
    the same text, and one place (`cells`) decides what it means. So do whole numbers beyond 64 bits,
    which are told apart by digits that a float64 does not have, and those with zeros before them, which
    are codes; and numbers with points that may stand between thousands.
    """
    lossy = {field.name: "" for field in table.schema if field.type not in _INFERRED}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if column.type == pa.int64() and reader.leading_zeros:
            lossy[name] = _LEADING_ZERO
        elif column.type == pa.float64() and (
            _has_decimal_commas(layout) or _may_have_thousands(layout, name)
        ):
            lossy[name] = ""
        elif _may_be_rounded(column):
            lossy[name] = _LONG_WHOLE
    if not lossy:
        return table
    texts = reader.whole(list(lossy), dict.fromkeys(lossy, pa.string()), [])
    cells = dict(zip(table.column_names, table.columns, strict=True))
    for name, pattern in lossy.items():
        text = texts.column(name)
        if not pattern or pc.any(pc.match_substring_regex(text, pattern)).as_py():
            cells[name] = text
    return pa.table(cells)


def _has_decimal_commas(layout: Layout) -> bool:
    return any(
        _DECIMAL_COMMA.fullmatch(cell.strip())
        for row in layout.rows[:50]
        for cell in row
        if "," in cell
    )


def _may_have_thousands(layout: Layout, name: str) -> bool:
    """Tell whether the points in the first cells of a column may stand between thousands: 845, 8.123."""
    cells = [
        cell.strip() for cell in column_of(layout.rows, layout.places[layout.names.index(name)])
    ]
    with_point = [cell for cell in cells if "." in cell]
    whole = sum(map(bool, map(_BELOW_THOUSAND.fullmatch, cells)))
    return bool(whole and with_point) and all(map(_THOUSAND.fullmatch, with_point))


def _may_be_rounded(column: pa.ChunkedArray) -> bool:
    """Tell whether a column could hold whole numbers that were read as the nearest float64."""
    if column.type != pa.float64():
        return False
    ends = pc.min_max(column).as_py()
    return ends["max"] is not None and bool(max(ends["max"], -ends["min"]) >= LARGEST_EXACT)
