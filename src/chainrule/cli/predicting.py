"""What ``chainrule predict`` does: tables are read, predicted and written batch by batch."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from chainrule.cli.loading import load_table_model
from chainrule.data import Findings, column_names, iterate_batches
from chainrule.errors import ParameterError, unknown_name
from chainrule.estimators import TableModel
from chainrule.modelfile import replacing

BATCHING = ("rows", "notes")

__all__ = ["check_format", "write_predictions"]


def check_format(path: str) -> None:
    """Raise a ParameterError if the ending of `path` is not one that can be written."""
    if Path(path).suffix.lower() not in (".csv", ".parquet"):
        raise ParameterError(f"cannot write {path!r}: the ending must be .csv or .parquet")


def write_predictions(
    model: str, threads: int | None, kept: list[str], output: str | None, data: str, **reading: Any
) -> int:
    """Write the prediction of every row of a table; return the number of rows.

    Parameters
    ----------
    model : str
        A model file.
    threads : int or None
    kept : list of str
        Columns of the table to repeat.
    output : str or None
        A file; None is standard output, as CSV.
    data : str
        The table.
    **reading
        Options of `chainrule.data.iterate_batches`.
    """
    table_model = load_table_model(model, threads)
    known = column_names(data, **{n: said for n, said in reading.items() if n not in BATCHING})
    for name in kept:
        if name not in known:
            raise unknown_name("column", name, known)
    batches = predictions(table_model, iterate_batches(data, **reading), kept)
    if output is None:
        count = write_batches(batches, sys.stdout.buffer, "csv")
        sys.stdout.flush()
        return count
    with replacing(Path(output)) as temporary, temporary.open("wb") as file:
        return write_batches(batches, file, Path(output).suffix.lower()[1:])


def write_batches(batches: Iterator[pa.RecordBatch], sink: Any, kind: str) -> int:
    """Write all batches to a binary file.

    Parameters
    ----------
    batches : iterator of pyarrow.RecordBatch
        At least one, all of one schema.
    sink : binary file
    kind : {"csv", "parquet"}

    Returns
    -------
    int
        The number of rows.
    """
    first = next(batches)
    if kind == "parquet":
        writer = pa.parquet.ParquetWriter(sink, first.schema)
    else:
        options = pa.csv.WriteOptions(quoting_style="needed")
        writer = pa.csv.CSVWriter(sink, first.schema, write_options=options)
    with writer:
        writer.write_batch(first)
        count: int = first.num_rows
        for batch in batches:
            writer.write_batch(batch)
            count += batch.num_rows
    return count


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
