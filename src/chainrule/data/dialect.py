"""How a text table is written: its delimiter, and whether its first line is a header.

The delimiter is the one of ``, ; tab |`` for which the most lines of a sample have the same number
of fields, more than one; if there is none, the table has a single column. The first line is a
header if none of its cells is a number, a date, or true or false, and all are filled and different
(or one of them stands over a number); otherwise the columns are called c1, c2 and so on, as is a
column with an empty name. Both can be said instead of guessed.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from chainrule.data.cells import are_values
from chainrule.data.messages import first_line, listed
from chainrule.errors import DataError, ParameterError
from chainrule.files import check_table_size, open_regular

__all__ = [
    "Dialect",
    "TextOptions",
    "detect_dialect",
    "is_compressed",
    "open_bytes",
    "plain_encoding",
]

# Where two candidates fit equally well the first one is taken: a semicolon in every line is hardly
# chance, a comma may be a decimal one.
CANDIDATES = ("\t", ";", "|", ",")

_SAMPLE_BYTES = 1 << 20
_LARGEST_SAMPLE = 1 << 26
_SAMPLE_ROWS = 200


@dataclass(frozen=True)
class TextOptions:
    """What the user said about a text table; None is for what has to be detected."""

    delimiter: str | None = None
    header: bool | None = None
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Dialect:
    """How a text table is written.

    Attributes
    ----------
    delimiter : str
        The character between two fields.
    header : bool
        Whether the first line names the columns.
    names : tuple of str
        The names of the columns.
    skip : int
        How many rows, blank ones included, come before the first row of data.
    encoding : str
        The encoding, ``"utf-8"`` in this spelling.
    """

    delimiter: str
    header: bool
    names: tuple[str, ...]
    skip: int
    encoding: str


def detect_dialect(path: Path, options: TextOptions | None = None) -> Dialect:
    """Find out how the text table in a file is written.

    Parameters
    ----------
    path : Path
        The file, perhaps compressed with gzip.
    options : TextOptions, optional
        What need not be detected.

    Returns
    -------
    Dialect
        The delimiter, the names of the columns, and where the data starts.

    Raises
    ------
    DataError
        If the file is empty, is not text in the encoding, has no row of data, or names two columns
        alike.
    """
    options = options or TextOptions()
    encoding = plain_encoding(options.encoding)
    text, is_whole = _read_sample(path, encoding)
    if not text.strip():
        raise DataError(f"{path}: the file is empty: a table needs at least one row")
    candidates = ("\t",) if ".tsv" in path.suffixes[-2:] else CANDIDATES
    delimiter = options.delimiter
    if delimiter is None:
        delimiter = _detect_delimiter(text, is_whole, candidates)
    elif len(delimiter) != 1 or not delimiter.isascii() or delimiter in '\r\n"':
        raise ParameterError(f"the delimiter must be one ASCII character, not {delimiter!r}")
    rows, blank = _split(path, text, is_whole, delimiter)
    check_table_size(path, 0, len(rows[0]))
    header = _is_header(path, rows) if options.header is None else options.header
    names = _names(path, rows[0], header)
    if header and is_whole and len(rows) == 1:
        raise DataError(f"{path}: there is a header ({listed(names, 3)}) but no row of data")
    return Dialect(delimiter, header, names, blank + 1 if header else 0, encoding)


def plain_encoding(encoding: str) -> str:
    """Return the usual name of an encoding, or raise a `ParameterError` if it is unknown."""
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)  # some codecs, such as hex, do not make text
    except (LookupError, TypeError, ValueError):
        raise ParameterError(
            f"unknown encoding {encoding!r}: try utf-8, latin-1, cp1252 or utf-16"
        ) from None
    return "utf-8" if name == "utf-8-sig" else name


def is_compressed(path: Path) -> bool:
    """Say whether a file starts like one of gzip."""
    with open_regular(path) as file:
        return file.read(2) == b"\x1f\x8b"


def open_bytes(path: Path) -> pa.NativeFile:
    """Open a file for reading, decompressed if it starts like a gzip file."""
    return pa.input_stream(str(path), compression="gzip" if is_compressed(path) else None)


def _read_sample(path: Path, encoding: str) -> tuple[str, bool]:
    """Return the first rows as text, at least two if there are two, and whether that is all."""
    data, size = b"", _SAMPLE_BYTES
    try:
        with open_bytes(path) as stream:
            while True:
                data += stream.read(size - len(data))
                is_whole = len(data) < size
                text = _decode(path, data, encoding, is_whole)
                # A very wide table may need more than one sample's length for two rows.
                if is_whole or text.count("\n") > 2 or size >= _LARGEST_SAMPLE:
                    return text, is_whole
                size *= 4
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({first_line(error)}): is it complete?") from error


def _decode(path: Path, data: bytes, encoding: str, is_whole: bool) -> str:
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)()
    try:
        text = decoder.decode(data, is_whole)
    except UnicodeError as error:
        hint = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1"
        raise DataError(
            f"{path}: not text in {encoding.upper()}: say how it is encoded (--encoding {hint}), "
            "or save it as UTF-8"
        ) from error
    if "\0" in text:
        raise DataError(
            f"{path}: not a text table (it holds zero bytes): save it as CSV or as Parquet"
        )
    return text


def _detect_delimiter(text: str, is_whole: bool, candidates: Sequence[str]) -> str:
    best, best_share = candidates[-1], 0.0
    for delimiter in candidates:
        try:
            counts = Counter(len(row) for row in _sample_rows(text, is_whole, delimiter) if row)
        except csv.Error:
            continue  # with this delimiter a field would be longer than any field is
        ((fields, agreeing),) = counts.most_common(1) or [(0, 0)]
        share = agreeing / max(1, counts.total())
        if fields > 1 and share > best_share:
            best, best_share = delimiter, share
    return best


def _sample_rows(text: str, is_whole: bool, delimiter: str) -> list[list[str]]:
    """Return the first rows, a blank one as an empty list; a row that may be cut off is left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = list(itertools.islice(reader, _SAMPLE_ROWS))
    if not is_whole and len(rows) < _SAMPLE_ROWS and len(rows) > 1:
        rows.pop()
    return rows


def _split(path: Path, text: str, is_whole: bool, delimiter: str) -> tuple[list[list[str]], int]:
    """Return the sample's rows that are not blank, and how many blank ones come first."""
    try:
        rows = _sample_rows(text, is_whole, delimiter)
    except csv.Error as error:
        raise DataError(f"{path}: not a table of text ({first_line(error)})") from error
    blank = next((index for index, row in enumerate(rows) if row), len(rows))
    filled = [row for row in rows if row]
    if not filled:
        raise DataError(f"{path}: starts with nothing but blank lines: remove them")
    return filled, blank


def _is_header(path: Path, rows: list[list[str]]) -> bool:
    cells = [cell.strip() for cell in rows[0]]
    if any(are_values(cells)):
        return False
    if all(cells) and len(set(cells)) == len(cells):
        return True
    # A name over a number is one of a header even if another name is empty, as that of an index is,
    # or comes twice, which is an error; or else the header would pass as a row of text.
    below = are_values(rows[1]) if len(rows) > 1 else []
    return any(name and is_value for name, is_value in zip(cells, below, strict=False))


def _names(path: Path, cells: list[str], header: bool) -> tuple[str, ...]:
    numbered = tuple(f"c{index}" for index in range(1, len(cells) + 1))
    if not header:
        return numbered
    names = tuple(cell.strip() or other for cell, other in zip(cells, numbered, strict=True))
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(
            f"{path}: several columns are called {listed(twice, 3)}: give each a name of its own"
        )
    return names
