"""Numbers as text: one format for a whole array, its columns aligned, large arrays elided."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.nn.arrays import Array

__all__ = ["cells", "number"]

EDGE = 3  # rows and columns that are shown at each end, as NumPy does
MOST_SHOWN = 100  # entries of an array that is shown whole
GAP = "⋯"


def number(value: Any, digits: int = 6) -> str:
    """Return a number as text, with `digits` digits behind the point."""
    return one(float(value), digits, fixed(np.asarray(value, float), digits))


def fixed(values: Array, digits: int) -> bool:
    """Say whether all numbers can be read without an exponent."""
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    return sizes.size == 0 or bool(sizes.max() < 1e6 and sizes.min() >= 10.0 ** (1 - digits))


def one(value: float, digits: int, plain: bool) -> str:
    if not np.isfinite(value):
        return "nan" if np.isnan(value) else ("inf" if value > 0 else "-inf")
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.{digits}f}" if plain else f"{value:.{digits}e}"


def cells(value: Any, digits: int = 6) -> list[list[str]]:
    """Return a matrix as rows of texts; a large one with "⋯" in its middle.

    Parameters
    ----------
    value : ndarray of at most two dimensions
    digits : int
        Behind the point.

    Examples
    --------
    >>> cells(np.array([[0.5, 1.0], [-0.25, 0.0]]), digits=3)
    [['0.500', '1.000'], ['-0.250', '0.000']]
    """
    V = np.atleast_2d(np.asarray(value, dtype=float))
    rows, columns = (shown(size, V.size) for size in V.shape)
    kept: Array = V[
        np.ix_([i for i in rows if i is not None], [j for j in columns if j is not None])
    ]
    plain = fixed(kept, digits)
    if np.all(np.abs(kept) < 1e6) and np.all(kept == np.round(kept)):  # whole numbers
        digits, plain = 0, True
    out = []
    for i in rows:
        if i is None:
            out.append([GAP] * len(columns))
            continue
        out.append([GAP if j is None else entry(float(V[i, j]), digits, plain) for j in columns])
    return out


def entry(value: float, digits: int, plain: bool) -> str:
    if not np.isfinite(value):
        return one(value, digits, plain)
    value += 0.0  # no −0
    return f"{value:.{digits}f}" if plain else f"{value:.{digits}e}"


def shown(size: int, entries: int) -> list[int | None]:
    """Return the places of an axis that are shown; None stands for those left out."""
    if entries <= MOST_SHOWN or size <= 2 * EDGE + 1:
        return list(range(size))
    return [*range(EDGE), None, *range(size - EDGE, size)]
