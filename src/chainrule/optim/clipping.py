"""Gradient clipping."""

from __future__ import annotations

import numpy as np

from chainrule.nn.arrays import Array

__all__ = ["clip_by_norm"]


def clip_by_norm(gradient: Array, max_norm: float) -> float:
    """Shorten the whole gradient to `max_norm` if it is longer, in place; its direction stays.

    .. code-block:: text

        g ← g · min(1, c/‖g‖)

    Parameters
    ----------
    gradient : ndarray of shape (n,)
        ∂J/∂θ of all parameters together.
    max_norm : float
        c, more than 0.

    Returns
    -------
    float
        ‖g‖ before clipping.

    References
    ----------
    Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013,
    algorithm 1.

    Examples
    --------
    >>> g = np.array([3.0, 4.0])
    >>> clip_by_norm(g, 1.0), g
    (5.0, array([0.6, 0.8]))
    """
    # Scaled by its largest entry first: squares of 1e200 (1e20 in float32) would overflow.
    largest = float(np.abs(gradient).max(initial=0))
    if largest == 0 or not np.isfinite(largest):
        return largest
    scaled = float(np.linalg.norm(gradient / largest))
    norm = largest * scaled
    if norm > max_norm:
        gradient *= max_norm / largest / scaled  # `norm` itself may be beyond the largest float
    return norm
