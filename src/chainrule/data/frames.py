"""Taking data frames (pandas, polars, pyarrow, whatever else narwhals knows) and rows as tables."""

from __future__ import annotations

import datetime
import numbers
import sys
from collections.abc import Sequence
from typing import Any

import narwhals as nw
import pyarrow as pa

from chainrule.data.messages import first_line, listed, shown
from chainrule.data.records import column_of, is_records, table_of_records
from chainrule.data.text.names import numbered
from chainrule.errors import DataError

__all__ = ["collected", "frame_column_names", "read_frame"]

_Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]


def collected(source: Any) -> Any:
    """Return what a lazy data frame holds; everything else comes back as it is."""
    if not callable(getattr(type(source), "collect", None)):
        return source
    opened = nw.from_native(source, pass_through=True)
    return opened.collect().to_native() if isinstance(opened, nw.LazyFrame) else source


def frame_column_names(source: object) -> list[str]:
    """Return the names of the columns of a data frame, as text."""
    opened = _opened(source, [])
    if isinstance(opened, pa.Table):
        return list(opened.column_names)
    names = opened.collect_schema().names() if isinstance(opened, nw.LazyFrame) else opened.columns
    return numbered([str(name) for name in names])


def read_frame(source: object, columns: Sequence[str] | None, notes: list[str]) -> pa.Table:
    """Return a data frame as a table; an index, as pandas has one, is no column.

    Names become text, and one that comes again gets a number. A column of mixed types becomes text.
    """
    opened = _opened(source, notes)
    if isinstance(opened, pa.Table):
        return opened if columns is None else opened.select(list(columns))
    eager = opened.collect() if isinstance(opened, nw.LazyFrame) else opened
    names = numbered([str(name) for name in eager.columns])
    selected = set(names if columns is None else columns)
    arrays = {
        name: series
        for name, series in zip(names, eager.iter_columns(), strict=True)
        if name in selected
    }
    wanted = names if columns is None else list(columns)
    return pa.table({name: _column(name, arrays[name]) for name in wanted})


def _opened(source: object, notes: list[str]) -> pa.Table | _Frame:
    """Return a source as a table of Arrow, or as narwhals holds it."""
    if isinstance(source, pa.RecordBatch):
        source = pa.Table.from_batches([source])
    if is_records(source):
        source = table_of_records(source)
    if isinstance(source, pa.Table):
        names = _unique(list(source.column_names), notes)
        return source.rename_columns(names) if names != source.column_names else source
    return _open_frame(_with_own_names(source, notes))


def _unique(names: list[str], notes: list[str]) -> list[str]:
    """Return the names, numbered where one comes again."""
    found = numbered(names)
    if found != names:
        again = [new for new, old in zip(found, names, strict=True) if new != old]
        notes.append(
            f"the data frame: columns with the name of another are called {listed(again, 3)}"
        )
    return found


def _with_own_names(source: object, notes: list[str]) -> object:
    """Return a frame of pandas whose names are texts, each one different; narwhals takes no others."""
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(source, pandas.DataFrame):
        return source
    names = [_name(label) for label in source.columns]
    if len(set(names)) == len(names):
        return source if list(source.columns) == names else source.set_axis(names, axis=1)
    return source.set_axis(_unique(names, notes), axis=1)


def _name(label: object) -> str:
    """Return the label of a column as text; one of several levels is joined."""
    if isinstance(label, tuple):
        return " ".join(str(part) for part in label if str(part))
    return str(label)


def _open_frame(source: object) -> _Frame:
    native: Any = source
    try:
        frame: _Frame = nw.from_native(native)
    except TypeError:
        raise DataError(
            f"a table cannot be made of {type(source).__name__}: give the path of a file, or a "
            "data frame (pandas, polars, pyarrow)"
        ) from None
    except ValueError as error:
        raise DataError(f"the data frame cannot be used: {first_line(error)}") from error
    return frame


def _column(name: str, series: nw.Series[Any]) -> pa.Array:
    if "complex" in str(getattr(series.to_native(), "dtype", "")):
        raise DataError(
            f"column {shown(name)} of the data frame holds complex numbers: give their parts, a "
            "column each"
        )
    try:
        array = series.to_arrow()
        return _known(array, series)
    except (pa.ArrowException, OverflowError, TypeError, ValueError) as error:
        cells = series.to_list()
        if any(isinstance(cell, str) for cell in cells) and all(map(_is_scalar, cells)):
            return column_of(cells)  # mixed with numbers, say: as a file would have them
        try:  # whole numbers beyond 64 bits are numbers all the same
            return series.cast(nw.Float64).to_arrow()
        except (
            Exception
        ):  # whatever the data frame's own library raises: the first error tells more
            raise DataError(
                f"column {shown(name)} of the data frame mixes types or has one that cannot be "
                f"used ({first_line(error)}): convert it to numbers or to text"
            ) from error


def _known(array: Any, series: nw.Series[Any]) -> Any:
    """Return pandas' intervals as text and its periods as dates; other columns as they are."""
    values = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    if not isinstance(values, pa.BaseExtensionType) or "pandas" not in str(values):
        return array
    cells: list[Any] = [None if cell != cell else cell for cell in series.to_list()]
    return column_of([getattr(cell, "start_time", cell and str(cell)) for cell in cells])


def _is_scalar(cell: object) -> bool:
    return cell is None or isinstance(
        cell, (str, bool, numbers.Number, datetime.date, datetime.time)
    )
