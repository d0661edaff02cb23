"""What the classifier and the regressor have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from chainrule.data.features import FeatureEncoder, check_dense
from chainrule.errors import ParameterError
from chainrule.estimators.bagging import train_bag
from chainrule.estimators.building import (
    build_network,
    check_parameters,
    check_same_kind,
    check_with_network,
    drawn_parameters,
)
from chainrule.estimators.digits import warn_of_lost_digits
from chainrule.estimators.inputs import (
    can_be_stratified,
    checked_inputs,
    checked_random_state,
    checked_weight,
    checked_X,
    in_precision,
    learned_features,
    split_rows,
    unpacked_validation,
    weight_in_precision,
)
from chainrule.estimators.outputs import outputs_of
from chainrule.estimators.plan import FitPlan, Split, takes_steps
from chainrule.estimators.training import Outcome, Task, TrainingState, train_network
from chainrule.nn import Network, Output, Parameters, prediction
from chainrule.nn.arrays import Array
from chainrule.settings import TrainingSettings, preset_settings
from chainrule.train import Dataset, History, Metric, get_metric

__all__ = ["BaseMLP"]


class BaseMLP(TrainingSettings, BaseEstimator):  # type: ignore[misc]
    """The base of `MLPClassifier` and `MLPRegressor`; use one of those.

    The random numbers of a fit are drawn from one `RandomState` in scikit-learn's order: the initial
    weights and biases (W1, b1, W2, b2 and so on), the validation split, then the shuffle of each epoch.
    Where the encoding of the inputs or the targets has to be learned from the training rows, the split
    comes first.

    Attributes
    ----------
    network_ : Network
    parameters_ : Parameters
        There from the first fit on.
    """

    default_metric: ClassVar[str]
    is_classification: ClassVar[bool]

    network_: Network
    parameters_: Parameters
    history_: History
    _features: FeatureEncoder | None = None
    _state: TrainingState

    # ---------------------------------------------------------------- what the two kinds differ in

    @abstractmethod
    def _encode_target(self, y: Any, dtype: Any, *, reset: bool, known: Any) -> Array:
        """Return targets of shape (m, n_outputs); with `reset`, learn what describes them.

        Parameters
        ----------
        y : ndarray
        dtype : dtype
            Of X.
        reset : bool
        known : object or None
            What is known of the target before the rows are.
        """

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

    def _learns_encoding(self) -> bool:
        """Say whether something about inputs or targets has to be learned from the training rows."""
        return self.scaling is not None or bool(self.piecewise_linear)

    def _learn_target(self, training: Dataset, known: Any) -> None:
        """Learn from the training rows how to encode the target."""

    def _targets(self, Y: Array) -> Array:
        """Return targets as the network takes them."""
        return Y

    def _in_units(self, metric: Metric | None, dtype: Any) -> Metric | None:
        """Return a metric that reports in the target's own units."""
        return metric

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
        return self._fit(X, y, sample_weight, validation_data)

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
        return self._fit(X, y, sample_weight, incremental=True)

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
        sample_weight: Any = None,
        validation_data: Any = None,
        *,
        incremental: bool = False,
        known: Any = None,
    ) -> Self:
        """Check the rows, split and encode them, build the network, train it, publish the result."""
        settings = self.get_params(deep=False)
        check_parameters(type(self), settings)
        metric, rng = self._metric(), checked_random_state(self.random_state)
        plan = FitPlan.of(
            settings,
            fitted=hasattr(self, "parameters_"),
            incremental=incremental,
            validated=validation_data is not None,
            learns_encoding=self._learns_encoding(),
        )
        training = self._dataset(X, y, sample_weight, plan, known=known)
        validation = None
        if plan.split is Split.BEFORE_ENCODING:
            training, validation = self._divided(training, plan, rng)
        dtype = (
            np.dtype(self.precision or training.X.dtype) if plan.fresh else self.parameters_.dtype
        )
        if plan.fresh:
            self._features = learned_features(training.X, self.scaling, self.piecewise_linear)
            self._learn_target(training, known)
            names = getattr(self, "feature_names_in_", None)
            warn_of_lost_digits(training.X, dtype, self._features is not None, names)
        network, parameters = self._network(settings, training, dtype, plan, rng)
        if validation_data is not None:
            validation = self._dataset(*unpacked_validation(validation_data))
        elif plan.split is Split.AFTER_FIRST_WEIGHTS:
            training, validation = self._divided(training, plan, rng)
        task = Task(
            network,
            parameters,
            self._encoded(training, dtype),
            None if validation is None else self._encoded(validation, dtype),
            settings,
            self._in_units(metric, dtype),
        )
        self._publish(self._trained(task, plan, rng))
        return self

    def _trained(self, task: Task, plan: FitPlan, rng: Any) -> Outcome:
        """Return the outcome of the training; a fresh one that fails leaves nothing behind."""
        if plan.fresh:
            for name in ("parameters_", "bag_histories_"):
                self.__dict__.pop(name, None)
        if task.settings["bagging"] > 1:
            return train_bag(task, rng)
        state = TrainingState() if plan.fresh else self._state
        return train_network(task, state, rng, incremental=plan.incremental)

    def _network(
        self, settings: Mapping[str, Any], rows: Dataset, dtype: Any, plan: FitPlan, rng: Any
    ) -> tuple[Network, Parameters]:
        """Return the network, and its parameters: drawn, or those of the fit before.

        All that can be wrong with the settings is said before anything is trained.
        """
        inputs = rows.X.shape[1] if self._features is None else self._features.inputs
        network = build_network(settings, inputs, rows.Y.shape[1], self._loss_name())
        check_with_network(settings, network)
        if plan.fresh:
            return network, drawn_parameters(settings, network, dtype, rng)
        self._own_arrays()
        check_same_kind(self.parameters_, network)
        return network, self.parameters_

    def _dataset(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        plan: FitPlan | None = None,
        known: Any = None,
    ) -> Dataset:
        """Return rows, checked; without a plan they are validation rows."""
        reset = plan is not None and plan.fresh
        X, y = checked_inputs(self, X, y, numeric_target=not self.is_classification, reset=reset)
        if plan is not None and not plan.fresh and not plan.incremental:
            self._check_warm_start(y)
        Y = self._encode_target(y, X.dtype, reset=reset, known=known)
        by_target = self._target_weight(y, fresh=plan is not None)
        return Dataset(X, Y, checked_weight(sample_weight, by_target, X))

    def _divided(self, rows: Dataset, plan: FitPlan, rng: Any) -> tuple[Dataset, Dataset]:
        """Set a part of the rows aside for validation."""
        stratify = self.is_classification and rows.Y.shape[1] == 1  # as scikit-learn does
        if self.is_classification and plan.split is Split.BEFORE_ENCODING:
            stratify = can_be_stratified(rows.Y, self.validation_fraction)
        return split_rows(rows, self.validation_fraction, rng, stratify=stratify)

    def _encoded(self, rows: Dataset, dtype: Any) -> Dataset:
        """Return rows as the network takes them."""
        weight = None if rows.weight is None else weight_in_precision(rows.weight, dtype)
        return Dataset(self._inputs(rows.X, dtype), self._targets(rows.Y).astype(dtype), weight)

    def _metric(self) -> Metric | None:
        """Return the metric of the validation rows; None means their cost."""
        name = self.default_metric if self.metric is None else self.metric
        if not isinstance(name, str):
            raise ParameterError(f"metric must be a name or None, not {name!r}")
        return None if name == "cost" else get_metric(name, classification=self.is_classification)

    def _publish(self, outcome: Outcome) -> None:
        """Set the fitted attributes that scikit-learn's users read."""
        self.network_, self.parameters_ = outcome.network, outcome.parameters
        self._state, history = outcome.state, outcome.state.history
        if outcome.histories:
            self.bag_histories_ = list(outcome.histories)
        self.history_ = history
        self.t_ = outcome.state.observations
        self.n_iter_ = outcome.iterations
        self.loss_ = outcome.cost
        self.loss_curve_ = history.cost
        watched = outcome.state.plateau is not None and self.early_stopping
        self.best_loss_ = None if watched else min(history.cost, default=np.inf)
        self.validation_scores_ = history.validation_score if watched else None
        self.best_validation_score_ = outcome.state.best_score(self._metric()) if watched else None
        self.n_layers_ = len(self.network_.sizes)
        self.n_outputs_ = self.network_.sizes[-1]

    # ------------------------------------------------------------------------------ a fitted network

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "parameters_")

    def _output(self, X: Any) -> Output:
        """Run the forward pass on new rows."""
        check_is_fitted(self)
        X = self._inputs(checked_X(self, X), self.parameters_.dtype)
        outputs = outputs_of(self.network_, self.parameters_, X, self.n_threads)
        return prediction(self.network_, outputs)

    def encode(self, X: Any) -> Any:
        """Return rows as the fitted network takes them: scaled and encoded, in its precision.

        Parameters
        ----------
        X : ndarray or sparse matrix of shape (m, n_features)

        Returns
        -------
        ndarray or sparse matrix of shape (m, n_0)
        """
        check_is_fitted(self)
        return self._inputs(X, self.parameters_.dtype)

    def _inputs(self, X: Any, dtype: Any) -> Any:
        """Return rows as the network takes them: encoded, in its precision."""
        if self._features is not None:
            check_dense(X, "this model's encoding of its inputs")
            X = self._features.transform(X)
        return in_precision(X, dtype)

    @property
    def coefs_(self) -> list[Array]:
        """W_1 … W_L as they are trained, views into ``parameters_.vector``.

        With an input scale, the NTK parametrization or an ensemble they are not all that a layer
        multiplies by: see `chainrule.nn.parametrization`.
        """
        return [self.parameters_[f"W{layer}"] for layer in self._layers()]

    @coefs_.setter
    def coefs_(self, weights: Sequence[Any]) -> None:
        self._assign("W", weights)

    @property
    def intercepts_(self) -> list[Array]:
        """b_1 … b_L, views into ``parameters_.vector``: of shape (n_l,), or (k, n_l) for k members."""
        given = [self.parameters_[f"b{layer}"] for layer in self._layers()]
        return given if self.network_.members > 1 else [b[0] for b in given]

    @intercepts_.setter
    def intercepts_(self, biases: Sequence[Any]) -> None:
        self._assign("b", biases)

    def _assign(self, letter: str, values: Sequence[Any]) -> None:
        layers = self._layers()
        self._own_arrays()
        for layer, value in zip(layers, values, strict=True):
            self.parameters_[f"{letter}{layer}"] = value

    def _own_arrays(self) -> None:
        """Copy what cannot be written to: a model that joblib has mapped from a file."""
        parameters = self.parameters_
        if not parameters.vector.flags.writeable:
            self.parameters_ = Parameters(parameters.layout, np.array(parameters.vector))
        self._state.own_arrays()

    def _layers(self) -> range:
        if not hasattr(self, "parameters_"):
            raise AttributeError(f"this {type(self).__name__} is not fitted yet")
        return range(1, self.parameters_.depth + 1)

    @property
    def out_activation_(self) -> str:
        """The output activation, by scikit-learn's name for it."""
        if not hasattr(self, "network_"):
            raise AttributeError(f"this {type(self).__name__} is not fitted yet")
        name = str(self.network_.output)
        return {"sigmoid": "logistic", "exponential": "exp"}.get(name, name)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = self.scaling is None and not self.piecewise_linear
        return tags
