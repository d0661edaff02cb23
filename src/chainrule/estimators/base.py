"""What MLPClassifier and MLPRegressor have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from sklearn.utils.metaestimators import available_if

from chainrule.estimators.network_estimator import NetworkEstimator
from chainrule.estimators.plan import takes_steps
from chainrule.nn.arrays import Array
from chainrule.settings import TrainingSettings, preset_settings

__all__ = ["BaseMLP"]


class BaseMLP(TrainingSettings, NetworkEstimator):
    """The base of `MLPClassifier` and `MLPRegressor`; use one of those."""

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
        preset : {"realmlp", "plain", "pack"}
            "realmlp" is the recipe RealMLP-TD-S, made for tables; "pack" an ensemble of networks whose
            settings are drawn at random; "plain" the class's own defaults.
        **parameters
            What is to be otherwise.

        Raises
        ------
        ParameterError
            If there is no such preset.
        """
        settings = preset_settings(preset, classification=cls.target_class.is_classification)
        return cls(**{**settings, **parameters})

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
        self._known.own_arrays()
        for layer, value in zip(layers, values, strict=True):
            self.parameters_[f"{letter}{layer}"] = value

    def _layers(self) -> range:
        if self.network_.networks:
            raise AttributeError(
                "a pack has the weights of several networks: ask one of them, "
                "network_.member(parameters_, 0)"
            )
        return range(1, self.parameters_.depth + 1)

    @property
    def out_activation_(self) -> str:
        """The output activation, by scikit-learn's name for it."""
        name = str(self.network_.output)
        return {"sigmoid": "logistic", "exponential": "exp"}.get(name, name)
