"""Writing tables batch by batch: CSV and Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from chainrule.errors import ParameterError

__all__ = ["check_format", "write_batches"]


def check_format(path: str) -> None:
    """Raise a ParameterError if the ending of `path` is not one that can be written."""
    if Path(path).suffix.lower() not in (".csv", ".parquet"):
        raise ParameterError(f"cannot write {path!r}: the ending must be .csv or .parquet")


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
