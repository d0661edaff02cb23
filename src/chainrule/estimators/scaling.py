"""Standardizing the targets of a regression, so that a network's outputs start at their size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.data.scaling import Scale, fit_scale
from chainrule.errors import DataError
from chainrule.nn.arrays import Array

__all__ = ["TargetScaling"]


@dataclass(frozen=True)
class TargetScaling:
    """y ↔ (y − mean)/scale, for each output.

    Parameters
    ----------
    mean, scale : ndarray of shape (n_outputs,)
        Of the training rows; the scale of a constant target is 1.
    """

    mean: Array
    scale: Array

    @classmethod
    def of(cls, Y: Array) -> TargetScaling:
        """Read mean and standard deviation off the training targets, of shape (m, n_outputs)."""
        scales = [fit_scale(y) or Scale(float(y[0]), 1.0) for y in Y.T]
        return cls(np.array([s.mean for s in scales]), np.array([s.std for s in scales]))

    @classmethod
    def none(cls, outputs: int) -> TargetScaling:
        """Leave the targets as they are."""
        return cls(np.zeros(outputs), np.ones(outputs))

    @property
    def is_none(self) -> bool:
        """Whether targets stay as they are."""
        return not self.mean.any() and bool((self.scale == 1).all())

    def forward(self, Y: Array) -> Array:
        """Return standardized targets."""
        with np.errstate(over="ignore"):
            scaled = (Y - self.mean) / self.scale
        if np.isfinite(scaled).all():
            return scaled
        # The difference of two huge numbers overflows where half of it does not.
        return (Y / 2 - self.mean / 2) / (self.scale / 2)

    def backward(self, A: Array) -> Array:
        """Return outputs in the targets' own units, in float64; the mean is added last."""
        return A.astype(np.float64) * self.scale + self.mean

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {"mean": self.mean.tolist(), "scale": self.scale.tolist()}

    @classmethod
    def from_dict(cls, record: dict[str, Any], outputs: int) -> TargetScaling:
        """Build a scaling from what `to_dict` returned, checking it."""
        mean = np.array(record["mean"], dtype=np.float64)
        scale = np.array(record["scale"], dtype=np.float64)
        fits = mean.shape == scale.shape == (outputs,)
        if not fits or not np.isfinite([mean, scale]).all() or not (scale > 0).all():
            raise DataError("the scaling of the targets does not fit the outputs")
        return cls(mean, scale)
