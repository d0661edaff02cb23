"""How a table's file is to be read: one row for each thing that can be said instead of found out.

The command line makes its options of these rows; `chainrule.data.read_table` takes them as keywords.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import Any

from chainrule.errors import ParameterError

__all__ = ["DELIMITERS", "ReadingOptions", "reading_rows"]

DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
"""The names that a delimiter may be called by."""


def _option(kind: type, text: str, metavar: str | None = None, least: int | None = None) -> Any:
    told = {"kind": kind, "text": text, "metavar": metavar, "least": least}
    return field(default=None, metadata=told)


@dataclass(frozen=True)
class ReadingOptions:
    """What was said about the file of a table; None is for what has to be found out.

    Attributes
    ----------
    delimiter : str, optional
        The ASCII character between two fields, or its name; space is any number of blanks.
    header : bool, optional
        Whether the first line names the columns.
    skip_rows : int, optional
        Lines before the header, or before the data where there is none.
    comment : str, optional
        What a line begins with that is no row.
    encoding : str, optional
        How the characters are encoded.
    sheet : str, optional
        The sheet of a workbook, by its name or its number, counted from 1.
    """

    delimiter: str | None = _option(
        str, "What separates the fields: a character, tab or space; detected by default."
    )
    header: bool | None = _option(
        bool, "Whether the first line names the columns; detected by default."
    )
    skip_rows: int | None = _option(
        int, "Lines to skip before the header; detected by default.", "N", least=0
    )
    comment: str | None = _option(
        str, "What begins a line that is no row; #, % and // are detected.", "TEXT"
    )
    encoding: str | None = _option(str, "Character encoding of a text; detected by default.")
    sheet: str | None = _option(
        str, "The sheet of a workbook, by name or number; the first one by default.", "NAME"
    )

    def __post_init__(self) -> None:
        """Check what can be checked without the file, and give a named delimiter its character."""
        delimiter = self.delimiter
        if delimiter is not None:
            delimiter = DELIMITERS.get(delimiter, delimiter)
            object.__setattr__(self, "delimiter", delimiter)
            if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '\r\n"':
                names = ", ".join(name for name in DELIMITERS if name.isalpha())
                raise ParameterError(
                    f"the delimiter must be one ASCII character, or one of {names}, not {delimiter!r}"
                )
        if self.skip_rows is not None and self.skip_rows < 0:
            raise ParameterError(f"skip_rows must be at least 0, not {self.skip_rows}")
        if self.comment is not None and not self.comment.strip():
            raise ParameterError(
                "comment must be what a line begins with, such as '#', not a blank"
            )
        if self.sheet is not None:
            object.__setattr__(self, "sheet", str(self.sheet))


def reading_rows() -> dict[str, Field[Any]]:
    """Return the rows by name."""
    return {row.name: row for row in fields(ReadingOptions)}
