"""Options that several commands have, and the readers of those that hold more than one value."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from chainrule.errors import DataError, ParameterError, unknown_name

__all__ = [
    "DataArgument",
    "DelimiterOption",
    "EncodingOption",
    "HeaderOption",
    "JsonOption",
    "ModelArgument",
    "QuietOption",
    "ThreadsOption",
    "check_output",
    "dropout_of",
    "factors_of",
    "hidden_of",
    "names_in",
    "names_of",
    "one_or_names",
    "reading",
    "scaling_of",
]

READING = "Reading the table"
OUTPUT = "Output"
COMPUTING = "Computing"

DataArgument = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="The table: CSV (also .gz), Parquet, Arrow/Feather or NPZ.",
        show_default=False,
    ),
]
ModelArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", help="A model file that `chainrule train` wrote.", show_default=False
    ),
]
DelimiterOption = Annotated[
    str | None,
    typer.Option(help="Field separator of a CSV; detected by default.", rich_help_panel=READING),
]
HeaderOption = Annotated[
    bool | None,
    typer.Option(
        "--header/--no-header",
        help="Whether a CSV's first line names the columns; detected by default.",
        rich_help_panel=READING,
    ),
]
EncodingOption = Annotated[
    str, typer.Option(help="Character encoding of a CSV.", rich_help_panel=READING)
]
ThreadsOption = Annotated[
    int | None,
    typer.Option(
        "--threads",
        min=1,
        help="Threads to compute on; all cores that may be used by default. The result is the same.",
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


def reading(delimiter: str | None, header: bool | None, encoding: str) -> dict[str, Any]:
    """Return the options of `chainrule.data.read_table`."""
    if delimiter is not None:
        delimiter = {"\\t": "\t", "tab": "\t"}.get(delimiter, delimiter)
    return {"delimiter": delimiter, "header": header, "encoding": encoding}


def names_of(given: list[str] | None) -> list[str]:
    """Return the column names of an option that may be repeated."""
    return list(given or ())


def names_in(text: str) -> list[str]:
    """Read names that commas separate."""
    return [name.strip() for name in text.split(",")]


def one_or_names(text: str) -> str | list[str]:
    """Read a name, or several that commas separate."""
    return names_in(text) if "," in text else text


def scaling_of(text: str) -> str | None:
    """Read how inputs are scaled: standard is what the table's encoder does by itself."""
    if text not in ("robust", "standard"):
        raise unknown_name("scaling", text, ("robust", "standard"))
    return None if text == "standard" else text


def factors_of(text: str) -> dict[str, float] | None:
    """Read factors of the learning rate: "scale=6,b=0.1", or "none"."""
    if text.strip().lower() in ("", "none"):
        return None
    try:
        pairs = [entry.split("=") for entry in text.split(",")]
        return {name.strip(): float(value) for name, value in pairs}
    except ValueError:
        raise ParameterError(
            f"--rate-factors must be such as scale=6,b=0.1, or none; got {text!r}"
        ) from None


def hidden_of(text: str) -> tuple[int, ...]:
    """Read the sizes of the hidden layers: "64,32", or "none"."""
    if text.strip().lower() in ("", "none", "0"):
        return ()
    try:
        return tuple(int(size) for size in text.replace("-", ",").split(","))
    except ValueError:
        raise ParameterError(
            f"--hidden must be sizes such as 64 or 64,32, or none; got {text!r}"
        ) from None


def dropout_of(text: str) -> float | tuple[float, ...]:
    """Read one probability, or one for each hidden layer: "0.2", "0.1,0.3"."""
    try:
        rates = tuple(float(rate) for rate in text.split(","))
    except ValueError:
        raise ParameterError(
            f"--dropout must be a probability such as 0.2, or 0.1,0.3 for two layers; got {text!r}"
        ) from None
    return rates[0] if len(rates) == 1 else rates


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
