"""Compressed files, known by their first bytes and opened as what is in them.

========  =============================================
gzip      ``.gz``
bzip2     ``.bz2``
Zstandard ``.zst``
xz        ``.xz``
ZIP       ``.zip``, of a single file
========  =============================================
"""

from __future__ import annotations

import lzma
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO, Protocol, cast

import pyarrow as pa

from chainrule.data.messages import listed
from chainrule.errors import DataError
from chainrule.files import open_regular
from chainrule.files.tables import TableFile

__all__ = ["ByteStream", "compression_of", "members_of", "open_bytes"]

_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bz2",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ\0": "xz",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",  # an empty one
}
_MOST_MEMBERS = 10_000


class ByteStream(Protocol):
    """What gives the next bytes, at most `size`, none at its end."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""


def compression_of(file: TableFile) -> str | None:
    """Return how a file is compressed, None if it is not."""
    with open_regular(file.path) as opened:
        start = opened.read(6)
    return next((name for magic, name in _MAGIC.items() if start.startswith(magic)), None)


@contextmanager
def open_bytes(file: TableFile) -> Iterator[ByteStream]:
    """Open a file for reading, decompressed."""
    kind = compression_of(file)
    with ExitStack() as stack:
        if kind in ("gzip", "bz2", "zstd"):
            stream = stack.enter_context(pa.input_stream(str(file.path), compression=kind))
            yield cast("ByteStream", stream)
            return
        plain: BinaryIO = stack.enter_context(open_regular(file.path))
        if kind == "xz":
            yield stack.enter_context(lzma.open(plain))
        elif kind == "zip":
            archive = stack.enter_context(zipfile.ZipFile(plain))
            yield cast("Any", stack.enter_context(archive.open(_only_member(file, archive))))
        else:
            yield plain


def members_of(file: TableFile) -> list[str]:
    """Return the names of the files in a ZIP file, those apart that a system adds for itself."""
    with open_regular(file.path) as opened, zipfile.ZipFile(opened) as archive:
        return [member.filename for member in _members(archive)]


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [
        member
        for member in archive.infolist()[:_MOST_MEMBERS]
        if not member.is_dir()
        and not member.filename.startswith("__MACOSX/")
        and not member.filename.rpartition("/")[2].startswith(".")
    ]


def _only_member(file: TableFile, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = _members(archive)
    if len(members) != 1:
        names = listed([member.filename for member in members], 5) or "none"
        raise DataError(
            f"{file}: the archive holds {len(members):,} files ({names}): one is read; extract "
            "the one that is meant"
        )
    if members[0].flag_bits & 1:
        raise DataError(f"{file}: the file in the archive is encrypted: extract it first")
    return members[0]
