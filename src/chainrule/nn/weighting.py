"""The weights of observations: c, with which the cost's data term is Σ_i c_i ℓ_i."""

from __future__ import annotations

import numpy as np

from chainrule.errors import ParameterError
from chainrule.nn.arrays import Array

__all__ = ["check_weight_sum", "observation_coefficients"]


def observation_coefficients(
    m: int, weight: Array | None, reduction: str, cost_scale: float
) -> Array | float:
    """Return c, with which the cost's data term is Σ_i c_i ℓ_i.

    For a mean c_i = s w_i / Σ w_i, for a sum c_i = s w_i, where s is the cost scale; without weights
    every w_i is 1. This is the only place where the 1/m of a mean enters.

    Parameters
    ----------
    m : int
        The number of observations.
    weight : ndarray of shape (m,) or None
        Observation weights.
    reduction : {"mean", "sum"}
        Over the observations.
    cost_scale : float
        A constant in front of the data term.

    Returns
    -------
    float or ndarray of shape (m, 1)
        c, ready to multiply an (m, n) array.
    """
    if weight is None:
        return cost_scale / m if reduction == "mean" else cost_scale
    scale = cost_scale / weight.sum() if reduction == "mean" else cost_scale
    coefficients: Array = (weight * scale)[:, np.newaxis]
    return coefficients


def check_weight_sum(name: str, weight: Array) -> None:
    """Raise a ParameterError if a mean with these weights leaves the finite numbers.

    Parameters
    ----------
    name : str
        What the user calls them.
    weight : ndarray of shape (m,)
        At least 0 each, and not all 0.
    """
    with np.errstate(over="ignore", divide="ignore"):
        total = weight.sum()
        usable = np.isfinite(total) and np.isfinite(1 / total)
    if not usable:
        raise ParameterError(
            f"{name} sums to {total:g}, beyond what {weight.dtype} can divide by: scale it"
        )
