"""Columns that hold each value once and say by number where it stands: a short file of a long text."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from chainrule.data.messages import shown
from chainrule.errors import DataError
from chainrule.files import memory

__all__ = ["decoded"]


def decoded(name: str, column: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Return a dictionary column with a value in every row.

    Raises
    ------
    DataError
        If its values, so often as they come, would not fit into memory.
    """
    values = column.type.value_type
    if pa.types.is_binary(values) or pa.types.is_string(values) or is_large(values):
        chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
        size = sum(size_of(chunk) for chunk in chunks)
        if size > memory() // 4:
            raise DataError(
                f"column {shown(name)} holds texts of {size:,} bytes in all, which do not fit into the "
                f"memory of this machine: leave the column out with --drop {name:.60}"
            )
    return pc.cast(column, values)


def is_large(kind: pa.DataType) -> bool:
    return bool(pa.types.is_large_binary(kind) or pa.types.is_large_string(kind))


def size_of(chunk: pa.DictionaryArray) -> int:
    """Return the bytes of a chunk's texts, each as often as it comes."""
    lengths = pc.cast(pc.binary_length(chunk.dictionary), pa.int64())
    return pc.sum(lengths.take(chunk.indices)).as_py() or 0
