"""What a user can say about the columns of a table: rows of kinds, and the options together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chainrule.data.columns import Kind
from chainrule.data.forms.date_patterns import pattern_of_format
from chainrule.data.forms.numbers import DECIMALS, THOUSANDS
from chainrule.errors import ParameterError, unknown_name

__all__ = ["KINDS", "READING_OPTIONS", "ColumnOptions", "kind_named", "options_of"]

KINDS: dict[str, Kind] = {
    "number": "numeric",
    "category": "categorical",
    "date": "date",
    "truth": "boolean",
}
"""What a kind is called, by the users and in messages, and inside."""


READING_OPTIONS = (
    *("kinds", "missing", "decimal", "thousands"),
    *("date_format", "day_first", "strict"),
)
"""The parameters of `options_of` beside the lists of columns."""


def kind_named(name: str) -> Kind:
    """Return the kind of that name, one of `KINDS` on either side."""
    if name in KINDS:
        return KINDS[name]
    for kind in KINDS.values():
        if name == kind:
            return kind
    raise unknown_name("kind", name, KINDS)


@dataclass(frozen=True)
class ColumnOptions:
    """What is said about columns, and need not be found out.

    Attributes
    ----------
    kinds : dict of str to Kind
        What columns are, by name.
    drop : tuple of str
        Columns to leave out.
    missing : tuple of str
        More words, or numbers, that stand for a missing value, in every column.
    decimal, thousands : str or None
        What stands before the decimals, and between thousands, in text.
    date_format : str or None
        A format of `strftime`, such as ``"%d.%m.%Y"``.
    day_first : bool or None
        Whether the day stands before the month.
    strict : bool
        Whether what is in doubt is an error.
    """

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    decimal: str | None = None
    thousands: str | None = None
    date_format: str | None = None
    day_first: bool | None = None
    strict: bool = False

    def dropped(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the columns to leave out, of a table with these names: a,b is one of them, or two.

        Raises
        ------
        ParameterError
            If there is no such column.
        """
        known = set(names)
        found = []
        for text in self.drop:
            parts = [text] if text in known or "," not in text else text.split(",")
            for part in parts:
                name = part if part in known else part.strip()
                if name not in known:
                    raise unknown_name("column", name, names)
                found.append(name)
        return tuple(found)

    def __post_init__(self) -> None:
        if self.decimal not in (None, *DECIMALS):
            raise ParameterError(f"the decimal mark must be . or , and not {self.decimal!r}")
        if self.thousands not in (None, *THOUSANDS):
            known = " ".join(repr(mark) for mark in THOUSANDS)
            raise ParameterError(
                f"the mark between thousands must be one of {known}, not {self.thousands!r}"
            )
        if self.decimal is not None and self.decimal == self.thousands:
            raise ParameterError(
                f"{self.decimal!r} cannot stand before the decimals and between thousands: name "
                "two marks"
            )
        if self.date_format is not None:
            pattern_of_format(self.date_format)


def options_of(
    kinds: Mapping[str, str] | None = None,
    *,
    categorical: Sequence[str] = (),
    numeric: Sequence[str] = (),
    drop: Sequence[str] = (),
    missing: Sequence[str] = (),
    decimal: str | None = None,
    thousands: str | None = None,
    date_format: str | None = None,
    day_first: bool | None = None,
    strict: bool = False,
) -> ColumnOptions:
    """Return the options, with the kinds of columns from all places where they are said.

    Parameters
    ----------
    kinds : dict of str to str, optional
        What columns are, by name: "number", "category", "date" or "truth".
    categorical, numeric, drop : sequence of str
        Columns that are categories, that are numbers, that are left out.
    missing, decimal, thousands, date_format, day_first, strict
        As `ColumnOptions` has them.

    Raises
    ------
    ParameterError
        If a column is said to be of two kinds, or a kind or a mark is unknown.
    """
    of_column: dict[str, Kind] = {}
    named = [(name, kind_named(kind)) for name, kind in (kinds or {}).items()]
    named += [(name, "categorical") for name in categorical]
    named += [(name, "numeric") for name in numeric]
    for name, kind in named:
        if of_column.setdefault(name, kind) != kind:
            raise ParameterError(f"column {name!r} cannot be both {of_column[name]} and {kind}")
    words = (missing,) if isinstance(missing, str) else tuple(missing)
    return ColumnOptions(
        of_column, tuple(drop), words, decimal, thousands, date_format, day_first, strict
    )
