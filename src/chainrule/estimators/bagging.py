"""Bagging: the same network trained from several seeds at once; the mean of what they predict."""

from __future__ import annotations

import copy
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.core import usable_cores
from chainrule.nn import Network, Parameters
from chainrule.nn.parametrization import unfolded
from chainrule.train import Callback, Dataset, TrainingRun

__all__ = ["run_bag"]


def run_bag(
    model: Any, settings: dict[str, Any], training: Dataset, validation: Dataset | None, rng: Any
) -> None:
    """Train a model's network from `model.bagging` seeds, and make one ensemble of the results.

    The networks see the same rows, in other orders, and begin elsewhere. They are trained side by side
    in threads; what comes out does not depend on how many. Each keeps its own best epoch.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        With its network, and the parameters that the first of them begins with. Its network and
        parameters are the ensemble's afterwards, its history is the first one's, and
        ``bag_histories_`` has all.
    settings : dict
        The estimator's parameters.
    training, validation : Dataset
    rng : RandomState
        Draws the seeds.
    """
    seeds = rng.randint(2**31, size=model.bagging)
    at_once = min(len(seeds), model.n_threads or usable_cores())
    halt = Halt()
    copies = [copied(model, settings, training, rng, number) for number in range(len(seeds))]
    for own in copies:
        own.callbacks = [*(own.callbacks or ()), halt]
        own.n_threads = None if model.n_threads is None else max(1, model.n_threads // at_once)
    with ThreadPoolExecutor(at_once) as pool:
        runs = [
            pool.submit(
                own._run_trainer, settings, training, validation, np.random.RandomState(seed), False
            )
            for own, seed in zip(copies, seeds, strict=True)
        ]
        try:
            wait(runs, return_when=FIRST_EXCEPTION)
        except KeyboardInterrupt:
            halt.asked = True
        finally:  # if one has failed, the others need not go on
            halt.asked = halt.asked or any(run.done() and run.exception() for run in runs)
        for run in runs:
            run.result()
    model.network_, model.parameters_ = combined(
        [unfolded(own.network_, own.parameters_) for own in copies]
    )
    first = copies[0]
    model.history_, model._plateau, model._watched = first.history_, first._plateau, first._watched
    model._optimizer, model.t_ = None, first.t_
    model.bag_histories_ = [own.history_ for own in copies]
    model.history_.interrupted = halt.asked
    model._publish(0)
    model._warn_of_interruption()


class Halt(Callback):
    """Ends several trainings after their epochs, once it is asked to."""

    def __init__(self) -> None:
        self.asked = False

    def on_epoch_end(self, run: TrainingRun) -> None:
        """Stop, if it is time."""
        if self.asked:
            run.stop("interrupted")


def copied(model: Any, settings: dict[str, Any], training: Dataset, rng: Any, number: int) -> Any:
    """Return a copy of the model with parameters and a history of its own; the first one reports."""
    own = copy.copy(model)
    if number == 0:
        own.parameters_ = model.parameters_.copy()
    else:
        own._prepare_network(settings, training, rng, True)
        own.callbacks, own.verbose = None, False
    own._forget()
    return own


def combined(networks: list[tuple[Network, Parameters]]) -> tuple[Network, Parameters]:
    """Return one network whose members are all members of these, which share no weights."""
    network = networks[0][0]
    together = replace(network, members=sum(one.members for one, _ in networks))
    parameters = Parameters.zeros(together.layout, networks[0][1].dtype)
    for name, shape in together.layout.shapes():
        parts = [own[name] for _, own in networks]
        parameters[name] = np.concatenate([part.reshape(-1, *shape[1:]) for part in parts])
    return together, parameters
