"""Bagging: the same network trained from several seeds at once; the mean of what they predict."""

from __future__ import annotations

from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.core import usable_cores
from chainrule.estimators.building import drawn_parameters
from chainrule.estimators.training import (
    Outcome,
    Task,
    TrainingState,
    train_network,
    warn_of_interruption,
)
from chainrule.nn import Network, Parameters
from chainrule.nn.parametrization import unfolded
from chainrule.train import Callback, TrainingRun

__all__ = ["train_bag"]


def train_bag(task: Task, rng: Any) -> Outcome:
    """Return one ensemble out of the network trained from ``settings["bagging"]`` seeds.

    The networks see the same rows, in other orders, and begin elsewhere. They are trained side by side
    in threads; what comes out does not depend on how many. Each keeps its own best epoch. The history
    is that of the first one.

    Parameters
    ----------
    task : Task
        With the parameters that the first of them begins with.
    rng : RandomState
        Draws the seeds, and the parameters of the others.
    """
    seeds = rng.randint(2**31, size=task.settings["bagging"])
    at_once = min(len(seeds), task.settings["n_threads"] or usable_cores())
    halt = Halt()
    tasks = tasks_of(task, len(seeds), at_once, halt, rng)
    with ThreadPoolExecutor(at_once) as pool:
        runs = [
            pool.submit(train_network, own, TrainingState(), np.random.RandomState(seed))
            for own, seed in zip(tasks, seeds, strict=True)
        ]
        try:
            wait(runs, return_when=FIRST_EXCEPTION)
        except KeyboardInterrupt:
            halt.asked = True
        finally:  # if one has failed, the others need not go on
            halt.asked = halt.asked or any(run.done() and run.exception() for run in runs)
        outcomes = [run.result() for run in runs]
    network, parameters = combined([unfolded(o.network, o.parameters) for o in outcomes])
    state = replace(outcomes[0].state, optimizer=None)
    state.history.interrupted = halt.asked
    warn_of_interruption(state.history)
    return replace(
        outcomes[0],
        network=network,
        parameters=parameters,
        state=state,
        histories=tuple(outcome.state.history for outcome in outcomes),
    )


def tasks_of(task: Task, count: int, at_once: int, halt: Halt, rng: Any) -> list[Task]:
    """Return a task for each network: the threads are shared out, and the first one reports."""
    given = task.settings
    n_threads = None if given["n_threads"] is None else max(1, given["n_threads"] // at_once)
    shared = {**given, "n_threads": n_threads}
    first = {**shared, "callbacks": [*(given["callbacks"] or ()), halt]}
    silent = {**shared, "callbacks": [halt], "verbose": False}
    network, dtype = task.network, task.parameters.dtype
    others = [drawn_parameters(silent, network, dtype, rng) for _ in range(count - 1)]
    return [
        replace(task, settings=first),
        *(replace(task, parameters=drawn, settings=silent) for drawn in others),
    ]


class Halt(Callback):
    """Ends several trainings after their epochs, once it is asked to."""

    def __init__(self) -> None:
        self.asked = False

    def on_epoch_end(self, run: TrainingRun) -> None:
        """Stop, if it is time."""
        if self.asked:
            run.stop("interrupted")


def combined(networks: list[tuple[Network, Parameters]]) -> tuple[Network, Parameters]:
    """Return one network whose members are all members of these, which share no weights."""
    network = networks[0][0]
    together = replace(network, members=sum(one.members for one, _ in networks))
    parameters = Parameters.zeros(together.layout, networks[0][1].dtype)
    for name, shape in together.layout.shapes():
        parts = [own[name] for _, own in networks]
        parameters[name] = np.concatenate([part.reshape(-1, *shape[1:]) for part in parts])
    return together, parameters
