"""How names, cells and foreign errors are shown inside a one-line message."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["first_line", "listed", "shown"]

_LONGEST = 60


def shown(value: object) -> str:
    """Return `value` as it stands in a message: quoted, on one line, and not too long.

    Examples
    --------
    >>> print(shown("it's"))
    "it's"
    """
    text = repr(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def listed(names: Iterable[object], at_most: int = 10) -> str:
    """Return the names one after the other, the first `at_most` of them.

    Examples
    --------
    >>> listed(["a", "b", "c"], at_most=2)
    "'a', 'b' and 1 more"
    """
    names = list(names)
    text = ", ".join(shown(name) for name in names[:at_most])
    hidden = len(names) - at_most
    return f"{text} and {hidden:,} more" if hidden > 0 else text


def first_line(error: BaseException) -> str:
    """Return the first line of what another library says, or the error's type if it says nothing."""
    lines = str(error).strip().splitlines()
    text = lines[0].strip().rstrip(".:") if lines else type(error).__name__
    return text if len(text) <= 3 * _LONGEST else text[: 3 * _LONGEST - 1] + "…"
