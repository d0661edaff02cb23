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

from chainrule.nn.initializers import RandomGenerator

__all__ = ["Recipe", "Sampled", "sample_members"]

Draw = Callable[[RandomGenerator], Any]


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


def whole(low: int, high: int, step: int, rng: RandomGenerator) -> int:
    """Return one of low, low + step … high."""
    return low + step * int(rng.random_sample() * ((high - low) // step + 1))


def log_uniform(low: float, high: float, rng: RandomGenerator) -> float:
    """Return a number whose logarithm is uniform."""
    return float(np.exp(log(low) + rng.random_sample() * (log(high) - log(low))))


def none_or_uniform(low: float, high: float, rng: RandomGenerator) -> float:
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


@dataclass(frozen=True)
class Recipe:
    """What the members have in common, and the course of the whole.

    Parameters
    ----------
    members : int
        How many are trained.
    width : int
        Units of a hidden layer.
    batch_size : int
    epochs : int
        At most.
    rest : int
        Epochs after its last improvement at which a member rests.
    patience : int
        Epochs without a better ensemble after which all is over.
    most_chosen : int
        Members of the ensemble, at most.
    most_waves : int or None
        The most values that a number becomes, where there are many numbers; 1 is none.
    """

    members: int = 32
    width: int = 128
    batch_size: int = 256
    epochs: int = 1000
    rest: int = 16
    patience: int = 32
    most_chosen: int = 32
    most_waves: int | None = None


def sample_members(recipe: Recipe, rng: RandomGenerator) -> list[Sampled]:
    """Return the hyperparameters of all members."""
    drawn = [{name: draw(rng) for name, draw in DRAWN.items()} for _ in range(recipe.members)]
    if recipe.most_waves is not None:
        for values in drawn:
            values["waves"] = min(values["waves"], recipe.most_waves)
    return [Sampled(**values) for values in drawn]
