"""Options that several commands have, and the readers of those that hold more than one value."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from chainrule.errors import DataError
from chainrule.settings import TrainingSettings, rows_of
from chainrule.settings.rows import COMPUTING
from chainrule.settings.texts import names_in

__all__ = [
    "DataArgument",
    "JsonOption",
    "ModelArgument",
    "QuietOption",
    "ThreadsOption",
    "check_output",
    "names_in",
    "names_of",
]

READING = "Reading the table"
OUTPUT = "Output"

DataArgument = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="The table: text (CSV and the like, also compressed), Excel, JSON, Parquet, Arrow or NPZ; "
        "- is standard input.",
        show_default=False,
    ),
]
ModelArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", help="A model file that `chainrule train` wrote.", show_default=False
    ),
]
ThreadsOption = Annotated[
    int | None,
    typer.Option(
        "--threads",
        min=1,
        help=rows_of(TrainingSettings)["n_threads"].option.text,
        show_default=False,
        rich_help_panel=COMPUTING,
    ),
]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="Say nothing but errors.", rich_help_panel=OUTPUT)
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON.", rich_help_panel=OUTPUT)
]


def names_of(given: list[str] | None) -> list[str]:
    """Return the column names of an option that may be repeated."""
    return list(given or ())


def check_output(path: str, inputs: list[str | None]) -> None:
    """Refuse, before any work is done, an output that cannot be written or would destroy an input.

    Raises
    ------
    DataError
        If the folder is missing or not writable, the path is a folder, a device or the like, or it
        is one of the inputs.
    """
    output = Path(path)
    try:
        output.resolve()
    except OSError as error:  # the current folder may be gone
        raise DataError(f"cannot write {path!r}: {error.strerror or error}") from None
    if output.is_dir():
        raise DataError(f"cannot write {path!r}: it is a folder; give a file's name")
    if not output.parent.is_dir():
        raise DataError(f"cannot write {path!r}: there is no folder {str(output.parent)!r}")
    if output.exists() and not output.is_file():  # /dev/null would be replaced by a file
        raise DataError(f"cannot write {path!r}: it is not an ordinary file")
    if not os.access(output.parent, os.W_OK):
        raise DataError(f"cannot write {path!r}: the folder is not writable")
    if output.exists() and not os.access(output, os.W_OK):  # which would be replaced all the same
        raise DataError(f"cannot write {path!r}: the file is write-protected")
    for other in inputs:
        if (
            other is not None
            and output.exists()
            and Path(other).exists()
            and output.samefile(other)
        ):
            raise DataError(f"{path!r} is an input: writing there would destroy it")
