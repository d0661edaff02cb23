"""`check_gradient`: any scalar function, and a gradient of it that was derived by hand."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from chainrule.doctor.derivatives import Slope, slope
from chainrule.doctor.findings import finite
from chainrule.doctor.values import in_float32
from chainrule.errors import ParameterError, ShapeError
from chainrule.nn.arrays import Array

__all__ = ["Component", "GradientReport", "check_gradient"]

FLOAT64, FLOAT32 = 1e-6, 3e-4
MOST_SHOWN = 12


@dataclass(frozen=True)
class Component:
    """One component of a gradient.

    Parameters
    ----------
    index : tuple of int
        Where it stands.
    given : float
    slope : Slope
        The true one.
    verdict : {"right", "wrong", "kink", "unsure"}
        "kink": the function has no derivative here. "unsure": differences are not exact enough to say.
    """

    index: tuple[int, ...]
    given: float
    slope: Slope
    verdict: str

    def to_dict(self) -> dict[str, Any]:
        """Return the component as plain values, ready for JSON."""
        return {
            "index": list(self.index),
            "given": self.given,
            "true": finite(self.slope.value),
            "uncertainty": finite(self.slope.uncertainty),
            "method": self.slope.method,
            "verdict": self.verdict,
        }


@dataclass(frozen=True)
class GradientReport:
    """What `check_gradient` found.

    Parameters
    ----------
    components : tuple of Component
    reasons : tuple of str
        What would explain the wrong components: a factor, the sign, another order.
    """

    components: tuple[Component, ...]
    reasons: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no component is wrong; kinks are no errors."""
        return not any(component.verdict == "wrong" for component in self.components)

    @property
    def wrong(self) -> tuple[Component, ...]:
        """The wrong components, the worst first."""
        found = [c for c in self.components if c.verdict == "wrong"]
        return tuple(sorted(found, key=lambda c: -abs(c.given - c.slope.value)))

    @property
    def error(self) -> float:
        """‖given − true‖/max(‖given‖, ‖true‖), over the components whose true value is known."""
        known = [c for c in self.components if is_known(c.slope)]
        given = np.array([c.given for c in known])
        true = np.array([c.slope.value for c in known])
        largest = max(np.abs(given).max(initial=0.0), np.abs(true).max(initial=0.0))
        if not largest:
            return 0.0
        given, true = given / largest, true / largest  # so that no square is too large, or is zero
        scale = max(np.linalg.norm(given), np.linalg.norm(true))
        return float(np.linalg.norm(given - true) / scale)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, ready for JSON."""
        return {
            "ok": self.ok,
            "error": self.error,
            "reasons": list(self.reasons),
            "components": [component.to_dict() for component in self.components],
        }

    def __str__(self) -> str:
        counts = {
            verdict: sum(c.verdict == verdict for c in self.components)
            for verdict in ("right", "wrong", "kink", "unsure")
        }
        text = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
        lines = [f"{text} of {len(self.components)}; relative error {self.error:.1e}"]
        lines += list(self.reasons)
        shown = [*self.wrong, *(c for c in self.components if c.verdict in ("kink", "unsure"))]
        for component in shown[:MOST_SHOWN]:
            where = ", ".join(map(str, component.index))
            true = component.slope
            if true.left is not None and true.right is not None:
                jump = math.isinf(true.left) or math.isinf(true.right)
                name = "a jump, or a vertical slope" if jump else "a kink"
                text = f"{name}: slope {true.left:.6g} on the left, {true.right:.6g} on the right"
            elif not math.isfinite(true.value):
                text = f"given {component.given:.9g}; f has no finite values on both sides"
            else:
                text = f"given {component.given:.9g}, true {true.value:.9g}"
                text += f" ± {true.uncertainty:.0e} ({true.method})"
            lines.append(f"x[{where}]: {component.verdict}; {text}")
        if len(shown) > MOST_SHOWN:
            lines.append(f"and {len(shown) - MOST_SHOWN} more")
        return "\n".join(lines)


def check_gradient(
    f: Callable[[Array], Any],
    grad: Callable[[Array], ArrayLike] | ArrayLike,
    x: ArrayLike,
    *,
    tolerance: float | None = None,
) -> GradientReport:
    """Check the gradient of any scalar function, component by component.

    Parameters
    ----------
    f : callable
        ``f(x)`` returns one number. If it takes complex arrays too, the check is exact.
    grad : callable or array-like
        ``grad(x)``, or the gradient at x; of x's shape.
    x : array-like
        Where, of any shape.
    tolerance : float, optional
        The largest relative difference of a component; 1e-6, or 3e-4 if the gradient is in float32.

    Returns
    -------
    GradientReport
        ``report.ok``, ``report.error``, ``report.components``, ``report.reasons``.

    Raises
    ------
    ParameterError
        If f does not return a number at x, or x or the gradient do not hold numbers.
    ShapeError
        If the gradient does not have as many components as x.

    Notes
    -----
    The truth is the complex step where f takes complex numbers and differences confirm it, else
    extrapolated differences, whose uncertainty holds the noise of f. Where the slopes on the two sides
    differ, f has no derivative, and that is said. `scipy.optimize.check_grad` returns the one-sided
    difference's error as one number.

    Examples
    --------
    >>> f = lambda x: (x**3).sum()
    >>> print(check_gradient(f, lambda x: 3 * x, [1.0, 2.0]))
    1 right, 1 wrong of 2; relative error 4.9e-01
    x[1]: wrong; given 6, true 12 ± 1e-14 (complex step)
    """
    x = numbers("x", x)
    value = np.asarray(called("f", f, x))
    if value.size != 1 or value.dtype.kind not in "fiub" or not np.isfinite(value).all():
        raise ParameterError(f"f(x) must be one finite number, not {describe(value)}")
    given = np.asarray(called("grad", grad, x) if callable(grad) else grad)
    if given.size != x.size:
        raise ShapeError(f"the gradient has {given.size} components, x has {x.size}")
    if tolerance is None:
        tolerance = FLOAT32 if in_float32([numbers("the gradient", given)]) else FLOAT64
    given = numbers("the gradient", given)
    rows = given.reshape(x.shape)
    with warnings.catch_warnings(), np.errstate(all="ignore"):  # f is asked beside x, too
        warnings.simplefilter("ignore")
        slopes = {index: slope(f, x, index) for index in np.ndindex(x.shape)}
    size = max((abs(s.value) for s in slopes.values() if is_known(s)), default=0.0)
    components = tuple(
        Component(
            index, float(rows[index]), found, judged(float(rows[index]), found, tolerance, size)
        )
        for index, found in slopes.items()
    )
    report = GradientReport(components)
    return report if report.ok else GradientReport(components, reasons(given, x, slopes, tolerance))


def is_known(true: Slope) -> bool:
    """Say whether there is a derivative, and it could be computed."""
    return not true.kink and math.isfinite(true.value)


def judged(given: float, true: Slope, tolerance: float, size: float) -> str:
    """Return the verdict on one component; `size` is that of the largest one."""
    if true.kink:
        return "kink"
    if not is_known(true):
        return "unsure"
    allowed = tolerance * max(abs(true.value), abs(given), 1e-3 * size)
    difference = abs(given - true.value)
    if difference <= allowed:
        return "right"
    return "wrong" if difference > allowed + 10 * true.uncertainty else "unsure"


def reasons(
    given: Array, x: Array, slopes: dict[tuple[int, ...], Slope], tolerance: float
) -> tuple[str, ...]:
    """Return what would explain a wrong gradient as a whole."""
    known = [is_known(found) for found in slopes.values()]
    if not all(known):
        x = x.ravel()[known]
    true = np.array([found.value for found in slopes.values()])[known]
    flat = given.ravel()[known]

    def same(candidate: Array) -> bool:
        scale = max(np.linalg.norm(flat), np.linalg.norm(candidate))
        return bool(np.linalg.norm(flat - candidate) <= 10 * tolerance * scale)

    found = []
    square = float(true @ true)
    k = float(flat @ true) / square if square else 0.0
    if not flat.any() and true.any():
        found.append("factor: the gradient is zero.")
    elif k and abs(k - 1) > 10 * tolerance and same(k * true):
        found.append(
            "sign: it is the negative of the gradient."
            if abs(k + 1) < 10 * tolerance
            else f"factor: it is {k:.6g} times the gradient."
        )
    if x.ndim == 2 and min(x.shape) > 1 and same(true.reshape(x.shape).T.ravel()):
        found.append("missing_transpose: it is the transpose of the gradient.")
    elif flat.size > 1 and not found and not same(true) and same_numbers(flat, true, tolerance):
        found.append("order: these are the right numbers, in another order.")
    return tuple(found)


def same_numbers(left: Array, right: Array, tolerance: float) -> bool:
    """Say whether two vectors hold the same numbers in any order."""
    difference = np.sort(left) - np.sort(right)
    return bool(np.linalg.norm(difference) <= 10 * tolerance * np.linalg.norm(right))


def called(name: str, function: Any, x: Array) -> Any:
    """Return function(x) at a copy of x, or raise a ParameterError with what the function raised."""
    if not callable(function):
        raise ParameterError(f"{name} must be a function, not a {type(function).__name__}")
    try:
        return function(x.copy())
    except Exception as error:
        text = " ".join(str(error).split())[:200]
        raise ParameterError(f"{name}(x) raised {type(error).__name__}: {text}") from error


def numbers(name: str, value: Any) -> Array:
    """Return an array of float64, or raise a ParameterError."""
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "fiub" or not array.size or not np.isfinite(array).all():
            raise ValueError
    except ValueError:
        raise ParameterError(f"{name} must hold finite real numbers, at least one") from None
    return array.astype(np.float64)


def describe(value: Array) -> str:
    """Say what came back, in a few words."""
    return f"an array of shape {value.shape}" if value.ndim else repr(value.item())
