"""Lending a stream of Python to Arrow, whose threads must have let go of it before Python goes on.

Arrow's readers return when the table is there; a thread of theirs may then still hold the stream, and
gives it back a moment later, for which it needs the interpreter. Where that has ended by then, as after
an error in the first instant of a command, the process is aborted.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # whoever opens a document needs no tables
    from pyarrow import PythonFile

__all__ = ["Readable", "lent_to_arrow"]

PATIENCE = 5.0  # seconds, where somebody keeps the stream on purpose


class Readable(Protocol):
    """A stream of bytes that can be read from its start to its end."""

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most ``size`` of them."""


class Loan:
    """A stream as Arrow asks for it; it is gone when no thread has it any more.

    Its ``read`` is that of the stream: a method of its own would keep the loan in the traceback of an
    error that the stream raises.
    """

    def __init__(self, stream: Readable) -> None:
        self.read = stream.read
        self.closed = False

    def close(self) -> None:
        """Count as closed; the stream belongs to whoever opened it."""
        self.closed = True


@contextmanager
def lent_to_arrow(stream: Readable) -> Iterator[Callable[[], PythonFile]]:
    r"""Yield a function that returns the stream as a file of Arrow's; at the end, wait until it is back.

    Parameters
    ----------
    stream : Readable

    Examples
    --------
    The file goes to its reader without a name, which would keep it:

    >>> import io
    >>> import pyarrow.csv
    >>> with lent_to_arrow(io.BytesIO(b"a,b\n1,2\n")) as opened:
    ...     table = pyarrow.csv.read_csv(opened())
    >>> table.to_pylist()
    [{'a': 1, 'b': 2}]
    """
    loans: list[Event] = []

    def opened() -> PythonFile:
        from pyarrow import PythonFile

        loan, returned = Loan(stream), Event()
        weakref.finalize(loan, returned.set)
        loans.append(returned)
        return PythonFile(loan, "r")

    try:
        yield opened
    finally:
        for returned in loans:
            returned.wait(PATIENCE)
