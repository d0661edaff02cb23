"""What is odd, but no error, in the rows that an encoder is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chainrule.data.messages import condensed, listed, shown
from chainrule.notices import warn_user

__all__ = ["DataWarning", "Findings"]

_NAMED = 3
_NOUNS = {
    "numeric": "number",
    "boolean": "truth value",
    "date": "date",
    "categorical": "category",
}


class DataWarning(UserWarning):
    """Something in a table is odd and has no effect, or less than one might think."""


@dataclass
class Findings:
    """Collects what is odd over all batches of a stream, to be said once at its end.

    Give one object to `TableEncoder.transform` for every batch and call `warn` after the last one.

    Attributes
    ----------
    extra : dict of str
        The columns that the encoder does not know (as keys, in order).
    lines : dict of str
        What is a line already.
    unseen : dict of str to dict
        For every column, how often each category came that the training rows do not have; only
        the first three categories of a column are named, so that memory stays bounded.
    unseen_total : dict of str to int
        For every column, how many cells hold such a category.
    unread, unread_total : dict
        The same of cells that are not of the column's kind, which count as missing.
    kinds : dict of str to str
        The kinds of these columns.
    spelled : dict of str to dict
        For every column, spellings that were taken as labels of the training rows.
    far : dict of str to tuple
        For every column with numbers far from those that were trained on: how many, the furthest,
        and the lowest and highest of the training.
    """

    extra: dict[str, None] = field(default_factory=dict)
    lines: dict[str, None] = field(default_factory=dict)
    unseen: dict[str, dict[str, int]] = field(default_factory=dict)
    unseen_total: dict[str, int] = field(default_factory=dict)
    unread: dict[str, dict[str, int]] = field(default_factory=dict)
    unread_total: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    spelled: dict[str, dict[str, str]] = field(default_factory=dict)
    far: dict[str, tuple[int, float, tuple[float, float]]] = field(default_factory=dict)

    def add_line(self, text: str) -> None:
        """Note what is a line already."""
        self.lines[text] = None

    def add_extra(self, names: Iterable[str]) -> None:
        """Note columns that the encoder does not know."""
        self.extra.update(dict.fromkeys(names))

    def add_unseen(self, column: str, counts: Mapping[str, int]) -> None:
        """Note categories of a column that the training rows do not have."""
        _count(self.unseen, self.unseen_total, column, counts)

    def add_unread(self, column: str, kind: str, counts: Mapping[str, int]) -> None:
        """Note cells of a column that do not say what a column of its kind says."""
        self.kinds[column] = kind
        _count(self.unread, self.unread_total, column, counts)

    def add_spelled(self, column: str, labels: Mapping[str, str]) -> None:
        """Note spellings of a column, and the labels of the training rows that they are taken as."""
        named = self.spelled.setdefault(column, {})
        named.update((word, label) for word, label in labels.items() if len(named) < _NAMED)

    def add_far(self, column: str, count: int, worst: float, ends: tuple[float, float]) -> None:
        """Note numbers that lie far outside `ends`, those of the table that was trained on."""
        before, other, _ = self.far.get(column, (0, worst, ends))
        further = max(worst, other, key=lambda value: max(ends[0] - value, value - ends[1]))
        self.far[column] = (before + count, further, ends)

    def messages(self) -> list[str]:
        """Return everything that was noted, a line each, few lines of many columns."""
        lines = list(self.lines)
        if self.extra:
            lines.append(f"columns that the model does not use are ignored: {listed(self.extra)}")
        for column, named in self.unseen.items():
            total = self.unseen_total[column]
            examples = ", ".join(f"{shown(value)} ({count:,})" for value, count in named.items())
            more = ", …" if total > sum(named.values()) else ""
            one = total == 1
            cells = "1 row has a category" if one else f"{total:,} rows have categories"
            lines.append(
                f"column {shown(column)}: {cells} that the training rows do not have, "
                f"which {'counts' if one else 'count'} as no category: {examples}{more}"
            )
        for column, named in self.unread.items():
            lines.append(f"column {shown(column)}: {self._unread(column, named)}")
        for column, labels in self.spelled.items():
            pairs = ", ".join(f"{shown(word)} as {shown(label)}" for word, label in labels.items())
            lines.append(
                f"column {shown(column)}: spelled otherwise than in the training rows, and taken "
                f"as the same: {pairs}"
            )
        for column, (count, worst, (low, high)) in self.far.items():
            rows = "1 row lies" if count == 1 else f"{count:,} rows lie"
            direction = "up" if worst > high else "down"
            lines.append(
                f"column {shown(column)}: {rows} far outside what the model was trained on, "
                f"{low:.6g} to {high:.6g}: {direction} to {worst:.6g}"
            )
        return condensed(lines)

    def _unread(self, column: str, named: Mapping[str, int]) -> str:
        """Return a sentence about the cells of a column that could not be read."""
        total = self.unread_total[column]
        examples = ", ".join(f"{shown(value)} ({count:,})" for value, count in named.items())
        more = ", …" if total > sum(named.values()) else ""
        cells = "1 cell is" if total == 1 else f"{total:,} cells are"
        noun = _NOUNS[self.kinds[column]]
        return f"{cells} no {noun} as in the training rows, and missing: {examples}{more}"

    def warn(self) -> None:
        """Give a `DataWarning` for each message, and forget them."""
        lines = self.messages()
        for collected in vars(self).values():
            collected.clear()
        for line in lines:
            warn_user(line, DataWarning)


def _count(
    named: dict[str, dict[str, int]],
    totals: dict[str, int],
    column: str,
    counts: Mapping[str, int],
) -> None:
    """Add counts to those of a column, the first few values by name."""
    of_column = named.setdefault(column, {})
    for value, count in counts.items():
        if value in of_column or len(of_column) < _NAMED:
            of_column[value] = of_column.get(value, 0) + count
    totals[column] = totals.get(column, 0) + sum(counts.values())
