"""Derivatives of a scalar function by evaluating it: the complex step, and extrapolated differences.

The complex step f'(x) = Im f(x + ih)/h has no difference in it and is exact to rounding, where the
code of f takes complex numbers and is analytic (Squire and Trapp, SIAM Review 40, 1998). Whether it is,
differences say: central ones on a ladder of steps, extrapolated to step 0 (Ridders, "Accurate
computation of F'(x) and F'(x)F''(x)", Advances in Engineering Software 4, 1982). A large step may pass
over a kink or a narrow peak without seeing it, so the smallest steps are believed first, and larger ones
as far as they agree with them. How exact the function itself is, its differences of high order say
(Moré and Wild, "Estimating computational noise", SIAM Journal on Scientific Computing 33, 2011).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from chainrule.doctor.values import in_float32
from chainrule.nn.arrays import Array

__all__ = ["Slope", "complex_slope", "extrapolated", "noise_of", "slope"]

Along: TypeAlias = Callable[[float], float]
"""t → f(x + t e): the function on a line, NaN where it has no value."""

STEP = 1e-30
RATIO = 4.0
LARGEST = 2.0**-3
SMALLEST = 2.0**-35
SMALL = 2.0**-20
ROUNDING = 2.0**-46  # smallest step, relative to |x|, whose difference keeps a few digits
COLUMNS = 4
NOISE_STEP = 2.0**-27
NOISE_POINTS = 11
SURE = 10.0  # a difference is believed where it is this multiple of its noise
QUICK = (2.0**-13, 2.0**-17)
AGREEMENT = 1e-9


@dataclass(frozen=True)
class Slope:
    """∂f/∂x_i, how far it can be trusted, and where it comes from.

    `left` and `right` are the one-sided slopes where they differ: there is a kink, and no derivative.
    They are infinite at a jump.
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

    @cache
    def along(t: float) -> float:
        moved = x.copy()
        moved[index] += t
        try:
            return float(np.asarray(f(moved)).reshape(()))
        except Exception:  # x + t may be outside of what f is defined for
            return math.nan

    size = abs(float(x[index]))
    scale = 2.0 ** round(math.log2(max(size, 1.0)))  # so that x ± h has no rounding
    exact = complex_slope(f, x, index)
    if exact is not None and quickly_confirmed(along, scale, exact):
        return Slope(exact, 1e-15 * abs(exact), "complex step")
    noise = noise_of(along, scale, size)
    steps = ladder(scale, size)
    sides = one_sided(along, steps, noise)
    if sides is not None:
        return Slope(sum(sides) / 2, abs(sides[0] - sides[1]), "none", *sides)
    value, uncertainty = extrapolated(along, steps, noise)
    if exact is not None and abs(exact - value) <= 10 * uncertainty + AGREEMENT * abs(exact):
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


def quickly_confirmed(along: Along, scale: float, exact: float) -> bool:
    """Say whether two differences suffice to believe the complex step: no kink, the same slope."""
    far, near = (h * scale for h in QUICK)
    middle = along(0.0)
    values = [along(t) for t in (far, -far, near, -near)]
    if not all(map(math.isfinite, values)):
        return False
    above, below, close_above, close_below = values
    rounding = float(np.finfo(float).eps) * max(map(abs, values)) / near
    bend = abs(above - 2 * middle + below) / far
    close_bend = abs(close_above - 2 * middle + close_below) / near
    if close_bend > SURE * rounding and close_bend > 0.5 * bend:
        return False
    coarse, fine = (above - below) / (2 * far), (close_above - close_below) / (2 * near)
    ratio = (far / near) ** 2
    value = (ratio * fine - coarse) / (ratio - 1)
    return bool(abs(exact - value) <= AGREEMENT * abs(exact) + SURE * rounding)


def ladder(scale: float, size: float) -> list[float]:
    """Return the steps, the largest first; down to less than a millionth of x where x is small."""
    least = max(SMALLEST, ROUNDING * scale)
    if 0 < size < 1:
        least = min(least, max(size, 1e-150) * SMALL)
    count = math.ceil(math.log(LARGEST * scale / least, RATIO)) + 1
    return [LARGEST * scale / RATIO**k for k in range(count)]


