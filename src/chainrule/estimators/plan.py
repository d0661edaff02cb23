"""What kind of fit one is: decided once, before anything happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from chainrule.errors import ParameterError

__all__ = ["FitPlan", "Split", "takes_steps"]


def takes_steps(estimator: Any) -> bool:
    """Say whether the solver can train on one batch after another."""
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit needs a solver that takes steps; 'lbfgs' is not one")
    return True


# The settings by which something about inputs or targets is learned from the training rows.
LEARNED = ("scaling", "piecewise_linear", "standardize_target")


class Split(Enum):
    """When validation rows are set aside.

    The random numbers of a fit are drawn in scikit-learn's order: the first weights, then the split.
    Where something is to be learned from the training rows, the split must come first.
    """

    NEVER = "never"
    BEFORE_ENCODING = "before the encoding is learned"
    AFTER_FIRST_WEIGHTS = "after the first weights are drawn"


@dataclass(frozen=True)
class FitPlan:
    """The kind of a fit.

    Parameters
    ----------
    fresh : bool
        Whether classes, encoding and weights are those of these rows, or are there already.
    incremental : bool
        Whether it is one pass over a batch: `partial_fit`.
    split : Split
    """

    fresh: bool
    incremental: bool
    split: Split

    @classmethod
    def of(
        cls,
        settings: Mapping[str, Any],
        *,
        fitted: bool,
        incremental: bool,
        validated: bool,
    ) -> FitPlan:
        """Return the plan for an estimator's parameters.

        Parameters
        ----------
        settings : mapping
            The parameters.
        fitted : bool
            Whether there was a fit before.
        incremental : bool
        validated : bool
            Whether the user has validation rows.

        Raises
        ------
        ParameterError
            If the parameters do not go with this kind of fit.
        """
        if incremental and settings["early_stopping"]:
            raise ParameterError("partial_fit does not support early_stopping=True")
        goes_on = incremental or settings["warm_start"]
        if goes_on and settings["bagging"] > 1:
            raise ParameterError("bagging starts anew: it has no warm_start and no partial_fit")
        if validated or not settings["early_stopping"] or settings["solver"] == "lbfgs":
            split = Split.NEVER
        else:
            split = Split.AFTER_FIRST_WEIGHTS
            if any(settings.get(name) for name in LEARNED):
                split = Split.BEFORE_ENCODING
        return cls(not (fitted and goes_on), incremental, split)
