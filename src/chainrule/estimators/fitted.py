"""A fitted network, with what stands between it and its users' rows and labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.data.features import FeatureEncoder, check_dense
from chainrule.estimators.inputs import in_precision
from chainrule.estimators.outputs import outputs_of
from chainrule.estimators.targets import Target
from chainrule.estimators.training import Outcome, Task, TrainingState
from chainrule.nn import Network, Output, Parameters, prediction
from chainrule.train import History

__all__ = ["Fitted"]


@dataclass
class Fitted:
    """What a fit leaves.

    Parameters
    ----------
    network : Network
    parameters : Parameters
    features : FeatureEncoder or None
        The encoding of the inputs, if they do not stay as they are.
    target : Target
    state : TrainingState
        For a training that goes on.
    iterations : int
        Epochs of the last training, or iterations.
    cost, best_cost : float
        The last one and the least; no least one where a score was watched.
    best_score : float, optional
        That of the epoch that was kept.
    bag : tuple of History
        Of each network of a bag.
    sampled : tuple of dict
        Of a pack, the hyperparameters of each network of the ensemble.
    """

    network: Network
    parameters: Parameters
    features: FeatureEncoder | None
    target: Target
    state: TrainingState
    iterations: int = 0
    cost: float = np.nan
    best_cost: float | None = None
    best_score: float | None = None
    bag: tuple[History, ...] = ()
    sampled: tuple[dict[str, Any], ...] = ()

    def trained(self, outcome: Outcome, task: Task) -> Fitted:
        """Return this after a training."""
        state = outcome.state
        watched = state.plateau is not None and task.settings["early_stopping"]
        return replace(
            self,
            network=outcome.network,
            parameters=outcome.parameters,
            state=state,
            iterations=outcome.iterations,
            cost=outcome.cost,
            best_cost=None if watched else min(state.history.cost, default=np.inf),
            best_score=state.best_score(task.metric) if watched else None,
            bag=outcome.histories,
            sampled=outcome.sampled,
        )

    @property
    def observations(self) -> int:
        """The rows that training has gone over, each as often as it was."""
        return self.state.observations

    @observations.setter
    def observations(self, count: int) -> None:
        self.state.observations = count

    @property
    def history(self) -> History:
        """The course of the training."""
        return self.state.history

    @property
    def columns(self) -> int:
        """The number of input columns, before they are encoded."""
        return self.network.sizes[0] if self.features is None else self.features.columns

    def inputs(self, X: Any) -> Any:
        """Return rows as the network takes them: encoded, in its precision."""
        if self.features is not None:
            check_dense(X, "this model's encoding of its inputs")
            X = self.features.transform(X)
        return in_precision(X, self.parameters.dtype)

    def output(self, X: Any, n_threads: int | None = None, first_row: int = 1) -> Output:
        """Return what the network predicts for rows as it takes them, the first of which is named."""
        members = outputs_of(self.network, self.parameters, X, n_threads, first_row)
        return prediction(self.network, members)

    def own_arrays(self) -> None:
        """Copy what cannot be written to: a model that joblib has mapped from a file."""
        if not self.parameters.vector.flags.writeable:
            self.parameters = Parameters(self.parameters.layout, np.array(self.parameters.vector))
        self.state.own_arrays()
