"""Reading CSV and other delimited text, at once or in batches."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from chainrule.data.cells import LARGEST_EXACT, MISSING_WORDS
from chainrule.data.dialect import Dialect, TextOptions, detect_dialect, is_compressed, open_bytes
from chainrule.data.messages import first_line
from chainrule.errors import DataError, lacks_memory
from chainrule.files import check_table_size, check_text_size, lent_to_arrow

__all__ = ["iterate_text", "read_text", "text_column_names"]

_BLOCK = 1 << 24
_STREAM_BLOCK = 1 << 22
# What a broken file makes Arrow raise: its own errors, OSError for gzip, UnicodeError and
# ValueError from decoding.
_FAILURES = (pa.ArrowException, OSError, ValueError)
_INFERRED = (pa.int64(), pa.float64(), pa.bool_(), pa.string(), pa.null())
# So many digits has a whole number that is not a float64 of its own.
_LONG_WHOLE = r"^\s*[+-]?\d{16,}\s*$"


def text_column_names(path: Path, options: TextOptions) -> list[str]:
    """Return the names of the columns, from the first lines of the file."""
    return list(detect_dialect(path, options).names)


def read_text(path: Path, options: TextOptions, columns: Sequence[str] | None) -> pa.Table:
    """Read a whole text table; a column's type is what all of its values have in common."""
    dialect = detect_dialect(path, options)
    table = _read(path, dialect, columns, {})
    if any(pa.types.is_binary(kind) for kind in table.schema.types):
        raise _explain(path, dialect, "invalid text")
    # Dates and times stay as they are written: a batch of the file, where nothing is inferred, then
    # has the same text, and one place (`cells`) decides what it means. So do whole numbers beyond
    # 64 bits, which are told apart by digits that a float64 does not have.
    not_inferred = [field.name for field in table.schema if field.type not in _INFERRED]
    rounded = [name for name in table.column_names if _may_be_rounded(table.column(name))]
    written = not_inferred + rounded
    if written:
        texts = _read(path, dialect, written, dict.fromkeys(written, pa.string()))
        cells = dict(zip(table.column_names, table.columns, strict=True))
        as_written = set(not_inferred)
        for name in written:
            text = texts.column(name)
            if name in as_written or pc.any(pc.match_substring_regex(text, _LONG_WHOLE)).as_py():
                cells[name] = text
        table = pa.table(cells)
    return table


def _may_be_rounded(column: pa.ChunkedArray) -> bool:
    """Tell whether a column could hold whole numbers that were read as the nearest float64."""
    if column.type != pa.float64():
        return False
    largest = pc.max(pc.abs(column)).as_py()
    return largest is not None and bool(largest >= LARGEST_EXACT)


def iterate_text(
    path: Path, options: TextOptions, columns: Sequence[str] | None, rows: int
) -> Iterator[pa.RecordBatch]:
    """Read a text table in batches, every column as text.

    The types of the first block would not bind the blocks after it, so none are inferred.
    """
    dialect = detect_dialect(path, options)
    wanted = list(dialect.names if columns is None else columns)
    types = dict.fromkeys(wanted, pa.string())
    try:
        with open_bytes(path) as stream:
            reader = pyarrow.csv.open_csv(
                stream,
                read_options=_read_options(dialect, _STREAM_BLOCK),
                parse_options=_parse_options(dialect),
                convert_options=_convert_options(wanted, types),
            )
            for batch in reader:
                for start in range(0, batch.num_rows, rows):
                    yield batch.slice(start, rows)
    except (DataError, MemoryError):
        raise
    except _FAILURES as error:
        if lacks_memory(error):
            raise MemoryError(str(error)) from error
        raise _explain(path, dialect, first_line(error)) from error


def _read(
    path: Path, dialect: Dialect, columns: Sequence[str] | None, types: dict[str, pa.DataType]
) -> pa.Table:
    try:
        with (
            open_bytes(path) as stream,
            lent_to_arrow(Bounded(path, stream, len(dialect.names))) as opened,
        ):
            return pyarrow.csv.read_csv(
                opened(),
                read_options=_read_options(dialect, _BLOCK),
                parse_options=_parse_options(dialect),
                convert_options=_convert_options(columns, types),
            )
    except (DataError, MemoryError):
        raise
    except _FAILURES as error:
        if lacks_memory(error):
            raise MemoryError(str(error)) from error
        raise _explain(path, dialect, first_line(error)) from error


@dataclass
class Bounded:
    """A stream that ends in a `DataError` where the table of its text would not fit into memory.

    Attributes
    ----------
    path : Path
        The file, for the message.
    stream : pyarrow.NativeFile
        Its text, decompressed: a small file may hold a text without an end.
    columns : int
        The columns of the table.
    """

    path: Path
    stream: pa.NativeFile
    columns: int
    size: int = 0
    rows: int = 0

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most so many."""
        data = bytes(self.stream.read(size))
        self.size += len(data)
        self.rows += max(data.count(b"\n"), data.count(b"\r"))
        check_text_size(self.path, self.size)
        check_table_size(self.path, self.rows, self.columns)
        return data


def _read_options(dialect: Dialect, block: int) -> pyarrow.csv.ReadOptions:
    return pyarrow.csv.ReadOptions(
        column_names=list(dialect.names),
        skip_rows_after_names=dialect.skip,
        encoding=dialect.encoding,
        block_size=block,
    )


def _parse_options(dialect: Dialect) -> pyarrow.csv.ParseOptions:
    return pyarrow.csv.ParseOptions(delimiter=dialect.delimiter, newlines_in_values=True)


def _convert_options(
    columns: Sequence[str] | None, types: dict[str, pa.DataType]
) -> pyarrow.csv.ConvertOptions:
    return pyarrow.csv.ConvertOptions(
        include_columns=None if columns is None else list(columns),
        column_types=types,
        null_values=list(MISSING_WORDS),
        strings_can_be_null=True,
        # By default 1 and 0 are truth values too, which would hide them among true and false.
        true_values=["true", "True", "TRUE"],
        false_values=["false", "False", "FALSE"],
    )


def _explain(path: Path, dialect: Dialect, reason: str) -> DataError:
    """Find the row that cannot be read; `reason` is what Arrow says, for when none is found."""
    fields = len(dialect.names)
    row = 0
    try:
        for row, cells in enumerate(_rows_again(path, dialect), start=1):
            if any("\udc80" <= letter <= "\udcff" for cell in cells for letter in cell):
                return DataError(
                    f"{path}, row {row}: not text in {dialect.encoding.upper()}: say how the file "
                    "is encoded (--encoding latin-1), or save it as UTF-8"
                )
            if len(cells) != fields:
                return DataError(
                    f"{path}, row {row}: {fields} {'field is' if fields == 1 else 'fields are'} "
                    f"expected, {len(cells)} found: correct the row, or say which character "
                    "separates the fields (--delimiter)"
                )
    except (OSError, EOFError, ValueError, csv.Error) as error:
        reason = first_line(error)
    return DataError(f"{path}: cannot be read after row {row} ({reason}): is the file complete?")


def _rows_again(path: Path, dialect: Dialect) -> Iterator[list[str]]:
    """Yield the rows of data once more, slowly, with bytes that are not text as surrogates."""
    encoding = "utf-8-sig" if dialect.encoding == "utf-8" else dialect.encoding
    opened = gzip.open if is_compressed(path) else open
    with opened(path, "rt", encoding=encoding, errors="surrogateescape", newline="") as file:
        rows = (row for row in csv.reader(file, delimiter=dialect.delimiter) if row)
        if dialect.header:
            next(rows, None)
        yield from rows
