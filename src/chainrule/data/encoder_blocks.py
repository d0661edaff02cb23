"""What an encoder of tables does with plain columns of numbers: many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
from numpy.typing import NDArray

from chainrule.data.findings import Findings
from chainrule.data.kinds.base import ColumnEncoder
from chainrule.data.kinds.numeric import NumericEncoder
from chainrule.data.kinds.numeric_blocks import encode_block, fit_block
from chainrule.data.number_checks import may_count_up
from chainrule.data.schema import Schema

__all__ = ["encode_plain", "fit_plain"]


def fit_plain(
    columns: Iterable[tuple[str, pa.ChunkedArray]], schema: Schema
) -> dict[str, NumericEncoder | None]:
    """Return the encoders of the plain columns of numbers, None for one that says nothing.

    Those that may count the rows are not among them.

    Parameters
    ----------
    columns : iterable of (str, pyarrow.ChunkedArray)
        The training rows, which need not be read.
    schema : Schema
    """
    given = list(columns)
    fitted: dict[str, NumericEncoder | None] = {}
    for block in schema.plain_blocks([name for name, _ in given], [cells for _, cells in given]):
        plain = block.only(~may_count_up(block.values))
        names = [given[place][0] for place in plain.places]
        fitted |= zip(names, fit_block(names, plain), strict=True)
    return fitted


def encode_plain(
    encoders: Sequence[ColumnEncoder],
    schema: Schema,
    table: pa.Table | pa.RecordBatch,
    out: NDArray[Any],
    starts: Sequence[int],
    findings: Findings,
) -> set[int]:
    """Write the plain columns of numbers to `out`, and return the places of their encoders.

    Parameters
    ----------
    encoders : sequence of ColumnEncoder
    schema : Schema
    table : pyarrow.Table or pyarrow.RecordBatch
    out : ndarray of shape (m, n)
        Zero where a column is to be written.
    starts : sequence of int
        The first column of `out` of each encoder.
    findings : Findings
        Where others will note what is odd.
    """
    numeric = {
        place: encoder
        for place, encoder in enumerate(encoders)
        if isinstance(encoder, NumericEncoder) and encoder.scale
    }
    places, names = list(numeric), [encoder.name for encoder in numeric.values()]
    written: set[int] = set()
    columns = [table.column(name) for name in names]
    for block in schema.plain_blocks(names, columns, findings):
        own = [places[place] for place in block.places]
        encoded, done = encode_block([numeric[place] for place in own], block, out.dtype)
        own = [place for place, is_done in zip(own, done, strict=True) if is_done]
        out[:, [starts[place] for place in own]] = encoded[done].T
        written.update(own)
    return written
