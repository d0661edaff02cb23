"""The target of a fit, as the network sees it: classes or numbers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from chainrule.errors import DataError, ParameterError, unknown_name
from chainrule.estimators.class_weight import ClassWeights
from chainrule.estimators.inputs import usable_weight
from chainrule.estimators.labels import Labels
from chainrule.estimators.scaling import TargetScaling
from chainrule.nn import Network
from chainrule.nn.arrays import Array
from chainrule.settings import ClassifierSettings, RegressorSettings, TrainingSettings
from chainrule.settings.choices import NETWORK_LOSS
from chainrule.train import Dataset, Metric, get_metric

__all__ = ["ClassTarget", "NumberTarget", "Target"]


class Target(ABC):
    """How a target becomes the rows that a network learns; immutable."""

    is_classification: ClassVar[bool]
    default_metric: ClassVar[str]
    settings_class: ClassVar[type[TrainingSettings]]

    @property
    @abstractmethod
    def loss(self) -> str:
        """The loss of the network."""

    @abstractmethod
    def encode(self, y: Any, dtype: Any) -> Array:
        """Return targets of shape (m, n_outputs)."""

    def in_training(self, y: Any, settings: Mapping[str, Any]) -> Self:
        """Return the target with what the rows and the settings of one training say about it."""
        return self

    def learned(self, training: Dataset, settings: Mapping[str, Any]) -> Self:
        """Return the target with what is learned from the training rows."""
        return self

    def weight(self, y: Any) -> Array | None:
        """Return what the target itself says about the weights of its observations."""
        return None

    def forward(self, Y: Array) -> Array:
        """Return encoded targets as the network takes them."""
        return Y

    def in_units(self, metric: Metric | None, dtype: Any) -> Metric | None:
        """Return a metric that reports in the target's own units."""
        return metric

    @classmethod
    def metric(cls, settings: Mapping[str, Any]) -> Metric | None:
        """Return the metric of the validation rows; None means their cost."""
        name = cls.default_metric if settings["metric"] is None else settings["metric"]
        if not isinstance(name, str):
            raise ParameterError(f"metric must be a name or None, not {name!r}")
        return None if name == "cost" else get_metric(name, classification=cls.is_classification)

    @classmethod
    @abstractmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Raise a ParameterError if the settings ask for a target that there is not."""

    def dataset(self, X: Any, y: Any, weight: Array | None) -> Dataset:
        """Return checked rows, with this target encoded and its weights in theirs.

        Parameters
        ----------
        X : array of shape (m, n)
            Finite floats.
        y : array
            As `encode` takes it.
        weight : ndarray of shape (m,), optional
            In X's precision.
        """
        return Dataset(X, self.encode(y, X.dtype), usable_weight(weight, self.weight(y), X))

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return what a model file holds of it."""

    @classmethod
    @abstractmethod
    def from_dict(cls, record: Mapping[str, Any], network: Network) -> Self:
        """Build a target from what `to_dict` returned, checking it."""


@dataclass(frozen=True)
class ClassTarget(Target):
    """Classes, or many labels.

    Parameters
    ----------
    labels : Labels
    class_weights : ClassWeights, optional
    """

    is_classification = True
    default_metric = "accuracy"
    settings_class = ClassifierSettings

    labels: Labels
    class_weights: ClassWeights | None = None

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Accept all settings: the rows say what the labels are."""

    @property
    def loss(self) -> str:
        """The loss that belongs to the labels."""
        return self.labels.loss

    def encode(self, y: Any, dtype: Any) -> Array:
        """Return 0 and 1 for each output."""
        return self.labels.encode(y, dtype)

    def in_training(self, y: Any, settings: Mapping[str, Any]) -> Self:
        """Return the target with the classes' weights, read off the rows."""
        given = settings["class_weight"]
        if given is None:
            return replace(self, class_weights=None)
        classes = None if self.labels.kind == "multilabel" else self.labels.classes
        return replace(self, class_weights=ClassWeights.of(given, y, classes))

    def weight(self, y: Any) -> Array | None:
        """Return the weight of each row's class."""
        return None if self.class_weights is None else self.class_weights.of_rows(y)

    def to_dict(self) -> dict[str, Any]:
        """Return the labels."""
        return {"labels": self.labels.to_dict()}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any], network: Network) -> Self:
        """Build a target from what `to_dict` returned, checking it."""
        labels = Labels.from_dict(record["labels"])
        if (labels.outputs, labels.loss) != (network.sizes[-1], network.loss):
            raise DataError("the labels do not fit the network's outputs")
        return cls(labels)


