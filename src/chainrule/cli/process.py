"""The process and its surroundings: exit codes, and standard streams that are closed, full or unread."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from typing import Any

__all__ = [
    "BAD_INPUT",
    "FAILED",
    "INTERRUPTED",
    "READER_GONE",
    "Heedless",
    "abandon",
    "check_environment",
    "lacks_memory",
    "open_streams",
    "trouble",
]

FAILED, BAD_INPUT = 1, 2
INTERRUPTED, READER_GONE = 130, 141  # as a shell counts: 128 and the signal, SIGINT or SIGPIPE

NO_MEMORY = ("failed to map segment", "Cannot allocate memory", "can't start new thread")
LEAST_WIDTH, MOST_WIDTH = 20, 10_000  # columns
STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def open_streams() -> None:
    """Give every standard stream that the caller has closed its number back.

    A file that is opened later would get the number, and be written to or read in its place. Reading
    finds nothing; writing fails, as it does on a full disk: a result that nobody can get is an error.
    """
    for name, mode in STREAMS:
        if getattr(sys, name) is None:
            number = os.open(os.devnull, os.O_RDONLY)  # the lowest that is free: that of the stream
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def check_environment() -> None:
    """Forget the widths that the environment gives to pages where they are none.

    Some shells inside other programs say that a terminal has no columns.
    """
    for name in ("COLUMNS", "TERMINAL_WIDTH"):
        width = os.environ.get(name, "")
        if not (width.isdecimal() and LEAST_WIDTH <= int(width) <= MOST_WIDTH):
            os.environ.pop(name, None)


def abandon(stream: Any) -> None:
    """Send what is still unwritten nowhere: writing it at exit would fail once more."""
    with contextlib.suppress(OSError, ValueError):  # a stand-in for a stream has no number
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def lacks_memory(error: BaseException) -> bool:
    """Say whether it is memory that was missing, whatever the error is."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(
        error, (ImportError, RuntimeError)
    ):  # as the loader and the thread library say it
        return any(sign in str(error) for sign in NO_MEMORY)
    return isinstance(error, MemoryError)


def trouble(error: OSError) -> str:
    """Return what is wrong with a stream or a file, in words."""
    if error.errno == errno.EBADF:
        return "standard output is closed"
    return error.strerror or str(error)


class Heedless:
    """Standard error that never fails: notes that cannot be written are dropped, the work goes on."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write, if it can be written."""
        try:
            self.stream.write(text)
        except OSError:
            abandon(self.stream)
        return len(text)

    def flush(self) -> None:
        """Flush, if it can be flushed."""
        try:
            self.stream.flush()
        except OSError:
            abandon(self.stream)

    def __getattr__(self, name: str) -> Any:
        """Be the stream itself in all else."""
        return getattr(self.stream, name)