def noise_of(along: Along, scale: float, size: float = 0.0) -> float:
    """Return how far the values of f are off by rounding, or by chance: one standard deviation.

    A difference of order k of a smooth function goes to zero with the k-th power of the step; that of
    noise grows, by a known factor. At the smallest of four orders there is hardly anything but noise.
    The values are those on one side of x, for there may be a kink or a jump at x. A product w x within
    f has an error of its own, which changes slowly: it is what a rounding of x would do, at least.
    """
    step = max(NOISE_STEP, ROUNDING * scale)
    if 0 < size < 1:
        step = min(step, max(size, 1e-150) * SMALL)
    for side in (step, -step):
        values = np.array([along(k * side) for k in range(1, NOISE_POINTS + 1)])
        if np.isfinite(values).all():
            break
    values = values[np.isfinite(values)]
    largest = float(np.abs(values).max(initial=0.0))
    if values.size < NOISE_POINTS:
        return 4 * float(np.finfo(float).eps) * largest
    single = in_float32([values])
    rise = abs(float(values[-1] - values[0])) / ((NOISE_POINTS - 1) * step)
    floor = float(np.finfo(np.float32 if single else float).eps) * (largest + size * rise)
    found = []
    for order in range(3, 7):
        differences = np.diff(values, order) / math.sqrt(math.comb(2 * order, order))
        found.append(math.sqrt(float(np.mean(differences**2))))
    return max(floor, min(found))


def extrapolated(along: Along, steps: Sequence[float], noise: float) -> tuple[float, float]:
    """Return the derivative at 0 and its uncertainty, by extrapolated central differences.

    Parameters
    ----------
    along : callable
        ``along(t)`` is f on a line.
    steps : sequence of float
        Each a quarter of the one before.
    noise : float
        How far a value of f may be off.

    Returns
    -------
    value, uncertainty : float
        NaN and infinity if f has no values on both sides.
    """
    estimates: list[tuple[float, float]] = []
    previous: list[float] = []
    for h in steps:
        central = (along(h) - along(-h)) / (2 * h)
        if not math.isfinite(central):
            previous = []
            continue
        rounding = 3 * noise / h
        row = [central]
        factor = RATIO**2
        chosen = (central, math.inf)
        for k in range(min(len(previous), COLUMNS - 1)):
            row.append((factor * row[k] - previous[k]) / (factor - 1))
            factor *= RATIO**2
            error = max(abs(row[k + 1] - row[k]), abs(row[k + 1] - previous[k])) + rounding
            chosen = min(chosen, (row[k + 1], error), key=lambda estimate: estimate[1])
        if previous:
            estimates.append(chosen)
        previous = row
    return most_local(estimates)


def most_local(estimates: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the most certain of the estimates that agree with all those of smaller steps."""
    best = (math.nan, math.inf)
    accepted: list[tuple[float, float]] = []
    for value, error in reversed(estimates):
        if any(abs(value - other) > error + off for other, off in accepted):
            break
        accepted.append((value, error))
        best = min(best, (value, error), key=lambda estimate: estimate[1])
    return best


def one_sided(along: Along, steps: Sequence[float], noise: float) -> tuple[float, float] | None:
    """Return the slopes on the left and on the right if they differ, None if they do not.

    The difference of the one-sided slopes is h f'' for a smooth f, and goes to 0 with the step h; at a
    kink it stays what it is, and at a jump, or where f is vertical, it grows.
    """
    middle = along(0.0)
    sides = [((middle - along(-h)) / h, (along(h) - middle) / h) for h in steps]
    gaps = [right - left for left, right in sides]
    seen = [
        place
        for place, (gap, h) in enumerate(zip(gaps, steps, strict=True))
        if math.isfinite(gap) and abs(gap) > SURE * 4 * noise / h
    ]
    if not seen or seen[-1] < 2:
        return None
    last = seen[-1]
    if last + 1 < len(gaps) and not abs(gaps[last]) * 0.6 < SURE * 4 * noise / steps[last + 1]:
        return None  # at smaller steps it is gone: there is a kink beside x, and none at x
    near, middle_gap, far = gaps[last], gaps[last - 1], gaps[last - 2]
    left, right = sides[last]
    if not (near * middle_gap > 0 and middle_gap * far > 0):
        return None
    if abs(near) < 0.6 * abs(middle_gap) or abs(middle_gap) < 0.6 * abs(far):
        return None
    if abs(near) <= 1e-6 * max(abs(left), abs(right)):
        return None
    if abs(near) > 1.6 * abs(middle_gap):
        before = sides[last - 1]
        steep = [
            abs(now) > 1.6 * abs(then) for now, then in zip((left, right), before, strict=True)
        ]
        left, right = (
            math.copysign(math.inf, side) if grows else side
            for side, grows in zip((left, right), steep, strict=True)
        )
    return left, right
