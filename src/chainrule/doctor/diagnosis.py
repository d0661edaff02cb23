"""From the values that a user computed, at one point or several, to a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chainrule.doctor.findings import Report
from chainrule.doctor.points import Point
from chainrule.nn.arrays import Array

__all__ = ["diagnose"]


def diagnose(
    points: Sequence[Point],
    quantities: Mapping[str, Sequence[Array | None]],
    *,
    tolerance: float | None = None,
    learning_rate: float | None = None,
    title: str = "gradients",
) -> Report:
    """Say of every quantity whether it is right, and name the mistakes that explain what is not.

    Parameters
    ----------
    points : sequence of Point
        Where the values were computed; see `chainrule.doctor.points.draw_points`. The networks of
        the points have the same depth, activations and loss; their sizes may differ.
    quantities : mapping of str to sequence of (ndarray or None)
        ``quantities["dW2"][k]`` is the user's ∂J/∂W2 at ``points[k]``, None where it has no value.
        Names: dA_l, dZ_l, dW_l, db_l without the underscore, l = 0 … L for dA; new_W_l and new_b_l
        are the parameters after one step of gradient descent. All in the rows layout.
    tolerance : float, optional
        Up to which relative distance two arrays are the same: 1e-6 for float64, 3e-4 for float32.
    learning_rate : float, optional
        η of the update, for new_W_l and new_b_l.
    title : str
        The title of the report.

    Returns
    -------
    Report
    """
    raise NotImplementedError
