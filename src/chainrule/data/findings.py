"""What is odd, but no error, in the rows that an encoder is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chainrule.data.messages import listed, shown
from chainrule.notices import warn_user

__all__ = ["DataWarning", "Findings"]

_NAMED = 3


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
    unseen : dict of str to dict
        For every column, how often each category came that the training rows do not have; only
        the first three categories of a column are named, so that memory stays bounded.
    unseen_total : dict of str to int
        For every column, how many cells hold such a category.
    """

    extra: dict[str, None] = field(default_factory=dict)
    unseen: dict[str, dict[str, int]] = field(default_factory=dict)
    unseen_total: dict[str, int] = field(default_factory=dict)

    def add_extra(self, names: Iterable[str]) -> None:
        """Note columns that the encoder does not know."""
        self.extra.update(dict.fromkeys(names))

    def add_unseen(self, column: str, counts: Mapping[str, int]) -> None:
        """Note categories of a column that the training rows do not have."""
        named = self.unseen.setdefault(column, {})
        for value, count in counts.items():
            if value in named or len(named) < _NAMED:
                named[value] = named.get(value, 0) + count
        self.unseen_total[column] = self.unseen_total.get(column, 0) + sum(counts.values())

    def messages(self) -> list[str]:
        """Return everything that was noted, a line each."""
        lines = []
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
        return lines

    def warn(self) -> None:
        """Give a `DataWarning` for each message, and forget them."""
        lines = self.messages()
        self.extra, self.unseen, self.unseen_total = {}, {}, {}
        for line in lines:
            warn_user(line, DataWarning)
