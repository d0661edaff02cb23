"""The size of a table that is read: what would not fit into memory is refused before it is read."""

from __future__ import annotations

import contextlib
import functools
import os
from pathlib import Path

from chainrule.errors import DataError

__all__ = ["MOST_COLUMNS", "check_table_size", "check_text_size", "memory"]

MOST_COLUMNS = 500_000
BYTES_OF_A_CELL = 16  # in memory: a float64 in the table, and another in the encoded matrix
USUAL_MEMORY = 16 * 2**30  # where the system does not say
CGROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@functools.cache
def memory() -> int:
    """Return the bytes of memory that this process may use at most."""
    bounds = [USUAL_MEMORY]
    with contextlib.suppress(AttributeError, OSError, ValueError):
        bounds = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in CGROUPS:
        with contextlib.suppress(OSError, ValueError):
            bounds.append(int(Path(path).read_text("ascii")))
    return min(bounds)


def check_table_size(path: object, rows: int, columns: int) -> None:
    """Raise a DataError if a table has too many columns, or its cells would not fit into memory.

    Parameters
    ----------
    path : object
        The file, for the message.
    rows, columns : int
        `rows` is 0 where they are read batch by batch.
    """
    if columns > MOST_COLUMNS:
        raise DataError(
            f"{path}: {columns:,} columns: at most {MOST_COLUMNS:,} are read; leave some out"
        )
    if rows * columns * BYTES_OF_A_CELL > memory():
        raise DataError(
            f"{path}: {rows:,} rows of {columns:,} columns do not fit into the memory of this "
            "machine: take fewer rows or columns"
        )


def check_text_size(path: object, size: int) -> None:
    """Raise a DataError if so many bytes, decompressed, would not fit into memory."""
    if size > memory():
        raise DataError(
            f"{path}: what it holds, decompressed, is larger than the memory of this machine: take "
            "fewer rows or columns"
        )
