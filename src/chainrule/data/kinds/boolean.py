"""Boolean columns: −1 for false, +1 for true, 0 for missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from chainrule.data import checked
from chainrule.data.columns import to_booleans
from chainrule.data.kinds.base import Batch

__all__ = ["BooleanEncoder", "fit_boolean"]


@dataclass(frozen=True)
class BooleanEncoder:
    """Turns truth values into −1 and +1, with 0 for a missing one.

    Attributes
    ----------
    name : str
        The name of the column.
    """

    name: str

    @property
    def feature_names(self) -> list[str]:
        """The names of the columns of numbers."""
        return [self.name]

    def encode(self, batch: Batch, out: NDArray[np.floating]) -> None:
        """Write the columns of numbers to `out`."""
        truths = to_booleans(batch.cells, self.name, batch.first_row)
        out[:, 0] = np.nan_to_num(2 * truths - 1, nan=0.0)

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""
        return {"kind": "boolean", "name": self.name}

    @classmethod
    def from_dict(cls, value: object) -> BooleanEncoder:
        """Return the encoder that `to_dict` described; a `ModelFileError` if it is odd."""
        entries = checked.mapping(value, "a boolean column", ("kind", "name"))
        return cls(checked.text(entries["name"], "the name of a column"))


def fit_boolean(name: str, cells: pa.ChunkedArray) -> BooleanEncoder | None:
    """Fit the encoder of a boolean column; None if all rows are the same.

    Parameters
    ----------
    name : str
        The name of the column.
    cells : pyarrow.ChunkedArray
        The training rows.
    """
    truths = to_booleans(cells, name)
    return BooleanEncoder(name) if len(np.unique(truths)) > 1 else None
