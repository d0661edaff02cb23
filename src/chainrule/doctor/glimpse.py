"""A glimpse: whether a data term can have anything to do with a gradient, judged at one point.

Where nothing explains what was given, thousands of pairs of mistakes are looked at in vain. One
projection at one point rules a pair out, before its multiples are measured at all points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from chainrule.doctor.values import dot, norm, squeezed
from chainrule.nn.arrays import Array

__all__ = ["FEWEST", "Glimpse", "glimpse_of", "spanned"]

ROUNDING = 1e-12
FEWEST = 4  # numbers that tell two multiples at once; three are soon a combination of two others


@dataclass(frozen=True)
class Glimpse:
    """The gradient of one parameter at one point.

    Parameters
    ----------
    given : ndarray
        What was given of dW_l or db_l.
    parameter : ndarray or None
        W_l or b_l; None where it has another shape.
    penalty : ndarray
        κθ, the declared penalty's term; zeros without one.
    without_penalty : tuple of ndarray
        What was given less each penalty term that may be in it.
    limit : float
        The norm of what may be left unexplained.
    """

    given: Array
    parameter: Array | None
    penalty: Array
    without_penalty: tuple[Array, ...]
    limit: float

    def allows(self, data: Array | None) -> bool:
        """Say whether what was given may be a multiple of a data term and a penalty of any kind.

        That is necessary for an explanation, and nearly sufficient.
        """
        if data is None or squeezed(data).shape != squeezed(self.given).shape:
            return False
        data = data.reshape(self.given.shape)
        if self.is_multiple(data):
            return True
        theta = self.parameter
        if theta is None or not data.any():
            return theta is not None and outside(self.given, theta) <= self.limit
        if outside(self.given - data, theta) <= self.limit:
            return True
        if outside(self.given, data + self.penalty) <= self.limit:
            return True
        return self.given.size >= FEWEST and not spanned(self.given, data, theta)[2] > self.limit

    def is_multiple(self, data: Array) -> bool:
        """Say whether some of `without_penalty` is a multiple of a data term."""
        rests, squares = self.stacked
        size = dot(data, data)
        along = (rests @ data.ravel()) ** 2 / size if size > 0 else 0.0
        # Squares lose half of the digits: what they do not rule out is looked at more closely.
        near = squares - along <= self.limit**2 + ROUNDING * squares
        return bool(near.any()) and any(
            outside(rest, data) <= self.limit
            for rest, close in zip(self.without_penalty, near, strict=True)
            if close
        )

    @cached_property
    def stacked(self) -> tuple[Array, Array]:
        """`without_penalty`, a row for each, and the squares of their norms."""
        rests = np.stack([rest.ravel() for rest in self.without_penalty])
        return rests, (rests**2).sum(axis=1)

    def allows_update(self, data: Array, delta: Array) -> bool:
        """Say whether what was given may be right after an update: data − η delta, with η unknown."""
        if data.size != self.given.size or delta.size != self.given.size:
            return False
        rest = self.given - self.penalty - data.reshape(self.given.shape)
        return outside(rest, delta.reshape(self.given.shape)) <= self.limit


def glimpse_of(
    given: Array,
    parameter: Array,
    kappa: float,
    others: Sequence[Array],
    tolerance: float,
    floor: float,
) -> Glimpse:
    """Return a glimpse at a gradient.

    Parameters
    ----------
    given, parameter : ndarray
    kappa : float
        κ of the penalty; 0 without one.
    others : sequence of ndarray
        The parameters of other layers that have the same shape.
    tolerance, floor : float
        Up to which distance two arrays are the same, and the least scale of the distance.
    """
    limit = 2 * tolerance * max(norm(given), floor)
    if squeezed(given).shape != squeezed(parameter).shape:
        return Glimpse(given, None, np.zeros_like(given), (given,), limit)
    theta = parameter.reshape(given.shape)
    terms = [theta, -theta, *(other.reshape(given.shape) for other in others)] if kappa else []
    rests = tuple(given - kappa * term for term in terms)
    return Glimpse(given, theta, kappa * theta, (given, *rests), limit)


def outside(vector: Array, direction: Array) -> float:
    """Return the norm of what is left of a vector without its component along a direction."""
    square = dot(direction, direction)
    if not square > 0:
        return norm(vector)
    return norm(vector - (dot(direction, vector) / square) * direction)


def spanned(g: Array, d: Array, p: Array) -> tuple[float, float, float]:
    """Return α, β and ‖g − α d − β p‖ by least squares; NaN where d and p are parallel."""
    dd, dp, pp = dot(d, d), dot(d, p), dot(p, p)
    determinant = dd * pp - dp * dp
    if not determinant > 1e-9 * dd * pp:
        return np.nan, np.nan, np.nan
    dg, pg = dot(d, g), dot(p, g)
    alpha, beta = (pp * dg - dp * pg) / determinant, (dd * pg - dp * dg) / determinant
    return alpha, beta, norm(g - alpha * d - beta * p)
