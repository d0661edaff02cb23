"""Date columns: the days since 1970, and where in its year, week and day a moment lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from chainrule.data import checked
from chainrule.data.columns import to_dates
from chainrule.data.kinds.base import Batch
from chainrule.data.scaling import Scale, check_finite, fit_scale

__all__ = ["DateEncoder", "fit_date"]

_CYCLES = ("time of year", "day of week", "time of day")
_PARTS = tuple(f"{cycle} ({wave})" for cycle in _CYCLES for wave in ("sin", "cos"))
_MICROSECONDS_PER_DAY = 86_400_000_000
_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class DateEncoder:
    """Turns moments into standardized days since 1970 and into points on circles.

    A missing date is 0 in all columns.

    Attributes
    ----------
    name : str
        The name of the column.
    scale : Scale or None
        The mean and standard deviation of the days since 1970; None if they are all the same.
    parts : tuple of str
        The cyclic parts that vary in the training rows.
    has_missing : bool
        Whether a last column says that the date is missing.
    """

    name: str
    scale: Scale | None
    parts: tuple[str, ...]
    has_missing: bool

    @property
    def feature_names(self) -> list[str]:
        """The names of the columns of numbers."""
        names = [f"{self.name}: days"] if self.scale else []
        names += [f"{self.name}: {part}" for part in self.parts]
        return names + ([f"{self.name} is missing"] if self.has_missing else [])

    def encode(self, batch: Batch, out: NDArray[np.floating]) -> None:
        """Write the columns of numbers to `out`."""
        dates = to_dates(batch.cells, self.name, batch.first_row)
        missing = np.asarray(pc.is_null(dates), dtype=bool)
        if self.scale:
            days = np.where(missing, self.scale.mean, _days(dates))
            with np.errstate(over="ignore"):
                out[:, 0] = self.scale.apply(days)
            check_finite(out[:, 0], days, self.name, batch.first_row)
        waves = _waves(dates) if self.parts else {}
        for column, part in enumerate(self.parts, start=1 if self.scale else 0):
            out[:, column] = np.where(missing, 0.0, waves[part])
        if self.has_missing:
            out[:, -1] = missing

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""
        return {
            "kind": "date",
            "name": self.name,
            "mean": self.scale.mean if self.scale else None,
            "std": self.scale.std if self.scale else None,
            "parts": list(self.parts),
            "has_missing": self.has_missing,
        }

    @classmethod
    def from_dict(cls, value: object) -> DateEncoder:
        """Return the encoder that `to_dict` described; a `ModelFileError` if it is odd."""
        keys = ("kind", "name", "mean", "std", "parts", "has_missing")
        entries = checked.mapping(value, "a date column", keys)
        name = checked.text(entries["name"], "the name of a column")
        where = f"column {name!r}"
        scale = None
        if entries["mean"] is not None or entries["std"] is not None:
            mean = checked.fraction(entries["mean"], f"the mean of {where}")
            std = checked.fraction(entries["std"], f"the std of {where}", positive=True)
            scale = Scale(mean, std)
        parts = checked.texts(entries["parts"], f"the parts of {where}")
        for part in parts:
            checked.text(part, f"a part of {where}", known=_PARTS)
        has_missing = checked.flag(entries["has_missing"], f"has_missing of {where}")
        if scale is None and not parts and not has_missing:
            raise checked.damaged(f"{where} says nothing")
        return cls(name, scale, parts, has_missing)


def fit_date(name: str, cells: pa.ChunkedArray) -> DateEncoder | None:
    """Fit the encoder of a date column; None if all rows are the same.

    Parameters
    ----------
    name : str
        The name of the column.
    cells : pyarrow.ChunkedArray
        The training rows; at least one date is not missing.
    """
    dates = to_dates(cells, name)
    has_missing = dates.null_count > 0
    present = dates.drop_null()
    waves = _waves(present)
    parts = tuple(part for part in _PARTS if np.ptp(waves[part]) > 0)
    scale = fit_scale(_days(present))
    if scale is None and not has_missing:
        return None
    return DateEncoder(name, scale, parts, has_missing)


def _days(dates: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return the days since 1970, with a fraction for the time of day; 0 where missing."""
    ticks = np.asarray(pc.fill_null(pc.cast(dates, pa.int64()), 0), dtype=np.int64)
    return ticks / _MICROSECONDS_PER_DAY


def _waves(dates: pa.ChunkedArray) -> dict[str, NDArray[np.float64]]:
    """Return the sine and cosine of every cyclic part; where the date is missing, of 1970."""
    filled = pc.fill_null(dates, pa.scalar(0, dates.type))
    day_of_year = np.asarray(pc.day_of_year(filled), dtype=np.float64)
    turns = (
        (day_of_year - 1) / _DAYS_PER_YEAR,
        np.asarray(pc.day_of_week(filled), dtype=np.float64) / 7,
        _days(filled) % 1,
    )
    waves = {}
    for cycle, turn in zip(_CYCLES, turns, strict=True):
        waves[f"{cycle} (sin)"] = np.sin(2 * np.pi * turn)
        waves[f"{cycle} (cos)"] = np.cos(2 * np.pi * turn)
    return waves
