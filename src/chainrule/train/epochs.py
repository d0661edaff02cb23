"""One epoch of mini-batch updates: batch by batch, or all of it in the compiled engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf, isnan, nan
from typing import Any

import numpy as np

from chainrule.core import CompiledEngine, EpochPlan, knows
from chainrule.nn import Network, Parameters
from chainrule.nn.arrays import Array
from chainrule.nn.propagation import cost_and_gradients
from chainrule.optim import OPTIMIZERS, Clock, Optimizer, Schedule, clip_by_norm
from chainrule.train.dataset import Dataset
from chainrule.train.divergence import check_cost, largest_allowed
from chainrule.train.dropout import DropoutMasks

__all__ = ["BatchByBatch", "Epochs", "WholeEpochs", "runs_whole"]


@dataclass
class Epochs(ABC):
    """How the epochs of one training are run.

    Parameters
    ----------
    network, optimizer, schedule, clock, masks, batch_size, clip_norm
        Those of the `Trainer`.
    rate_factors : dict of str to float, or None
        What multiplies the learning rate, for each named parameter.
    frozen : boolean ndarray or None
        See `Parameters.mask`.
    engine : CompiledEngine or None
        None is the reference.

    Attributes
    ----------
    first_cost, largest_cost : float
        Of a batch of the first epoch: the first one's, NaN before it; the largest one, infinite until
        the epoch is over.
    """

    network: Network
    optimizer: Optimizer
    schedule: Schedule
    clock: Clock
    masks: DropoutMasks
    batch_size: int
    clip_norm: float | None
    rate_factors: dict[str, float] | None
    frozen: Array | None
    engine: CompiledEngine | None
    first_cost: float = nan
    largest_cost: float = inf

    @abstractmethod
    def run(self, parameters: Parameters, training: Dataset, order: Array | None) -> float:
        """Go through the rows of `order` once; return the mean cost, each batch weighted by its rows.

        Raises
        ------
        DivergenceError
            If the cost of a batch is not finite, or explodes.
        """

    def _keep_largest(self, largest: float, rows: int) -> None:
        """Remember the first epoch's largest cost, unless all its rows weighed nothing."""
        if rows and self.largest_cost == inf:
            self.largest_cost = largest


@dataclass
class BatchByBatch(Epochs):
    """Each batch comes back to Python, where callbacks may look at it.

    Parameters
    ----------
    after_batch : callable
        ``after_batch(cost, gradients)`` is called after each update.
    """

    after_batch: Callable[[float, Parameters], None] = lambda cost, gradients: None

    def run(self, parameters: Parameters, training: Dataset, order: Array | None) -> float:
        """Go through the rows once."""
        total, rows, largest = 0.0, 0, 0.0
        for batch in training.batches(self.batch_size, order):
            # Weights that sum to 0 leave nothing to average: such a batch teaches nothing.
            if batch.weight is None or batch.weight.any():
                cost = self._step(parameters, batch)
                total += cost * len(batch)
                rows += len(batch)
                largest = max(largest, cost)
            self.clock.observations += len(batch)
        self._keep_largest(largest, rows)
        return total / max(rows, 1)

    def _step(self, parameters: Parameters, batch: Dataset) -> float:
        """Make one update; return the batch's cost before it."""
        if self.schedule.read_at == "step":
            self.optimizer.learning_rate = (
                self.optimizer.initial_learning_rate * self.schedule.factor(self.clock)
            )
        J, gradients = self._gradients(parameters, batch)
        cost = float(J)
        self.first_cost = cost if isnan(self.first_cost) else self.first_cost
        check_cost(cost, self.largest_cost, self.clock, self.optimizer.learning_rate)
        if self.clip_norm is not None:
            clip_by_norm(gradients.vector, self.clip_norm)
        factors = parameters.spread(self.rate_factors) if self.rate_factors else None
        self.optimizer.update(parameters.vector, gradients.vector, self.frozen, factors)
        self.clock.step += 1
        self.after_batch(cost, gradients)
        return cost

    def _gradients(self, parameters: Parameters, batch: Dataset) -> tuple[Any, Parameters]:
        if self.engine is None:
            masks = self.masks.draw(len(batch), parameters.dtype)
            return cost_and_gradients(
                self.network, parameters, batch.X, batch.Y, batch.weight, masks
            )
        if self.masks.key is None:
            return self.engine.cost_and_gradients(parameters, batch.X, batch.Y, batch.weight)
        return self.engine.cost_and_gradients(
            parameters, batch.X, batch.Y, batch.weight, self.masks.rates, self.masks.batch_key()
        )


