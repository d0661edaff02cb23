"""Arrow's reader of text: what it is told of a table, and the bytes that it is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv

from chainrule.data.cells import MISSING_WORDS
from chainrule.data.text.dialect import Dialect
from chainrule.data.text.layout import Layout
from chainrule.files import check_table_size, check_text_size
from chainrule.files.tables import TableFile

__all__ = [
    "FALSE_VALUES",
    "TRUE_VALUES",
    "Feed",
    "csv_options",
    "has_leading_zero",
    "physical_names",
]

PLAIN = Dialect()
TRUE_VALUES, FALSE_VALUES = ("true", "True", "TRUE"), ("false", "False", "FALSE")


@dataclass
class Feed:
    """A stream of blocks that ends in a `DataError` where their table would not fit into memory.

    Attributes
    ----------
    file : TableFile
        For the message.
    source : iterator of bytes
        The text: a small file may hold one without an end.
    columns : int
        The columns of the table; 0 where it is read batch by batch, and need not fit.
    delimiter : str
    seeks_zeros : bool
        Whether a whole number with a zero before it is looked for.
    leading_zeros : bool
        Whether one has come by.
    """

    file: TableFile
    source: Iterator[bytes]
    columns: int
    delimiter: str = ","
    seeks_zeros: bool = False
    size: int = 0
    rows: int = 0
    rest: bytes = b""
    leading_zeros: bool = False

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most so many, none at the end."""
        parts = [self.rest]
        length = len(self.rest)
        while length < size // 2 and (block := next(self.source, None)) is not None:
            if self.columns:
                self._check(block)
            parts.append(block)
            length += len(block)
        data = b"".join(parts)
        self.rest = data[size:]
        return data[:size]

    def _check(self, block: bytes) -> None:
        self.size += len(block)
        check_text_size(self.file, self.size)
        self.rows += block.count(b"\n")
        check_table_size(self.file, self.rows, self.columns)
        if self.seeks_zeros and not self.leading_zeros:
            self.leading_zeros = has_leading_zero(block, self.delimiter)


def has_leading_zero(block: bytes, delimiter: str) -> bool:
    r"""Tell whether some field is a whole number that begins with a zero, such as 007.

    Examples
    --------
    >>> has_leading_zero(b"1,007\n", ","), has_leading_zero(b"0,0.5,01.02.2024\n", ",")
    (True, False)
    """
    signs = np.frombuffer(b"\n" + block, np.uint8)
    if len(signs) < 3:
        return False
    # All edges but some delimiters come before the digits: one comparison in place of five.
    found = signs[:-2] < ord("0")
    if ord(delimiter) > ord("0"):
        found |= signs[:-2] == ord(delimiter)
    found &= signs[1:-1] == ord("0")
    found &= (signs[2:] - ord("0")) < 10
    is_edge = np.zeros(256, bool)
    is_edge[[ord(sign) for sign in f"{delimiter}\n\r\"' "]] = True
    places = np.flatnonzero(found)
    places = places[is_edge[signs[places]]] + 3
    while len(places):  # behind the digits
        following = np.full(len(places), ord("\n"), np.uint8)
        inside = places < len(signs)
        following[inside] = signs[places[inside]]
        if is_edge[following].any():
            return True
        places = places[(following >= ord("0")) & (following <= ord("9"))] + 1
    return False


def physical_names(layout: Layout) -> list[str]:
    """Return a name for each field: those that are no column get one that no file can have."""
    names = [f"\0{place}" for place in range(layout.fields)]
    for place, name in zip(layout.places, layout.names, strict=True):
        names[place] = name
    return names


def csv_options(
    layout: Layout,
    plain: bool,
    columns: Sequence[str],
    types: dict[str, pa.DataType],
    block: int,
    newlines: bool = True,
) -> dict[str, object]:
    """Return the options of Arrow's reader.

    Parameters
    ----------
    layout : Layout
    plain : bool
        Whether the rows have been written anew.
    columns : sequence of str
        The columns to read.
    types : dict
        The types of some columns, instead of what their values have in common.
    block : int
        The bytes that are read at a time.
    newlines : bool, default True
        Whether a quoted field may go on in the next line; to be ready for that takes time.
    """
    dialect = PLAIN if plain else layout.dialect
    return {
        "read_options": pyarrow.csv.ReadOptions(
            column_names=physical_names(layout), block_size=block
        ),
        "parse_options": pyarrow.csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=dialect.quote or False,
            double_quote=dialect.escape is None,
            escape_char=dialect.escape or False,
            newlines_in_values=newlines and dialect.quote is not None,
        ),
        "convert_options": pyarrow.csv.ConvertOptions(
            include_columns=list(columns),
            column_types=types,
            null_values=list(MISSING_WORDS),
            strings_can_be_null=True,
            # By default 1 and 0 are truth values too, which would hide them among true and false.
            true_values=list(TRUE_VALUES),
            false_values=list(FALSE_VALUES),
        ),
    }
