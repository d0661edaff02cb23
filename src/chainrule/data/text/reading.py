"""Reading delimited text, at once or in batches, by the layout that was found out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from chainrule.data.messages import first_line
from chainrule.data.text.arrow import Feed, csv_options, physical_names
from chainrule.data.text.blocks import LONGEST_LINE, Text, data_blocks, sample_of
from chainrule.data.text.dialect import Dialect
from chainrule.data.text.foreign import refuse_foreign
from chainrule.data.text.layout import Layout, find_layout
from chainrule.data.text.rows import plain_blocks
from chainrule.data.text.sums import Sums, ends_in_sums
from chainrule.data.text.types import first_types, lossy_columns, may_have_whole_numbers
from chainrule.errors import DataError, lacks_memory
from chainrule.files import lent_to_arrow
from chainrule.files.reading import ReadingOptions

__all__ = ["iterate_text", "layout_of", "read_text"]

_BLOCK, _STREAM_BLOCK = 1 << 22, 1 << 22
_ROWS_OF_A_BLOCK, _STREAM_ROWS = 400, 20  # at least, if they are not too long
_FAILURES = (pa.ArrowException, OSError, ValueError)


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


def layout_of(text: Text, options: ReadingOptions, dialect: Dialect | None = None) -> Layout:
    """Find out how a table is laid out, and cut if that is not known, from its first lines."""
    sample, is_whole = sample_of(text)
    refuse_foreign(str(text.file), sample)
    tabs = ".tsv" in text.file.path.suffixes[-2:]
    return find_layout(str(text.file), sample, is_whole, options, tabs, dialect)


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
            table = reader.whole(wanted, first_types(layout, wanted, way.guessed), heard)
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
        options = self._options(columns, types, _block(self.layout, _BLOCK, _ROWS_OF_A_BLOCK))
        with self._explained(), lent_to_arrow(feed) as opened:
            table = pyarrow.csv.read_csv(opened(), **options)
        self.leading_zeros = feed.leading_zeros
        self._check_unnamed(table, 0)
        return table.select(list(columns))

    def batches(self, columns: Sequence[str], notes: list[str]) -> Iterator[pa.RecordBatch]:
        """Yield batches of some columns, all of text."""
        feed = self._feed(notes, 0)
        types = dict.fromkeys(columns, pa.string())
        options = self._options(columns, types, _block(self.layout, _STREAM_BLOCK, _STREAM_ROWS))
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
        seeks_zeros = columns > 0 and may_have_whole_numbers(self.layout)
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
            filled = pc.not_equal(pc.utf8_trim_whitespace(part.column(name)), "")
            if pc.any(filled).as_py():
                row = pc.index(filled, pa.scalar(True)).as_py() + before + 1
                raise DataError(
                    f"{self.text.file}, row {row}: {len(self.layout.names)} fields are expected, and "
                    "the one beside them is empty in the rows before: give it a name, or correct the "
                    "row"
                )


def _block(layout: Layout, least: int, rows: int) -> int:
    """Return the bytes that Arrow is to take at a time: room for some rows, and for the longest line."""
    length = max((sum(map(len, row)) + len(row) for row in layout.rows), default=0)
    return min(max(least, length * rows), LONGEST_LINE)


def _as_written(reader: _Reader, layout: Layout, table: pa.Table) -> pa.Table:
    """Return the table with text where a type that was inferred would lose what is written."""
    lossy = lossy_columns(table, layout, reader.leading_zeros)
    if not lossy:
        return table
    texts = reader.whole(list(lossy), dict.fromkeys(lossy, pa.string()), [])
    cells = dict(zip(table.column_names, table.columns, strict=True))
    for name, pattern in lossy.items():
        text = texts.column(name)
        if not pattern or pc.any(pc.match_substring_regex(text, pattern)).as_py():
            cells[name] = text
    return pa.table(cells)
