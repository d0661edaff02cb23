"""Notes on a table in the words of Python: what the command line calls an option is a parameter here."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["in_python"]

# Each option within a note, and the parameter that says the same.
_WORDS: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (
        r"\(--kind ([^()]{1,300}?)=(number|category|date|truth)\b",
        lambda found: f"(kinds={{{_quoted(found[1])}: '{found[2]}'}}",
    ),
    (r"\(--day-first\b", lambda _: "(day_first=True"),
    (r"\(--month-first\b", lambda _: "(day_first=False"),
    (r"\(--decimal ([.,])", lambda found: f"(decimal='{found[1]}'"),
    (r"\(--missing ([^\s()]{1,40})\)", lambda found: f"(missing=[{found[1]}])"),
    (
        r"\(--drop ([^()]{1,600})\)",
        lambda found: f"(drop=[{', '.join(map(_quoted, found[1].split(',')))}])",
    ),
)


def in_python(note: str) -> str:
    """Return a note with parameters of `TableClassifier` in the place of options.

    Examples
    --------
    >>> in_python("column 'a' is left out: it counts the rows (--kind a=number keeps it)")
    "column 'a' is left out: it counts the rows (kinds={'a': 'number'} keeps it)"
    >>> in_python("dates, and nothing tells (--month-first for the other)")
    'dates, and nothing tells (day_first=False for the other)'
    """
    for option, parameter in _WORDS:
        note = re.sub(option, parameter, note)
    return note


def _quoted(name: str) -> str:
    """Return a name between quotation marks, as a note may have it already."""
    return name if name[:1] in ("'", '"') else repr(name)
