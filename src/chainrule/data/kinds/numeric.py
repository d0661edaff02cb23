"""Numeric columns: standardized; missing values become the median of the training rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from chainrule.data import checked
from chainrule.data.columns import to_numeric
from chainrule.data.kinds.base import Batch
from chainrule.data.scaling import Scale, check_finite, fit_scale, median_of

__all__ = ["NumericEncoder", "fit_numeric"]


@dataclass(frozen=True)
class NumericEncoder:
    """Standardizes a numeric column.

    Attributes
    ----------
    name : str
        The name of the column.
    median : float
        What takes the place of a missing value.
    scale : Scale or None
        The mean and standard deviation; None if only whether a value is missing says something.
    has_missing : bool
        Whether a second column says (1 or 0) that the value is missing.
    """

    name: str
    median: float
    scale: Scale | None
    has_missing: bool

    @property
    def feature_names(self) -> list[str]:
        """The names of the columns of numbers."""
        value = [self.name] if self.scale else []
        return value + ([f"{self.name} is missing"] if self.has_missing else [])

    def encode(self, batch: Batch, out: NDArray[np.floating]) -> None:
        """Write the columns of numbers to `out`."""
        values = to_numeric(batch.cells, self.name, batch.first_row)
        missing = np.isnan(values)
        if self.scale:
            filled = np.where(missing, self.median, values)
            with np.errstate(over="ignore"):
                out[:, 0] = self.scale.apply(filled)
            check_finite(out[:, 0], filled, self.name, batch.first_row)
        if self.has_missing:
            out[:, -1] = missing

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""
        return {
            "kind": "numeric",
            "name": self.name,
            "median": self.median,
            "mean": self.scale.mean if self.scale else None,
            "std": self.scale.std if self.scale else None,
            "has_missing": self.has_missing,
        }

    @classmethod
    def from_dict(cls, value: object) -> NumericEncoder:
        """Return the encoder that `to_dict` described; a `ModelFileError` if it is odd."""
        keys = ("kind", "name", "median", "mean", "std", "has_missing")
        entries = checked.mapping(value, "a numeric column", keys)
        name = checked.text(entries["name"], "the name of a column")
        where = f"column {name!r}"
        scale = None
        has_missing = checked.flag(entries["has_missing"], f"has_missing of {where}")
        if not has_missing or entries["mean"] is not None or entries["std"] is not None:
            mean = checked.fraction(entries["mean"], f"the mean of {where}")
            std = checked.fraction(entries["std"], f"the std of {where}", positive=True)
            scale = Scale(mean, std)
        median = checked.fraction(entries["median"], f"the median of {where}")
        return cls(name, median, scale, has_missing)


def fit_numeric(name: str, cells: pa.ChunkedArray) -> NumericEncoder | None:
    """Fit the encoder of a numeric column; None if it is constant and has no missing value.

    Parameters
    ----------
    name : str
        The name of the column.
    cells : pyarrow.ChunkedArray
        The training rows; at least one value is not missing.
    """
    values = to_numeric(cells, name)
    missing = np.isnan(values)
    median = median_of(values[~missing])
    has_missing = bool(missing.any())
    scale = fit_scale(np.where(missing, median, values))
    if scale is None and not has_missing:
        return None
    return NumericEncoder(name, median, scale, has_missing)
