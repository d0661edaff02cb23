"""Training a network as an estimator's parameters say, once network and rows are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chainrule.errors import DivergenceError
from chainrule.estimators.advice import remedies, worse_than_a_constant
from chainrule.estimators.building import build_optimizer, build_schedule
from chainrule.estimators.restarts import by_smaller_rates
from chainrule.nn import Network, Parameters
from chainrule.notices import convergence_warning, warn_user
from chainrule.optim import Clock, Optimizer
from chainrule.train import Dataset, History, Metric, Plateau, Trainer, train_lbfgs
from chainrule.train.callbacks import TimeLimit
from chainrule.train.dropout import DropoutMasks
from chainrule.train.printer import Printer

__all__ = ["Outcome", "Task", "TrainingState", "train_network", "warn_of_interruption"]


@dataclass(frozen=True)
class Task:
    """What is to be trained.

    Parameters
    ----------
    network : Network
    parameters : Parameters
        The starting point; changed in place.
    training, validation : Dataset
        Encoded.
    settings : mapping
        The estimator's parameters.
    metric : Metric or None
        Of the validation rows; None means their cost.
    """

    network: Network
    parameters: Parameters
    training: Dataset
    validation: Dataset | None
    settings: Mapping[str, Any]
    metric: Metric | None

    @property
    def callbacks(self) -> list[Any]:
        """The user's, one that prints, and one that looks at the clock."""
        limit = self.settings["time_limit"]
        return [
            *(self.settings["callbacks"] or ()),
            *([Printer()] if self.settings["verbose"] else ()),
            *([TimeLimit(limit)] if limit is not None and self.settings["pack"] is None else ()),
        ]

    @property
    def common(self) -> dict[str, Any]:
        """What every way to train is told."""
        metric = None if self.validation is None else self.metric
        n_threads = self.settings["n_threads"]
        return {"metric": metric, "callbacks": self.callbacks, "n_threads": n_threads}


@dataclass
class TrainingState:
    """What a training leaves behind for one that goes on."""

    history: History = field(default_factory=History)
    observations: int = 0
    optimizer: Optimizer | None = None
    clock: Clock = field(default_factory=Clock)
    masks: DropoutMasks = field(default_factory=lambda: DropoutMasks((), (), None))
    plateau: Plateau | None = None
    watched: str | None = None
    """The score that the plateau is one of."""

    @property
    def has_begun(self) -> bool:
        """Whether there was a training before."""
        return self.observations > 0 or len(self.history) > 0

    def begin_anew(self, settings: Mapping[str, Any]) -> None:
        """Take a new optimizer; the observations go on counting."""
        self.optimizer = build_optimizer(settings)
        self.clock = Clock(observations=self.observations)
        self.masks = DropoutMasks((), (), None)

    def watch(self, score: str | None, settings: Mapping[str, Any]) -> Plateau:
        """Return the plateau to train with: a plateau of one score means nothing to another."""
        wait = settings["n_iter_no_change"]
        rules = {"tolerance": settings["tol"], "keep_best": settings["early_stopping"]}
        rules["keep_last"] = settings["best_epoch"] == "last"
        if wait == "auto":
            fresh = Plateau.adaptive(settings["max_iter"], **rules)
        else:
            fresh = Plateau(patience=wait, **rules)
        if self.plateau is None or self.watched != score:
            self.plateau, self.watched = fresh, score
        else:
            self.plateau.obey(fresh)
        return self.plateau

    def best_score(self, metric: Metric | None) -> float:
        """Return the score of the epoch that was kept, in the target's own units."""
        assert self.plateau is not None
        if self.plateau.best_epoch is not None:
            return self.history.validation_score[self.plateau.best_epoch - 1]
        better_up = metric is not None and metric.greater_is_better  # None is the cost
        return self.plateau.best if better_up else -self.plateau.best

    def own_arrays(self) -> None:
        """Copy what cannot be written to: a model that joblib has mapped from a file."""
        memory = {} if self.optimizer is None else self.optimizer.state
        for name in [name for name, V in memory.items() if not V.flags.writeable]:
            memory[name] = np.array(memory[name])


@dataclass(frozen=True)
class Outcome:
    """What came of a training.

    Parameters
    ----------
    network : Network
    parameters : Parameters
    state : TrainingState
    iterations : int
        Epochs of this training, or iterations.
    cost : float
        The last one.
    histories : list of History
        Of each network of a bag.
    sampled : tuple of dict
        Of a pack, the hyperparameters of each network of the ensemble.
    """

    network: Network
    parameters: Parameters
    state: TrainingState
    iterations: int
    cost: float
    histories: tuple[History, ...] = ()
    sampled: tuple[dict[str, Any], ...] = ()

    @classmethod
    def of(cls, task: Task, state: TrainingState, before: int) -> Outcome:
        """Read it off the history, which had `before` entries at the start."""
        costs = state.history.cost
        last = costs[-1] if costs else np.nan
        return cls(task.network, task.parameters, state, len(costs) - before, last)


