"""How names, cells and foreign errors are shown inside a one-line message."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["condensed", "first_line", "listed", "shown"]

_LONGEST = 60
# More lines on as many columns, which say the same, are not read.
_MOST_ALIKE = 20
_KEPT = 3
_NAME = r"""'[^'…]*['…]|"[^"…]*["…]"""
_OF_A_COLUMN = re.compile(rf"column ({_NAME})")
_VARIES = re.compile(rf"{_NAME}|--[^)]{0, 400}\)|[+-]?[\d.,:]+(?:e[+-]?\d+)?")


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


def condensed(lines: Iterable[str]) -> list[str]:
    r"""Return the lines; of many that say the same of different columns the first, and one more.

    Lines say the same if they differ in names, examples, numbers and the options to give alone.

    Parameters
    ----------
    lines : iterable of str
        Each on one column, or on something else.

    Examples
    --------
    >>> lines = [f"column 'x{place}': missing where it says '-' ({place})" for place in range(99)]
    >>> print(*condensed(["1 row is left out", *lines]), sep="\n")
    1 row is left out
    column 'x0': missing where it says '-' (0)
    column 'x1': missing where it says '-' (1)
    column 'x2': missing where it says '-' (2)
    the same is said of 96 more columns: 'x3', 'x4', 'x5', …
    """
    lines = list(lines)
    alike: dict[str, list[int]] = {}
    for place, line in enumerate(lines):
        if _OF_A_COLUMN.match(line):
            alike.setdefault(_VARIES.sub("…", line), []).append(place)
    hidden: dict[int, str] = {}
    for places in alike.values():
        if len(places) > _MOST_ALIKE:
            others = places[_KEPT:]
            names = [_OF_A_COLUMN.match(lines[place]) for place in others[:_KEPT]]
            first = ", ".join(name[1] for name in names if name)
            hidden |= dict.fromkeys(others, "")
            hidden[others[0]] = f"the same is said of {len(others):,} more columns: {first}, …"
    kept = (hidden.get(place, line) for place, line in enumerate(lines))
    return [line for line in kept if line]


def first_line(error: BaseException) -> str:
    """Return the first line of what another library says, or the error's type if it says nothing."""
    lines = str(error).strip().splitlines()
    text = lines[0].strip().rstrip(".:") if lines else type(error).__name__
    return text if len(text) <= 3 * _LONGEST else text[: 3 * _LONGEST - 1] + "…"
