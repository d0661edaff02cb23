"""What users of scikit-learn ask of a classifier, and of a regressor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import unique_labels

from chainrule.errors import DataError
from chainrule.estimators.fitted import Fitted
from chainrule.estimators.labels import Labels, binary_probabilities
from chainrule.estimators.network_estimator import NetworkEstimator
from chainrule.estimators.plan import FitPlan
from chainrule.estimators.scaling import TargetScaling
from chainrule.estimators.targets import ClassTarget, NumberTarget
from chainrule.nn.activations import log_softmax, softplus
from chainrule.nn.arrays import Array

__all__ = ["ClassifierFace", "RegressorFace"]


class ClassifierFace(ClassifierMixin, NetworkEstimator):  # type: ignore[misc]
    """The methods of a classifier."""

    target_class = ClassTarget

    def _target(
        self, y: Any, settings: Mapping[str, Any], plan: FitPlan, known: Labels | None
    ) -> ClassTarget:
        if plan.fresh:
            return ClassTarget((known or Labels.of(y)).with_output(settings["binary_output"]))
        target = self._known.target
        assert isinstance(target, ClassTarget)
        labels = target.labels
        if labels.kind != "multilabel" and not plan.incremental:
            found = unique_labels(y)
            if set(found) != set(labels.classes):
                raise DataError(
                    "warm_start can only be used where `y` has the same classes as in the previous "
                    f"call to fit. Previously got {labels.classes}, `y` has {found}"
                )
        return target

    def _publish(self, fitted: Fitted) -> None:
        super()._publish(fitted)
        self.classes_ = self._labels.classes

    @property
    def _labels(self) -> Labels:
        target = self._known.target
        assert isinstance(target, ClassTarget)
        return target.labels

    def decision_function(self, X: Any) -> Array:
        """Return the outputs before the last activation, Z_L: the log-odds.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (m, n_features)

        Returns
        -------
        ndarray of shape (m,) for two classes, else (m, n_outputs)
        """
        Z: Array = self._output(X).Z
        if self._labels.kind == "binary":
            return Z[:, 0]
        # the log-odds of the second of two classes
        return Z[:, 1] - Z[:, 0] if self._labels.two_outputs else Z

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, or of each label.

        Returns
        -------
        ndarray of shape (m, K)
            Columns as in `classes_`.
        """
        output = self._output(X)
        return binary_probabilities(output) if self._labels.kind == "binary" else output.A

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithm of `predict_proba`, from the logits: it is finite where that is 0."""
        Z = self._output(X).Z
        match self._labels.kind:
            case "binary":
                return -np.hstack([softplus(Z), softplus(-Z)])
            case "multiclass":
                return log_softmax(Z)
            case _:
                return -softplus(-Z)

    def predict(self, X: Any) -> Array:
        """Return the most probable class of each row; for many labels, a row of 0 and 1.

        Returns
        -------
        ndarray of shape (m,), or (m, K) for many labels
        """
        A = self._output(X).A
        return self._labels.decode(A)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class RegressorFace(RegressorMixin, NetworkEstimator):  # type: ignore[misc]
    """The methods of a regressor."""

    target_class = NumberTarget

    def _target(
        self, y: Any, settings: Mapping[str, Any], plan: FitPlan, known: Any
    ) -> NumberTarget:
        return NumberTarget.of(settings, None if plan.fresh else self._scaling)

    @property
    def _scaling(self) -> TargetScaling:
        target = self._known.target
        assert isinstance(target, NumberTarget)
        return target.known_scaling

    def predict(self, X: Any) -> Array:
        """Return the predicted numbers.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (m, n_features)

        Returns
        -------
        ndarray of shape (m,), or (m, n_outputs) for several
            float64, in y's own units.
        """
        output = self._output(X)  # which says so where nothing is fitted
        A = self._scaling.backward(output.A)
        return A[:, 0] if A.shape[1] == 1 else A
