"""Every error that chainrule raises on purpose.

::

    ChainruleError
    ├── InputError (ValueError)       something that was given is wrong
    │   ├── ParameterError            a parameter or an option: its value or its name
    │   ├── ShapeError                an array's shape does not fit the network
    │   ├── DataError                 a table: its file, a column, a row
    │   ├── ModelFileError            a model file: truncated, altered, foreign
    │   └── FormulaError              a formula: it cannot be read, or its shapes do not fit
    ├── MissingExtraError (ImportError)   an optional dependency is not installed
    └── DivergenceError (ArithmeticError) training left the range of finite numbers

A message is one line: what is wrong, where, and what to do about it. The command line exits with 2
for an `InputError` and with 1 for the rest.
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable

__all__ = [
    "ChainruleError",
    "DataError",
    "DivergenceError",
    "FormulaError",
    "InputError",
    "MissingExtraError",
    "ModelFileError",
    "ParameterError",
    "ShapeError",
    "lacks_memory",
    "nearest_name",
    "unknown_name",
]


LONGEST_COMPARED, MOST_COMPARED = 200, 2000
# How libraries say that memory or threads ran out, where they raise no MemoryError: the loader of
# modules, Python's threads, Arrow's and the C++ library's.
NO_MEMORY = (
    "failed to map segment",
    "Cannot allocate memory",
    "can't start new thread",
    "Resource temporarily unavailable",
)
MOST_NAMES = 30  # a table may have thousands of columns; a message is one line


class ChainruleError(Exception):
    """The root of the tree: catch this to catch every error of chainrule."""


class InputError(ChainruleError, ValueError):
    """Something that was given is wrong; the message says what, where, and what to do."""


class ParameterError(InputError):
    """A parameter has a value, or a name, that it cannot have."""


class ShapeError(InputError):
    """An array does not have the shape that the network needs."""


class DataError(InputError):
    """A table cannot be used as it is: the message names the file, the column or the row."""


class ModelFileError(InputError):
    """A model file is truncated, altered, foreign, or from a newer version."""


class FormulaError(InputError):
    """A formula cannot be read or computed; the message says which part of it, and why."""


class MissingExtraError(ChainruleError, ImportError):
    """An optional dependency is needed; the message says what to install."""


class DivergenceError(ChainruleError, ArithmeticError):
    """The cost is no longer finite, or has exploded; the message says what to change.

    Attributes
    ----------
    before_update : bool
        Whether it was so from the start: then the rows are at fault, and not the learning rate.
    """

    def __init__(self, message: str, *, before_update: bool = False) -> None:
        super().__init__(message)
        self.before_update = before_update


def lacks_memory(error: BaseException) -> bool:
    """Say whether it is memory that was missing, whatever the error is.

    Examples
    --------
    >>> lacks_memory(MemoryError()), lacks_memory(ImportError("x.so: failed to map segment"))
    (True, True)
    """
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    return isinstance(error, MemoryError) or any(sign in str(error) for sign in NO_MEMORY)


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """Return the name in `known` that is spelled most like `name`, or None if none is close.

    Capitals count for little: "ReLU" is relu. Names that differ in more are compared if they are at
    most 200 characters long, and with the first 2,000 of `known`: to compare two takes a time that
    grows with the product of their lengths.
    """
    known = list(known)
    if name in known:
        return name
    folded = {other.casefold(): other for other in reversed(known)}
    wanted = name.casefold()
    if wanted in folded:
        return folded[wanted]
    if len(name) > LONGEST_COMPARED:
        return None
    first = [other.casefold() for other in known[:MOST_COMPARED] if len(other) <= LONGEST_COMPARED]
    close = difflib.get_close_matches(wanted, first, n=1, cutoff=0.5)
    return folded[close[0]] if close else None


def unknown_name(kind: str, name: object, known: Iterable[str]) -> ParameterError:
    """Build the error for a name that is not one of the known ones.

    Parameters
    ----------
    kind : str
        What the name should have been, for example ``"activation"``.
    name : object
        What was given.
    known : iterable of str
        The right names.

    Returns
    -------
    ParameterError
        An error to raise; its message holds the nearest right name and all of them.

    Examples
    --------
    >>> print(unknown_name("activation", "sigmiod", ["sigmoid", "tanh"]))
    unknown activation 'sigmiod': did you mean 'sigmoid'? The known ones are: sigmoid, tanh
    """
    known = list(known)
    nearest = nearest_name(name, known) if isinstance(name, str) else None
    hint = f" did you mean {nearest!r}?" if nearest else ""
    shown = ", ".join(f"{other:.{LONGEST_COMPARED}}" for other in known[:MOST_NAMES])
    if len(known) > MOST_NAMES:
        shown += f" and {len(known) - MOST_NAMES:,} more"
    return ParameterError(
        f"unknown {kind} {name!r:.{LONGEST_COMPARED}}:{hint} The known ones are: {shown}"
    )
