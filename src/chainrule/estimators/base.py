"""What the classifier and the regressor have in common: fitting."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from typing import Any, Self

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if

from chainrule.errors import DivergenceError, ParameterError
from chainrule.estimators.fitted import FittedMLP
from chainrule.estimators.inputs import (
    checked_inputs,
    checked_weight,
    in_precision,
    split_rows,
    unpacked_validation,
)
from chainrule.estimators.settings import (
    build_network,
    build_optimizer,
    build_schedule,
    check_settings,
    hidden_activations,
)
from chainrule.nn import initialize
from chainrule.nn.arrays import Array
from chainrule.optim import Clock, Optimizer
from chainrule.train import (
    Dataset,
    History,
    Metric,
    Plateau,
    Trainer,
    get_metric,
    train_lbfgs,
)
from chainrule.train.dropout import DropoutMasks, checked_dropout
from chainrule.train.printer import Printer

__all__ = ["BaseMLP"]


def takes_steps(estimator: Any) -> bool:
    """Say whether the solver can train on one batch after another."""
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit needs a solver that takes steps; 'lbfgs' is not one")
    return True


class BaseMLP(FittedMLP):
    """The base of `MLPClassifier` and `MLPRegressor`; use one of those.

    The random numbers of a fit are drawn from one `RandomState` in scikit-learn's order: the initial
    weights and biases (W1, b1, W2, b2 and so on), the validation split, then the shuffle of each epoch.
    """

    default_metric: str
    is_classification: bool

    # ---------------------------------------------------------------- what the two kinds differ in

    @abstractmethod
    def _encode_target(self, y: Any, dtype: Any, reset: bool) -> Array:
        """Return targets of shape (m, n_outputs), and set what describes them."""

    @abstractmethod
    def _loss_name(self) -> str:
        """Return the loss of the network."""

    def _target_weight(self, y: Any, fresh: bool) -> Array | None:
        """Return what the target itself says about the weights of its observations.

        `fresh` rows are those of a training; others are weighed as those were.
        """
        return None

    def _check_warm_start(self, y: Any) -> None:
        """Raise a DataError if a fit cannot go on with this target."""

    # ------------------------------------------------------------------------------------- fitting

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, validation_data: Any = None
    ) -> Self:
        """Train on a table.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (m, n_features)
            float32 stays float32; anything else becomes float64.
        y : array-like of shape (m,) or (m, n_outputs)
            Class labels, an indicator matrix, or numbers.
        sample_weight : array-like of shape (m,), optional
            Observation weights, at least 0; the cost is the weighted mean.
        validation_data : tuple (X, y) or (X, y, sample_weight), optional
            Your own validation rows: their cost and score enter the history after each epoch, and
            with ``early_stopping=True`` they take the place of a part of the training rows.

        Returns
        -------
        self

        Raises
        ------
        ParameterError
            If a parameter has a value that it cannot have.
        ValueError
            If X or y cannot be used: NaN, infinity, wrong shapes, text.
        DivergenceError
            If the cost stops being finite.
        """
        return self._fit(X, y, sample_weight, validation_data, incremental=False)

    @available_if(takes_steps)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Go once over a batch of rows, keeping the weights and the optimizer's state.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.

        Returns
        -------
        self
        """
        return self._fit(X, y, sample_weight, None, incremental=True)

    def _fit(
        self, X: Any, y: Any, sample_weight: Any, validation_data: Any, *, incremental: bool
    ) -> Self:
        settings = self.get_params(deep=False)
        check_settings(settings)
        self._metric()
        if incremental and self.early_stopping:
            raise ParameterError("partial_fit does not support early_stopping=True")
        first = not hasattr(self, "parameters_") or not (self.warm_start or incremental)
        training = self._dataset(X, y, sample_weight, reset=first)
        if not first and not incremental:
            self._check_warm_start(y)
        rng = self._random_state()
        self._prepare_network(settings, training, rng, first)
        validation = None
        if validation_data is not None:
            validation = self._dataset(
                *unpacked_validation(validation_data), reset=False, fresh=False
            )
        if first:
            self._forget()
        try:
            self._train(settings, training, validation, rng, incremental)
        except DivergenceError:
            if first:
                del self.parameters_  # nothing was learned
            raise
        return self

    def _train(
        self,
        settings: dict[str, Any],
        training: Dataset,
        validation: Dataset | None,
        rng: Any,
        incremental: bool,
    ) -> None:
        if self.solver == "lbfgs":
            self._run_lbfgs(training, validation)
            return
        if self.early_stopping and validation is None:
            stratify = self.is_classification and training.Y.shape[1] == 1
            training, validation = split_rows(
                training, self.validation_fraction, rng, stratify=stratify
            )
        self._run_trainer(settings, training, validation, rng, incremental)

    def _prepare_network(self, settings: Any, training: Dataset, rng: Any, first: bool) -> None:
        """Build the network, and draw its parameters unless they are to be kept.

        All that can be wrong with the settings is said before anything fitted changes.
        """
        network = build_network(
            settings, training.X.shape[1], training.Y.shape[1], self._loss_name()
        )
        build_schedule(settings)
        checked_dropout(self.dropout, network)
        if first:
            # The bound of the initial weights depends on `activation`, hidden layers or not.
            named = isinstance(self.activation, str)
            hidden = hidden_activations(self.activation, 1) if named else network.hidden
            self.parameters_ = initialize(network.sizes, hidden, rng, dtype=training.X.dtype)
        elif self.parameters_.sizes != network.sizes:
            raise ParameterError(
                f"the fitted network has sizes {self.parameters_.sizes}, these parameters and data "
                f"ask for {network.sizes}: fit anew with warm_start=False"
            )
        self.network_ = network

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
            self._plateau, self._watched = Plateau(keep_best=self.early_stopping), watched
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
        if self.n_iter_ == self.max_iter and trainer.ran_out and not incremental:
            warnings.warn(
                f"the {self.max_iter} epochs of max_iter are done and training has not converged: "
                "raise max_iter or the learning rate",
                ConvergenceWarning,
                stacklevel=5,
            )

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
        return plateau.best if better_up else -plateau.best

    # ------------------------------------------------------------------------ the parts of a fit

    def _dataset(
        self, X: Any, y: Any, sample_weight: Any, *, reset: bool, fresh: bool = True
    ) -> Dataset:
        """Check and encode rows."""
        X, y = checked_inputs(self, X, y, numeric_target=not self.is_classification, reset=reset)
        if not reset:  # what was fitted first decides the precision
            X = in_precision(X, self.parameters_.dtype)
        Y = self._encode_target(y, X.dtype, reset=reset)
        return Dataset(X, Y, checked_weight(sample_weight, self._target_weight(y, fresh), X))

    def _random_state(self) -> Any:
        try:
            return check_random_state(self.random_state)
        except ValueError:
            raise ParameterError(
                f"random_state must be a whole number of at least 0, a RandomState or None, "
                f"not {self.random_state!r}"
            ) from None

    def _batch_size(self, m: int) -> int:
        if self.batch_size == "auto":
            return min(200, m)
        if self.batch_size > m:
            warnings.warn(
                f"batch_size={self.batch_size} is larger than the {m} training rows: all of them "
                "make one batch",
                stacklevel=6,
            )
        return int(min(self.batch_size, m))

    def _metric(self) -> Metric | None:
        """Return the metric of the validation rows; None means their cost."""
        name = self._metric_name()
        return None if name == "cost" else get_metric(name, classification=self.is_classification)

    def _metric_name(self) -> str:
        name = self.default_metric if self.metric is None else self.metric
        if not isinstance(name, str):
            raise ParameterError(f"metric must be a name or None, not {name!r}")
        return name

    def _callbacks(self) -> list[Any]:
        return [*(self.callbacks or ()), *([Printer()] if self.verbose else ())]
