"""A pack in an estimator: what the settings say of it, and the ensemble that comes of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import DataError, ParameterError
from chainrule.estimators.building import hidden_activations, hidden_sizes
from chainrule.estimators.training import Outcome, Task, TrainingState, warn_of_interruption
from chainrule.nn.packs import packed
from chainrule.optim import Clock
from chainrule.pack import EFFORTS, PackTrainer, Recipe, usual_batch
from chainrule.train import History, TrainingRun
from chainrule.train.callbacks import Hooks

__all__ = ["train_pack"]


def recipe_of(task: Task, numbers: int) -> Recipe:
    """Return the recipe that the settings describe."""
    settings, network = task.settings, task.network
    hidden = hidden_sizes(settings["hidden_layer_sizes"])
    if not hidden:
        raise ParameterError("a pack needs hidden layers: hidden_layer_sizes is ()")
    given, rows = settings["batch_size"], len(task.training)
    return Recipe(
        network.sizes[0],
        network.sizes[-1],
        numbers,
        str(network.loss),
        hidden,
        hidden_activations(settings["activation"], len(hidden)),
        EFFORTS[settings["pack"]],
        usual_batch(rows) if given == "auto" else min(int(given), rows),
        settings["max_iter"],
        settings["time_limit"],
    )


def train_pack(task: Task, numbers: int, rng: Any) -> Outcome:
    """Return the best ensemble of a pack.

    Parameters
    ----------
    task : Task
        Its network says what the members have in common; its parameters are not read.
    numbers : int
        The first inputs, which are numbers.
    rng : RandomState
        Draws the members, and the order of the rows.
    """
    if task.validation is None:
        raise DataError("a pack chooses its ensemble by validation rows, and there are none")
    trainer = PackTrainer(
        recipe_of(task, numbers), task.training, task.validation, rng, task.settings["n_threads"]
    )
    state = TrainingState()
    history = state.history
    history.begin("cost")
    clock = Clock(total_epochs=task.settings["max_iter"])
    run = TrainingRun(task.network, task.parameters, None, history, clock)
    hooks = Hooks(task.callbacks)
    hooks.on_train_begin(run)

    def after_epoch() -> str | None:
        note_epoch(history, trainer)
        clock.epoch += 1
        run.note = (
            f"{len(trainer.alive)} of {len(trainer.members)} networks trained on, "
            f"{len(trainer.ensemble)} in the ensemble"
        )
        hooks.on_epoch_end(run)
        return run.stop_reason

    try:
        history.end(trainer.run(after_epoch))
    except KeyboardInterrupt:
        if not trainer.ensemble:
            raise
        history.end("interrupted")
        history.interrupted = True
    history.best_epoch = trainer.best_epoch
    network, parameters = packed([(one.network, one.parameters) for one in trainer.ensemble])
    run.network, run.parameters = network, parameters
    hooks.on_train_end(run)
    warn_of_interruption(history)
    state.observations = len(task.training) * trainer.epoch
    return Outcome(
        network, parameters, state, trainer.epoch, trainer.loss, sampled=describe(trainer)
    )


def note_epoch(history: History, trainer: PackTrainer) -> None:
    """Add an epoch: the mean cost of the members, and the loss of the best ensemble so far."""
    costs = [member.cost for member in trainer.members if member.epoch == trainer.epoch]
    history.cost.append(float(np.mean(costs)) if costs else np.nan)
    history.validation_cost.append(float(trainer.loss))
    history.validation_score.append(float(trainer.loss))
    history.learning_rate.append(np.nan)  # each member has its own
    history.tick()


def describe(trainer: PackTrainer) -> tuple[dict[str, Any], ...]:
    """Return the hyperparameters of each member of the ensemble, in the order of the choice."""
    return tuple(
        {"member": one.member, "epoch": one.epoch, **vars(one.sampled)} for one in trainer.ensemble
    )
