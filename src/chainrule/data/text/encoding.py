"""The text of a file as clean UTF-8, block by block, whatever its encoding and compression are.

The encoding is told by a byte order mark, by the places of zero bytes (UTF-16 and UTF-32), by being
valid UTF-8, or by its letters (`charsets`). A sample decides. A byte far into the file that is no
UTF-8 decides anew for the rest of it, with a note, if the text was plain ASCII up to there; else that
byte alone is read as Windows-1252.
"""

from __future__ import annotations

import codecs
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from chainrule.data.messages import first_line
from chainrule.data.text.charsets import NAMES, legacy_encoding
from chainrule.data.text.compression import ByteStream, open_bytes
from chainrule.errors import DataError, ParameterError, lacks_memory
from chainrule.files.tables import TableFile

__all__ = ["BROKEN", "Encoding", "TextFile", "plain_encoding"]

FIRST_BLOCK = 1 << 18
BLOCK = 1 << 18  # small enough for the caches

BROKEN = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile,
          NotImplementedError, RuntimeError, pa.ArrowException)  # fmt: skip
"""What a broken or truncated file makes the libraries raise."""

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# How often each byte of four is zero in a text that is half ASCII or more: never, often or always.
_ZEROS = {
    (0, 2, 2, 2): "utf-32-le",
    (2, 2, 2, 0): "utf-32-be",
    (0, 1, 0, 1): "utf-16-le",
    (1, 0, 1, 0): "utf-16-be",
}
_CONTROLS = bytes(sorted({*range(2, 9), *range(14, 26), 0x7F}))  # 1 is a delimiter of Hive
_BINARY = {
    b"<stata_dta>": "a file of Stata",
    b"$FL": "a file of SPSS",
    b"\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60": "a file of SAS",
    b"RDX": "a file of R",
    b"RDA": "a file of R",
    b"X\n\0\0\0": "a file of R",
    b"\x89HDF": "HDF5",
    b"CDF\1": "NetCDF",
    b"SQLite format 3\0": "a database of SQLite",
    b"\x93NUMPY": "an array of NumPy",
    b"\x80\4\x95": "a pickle of Python",
    b"\x80\3": "a pickle of Python",
    b"MATLAB 5.0": "a file of MATLAB",
    b"Obj\1": "Avro",
    b"ORC": "ORC",
    b"PAR1": "Parquet",
    b"ARROW1": "Arrow",
    b"\xd0\xcf\x11\xe0": "a workbook of Excel",
    b"PK\3\4": "a ZIP file, or a workbook",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x7fELF": "a program",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file within a compressed file",
    b"BZh": "a compressed file within a compressed file",
    b"\x28\xb5\x2f\xfd": "a compressed file within a compressed file",
    b"\xfd7zXZ": "a compressed file within a compressed file",
}
"""How files begin that are no text, and what they are."""


@dataclass(frozen=True)
class Encoding:
    """The encoding of a text.

    Attributes
    ----------
    name : str
        As Python calls it.
    said : bool
        Whether the user said so: then nothing else is tried.
    """

    name: str
    said: bool = False


def plain_encoding(encoding: str) -> str:
    """Return the usual name of an encoding, or raise a `ParameterError` if it is unknown."""
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)  # some codecs, such as hex, do not make text
        codecs.getincrementaldecoder(name)()
    except (LookupError, TypeError, ValueError):
        raise ParameterError(
            f"unknown encoding {encoding!r}: try utf-8, latin-1, cp1252 or utf-16"
        ) from None
    return "utf-8" if name == "utf-8-sig" else name


@contextmanager
def reading_bytes(file: TableFile) -> Iterator[ByteStream]:
    """Open a file, decompressed; whatever a library raises over its bytes is a `DataError`."""
    try:
        with open_bytes(file) as stream:
            yield stream
    except (DataError, MemoryError, ParameterError):
        raise
    except BROKEN as error:
        if lacks_memory(error):
            raise MemoryError(str(error)) from error
        raise DataError(f"{file}: cannot be read ({first_line(error)}): is it complete?") from error


