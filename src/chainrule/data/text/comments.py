"""Lines that are comments: which sign they begin with, and names of columns among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.data.text.dialect import COMMENTS, Dialect, cut, trimmed
from chainrule.data.text.values import values_of

__all__ = ["Comments", "find_comments"]


@dataclass(frozen=True)
class Comments:
    """What the comments of a file begin with.

    Attributes
    ----------
    prefix : str or None
        None if there are no comments.
    names : list of str or None
        The cells of the last comment above the data, if they may be names of its columns.
    """

    prefix: str | None
    names: list[str] | None


def find_comments(
    lines: Sequence[str], rows: Sequence[Sequence[str]], dialect: Dialect, width: int
) -> Comments:
    """Find out whether some lines are comments.

    A line that begins with one of the signs may be a row all the same, such as one of colors
    (``#ff0000,3``): it is if it has the fields of one and no blank behind the sign.
    """
    for prefix in COMMENTS:
        places = [i for i, line in enumerate(lines) if line.lstrip(" \t").startswith(prefix)]
        if not places or len(places) == len(lines):
            continue
        above = next(i for i, place in enumerate([*places, -1]) if i != place) - 1
        if width < 2:
            if all(_blank_follows(lines[place], prefix) for place in places):
                return Comments(prefix, None)
            continue
        if above >= 0 and rows[above][0].strip() == prefix and len(rows[above]) == width:
            continue  # a column that is called #
        like_rows = [
            place
            for place in places
            if len(trimmed(rows[place])) == width and not _blank_follows(lines[place], prefix)
        ]
        names = _names(lines[above], prefix, dialect, width) if above >= 0 else None
        if not like_rows or (names and like_rows == [above]):
            return Comments(prefix, names)
    return Comments(None, None)


def _names(line: str, prefix: str, dialect: Dialect, width: int) -> list[str] | None:
    text = line.lstrip(" \t")[len(prefix) :].strip()
    cells = trimmed(next(iter(cut(iter([text]), dialect)), []))
    if len(cells) != width or width < 2 or any(values_of(cells)) or not all(map(str.strip, cells)):
        return None
    return [cell.strip() for cell in cells]


def _blank_follows(line: str, prefix: str) -> bool:
    rest = line.lstrip(" \t")[len(prefix) :]
    return not rest.strip() or rest[0] in " \t" + prefix[0]
