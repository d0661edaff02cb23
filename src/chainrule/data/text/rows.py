"""The rows of a text table one by one, written anew in a form that Arrow reads.

That is slow, and so the way of those files alone that Arrow cannot cut itself: fields between blanks, in
columns of the page, or rows with fields too many that are empty. It names the row that is wrong.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import cast

from chainrule.data.text.blocks import Text, data_blocks
from chainrule.data.text.dialect import cut
from chainrule.data.text.layout import Layout
from chainrule.errors import DataError

__all__ = ["plain_blocks"]

_BLOCK = 1 << 20


class _Raw(io.RawIOBase):
    """A file that gives the bytes of blocks."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.source = blocks
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        view = cast("memoryview", buffer)
        while not self.rest:
            block = next(self.source, None)
            if block is None:
                return 0
            self.rest = block
        size = min(len(view), len(self.rest))
        view[:size] = self.rest[:size]
        self.rest = self.rest[size:]
        return size


def plain_blocks(text: Text, layout: Layout, notes: list[str]) -> Iterator[bytes]:
    """Yield the rows of data with commas between the fields, and quotation marks where needed.

    Raises
    ------
    DataError
        If a row has too many or too few fields.
    """
    raw = io.BufferedReader(_Raw(data_blocks(text, layout, notes)), 1 << 16)
    sink = io.StringIO()
    write = csv.writer(sink, lineterminator="\n").writerow
    number = longer = 0
    with io.TextIOWrapper(raw, encoding="utf-8", newline="") as lines:
        rows = cut(iter(lines), layout.dialect)
        while True:
            try:
                row = next(rows, None)
            except csv.Error as error:
                raise DataError(
                    f"{text.file}, row {number + 1}: not a table of text ({error}): correct the row"
                ) from error
            if row is None:
                break
            if not row or (len(row) == 1 and not row[0].strip() and layout.fields > 1):
                continue
            number += 1
            if len(row) != layout.fields:
                row = _fitting(text, layout, number, row)
                longer += 1
            write(row)
            if sink.tell() > _BLOCK:
                yield sink.getvalue().encode()
                sink.seek(0)
                sink.truncate()
    if longer:
        notes.append(
            f"{text.file.label}: in {longer:,} {'row' if longer == 1 else 'rows'} the empty fields at "
            "the end are left out"
        )
    yield sink.getvalue().encode()


def _fitting(text: Text, layout: Layout, number: int, row: list[str]) -> list[str]:
    """Return a row of too many fields without the empty ones at its end."""
    fields = layout.fields
    if len(row) > fields and not any(cell.strip() for cell in row[fields:]):
        return row[:fields]
    expected = f"{fields} {'field is' if fields == 1 else 'fields are'} expected"
    hint = "correct the row, or say which character separates the fields (--delimiter)"
    if layout.dialect.comment is None and row[0].lstrip().startswith(("#", "%", "//")):
        hint = f"leave such lines out (--comment {row[0].lstrip()[0]}), or correct the row"
    elif number == 1 or fields == 1:
        hint += " or how many lines stand before the table (--skip-rows)"
    raise DataError(f"{text.file}, row {number}: {expected}, {len(row)} found: {hint}")
