"""Derivatives of a scalar function by evaluating it: the complex step, and Ridders' differences.

The complex step f'(x) = Im f(x + ih)/h has no difference in it and is exact to rounding, where the
code of f takes complex numbers and is analytic (Squire and Trapp, SIAM Review 40, 1998). Ridders'
method takes central differences at shrinking steps and extrapolates them to step 0 (Ridders, "Accurate
computation of F'(x) and F'(x)F''(x)", Advances in Engineering Software 4, 1982); it says how far it can
be trusted. So the complex step is used where it agrees with that, and differences elsewhere.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.nn.arrays import Array

__all__ = ["Slope", "complex_slope", "ridders", "slope"]

STEP = 1e-30
SHRINK = 1.4
ROWS = 12
KINK = (
    1e-3  # one-sided slopes that differ by a thousandth and more, at steps where curvature is less
)


@dataclass(frozen=True)
class Slope:
    """∂f/∂x_i, how far it can be trusted, and where it comes from.

    `left` and `right` are the one-sided slopes where they differ: there is a kink, and no derivative.
    """

    value: float
    uncertainty: float
    method: str
    left: float | None = None
    right: float | None = None

    @property
    def kink(self) -> bool:
        """Whether f has no derivative here."""
        return self.left is not None


def slope(f: Callable[[Array], Any], x: Array, index: tuple[int, ...]) -> Slope:
    """Return ∂f/∂x[index]: by the complex step if it is confirmed, else by differences."""

    def along(t: float) -> float:
        moved = x.copy()
        moved[index] += t
        return float(f(moved))

    scale = max(abs(float(x[index])), 1.0)
    sides = kink_at(along, scale)
    exact = complex_slope(f, x, index)
    if sides is not None:
        return Slope(sum(sides) / 2, abs(sides[0] - sides[1]), "none", *sides)
    value, uncertainty = ridders(along, 0.1 * scale)
    if not np.isfinite(value):
        value, uncertainty = ridders(along, 1e-3 * scale)
    if exact is not None and abs(exact - value) <= 100 * uncertainty + 1e-6 * max(abs(exact), 1e-8):
        return Slope(exact, 1e-15 * abs(exact), "complex step")
    return Slope(value, uncertainty, "differences")


def complex_slope(f: Callable[[Array], Any], x: Array, index: tuple[int, ...]) -> float | None:
    """Return Im f(x + ih)/h, or None if f does not take complex numbers."""
    moved = x.astype(complex)
    moved[index] += 1j * STEP
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter(
                "error"
            )  # NumPy only warns where it throws the imaginary part away
            value = np.asarray(f(moved))
    except Exception:  # whatever the user's code raises at complex numbers
        return None
    if value.size != 1 or value.dtype.kind != "c":
        return None
    found = float(value.reshape(()).imag) / STEP
    return found if np.isfinite(found) else None


def ridders(along: Callable[[float], float], step: float) -> tuple[float, float]:
    """Return the derivative at 0 and its uncertainty, by extrapolated central differences.

    Parameters
    ----------
    along : callable
        ``along(t)`` is f on a line.
    step : float
        The first and largest step.
    """
    best, uncertainty = np.nan, np.inf
    previous: list[float] = []
    h = step
    for row in range(ROWS):
        current = [(along(h) - along(-h)) / (2 * h)]
        factor = SHRINK**2
        for k in range(row):
            current.append((factor * current[k] - previous[k]) / (factor - 1))
            factor *= SHRINK**2
            error = max(abs(current[k + 1] - current[k]), abs(current[k + 1] - previous[k]))
            if error < uncertainty:
                best, uncertainty = current[k + 1], error
        if row and np.isfinite(uncertainty) and abs(current[-1] - previous[-1]) > 2 * uncertainty:
            break  # rounding takes over
        previous = current
        h /= SHRINK
    return best, uncertainty


def kink_at(along: Callable[[float], float], scale: float) -> tuple[float, float] | None:
    """Return the slopes on the left and on the right if they differ, None if they do not.

    The difference of the one-sided slopes is h f'' for a smooth f, and goes to 0 with the step h; at a
    kink it stays what it is.
    """
    middle = along(0.0)
    sides = []
    for h in (1e-4 * scale, 1e-5 * scale):
        sides.append(((middle - along(-h)) / h, (along(h) - middle) / h))
    (left_far, right_far), (left, right) = sides
    gap_far, gap = right_far - left_far, right - left
    size = max(abs(left), abs(right))
    if not np.isfinite(gap) or abs(gap) <= KINK * size or abs(gap) < 1e-9:
        return None
    return (left, right) if abs(gap) > 0.5 * abs(gap_far) else None
