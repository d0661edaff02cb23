"""What a fitted estimator shows, and how it runs its network on new rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from chainrule.data.features import FeatureEncoder, check_dense
from chainrule.estimators.inputs import checked_X, in_precision
from chainrule.estimators.outputs import outputs_of
from chainrule.nn import ForwardRecord, Network, Parameters, prediction
from chainrule.nn.arrays import Array
from chainrule.optim import Optimizer

__all__ = ["FittedMLP"]


class FittedMLP(BaseEstimator):  # type: ignore[misc]
    """The fitted side of `MLPClassifier` and `MLPRegressor`.

    Attributes
    ----------
    network_ : Network
    parameters_ : Parameters
        There from the first fit on.
    """

    network_: Network
    parameters_: Parameters
    _features: FeatureEncoder | None = None
    _optimizer: Optimizer | None = None

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "parameters_")

    def _record(self, X: Any) -> ForwardRecord:
        """Run the forward pass on new rows."""
        check_is_fitted(self)
        X = self._inputs(checked_X(self, X), self.parameters_.dtype)
        return prediction(
            self.network_, outputs_of(self.network_, self.parameters_, X, self.n_threads)
        )

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
        self._own_arrays()
        for layer, W in zip(self._layers(), weights, strict=True):
            self.parameters_[f"W{layer}"] = W

    @property
    def intercepts_(self) -> list[Array]:
        """b_1 … b_L, views into ``parameters_.vector``: of shape (n_l,), or (k, n_l) for k members."""
        given = [self.parameters_[f"b{layer}"] for layer in self._layers()]
        return given if self.network_.members > 1 else [b[0] for b in given]

    @intercepts_.setter
    def intercepts_(self, biases: Sequence[Any]) -> None:
        self._own_arrays()
        for layer, b in zip(self._layers(), biases, strict=True):
            self.parameters_[f"b{layer}"] = b

    def _own_arrays(self) -> None:
        """Copy what cannot be written to: a model that joblib has mapped from a file."""
        if not hasattr(self, "parameters_"):
            return
        if not self.parameters_.vector.flags.writeable:
            self.parameters_ = Parameters(
                self.parameters_.layout, np.array(self.parameters_.vector)
            )
        if self._optimizer is not None:
            state = self._optimizer.state
            for name in [name for name, V in state.items() if not V.flags.writeable]:
                state[name] = np.array(state[name])

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
