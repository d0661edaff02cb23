"""Options that say how the columns of a table are read; `train` and `look` have them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from chainrule.errors import ParameterError

__all__ = [
    "COLUMNS",
    "CategoricalOption",
    "DateFormatOption",
    "DayFirstOption",
    "DecimalOption",
    "DropOption",
    "KindOption",
    "MissingOption",
    "NumericOption",
    "StrictOption",
    "ThousandsOption",
    "column_settings",
]

COLUMNS = "How columns are read"


def option(text: str, *names: str, **settings: Any) -> Any:
    """Return one of the options."""
    return typer.Option(*names, help=text, rich_help_panel=COLUMNS, **settings)


DropOption = Annotated[
    list[str] | None,
    option("Columns to leave out, such as a,b; again for more.", metavar="COLUMN[,…]"),
]
KindOption = Annotated[
    list[str] | None,
    option(
        "What a column is: COLUMN=number, category, date or truth; again for more.",
        metavar="COLUMN=KIND",
    ),
]
CategoricalOption = Annotated[
    list[str] | None,
    option("A column to take as categories; again for more.", metavar="COLUMN"),
]
NumericOption = Annotated[
    list[str] | None,
    option("A column to take as numbers; again for more.", metavar="COLUMN"),
]
MissingOption = Annotated[
    list[str] | None,
    option(
        "Words or numbers that stand for a missing value, such as -999,n.d.", metavar="WORD[,…]"
    ),
]
DecimalOption = Annotated[
    str | None, option("What stands before the decimals: . or ,", metavar="MARK")
]
ThousandsOption = Annotated[
    str | None,
    option("What stands between thousands: , . ' _ a blank, or nothing.", metavar="MARK"),
]
DateFormatOption = Annotated[
    str | None, option("How dates are written, such as %d.%m.%Y.", metavar="FORMAT")
]
DayFirstOption = Annotated[
    bool | None,
    option("Whether the day stands before the month; found out by default.",
           "--day-first/--month-first"),
]  # fmt: skip
StrictOption = Annotated[
    bool, option("Take what is in doubt about a column as an error.", "--strict")
]


def column_settings(
    drop: list[str] | None, kind: list[str] | None, **settings: Any
) -> dict[str, Any]:
    """Return what the options say, as the parameters of `chainrule.TableModel`.

    Parameters
    ----------
    drop, kind : list of str or None
        As they were given.
    **settings
        The other options.
    """
    words = [word for text in settings.pop("missing") or () for word in text.split(",")]
    lists = {name: list(settings.pop(name) or ()) for name in ("categorical", "numeric")}
    named = {"drop": list(drop or ()), "kinds": kinds_in(kind or ()), "missing": words}
    return {**named, **lists, **settings}


def kinds_in(texts: Any) -> dict[str, str]:
    """Return the kinds of columns by name."""
    kinds = {}
    for text in texts:
        name, equals, kind = text.rpartition("=")
        if not equals or not name or not kind:
            raise ParameterError(f"--kind takes COLUMN=KIND, such as zip=category, not {text!r}")
        kinds[name] = kind
    return kinds
