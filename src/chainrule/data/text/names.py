"""The names of the columns, as a header writes them and as the table has them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chainrule.data.messages import listed

__all__ = ["clean_name", "joined_names", "names_alone", "numbered", "unique_names"]

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_BLANKS = re.compile("[\u00a0\u2000-\u200a\u202f\u3000]")


def clean_name(cell: str) -> str:
    r"""Return a name without signs that cannot be seen and without blanks around it.

    Examples
    --------
    >>> clean_name("\ufeff price\u00a0 ")
    'price'
    """
    return _BLANKS.sub(" ", _INVISIBLE.sub("", cell)).strip()


def numbered(names: Sequence[str]) -> list[str]:
    """Return the names, each one that came before with a number behind it.

    Examples
    --------
    >>> numbered(["a", "b", "a", "a_2"])
    ['a', 'b', 'a_3', 'a_2']
    """
    taken, seen = set(names), set()
    counts: dict[str, int] = {}
    found = []
    for name in names:
        if name in seen:
            number = counts.get(name, 1) + 1
            while f"{name}_{number}" in taken:
                number += 1
            counts[name] = number
            name = f"{name}_{number}"
            taken.add(name)
        seen.add(name)
        found.append(name)
    return found


def unique_names(cells: Sequence[str], notes: list[str]) -> list[str]:
    """Return a name of its own for each column; what had to be changed is added to `notes`."""
    clean = [clean_name(cell) for cell in cells]
    filled = [name or f"c{place}" for place, name in enumerate(clean, start=1)]
    found = numbered(filled)
    empty = [name for name, own in zip(found, clean, strict=True) if not own]
    if empty:
        notes.append(f"columns without a name are called {listed(empty, 3)}")
    again = [
        name
        for name, before, own in zip(found, filled, clean, strict=True)
        if own and name != before
    ]
    if again:
        notes.append(f"columns with the name of another are called {listed(again, 3)}")
    return found


def names_alone(names: Sequence[str], width: int) -> bool:
    """Tell whether names are as many as there are columns, and all filled and different."""
    clean = [clean_name(name) for name in names]
    return len(clean) == width and all(clean) and len(set(clean)) == width


def joined_names(groups: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return names behind those of their groups; a group goes on until the next one begins.

    Examples
    --------
    >>> joined_names(["", "2023", ""], ["city", "min", "max"])
    ['city', '2023 min', '2023 max']
    """
    found, group = [], ""
    for place, name in enumerate(names):
        group = clean_name(groups[place]) or group if place < len(groups) else group
        own = clean_name(name)
        found.append(f"{group} {own}".strip() if group != own else own)
    return found
