"""The bytes of a table's data: what stands before it, comments and the foot are left out on the way.

Blocks go through in a bounded room: what may belong to the foot is held back until the end is known.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from chainrule.data.text.dialect import is_rule, scan
from chainrule.data.text.footer import foot_of
from chainrule.data.text.layout import Layout
from chainrule.errors import DataError
from chainrule.files.tables import TableFile

__all__ = ["LONGEST_LINE", "Text", "data_blocks", "sample_of"]

SAMPLE = 1 << 18
LONGEST_LINE = 1 << 26
_MARK = b"\xef\xbb\xbf"
_TAIL = 1 << 16  # bytes held back at least: the foot is in them


class Text(Protocol):
    """What gives the text of a table as UTF-8, block by block, as often as it is asked."""

    @property
    def file(self) -> TableFile:
        """The file that the text comes from."""

    def blocks(self, notes: list[str] | None = None) -> Iterator[bytes]:
        """Yield the text."""


def sample_of(text: Text) -> tuple[str, bool]:
    """Return the first rows, three lines at least if there are three, and whether that is all."""
    data = b""
    is_whole = True
    for block in text.blocks():
        if len(data) >= LONGEST_LINE or (len(data) >= SAMPLE and data.count(b"\n") > 2):
            is_whole = False
            break
        data += block
    if not is_whole:
        data = data[: data.rfind(b"\n") + 1] or data[:LONGEST_LINE]
    return data.decode("utf-8", "ignore"), is_whole


def data_blocks(text: Text, layout: Layout, notes: list[str]) -> Iterator[bytes]:
    """Yield the rows of data; what is left out at the foot is told in `notes` at the end."""
    blocks = _Rows(text.file, layout, notes).among(_behind(text.blocks(notes), layout.start))
    return _Footing(text.file, layout, notes).without(blocks)


def _behind(blocks: Iterator[bytes], start: int) -> Iterator[bytes]:
    for block in blocks:
        if start < len(block):
            yield block[start:]
        start = max(0, start - len(block))


def _held(
    file: TableFile, blocks: Iterator[bytes], tail: int, last: Callable[[bytes], bytes]
) -> Iterator[bytes]:
    """Yield blocks of whole lines; the last bytes, `tail` of them at least, are held back.

    Parameters
    ----------
    last : callable
        What becomes of the bytes that are left at the end.
    """
    held = b""
    for block in blocks:
        end = block.rfind(b"\n", 0, max(0, len(block) - tail)) + 1
        if end:
            yield b"".join((held, memoryview(block)[:end]))  # each byte is copied once
            held = block[end:]
            continue
        held += block
        end = held.rfind(b"\n", 0, max(0, len(held) - tail)) + 1
        if end:
            yield held[:end]
            held = held[end:]
        elif len(held) > LONGEST_LINE + tail:
            raise DataError(
                f"{file}: not a table of text (a line of more than {LONGEST_LINE:,} bytes): is it the "
                "right file?"
            )
    rest = last(held)
    if rest:
        yield rest


@dataclass
class _Rows:
    """Leaves out the lines that are no rows: comments, drawn lines, the names of the columns again."""

    file: TableFile
    layout: Layout
    notes: list[str]
    repeated: int = 0

    def among(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        dialect, head = self.layout.dialect, self.layout.head.encode()
        signs = [sign.encode() for sign in (dialect.comment, self.layout.head) if sign]
        if dialect.rules:
            signs += [b"---", b"===", b"-:", b":-"]
        if not signs:
            yield from blocks
            return
        for block in _held(self.file, blocks, 0, lambda rest: rest):
            if any(sign in block for sign in signs):
                lines = [line for line in block.splitlines(keepends=True) if not self._skips(line)]
                kept = [line for line in lines if not head or line.lstrip(_MARK).strip() != head]
                self.repeated += len(lines) - len(kept)
                block = b"".join(kept)
            yield block
        if self.repeated:
            rows, verb = (
                ("1 row", "repeats")
                if self.repeated == 1
                else (f"{self.repeated:,} rows", "repeat")
            )
            self.notes.append(
                f"{self.file.label}: {rows} between the others {verb} the names of the columns: left out"
            )

    def _skips(self, line: bytes) -> bool:
        dialect = self.layout.dialect
        if dialect.comment and line.lstrip(b" \t").startswith(dialect.comment.encode()):
            return True
        return dialect.rules and is_rule(line.decode("utf-8", "ignore"))


@dataclass
class _Footing:
    """Leaves out the rows at the foot of a table."""

    file: TableFile
    layout: Layout
    notes: list[str]
    is_first: bool = field(default=True)

    def without(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        for block in _held(self.file, blocks, _TAIL, self._last):
            self.is_first = False
            yield block

    def _last(self, held: bytes) -> bytes:
        """Return the last bytes of the table without the rows of its foot."""
        text = held.decode("utf-8", "ignore")
        try:
            start = self._first_row(text)
            rows = [row for row in scan(text[start:], self.layout.dialect) if row.cells]
        except csv.Error:
            return held
        blank = [len(row.cells) < 2 and not row.cells[0].strip() for row in rows]
        rows = [row for row, is_blank in zip(rows, blank, strict=True) if not is_blank]
        foot = foot_of([row.cells for row in rows], self.layout.footer)
        if not foot.rows:
            return held
        label = self.file.label
        self.notes += [f"{label}: {note}" for note in reversed(foot.notes)]
        return text[: start + rows[-foot.rows].start].encode()

    def _first_row(self, text: str) -> int:
        """Return where a row begins: a line may stand within a quoted field."""
        if self.is_first:
            return 0
        start = 0
        for line in io.StringIO(text[: 1 << 14], newline=""):
            row = next(scan(text[start:], self.layout.dialect), None)
            if row is not None and len(row.cells) == self.layout.fields:
                return start
            start += len(line)
        return len(text)
