"""``chainrule predict``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import typer

from chainrule.cli.console import Reporter, guarded
from chainrule.cli.loading import load_table_model
from chainrule.cli.options import (
    OUTPUT,
    DataArgument,
    DelimiterOption,
    EncodingOption,
    HeaderOption,
    ModelArgument,
    QuietOption,
    ThreadsOption,
    check_output,
    names_of,
    reading,
)
from chainrule.cli.writing import check_format, write_batches
from chainrule.data import Findings, column_names, iterate_batches
from chainrule.errors import ParameterError, unknown_name
from chainrule.estimators import TableModel
from chainrule.modelfile import replacing

__all__ = ["EXAMPLES", "predict"]

EXAMPLES = """
**Examples**

`chainrule predict breast_cancer.model.safetensors new.csv`

`chainrule predict breast_cancer.model.safetensors new.csv --keep patient -o predicted.csv`

`chainrule predict prices.model.safetensors prices.parquet -o predicted.parquet`
"""


@guarded
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
    delimiter: DelimiterOption = None,
    header: HeaderOption = None,
    encoding: EncodingOption = "utf-8",
    quiet: QuietOption = False,
) -> None:
    """Predict every row of a table, in its order, however large it is.

    Writes a column `prediction`, and for classes a column `probability_LABEL` for each. The table is
    read and written batch by batch; a file appears under its name when it is complete.
    """
    reporter = Reporter(quiet)
    if rows < 1:
        raise ParameterError(f"--rows must be at least 1, not {rows}")
    if output is not None:
        check_format(output)
        check_output(output, [data, model])
    options = reading(delimiter, header, encoding)
    with reporter.hearing_warnings():
        table_model = load_table_model(model, threads)
        kept = names_of(keep)
        known = column_names(data, **options)
        for name in kept:
            if name not in known:
                raise unknown_name("column", name, known)
        batches = predictions(table_model, iterate_batches(data, rows=rows, **options), kept)
        if output is None:
            write_batches(batches, sys.stdout.buffer, "csv")
            sys.stdout.flush()
        else:
            with replacing(Path(output)) as temporary, temporary.open("wb") as file:
                count = write_batches(batches, file, Path(output).suffix.lower()[1:])
            reporter.note(f"{count:,} rows predicted: {output}")


def predictions(
    model: TableModel, batches: Iterator[pa.RecordBatch], kept: list[str]
) -> Iterator[pa.RecordBatch]:
    """Yield the predictions of each batch, behind the columns that are kept."""
    findings = Findings()
    first_row = 1
    for batch in batches:
        predicted = model.predict_rows(batch, first_row, findings)
        columns: dict[str, Any] = {name: batch.column(name) for name in kept}
        for name, column in zip(predicted.schema.names, predicted.columns, strict=True):
            while name in columns:  # a column that is kept has the name already
                name += "_"
            columns[name] = column
        yield pa.RecordBatch.from_pydict(columns)
        first_row += batch.num_rows
    findings.warn()
