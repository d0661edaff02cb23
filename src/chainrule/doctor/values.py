"""Values of one quantity at several points, and how far two of them are apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np

from chainrule.nn.arrays import Array

SERIAL = 10_000  # up to here OpenBLAS computes a product of vectors in one thread

__all__ = [
    "Values",
    "at_points",
    "attempt",
    "distance",
    "dot",
    "in_float32",
    "norm",
    "same_shapes",
    "squeezed",
]

Values: TypeAlias = tuple[Array | None, ...]
"""One array for each point, None where there is none."""


def at_points(rule: Callable[..., Any], *columns: Sequence[Any]) -> Values:
    """Apply `rule` at each point; None where an argument is None or the shapes do not go together."""
    found: list[Array | None] = []
    with np.errstate(all="ignore"):
        for arguments in zip(*columns, strict=True):
            missing = any(argument is None for argument in arguments)
            found.append(None if missing else attempt(rule, *arguments))
    return tuple(found)


def attempt(rule: Callable[..., Any], *arguments: Any) -> Array | None:
    """Apply a rule at one point; None where the shapes do not go together or it is not finite."""
    try:
        value = rule(*arguments)
    except (ValueError, IndexError, KeyError):  # shapes without a product; unknown what is upstream
        return None
    return value if np.isfinite(value).all() else None


def squeezed(array: Array) -> Array:
    """Return the array without its dimensions of length 1."""
    return np.squeeze(array)


def same_shapes(left: Values, right: Values) -> bool:
    """Say whether the arrays have equal shapes at all points where `left` has one."""
    return all(
        a is None or (b is not None and squeezed(a).shape == squeezed(b).shape)
        for a, b in zip(left, right, strict=True)
    )


def distance(given: Values, candidate: Values, floors: Sequence[float] | None = None) -> float:
    """Return max over the points of ‖given − candidate‖/max(‖given‖, ‖candidate‖).

    Infinity if a candidate is missing, has another shape, or nothing was given at all. Points where
    nothing was given do not count.

    Parameters
    ----------
    given, candidate : Values
    floors : sequence of float, optional
        The least number to divide by at each point, so that two roundings of 0 are not far apart.
    """
    worst, compared = 0.0, False
    for a, b, floor in zip(given, candidate, floors or [0.0] * len(given), strict=True):
        if a is None:
            continue
        if b is None:
            return np.inf
        if a.shape != b.shape:
            a, b = squeezed(a), squeezed(b)
            if a.shape != b.shape:
                return np.inf
        compared = True
        scale = max(norm(a), norm(b), floor)
        if scale > 0:
            worst = max(worst, norm(a - b) / scale)
    return worst if compared and not np.isnan(worst) else np.inf


def norm(array: Array) -> float:
    """Return ‖V‖, the root of the sum of squares."""
    return math.sqrt(dot(array, array))


def dot(left: Array, right: Array) -> float:
    """Return the sum of the products, without the BLAS's threads, which cost more than they bring."""
    if left.size <= SERIAL:
        return float(np.vdot(left, right))
    return float((left * right).sum())


def in_float32(arrays: Iterable[Array | None]) -> bool:
    """Say whether all numbers are numbers of float32, whatever the dtype; zeros alone say nothing."""
    seen = False
    for array in arrays:
        if array is None or not array.size or not np.isfinite(array).all():
            continue
        with np.errstate(over="ignore"):
            if (array.astype(np.float32) != array).any():
                return False
        seen = seen or bool((array != np.round(array, 3)).any())
    return seen
