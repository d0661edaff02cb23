"""``chainrule predict``."""

from __future__ import annotations

from typing import Annotated

import typer

from chainrule.cli.console import Reporter, guarded
from chainrule.cli.options import (
    OUTPUT,
    DataArgument,
    ModelArgument,
    QuietOption,
    ThreadsOption,
    check_output,
    names_of,
)
from chainrule.cli.process import leave_pandas_out
from chainrule.cli.reading_options import NOTHING_SAID, Reading, with_reading
from chainrule.errors import ParameterError

__all__ = ["EXAMPLES", "predict"]

EXAMPLES = """
**Examples**

`chainrule predict breast_cancer.model.safetensors new.csv`

`chainrule predict breast_cancer.model.safetensors new.csv --keep patient -o predicted.csv`

`chainrule predict prices.model.safetensors prices.parquet -o predicted.parquet`
"""


@guarded
@with_reading
def predict(
    model: ModelArgument,
    data: DataArgument,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="A .csv or .parquet file; standard output, as CSV, by default.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="A column of DATA to repeat beside the predictions; may be given again.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    rows: Annotated[
        int, typer.Option(help="Rows held in memory at a time.", rich_help_panel=OUTPUT)
    ] = 65_536,
    threads: ThreadsOption = None,
    reading: Reading = NOTHING_SAID,
    quiet: QuietOption = False,
) -> None:
    """Predict every row of a table, in its order, however large it is.

    Writes a column `prediction`, and for classes a column `probability_LABEL` for each. The table is
    read and written batch by batch; a file appears under its name when it is complete.
    """
    leave_pandas_out()
    from chainrule.cli.predicting import check_format, write_predictions  # tables: not for --help

    reporter = Reporter(quiet)
    if rows < 1:
        raise ParameterError(f"--rows must be at least 1, not {rows}")
    if output is not None:
        check_format(output)
        check_output(output, [data, model])
    notes: list[str] = []
    table = {"data": data, "rows": rows, **reading}
    with reporter.hearing_warnings():
        count = write_predictions(model, threads, names_of(keep), output, notes=notes, **table)
    reporter.notes(notes)
    if output is not None:
        reporter.note(f"{count:,} rows predicted: {output}")