@dataclass
class WholeEpochs(Epochs):
    """The compiled engine runs all batches of an epoch, and then comes back."""

    def run(self, parameters: Parameters, training: Dataset, order: Array | None) -> float:
        """Go through the rows once."""
        assert self.engine is not None
        plan = self._plan(parameters, training, order)
        progress = np.zeros(3, np.int64)
        try:
            outcome = self.engine.epoch(
                parameters, plan, training.X, training.Y, training.weight, order, progress
            )
        finally:  # Ctrl-C may be heard while the engine returns
            self._account(plan, *progress.tolist())
        if isnan(self.first_cost) and progress[2]:
            self.first_cost = outcome.first
        if outcome.raised is not None:
            raise outcome.raised
        if outcome.refused is not None:
            rate = self.optimizer.learning_rate
            check_cost(outcome.refused, self.largest_cost, self.clock, rate)
        self._keep_largest(outcome.largest, outcome.counted)
        return outcome.total / max(outcome.counted, 1)

    def _plan(self, parameters: Parameters, training: Dataset, order: Array | None) -> EpochPlan:
        optimizer = self.optimizer
        optimizer.prepare(parameters.vector)
        return EpochPlan(
            method=str(name_of(optimizer)),
            settings={name: getattr(optimizer, name) for name in optimizer.settings},
            state=tuple(optimizer.state.values()),
            step=optimizer.step,
            rates=self._rates(training, order),
            batch_size=self.batch_size,
            rate_factors=self._factors(parameters),
            clip_norm=self.clip_norm,
            frozen=self.frozen,
            dropout=None if self.masks.key is None else self.masks.rates,
            dropout_key=self.masks.key or 0,
            dropout_drawn=self.masks.drawn,
            largest_allowed=largest_allowed(self.largest_cost),
        )

    def _factors(self, parameters: Parameters) -> Array | None:
        if not self.rate_factors:
            return None
        return np.array([self.rate_factors[name] for name in parameters], np.float64)

    def _rates(self, training: Dataset, order: Array | None) -> Array:
        """Return the learning rate of each update to come."""
        rows_of_epoch = len(training) if order is None else len(order)
        optimizer, starts = self.optimizer, range(0, rows_of_epoch, self.batch_size)
        if self.schedule.read_at != "step":
            return np.full(len(starts), optimizer.learning_rate)
        clock = replace(self.clock)
        rates = []
        for start in starts:
            part = slice(start, start + self.batch_size)
            rows = part if order is None else order[part]
            if training.weight is None or training.weight[rows].any():
                rates.append(optimizer.initial_learning_rate * self.schedule.factor(clock))
                clock.step += 1
            clock.observations += min(self.batch_size, rows_of_epoch - start)
        return np.pad(np.array(rates, np.float64), (0, len(starts) - len(rates)))

    def _account(self, plan: EpochPlan, updates: int, seen: int, begun: int) -> None:
        """Advance what counts the updates, and leave the last rate that was read."""
        self.clock.step += updates
        self.clock.observations += seen
        self.optimizer.step += updates
        if self.masks.key is not None:
            self.masks.drawn += begun
        if self.schedule.read_at == "step" and begun:
            self.optimizer.learning_rate = float(plan.rates[begun - 1])


def name_of(optimizer: Optimizer) -> str | None:
    """Return the name of the row that an optimizer is of; None for one of the user's own."""
    return next((name for name, kind in OPTIMIZERS.items() if kind is type(optimizer)), None)


def runs_whole(engine: CompiledEngine | None, optimizer: Optimizer) -> bool:
    """Say whether `engine` can run whole epochs: an optimizer that it does not know needs Python."""
    name = name_of(optimizer)
    return engine is not None and name is not None and knows(engine, name, optimizer.settings)
