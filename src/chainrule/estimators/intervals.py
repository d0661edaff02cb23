"""Intervals for figures of few rows: how far another sample of so many rows might have put them.

.. code-block:: text

    share right    Wilson: the shares p with |p̂ − p| ≤ z √(p (1 − p)/m), z = 1.96
    R², RMSE       bootstrap: the middle 95 % of the figure in 2,000 draws of m rows with replacement

Both speak of new rows of the same kind, and of one model: not of another training.

References
----------
Wilson, "Probable inference, the law of succession, and statistical inference", 1927; Efron and
Tibshirani, "An introduction to the bootstrap", 1993, chapter 13.
"""

from __future__ import annotations

import math

import numpy as np

from chainrule.nn.arrays import Array

__all__ = ["FEW", "bootstrap", "wilson"]

FEW = 1000  # rows: from here on the interval is narrower than what it would be read for
FEWEST = 20  # rows to draw from: the quantiles of fewer say little
Z = 1.959963984540054  # of the middle 95 % of a normal distribution
DRAWS = 2000

Interval = tuple[float, float]


def wilson(share: float, m: int) -> Interval:
    """Return the interval of a share of m rows.

    Examples
    --------
    >>> low, high = wilson(0.9, 50)
    >>> round(low, 3), round(high, 3)
    (0.786, 0.957)
    """
    center = (share + Z**2 / (2 * m)) / (1 + Z**2 / m)
    half = Z * math.sqrt(share * (1 - share) / m + (Z / (2 * m)) ** 2) / (1 + Z**2 / m)
    return min(max(center - half, 0.0), share), max(min(center + half, 1.0), share)


def bootstrap(Y: Array, A: Array) -> dict[str, Interval]:
    """Return the intervals of R² and of the RMSE; the same for the same rows.

    Parameters
    ----------
    Y, A : ndarray of shape (m, n_L)
        Targets and outputs. With fewer than 20 rows, or an output that is not finite, both are NaN.
    """
    m = len(Y)
    if m < FEWEST or not np.isfinite(A).all():
        return dict.fromkeys(("r2", "rmse"), (math.nan, math.nan))
    # A power of two is divided by exactly, and leaves squares finite.
    exponent = int(np.frexp(max(float(np.abs(V).max(initial=0)) for V in (Y, A)))[1])
    Y, A = (np.ldexp(V.astype(np.float64), -exponent) for V in (Y, A))
    Y, squares = Y - Y.mean(axis=0), (Y - A) ** 2
    drawn = np.random.RandomState(0).multinomial(m, np.full(m, 1 / m), size=DRAWS).astype(float)
    missed = drawn @ squares / m
    spread = drawn @ Y**2 / m - (drawn @ Y / m) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        r2 = np.where(missed == 0, 1.0, np.where(spread > 0, 1 - missed / spread, 0.0)).mean(axis=1)
    rmse = np.ldexp(np.sqrt(missed.mean(axis=1)), exponent)
    return {"r2": middle(r2), "rmse": middle(rmse)}


def middle(figures: Array) -> Interval:
    low, high = np.quantile(figures, (0.025, 0.975))
    return float(low), float(high)
