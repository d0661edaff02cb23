"""Reading Parquet, Arrow (Feather) and NPZ files; nothing in a file is ever executed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
from numpy.typing import NDArray

from chainrule.data.dictionaries import decoded
from chainrule.data.messages import first_line, shown
from chainrule.errors import DataError, lacks_memory
from chainrule.files import check_table_size, open_regular
from chainrule.files.npz import read_npz_arrays
from chainrule.files.tables import TableFile

__all__ = ["arrow_column_names", "iterate_arrow", "iterate_parquet", "parquet_column_names",
           "parquet_rows", "read_npz"]  # fmt: skip

_TEXTS = (pa.string(), pa.large_string(), pa.binary(), pa.large_binary())
_ARROW_MAGIC = b"ARROW1"


@contextmanager
def _reading(path: TableFile, kind: str) -> Iterator[None]:
    """Turn whatever a library raises over a file's contents into a `DataError`."""
    try:
        yield
    except (DataError, MemoryError):
        raise
    # Which exception a damaged file raises depends on the damaged byte: Arrow and NumPy promise
    # no common type.
    except Exception as error:
        if lacks_memory(error):
            raise MemoryError(str(error)) from error
        raise DataError(
            f"{path}: a broken file, or not one of {kind} ({first_line(error)}): write it again"
        ) from error


def parquet_column_names(path: TableFile) -> list[str]:
    """Return the names of the columns of a Parquet file."""
    with _reading(path, "Parquet"), pyarrow.parquet.ParquetFile(os.fspath(path)) as file:
        check_table_size(path, 0, file.metadata.num_columns)
        return list(file.schema_arrow.names)


def parquet_rows(path: TableFile) -> int:
    """Return the number of rows of a Parquet file, as it says itself."""
    with _reading(path, "Parquet"), pyarrow.parquet.ParquetFile(os.fspath(path)) as file:
        return int(file.metadata.num_rows)


def iterate_parquet(
    path: TableFile, columns: Sequence[str] | None, rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a Parquet file in batches."""
    with _reading(path, "Parquet"), _open_parquet(path) as (file, texts):
        wanted = None if columns is None else list(columns)
        # Group by group: over several at once, Arrow keeps in memory what it has read of the file.
        for group in range(file.num_row_groups):
            for batch in file.iter_batches(rows, row_groups=[group], columns=wanted):
                batch.validate(full=True)  # text may be none
                selected = batch if wanted is None else batch.select(wanted)
                yield _with_texts(selected, texts)


@contextmanager
def _open_parquet(
    path: TableFile,
) -> Iterator[tuple[pyarrow.parquet.ParquetFile, dict[str, pa.DataType]]]:
    """Yield an open file that gives text as dictionaries, and the types of those columns.

    A text that comes in every row may stand in the file once: how long they are in all is looked at
    before they are.
    """
    with pyarrow.parquet.ParquetFile(os.fspath(path)) as file:
        texts = {field.name: field.type for field in file.schema_arrow if field.type in _TEXTS}
    with pyarrow.parquet.ParquetFile(os.fspath(path), read_dictionary=sorted(texts)) as file:
        yield file, texts


def _with_texts(batch: pa.RecordBatch, texts: dict[str, pa.DataType]) -> pa.RecordBatch:
    columns = {
        name: pc.cast(decoded(name, column), texts[name]) if name in texts else column
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    }
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def arrow_column_names(path: TableFile) -> list[str]:
    """Return the names of the columns of an Arrow file or stream."""
    with _reading(path, "Arrow"), _open_arrow(path) as reader:
        check_table_size(path, 0, len(reader.schema))
        return list(reader.schema.names)


def iterate_arrow(
    path: TableFile, columns: Sequence[str] | None, rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of an Arrow file or stream in batches."""
    with _reading(path, "Arrow"), _open_arrow(path) as reader:
        for batch in _arrow_batches(reader):
            # Arrow trusts the offsets inside a file; a damaged one would be read out of bounds.
            batch.validate(full=True)
            wanted = batch if columns is None else batch.select(list(columns))
            for start in range(0, wanted.num_rows, rows):
                yield wanted.slice(start, rows)


def _open_arrow(path: TableFile) -> pa.RecordBatchReader:
    with open_regular(path) as file:
        is_file = file.read(len(_ARROW_MAGIC)) == _ARROW_MAGIC
    source = pa.OSFile(os.fspath(path))
    return pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)


def _arrow_batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    if isinstance(reader, pa.ipc.RecordBatchFileReader):
        for index in range(reader.num_record_batches):
            yield reader.get_batch(index)
    else:
        yield from reader


def read_npz(path: TableFile) -> pa.Table:
    """Return the arrays of an NPZ file as the columns of a table.

    An array of m values is a column of its name; one of shape (m, k) is k columns, called after it
    with ``_0``, ``_1`` and so on.
    """
    names: list[str] = []
    columns: list[pa.Array] = []
    arrays = read_npz_arrays(path)
    _check_shapes(path, arrays)
    with _reading(path, "NPZ"):
        for name, array in arrays.items():
            for column_name, values in _array_columns(name, array):
                names.append(column_name)
                columns.append(_to_arrow(path, column_name, values))
    return pa.Table.from_arrays(columns, names=names)


def _check_shapes(path: TableFile, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Raise a `DataError` if the arrays are not the columns of one table."""
    rows: dict[str, int] = {}
    columns = 0
    for name, array in arrays.items():
        if array.ndim not in (1, 2):
            raise DataError(
                f"{path}: the array {shown(name)} has the shape {array.shape}: only (m,) and (m, k) "
                "are columns of a table"
            )
        width = 1 if array.ndim == 1 else array.shape[1]
        columns += width
        if width:
            rows[name] = len(array)
    check_table_size(path, max(rows.values(), default=0), columns)
    if not rows:
        raise DataError(f"{path}: there is no array in the file")
    first = next(iter(rows))
    for name, count in rows.items():
        if count != rows[first]:
            raise DataError(
                f"{path}: the rows of {shown(name)} number {count:,}, those of {shown(first)} "
                f"{rows[first]:,}: all arrays of a table need the same number"
            )


def _array_columns(
    name: str, array: NDArray[np.generic]
) -> Iterator[tuple[str, NDArray[np.generic]]]:
    if array.ndim == 1:
        yield name, array
    else:
        for index, values in enumerate(array.T):
            yield f"{name}_{index}", values


def _to_arrow(path: TableFile, name: str, values: NDArray[np.generic]) -> pa.Array:
    if values.dtype.kind not in "biufUSMm":
        raise DataError(
            f"{path}: the array {shown(name)} is of type {values.dtype}: only numbers, truth "
            "values, text and dates are columns of a table"
        )
    if values.dtype.kind == "S":
        values = np.char.decode(values.astype(np.bytes_), "utf-8")
    if values.dtype.kind == "f" and values.dtype.itemsize > 8:
        with np.errstate(over="ignore"):  # what is infinite is said of its column and row
            values = values.astype(np.float64)
    return pa.array(np.ascontiguousarray(values.astype(values.dtype.newbyteorder("="))))
