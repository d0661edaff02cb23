"""Ensembles: one prediction out of those of k members, the mean of what they predict."""

from __future__ import annotations

import numpy as np

from chainrule.nn.activations import log_softmax, softplus
from chainrule.nn.architecture import Architecture
from chainrule.nn.arrays import Array

__all__ = ["combined_outputs"]


def combined_outputs(network: Architecture, Z: Array, A: Array) -> tuple[Array, Array]:
    """Return Z_L and A_L of an ensemble.

    A is the mean over the members: of probabilities, of means, of numbers. Z is what the output
    activation makes that A of: log-odds, logarithms, the numbers themselves. It is taken from the
    logarithms of what the members predict, so that nothing that rounds to 0 or 1 is lost.

    Parameters
    ----------
    network : Network
    Z, A : ndarray of shape (k, m, n_L), or (m, n_L) if there is one member

    Returns
    -------
    Z, A : ndarray of shape (m, n_L)
    """
    if network.members == 1:
        return Z, A
    match network.output:
        case "sigmoid":
            return log_mean_exp(-softplus(-Z)) - log_mean_exp(-softplus(Z)), A.mean(axis=0)
        case "softmax":
            return log_mean_exp(log_softmax(Z)), A.mean(axis=0)
        case "exponential":
            return log_mean_exp(Z), A.mean(axis=0)
        case _:
            return Z.mean(axis=0), A.mean(axis=0)


def log_mean_exp(Z: Array) -> Array:
    """Return log (1/k) Σ_e exp(Z[e]), shifted by the largest."""
    top = Z.max(axis=0)
    mean: Array = np.exp(Z - top).mean(axis=0)
    return top + np.log(mean)
