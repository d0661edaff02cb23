"""Ensembles: one prediction out of those of k members, the mean of what they predict."""

from __future__ import annotations

from chainrule.nn.architecture import Architecture
from chainrule.nn.arrays import Array

__all__ = ["combined_outputs"]


def combined_outputs(network: Architecture, Z: Array, A: Array) -> tuple[Array, Array]:
    """Return Z_L and A_L of an ensemble.

    A is the mean over the members: of probabilities, of means, of numbers. Z is the pre-activation of
    which the output activation makes that A, where its row has a form for it (log-odds, logarithms),
    else the mean.

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
    pooled = network.activations[-1].pooled
    return (Z.mean(axis=0) if pooled is None else pooled(Z)), A.mean(axis=0)
