"""Reading values out of a dictionary that comes from a model file, which may hold anything."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

from chainrule.data.messages import listed, shown
from chainrule.errors import ModelFileError

__all__ = ["damaged", "flag", "fraction", "items", "mapping", "text", "texts", "whole"]


def mapping(value: object, where: str, keys: Collection[str]) -> dict[str, Any]:
    """Return `value` if it is a dictionary with exactly these keys."""
    if not isinstance(value, dict):
        raise _odd(where, "a dictionary", value)
    if set(value) != set(keys):
        raise ModelFileError(
            f"the model file is damaged: {where} should have the entries {listed(sorted(keys))}, "
            f"not {listed(sorted(map(str, value)))}"
        )
    return value


def items(value: object, where: str) -> list[Any]:
    """Return `value` if it is a list."""
    if not isinstance(value, list):
        raise _odd(where, "a list", value)
    return value


def text(value: object, where: str, known: Collection[str] | None = None) -> str:
    """Return `value` if it is text, one of the known ones if there are such."""
    if not isinstance(value, str) or (known is not None and value not in known):
        expected = "text" if known is None else f"one of {listed(known)}"
        raise _odd(where, expected, value)
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which no table can hold
        raise _odd(where, "text", value) from None
    return value


def texts(value: object, where: str) -> tuple[str, ...]:
    """Return the texts of a list, none of which may come twice."""
    found = tuple(text(item, where) for item in items(value, where))
    if len(set(found)) < len(found):
        raise ModelFileError(f"the model file is damaged: {where} has a text twice")
    return found


def flag(value: object, where: str) -> bool:
    """Return `value` if it is true or false."""
    if not isinstance(value, bool):
        raise _odd(where, "true or false", value)
    return value


def whole(value: object, where: str) -> int:
    """Return `value` if it is a whole number of 64 bits."""
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise _odd(where, "a whole number", value)
    return value


def fraction(value: object, where: str, positive: bool = False) -> float:
    """Return `value` if it is a finite number, one above zero if it has to be `positive`."""
    expected = "a positive finite number" if positive else "a finite number"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _odd(where, expected, value)
    try:
        number = float(value)
    except OverflowError:
        raise _odd(where, expected, "a number beyond all bounds") from None
    if not math.isfinite(number) or (positive and number <= 0):
        raise _odd(where, expected, value)
    return number


def _odd(where: str, expected: str, value: object) -> ModelFileError:
    # The value itself is shown only if it is small: repr of a deep or huge one is no help.
    found = (
        shown(value)
        if isinstance(value, str | float | bool | None)
        else f"a {type(value).__name__}"
    )
    return ModelFileError(f"the model file is damaged: {where} should be {expected}, not {found}")


def damaged(what: str) -> ModelFileError:
    """Build the error for a model file in which something does not fit."""
    return ModelFileError(f"the model file is damaged: {what}")
