"""Training by L-BFGS: every step sees all rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from chainrule.core import gradient_function
from chainrule.errors import DivergenceError
from chainrule.nn import Network, Parameters
from chainrule.nn.arrays import Array
from chainrule.optim import Clock, LBFGSResult, minimize_lbfgs
from chainrule.train.callbacks import Callback, Hooks, TrainingRun
from chainrule.train.dataset import Dataset
from chainrule.train.history import History
from chainrule.train.metrics import Metric
from chainrule.train.validation import validate

__all__ = ["train_lbfgs"]


class Stopped(Exception):
    """A callback asked for the end."""


def train_lbfgs(
    network: Network,
    parameters: Parameters,
    training: Dataset,
    validation: Dataset | None = None,
    *,
    max_iterations: int = 200,
    max_evaluations: int = 15_000,
    tolerance: float = 1e-4,
    metric: Metric | None = None,
    callbacks: Iterable[Callback] = (),
    history: History | None = None,
    n_threads: int | None = None,
) -> tuple[History, LBFGSResult]:
    """Minimize the cost of all rows by L-BFGS, changing `parameters` in place.

    Parameters
    ----------
    network, parameters, training, validation, metric, callbacks
        As for `Trainer`; `on_batch_end` is not called, there being no batches.
    max_iterations, max_evaluations, tolerance
        As for `chainrule.optim.minimize_lbfgs`.
    history : History, optional
        To go on with; an iteration is an epoch in it.
    n_threads : int, optional
        As for `Trainer`.

    Returns
    -------
    history : History
    result : LBFGSResult

    Raises
    ------
    DivergenceError
        If the cost is not finite.
    """
    history = history if history is not None else History()
    history.begin(None if validation is None else metric.name if metric else "cost")
    run = TrainingRun(network, parameters, None, history, Clock(total_epochs=max_iterations))
    hooks = Hooks(callbacks)

    cost_and_gradients = gradient_function(network, parameters.dtype, n_threads)

    def evaluate(vector: Array) -> tuple[Any, Array]:
        point = Parameters(parameters.layout, vector)
        J, gradients = cost_and_gradients(point, training.X, training.Y, training.weight)
        return J, gradients.vector

    def after_iteration(vector: Array, cost: float) -> None:
        history.cost.append(cost)
        validate(network, parameters, validation, metric, history, n_threads)
        history.tick()
        run.clock.epoch += 1
        run.clock.observations += len(training)
        hooks.on_epoch_end(run)
        if run.stop_reason is not None:
            raise Stopped

    hooks.on_train_begin(run)
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            result = minimize_lbfgs(
                evaluate,
                parameters.vector,
                max_iterations=max_iterations,
                max_evaluations=max_evaluations,
                tolerance=tolerance,
                callback=after_iteration,
            )
    except (KeyboardInterrupt, Stopped) as stop:
        history.interrupted = isinstance(stop, KeyboardInterrupt)
        run.stop_reason = "interrupted" if history.interrupted else run.stop_reason
        with np.errstate(over="ignore", invalid="ignore"):
            cost = float(evaluate(parameters.vector)[0])
        result = LBFGSResult(cost, len(history), len(history), True, str(run.stop_reason))
    if not np.isfinite(result.cost) or not np.isfinite(parameters.vector).all():
        raise DivergenceError(
            f"the cost is {result.cost:g}: standardize the inputs and the targets, or start from "
            "smaller weights"
        )
    history.end(result.message)
    hooks.on_train_end(run)
    return history, result
