"""What the encoders of all kinds of columns have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from chainrule.data.findings import Findings

__all__ = ["Batch", "ColumnEncoder"]


@dataclass(frozen=True)
class Batch:
    """The cells of one column in one batch of rows.

    Attributes
    ----------
    cells : pyarrow.Array or pyarrow.ChunkedArray
        The cells, of any type.
    first_row : int
        The number of the first of the rows.
    findings : Findings
        Where to note what is odd.
    """

    cells: pa.ChunkedArray
    first_row: int
    findings: Findings


class ColumnEncoder(Protocol):
    """Turns one column of a table into columns of numbers."""

    @property
    def name(self) -> str:
        """The name of the column."""

    @property
    def feature_names(self) -> list[str]:
        """The names of the columns of numbers, at least one."""

    def encode(self, batch: Batch, out: NDArray[np.floating]) -> None:
        """Write the columns of numbers to `out`, of shape (m, number of names), which is zero."""

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""
