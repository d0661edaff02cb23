"""Beginning a fit again with a smaller learning rate, where it has diverged.

A fit that diverges has told one thing: the rate is too large for these rows. The same first weights and
the same random numbers then get a tenth of it. The model that comes of it is, bit for bit, the one of an
estimator whose `learning_rate_init` is that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from chainrule.errors import DivergenceError
from chainrule.notices import warn_user

__all__ = ["by_smaller_rates"]

T = TypeVar("T")

# A rate of 1 that should be 1e-3 is a slip. One that should be 1e-9 is the fault of inputs or targets in
# the thousands, which no rate makes easy to learn from.
RESTARTS = 5
DIVISOR = 10.0


def by_smaller_rates(
    train: Callable[[float], T], given: float, rng: Any, advice: Callable[[], str]
) -> T:
    """Return what `train` returns at the first of several learning rates that does not diverge.

    Parameters
    ----------
    train : callable
        ``train(rate)`` trains anew, from the same first weights.
    given : float
        The first rate.
    rng : RandomState
        Of shuffles and dropout; it begins again with each training.
    advice : callable
        Returns what else may help.

    Raises
    ------
    DivergenceError
        If all rates diverge, or the cost is not finite before there is an update.
    """
    luck = rng.get_state()
    for attempt in range(RESTARTS + 1):
        rate = given / DIVISOR**attempt
        try:
            outcome = train(rate)
        except DivergenceError as error:
            if error.before_update:  # no rate was used yet
                raise
            rng.set_state(luck)
            continue
        if attempt:
            warn_user(
                f"training diverged at a learning rate of {given:g} and began again at {rate:g}; "
                f"a larger rate may do if you {advice()}"
            )
        return outcome
    raise DivergenceError(
        f"training diverged at each learning rate from {given:g} down to {rate:g}: {advice()}"
    )
