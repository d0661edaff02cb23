"""Reading tables: text, workbooks, JSON, Parquet, Arrow and NPZ files, and data frames.

========================================  =====================================================
ending                                    what it is
========================================  =====================================================
``.csv`` ``.tsv`` ``.txt`` ``.data`` …    delimited text, also compressed (``.csv.gz`` …)
``.xlsx`` ``.xls`` ``.ods``               a workbook
``.json`` ``.jsonl`` ``.ndjson``          records in JSON, also compressed
``.parquet`` ``.pq``                      Parquet
``.arrow`` ``.feather`` ``.ipc``          Arrow: the file format (Feather) or the stream format
``.npz``                                  NumPy arrays: one of shape (m,) is a column,
                                          one of shape (m, k) is the columns name_0, name_1 …
========================================  =====================================================

A binary file without one of these endings is known by its first bytes; ``-`` is standard input. Rows are
numbered from 1: row 1 is the first row of data, a header line and blank lines are not counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from chainrule.data.binary_files import (
    arrow_column_names,
    iterate_arrow,
    iterate_parquet,
    parquet_column_names,
    parquet_rows,
    read_npz,
)
from chainrule.data.findings import DataWarning
from chainrule.data.formats import kind_of, table_file
from chainrule.data.frames import frame_column_names, read_frame
from chainrule.data.json_files import read_json
from chainrule.data.messages import listed
from chainrule.data.text import Dialect, Layout, TextFile, iterate_text, layout_of, read_text
from chainrule.data.workbook import WorkbookText
from chainrule.errors import DataError, ParameterError, unknown_name
from chainrule.files import check_table_size, check_text_size
from chainrule.files.reading import ReadingOptions
from chainrule.files.tables import TableFile
from chainrule.notices import warn_user

__all__ = ["column_names", "iterate_batches", "read_table"]


def read_table(
    source: object,
    *,
    columns: Sequence[str] | None = None,
    notes: list[str] | None = None,
    **reading: Any,
) -> pa.Table:
    """Read a whole table.

    Parameters
    ----------
    source : str, path or data frame
        A file (see the module for the kinds), ``"-"`` for standard input, or any data frame that
        narwhals knows.
    columns : sequence of str, optional
        The columns to read, in this order; by default all.
    notes : list of str, optional
        Gets a line for each thing that was decided about a file's layout.
    **reading
        What need not be found out: delimiter, header, skip_rows, comment, encoding, sheet, as in
        `chainrule.files.reading.ReadingOptions`.

    Returns
    -------
    pyarrow.Table
        The table, of at least one row. A column of a text file is of numbers or truth values if all
        of its cells are plain ones; else it is text, exactly as written. So are whole numbers with
        zeros before them, dates, and, in a file with decimal commas, numbers with points.

    Raises
    ------
    DataError
        If there is no such table, or it cannot be read; the message names the file and, where
        there is one, the row.
    ParameterError
        If one of `columns`, or what is said of the file, cannot be.
    """
    opened = _Source.open(source, ReadingOptions(**reading))
    noted = [] if notes is None else notes
    table = opened.whole(opened.checked(columns), columns is None, noted)
    if opened.file is None and notes is None:  # a data frame has no other place to tell it
        for line in noted:
            warn_user(line, DataWarning)
    if table.num_rows == 0:
        raise _no_rows(opened.file)
    return table


def iterate_batches(
    source: object,
    *,
    columns: Sequence[str] | None = None,
    rows: int = 65536,
    notes: list[str] | None = None,
    **reading: Any,
) -> Iterator[pa.RecordBatch]:
    """Read a table in batches, in the order of its rows and in bounded memory.

    Every column of a text file comes as text, whatever it spells: types that were inferred from the
    first batch would not hold for the next. Whether there is such a file, and whether it has the
    columns, is checked at once; the rest as the batches are taken.

    Parameters
    ----------
    source : str, path or data frame
        A file, or any data frame that narwhals knows.
    columns, notes, **reading
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
    opened = _Source.open(source, ReadingOptions(**reading))
    names = opened.checked(columns)
    batches = opened.batches(names, columns is None, rows, [] if notes is None else notes)
    return _filled(batches, opened.file)


def column_names(source: object, **reading: Any) -> list[str]:
    """Return the names of a table's columns without reading all of it (except for NPZ and JSON).

    Parameters
    ----------
    source : str, path or data frame
        A file, or any data frame that narwhals knows.
    **reading
        As for `read_table`.
    """
    return _Source.open(source, ReadingOptions(**reading)).checked(None)


