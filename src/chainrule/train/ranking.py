"""How well scores put the rows of one class before all others."""

from __future__ import annotations

import numpy as np

from chainrule.nn.arrays import Array

__all__ = ["area_under_precision", "area_under_roc", "rarer"]


def area_under_roc(truth: Array, score: Array, weight: Array | None) -> float:
    """Return the area under one ROC curve, added up in scikit-learn's order."""
    w = np.ones(len(truth)) if weight is None else weight
    counted = w != 0
    truth, score, w = truth[counted] == 1, score[counted], w[counted]
    order = np.argsort(-score, kind="stable")
    truth, score, w = truth[order], score[order], w[order]
    last = np.append(score[1:] != score[:-1], True)  # of the rows that share a score
    right, wrong = np.cumsum(truth * w)[last], np.cumsum(~truth * w)[last]
    corner = np.ones(len(right), dtype=bool)
    corner[1:-1] = (np.diff(right, 2) != 0) | (np.diff(wrong, 2) != 0)
    y, x = (np.append(0.0, sums[corner]) / sums[-1] for sums in (right, wrong))
    return float((np.diff(x) * (y[1:] + y[:-1]) / 2).sum())


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
