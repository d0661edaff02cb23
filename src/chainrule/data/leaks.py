"""Columns that give the target away, each alone: most likely they were made from it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from chainrule.data.columns import canonical_text, to_numeric
from chainrule.data.leak_blocks import without_order
from chainrule.data.messages import listed, shown
from chainrule.data.plain import plain_column
from chainrule.data.schema import Schema

__all__ = ["leak_line", "leaks"]

# With fewer rows, a column that fits may do so by chance.
_FEWEST_ROWS = 30
# A class of one row has a stretch of its own in two of m columns of chance.
_FEWEST_OF_A_CLASS = 5
# Looked at first; a column that does not give these away is no leak.
_FIRST = 2_000
_ALMOST_ONE = 0.9999


def leaks(
    table: pa.Table, schema: Schema, names: Iterable[str], Y: NDArray[np.float64], task: str
) -> list[str]:
    """Return the columns that give the target away: one class for each value, or the same order.

    Parameters
    ----------
    table : pyarrow.Table
        The training rows, which were read.
    schema : Schema
        How their columns are read.
    names : iterable of str
        The columns to look at.
    Y : ndarray of shape (m, width)
        The encoded target.
    task : str
        Of several targets, or several numbers, nothing is said.
    """
    if len(Y) < _FEWEST_ROWS or (task == "regression" and Y.shape[1] > 1) or task == "multilabel":
        return []
    y = Y.argmax(axis=1) if task == "multiclass" else Y[:, 0]
    few = task != "regression" and np.unique(y, return_counts=True)[1].min() < _FEWEST_OF_A_CLASS
    names = list(names)
    first = [table.column(name).slice(0, _FIRST) for name in names]
    least = _ALMOST_ONE if task == "regression" else None
    ruled_out = without_order(names, first, schema, y[:_FIRST], least)
    found = []
    for name in names:
        reading = schema.readings.get(name)
        if reading is None or name in ruled_out:
            continue
        for rows in (_FIRST, len(y)):
            column = table.column(name).slice(0, rows)
            if reading.kind in ("numeric", "date"):
                gives = not few and _orders(_numbers(name, column, reading.kind), y[:rows], task)
            else:
                gives = task != "regression" and _tells(name, column, y[:rows])
            if not gives or rows >= len(y):
                break
        if gives:
            found.append(name)
    return found


def leak_line(names: list[str], target: str) -> str:
    """Return a line on the columns that give the target away."""
    if len(names) == 1:
        return (
            f"column {shown(names[0])} alone gives the target {shown(target)} away: if it is not "
            f"known when you predict, leave it out (--drop {names[0]})"
        )
    return (
        f"columns {listed(names, 5)} each give the target {shown(target)} away: those that are not "
        f"known when you predict, leave out (--drop {','.join(names[:5])})"
    )


def _numbers(name: str, column: pa.ChunkedArray, kind: str) -> NDArray[np.float64]:
    if kind == "numeric":
        return to_numeric(column, name)
    ticks = plain_column(name, column).cast(pa.int64())
    return np.asarray(ticks.cast(pa.float64(), safe=False).fill_null(np.nan), dtype=np.float64)


def _orders(x: NDArray[np.float64], y: NDArray[np.float64], task: str) -> bool:
    """Tell whether numbers have the order of the target, or a stretch of their own for each class."""
    known = np.isfinite(x)
    x, y = x[known], y[known]
    if x.size < _FEWEST_ROWS or x.min() == x.max() or y.min() == y.max():
        return False
    if task == "regression":
        return bool(np.abs(np.corrcoef(_ranks(x), _ranks(y))[0, 1]) > _ALMOST_ONE)
    order = np.argsort(x, kind="stable")
    changes = np.flatnonzero(np.diff(y[order]) != 0)
    apart = x[order][changes] < x[order][changes + 1]
    return bool(len(changes) == len(np.unique(y)) - 1 and apart.all())


def _tells(name: str, column: pa.ChunkedArray, y: NDArray[np.float64]) -> bool:
    """Tell whether each of a few values, which come often, is always of one class."""
    codes = canonical_text(column, name).combine_chunks().dictionary_encode()
    codes = codes.combine_chunks() if isinstance(codes, pa.ChunkedArray) else codes
    values = len(codes.dictionary)
    index = np.asarray(codes.indices.fill_null(values), dtype=np.intp)
    classes, of_row = np.unique(y, return_inverse=True)
    if values < 2 or len(classes) < 2 or 5 * values > len(y):
        return False
    counts = np.zeros((values + 1, len(classes)), dtype=np.int64)
    np.add.at(counts, (index, of_row), 1)
    return bool(((counts > 0).sum(axis=1) <= 1).all())


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ranks of values, equal ones on their mean."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    means: NDArray[np.float64] = (ends - (counts - 1) / 2)[inverse]
    return means
