"""Plain columns of numbers, many at a time: a wide table costs a pass over blocks, not over columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["NumberBlock", "number_blocks"]

# So many columns are taken together, or fewer of many rows: a block is to stay in a cache.
_COLUMNS = 256
_CELLS = 1 << 18
# A larger whole number may not be exact as a float.
_LARGEST_WHOLE = 2.0**53


@dataclass(frozen=True)
class NumberBlock:
    """A few hundred plain columns, as floats.

    Attributes
    ----------
    places : tuple of int
        Where each of the k columns stands among those that were given.
    values : ndarray of shape (k, m)
        A row for each column: finite, no value is missing.
    lowest, highest : ndarray of shape (k,)
        The ends of each column.
    is_integer : ndarray of bool, of shape (k,)
        Which of them are of a type of whole numbers.
    """

    places: tuple[int, ...]
    values: NDArray[np.float64]
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    is_integer: NDArray[np.bool_]

    def only(self, which: NDArray[np.bool_]) -> NumberBlock:
        """Return the block of some of the columns."""
        if which.all():
            return self
        places = tuple(place for place, is_one in zip(self.places, which, strict=True) if is_one)
        values = self.values[which]
        return NumberBlock(
            places, values, self.lowest[which], self.highest[which], self.is_integer[which]
        )


def number_blocks(columns: Iterable[tuple[int, pa.ChunkedArray]]) -> Iterator[NumberBlock]:
    """Yield the plain ones of some columns, in blocks.

    A column is plain if it is of a type of numbers, has at least one row, no value is missing or
    infinite, and whole numbers are small enough to be exact as floats. What is decided of such a
    column, and what is learned from it, can be told for many at a time; it is the same as each would
    get alone.

    Parameters
    ----------
    columns : iterable of (int, pyarrow.Array or pyarrow.ChunkedArray)
        Columns of equally many rows, each with its place.
    """
    taken: list[tuple[int, pa.ChunkedArray]] = []
    for place, column in columns:
        if _may_be_plain(column):
            taken.append((place, column))
            if len(taken) == max(1, min(_COLUMNS, _CELLS // len(column))):
                yield from _block(taken)
                taken = []
    yield from _block(taken)


def _may_be_plain(column: pa.ChunkedArray) -> bool:
    kind = column.type
    is_number = pa.types.is_float64(kind) or pa.types.is_float32(kind) or pa.types.is_integer(kind)
    return is_number and column.null_count == 0 and len(column) > 0


def _block(columns: list[tuple[int, pa.ChunkedArray]]) -> Iterator[NumberBlock]:
    """Yield the block of columns without a null, less those that are not plain."""
    if not columns:
        return
    values = np.empty((len(columns), len(columns[0][1])))
    for row, (_, column) in zip(values, columns, strict=True):
        row[:] = np.asarray(column)
    lowest, highest = values.min(axis=1), values.max(axis=1)  # NaN where a value is
    is_integer = np.array([pa.types.is_integer(column.type) for _, column in columns])
    places = tuple(place for place, _ in columns)
    block = NumberBlock(places, values, lowest, highest, is_integer)
    finite = np.isfinite(lowest) & np.isfinite(highest)
    exact = ~is_integer | ((lowest > -_LARGEST_WHOLE) & (highest < _LARGEST_WHOLE))
    if (finite & exact).any():
        yield block.only(finite & exact)
