"""Checks of single values: numbers, counts and switches; a wrong one is a ParameterError that says why.

Python's numbers and NumPy's are both accepted; True and False are no numbers.
"""

from __future__ import annotations

from math import inf
from numbers import Integral, Real
from typing import Any, TypeGuard

from chainrule.errors import ParameterError

__all__ = ["check_count", "check_number", "check_switch", "is_count", "is_switch", "is_whole"]


def check_number(
    name: str,
    value: Any,
    low: float = -inf,
    high: float = inf,
    *,
    low_open: bool = False,
    high_open: bool = False,
) -> None:
    """Raise a ParameterError unless `value` is a finite number between `low` and `high`.

    Parameters
    ----------
    name : str
        What the user calls it.
    value : object
    low, high : float
        The bounds; infinite where there is none.
    low_open, high_open : bool
        Whether the bound itself is refused.

    Examples
    --------
    >>> check_number("momentum", 1.5, 0, 1)
    Traceback (most recent call last):
    chainrule.errors.ParameterError: momentum must be a number from 0 to 1, not 1.5
    """
    low_open, high_open = low_open or low == -inf, high_open or high == inf
    if not (
        is_number(value)
        and (value > low if low_open else value >= low)  # NaN is neither
        and (value < high if high_open else value <= high)
    ):
        wanted = range_in_words(low, high, low_open, high_open)
        raise ParameterError(f"{name} must be {wanted}, not {value!r}")


def is_number(value: object) -> bool:
    """Say whether `value` is a real number by its type."""
    return isinstance(value, Real) and not isinstance(value, bool)


def range_in_words(low: float, high: float, low_open: bool, high_open: bool) -> str:
    """Return the numbers between two bounds in words: "a number of at least 0 and below 1"."""
    words = "a finite number" if high == inf else "a number"
    if low != -inf and high != inf and not low_open and not high_open:
        return f"{words} from {low:g} to {high:g}"
    bounds = []
    if low != -inf:
        bounds.append(f"above {low:g}" if low_open else f"of at least {low:g}")
    if high != inf:
        bounds.append(f"below {high:g}" if high_open else f"at most {high:g}")
    return " ".join([words, " and ".join(bounds)]).rstrip()


def is_whole(value: object) -> TypeGuard[int]:
    """Say whether `value` is a whole number by its type."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_count(value: object) -> TypeGuard[int]:
    """Say whether `value` is a whole number of at least 1."""
    return is_whole(value) and value >= 1


def check_count(name: str, value: object, low: int = 1, high: int | None = None) -> None:
    """Raise a ParameterError unless `value` is a whole number between `low` and `high`."""
    if is_whole(value) and low <= value and (high is None or value <= high):
        return
    wanted = f"of at least {low}" if high is None else f"from {low} to {high}"
    raise ParameterError(f"{name} must be a whole number {wanted}, not {value!r}")


def is_switch(value: object) -> bool:
    """Say whether `value` is True or False, Python's or NumPy's."""
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    return isinstance(value, bool) or (kind == "b" and getattr(value, "ndim", None) == 0)


def check_switch(name: str, value: object) -> None:
    """Raise a ParameterError unless `value` is True or False."""
    if not is_switch(value):
        raise ParameterError(f"{name} must be True or False, not {value!r}")
