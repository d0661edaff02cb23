"""The training loop: epochs of mini-batches, and what happens between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from chainrule.checks import check_count, check_number
from chainrule.core import engine_for
from chainrule.errors import DataError, DivergenceError, ParameterError
from chainrule.nn import Network, Parameters
from chainrule.nn.initializers import RandomGenerator, random_generator
from chainrule.optim import Clock, Constant, Optimizer, Schedule
from chainrule.train.callbacks import Callback, Hooks, TrainingRun
from chainrule.train.dataset import Dataset, shuffled
from chainrule.train.divergence import check_first_epoch, check_parameters
from chainrule.train.dropout import DropoutMasks, checked_dropout
from chainrule.train.epochs import BatchByBatch, Epochs, WholeEpochs, runs_whole
from chainrule.train.history import History
from chainrule.train.metrics import Metric
from chainrule.train.rate_factors import named_factors
from chainrule.train.stopping import Plateau
from chainrule.train.validation import cost_and_score, validate

__all__ = ["Trainer"]


@dataclass
class Trainer:
    """Train the parameters of a network by mini-batch gradient descent or one of its descendants.

    What it is given as optimizer, plateau, history, clock and masks is its state, changed by `run`: a
    second call, or another trainer that is given the same, goes on where the first one ended.

    Parameters
    ----------
    network : Network
    optimizer : Optimizer
    schedule : Schedule
        Of the learning rate; constant by default.
    batch_size : int
        Rows in a mini-batch; the last one of an epoch may be short.
    epochs : int
        At most that many in one `run`.
    planned_epochs : int, optional
        What a schedule such as a cosine counts on, if not `epochs`.
    shuffle : bool
        Whether each epoch takes the rows in a new order.
    dropout : float or sequence of float
        The probability with which a hidden unit is dropped, one for all hidden layers or one for each.
    clip_norm : float, optional
        The gradient's greatest norm; see `clip_by_norm`.
    drop_last : bool
        Whether an epoch does without the rows that are left when no whole batch is.
    rate_factors : mapping of str to float, optional
        What multiplies the learning rate of named parameters: of one, ``"W1"``, or of all that a
        letter stands for, ``{"scale": 6.0, "b": 0.1}``; of the others it is 1.
    frozen : sequence of str
        Parameters that keep their values, for example ``("b1", "b2")``.
    plateau : Plateau, optional
        Ends the training early: on a plateau of the training cost, or of the validation score if
        `monitor_validation` says so.
    metric : Metric or None
        Of the validation rows; None with validation rows means their cost.
    monitor_validation : bool
        Whether the plateau is one of the validation rows' score.
    callbacks : iterable of Callback
    seed : int, RandomState, Generator or None
        Of the shuffles and the dropout.
    n_threads : int, optional
        Threads of the compiled engine; the result is the same for any number. By default an equal share
        of the cores that this process may use, among all that train in it at the moment.
    history : History
        To go on with; a new one by default.
    clock : Clock
        Likewise.
    masks : DropoutMasks
        Likewise, so that their stream does not begin again.

    Attributes
    ----------
    ran_out : bool
        Whether the last `run` ended for lack of epochs, and not for a reason.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.
    """

    network: Network
    optimizer: Optimizer
    schedule: Schedule = field(default_factory=Constant)
    batch_size: int = 200
    epochs: int = 200
    planned_epochs: int | None = None
    shuffle: bool = True
    dropout: float | Sequence[float] = 0.0
    clip_norm: float | None = None
    drop_last: bool = False
    rate_factors: Mapping[str, float] | None = None
    frozen: Sequence[str] = ()
    plateau: Plateau | None = None
    metric: Metric | None = None
    monitor_validation: bool = False
    callbacks: Iterable[Callback] = ()
    seed: int | RandomGenerator | None = None
    n_threads: int | None = None
    history: History = field(default_factory=History)
    clock: Clock = field(default_factory=Clock)
    masks: DropoutMasks = field(default_factory=lambda: DropoutMasks((), (), None))

    def __post_init__(self) -> None:
        for name in ("batch_size", "epochs", "planned_epochs", "n_threads"):
            value, optional = getattr(self, name), name in ("planned_epochs", "n_threads")
            if not (optional and value is None):
                check_count(name, value)
        if self.clip_norm is not None:
            check_number("clip_norm", self.clip_norm, 0, low_open=True)
        if self.metric is not None and not isinstance(self.metric, Metric):
            raise ParameterError(
                f"metric must be a Metric, as get_metric returns it, or None; not {self.metric!r}"
            )
        self.factors = named_factors(self.rate_factors, self.network)
        rates = checked_dropout(self.dropout, self.network)
        self.rng = random_generator(self.seed)
        if self.masks.rates != rates:  # else their stream goes on: a new one would repeat itself
            self.masks = DropoutMasks.drawn_from(self.rng, self.network, rates)
        self.hooks = Hooks(self.callbacks)
        self.ran_out = False

    def run(
        self, parameters: Parameters, training: Dataset, validation: Dataset | None = None
    ) -> History:
        """Train for up to `epochs` epochs, changing `parameters` in place.

        Parameters
        ----------
        parameters : Parameters
            The starting point; the result afterwards: those of the last epoch, or of the best one if
            the plateau keeps it.
        training : Dataset
        validation : Dataset, optional

        Returns
        -------
        History
            With one more entry for every epoch. `history.interrupted` is set after a Ctrl-C, which
            ends the training as a plateau would.

        Raises
        ------
        DivergenceError
            If the cost stops being finite, or explodes. The parameters are then the best ones that
            the plateau kept, or those of the start.
        ParameterError
            If validation rows are to be monitored, and there are none.
        """
        if self.monitor_validation and validation is None:
            raise ParameterError("monitor_validation needs validation rows")
        start = parameters.copy()
        self.optimizer.bind(parameters.layout)
        self._plan(len(training))
        self.history.begin(self._metric_name(validation))
        self.history.fill(self.history.learning_rate)
        run = TrainingRun(self.network, parameters, self.optimizer, self.history, self.clock)
        self.hooks.on_train_begin(run)
        try:
            # A number that overflows is found by looking at the cost, and reported in words.
            with np.errstate(over="ignore", invalid="ignore"):
                self._epochs(run, training, validation, start)
            check_parameters(parameters, self.optimizer.learning_rate)
        except KeyboardInterrupt:
            run.stop("interrupted")
            self.history.interrupted = True
        except DivergenceError:
            parameters.vector[...] = start.vector
            self._finish(run, "diverged", keep_best=False)
            raise
        self._finish(run, run.stop_reason or f"all {self.epochs} epochs done")
        return self.history

    def _finish(self, run: TrainingRun, reason: str, keep_best: bool = True) -> None:
        """Put the best parameters back, unless the training failed, and close the history."""
        self.ran_out = run.stop_reason is None
        self.history.end(reason)
        if self.plateau is not None and keep_best:
            self.plateau.restore(run.parameters)
            self.history.best_epoch = self.plateau.best_epoch if self.plateau.keep_best else None
        self.hooks.on_train_end(run)

    def _epochs(
        self,
        run: TrainingRun,
        training: Dataset,
        validation: Dataset | None,
        start: Parameters,
    ) -> None:
        """Train epoch by epoch until the last one, a plateau, or a callback's word."""
        history = self.history
        epochs = self._epochs_of(run)
        taken = self._rows_of_epoch(len(training))
        order = np.arange(len(training)) if self.shuffle or taken < len(training) else None
        for epoch in range(self.epochs):
            if self.shuffle:
                assert order is not None
                order = shuffled(order, self.rng)
            rows = None if order is None else order[:taken]
            history.cost.append(epochs.run(run.parameters, training, rows))
            if epoch == 0:
                check_first_epoch(
                    history.cost[-1],
                    epochs.first_cost,
                    lambda: cost_and_score(self.network, start, training, None, self.n_threads)[0],
                    self.optimizer.learning_rate,
                )
            history.learning_rate.append(self.optimizer.learning_rate)
            watched = validate(
                self.network,
                run.parameters,
                validation,
                self.metric,
                history,
                self.n_threads,
                epochs.engine,
            )
            history.tick()
            self.clock.epoch += 1
            self._after_epoch(run, watched)
            self.hooks.on_epoch_end(run)
            if run.stop_reason is not None:
                break

    def _plan(self, m: int) -> None:
        """Tell the schedules how long the training will be."""
        planned = self.planned_epochs or self.epochs
        self.clock.total_epochs = planned
        self.clock.total_steps = planned * -(-self._rows_of_epoch(m) // self.batch_size)

    def _rows_of_epoch(self, m: int) -> int:
        """Return how many rows an epoch takes: all of them, or those of its whole batches."""
        return m - m % self.batch_size if self.drop_last and m > self.batch_size else m

    def _metric_name(self, validation: Dataset | None) -> str | None:
        if validation is None:
            return None
        return self.metric.name if self.metric is not None else "cost"

    def _epochs_of(self, run: TrainingRun) -> Epochs:
        """Return what runs the epochs: batch by batch only where something must look at each."""
        dtype = run.parameters.dtype
        engine = engine_for(self.network, dtype, self.n_threads)
        frozen = run.parameters.mask(tuple(self.frozen)) if self.frozen else None
        common = (
            self.network, self.optimizer, self.schedule, self.clock, self.masks, self.batch_size,
            self.clip_norm, self.factors, frozen, engine,
        )  # fmt: skip
        if runs_whole(engine, self.optimizer) and not self.hooks.see_batches:
            return WholeEpochs(*common)
        return BatchByBatch(
            *common,
            after_batch=lambda cost, gradients: self.hooks.on_batch_end(run, cost, gradients),
        )

    def _after_epoch(self, run: TrainingRun, watched: float) -> None:
        """Look for a plateau of the validation rows' score or of the cost; read the schedule."""
        history = self.history
        plateau = self.plateau
        if plateau is not None:
            cost = history.validation_cost[-1] if self.monitor_validation else None
            plateau.update(self._score(watched), len(history), run.parameters, cost)
        if self.schedule.read_at == "epoch":
            self.optimizer.learning_rate = (
                self.optimizer.initial_learning_rate * self.schedule.factor(self.clock)
            )
        if plateau is not None and plateau.reached:
            if self.schedule.lower(self.optimizer):
                plateau.count = 0
            else:
                monitored = (
                    f"validation {history.metric}" if self.monitor_validation else "training cost"
                )
                also = " or cost" if plateau.both and history.metric != "cost" else ""
                run.stop(
                    f"the {monitored}{also} did not improve by {plateau.tolerance:g} "
                    f"in {plateau.count} epochs"
                )

    def _score(self, score: float) -> float:
        """Return what the plateau watches, the greater the better."""
        if not self.monitor_validation:
            return -self.history.cost[-1]
        if np.isnan(score) and np.isfinite(self.history.validation_cost[-1]):
            raise DataError(
                f"{self.history.metric} is not defined on the validation rows, which may hold one "
                "class alone: stop by another metric, or take other rows"
            )
        better_up = self.metric is not None and self.metric.greater_is_better
        return score if better_up else -score
