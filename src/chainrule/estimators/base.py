"""What the classifier and the regressor have in common: fitting."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Self

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if

from chainrule.data.features import FeatureEncoder, check_dense
from chainrule.errors import DivergenceError, ParameterError
from chainrule.estimators.bagging import run_bag
from chainrule.estimators.inputs import (
    can_be_stratified,
    checked_inputs,
    checked_weight,
    split_rows,
    unpacked_validation,
)
from chainrule.estimators.presets import preset_settings
from chainrule.estimators.scaling import TargetScaling
from chainrule.estimators.settings import (
    build_network,
    build_schedule,
    check_settings,
    hidden_activations,
)
from chainrule.estimators.training import TrainedMLP
from chainrule.nn import initialize
from chainrule.nn.arrays import Array
from chainrule.train import Dataset, Metric, get_metric
from chainrule.train.dropout import checked_dropout
from chainrule.train.rate_factors import named_factors

__all__ = ["BaseMLP"]


def takes_steps(estimator: Any) -> bool:
    """Say whether the solver can train on one batch after another."""
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit needs a solver that takes steps; 'lbfgs' is not one")
    return True


class BaseMLP(TrainedMLP):
    """The base of `MLPClassifier` and `MLPRegressor`; use one of those.

    The random numbers of a fit are drawn from one `RandomState` in scikit-learn's order: the initial
    weights and biases (W1, b1, W2, b2 and so on), the validation split, then the shuffle of each epoch.
    Where the encoding of the inputs or the targets has to be learned from the training rows, the split
    comes first.
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

    @classmethod
    def from_preset(cls, preset: str, **parameters: Any) -> Self:
        """Return an estimator with the parameters of a preset.

        Parameters
        ----------
        preset : {"realmlp", "plain"}
            "realmlp" is the recipe RealMLP-TD-S, made for tables; "plain" the class's own defaults.
        **parameters
            What is to be otherwise.

        Raises
        ------
        ParameterError
            If there is no such preset.
        """
        settings = preset_settings(preset, classification=cls.is_classification)
        return cls(**{**settings, **parameters})

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        validation_data: Any,
        *,
        incremental: bool,
        scaling: TargetScaling | None = None,
    ) -> Self:
        settings = self.get_params(deep=False)
        check_settings(settings)
        self._metric()
        if incremental and self.early_stopping:
            raise ParameterError("partial_fit does not support early_stopping=True")
        if (incremental or self.warm_start) and self.bagging > 1:
            raise ParameterError("bagging starts anew: it has no warm_start and no partial_fit")
        first = not hasattr(self, "parameters_") or not (self.warm_start or incremental)
        training = self._dataset(X, y, sample_weight, reset=first)
        if not first:
            self._own_arrays()
            if not incremental:
                self._check_warm_start(y)
        rng = self._random_state()
        validation = None
        if self._learns_encoding() and validation_data is None:
            training, validation = self._divided(training, rng)
        dtype = np.dtype(self.precision or training.X.dtype) if first else self.parameters_.dtype
        if first:
            self._learn_encoding(training, scaling)
        training = self._encoded(training, dtype)
        self._prepare_network(settings, training, rng, first)
        if validation_data is not None:
            validation = self._dataset(
                *unpacked_validation(validation_data), reset=False, fresh=False
            )
        if validation is not None:
            validation = self._encoded(validation, dtype)
        elif not self._learns_encoding():
            training, validation = self._divided(training, rng)  # both encoded
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
        elif self.bagging > 1:
            run_bag(self, settings, training, validation, rng)
        else:
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
        named_factors(self.learning_rate_factors, network)
        if first:
            # The bound of the initial weights depends on `activation`, hidden layers or not.
            named = isinstance(self.activation, str)
            hidden = hidden_activations(self.activation, 1) if named else network.hidden
            self.parameters_ = initialize(
                network.layout,
                hidden,
                rng,
                self.initializer,
                training.X.dtype,
                zero_output=bool(self.zero_output),
            )
        elif self.parameters_.sizes != network.sizes:
            raise ParameterError(
                f"the fitted network has sizes {self.parameters_.sizes}, these parameters and data "
                f"ask for {network.sizes}: fit anew with warm_start=False"
            )
        elif self.parameters_.layout != network.layout:
            raise ParameterError(
                "the fitted network has other kinds of parameters than these settings ask for: fit "
                "anew with warm_start=False"
            )
        self.network_ = network

    # ------------------------------------------------------------------------ the parts of a fit

    def _dataset(
        self, X: Any, y: Any, sample_weight: Any, *, reset: bool, fresh: bool = True
    ) -> Dataset:
        """Check and encode rows."""
        X, y = checked_inputs(self, X, y, numeric_target=not self.is_classification, reset=reset)
        Y = self._encode_target(y, X.dtype, reset=reset)
        return Dataset(X, Y, checked_weight(sample_weight, self._target_weight(y, fresh), X))

    def _divided(self, rows: Dataset, rng: Any) -> tuple[Dataset, Dataset | None]:
        """Set a part of the rows aside for validation, if the training is to stop by one."""
        if not self.early_stopping or self.solver == "lbfgs":
            return rows, None
        stratify = self.is_classification and rows.Y.shape[1] == 1  # as scikit-learn does
        if self.is_classification and self._learns_encoding():
            stratify = can_be_stratified(rows.Y, self.validation_fraction)
        return split_rows(rows, self.validation_fraction, rng, stratify=stratify)

    def _learns_encoding(self) -> bool:
        """Say whether something about inputs or targets has to be learned from the training rows."""
        return self.scaling is not None or bool(self.piecewise_linear)

    def _learn_encoding(self, training: Dataset, scaling: TargetScaling | None) -> None:
        """Learn from the training rows how to encode; the target's scaling may be given."""
        self._features = None
        if self.scaling is None and not self.piecewise_linear:
            return
        check_dense(training.X, "scaling" if self.scaling else "piecewise_linear")
        self._features = FeatureEncoder.fit(
            training.X, robust=self.scaling == "robust", bins=int(self.piecewise_linear)
        )

    def _encoded(self, rows: Dataset, dtype: Any) -> Dataset:
        """Return rows as the network takes them."""
        weight = None if rows.weight is None else rows.weight.astype(dtype, copy=False)
        return Dataset(self._inputs(rows.X, dtype), self._targets(rows.Y).astype(dtype), weight)

    def _targets(self, Y: Array) -> Array:
        """Return targets as the network takes them."""
        return Y

    def _random_state(self) -> Any:
        try:
            return check_random_state(self.random_state)
        except ValueError:
            raise ParameterError(
                f"random_state must be a whole number of at least 0, a RandomState or None, "
                f"not {self.random_state!r}"
            ) from None

    def _metric(self) -> Metric | None:
        """Return the metric of the validation rows; None means their cost."""
        name = self._metric_name()
        if name == "cost":
            return None
        return self._in_units(get_metric(name, classification=self.is_classification))

    def _in_units(self, metric: Metric) -> Metric:
        """Return a metric that reports in the target's own units."""
        return metric

    def _metric_name(self) -> str:
        name = self.default_metric if self.metric is None else self.metric
        if not isinstance(name, str):
            raise ParameterError(f"metric must be a name or None, not {name!r}")
        return name
