"""Values as a command line has them: texts that are read, and written into pages of help."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chainrule.errors import ParameterError, unknown_name

__all__ = ["FACTORS", "NAMES", "PROBABILITIES", "SCALING", "SECONDS", "SIZES", "Codec", "written"]


@dataclass(frozen=True)
class Codec:
    """How a value that is no single number or name is read and written.

    Parameters
    ----------
    read : callable
        From the option's name and the text to the value; raises a ParameterError.
    write : callable
        From the value to a text.
    """

    read: Callable[[str, str], Any]
    write: Callable[[Any], str]


def written(value: Any) -> str:
    """Return a value as a page of help shows it: no for False, 0.04 for a number."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    if isinstance(value, float):
        return "no end" if value == float("inf") else f"{value:g}"
    return str(value)


def names_in(text: str) -> list[str]:
    """Read names that commas separate."""
    return [name.strip() for name in text.split(",")]


def read_names(option: str, text: str) -> str | list[str]:
    """Read a name, or several that commas separate."""
    return names_in(text) if "," in text else text


def read_sizes(option: str, text: str) -> tuple[int, ...]:
    """Read the sizes of the hidden layers: "64,32", or "none"."""
    if text.strip().lower() in ("", "none", "0"):
        return ()
    try:
        return tuple(int(size) for size in text.replace("-", ",").split(","))
    except ValueError:
        raise ParameterError(
            f"{option} must be sizes such as 64 or 64,32, or none; got {text!r}"
        ) from None


def read_probabilities(option: str, text: str) -> float | tuple[float, ...]:
    """Read one probability, or one for each hidden layer: "0.2", "0.1,0.3"."""
    try:
        rates = tuple(float(rate) for rate in text.split(","))
    except ValueError:
        raise ParameterError(
            f"{option} must be a probability such as 0.2, or 0.1,0.3 for two layers; got {text!r}"
        ) from None
    return rates[0] if len(rates) == 1 else rates


def read_factors(option: str, text: str) -> dict[str, float] | None:
    """Read factors of the learning rate: "scale=6,b=0.1", or "none"."""
    if text.strip().lower() in ("", "none"):
        return None
    try:
        pairs = [entry.split("=") for entry in text.split(",")]
        return {name.strip(): float(value) for name, value in pairs}
    except ValueError:
        raise ParameterError(
            f"{option} must be such as scale=6,b=0.1, or none; got {text!r}"
        ) from None


def read_scaling(option: str, text: str) -> str | None:
    """Read how inputs are scaled: standard is what the table's encoder does by itself."""
    known = ("robust", "normal", "standard")
    if text not in known:
        raise unknown_name("scaling", text, known)
    return None if text == "standard" else text


def read_seconds(option: str, text: str) -> float:
    """Read a time: 60, 60s, 5min or 2h."""
    found = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*([a-z]*)\s*", text, re.ASCII)
    if found is None or found[2] not in TIMES or not float(found[1]):
        raise ParameterError(f"{option} must be a time such as 60s, 5min or 2h; got {text!r}")
    return float(found[1]) * TIMES[found[2]]


def write_several(values: Any) -> str:
    """Return one value, or several with commas between them."""
    entries = values if isinstance(values, (list, tuple)) else [values]
    return ",".join(written(value) for value in entries) or "none"


def write_factors(factors: dict[str, float] | None) -> str:
    """Return factors as they are read."""
    return ",".join(f"{name}={value:g}" for name, value in (factors or {}).items()) or "none"


TIMES = {"": 1, "s": 1, "min": 60, "h": 3600}
SIZES = Codec(read_sizes, write_several)
NAMES = Codec(read_names, write_several)
PROBABILITIES = Codec(read_probabilities, write_several)
FACTORS = Codec(read_factors, write_factors)
SCALING = Codec(read_scaling, lambda scaling: scaling or "standard")
SECONDS = Codec(read_seconds, lambda seconds: written(seconds))
