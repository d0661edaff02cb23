"""Reading Parquet, Arrow (Feather) and NPZ files; nothing in a file is ever executed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from numpy.typing import NDArray

from chainrule.data.messages import first_line, shown
from chainrule.errors import DataError

__all__ = ["arrow_column_names", "iterate_arrow", "iterate_parquet", "parquet_column_names",
           "read_npz"]  # fmt: skip

_ARROW_MAGIC = b"ARROW1"


@contextmanager
def _reading(path: Path, kind: str) -> Iterator[None]:
    """Turn whatever a library raises over a file's contents into a `DataError`."""
    try:
        yield
    except DataError:
        raise
    # Which exception a damaged file raises depends on the damaged byte: Arrow, NumPy and zipfile
    # promise no common type.
    except Exception as error:
        raise DataError(
            f"{path}: a broken file, or not one of {kind} ({first_line(error)}): write it again"
        ) from error


def parquet_column_names(path: Path) -> list[str]:
    """Return the names of the columns of a Parquet file."""
    with _reading(path, "Parquet"), pyarrow.parquet.ParquetFile(path) as file:
        return list(file.schema_arrow.names)


def iterate_parquet(
    path: Path, columns: Sequence[str] | None, rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a Parquet file in batches."""
    with _reading(path, "Parquet"), pyarrow.parquet.ParquetFile(path) as file:
        wanted = None if columns is None else list(columns)
        # Group by group: over several at once, Arrow keeps in memory what it has read of the file.
        for group in range(file.num_row_groups):
            for batch in file.iter_batches(rows, row_groups=[group], columns=wanted):
                yield batch if wanted is None else batch.select(wanted)


def arrow_column_names(path: Path) -> list[str]:
    """Return the names of the columns of an Arrow file or stream."""
    with _reading(path, "Arrow"), _open_arrow(path) as reader:
        return list(reader.schema.names)


def iterate_arrow(path: Path, columns: Sequence[str] | None, rows: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows of an Arrow file or stream in batches."""
    with _reading(path, "Arrow"), _open_arrow(path) as reader:
        for batch in _arrow_batches(reader):
            # Arrow trusts the offsets inside a file; a damaged one would be read out of bounds.
            batch.validate(full=True)
            wanted = batch if columns is None else batch.select(list(columns))
            for start in range(0, wanted.num_rows, rows):
                yield wanted.slice(start, rows)


def _open_arrow(path: Path) -> pa.RecordBatchReader:
    with path.open("rb") as file:
        is_file = file.read(len(_ARROW_MAGIC)) == _ARROW_MAGIC
    source = pa.OSFile(str(path))
    return pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)


def _arrow_batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    if isinstance(reader, pa.ipc.RecordBatchFileReader):
        for index in range(reader.num_record_batches):
            yield reader.get_batch(index)
    else:
        yield from reader


def read_npz(path: Path) -> pa.Table:
    """Read the arrays of an NPZ file as columns.

    An array of m values is a column of its name; one of shape (m, k) is k columns, called after it
    with ``_0``, ``_1`` and so on.
    """
    names: list[str] = []
    columns: list[pa.Array] = []
    with _reading(path, "NPZ"):
        if not zipfile.is_zipfile(path):
            raise DataError(
                f"{path}: a broken file, or not one of NPZ: write it again with numpy.savez"
            )
        with np.load(path, allow_pickle=False) as arrays:
            for name in arrays.files:
                for column_name, values in _array_columns(
                    path, name, _load_array(path, arrays, name)
                ):
                    names.append(column_name)
                    columns.append(_to_arrow(path, column_name, values))
    _check_lengths(path, names, columns)
    return pa.Table.from_arrays(columns, names=names)


def _load_array(path: Path, arrays: np.lib.npyio.NpzFile, name: str) -> NDArray[np.generic]:
    try:
        array = arrays[name]
    except ValueError as error:
        if "pickle" not in str(error) and "Object arrays" not in str(error):
            raise
        raise DataError(
            f"{path}: the array {shown(name)} holds pickled objects, which could run code and are "
            "not read: save it as numbers or text"
        ) from error
    if not isinstance(array, np.ndarray):  # a member of the archive that is no array comes as bytes
        raise DataError(f"{path}: {shown(name)} is not an array: write the file with numpy.savez")
    return array


def _array_columns(
    path: Path, name: str, array: NDArray[np.generic]
) -> Iterator[tuple[str, NDArray[np.generic]]]:
    if array.ndim == 1:
        yield name, array
    elif array.ndim == 2:
        for index in range(array.shape[1]):
            yield f"{name}_{index}", array[:, index]
    else:
        raise DataError(
            f"{path}: the array {shown(name)} has the shape {array.shape}: only (m,) and (m, k) "
            "are columns of a table"
        )


def _to_arrow(path: Path, name: str, values: NDArray[np.generic]) -> pa.Array:
    if values.dtype.kind not in "biufUSMm":
        raise DataError(
            f"{path}: the array {shown(name)} is of type {values.dtype}: only numbers, truth "
            "values, text and dates are columns of a table"
        )
    if values.dtype.kind == "S":
        values = np.char.decode(values.astype(np.bytes_), "utf-8")
    if values.dtype.kind == "f" and values.dtype.itemsize > 8:
        values = values.astype(np.float64)
    return pa.array(np.ascontiguousarray(values.astype(values.dtype.newbyteorder("="))))


def _check_lengths(path: Path, names: list[str], columns: list[pa.Array]) -> None:
    if not columns:
        raise DataError(f"{path}: there is no array in the file")
    for name, column in zip(names, columns, strict=True):
        if len(column) != len(columns[0]):
            raise DataError(
                f"{path}: the rows of {shown(name)} number {len(column):,}, those of "
                f"{shown(names[0])} {len(columns[0]):,}: all arrays of a table need the same number"
            )
