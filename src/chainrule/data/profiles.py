"""What is seen of a column before its kind is known: its different texts and their counts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from chainrule.data.column_options import ColumnOptions
from chainrule.data.columns import Kind
from chainrule.data.forms.date_marks import DateFinding, find_dates
from chainrule.data.forms.missing import TEXT, is_marked, is_vague
from chainrule.data.forms.number_marks import NumberFinding, find_numbers
from chainrule.data.messages import shown
from chainrule.data.plain import missing_count, plain_column
from chainrule.data.readings import without

__all__ = ["Profile", "examples_of", "mostly"]

# A text column with so many numbers, or dates, among its values was meant to be one of them;
_MOSTLY = 0.9
# and so was one of half as many if they are many different ones among a few words.
_HALF = 0.5
_MANY_DIFFERENT = 20
_FEW_WORDS = 5
# So many words for a missing value are kept; more are news each time.
_MOST_GAPS = 50


@dataclass(frozen=True)
class Profile:
    """One column of a table before its kind is known.

    Attributes
    ----------
    name : str
    column : pyarrow.ChunkedArray
        The cells as they came.
    plain : pyarrow.ChunkedArray
        The cells as one of the plain types, null where they are said to be missing.
    options : ColumnOptions
    decimal : str
        The decimal mark of the table's other columns, "" where it is not known.
    order : str
        "dmy" or "mdy" as in the table's other columns, "" where it is not known.
    is_target : bool
        Whether it is to be predicted.
    """

    name: str
    column: pa.ChunkedArray
    plain: pa.ChunkedArray
    options: ColumnOptions
    decimal: str = ""
    order: str = ""
    is_target: bool = False

    @classmethod
    def of(cls, name: str, column: pa.ChunkedArray, options: ColumnOptions) -> Profile:
        """Return what can be seen of a column."""
        if not isinstance(column, pa.ChunkedArray):
            column = pa.chunked_array([column])
        return cls(name, column, without(plain_column(name, column), options.missing), options)

    @property
    def declared(self) -> Kind | None:
        """The kind that the user says it has."""
        return self.options.kinds.get(self.name)

    @property
    def is_text(self) -> bool:
        """Whether the cells are text."""
        return bool(self.plain.type == TEXT)

    @cached_property
    def missing(self) -> int:
        """How many cells have no value."""
        return missing_count(self.plain)

    @cached_property
    def present(self) -> int:
        """How many cells have a value."""
        return len(self.plain) - self.missing

    @cached_property
    def _counted(self) -> tuple[pa.Array, NDArray[np.int64], dict[str, int]]:
        counted = pc.value_counts(self.plain.drop_null())
        words = counted.field("values")
        counts = np.asarray(counted.field("counts"), dtype=np.int64)
        signs = bool(pc.any(pc.equal(words, "+")).as_py())
        marked = is_marked(words, signs)
        is_mark = np.asarray(marked, dtype=bool)
        marks = dict(zip(words.filter(marked).to_pylist(), counts[is_mark].tolist(), strict=True))
        return words.filter(pc.invert(marked)), counts[~is_mark], marks

    @property
    def marks(self) -> dict[str, int]:
        """The texts that are marks of a missing value, and how often each comes."""
        return self._counted[2]

    @property
    def words(self) -> pa.Array:
        """The different texts that are no marks of a missing value, as they first come."""
        return self._counted[0]

    @property
    def counts(self) -> NDArray[np.int64]:
        """How often each of the texts comes."""
        return self._counted[1]

    @cached_property
    def vague(self) -> NDArray[np.bool_]:
        """Which of the texts are missing values among numbers, dates and truth values."""
        return np.asarray(is_vague(self.words), dtype=bool)

    @cached_property
    def numbers(self) -> NumberFinding | None:
        """How the numbers among the texts are written."""
        options = self.options
        return find_numbers(
            self.words, self.counts, options.decimal, options.thousands, self.decimal
        )

    @cached_property
    def dates(self) -> DateFinding | None:
        """How the dates among the texts are written."""
        options = self.options
        return find_dates(
            self.words, self.counts, options.day_first, options.date_format, self.order
        )

    @cached_property
    def are_dates(self) -> bool:
        """Whether most of the texts are dates."""
        return self.dates is not None and mostly(self.dates.is_date, self.counts, self.vague)

    @cached_property
    def are_numbers(self) -> bool:
        """Whether most of the texts are numbers."""
        return self.numbers is not None and mostly(self.numbers.is_number, self.counts, self.vague)

    def first(self, which: NDArray[np.bool_]) -> str:
        """Return the first of these texts."""
        return str(self.words[int(np.argmax(which))].as_py())

    def rows(self, which: NDArray[np.bool_]) -> int:
        """Return in how many rows these texts come."""
        return int(self.counts[which].sum())

    def gaps(self, read: NDArray[np.bool_]) -> tuple[str, ...]:
        """Return the most frequent of the texts that are not read."""
        left = np.flatnonzero(~read)
        left = left[np.argsort(-self.counts[left], kind="stable")][:_MOST_GAPS]
        return tuple(self.words.take(pa.array(left)).to_pylist())

    def unread(self, read: NDArray[np.bool_]) -> str:
        """Return which texts are not read, and how often they come; "" if all of them are.

        Parameters
        ----------
        read : ndarray of bool
            Which of the different texts are.
        """
        left = self.words.filter(pa.array(~read)).to_pylist()
        counts = dict(zip(left, self.counts[~read].tolist(), strict=True))
        return examples_of({**self.marks, **counts}) if counts or self.marks else ""


def mostly(is_one: NDArray[np.bool_], counts: NDArray[np.int64], vague: NDArray[np.bool_]) -> bool:
    """Tell whether a column was meant to be one of numbers, or of dates.

    Parameters
    ----------
    is_one : ndarray of bool
        Which of its different texts are.
    counts : ndarray of shape (n,)
        How often each comes.
    vague : ndarray of bool
        Which of them may stand for a missing value.
    """
    others = ~is_one & ~vague
    found, left = int(counts[is_one].sum()), int(counts[others].sum())
    if found == 0:
        return False
    share = found / (found + left)
    many = int(is_one.sum()) >= _MANY_DIFFERENT and int(others.sum()) <= _FEW_WORDS
    return share >= _MOSTLY or (share >= _HALF and many)


def examples_of(counts: dict[str, int], at_most: int = 3) -> str:
    """Return the most frequent texts, each with how often it comes."""
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    text = ", ".join(f"{shown(word)} ({counts[word]:,})" for word in ordered[:at_most])
    hidden = len(ordered) - at_most
    return f"{text} and {hidden:,} more" if hidden > 0 else text
