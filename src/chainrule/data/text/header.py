"""Where a table begins below what stands before it, and which of its first rows are a header.

Titles and the like are told from the table by their number of fields, by a blank line behind them, or by
cells of which the most are empty. The first row is a header if none of its cells is a number, a date, or
true or false, and all are filled and different (or one of them stands over a number), or if its numbers
are years or the like and those below are not. A row of groups above the names and a row of units
below them are told from the cells, too.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from chainrule.data.text.dialect import trimmed
from chainrule.data.text.values import column_of, is_blank, is_value, mostly_values, values_of

__all__ = ["description_rows", "first_row", "is_group_row", "is_header", "is_units_row"]

Rows = Sequence[Sequence[str]]

MOST_LINES_BEFORE = 250
_LOOK_AHEAD = 30
# In so many rows a label that comes again would have done so.
_REPEATING = 10
_UNIT = re.compile(
    r"[\[(].{1,15}[\])]|[%‰°$€£¥]|°[CF]|[mckµnMdh]?(?:m|g|s|l|L|W|V|A|Pa|J|N|Hz|mol|Wh|bar|eV)(?:[²³23]|\^[23])?"
    r"|(?:min|h|hrs?|d|days?|a|yr|years?|ppm|ppb|dB|t|K|C|F|ha|inch|in|ft|lbs?|mph|kn|USD|EUR|CHF|GBP"
    r"|kcal|mmHg|count|number|string|text|Stück|Jahre|Tage)|[\wµ²³]{1,6}/[\wµ²³]{1,6}"
)


def first_row(rows: Rows, blank_before: Sequence[bool], width: int) -> int:
    """Return the index of the first row of the table, header included.

    Parameters
    ----------
    rows : sequence of sequences of str
        The first rows of the file, without blank ones.
    blank_before : sequence of bool
        Whether a blank line stands before each row.
    width : int
        The fields that the most rows have.
    """
    if width < 2:
        return 0
    start = _by_fields(rows, width)
    start = _by_empty_cells(rows, start, width)
    return _by_blank_line(rows, blank_before, start, width)


def _by_fields(rows: Rows, width: int) -> int:
    first = next((i for i, row in enumerate(rows[:MOST_LINES_BEFORE]) if _fits(rows, i, width)), 0)
    if all(len(trimmed(row)) <= 1 for row in rows[:first]):
        return first
    return first if _names_over_values(rows, first, width) else 0


def _fits(rows: Rows, place: int, width: int) -> bool:
    if len(rows[place]) == width or len(trimmed(rows[place])) == width:
        return True
    is_short = width > 2 and len(rows[place]) == width - 1
    return is_short and place + 1 < len(rows) and len(rows[place + 1]) == width


def _by_empty_cells(rows: Rows, start: int, width: int) -> int:
    """Skip titles in the first cells of rows that are empty otherwise, if a header follows."""
    place = start
    most = 0
    while place < min(len(rows) - 1, start + _LOOK_AHEAD):
        filled = [column for column, cell in enumerate(rows[place]) if cell.strip()]
        if len(filled) == width or filled != list(range(len(filled))):
            break
        most = max(most, len(filled))
        place += 1
    head = place + 1 if is_group_row(rows[place:], width) else place
    if place == start or head + 1 >= len(rows):
        return start
    if most <= max(1, width // 2):
        return place if _is_all_words(rows[head], width) else start
    return place if _names_over_values(rows, head, width) else start


def _by_blank_line(rows: Rows, blank_before: Sequence[bool], start: int, width: int) -> int:
    """Skip what a blank line separates from names that stand over values."""
    after = [
        place
        for place in range(start + 1, min(len(rows), start + _LOOK_AHEAD))
        if blank_before[place]
    ]
    for place in reversed(after):
        below = len(rows) - place - 1
        if below >= place - start and _names_over_values(rows, place, width):
            return place
    return start


def _names_over_values(rows: Rows, place: int, width: int) -> bool:
    if not _is_all_words(rows[place], width):
        return False
    below = [row for row in rows[place + 1 : place + _LOOK_AHEAD] if len(row) == width]
    return any(mostly_values(column_of(below, column)) for column in range(width))


def _is_all_words(row: Sequence[str], width: int) -> bool:
    """Tell whether all cells are filled and none is a value; the first, or the last, may be empty."""
    cells = [cell.strip() for cell in row]
    if len(cells) not in (width, width - 1) or any(values_of(cells)):
        return False
    return sum(map(bool, cells)) >= max(1, width - 1) and all(cells[1:-1])


def is_header(rows: Rows) -> bool:
    """Tell whether the first of some rows names the columns of the others."""
    cells = [cell.strip() for cell in rows[0]]
    values = values_of(cells)
    if any(values):
        return _are_years(cells, values, rows[1:])
    if all(cells) and len(set(cells)) == len(cells):
        return True
    if all(cells) and _come_once(cells, rows[1:]):
        return True
    # A name over a number is one of a header even if another name is empty or comes twice; or else
    # the header would pass as a row of text. So is an empty one over the numbers of an index.
    return any(
        bool(cell or (place == 0 and all(cells[1:])))
        and mostly_values(column_of(rows[1:_LOOK_AHEAD], place))
        for place, cell in enumerate(cells)
    )


def _come_once(cells: Sequence[str], below: Rows) -> bool:
    """Tell whether no cell of a row, though some are alike, comes again below, where others repeat.

    Names such as Labels, Labels stand above labels that come again and again, unlike the names.
    """
    repeating = 0
    for place, cell in enumerate(cells):
        values = [value.strip() for value in column_of(below, place)]
        if cell in values:
            return False
        repeating += len(values) >= _REPEATING and 2 * len(set(values)) <= len(values)
    return repeating > 0


def _are_years(cells: Sequence[str], values: Sequence[bool], below: Rows) -> bool:
    """Tell whether the values of a row count on evenly, beside a word, over other values."""
    words = [cell for cell, value in zip(cells, values, strict=True) if not value]
    places = [place for place, value in enumerate(values) if value]
    if not words or len(places) < 2 or not all(cells[place].isdecimal() for place in places):
        return False
    numbers = [int(cells[place]) for place in places]
    steps = {b - a for a, b in itertools.pairwise(numbers)}
    if len(steps) != 1 or steps == {0} or not below:
        return False
    low, high = min(numbers), max(numbers)
    others = [cell for place in places for cell in column_of(below[:_LOOK_AHEAD], place)]
    inside = sum(cell.strip().isdecimal() and low <= int(cell) <= high for cell in others)
    return bool(others) and inside <= 0.1 * len(others)


def is_group_row(rows: Rows, width: int) -> bool:
    """Tell whether the first row groups the names in the second: with gaps, or names that repeat."""
    if len(rows) < 3 or not _is_all_words(rows[1], width):
        return False
    groups = [cell.strip() for cell in rows[0]]
    filled = [cell for cell in groups if cell]
    if (
        not filled
        or len(groups) > width
        or any(values_of([c for c in filled if not c.isdecimal()]))
    ):
        return False
    gap = any(cell and not before for before, cell in itertools.pairwise(groups))
    has_gap = gap and len(filled) < width
    repeats = len(filled) == len(groups) and len(set(filled)) < len(filled)
    return (has_gap or repeats) and _names_over_values(rows, 1, width)


def description_rows(rows: Rows, width: int) -> int:
    """Return how many rows below the names describe the columns, as surveys and censuses have them.

    Words stand there over all columns of values, two at least, none of which comes again below.
    """
    for count in (2, 1):
        below = [row for row in rows[1 + count : 1 + count + _LOOK_AHEAD] if len(row) == width]
        numeric = [place for place in range(width) if mostly_values(column_of(below, place))]
        if len(below) < 2 or len(numeric) < 2:
            continue
        if all(_describes(row, numeric, below, width) for row in rows[1 : 1 + count]):
            return count
    return 0


def _describes(row: Sequence[str], numeric: Sequence[int], below: Rows, width: int) -> bool:
    """Tell whether the cells of a row are words that come once, over some columns of values."""
    cells = [cell.strip() for cell in row]
    if len(cells) != width or sum(map(bool, cells)) < width - 1:
        return False
    words = [cells[place] for place in numeric]
    if any(map(is_blank, words)) or any(values_of(words)) or len(set(words)) < len(words):
        return False
    return all(cell not in column_of(below, place) for place, cell in enumerate(cells) if cell)


def is_units_row(rows: Rows, width: int) -> bool:
    """Tell whether the second row holds the units of the columns that are numbers below it."""
    if len(rows) < 4 or len(rows[1]) != width:
        return False
    below = rows[2:_LOOK_AHEAD]
    numeric = [place for place in range(width) if mostly_values(column_of(below, place))]
    over_numbers = [rows[1][place].strip() for place in numeric]
    filled = [cell for cell in over_numbers if not is_blank(cell)]
    if not filled or any(map(is_value, filled)) or len(filled) < len(numeric) / 2:
        return False
    units = sum(bool(_UNIT.fullmatch(cell)) for cell in filled)
    others = [rows[1][place] for place in range(width) if place not in numeric]
    are_no_words = all(is_blank(cell) or _UNIT.fullmatch(cell.strip()) for cell in others)
    return units >= len(filled) / 2 and are_no_words and len(numeric) > 0
