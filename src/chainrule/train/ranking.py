"""How well scores put the rows of one class before all others."""

from __future__ import annotations

import numpy as np

from chainrule.nn.arrays import Array

__all__ = ["area_under_precision", "rarer"]


def area_under_precision(truth: Array, score: Array, weight: Array | None = None) -> float:
    """Return the average precision, Σ_n (R_n − R_{n−1}) P_n over the thresholds; NaN without a yes.

    Parameters
    ----------
    truth : ndarray of shape (m,)
        1 or 0.
    score : ndarray of shape (m,)
    weight : ndarray of shape (m,), optional

    Examples
    --------
    >>> round(area_under_precision(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])), 3)
    0.833
    """
    w = np.ones(len(truth)) if weight is None else weight.astype(np.float64)
    order = np.argsort(-score, kind="stable")
    truth, score, w = truth[order], score[order], w[order]
    last = np.append(np.diff(score) != 0, True)  # rows of the same score share a threshold
    found, taken = np.cumsum(truth * w)[last], np.cumsum(w)[last]
    if not found[-1] > 0:
        return float("nan")
    precision = found[taken > 0] / taken[taken > 0]
    return float(np.diff(found[taken > 0] / found[-1], prepend=0.0) @ precision)


def rarer(Y: Array, weight: Array | None = None) -> int:
    """Return which of two columns of 0 and 1 has fewer ones; the second of equal ones."""
    first, second = np.average(Y, axis=0, weights=weight)
    return 0 if first < second else 1
