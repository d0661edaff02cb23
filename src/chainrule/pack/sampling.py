"""What the members of a pack are drawn from.

Every hyperparameter of a member is one row here: its distribution, with the published bounds. The draws
are made member by member, so that the first members of a larger pack are those of a smaller one.

References
----------
Gorishniy, Kotelnikov, Rubachev and Babenko, "TabPack: Efficient hyperparameter ensembles for tabular
deep learning", 2026, and its published configurations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import log
from typing import Any

import numpy as np

__all__ = ["Sampled", "most_waves", "sample_members"]

EMBEDDED, FEWEST = 1024, 4  # values of all embedded numbers together; of one, at least
Draw = Callable[[np.random.RandomState], Any]


@dataclass(frozen=True)
class Sampled:
    """The hyperparameters of one member.

    Attributes
    ----------
    depth : int
        Hidden layers.
    dropout : float
    learning_rate : float
        η of AdamW.
    weight_decay : float
        λ of AdamW.
    waves : int
        F, the values that a number becomes: itself, and F − 1 waves.
    frequency_scale : float
        The deviation of the waves' first frequencies.
    """

    depth: int
    dropout: float
    learning_rate: float
    weight_decay: float
    waves: int
    frequency_scale: float


def whole(low: int, high: int, step: int, rng: np.random.RandomState) -> int:
    """Return one of low, low + step … high."""
    return low + step * int(rng.random_sample() * ((high - low) // step + 1))


def log_uniform(low: float, high: float, rng: np.random.RandomState) -> float:
    """Return a number whose logarithm is uniform."""
    return float(np.exp(log(low) + rng.random_sample() * (log(high) - log(low))))


def none_or_uniform(low: float, high: float, rng: np.random.RandomState) -> float:
    """Return 0 in half of all cases, else a uniform number."""
    none, value = rng.random_sample() < 0.5, low + rng.random_sample() * (high - low)
    return 0.0 if none else float(value)


DRAWN: dict[str, Draw] = {
    "depth": partial(whole, 1, 3, 1),
    "dropout": partial(none_or_uniform, 0.0, 0.5),
    "learning_rate": partial(log_uniform, 1e-4, 5e-3),
    "weight_decay": partial(log_uniform, 1e-3, 1.0),
    "waves": partial(whole, 8, 32, 4),
    "frequency_scale": partial(log_uniform, 0.01, 10.0),
}


def sample_members(count: int, rng: np.random.RandomState, *, most_waves: int) -> list[Sampled]:
    """Return the hyperparameters of the members of a pack.

    Parameters
    ----------
    count : int
    rng : RandomState
    most_waves : int
        The most values that a number may become; 1 is the number alone.
    """
    drawn = [{name: draw(rng) for name, draw in DRAWN.items()} for _ in range(count)]
    return [Sampled(**{**own, "waves": min(own["waves"], most_waves)}) for own in drawn]


def most_waves(numbers: int) -> int:
    """Return the most values that each of so many numbers may become: all together, about 1,024.

    From 256 numbers on there is no room for three waves each, and they stay as they are.
    """
    room = EMBEDDED // max(numbers, 1)
    return room if room >= FEWEST else 1