@dataclass
class TextFile:
    """A text file that gives its text as UTF-8, without a byte order mark and zero bytes.

    Attributes
    ----------
    file : TableFile
    encoding : Encoding
        Found out when the file is opened, unless it is said.
    """

    file: TableFile
    encoding: Encoding
    mark: int = 0

    @classmethod
    def open(cls, file: TableFile, encoding: str | None) -> TextFile:
        """Look at the first bytes of a file.

        Raises
        ------
        DataError
            If it is no text, or cannot be read.
        ParameterError
            If the encoding is unknown.
        """
        said = None if encoding is None else plain_encoding(encoding)
        with reading_bytes(file) as stream:
            start = _filled(stream, FIRST_BLOCK)
        refuse_binary(file, start)
        mark = next((mark for mark in _MARKS if start.startswith(mark)), b"")
        if said is not None and not _is_mark_of(mark, said):
            mark = b""
        name = said or _MARKS.get(mark) or _detected(start, len(start) < FIRST_BLOCK)
        if mark and said in ("utf-16", "utf-32"):
            name = _MARKS[mark]
        return cls(file, Encoding(name, said is not None), len(mark))

    def notes(self) -> list[str]:
        """Return the line that says which encoding was found out, if it is not UTF-8."""
        name = self.encoding.name
        if self.encoding.said or name == "utf-8":
            return []
        why = "" if name.startswith("utf") else " (not UTF-8; --encoding says otherwise)"
        return [f"{self.file.label}: read as {NAMES.get(name, name)}{why}"]

    def blocks(self, notes: list[str] | None = None) -> Iterator[bytes]:
        """Yield the text.

        Parameters
        ----------
        notes : list of str, optional
            Gets a line for what had to be decided on the way.
        """
        decoding = _Decoding(self.file, self.encoding, notes if notes is not None else [])
        carriage_returns = None
        with reading_bytes(self.file) as stream:
            _filled(stream, self.mark)
            size = FIRST_BLOCK
            is_last = False
            while not is_last:
                data = _filled(stream, size)
                is_last = len(data) < size
                size = BLOCK
                block = decoding.clean(data, is_last)
                if carriage_returns is None and block:
                    check_text(self.file, block)
                    carriage_returns = b"\n" not in block and b"\r" in block
                if carriage_returns:  # the line ends of old systems
                    block = block.replace(b"\r", b"\n")
                if block:
                    yield block


@dataclass
class _Decoding:
    """Turns blocks of bytes into blocks of clean UTF-8, and remembers what it has seen."""

    file: TableFile
    encoding: Encoding
    notes: list[str]
    before: int = 0
    seen_utf8: bool = False
    rest: bytes = b""
    decoder: Any = None
    zeros: bool = False
    told: bool = field(default=False)

    def clean(self, data: bytes, is_last: bool) -> bytes:
        """Return the next block of text as UTF-8."""
        block = (
            self._utf8(self.rest + data, is_last)
            if self.encoding.name == "utf-8"
            else self._decoded(data, is_last)
        )
        if b"\0" in block:
            block = block.replace(b"\0", b"")
            if not self.zeros:
                self.zeros = True
                self.notes.append(f"{self.file.label}: zero bytes in the text are left out")
        self.before += len(data)
        return block

    def _line(self, place: int) -> int:
        """Return the number of the line at a place of the last block: the file is read once more."""
        left = self.before + place
        line = 1
        with reading_bytes(self.file) as stream:
            while left > 0 and (data := _filled(stream, min(left, BLOCK))):
                left -= len(data)
                line += data.count(b"\n")
        return line

    def _utf8(self, data: bytes, is_last: bool) -> bytes:
        before, self.rest = len(self.rest), b""
        if data.isascii():
            return data
        try:
            end = codecs.utf_8_decode(data, "strict", is_last)[1]
        except UnicodeDecodeError as error:
            return self._no_utf8(data, error.start, before, is_last)
        self.rest = data[end:]
        self.seen_utf8 = True
        return data[:end]

    def _no_utf8(self, data: bytes, place: int, rest: int, is_last: bool) -> bytes:
        line = self._line(place - rest)
        if self.encoding.said:
            raise _undecodable(self.file, line, self.encoding.name)
        if self.seen_utf8 or _mostly_utf8(data):
            return self._by_byte(data, line, is_last)
        name = legacy_encoding(data)
        self.encoding = Encoding(name)
        self.notes.append(
            f"{self.file.label}: from line {line:,} on read as {NAMES.get(name, name)} (not UTF-8; "
            "--encoding says otherwise)"
        )
        return self._decoded(data, is_last)

    def _by_byte(self, data: bytes, line: int, is_last: bool) -> bytes:
        self.seen_utf8 = True
        if not self.told:
            self.told = True
            self.notes.append(
                f"{self.file.label}: bytes that are not UTF-8, first in line {line:,}, are read as "
                "Windows-1252 (--encoding says otherwise)"
            )
        text, end = codecs.utf_8_decode(data, _BY_BYTE, is_last)
        self.rest = data[end:]
        return text.encode()

    def _decoded(self, data: bytes, is_last: bool) -> bytes:
        if self.decoder is None:
            self.decoder = codecs.getincrementaldecoder(self.encoding.name)(
                "strict" if self.encoding.said else _REPLACED
            )
        try:
            text: str = self.decoder.decode(data, is_last)
        except UnicodeError as error:
            place = getattr(error, "start", 0)
            line = self._line(place)
            raise _undecodable(self.file, line, self.encoding.name) from error
        return text.encode("utf-8", "replace")


