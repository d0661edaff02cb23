"""Means and standard deviations that do not overflow, and standardizing with them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chainrule.data.messages import shown
from chainrule.errors import DataError

__all__ = ["Scale", "check_finite", "fit_scale", "median_of"]


@dataclass(frozen=True)
class Scale:
    """The mean and the standard deviation that a column had in the training rows."""

    mean: float
    std: float

    def apply(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (values − mean) / std; what is too large for a float becomes infinite."""
        with np.errstate(over="ignore"):
            centered = values - self.mean
            if np.isfinite(centered).all():
                return centered / self.std
            # The difference of two huge numbers overflows where half of it does not.
            return (values / 2 - self.mean / 2) / (self.std / 2)


def fit_scale(values: NDArray[np.float64]) -> Scale | None:
    """Return the mean and the standard deviation of finite values, or None if all are the same.

    Parameters
    ----------
    values : ndarray of shape (m,)
        The values, at least one.
    """
    if values.min() == values.max():
        return None
    # Dividing by a power of two is exact, and lets sums and squares of huge values be finite.
    exponent = _exponent(values)
    small = np.ldexp(values, -exponent)
    mean = float(np.mean(small))
    std = math.ldexp(float(np.sqrt(np.mean((small - mean) ** 2))), exponent)
    return Scale(math.ldexp(mean, exponent), std) if std > 0 else None


def median_of(values: NDArray[np.float64]) -> float:
    """Return the median of finite values; the mean of two huge ones does not overflow."""
    exponent = _exponent(values)
    return math.ldexp(float(np.median(np.ldexp(values, -exponent))), exponent)


def check_finite(
    encoded: NDArray[np.floating], values: NDArray[np.float64], name: str, first_row: int
) -> None:
    """Raise a `DataError` if an encoded value is not finite.

    Parameters
    ----------
    encoded : ndarray of shape (m,)
        The column of the encoded matrix.
    values : ndarray of shape (m,)
        The values it was made of.
    name : str
        The name of the column.
    first_row : int
        The number of the first row.
    """
    finite = np.isfinite(encoded)
    if not finite.all():
        index = int(np.argmin(finite))
        raise DataError(
            f"column {shown(name)}, row {first_row + index}: {float(values[index])!r} is too far "
            f"from the training values for a {encoded.dtype}: correct it, or leave the cell empty"
        )


def _exponent(values: NDArray[np.float64]) -> int:
    return int(np.frexp(np.abs(values).max())[1])
