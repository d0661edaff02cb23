"""Categorical columns: a column of 0 and 1 for each category; one of −1 and +1 for two."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from chainrule.data import checked
from chainrule.data.cells import TEXT
from chainrule.data.columns import canonical_text
from chainrule.data.forms.labels import LabelForm, folded
from chainrule.data.kinds.base import Batch
from chainrule.data.plain import all_numbers, plain_column

__all__ = ["CategoricalEncoder", "fit_categorical"]


@dataclass(frozen=True)
class CategoricalEncoder:
    """Has a column of 0 and 1 for each category; a category without one is 0 in all of them.

    If there are two categories and no others, one column says it: −1 for the first one, +1 for the
    second, 0 for what is missing or unseen.

    Attributes
    ----------
    name : str
        The name of the column.
    categories : tuple of str
        The categories that have a column, in order.
    numbers : bool
        Whether all categories are numbers, so that text is compared as numbers: "3.0" is "3".
    has_others : bool
        Whether the training rows have more categories than these.
    has_missing : bool
        Whether a last column says that the value is missing.
    folds : bool
        Whether a spelling that differs from one category by case or blanks alone is that category.
    """

    name: str
    categories: tuple[str, ...]
    numbers: bool
    has_others: bool
    has_missing: bool
    folds: bool = False
    _value_set: pa.Array = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_value_set", pa.array(self.categories, TEXT))

    @property
    def is_binary(self) -> bool:
        """Whether there are two categories, and one column for both."""
        return len(self.categories) == 2 and not self.has_others

    @property
    def feature_names(self) -> list[str]:
        """The names of the columns of numbers."""
        shown = self.categories[1:] if self.is_binary else self.categories
        names = [f"{self.name}={category}" for category in shown]
        return names + ([f"{self.name} is missing"] if self.has_missing else [])

    def encode(self, batch: Batch, out: NDArray[np.floating]) -> None:
        """Write the columns of numbers to `out`."""
        values = canonical_text(batch.cells, self.name, self.numbers)
        if self.folds:
            values = self._folded(values, batch)
        index = pc.index_in(values, value_set=self._value_set)
        places = np.asarray(pc.fill_null(index, -1), dtype=np.intp)
        rows = np.flatnonzero(places >= 0)
        if self.is_binary:
            out[rows, 0] = 2 * places[rows] - 1
        else:
            out[rows, places[rows]] = 1
        missing = np.asarray(pc.is_null(values), dtype=bool)
        if self.has_missing:
            out[:, -1] = missing
        # Categories without a column were seen, but it is not known which ones they were.
        if not self.has_others:
            self._note_unseen(values, (places < 0) & ~missing, batch)

    def _folded(self, values: pa.ChunkedArray, batch: Batch) -> pa.ChunkedArray:
        """Return the values with categories in place of their other spellings."""
        seen = pc.is_in(values, value_set=self._value_set)
        strange = pc.unique(values.filter(pc.invert(seen)).drop_null()).to_pylist()
        if not strange:
            return values
        known = {folded(category): category for category in self.categories}
        labels = {word: known[folded(word)] for word in strange if folded(word) in known}
        if labels:
            batch.findings.add_spelled(self.name, labels)
        return LabelForm(tuple(labels.items()), signs=True).read(values)

    def _note_unseen(
        self, values: pa.ChunkedArray, unseen: NDArray[np.bool_], batch: Batch
    ) -> None:
        if unseen.any():
            counted = pc.value_counts(values.filter(pa.array(unseen))).to_pylist()
            batch.findings.add_unseen(self.name, {c["values"]: c["counts"] for c in counted})

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""
        return {
            "kind": "categorical",
            "name": self.name,
            "categories": list(self.categories),
            "numbers": self.numbers,
            "has_others": self.has_others,
            "has_missing": self.has_missing,
            "folds": self.folds,
        }

    @classmethod
    def from_dict(cls, value: object) -> CategoricalEncoder:
        """Return the encoder that `to_dict` described; a `ModelFileError` if it is odd."""
        keys = ["kind", "name", "categories", "numbers", "has_others", "has_missing"]
        folds = isinstance(value, dict) and "folds" in value  # older files do not say
        keys += ["folds"] if folds else []
        entries = checked.mapping(value, "a categorical column", keys)
        name = checked.text(entries["name"], "the name of a column")
        categories = checked.texts(entries["categories"], f"the categories of column {name!r}")
        if not categories:
            raise checked.damaged(f"column {name!r} has no categories")
        flags = (checked.flag(entries[key], f"{key} of column {name!r}") for key in keys[3:])
        return cls(name, categories, *flags)


def fit_categorical(
    name: str, cells: pa.ChunkedArray, max_categories: int, notices: list[str]
) -> CategoricalEncoder | None:
    """Fit the encoder of a categorical column; None if all rows are the same.

    Parameters
    ----------
    name : str
        The name of the column.
    cells : pyarrow.ChunkedArray
        The training rows; at least one value is not missing.
    max_categories : int
        So many categories, the most frequent ones, get a column.
    notices : list of str
        Where to say that there are more.
    """
    plain = plain_column(name, cells)
    numbers = all_numbers(plain)
    values = canonical_text(plain, name, numbers)
    has_missing = values.null_count > 0
    counted = pc.value_counts(values.drop_null()).to_pylist()
    if len(counted) == 1 and not has_missing:
        return None
    # Sorted by value among equals, so that the order of the rows does not matter.
    by_count = sorted(counted, key=lambda c: (-c["counts"], c["values"]))
    kept = [c["values"] for c in by_count[:max_categories]]
    kept.sort(key=lambda category: (float(category) if numbers else 0.0, category))
    if len(counted) > max_categories:
        rows = sum(c["counts"] for c in by_count[max_categories:])
        notices.append(
            f"column {name!r}: the {max_categories:,} most frequent of {len(counted):,} categories "
            f"are told apart; the others, in {rows:,} {'row' if rows == 1 else 'rows'}, are not"
        )
    has_others = len(counted) > len(kept)
    folds = not numbers and not has_others and len({folded(word) for word in kept}) == len(kept)
    return CategoricalEncoder(name, tuple(kept), numbers, has_others, has_missing, folds)