def train_network(
    task: Task, state: TrainingState, rng: Any, *, incremental: bool = False
) -> Outcome:
    """Return the outcome of one training, by steps or by L-BFGS, and warn if it did not converge.

    One by steps that diverges begins again with a smaller learning rate, unless it goes on with an
    earlier one.

    Parameters
    ----------
    task : Task
    state : TrainingState
        To go on with; changed.
    rng : RandomState
        Of shuffles and dropout.
    incremental : bool
        Whether it is one epoch, which goes on with the optimizer.
    """
    if task.settings["solver"] == "lbfgs":
        return by_lbfgs(task, state)
    if incremental or state.has_begun:
        return by_steps(task, state, rng, incremental)
    return by_smaller_rates(
        lambda rate: anew_by_steps(task, rate, rng),
        float(task.settings["learning_rate_init"]),
        rng,
        lambda: remedies(task.training, task.settings),
    )


def anew_by_steps(task: Task, rate: float, rng: Any) -> Outcome:
    settings = {**task.settings, "learning_rate_init": rate}
    return by_steps(replace(task, settings=settings), TrainingState(), rng, incremental=False)


def by_steps(task: Task, state: TrainingState, rng: Any, incremental: bool) -> Outcome:
    settings, before = task.settings, len(state.history)
    if state.optimizer is None or not incremental:
        state.begin_anew(settings)
    trainer = trainer_of(task, state, rng, 1 if incremental else settings["max_iter"])
    planned = settings["max_iter"]
    if incremental and trainer.schedule.read_at == "step" and state.clock.epoch >= planned:
        warn_user(
            f"the learning-rate schedule was planned for max_iter={planned} calls of "
            f"partial_fit: from here on the rate stays at {trainer.optimizer.learning_rate:g}"
        )
    try:
        trainer.run(task.parameters, task.training, task.validation)
    except DivergenceError:
        state.optimizer = None  # its memory may be infinite
        raise
    state.masks, state.observations = trainer.masks, state.clock.observations
    warn_of_interruption(state.history)
    outcome = Outcome.of(task, state, before)
    # Else all epochs are what was asked for, or as many as can be of use.
    waited = settings["n_iter_no_change"] not in (np.inf, "auto")
    unfinished = outcome.iterations == planned and trainer.ran_out and waited
    if not incremental:
        warn_of_outcome(
            task,
            state.history,
            f"the {planned} epochs of max_iter are done and training has not converged: "
            "raise max_iter or the learning rate"
            if unfinished
            else None,
        )
    return outcome


def warn_of_outcome(task: Task, history: History, unfinished: str | None) -> None:
    """Warn of a fit that is of no use, or else of one that has not converged."""
    useless = None
    if history.cost and not history.interrupted:
        useless = worse_than_a_constant(
            task.network,
            task.parameters,
            task.training,
            task.settings,
            history.cost[-1],
            unfinished=unfinished is not None,
        )
    text = useless or unfinished
    if text is not None:
        warn_user(text, convergence_warning())


def trainer_of(task: Task, state: TrainingState, rng: Any, epochs: int) -> Trainer:
    """Return a trainer that goes on with the state."""
    settings, rows = task.settings, len(task.training)
    batch_size = 200 if settings["batch_size"] == "auto" else settings["batch_size"]
    early = bool(settings["early_stopping"])
    metric = "cost" if task.metric is None else task.metric.name
    assert state.optimizer is not None
    return Trainer(
        task.network,
        state.optimizer,
        schedule=build_schedule(settings),
        batch_size=int(min(batch_size, rows)),
        epochs=epochs,
        planned_epochs=settings["max_iter"],
        shuffle=bool(settings["shuffle"]),
        dropout=settings["dropout"],
        clip_norm=settings["clip_norm"],
        drop_last=bool(settings["drop_last"]),
        rate_factors=settings["learning_rate_factors"],
        plateau=state.watch(metric if early else None, settings),
        monitor_validation=early,
        seed=rng,
        history=state.history,
        clock=state.clock,
        masks=state.masks,
        **task.common,
    )


def by_lbfgs(task: Task, state: TrainingState) -> Outcome:
    settings, before = task.settings, len(state.history)
    for name in ("dropout", "clip_norm"):
        if np.any(settings[name]):
            warn_user(f"solver='lbfgs' does without {name}")
    _, result = train_lbfgs(
        task.network,
        task.parameters,
        task.training,
        task.validation,
        max_iterations=settings["max_iter"],
        max_evaluations=settings["max_fun"],
        tolerance=settings["tol"],
        history=state.history,
        **task.common,
    )
    warn_of_interruption(state.history)
    unfinished = (
        f"lbfgs failed to converge after {result.iterations} iterations: {result.message}; "
        "raise max_iter, or standardize the inputs"
    )
    warn_of_outcome(task, state.history, None if result.converged else unfinished)
    iterations = len(state.history) - before
    return Outcome(task.network, task.parameters, state, iterations, result.cost)


def warn_of_interruption(history: History) -> None:
    """Say that it was Ctrl-C that ended a training."""
    if history.interrupted:
        warn_user("training was interrupted by the user")
