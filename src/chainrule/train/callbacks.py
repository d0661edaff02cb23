"""Callbacks: small named hooks into a training."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from chainrule.nn import Network, Parameters
from chainrule.optim import Clock, Optimizer
from chainrule.train.history import History

__all__ = ["Callback", "Hooks", "TimeLimit", "TrainingRun"]


@dataclass
class TrainingRun:
    """A training as its callbacks see it. All of it is live: a hook may look, and may change.

    Attributes
    ----------
    network : Network
    parameters : Parameters
        The current ones.
    optimizer : Optimizer or None
        None under L-BFGS.
    history : History
    clock : Clock
        Epochs, updates and observations so far.
    stop_reason : str or None
        Set by `stop`.
    note : str
        What there is to say of the epoch beside its figures.
    """

    network: Network
    parameters: Parameters
    optimizer: Optimizer | None
    history: History
    clock: Clock
    stop_reason: str | None = None
    note: str = ""

    def stop(self, reason: str) -> None:
        """Ask the training to end after this epoch; `reason` goes into the history."""
        self.stop_reason = reason


class Callback:
    """The base of all callbacks: every hook does nothing until it is overridden.

    Examples
    --------
    >>> class StopAt(Callback):
    ...     def __init__(self, cost):
    ...         self.cost = cost
    ...
    ...     def on_epoch_end(self, run):
    ...         if run.history.cost[-1] < self.cost:
    ...             run.stop(f"the cost fell below {self.cost}")
    """

    def on_train_begin(self, run: TrainingRun) -> None:
        """Run before the first epoch."""

    def on_batch_end(self, run: TrainingRun, cost: float, gradients: Parameters) -> None:
        """Run after each update, with the batch's cost and the gradients, clipped, that made it."""

    def on_epoch_end(self, run: TrainingRun) -> None:
        """Run after each epoch, when `run.history` has its entry."""

    def on_train_end(self, run: TrainingRun) -> None:
        """Run once at the end, when the best parameters are back; after an interruption too."""


class TimeLimit(Callback):
    """Ends a training after the epoch in which the time is up.

    Parameters
    ----------
    seconds : float
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def on_train_begin(self, run: TrainingRun) -> None:
        """Start the clock."""
        self.end = time.perf_counter() + self.seconds

    def on_epoch_end(self, run: TrainingRun) -> None:
        """Stop, if it is time."""
        if time.perf_counter() >= self.end:
            run.stop(f"the time was up, {self.seconds:g} seconds")


class Hooks(Callback):
    """Several callbacks as one, called in their order."""

    def __init__(self, callbacks: Any = ()) -> None:
        self.callbacks = tuple(callbacks or ())

    @property
    def see_batches(self) -> bool:
        """Whether one of them looks at the batches, and not at the epochs alone."""
        return any(
            "on_batch_end" in vars(callback)
            or type(callback).on_batch_end is not Callback.on_batch_end
            for callback in self.callbacks
        )

    def on_train_begin(self, run: TrainingRun) -> None:
        """Call each."""
        for callback in self.callbacks:
            callback.on_train_begin(run)

    def on_batch_end(self, run: TrainingRun, cost: float, gradients: Parameters) -> None:
        """Call each."""
        for callback in self.callbacks:
            callback.on_batch_end(run, cost, gradients)

    def on_epoch_end(self, run: TrainingRun) -> None:
        """Call each."""
        for callback in self.callbacks:
            callback.on_epoch_end(run)

    def on_train_end(self, run: TrainingRun) -> None:
        """Call each."""
        for callback in self.callbacks:
            callback.on_train_end(run)
