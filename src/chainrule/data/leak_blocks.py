"""A first look, at many plain columns at a time, at which of them may give the target away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from chainrule.data.schema import Schema

__all__ = ["without_order"]


def without_order(
    names: Sequence[str],
    columns: Sequence[pa.ChunkedArray],
    schema: Schema,
    y: NDArray[np.float64],
    least: float | None,
) -> set[str]:
    """Return the plain columns of numbers that cannot have the order of the target.

    A column that has it keeps groups of rows apart: the classes, or, of a number, the rows with low
    targets and those with high ones. The ends of a column in each group are found without sorting it.

    Parameters
    ----------
    names : sequence of str
    columns : sequence of pyarrow.ChunkedArray
        The columns of these names, which were read.
    schema : Schema
    y : ndarray of shape (m,)
        Classes or numbers.
    least : float or None
        Of numbers, what the correlation of ranks has to exceed; None for classes.
    """
    order = np.argsort(y, kind="stable")
    starts = _class_starts(y[order]) if least is None else _third_starts(y[order], least)
    if starts is None or len(starts) < 2:
        return set()
    ruled_out: set[str] = set()
    for block in schema.plain_blocks(names, columns):
        apart = _keeps_apart(block.values[:, order], starts, every=least is None)
        ruled_out.update(names[block.places[row]] for row in np.flatnonzero(~apart))
    return ruled_out


def _class_starts(ordered: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return where each class begins among ordered classes."""
    return np.concatenate([[0], np.flatnonzero(np.diff(ordered)) + 1])


def _third_starts(ordered: NDArray[np.float64], least: float) -> NDArray[np.intp] | None:
    r"""Return where the low, the middle and the high rows begin; None if they tell nothing.

    For ranks r of n rows and their standard deviations σ, a correlation ρ means that
    Σ(r_x/σ_x − r_y/σ_y)² = 2n(1 − ρ), less the means. Let a row of the low ones have no lower a number
    than one of the high ones, whose ranks of the target are higher by g: these two rows alone add at
    least (g/σ_y)²/2 to the sum. If that is more than 2n(1 − least), ρ is below `least`.
    """
    n = len(ordered)
    starts = np.array([0, n // 3, n - n // 3])
    first, counts = np.unique(ordered, return_index=True, return_counts=True)[1:]
    ranks = np.repeat(first + (counts + 1) / 2, counts)
    gap = ranks[starts[2]] - ranks[max(starts[1] - 1, 0)]
    # A hundredth more leaves room for rounding.
    return starts if gap**2 / 2 > 1.01 * 2 * n * (1 - least) * ranks.var() else None


def _keeps_apart(
    values: NDArray[np.float64], starts: NDArray[np.intp], every: bool
) -> NDArray[np.bool_]:
    """Return which rows of `values` have groups of numbers that do not meet: all, or first and last."""
    low = np.minimum.reduceat(values, starts, axis=1)
    high = np.maximum.reduceat(values, starts, axis=1)
    if not every:
        low, high = low[:, [0, -1]], high[:, [0, -1]]
    order = np.argsort(low, axis=1, kind="stable")
    low = np.take_along_axis(low, order, axis=1)
    high = np.take_along_axis(high, order, axis=1)
    return np.asarray((high[:, :-1] < low[:, 1:]).all(axis=1))
