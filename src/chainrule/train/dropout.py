"""Dropout masks: which hidden units a batch does without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from chainrule.errors import ParameterError
from chainrule.nn import Network
from chainrule.nn.arrays import Array
from chainrule.nn.initializers import RandomGenerator

__all__ = ["DropoutMasks", "checked_dropout"]


def checked_dropout(dropout: float | Sequence[float], network: Network) -> tuple[float, ...]:
    """Return one probability for each hidden layer.

    Raises
    ------
    ParameterError
        If there are too many or too few, or one is not in [0, 1).
    """
    hidden = network.depth - 1
    several = isinstance(dropout, Sequence) and not isinstance(dropout, str)
    given: tuple[Any, ...] = tuple(dropout) if several else (dropout,)  # type: ignore[arg-type]
    for p in given:
        number = isinstance(p, Real) and not isinstance(p, bool)
        if not number or not 0 <= p < 1:
            raise ParameterError(f"dropout must be a number of at least 0 and below 1, not {p!r}")
    if several and len(given) != hidden:
        raise ParameterError(
            f"dropout has {len(given)} probabilities, the network {hidden} hidden layers"
        )
    return tuple(float(p) for p in (given if several else given * hidden))


@dataclass
class DropoutMasks:
    """Draws M_l: 0 with probability p_l, else 1/(1 − p_l), for every hidden unit and observation.

    Parameters
    ----------
    sizes : tuple of int
        The units of each hidden layer.
    rates : tuple of float
        p_1 … p_{L−1}.
    rng : Generator or None
        A stream of its own, so that dropout does not move the shuffles; None drops nothing.
    """

    sizes: tuple[int, ...]
    rates: tuple[float, ...]
    rng: np.random.Generator | None

    @classmethod
    def drawn_from(cls, rng: RandomGenerator, network: Network, rates: Any) -> DropoutMasks:
        """Seed the masks from `rng`, which is left alone if nothing is dropped."""
        own = np.random.default_rng(int.from_bytes(rng.bytes(16))) if any(rates) else None
        return cls(network.sizes[1:-1], tuple(rates), own)

    def draw(self, m: int, dtype: np.dtype[Any]) -> list[Array | None] | None:
        """Return the masks of one batch by layer, the first for the inputs; None if there are none."""
        if self.rng is None:
            return None
        masks: list[Array | None] = [None]
        for units, p in zip(self.sizes, self.rates, strict=True):
            kept = self.rng.random((m, units)) >= p
            masks.append(kept.astype(dtype) / (1 - p) if p else None)
        return masks
