"""Digits that float32 does not hold: of a time in milliseconds, say, it keeps every other minute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.nn.arrays import Array, is_sparse
from chainrule.notices import warn_user

__all__ = ["warn_of_lost_digits"]

LEVELS = 16  # with fewer numbers of float32 between its quartiles, a column is no more what it was
MOST_ROWS = 10_000  # that are looked at
WHOLE = 2.0**24  # up to here float32 has every whole number


def warn_of_lost_digits(
    X: Any, dtype: Any, encoded: bool, names: Sequence[str] | None = None
) -> None:
    """Say in one line if a column of the training rows has lost its digits, or is about to.

    Parameters
    ----------
    X : array of shape (m, n)
        As the user gave it.
    dtype : dtype
        The precision of the network.
    encoded : bool
        Whether the columns are centered, or encoded in bins, before they are rounded to it.
    names : sequence of str, optional
        Of the columns.
    """
    given_rounded = X.dtype == np.float32
    to_be_rounded = dtype == np.float32 and not encoded
    if is_sparse(X) or not (given_rounded or to_be_rounded):
        return
    rows = np.asarray(X[:: max(1, -(-len(X) // MOST_ROWS))], dtype=np.float64)
    largest = np.abs(rows).max(axis=0)
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # what is infinite there is refused elsewhere
        apart = np.spacing(largest.astype(np.float32)).astype(np.float64)
        spread = spread_of(rows)
        lost = (spread > 0) & (spread < LEVELS * apart)
    if given_rounded:  # one value may be all that was left
        lost |= (spread == 0) & (largest >= WHOLE)
    if not lost.any():
        return
    first = int(np.argmax(lost))
    others = int(lost.sum()) - 1
    more = "" if not others else f" (and {others} more column{'s' if others > 1 else ''})"
    name = f"column {first}" if names is None else f"column {names[first]!r}"
    advice = (
        "give it in float64"
        if given_rounded
        else 'take scaling="robust", which centers it first, or precision="float64"'
    )
    warn_user(
        f"{name} of X{more} has few digits in float32: near {largest[first]:.3g} its numbers lie "
        f"{apart[first]:.3g} apart, and the column's quartiles {spread[first]:.3g}; {advice}"
    )


def spread_of(rows: Array) -> Array:
    """Return the distance of each column's quartiles, or of its extremes where the quartiles are one."""
    low, high = 2 * np.quantile(rows / 2, (0.25, 0.75), axis=0)
    extent = 2 * (rows.max(axis=0) / 2 - rows.min(axis=0) / 2)
    spread: Array = np.where(high > low, high - low, extent)
    return spread
