"""Writing a file so that a crash, a full disk or a signal never leaves half of one."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

from chainrule.errors import ModelFileError

__all__ = ["replacing", "write_atomically"]

LONGEST = 40  # characters of a name that its temporary one repeats: names are at most 255 bytes


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Hand out a temporary path beside `path`, which takes its place if the block succeeds.

    The file has the mode of the one that it replaces, or else that of the umask.

    Raises
    ------
    ModelFileError
        If the folder is missing or not writable, or the file cannot be replaced.
    """
    try:
        path = path.resolve()  # a link stays one, to the new file
        if path.exists() and not path.is_file():  # such as /dev/null, which is not to be replaced
            raise ModelFileError(f"cannot write {str(path)!r}: it is not an ordinary file")
        # The name is known before there is a file: no signal can come in between.
        temporary = path.with_name(f".{path.name[:LONGEST]}.{token_hex(8)}")
    except OSError as error:  # the current folder may be gone
        raise refused(path, error) from None
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield temporary
        with temporary.open("r+b") as file:  # Windows refuses to flush what is open for reading
            os.fsync(file.fileno())
        if path.exists():
            os.chmod(temporary, stat.S_IMODE(path.stat().st_mode))
        os.replace(temporary, path)
    except OSError as error:
        raise refused(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path`, all of it or nothing."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def refused(path: Path, error: OSError) -> ModelFileError:
    """Return the error for a file that the system does not let us write."""
    return ModelFileError(f"cannot write {str(path)!r}: {error.strerror or error}")
