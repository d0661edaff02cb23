"""Regular files: a pipe may wait for ever, and a device may never end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, cast

__all__ = ["check_regular", "open_regular", "read_regular"]

NOT_REGULAR = "it is a pipe, a device or a socket: save what it gives in a file first"
# A pipe that nobody writes to would keep `open` waiting; Windows has no such flag, and no such pipes.
AT_ONCE = getattr(os, "O_NONBLOCK", 0)


def check_regular(path: str | os.PathLike[str]) -> None:
    """Raise the OSError of a path that is no regular file, or that cannot be read."""
    open_regular(path).close()


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Return a regular file, open for reading bytes.

    Raises
    ------
    OSError
        If there is no such file, it cannot be read, or it is a folder, a pipe or a device.
    """
    try:
        found = os.stat(path)
    except ValueError as error:  # no file has a zero byte in its name
        raise OSError(errno.EINVAL, str(error)) from None
    refuse_others(found)  # to open some devices has an effect
    return cast("BinaryIO", open(path, "rb", opener=opened))


def opened(path: str, flags: int) -> int:
    """Return the descriptor of a regular file; what stood there a moment ago counts for nothing."""
    descriptor = os.open(path, flags | AT_ONCE)
    try:
        refuse_others(os.fstat(descriptor))
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def refuse_others(found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, NOT_REGULAR)


def read_regular(path: str | os.PathLike[str], most: int) -> bytes:
    """Return the bytes of a regular file, whose size is checked before one is read.

    Parameters
    ----------
    path : str or path-like
    most : int
        The bytes that it may have.

    Raises
    ------
    OSError
        As `open_regular` does, and if the file is larger.
    """
    with open_regular(Path(path)) as file:
        content = b"" if os.fstat(file.fileno()).st_size > most else file.read(most + 1)
        if len(content) > most or os.fstat(file.fileno()).st_size > most:
            raise OSError(errno.EFBIG, f"it is larger than {most:,} bytes")
        return content
