"""Reading tables: text, Parquet, Arrow and NPZ files, and data frames.

========================================  =====================================================
ending                                    what it is
========================================  =====================================================
``.csv`` ``.tsv`` ``.txt`` ``.data``      delimited text, also compressed (``.csv.gz`` …)
``.parquet`` ``.pq``                      Parquet
``.arrow`` ``.feather`` ``.ipc``          Arrow: the file format (Feather) or the stream format
``.npz``                                  NumPy arrays: one of shape (m,) is a column,
                                          one of shape (m, k) is the columns name_0, name_1 …
========================================  =====================================================

A binary file without one of these endings is known by its first bytes. Rows are numbered from 1:
row 1 is the first row of data, a header line and blank lines are not counted.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from chainrule.data.binary_files import (
    arrow_column_names,
    iterate_arrow,
    iterate_parquet,
    parquet_column_names,
    parquet_rows,
    read_npz,
)
from chainrule.data.dialect import TextOptions
from chainrule.data.frames import frame_column_names, read_frame
from chainrule.data.messages import listed
from chainrule.data.text_files import iterate_text, read_text, text_column_names
from chainrule.errors import DataError, ParameterError, unknown_name
from chainrule.files import check_table_size, check_text_size, open_regular

__all__ = ["column_names", "iterate_batches", "read_table"]

_KINDS = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".data": "text",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".npz": "npz",
}
_MAGIC = {
    b"PAR1": "parquet",
    b"ARROW1": "arrow",
    b"\xff\xff\xff\xff": "arrow",
    b"PK\x03\x04": "npz",
}


def read_table(
    source: object,
    *,
    delimiter: str | None = None,
    header: bool | None = None,
    encoding: str = "utf-8",
    columns: Sequence[str] | None = None,
) -> pa.Table:
    """Read a whole table.

    Parameters
    ----------
    source : str, path or data frame
        A file (see the module for the kinds), or any data frame that narwhals knows.
    delimiter : str, optional
        What separates the fields of a text file; detected by default.
    header : bool, optional
        Whether the first line of a text file names the columns; detected by default.
    encoding : str, default "utf-8"
        How the characters of a text file are encoded.
    columns : sequence of str, optional
        The columns to read, in this order; by default all.

    Returns
    -------
    pyarrow.Table
        The table, of at least one row.

    Raises
    ------
    DataError
        If there is no such table, or it cannot be read; the message names the file and, where
        there is one, the row.
    ParameterError
        If one of `columns`, or `encoding`, is unknown.
    """
    options = TextOptions(delimiter, header, encoding)
    path = _path(source)
    kind = None if path is None else _kind(path)
    names = _checked_names(source, path, kind, options, columns)
    if path is None:
        table = read_frame(source, columns)
    elif kind == "text":
        table = read_text(path, options, columns)
    elif kind == "npz":
        table = read_npz(path).select(names)
    else:
        table = _whole(path, kind, columns, len(names))
    if table.num_rows == 0:
        raise _no_rows(path)
    return table


def iterate_batches(
    source: object,
    *,
    delimiter: str | None = None,
    header: bool | None = None,
    encoding: str = "utf-8",
    columns: Sequence[str] | None = None,
    rows: int = 65536,
) -> Iterator[pa.RecordBatch]:
    """Read a table in batches, in the order of its rows and in bounded memory.

    Every column of a text file comes as text, whatever it spells: types that were inferred from the
    first batch would not hold for the next. Whether there is such a file, and whether it has the
    columns, is checked at once; the rest as the batches are taken.

    Parameters
    ----------
    source : str, path or data frame
        A file, or any data frame that narwhals knows.
    delimiter, header, encoding, columns
        As for `read_table`.
    rows : int, default 65536
        A batch has at most so many rows; it may have fewer.

    Returns
    -------
    iterator of pyarrow.RecordBatch
        The batches. Their types are those of the source, text for a text file.
    """
    if rows < 1:
        raise ParameterError(f"a batch needs at least one row, not {rows}")
    options = TextOptions(delimiter, header, encoding)
    path = _path(source)
    kind = None if path is None else _kind(path)
    names = _checked_names(source, path, kind, options, columns)
    if path is None:
        batches = iter(read_frame(source, columns).to_batches(max_chunksize=rows))
    elif kind == "text":
        batches = iterate_text(path, options, columns, rows)
    elif kind == "npz":
        batches = iter(read_npz(path).select(names).to_batches(max_chunksize=rows))
    else:
        batches = _file_batches(path, kind, columns, rows)
    return _filled(batches, path)


def column_names(
    source: object,
    *,
    delimiter: str | None = None,
    header: bool | None = None,
    encoding: str = "utf-8",
) -> list[str]:
    """Return the names of a table's columns without reading all of it (except for NPZ).

    Parameters
    ----------
    source : str, path or data frame
        A file, or any data frame that narwhals knows.
    delimiter, header, encoding
        As for `read_table`.
    """
    path = _path(source)
    kind = None if path is None else _kind(path)
    return _checked_names(source, path, kind, TextOptions(delimiter, header, encoding), None)


def _path(source: object) -> Path | None:
    """Return the source's path after a check that there is such a file; None for a data frame."""
    if not isinstance(source, str | os.PathLike):
        return None
    try:
        path = Path(source)
        str(path).encode()  # Arrow takes no other names
        with open_regular(path) as file:
            if not file.read(1):
                raise DataError(f"{path}: the file is empty: a table needs at least one row")
    except IsADirectoryError:
        raise DataError(f"{source}: a directory, not a file: name one file of it") from None
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file: check the path") from None
    except (OSError, ValueError, TypeError) as error:
        if isinstance(error, DataError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{source!r}: the file cannot be opened ({reason})") from error
    return path


def _kind(path: Path) -> str:
    endings = [ending.lower() for ending in path.suffixes]
    is_compressed = endings[-1:] == [".gz"]
    ending = next(iter(endings[:-1][-1:] if is_compressed else endings[-1:]), "")
    kind = _KINDS.get(ending)
    if kind == "text" or (kind is not None and not is_compressed):
        return kind
    with open_regular(path) as file:
        start = file.read(8)
    for magic, of_magic in _MAGIC.items():
        if start.startswith(magic):
            return of_magic
    known = " ".join(_KINDS)
    raise DataError(
        f"{path}: what kind of file this is cannot be told from its ending; known are {known}, "
        "and .gz after an ending of text"
    )


def _checked_names(
    source: object,
    path: Path | None,
    kind: str | None,
    options: TextOptions,
    columns: Sequence[str] | None,
) -> list[str]:
    """Return the names of the wanted columns; that there are such columns is checked."""
    if path is None:
        names = frame_column_names(source)
    elif kind == "text":
        names = text_column_names(path, options)
    elif kind == "parquet":
        names = parquet_column_names(path)
    elif kind == "arrow":
        names = arrow_column_names(path)
    else:
        names = list(read_npz(path).column_names)
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(
            f"{path or 'the data frame'}: several columns are called {listed(twice, 3)}: give each "
            "a name of its own"
        )
    if columns is None:
        return names
    known = set(names)
    for name in columns:
        if name not in known:
            raise unknown_name("column", name, names)
    return list(columns)


def _file_batches(
    path: Path, kind: str | None, columns: Sequence[str] | None, rows: int
) -> Iterator[pa.RecordBatch]:
    if kind == "parquet":
        return iterate_parquet(path, columns, rows)
    return iterate_arrow(path, columns, rows)


def _whole(path: Path, kind: str | None, columns: Sequence[str] | None, width: int) -> pa.Table:
    """Return all rows of a Parquet or Arrow file, if they fit into memory."""
    if kind == "parquet":
        check_table_size(path, parquet_rows(path), width)
    batches = []
    rows = size = 0
    for batch in _file_batches(path, kind, columns, rows=1 << 17):
        rows += batch.num_rows
        size += batch.nbytes
        check_table_size(path, rows, width)
        check_text_size(path, size)
        batches.append(batch)
    return pa.Table.from_batches(batches) if batches else pa.table({})


def _filled(batches: Iterator[pa.RecordBatch], path: Path | None) -> Iterator[pa.RecordBatch]:
    """Yield the batches that have rows, at least one."""
    found = False
    for batch in batches:
        if batch.num_rows:
            found = True
            yield batch
    if not found:
        raise _no_rows(path)


def _no_rows(path: Path | None) -> DataError:
    return DataError(f"{path or 'the data frame'}: there are no rows: a table needs at least one")
