"""Where gradients are checked: points at which wrong ones differ from right ones."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.nn import Network, Parameters
from chainrule.nn.arrays import Array

__all__ = ["Point", "draw_points"]


@dataclass(frozen=True)
class Point:
    """A network, its parameters, and a batch.

    Parameters
    ----------
    network : Network
    parameters : Parameters
        In float64; drawn points hold numbers that float32 has too.
    X : ndarray of shape (m, n_0)
    Y : ndarray of shape (m, n_L)
    """

    network: Network
    parameters: Parameters
    X: Array
    Y: Array

    @property
    def m(self) -> int:
        """The number of observations."""
        return int(self.X.shape[0])


def draw_points(network: Network, count: int = 3, seed: int = 0) -> list[Point]:
    """Draw points of different m, all different from every layer's size."""
    raise NotImplementedError
