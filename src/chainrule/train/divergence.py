"""Divergence: a training whose cost has left all reason stops, with advice."""

from __future__ import annotations

import math

from chainrule.errors import DivergenceError
from chainrule.optim import Clock

__all__ = ["check_cost"]

# A cost a million times the first one is no fluctuation: gradient descent with too large a rate
# multiplies the cost at every step, and reaches infinity a few hundred steps later.
EXPLOSION = 1e6


def check_cost(cost: float, first_cost: float, clock: Clock, learning_rate: float) -> None:
    """Raise a DivergenceError if `cost` is NaN, infinite or exploding.

    Parameters
    ----------
    cost, first_cost : float
        J of this batch; J of the first batch, before any update.
    clock : Clock
        Says when it happened.
    learning_rate : float
        Is part of the advice.
    """
    if math.isfinite(cost) and cost <= EXPLOSION * (1 + abs(first_cost)):
        return
    if clock.step == 0:
        raise DivergenceError(
            f"the cost is {cost:g} before the first update: standardize the inputs and the targets, "
            "or start from smaller weights"
        )
    raise DivergenceError(
        f"training diverged: the cost is {cost:g} in epoch {clock.epoch + 1}, update "
        f"{clock.step + 1}: lower the learning rate (now {learning_rate:g}), clip the gradient "
        "(clip_norm=1), or standardize the inputs"
    )
