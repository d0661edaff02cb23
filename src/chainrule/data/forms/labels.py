"""Labels of categories: what is spelled in several ways, by case or blanks alone, is one label."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from chainrule.data import checked
from chainrule.data.forms.missing import TEXT, is_marked

__all__ = ["LabelForm", "Spellings", "find_spellings", "folded"]

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
# With more labels than these, what is spelled in two ways is one of many oddities.
_MOST_LABELS = 10_000
# A single letter may mean another thing than its capital, unless it is that rare beside it.
_RARE = 0.1


def folded(label: str) -> str:
    """Return a label without regard to case, to how many blanks there are, and to signs nobody sees."""
    return " ".join(_INVISIBLE.sub("", label).split()).casefold()


@dataclass(frozen=True)
class LabelForm:
    """How the labels of a column are written.

    Attributes
    ----------
    joined : tuple of (str, str)
        Spellings, and the label that each of them is.
    signs : bool
        Whether plus and minus are labels, so that a minus is not a missing value.
    labels : tuple of str
        Labels that are known in any case and with any blanks; those of a target.
    listed : bool
        Whether values are labels even if all of them are numbers.

    Examples
    --------
    >>> LabelForm((("YES", "yes"),)).read(
    ...     pa.chunked_array([pa.array(["YES", "-"], TEXT)])
    ... ).to_pylist()
    ['yes', None]
    """

    joined: tuple[tuple[str, str], ...] = ()
    signs: bool = False
    labels: tuple[str, ...] = ()
    listed: bool = False

    def read(self, cells: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the labels of cells, null where they are missing.

        Parameters
        ----------
        cells : pyarrow.ChunkedArray
            A plain column; what is not text stays as it is.
        """
        values = self._labels(cells) if cells.type == TEXT else cells
        return pc.dictionary_encode(values) if self.listed else values

    def _labels(self, cells: pa.ChunkedArray) -> pa.ChunkedArray:
        marked = pc.fill_null(is_marked(cells, self.signs), False)
        if pc.any(marked).as_py():
            cells = pc.if_else(marked, pa.scalar(None, TEXT), cells)
        cells = _replaced(cells, self.joined)
        return _replaced(cells, self.other_spellings(cells)) if self.labels else cells

    def other_spellings(self, cells: pa.ChunkedArray) -> list[tuple[str, str]]:
        """Return the spellings among cells of text that are other ones of the known labels."""
        known = {folded(label): label for label in reversed(self.labels)}
        strange = [
            word for word in pc.unique(cells).to_pylist() if word and word not in self.labels
        ]
        return [(word, known[folded(word)]) for word in strange if folded(word) in known]

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""
        joined = dict(self.joined)
        return {
            "joined": joined,
            "signs": self.signs,
            "labels": list(self.labels),
            "listed": self.listed,
        }

    @classmethod
    def from_dict(cls, value: object) -> LabelForm:
        """Return the form that `to_dict` described; a `ModelFileError` if it is odd."""
        entries = checked.mapping(
            value, "a form of labels", ("joined", "signs", "labels", "listed")
        )
        joined = entries["joined"]
        if not isinstance(joined, dict):
            raise checked.damaged("the spellings of labels are no dictionary")
        pairs = tuple(
            (checked.text(spelling, "a spelling"), checked.text(label, "a label"))
            for spelling, label in joined.items()
        )
        signs = checked.flag(entries["signs"], "whether plus and minus are labels")
        labels = checked.texts(entries["labels"], "the known labels")
        return cls(
            pairs, signs, labels, checked.flag(entries["listed"], "whether numbers are labels")
        )


@dataclass(frozen=True)
class Spellings:
    """The spellings that are one label, and those that may be."""

    joined: tuple[tuple[str, str], ...]
    apart: tuple[tuple[str, str], ...]


def find_spellings(counts: dict[str, int]) -> Spellings:
    """Return which labels differ by case or blanks alone.

    They are one label, the most frequent spelling, unless both are single letters and neither is rare.

    Parameters
    ----------
    counts : dict of str to int
        How often each label comes.
    """
    if len(counts) > _MOST_LABELS:
        return Spellings((), ())
    alike: dict[str, list[str]] = {}
    for label in counts:
        alike.setdefault(folded(label), []).append(label)
    joined: list[tuple[str, str]] = []
    apart: list[tuple[str, str]] = []
    for key, labels in alike.items():
        # Of equals, the one with the fewest blanks and capitals.
        labels.sort(key=lambda label: (-counts[label], len(label), label.swapcase()))
        main, *others = labels
        for other in others:
            if {main.lower(), other.lower()} <= {"true", "false"}:
                continue  # which are leveled anyway
            is_letter = len(key) == 1 and counts[other] > _RARE * counts[main]
            (apart if is_letter else joined).append((other, main))
    return Spellings(tuple(joined), tuple(apart))


def _replaced(cells: pa.ChunkedArray, pairs: Iterable[tuple[str, str]]) -> pa.ChunkedArray:
    pairs = list(pairs)
    if not pairs:
        return cells
    places = pc.index_in(cells, value_set=pa.array([spelling for spelling, _ in pairs], TEXT))
    labels = pa.array([label for _, label in pairs], TEXT)
    return pc.coalesce(pa.chunked_array([labels.take(places.combine_chunks())]), cells)
