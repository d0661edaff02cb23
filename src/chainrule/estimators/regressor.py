"""MLPRegressor."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from chainrule.errors import DataError, ParameterError, unknown_name
from chainrule.estimators.base import BaseMLP
from chainrule.estimators.persistence import estimator_from_record, estimator_record
from chainrule.estimators.scaling import TargetScaling
from chainrule.modelfile import ModelRecord, saveable
from chainrule.nn.arrays import Array
from chainrule.settings import RegressorSettings
from chainrule.settings.choices import NETWORK_LOSS
from chainrule.settings.rows import documented
from chainrule.train import Dataset, Metric

__all__ = ["MLPRegressor"]


@saveable
@documented
class MLPRegressor(RegressorSettings, RegressorMixin, BaseMLP):  # type: ignore[misc]
    """A multilayer perceptron that predicts numbers, one or several.

    A drop-in for scikit-learn's ``MLPRegressor``: the same parameters with the same defaults, the same
    fitted attributes, and for the same `random_state` the same weights. The cost is the mean over
    observations of ``½ Σ_j (ŷ_j − y_j)²``, summed over the outputs, plus ``(alpha/2m) Σ W²``; it is the
    cost that the gradient belongs to for any number of outputs. (scikit-learn 1.9 reports the mean
    over outputs and follows the gradient of the sum.)

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    parameters_, network_, history_, coefs_, intercepts_, loss_, loss_curve_, best_loss_, \
validation_scores_, best_validation_score_, n_iter_, t_, n_layers_, n_outputs_, out_activation_, \
n_features_in_, feature_names_in_
        As for `MLPClassifier`.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import MLPRegressor
    >>> X = np.linspace(-1, 1, 50)[:, None]
    >>> model = MLPRegressor(hidden_layer_sizes=(8,), activation="tanh", solver="lbfgs", random_state=0)
    >>> model.fit(X, X[:, 0] ** 2).score(X, X[:, 0] ** 2) > 0.99
    True
    """

    default_metric = "r2"
    is_classification = False

    def _encode_target(
        self, y: Any, dtype: Any, *, reset: bool, known: TargetScaling | None
    ) -> Array:
        Y = np.asarray(y, dtype=np.float64)  # a mean is subtracted before float32 is
        Y = Y[:, np.newaxis] if Y.ndim == 1 else Y
        if self.loss == "poisson" and (Y < 0).any():
            row = int(np.argmax((Y < 0).any(axis=1)))
            raise DataError(f"y[{row}] is negative: loss='poisson' needs targets of at least 0")
        return Y

    def _loss_name(self) -> str:
        if not isinstance(self.loss, str):
            raise ParameterError(
                f"loss must be a name, not {self.loss!r}: it is the first parameter, as in "
                f"scikit-learn; did you mean hidden_layer_sizes={self.loss!r}?"
            )
        if self.loss not in NETWORK_LOSS:
            raise unknown_name("loss", self.loss, NETWORK_LOSS)
        return NETWORK_LOSS[self.loss]

    def _learns_encoding(self) -> bool:
        return super()._learns_encoding() or self.standardize_target

    def _learn_target(self, training: Dataset, known: TargetScaling | None) -> None:
        if self.standardize_target and self.loss == "poisson":
            raise ParameterError("standardize_target makes no counts: loss='poisson' needs them")
        if known is None and self.standardize_target:
            known = TargetScaling.of(training.Y)
        self._scaling = known or TargetScaling.none(training.Y.shape[1])

    def _in_units(self, metric: Metric | None, dtype: Any) -> Metric | None:
        if metric is None or (self._scaling.is_none and dtype == np.float64):
            return metric
        return replace(metric, units=self._scaling.backward)

    def _targets(self, Y: Array) -> Array:
        return self._scaling.forward(Y)

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

    def to_record(self) -> ModelRecord:
        """Take the fitted model apart for `chainrule.save`."""
        check_is_fitted(self)
        return estimator_record(self, {"target_scaling": self._scaling.to_dict()})

    @classmethod
    def from_record(cls, record: ModelRecord) -> MLPRegressor:
        """Put together what `to_record` took apart."""
        model: MLPRegressor = estimator_from_record(cls, record)
        model._scaling = TargetScaling.from_dict(
            record.details["target_scaling"], record.network.sizes[-1]
        )
        return model
