"""Writing a file so that a crash, a full disk or a Ctrl-C never leaves half of one."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from chainrule.errors import ModelFileError

__all__ = ["replacing", "write_atomically"]


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Hand out a temporary path beside `path`, which takes its place if the block succeeds.

    Raises
    ------
    ModelFileError
        If the folder is missing or not writable, or the file cannot be replaced.
    """
    path = path.resolve()  # a link stays one, to the new file
    if path.exists() and not path.is_file():  # such as /dev/null, which is not to be replaced
        raise ModelFileError(f"cannot write {str(path)!r}: it is not an ordinary file")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise ModelFileError(f"cannot write {str(path)!r}: {error.strerror or error}") from None
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("r+b") as file:  # Windows refuses to flush what is open for reading
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~current_umask())  # mkstemp's 0600 is for secrets
        os.replace(temporary, path)
    except OSError as error:
        raise ModelFileError(f"cannot write {str(path)!r}: {error.strerror or error}") from None
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path`, all of it or nothing."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def current_umask() -> int:
    """Return the process's umask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
