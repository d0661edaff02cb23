"""The classes of a target column: their labels in their own type, and their numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from chainrule.data import checked
from chainrule.data.cells import TEXT
from chainrule.data.columns import canonical_text, to_booleans
from chainrule.data.messages import listed, shown
from chainrule.data.plain import first_where, plain_column
from chainrule.errors import DataError, ShapeError

__all__ = ["MAX_CLASSES", "Label", "Labels", "fit_labels"]

Label = str | int | float | bool
"""A class as the table has it."""

MAX_CLASSES = 1000
"""A target with more distinct values is not taken for one of classes."""

_TYPES = {"text": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}


@dataclass(frozen=True)
class Labels:
    """The classes of one target column, in order: class 0, class 1 and so on.

    Attributes
    ----------
    column : str
        The name of the column.
    kind : str
        The type of the labels: ``"text"``, ``"int"``, ``"float"`` or ``"bool"``.
    values : tuple of str, int, float or bool
        The labels, sorted.
    """

    column: str
    kind: str
    values: tuple[Label, ...]
    _value_set: pa.Array = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_value_set", self._canonical(self.to_arrow()).combine_chunks())

    def numbers_of(self, cells: pa.ChunkedArray, first_row: int = 1) -> NDArray[np.intp]:
        """Return the number of each row's class.

        Parameters
        ----------
        cells : pyarrow.Array or pyarrow.ChunkedArray
            The target column, of any type in which the labels can be written.
        first_row : int, default 1
            The number of the first row, for messages.

        Raises
        ------
        DataError
            If a value is missing or is none of the classes.
        """
        plain = plain_column(self.column, cells)
        check_present(self.column, plain, first_row)
        places = pc.index_in(self._canonical(plain, first_row), value_set=self._value_set)
        if places.null_count:
            index = first_where(pc.is_null(places))
            raise DataError(
                f"column {shown(self.column)}, row {first_row + index}: "
                f"{shown(plain[index].as_py())} is none of the classes of the training rows: "
                f"{listed(self.values)}"
            )
        return np.asarray(places, dtype=np.intp)

    def labels_of(self, numbers: NDArray[np.integer]) -> pa.Array:
        """Return the label of each class number."""
        numbers = np.asarray(numbers)
        if numbers.ndim != 1 or not np.issubdtype(numbers.dtype, np.integer):
            raise ShapeError(
                f"class numbers are whole numbers of shape (m,), not {numbers.dtype} of "
                f"shape {numbers.shape}"
            )
        if numbers.size and not 0 <= numbers.min() <= numbers.max() < len(self.values):
            raise ShapeError(f"class numbers are from 0 to {len(self.values) - 1}")
        return self.to_arrow().take(pa.array(numbers))

    def to_arrow(self) -> pa.Array:
        """Return the labels as a column of their type."""
        return pa.array(self.values, _TYPES[self.kind])

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""
        return {"column": self.column, "kind": self.kind, "values": list(self.values)}

    @classmethod
    def from_dict(cls, value: object) -> Labels:
        """Return the labels that `to_dict` described; a `ModelFileError` if they are odd."""
        entries = checked.mapping(value, "the classes", ("column", "kind", "values"))
        column = checked.text(entries["column"], "the name of the target")
        kind = checked.text(entries["kind"], "the type of the classes", known=_TYPES)
        where = f"a class of {column!r}"
        values = checked.items(entries["values"], f"the classes of {column!r}")
        readers: dict[str, Callable[[object, str], Label]] = {
            "text": checked.text,
            "int": checked.whole,
            "float": checked.fraction,
            "bool": checked.flag,
        }
        labels = cls(column, kind, tuple(readers[kind](item, where) for item in values))
        if not 2 <= len(values) <= MAX_CLASSES or len(pc.unique(labels._value_set)) < len(values):
            raise checked.damaged(f"the classes of {column!r} are not 2 to 1,000 different ones")
        if labels._value_set.null_count:
            raise checked.damaged(f"a class of {column!r} is a missing value")
        return labels

    def _canonical(self, cells: pa.ChunkedArray, first_row: int = 1) -> pa.ChunkedArray:
        if self.kind == "bool":
            cells = pa.array(to_booleans(cells, self.column, first_row) == 1)
        return canonical_text(cells, self.column, self.kind in ("int", "float"))


def fit_labels(column: str, cells: pa.ChunkedArray) -> Labels:
    """Find the classes of a target column.

    Parameters
    ----------
    column : str
        The name of the column.
    cells : pyarrow.ChunkedArray
        The training rows.

    Raises
    ------
    DataError
        If a value is missing, or there is one class only, or there are more than 1,000.
    """
    plain = plain_column(column, cells)
    check_present(column, plain)
    values = pc.unique(plain)
    # The same class may be spelled in two ways (0.0 and -0.0, True and TRUE): the first one stays.
    spelled = canonical_text(values, column, False).to_pylist()
    distinct = dict(zip(reversed(spelled), reversed(values.to_pylist()), strict=True))
    if len(distinct) == 1:
        raise DataError(
            f"the target {shown(column)} has one class only, {listed(distinct.values())}: "
            "there is nothing to learn"
        )
    if len(distinct) > MAX_CLASSES:
        raise DataError(
            f"the target {shown(column)} has {len(distinct):,} classes, more than "
            f"{MAX_CLASSES:,}: it looks like an identifier, or like numbers to learn by regression"
        )
    kind = _kind_of(plain.type)
    if kind == "int" and any(not -(2**63) <= value < 2**63 for value in distinct.values()):
        kind, distinct = "text", {value: str(value) for value in distinct.values()}
    return Labels(column, kind, tuple(sorted(distinct.values())))


def check_present(column: str, plain: pa.ChunkedArray, first_row: int = 1) -> None:
    """Raise a `DataError` if a value of a target column is missing."""
    missing = pc.is_null(plain, nan_is_null=True)
    count = pc.sum(missing, min_count=0).as_py()
    if count:
        raise DataError(
            f"the target {shown(column)} is missing in {count:,} of {len(plain):,} rows, first in "
            f"row {first_row + first_where(missing)}: fill in the value, or remove the row"
        )


def _kind_of(plain: pa.DataType) -> str:
    if plain == TEXT:
        return "text"
    if pa.types.is_boolean(plain):
        return "bool"
    return "int" if pa.types.is_integer(plain) else "float"
