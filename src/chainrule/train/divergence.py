"""Divergence: a training whose cost has left all reason stops, with advice."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable

import numpy as np

from chainrule.errors import DivergenceError
from chainrule.nn import Parameters
from chainrule.optim import Clock

__all__ = ["check_cost", "check_first_epoch", "check_parameters", "largest_allowed"]

# A cost a million times the largest of the first epoch is no fluctuation: gradient descent with too
# large a rate multiplies the cost at every step, and reaches infinity a few hundred steps later. Within
# the first epoch infinity alone counts: one batch can hold the outliers that all others lack. So at
# that epoch's end the rows are judged again by the parameters that it began with.
EXPLOSION = 1e6


def largest_allowed(largest_cost: float) -> float:
    """Return the greatest cost that a batch may have, if `largest_cost` was the first epoch's."""
    if not math.isfinite(largest_cost):
        return sys.float_info.max
    return EXPLOSION * (1 + abs(largest_cost))


def check_cost(cost: float, largest_cost: float, clock: Clock, learning_rate: float) -> None:
    """Raise a DivergenceError if `cost` is NaN, infinite or exploding.

    Parameters
    ----------
    cost, largest_cost : float
        J of this batch; the largest one of the first epoch, infinity until that is over.
    clock : Clock
        Says when it happened.
    learning_rate : float
        Is part of the advice.
    """
    if cost <= largest_allowed(largest_cost):
        return
    if clock.step == 0:
        raise DivergenceError(
            f"the cost is {cost:g} before the first update: standardize the inputs and the targets, "
            "or start from smaller weights",
            before_update=True,
        )
    raise DivergenceError(
        f"training diverged: the cost is {cost:g} in epoch {clock.epoch + 1}, update "
        f"{clock.step + 1}: {advice(learning_rate)}"
    )


def check_first_epoch(
    cost: float, first_cost: float, initial_cost: Callable[[], float], learning_rate: float
) -> None:
    """Raise a DivergenceError if the first epoch has made the cost of its rows explode.

    Parameters
    ----------
    cost, first_cost : float
        The mean cost of the epoch's batches, and that of the first of them; NaN if all rows weigh 0.
    initial_cost : callable
        Returns the cost of all rows by the parameters before the epoch; called only if the other two
        look odd.
    learning_rate : float
        Is part of the advice.
    """
    if math.isnan(first_cost) or cost <= EXPLOSION * (1 + abs(first_cost)):
        return
    before = initial_cost()
    if cost > EXPLOSION * (1 + abs(before)):
        raise DivergenceError(
            f"training diverged: the first epoch took the cost from {before:g} to {cost:g}: "
            f"{advice(learning_rate)}"
        )


def check_parameters(parameters: Parameters, learning_rate: float) -> None:
    """Raise a DivergenceError if a parameter is NaN or infinite: no batch may come to show it."""
    if not np.isfinite(parameters.vector).all():
        raise DivergenceError(
            f"training diverged: the last update left the finite numbers: {advice(learning_rate)}"
        )


def advice(learning_rate: float) -> str:
    return (
        f"lower the learning rate (now {learning_rate:g}), clip the gradient (clip_norm=1), "
        "or standardize the inputs"
    )
