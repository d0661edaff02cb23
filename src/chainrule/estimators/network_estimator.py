"""What all estimators on arrays have in common: a fit, and what comes of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from chainrule.data.features import FeatureEncoder
from chainrule.errors import DataError
from chainrule.estimators.building import check_parameters
from chainrule.estimators.fitted import Fitted
from chainrule.estimators.fitting import prepared
from chainrule.estimators.inputs import checked_random_state
from chainrule.estimators.persistence import fitted_from_record, fitted_record
from chainrule.estimators.plan import FitPlan
from chainrule.estimators.targets import Target
from chainrule.estimators.training import TrainingState
from chainrule.estimators.validated import (
    checked_inputs,
    checked_weight,
    checked_X,
    unpacked_validation,
)
from chainrule.modelfile import ModelRecord
from chainrule.nn import Network, Output, Parameters
from chainrule.train import Dataset, History

__all__ = ["NetworkEstimator"]


class NetworkEstimator(BaseEstimator):  # type: ignore[misc]
    """The base of all estimators that train a network, or several, on arrays.

    The random numbers of a fit are drawn from one `RandomState` in scikit-learn's order: the initial
    weights and biases (W1, b1, W2, b2 and so on), the validation split, then the shuffle of each epoch.
    Where the encoding of the inputs or the targets has to be learned from the training rows, the split
    comes first.

    A fit is the straight line of `chainrule.estimators.fitting`, which `TableModel` goes too; this class
    and its two heirs give it the face of scikit-learn.
    """

    target_class: ClassVar[type[Target]]

    history_: History
    _fitted: Fitted | None = None

    @abstractmethod
    def _target(self, y: Any, settings: Mapping[str, Any], plan: FitPlan, known: Any) -> Target:
        """Return how to encode y: anew, or as the fit before did, if the plan goes on with it.

        Parameters
        ----------
        y : ndarray
        settings : mapping
        plan : FitPlan
        known : object or None
            What is known of the target before the rows are.
        """

    n_threads: int | None
    random_state: Any

    def _settings(self) -> dict[str, Any]:
        """Return all settings of the training."""
        settings: dict[str, Any] = self.get_params(deep=False)
        return settings

    @classmethod
    def _own(cls, settings: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters of this class, of all settings of a training."""
        return settings

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
        """Check settings and rows, split and encode them, build the network, train it, publish it."""
        settings = self._settings()
        check_parameters(self.target_class.settings_class, settings)
        self.target_class.metric(settings)
        rng = checked_random_state(self.random_state)
        plan = FitPlan.of(
            settings,
            fitted=self._fitted is not None,
            incremental=incremental,
            validated=validation_data is not None,
        )
        X, y = self._checked(X, y, reset=plan.fresh)
        target = self._target(y, settings, plan, known).in_training(y, settings)
        training = target.dataset(X, y, checked_weight(sample_weight, X.dtype))
        validation = None
        if validation_data is not None:
            validation = self._validation(target, *unpacked_validation(validation_data))
        names = getattr(self, "feature_names_in_", None)
        fit = prepared(settings, plan, target, training, validation, rng, self._fitted, names)
        if plan.fresh:  # a training that fails leaves nothing behind
            self._fitted = None
        self._publish(fit.train())
        return self

    def _checked(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        """Return rows as arrays."""
        numeric = not self.target_class.is_classification
        return checked_inputs(self, X, y, numeric_target=numeric, reset=reset)

    def _validation(self, target: Target, X: Any, y: Any, sample_weight: Any) -> Dataset:
        """Return the user's validation rows, checked."""
        X, y = self._checked(X, y, reset=False)
        return target.dataset(X, y, checked_weight(sample_weight, X.dtype))

    def _publish(self, fitted: Fitted) -> None:
        """Set the fitted attributes that scikit-learn's users read."""
        self._fitted, self.history_ = fitted, fitted.history
        self.__dict__.pop("bag_histories_", None)
        if fitted.bag:
            self.bag_histories_ = list(fitted.bag)
        self.t_ = fitted.state.observations
        self.n_iter_ = fitted.iterations
        self.loss_ = fitted.cost
        self.loss_curve_ = fitted.history.cost
        self.best_loss_ = fitted.best_cost
        self.best_validation_score_ = fitted.best_score
        watched = fitted.best_score is not None
        self.validation_scores_ = fitted.history.validation_score if watched else None
        self.n_layers_ = len(fitted.network.sizes)
        self.n_outputs_ = fitted.network.sizes[-1]

    @classmethod
    def from_fitted(cls, settings: Mapping[str, Any], fitted: Fitted) -> Self:
        """Return a fitted estimator, which shares the parameters with what it is made of.

        Parameters
        ----------
        settings : mapping
            Its parameters.
        fitted : Fitted
        """
        model = cls(**settings)
        model.n_features_in_ = fitted.columns
        model._publish(fitted)
        return model

    # ------------------------------------------------------------------------------ a fitted network

    def __sklearn_is_fitted__(self) -> bool:
        return self._fitted is not None

    @property
    def _known(self) -> Fitted:
        """The fitted network."""
        if self._fitted is None:
            raise AttributeError(f"this {type(self).__name__} is not fitted yet")
        return self._fitted

    @property
    def network_(self) -> Network:
        """The network, and its cost."""
        return self._known.network

    @property
    def parameters_(self) -> Parameters:
        """All weights and biases, in one vector with named views."""
        return self._known.parameters

    @property
    def _features(self) -> FeatureEncoder | None:
        return self._known.features

    @property
    def _state(self) -> TrainingState:
        return self._known.state

    def to_record(self) -> ModelRecord:
        """Take the fitted model apart for `chainrule.save`."""
        check_is_fitted(self)
        names = getattr(self, "feature_names_in_", None)
        return fitted_record(type(self).__name__, self._settings(), self._known, names)

    @classmethod
    def from_record(cls, record: ModelRecord) -> Self:
        """Put together what `to_record` took apart."""
        settings, fitted = fitted_from_record(cls.target_class, record)
        model = cls.from_fitted(cls._own(settings), fitted)
        names = record.details["feature_names"]
        if names is not None:
            if (
                not isinstance(names, list)
                or len(names) != fitted.columns
                or not all(isinstance(name, str) for name in names)
            ):
                raise DataError("the feature names do not fit the network's inputs")
            model.feature_names_in_ = np.array(names, dtype=object)
        return model

    def _output(self, X: Any) -> Output:
        """Run the forward pass on new rows."""
        check_is_fitted(self)
        fitted = self._known
        return fitted.output(fitted.inputs(checked_X(self, X)), self.n_threads)

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
        return self._known.inputs(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        settings = self._settings()
        tags.input_tags.sparse = settings["scaling"] is None and not settings["piecewise_linear"]
        return tags
