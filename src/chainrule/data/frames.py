"""Taking data frames (pandas, polars, pyarrow and whatever else narwhals knows) and rows as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import pyarrow as pa

from chainrule.data.messages import first_line, shown
from chainrule.data.records import is_records, table_of_records
from chainrule.errors import DataError

__all__ = ["frame_column_names", "read_frame"]


def frame_column_names(source: object) -> list[str]:
    """Return the names of the columns of a data frame, as text."""
    if is_records(source):
        source = table_of_records(source)
    frame = _open_frame(source)
    names = frame.collect_schema().names() if isinstance(frame, nw.LazyFrame) else frame.columns
    return [str(name) for name in names]


def read_frame(source: object, columns: Sequence[str] | None) -> pa.Table:
    """Return a data frame as a table; an index, as pandas has one, is no column."""
    if isinstance(source, pa.RecordBatch):
        source = pa.Table.from_batches([source])
    if is_records(source):
        source = table_of_records(source)
    if isinstance(source, pa.Table):
        return source if columns is None else source.select(list(columns))
    frame = _open_frame(source)
    eager = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    selected = set(map(str, eager.columns) if columns is None else columns)
    arrays = {
        str(name): series
        for name, series in zip(eager.columns, eager.iter_columns(), strict=True)
        if str(name) in selected
    }
    wanted = list(arrays) if columns is None else list(columns)
    return pa.table({name: _to_arrow(name, arrays[name]) for name in wanted})


def _open_frame(source: object) -> nw.DataFrame[Any] | nw.LazyFrame[Any]:
    if isinstance(source, pa.RecordBatch):
        source = pa.Table.from_batches([source])
    native: Any = source
    try:
        frame: nw.DataFrame[Any] | nw.LazyFrame[Any] = nw.from_native(native)
    except TypeError:
        raise DataError(
            f"a table cannot be made of {type(source).__name__}: give the path of a file, or a "
            "data frame (pandas, polars, pyarrow)"
        ) from None
    except ValueError as error:
        raise DataError(f"the data frame cannot be used: {first_line(error)}") from error
    return frame


def _to_arrow(name: str, series: nw.Series[Any]) -> pa.Array:
    try:
        return series.to_arrow()
    except (pa.ArrowException, OverflowError, TypeError, ValueError) as error:
        try:  # whole numbers beyond 64 bits are numbers all the same
            return series.cast(nw.Float64).to_arrow()
        except (
            Exception
        ):  # whatever the data frame's own library raises: the first error tells more
            raise DataError(
                f"column {shown(name)} of the data frame mixes types or has one that cannot be "
                f"used ({first_line(error)}): convert it to numbers or to text"
            ) from error
