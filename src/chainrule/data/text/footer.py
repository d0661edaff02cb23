"""What stands at the foot of a table and is no row of it: totals, averages, footnotes, blank rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.data.messages import shown
from chainrule.data.text.dialect import trimmed
from chainrule.data.text.values import column_of, is_blank, is_value, mostly_values

__all__ = ["Foot", "Footer", "foot_of", "is_total"]

MOST_ROWS = 20
_TOTAL = re.compile(
    r"(?:(?:grand|sub|column|overall)[ -]?)?(?:totals?|sums?|averages?|avg|means?|summen?"
    r"|gesamt(?:summe)?|insgesamt|total general|zwischensumme|durchschnitt|mittelwert|moyenne|somme"
    r"|ensemble|suma|totale|totaal|media|promedio|итого|всего|сумма|среднее|合計|合计|总计|總計|平均)"
    r"(?: of all| \(.{1,20}\))?\s?[:.]?",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?:\*|†|©|\()|(?:sources?|quellen?|fuente|fonte|notes?|anmerkung(?:en)?|hinweis|remarks?|legend|"
    r"generated|created|exported|erstellt|stand|as of|copyright|end of|\d[\d,. ]* (?:rows?|records?))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Footer:
    """What the last rows of a table are held against.

    Attributes
    ----------
    width : int
        The fields of a row.
    numeric : tuple of bool
        Which fields are numbers in the first rows.
    words : tuple of frozenset of str
        The cells of each field in the first rows that may be those of a total.
    """

    width: int
    numeric: tuple[bool, ...]
    words: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]], width: int) -> Footer:
        """Take the first rows for what rows are like; the last of them may be its foot."""
        first = rows[: max(1, len(rows) - 3)] if len(rows) > 3 else rows[:1]
        columns = [column_of(first, place) for place in range(width)]
        return cls(
            width,
            tuple(mostly_values(cells) for cells in columns),
            tuple(frozenset(filter(is_total, cells)) for cells in columns),
        )


@dataclass(frozen=True)
class Foot:
    """How many of the last rows are none, and a line for each kind of them."""

    rows: int
    notes: tuple[str, ...]


def is_total(cell: str) -> bool:
    """Tell whether a cell names a sum or an average."""
    return bool(_TOTAL.fullmatch(cell.strip()))


def foot_of(rows: Sequence[Sequence[str]], footer: Footer) -> Foot:
    """Return what is left out at the foot of some last rows; the first one always stays."""
    notes: list[str] = []
    count = kept = blank = 0
    for row in list(reversed(rows))[: min(MOST_ROWS, len(rows) - 1)]:
        count += 1
        if not any(cell.strip() for cell in row):
            if footer.width > 1:
                kept, blank = count, blank + 1
            continue
        note = _note_of(row, footer)
        if note is None:
            break
        kept = count
        notes.append(note)
    if blank and not notes:
        notes.append(f"{blank} empty {'row' if blank == 1 else 'rows'} at the end are left out")
    return Foot(kept, tuple(notes))


def _note_of(row: Sequence[str], footer: Footer) -> str | None:
    """Return the line that says why a last row is none, None if it is one."""
    filled = [(place, cell.strip()) for place, cell in enumerate(row) if cell.strip()]
    place, cell = filled[0]
    if footer.width > 1 and len(row) == 1 and not is_value(cell):
        return f"the last line, {shown(cell)}, has one field and is left out"
    if footer.width > 2 and len(filled) == 1 and _is_note(place, cell, footer):
        return f"the last row, {shown(cell)}, is a note and is left out"
    if len(row) < footer.width and len(trimmed(row)) == len(row) and not is_total(cell):
        return None
    if is_total(cell) and place < footer.width and cell not in footer.words[place]:
        others = filled[1:]
        if others and all(is_value(value) or is_blank(value) for _, value in others):
            return f"the last row, {shown(cell)}, is a total and is left out"
    return None


def _is_note(place: int, cell: str, footer: Footer) -> bool:
    if is_value(cell) or place >= footer.width:
        return False
    return bool(_NOTE.match(cell)) or (footer.numeric[place] and " " in cell)
