"""The process and its surroundings: exit codes, and standard streams that are closed, full or unread."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from typing import Any

__all__ = [
    "BAD_INPUT",
    "FAILED",
    "INTERRUPTED",
    "READER_GONE",
    "Heedless",
    "abandon",
    "check_environment",
    "ending_signals",
    "leave_pandas_out",
    "open_streams",
    "own_process",
    "trouble",
]

FAILED, BAD_INPUT = 1, 2
INTERRUPTED, READER_GONE = 130, 141  # as a shell counts: 128 and the signal, SIGINT or SIGPIPE

LEAST_WIDTH, MOST_WIDTH = 20, 10_000  # columns
STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


class WithoutPandas(MetaPathFinder):
    """Finds no pandas, wherever it is."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        """Raise an ImportError for pandas; leave every other module to others."""
        if fullname == "pandas":
            raise ModuleNotFoundError("No module named 'pandas'", name="pandas")


_own = False


def own_process() -> None:
    """Note that this process is the command line's own, and runs one command."""
    global _own
    _own = True


def leave_pandas_out() -> None:
    """Let pyarrow do without pandas, which it imports, where it is installed, with its first array.

    That takes .3 seconds, and is needed for data frames alone, which a command does not get. Whoever
    imports pandas afterwards has it; but pyarrow stays without, so this is for a command's own process.
    """
    if not _own or "pandas" in sys.modules:
        return
    import pyarrow as pa

    finder = WithoutPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(finder)


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


@contextlib.contextmanager
def ending_signals() -> Iterator[None]:
    """Let a request to end, which batch systems and closed terminals send, be what Ctrl-C is.

    Without it the process would be gone at once: a half-written file would stay, and a training be lost.
    """
    before: dict[int, Any] = {}
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:  # nohup ignores it
            with contextlib.suppress(ValueError):  # not in the main thread
                before[number] = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def abandon(stream: Any) -> None:
    """Send what is still unwritten nowhere: writing it at exit would fail once more."""
    with contextlib.suppress(OSError, ValueError):  # a stand-in for a stream has no number
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


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