def refuse_binary(file: TableFile, start: bytes) -> None:
    """Raise a DataError that says what a file is, if its first bytes are those of a known kind."""
    called = next((called for magic, called in _BINARY.items() if start.startswith(magic)), None)
    if start[257:262] == b"ustar":
        called = "a tar archive"
    if called is not None:
        raise DataError(f"{file}: it is {called}, not a table: export the table as CSV")


def check_text(file: TableFile, block: bytes) -> None:
    """Raise a DataError if the beginning of a file is that of a program, a picture or the like."""
    start = block[: 1 << 16]
    controls = len(start) - len(start.translate(None, _CONTROLS))
    if controls > 2 and controls > len(start) // 50:
        raise no_text(file)


def no_text(file: TableFile) -> DataError:
    """Return the error for a file that holds something else than text."""
    return DataError(
        f"{file}: not a text table (it holds zero bytes or other signs that no text has): save it as "
        "CSV or as Parquet"
    )


def _undecodable(file: TableFile, line: int, encoding: str) -> DataError:
    return DataError(
        f"{file}, line {line}: not text in {encoding.upper()}: leave --encoding out to have the "
        "encoding found out, or save the file as UTF-8"
    )


def _filled(stream: ByteStream, size: int) -> bytes:
    """Return the next `size` bytes, fewer at the end alone."""
    parts: list[bytes] = []
    while size and (part := bytes(stream.read(size))):
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _is_mark_of(mark: bytes, encoding: str) -> bool:
    return bool(mark) and _MARKS[mark].startswith(encoding.replace("_", "-"))


def _detected(data: bytes, is_whole: bool) -> str:
    """Return the encoding of a text whose first bytes these are."""
    zeros = _by_zeros(data)
    if zeros is not None:
        return zeros
    try:
        codecs.utf_8_decode(data, "strict", is_whole)
    except UnicodeDecodeError:
        return "utf-8" if _mostly_utf8(data) else legacy_encoding(data)
    return "utf-8"


def _by_zeros(data: bytes) -> str | None:
    part = data[: 1 << 14]
    part = part[: len(part) // 4 * 4]
    if len(part) < 4 or part.count(0) < len(part) // 10:
        return None
    shares = [part[place::4].count(0) / (len(part) // 4) for place in range(4)]
    for wanted, name in _ZEROS.items():
        if all(
            share < 0.05 if often == 0 else share > (0.95 if often == 2 else 0.3)
            for share, often in zip(shares, wanted, strict=True)
        ):
            try:
                part.decode(name, "strict" if name.startswith("utf-32") else "ignore")
            except UnicodeDecodeError:
                continue
            return name
    return None


def _mostly_utf8(data: bytes) -> bool:
    """Tell whether letters beyond ASCII are UTF-8 much more often than not."""
    part = data[: 1 << 20]
    text = part.decode("utf-8", "surrogateescape")
    bad = sum("\udc80" <= sign <= "\udcff" for sign in text if sign >= "\x80")
    good = sum(sign >= "\x80" for sign in text) - bad
    return good > 3 * bad


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(_windows_1252(byte) for byte in bad), error.end


def _windows_1252(byte: int) -> str:
    return bytes([byte]).decode("cp1252" if byte not in _UNUSED else "latin-1")


_UNUSED = (0x81, 0x8D, 0x8F, 0x90, 0x9D)  # of Windows-1252
_BY_BYTE = "chainrule.windows-1252"
_REPLACED = "chainrule.latin-1"


def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.start + 1].decode("latin-1"), error.start + 1


codecs.register_error(_BY_BYTE, _as_windows_1252)
codecs.register_error(_REPLACED, _as_latin_1)
