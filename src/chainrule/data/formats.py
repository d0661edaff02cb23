"""What kind of file a table is in, told by its ending, or else by its first bytes."""

from __future__ import annotations

import os
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import IO, BinaryIO

from chainrule.data.messages import first_line
from chainrule.data.text.compression import compression_of, members_of, open_bytes
from chainrule.errors import DataError
from chainrule.files import memory, open_regular
from chainrule.files.tables import COMPRESSED, STANDARD_INPUT, TableFile

__all__ = ["KINDS", "kind_of", "table_file"]

KINDS = {
    **dict.fromkeys((".csv", ".tsv", ".txt", ".data", ".dat", ".tab", ".psv"), "text"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
    **dict.fromkeys((".arrow", ".feather", ".ipc"), "arrow"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), "workbook"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), "json"),
    ".npz": "npz",
}
"""What the endings mean."""

_MAGIC = {
    b"PAR1": "parquet",
    b"ARROW1": "arrow",
    b"\xff\xff\xff\xff": "arrow",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "workbook",
}
_COPIED = 1 << 20


def table_file(source: object) -> TableFile | None:
    """Return the file that a source names; None for a data frame.

    Raises
    ------
    DataError
        If there is no such file, it is empty, or it is none that can be read.
    """
    if not isinstance(source, str | os.PathLike):
        return None
    if source == STANDARD_INPUT:
        return _standard_input()
    try:
        path = Path(source)
        str(path).encode()  # Arrow takes no other names
        with open_regular(path) as file:
            if not file.read(1):
                raise DataError(f"{path}: the file is empty: a table needs at least one row")
    except IsADirectoryError:
        raise DataError(f"{source}: a directory, not a file: name one file of it") from None
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file: check the path") from None
    except (OSError, ValueError, TypeError) as error:
        if isinstance(error, DataError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{source!r}: the file cannot be opened ({reason})") from error
    return TableFile(path, str(path))


_kept: list[TableFile] = []


def _standard_input() -> TableFile:
    """Return a file of what standard input gives, which is read once however often it is asked for."""
    if not _kept:
        name = "standard input"
        with tempfile.NamedTemporaryFile(prefix="chainrule-", delete=False) as copy:
            _forget_at_exit(copy.name)
            if not _copied(sys.stdin.buffer, copy, memory()):
                raise DataError(f"{name}: there is nothing in it: a table needs at least one row")
        _kept.append(TableFile(Path(copy.name), name))
    return _kept[0]


def _forget_at_exit(path: str) -> None:
    import atexit

    atexit.register(lambda: Path(path).unlink(missing_ok=True))


def _copied(stream: BinaryIO, copy: IO[bytes], most: int) -> int:
    size = 0
    while part := stream.read(_COPIED):
        size += len(part)
        if size > most:
            raise DataError("standard input: it is larger than the memory of this machine")
        copy.write(part)
    return size


def kind_of(file: TableFile) -> str:
    """Return what is in a file: text, parquet, arrow, npz, workbook or json.

    Raises
    ------
    DataError
        If that cannot be told.
    """
    with open_regular(file.path) as opened:
        start = opened.read(8)
    endings = [ending.lower() for ending in file.path.suffixes]
    is_input = file.name != str(file.path)
    kind = KINDS.get(endings[-1]) if endings and not is_input else None
    if kind == "text" and compression_of(file) == "zip" and _kind_of_archive(file) == "workbook":
        return "workbook"  # which somebody gave the ending of text
    if kind in ("text", "parquet", "arrow", "npz"):
        return kind
    by_bytes = next((of for magic, of in _MAGIC.items() if start.startswith(magic)), None)
    compression = compression_of(file)
    if by_bytes is None and compression == "zip":
        by_bytes = _kind_of_archive(file)
    if by_bytes is not None:
        return by_bytes
    if kind == "workbook":  # what some programs call so is text
        return "text"
    if kind is not None:
        return kind
    inner = _inner_kind(file, endings, compression)
    if inner is not None:
        return inner
    if is_input:
        return "json" if start.lstrip()[:1] in (b"{", b"[") else "text"
    known = " ".join(KINDS)
    raise DataError(
        f"{file}: what kind of file this is cannot be told from its ending; known are {known}, "
        f"and {' '.join(COMPRESSED)} after an ending of text"
    )


def _kind_of_archive(file: TableFile) -> str | None:
    try:
        names = members_of(file)
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise DataError(
            f"{file}: a broken ZIP archive ({first_line(error)}): is it complete?"
        ) from error
    if any(name.startswith("xl/") for name in names) or "content.xml" in names:
        return "workbook"
    return "npz" if names and all(name.endswith(".npy") for name in names) else None


def _inner_kind(file: TableFile, endings: list[str], compression: str | None) -> str | None:
    """Return the kind of a file within a compressed one."""
    if compression is None:
        return None
    if compression == "zip":
        names = members_of(file)
        inner = [Path(names[0]).suffix.lower()] if len(names) == 1 else []
    else:
        inner = endings[-2:-1] if endings[-1:] and endings[-1] in COMPRESSED else endings[-1:]
    kind = KINDS.get(inner[0]) if inner else None
    if kind in ("text", "json"):
        return kind
    if kind is not None:
        raise DataError(f"{file}: a compressed file of {kind}: decompress it first")
    with open_bytes(file) as stream:
        start = bytes(stream.read(64)).lstrip()
    return "json" if start[:2] in (b'{"', b"[{") else "text"