@dataclass
class _Source:
    """A table that is there, and how its names, all of it, or its batches are read.

    Attributes
    ----------
    file : TableFile or None
        None for a data frame.
    names : list of str
        The names of its columns.
    read : callable of (list of str or None, notes) to pyarrow.Table
        All rows of some columns; None is for all of them.
    iterate : callable of (list of str or None, rows, notes) to batches, or None
        None where all has to be read for a part of it.
    """

    file: TableFile | None
    names: list[str]
    read: Callable[[list[str] | None, list[str]], pa.Table]
    iterate: Callable[[list[str] | None, int, list[str]], Iterator[pa.RecordBatch]] | None = None

    @classmethod
    def open(cls, source: object, options: ReadingOptions) -> _Source:
        """Find out what a source is, and which columns it has."""
        file = table_file(source)
        if file is None:
            return cls(
                None,
                frame_column_names(source),
                lambda columns, notes: read_frame(source, columns, notes),
            )
        return _OPENERS[kind_of(file)](file, options)

    def checked(self, columns: Sequence[str] | None) -> list[str]:
        """Return the names of the wanted columns; that there are such columns is checked."""
        return _checked_names(self.file, self.names, columns)

    def whole(self, names: list[str], all_of_them: bool, notes: list[str]) -> pa.Table:
        """Return all rows."""
        return self.read(None if all_of_them else names, notes)

    def batches(
        self, names: list[str], all_of_them: bool, rows: int, notes: list[str]
    ) -> Iterator[pa.RecordBatch]:
        """Return all rows in batches."""
        columns = None if all_of_them else names
        if self.iterate is not None:
            return self.iterate(columns, rows, notes)
        return iter(self.read(columns, notes).to_batches(max_chunksize=rows))


def _open_text(file: TableFile, options: ReadingOptions) -> _Source:
    text = TextFile.open(file, options.encoding)
    return _of_lines(text, layout_of(text, options))


def _open_workbook(file: TableFile, options: ReadingOptions) -> _Source:
    text = WorkbookText(file, options.sheet)
    return _of_lines(text, layout_of(text, options, Dialect(comment=options.comment)))


def _of_lines(text: TextFile | WorkbookText, layout: Layout) -> _Source:
    def read(columns: list[str] | None, notes: list[str]) -> pa.Table:
        notes += text.notes()
        return read_text(text, layout, columns, notes)

    def iterate(columns: list[str] | None, rows: int, notes: list[str]) -> Iterator[pa.RecordBatch]:
        notes += text.notes()
        return iterate_text(text, layout, columns, rows, notes)

    return _Source(text.file, list(layout.names), read, iterate)


def _open_parquet(file: TableFile, options: ReadingOptions) -> _Source:
    names = parquet_column_names(file)

    def read(columns: list[str] | None, notes: list[str]) -> pa.Table:
        width = len(names if columns is None else columns)
        check_table_size(file, parquet_rows(file), width)
        return _whole(file, iterate_parquet(file, columns, 1 << 17), width)

    return _Source(file, names, read, lambda columns, rows, _: iterate_parquet(file, columns, rows))


def _open_arrow(file: TableFile, options: ReadingOptions) -> _Source:
    names = arrow_column_names(file)

    def read(columns: list[str] | None, notes: list[str]) -> pa.Table:
        width = len(names if columns is None else columns)
        return _whole(file, iterate_arrow(file, columns, 1 << 17), width)

    return _Source(file, names, read, lambda columns, rows, _: iterate_arrow(file, columns, rows))


def _open_npz(file: TableFile, options: ReadingOptions) -> _Source:
    return _in_memory(file, read_npz(file))


def _open_json(file: TableFile, options: ReadingOptions) -> _Source:
    text = TextFile.open(file, options.encoding)
    told = text.notes()
    return _in_memory(file, read_json(text, told), told)


def _in_memory(file: TableFile, table: pa.Table, told: Sequence[str] = ()) -> _Source:
    def read(columns: list[str] | None, notes: list[str]) -> pa.Table:
        notes += told
        return table if columns is None else table.select(columns)

    return _Source(file, list(table.column_names), read)


_OPENERS: dict[str, Callable[[TableFile, ReadingOptions], _Source]] = {
    "text": _open_text,
    "workbook": _open_workbook,
    "json": _open_json,
    "parquet": _open_parquet,
    "arrow": _open_arrow,
    "npz": _open_npz,
}


def _checked_names(
    file: TableFile | None, names: list[str], columns: Sequence[str] | None
) -> list[str]:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(
            f"{file or 'the data frame'}: several columns are called {listed(twice, 3)}: give each "
            "a name of its own"
        )
    if columns is None:
        return names
    known = set(names)
    for name in columns:
        if name not in known:
            raise unknown_name("column", name, names)
    return list(columns)


def _whole(file: TableFile, parts: Iterator[pa.RecordBatch], width: int) -> pa.Table:
    """Return all rows of a Parquet or Arrow file, if they fit into memory."""
    batches = []
    rows = size = 0
    for batch in parts:
        rows += batch.num_rows
        size += batch.nbytes
        check_table_size(file, rows, width)
        check_text_size(file, size)
        batches.append(batch)
    return pa.Table.from_batches(batches) if batches else pa.table({})


def _filled(batches: Iterator[pa.RecordBatch], file: TableFile | None) -> Iterator[pa.RecordBatch]:
    """Yield the batches that have rows, at least one."""
    found = False
    for batch in batches:
        if batch.num_rows:
            found = True
            yield batch
    if not found:
        raise _no_rows(file)


def _no_rows(file: TableFile | None) -> DataError:
    return DataError(f"{file or 'the data frame'}: there are no rows: a table needs at least one")
