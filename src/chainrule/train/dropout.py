"""Dropout masks: which hidden units a batch does without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.checks import check_number
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
        check_number("dropout", p, 0, 1, high_open=True)
    if several and len(given) != hidden:
        raise ParameterError(
            f"dropout has {len(given)} probabilities, the network {hidden} hidden layers"
        )
    return tuple(float(p) for p in (given if several else given * hidden))


@dataclass
class DropoutMasks:
    """Draws M_l: 0 with probability p_l, else 1/(1 − p_l), for every hidden unit and observation.

    The coins come from a counter and not from a stream, so that every engine, on any number of threads,
    can toss any of them: the unit j of layer l in row i of batch t has the SplitMix64 number

    .. code-block:: text

        mixed(mixed(mixed(key + t) + l) + i n_l + j)

    and is dropped if the first 53 of its bits are less than p_l 2⁵³. For the member e of an ensemble
    e m + i stands in the place of i.

    Parameters
    ----------
    sizes : tuple of int
        The units of each hidden layer.
    rates : tuple of float
        p_1 … p_{L−1}.
    key : int or None
        64 random bits; None drops nothing.
    members : int
        Of an ensemble; 1 if it is none.
    drawn : int
        t, the number of batches that have had their masks.

    References
    ----------
    Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014, figure 17.
    """

    sizes: tuple[int, ...]
    rates: tuple[float, ...]
    key: int | None
    members: int = 1
    drawn: int = 0

    @classmethod
    def drawn_from(cls, rng: RandomGenerator, network: Network, rates: Any) -> DropoutMasks:
        """Seed the masks from `rng`, which is left alone if nothing is dropped."""
        key = int.from_bytes(rng.bytes(8)) if any(rates) else None
        return cls(network.sizes[1:-1], tuple(rates), key, network.members)

    def batch_key(self) -> int:
        """Return the key of the next batch."""
        assert self.key is not None
        key = int(mixed(self.key + self.drawn)[0])
        self.drawn += 1
        return key

    def draw(self, m: int, dtype: np.dtype[Any]) -> list[Array | None] | None:
        """Return the masks of one batch by layer, the first for the inputs; None if there are none."""
        if self.key is None:
            return None
        key = self.batch_key()
        masks: list[Array | None] = [None]
        for layer, (units, p) in enumerate(zip(self.sizes, self.rates, strict=True), start=1):
            shape = (m, units) if self.members == 1 else (self.members, m, units)
            counters = np.arange(np.prod(shape), dtype=np.uint64) + mixed(key + layer)
            coins = mixed(counters) >> np.uint64(11)
            kept = (coins >= np.uint64(p * 2**53)).reshape(shape)
            masks.append(np.where(kept, dtype.type(1 / (1 - p)), dtype.type(0)) if p else None)
        return masks


def mixed(x: Any) -> Array:
    """Return SplitMix64's number for each counter, modulo 2⁶⁴."""
    bits = np.asarray(x % 2**64 if isinstance(x, int) else x, dtype=np.uint64).reshape(-1)
    bits = bits + np.uint64(0x9E3779B97F4A7C15)  # arrays wrap without a word
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixture: Array = bits ^ (bits >> np.uint64(31))
    return mixture