@dataclass(frozen=True)
class NumberTarget(Target):
    """Numbers, one or several.

    Parameters
    ----------
    name : str
        The loss, as the setting names it.
    scaling : TargetScaling, optional
        Learned from the training rows, or none at all, if it is not given.
    """

    is_classification = False
    default_metric = "r2"
    settings_class = RegressorSettings

    name: str
    scaling: TargetScaling | None = None

    @classmethod
    def of(cls, settings: Mapping[str, Any], scaling: TargetScaling | None = None) -> Self:
        """Return the target that a regressor's settings describe."""
        cls.check(settings)
        return cls(settings["loss"], scaling)

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Raise a ParameterError if the settings ask for a target that there is not."""
        name = settings["loss"]
        if not isinstance(name, str):
            raise ParameterError(
                f"loss must be a name, not {name!r}: it is the first parameter, as in "
                f"scikit-learn; did you mean hidden_layer_sizes={name!r}?"
            )
        if name not in NETWORK_LOSS:
            raise unknown_name("loss", name, NETWORK_LOSS)
        if name == "poisson" and settings["standardize_target"]:
            raise ParameterError("standardize_target makes no counts: loss='poisson' needs them")

    @property
    def loss(self) -> str:
        """The loss, as the network names it."""
        return NETWORK_LOSS[self.name]

    @property
    def known_scaling(self) -> TargetScaling:
        """The scaling, which the fit has learned."""
        assert self.scaling is not None
        return self.scaling

    def encode(self, y: Any, dtype: Any) -> Array:
        """Return the numbers, in float64: a mean is subtracted before they are float32."""
        Y = np.asarray(y, dtype=np.float64)
        Y = Y[:, np.newaxis] if Y.ndim == 1 else Y
        if self.name == "poisson" and (Y < 0).any():
            row = int(np.argmax((Y < 0).any(axis=1)))
            raise DataError(f"y[{row}] is negative: loss='poisson' needs targets of at least 0")
        return Y

    def learned(self, training: Dataset, settings: Mapping[str, Any]) -> Self:
        """Return the target with its scaling."""
        if self.scaling is not None:
            return self
        Y = training.Y
        known = (
            TargetScaling.of(Y)
            if settings["standardize_target"]
            else TargetScaling.none(Y.shape[1])
        )
        return replace(self, scaling=known)

    def forward(self, Y: Array) -> Array:
        """Return standardized targets."""
        return self.known_scaling.forward(Y)

    def in_units(self, metric: Metric | None, dtype: Any) -> Metric | None:
        """Return a metric that scales back what it compares."""
        scaling = self.known_scaling
        if metric is None or (scaling.is_none and dtype == np.float64):
            return metric
        return replace(metric, units=scaling.backward)

    def to_dict(self) -> dict[str, Any]:
        """Return the scaling; the loss is among the settings."""
        return {"target_scaling": self.known_scaling.to_dict()}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any], network: Network) -> Self:
        """Build a target from what `to_dict` returned, checking it."""
        name = next((name for name, loss in NETWORK_LOSS.items() if loss == network.loss), None)
        if name is None:
            raise DataError(f"a regression has no loss {network.loss!r}")
        return cls(name, TargetScaling.from_dict(record["target_scaling"], network.sizes[-1]))
