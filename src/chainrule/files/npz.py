"""Arrays of an NPZ file, each read only after its header was: type, shape and size are checked first."""

from __future__ import annotations

import math
import os
import zipfile
from typing import Any, BinaryIO

from numpy.lib import format as npy
from numpy.typing import NDArray

from chainrule.errors import DataError, InputError
from chainrule.files.bounds import memory
from chainrule.files.regular import open_regular

__all__ = ["read_npz_arrays"]

MOST_ARRAYS = 100_000
MOST_ITEMS_OF_NONE = 1_000_000  # no byte of the file says how many there are
HEADERS: dict[tuple[int, int], Any] = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
}


def read_npz_arrays(path: str | os.PathLike[str]) -> dict[str, NDArray[Any]]:
    """Return the arrays of an NPZ file by name; nothing in it is unpickled.

    Raises
    ------
    DataError
        If the file is broken, or none of NPZ; if an array holds objects, or less than its header
        says; or if the arrays would not fit into memory.
    OSError
        If the file cannot be opened.
    """
    with open_regular(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return arrays_of(path, archive)
        except (InputError, MemoryError):
            raise
        # Which exception a damaged file raises depends on the damaged byte.
        except Exception as error:
            reason = " ".join(str(error).split())[:180] or type(error).__name__
            raise DataError(
                f"{path}: a broken file, or not one of NPZ ({reason}): write it again with numpy.savez"
            ) from error


def arrays_of(path: object, archive: zipfile.ZipFile) -> dict[str, NDArray[Any]]:
    members = archive.infolist()
    if len(members) > MOST_ARRAYS:
        raise DataError(f"{path}: {len(members):,} arrays: at most {MOST_ARRAYS:,} are read")
    total = 0
    found: dict[str, NDArray[Any]] = {}
    for member in members:
        name = member.filename.removesuffix(".npy")
        if name in found:
            raise DataError(
                f"{path}: the array {name!r:.60} is there twice: give each its own name"
            )
        with archive.open(member) as stream:
            total += checked_size(f"{path}: the array {name!r:.60}", stream, member.file_size)  # type: ignore[arg-type]
        if total > memory() // 2:
            raise DataError(
                f"{path}: its arrays, of {total:,} bytes and more, do not fit into the memory of this "
                "machine: write fewer"
            )
        with archive.open(member) as stream:
            found[name] = npy.read_array(stream, allow_pickle=False)
    return found


def checked_size(what: str, stream: BinaryIO, size: int) -> int:
    """Return the bytes of an array's items, by its header, after a check that they can be there."""
    start = stream.read(npy.MAGIC_LEN)
    if not start.startswith(npy.MAGIC_PREFIX):
        raise DataError(f"{what} is none: write the file with numpy.savez")
    version = (start[-2], start[-1])
    if version not in HEADERS:
        raise DataError(f"{what} is not of plain numbers or texts: save it as such")
    shape, _, dtype = HEADERS[version](stream)
    if dtype.hasobject:
        raise DataError(
            f"{what} holds pickled objects, which could run code and are not read: save it as numbers "
            "or text"
        )
    items = math.prod(shape)
    if min(shape, default=1) < 0:
        raise DataError(f"{what} has the shape {shape!s:.60}: write the file again")
    if items * dtype.itemsize == 0 and max(items, *shape, 0) > MOST_ITEMS_OF_NONE:
        raise DataError(
            f"{what}, of type {dtype} and shape {shape!s:.60}, holds nothing: leave it out"
        )
    if items * dtype.itemsize > size:
        raise DataError(
            f"{what} has {size:,} bytes, fewer than its shape {shape!s:.60} needs: write the file again"
        )
    return items * int(dtype.itemsize)
