"""What a fitted estimator shows, and how it runs its network on new rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from chainrule.core import forward_output
from chainrule.estimators.inputs import checked_X, in_precision
from chainrule.nn import ForwardRecord, Network, Parameters
from chainrule.nn.arrays import Array

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

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "parameters_")

    def _record(self, X: Any) -> ForwardRecord:
        """Run the forward pass on new rows."""
        check_is_fitted(self)
        X = in_precision(checked_X(self, X), self.parameters_.dtype)
        return forward_output(self.network_, self.parameters_, X, self.n_threads)

    @property
    def coefs_(self) -> list[Array]:
        """W_1 … W_L, views into ``parameters_.vector``."""
        return [self.parameters_[f"W{layer}"] for layer in self._layers()]

    @coefs_.setter
    def coefs_(self, weights: Sequence[Any]) -> None:
        for layer, W in zip(self._layers(), weights, strict=True):
            self.parameters_[f"W{layer}"] = W

    @property
    def intercepts_(self) -> list[Array]:
        """b_1 … b_L, each of shape (n_l,), views into ``parameters_.vector``."""
        return [self.parameters_[f"b{layer}"][0] for layer in self._layers()]

    @intercepts_.setter
    def intercepts_(self, biases: Sequence[Any]) -> None:
        for layer, b in zip(self._layers(), biases, strict=True):
            self.parameters_[f"b{layer}"] = b

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
        tags.input_tags.sparse = True
        return tags
