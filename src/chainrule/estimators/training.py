"""How an estimator trains its network, once rows and network are there."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from chainrule.errors import DivergenceError
from chainrule.estimators.fitted import FittedMLP
from chainrule.estimators.settings import build_optimizer, build_schedule
from chainrule.optim import Clock, Optimizer
from chainrule.train import Dataset, History, Metric, Plateau, Trainer, train_lbfgs
from chainrule.train.dropout import DropoutMasks
from chainrule.train.printer import Printer

__all__ = ["TrainedMLP"]


class TrainedMLP(FittedMLP):
    """The training side of `MLPClassifier` and `MLPRegressor`: trainer, history, fitted attributes."""

    @abstractmethod
    def _metric(self) -> Metric | None:
        """Return the metric of the validation rows; None means their cost."""

    @abstractmethod
    def _metric_name(self) -> str:
        """Return its name."""

    def _forget(self) -> None:
        """Drop what an earlier fit left."""
        self.history_ = History()
        self.t_ = 0
        self._plateau: Plateau | None = None
        self._watched: tuple[str, ...] = ()
        self._optimizer: Optimizer | None = None

    def _run_trainer(
        self,
        settings: dict[str, Any],
        training: Dataset,
        validation: Dataset | None,
        rng: Any,
        incremental: bool,
    ) -> None:
        if self._optimizer is None or not incremental:
            self._optimizer = build_optimizer(settings)
            self._clock = Clock(observations=self.t_)
            self._masks = DropoutMasks((), (), None)
        # A plateau of one score means nothing to another.
        watched = (self._metric_name(),) if self.early_stopping else ()
        if self._plateau is None or self._watched != watched:
            self._plateau, self._watched = self._new_plateau(), watched
        self._plateau.patience, self._plateau.tolerance = self.n_iter_no_change, self.tol
        trainer = Trainer(
            self.network_,
            self._optimizer,
            schedule=build_schedule(settings),
            batch_size=self._batch_size(len(training)),
            epochs=1 if incremental else self.max_iter,
            planned_epochs=self.max_iter,
            shuffle=bool(self.shuffle),
            dropout=self.dropout,
            clip_norm=self.clip_norm,
            drop_last=bool(self.drop_last),
            rate_factors=self.learning_rate_factors,
            plateau=self._plateau,
            metric=self._metric() if validation is not None else None,
            monitor_validation=bool(self.early_stopping),
            callbacks=self._callbacks(),
            seed=rng,
            n_threads=self.n_threads,
            history=self.history_,
            clock=self._clock,
            masks=self._masks,
        )
        if (
            incremental
            and trainer.schedule.read_at == "step"
            and self._clock.epoch >= self.max_iter
        ):
            warnings.warn(
                f"the learning-rate schedule was planned for max_iter={self.max_iter} calls of "
                f"partial_fit: from here on the rate stays at {self._optimizer.learning_rate:g}",
                stacklevel=5,
            )
        before = len(self.history_)
        try:
            trainer.run(self.parameters_, training, validation)
        except DivergenceError:
            self._optimizer = None  # its memory may be infinite
            raise
        self._masks = trainer.masks
        self.t_ = self._clock.observations
        self._publish(before)
        self._warn_of_interruption()
        waited = self.n_iter_no_change != np.inf  # else all epochs are what was asked for
        if self.n_iter_ == self.max_iter and trainer.ran_out and waited and not incremental:
            warnings.warn(
                f"the {self.max_iter} epochs of max_iter are done and training has not converged: "
                "raise max_iter or the learning rate",
                ConvergenceWarning,
                stacklevel=5,
            )

    def _new_plateau(self) -> Plateau:
        return Plateau(keep_best=self.early_stopping, keep_last=self.best_epoch == "last")

    def _run_lbfgs(self, training: Dataset, validation: Dataset | None) -> None:
        for name in ("dropout", "clip_norm"):
            if np.any(getattr(self, name)):
                warnings.warn(f"solver='lbfgs' does without {name}", stacklevel=5)
        before = len(self.history_)
        _, result = train_lbfgs(
            self.network_,
            self.parameters_,
            training,
            validation,
            max_iterations=self.max_iter,
            max_evaluations=self.max_fun,
            tolerance=self.tol,
            metric=self._metric() if validation is not None else None,
            callbacks=self._callbacks(),
            history=self.history_,
            n_threads=self.n_threads,
        )
        self._publish(before)
        self._warn_of_interruption()
        self.loss_ = result.cost
        if not result.converged:
            warnings.warn(
                f"lbfgs failed to converge after {result.iterations} iterations: {result.message}; "
                "raise max_iter, or standardize the inputs",
                ConvergenceWarning,
                stacklevel=5,
            )

    def _publish(self, before: int) -> None:
        """Set the fitted attributes that scikit-learn's users read."""
        history = self.history_
        self.n_iter_ = len(history) - before
        self.loss_curve_ = history.cost
        self.loss_ = history.cost[-1] if history.cost else np.nan
        plateau = self._plateau
        watched = plateau is not None and self.early_stopping
        self.best_loss_ = None if watched else min(history.cost, default=np.inf)
        self.validation_scores_ = history.validation_score if watched else None
        self.best_validation_score_ = self._best_score(plateau) if watched else None
        self.n_layers_ = len(self.network_.sizes)
        self.n_outputs_ = self.network_.sizes[-1]

    def _warn_of_interruption(self) -> None:
        if self.history_.interrupted:
            warnings.warn("training was interrupted by the user", stacklevel=6)

    def _best_score(self, plateau: Any) -> float:
        metric = self._metric()
        better_up = metric is not None and metric.greater_is_better  # None is the cost
        own = plateau.best if better_up else -plateau.best  # in the network's units
        epoch = plateau.best_epoch
        return own if epoch is None else self.history_.validation_score[epoch - 1]

    def _batch_size(self, m: int) -> int:
        if self.batch_size == "auto":
            return min(200, m)
        return int(min(self.batch_size, m))

    def _callbacks(self) -> list[Any]:
        return [*(self.callbacks or ()), *([Printer()] if self.verbose else ())]
