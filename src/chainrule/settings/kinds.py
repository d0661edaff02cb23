"""What values a setting may have: each kind checks a value, and says in words what it accepts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Protocol

from chainrule.checks import check_count, check_number, check_switch, is_switch, is_whole
from chainrule.errors import ParameterError, unknown_name

__all__ = ["Choice", "Count", "Elsewhere", "Kind", "Number", "Switch", "Tested"]


class Kind(Protocol):
    """What a row says of its values."""

    @property
    def words(self) -> str:
        """The type, as a docstring has it."""

    def check(self, name: str, value: Any) -> None:
        """Raise a ParameterError that names the setting unless it may have this value."""


@dataclass(frozen=True)
class Number:
    """A number between two bounds; or None, if that is allowed."""

    low: float
    high: float = inf
    low_open: bool = False
    high_open: bool = False
    or_none: bool = False

    @property
    def words(self) -> str:
        """The type, as a docstring has it."""
        return "float or None" if self.or_none else "float"

    def check(self, name: str, value: Any) -> None:
        """Raise a ParameterError unless the value is such a number."""
        if not (self.or_none and value is None):
            bounds = {"low_open": self.low_open, "high_open": self.high_open}
            check_number(name, value, self.low, self.high, **bounds)


@dataclass(frozen=True)
class Count:
    """A whole number of at least 1, or one of some other values."""

    others: tuple[Any, ...] = ()

    @property
    def words(self) -> str:
        """The type, as a docstring has it."""
        names = {inf: "math.inf", None: "None"}
        *most, last = ["int", *(names.get(other, f'"{other}"') for other in self.others)]
        return f"{', '.join(most)} or {last}" if most else last

    def check(self, name: str, value: Any) -> None:
        """Raise a ParameterError unless the value is such a number."""
        if not any(isinstance(value, type(other)) and value == other for other in self.others):
            check_count(name, value)


@dataclass(frozen=True)
class Switch:
    """True or False; or a whole number, if that is allowed."""

    or_whole: bool = False

    @property
    def words(self) -> str:
        """The type, as a docstring has it."""
        return "bool"

    def check(self, name: str, value: Any) -> None:
        """Raise a ParameterError unless the value is True or False."""
        if not (self.or_whole and (is_whole(value) or is_switch(value))):
            check_switch(name, value)


@dataclass(frozen=True)
class Choice:
    """One of several names; or None, if that is allowed."""

    names: Callable[[], Iterable[str]]
    or_none: bool = False

    @property
    def words(self) -> str:
        """The type, as a docstring has it."""
        names = [f'"{name}"' for name in self.names()]
        return "{" + ", ".join(["None"] * self.or_none + names) + "}"

    def check(self, name: str, value: Any) -> None:
        """Raise a ParameterError unless the value is one of the names."""
        known = list(self.names())
        if not (self.or_none and value is None) and not (isinstance(value, str) and value in known):
            raise unknown_name(name, value, known)


@dataclass(frozen=True)
class Tested:
    """Whatever a function, called with the name and the value, accepts."""

    words: str
    test: Callable[[str, Any], None]

    def check(self, name: str, value: Any) -> None:
        """Raise a ParameterError if the function does."""
        self.test(name, value)


@dataclass(frozen=True)
class Elsewhere:
    """What is checked where the network, the schedule or the metric is made of it."""

    words: str

    def check(self, name: str, value: Any) -> None:
        """Accept every value."""


def check_bins(name: str, value: Any) -> None:
    """Raise a ParameterError unless `value` is a number of bins, or 0 for none."""
    from chainrule.data.features import MOST_BINS

    if not is_whole(value) or not (value == 0 or 2 <= value <= MOST_BINS):
        raise ParameterError(
            f"{name} must be a number of bins from 2 to {MOST_BINS}, or 0 for none; not {value!r}"
        )


def check_class_weight(name: str, value: Any) -> None:
    """Raise a ParameterError unless `value` is None, "balanced", or a weight for each class."""
    if isinstance(value, dict):
        for label, weight in value.items():
            check_number(f"{name}[{label!r}]", weight, 0)
    elif value is not None and not (isinstance(value, str) and value == "balanced"):
        raise ParameterError(f"{name} must be a dict, 'balanced' or None, not {value!r}")


def check_callbacks(name: str, value: Any) -> None:
    """Raise a ParameterError unless `value` is None or a sequence of callbacks."""
    from chainrule.train import Callback

    if value is None:
        return
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ParameterError(f"{name} must be a sequence of Callback, not {value!r}")
    for callback in value:
        if not isinstance(callback, Callback):
            raise ParameterError(f"{name} must hold objects of class Callback, not {callback!r}")
