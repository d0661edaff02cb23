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
from chainrule.train import Dataset, Metric

__all__ = ["MLPRegressor"]

# scikit-learn's "squared_error" is half of it; the network's names say which.
NETWORK_LOSS = {"squared_error": "half_squared_error", "poisson": "poisson"}


@saveable
class MLPRegressor(RegressorMixin, BaseMLP):  # type: ignore[misc]
    """A multilayer perceptron that predicts numbers, one or several.

    A drop-in for scikit-learn's ``MLPRegressor``: the same parameters with the same defaults, the same
    fitted attributes, and for the same `random_state` the same weights. The cost is the mean over
    observations of ``½ Σ_j (ŷ_j − y_j)²``, summed over the outputs, plus ``(alpha/2m) Σ W²``; it is the
    cost that the gradient belongs to for any number of outputs. (scikit-learn 1.9 reports the mean
    over outputs and follows the gradient of the sum.)

    Parameters
    ----------
    loss : {"squared_error", "poisson"}
        Half the squared error with identity outputs, or half the Poisson deviance with exponential
        outputs, for counts: y ≥ 0.
    hidden_layer_sizes, activation, solver, alpha, batch_size, learning_rate, learning_rate_init, \
power_t, max_iter, shuffle, random_state, tol, verbose, warm_start, momentum, nesterovs_momentum, \
early_stopping, validation_fraction, beta_1, beta_2, epsilon, n_iter_no_change, max_fun, dropout, \
weight_decay, decay, clip_norm, callbacks, n_threads, scaling, piecewise_linear, input_scale, \
parametrization, initializer, zero_output, learning_rate_factors, drop_last, best_epoch, ensemble, \
bagging, precision
        As for `MLPClassifier`.
    standardize_target : bool
        Whether the network learns targets of mean 0 and standard deviation 1, by the training rows.
        Predictions and scores are in y's own units; costs, and what `tol` is compared with, are in the
        network's.
    metric : str or None
        The score of the validation rows: r2 (the default), rmse, mae, or cost.

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

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: Any = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: int = 10,
        max_fun: int = 15_000,
        dropout: Any = 0.0,
        weight_decay: float = 0.01,
        decay: float = 0.9,
        clip_norm: float | None = None,
        metric: str | None = None,
        callbacks: Any = None,
        n_threads: int | None = None,
        scaling: str | None = None,
        piecewise_linear: int = 0,
        input_scale: bool = False,
        parametrization: str = "standard",
        initializer: str = "glorot_uniform",
        zero_output: bool = False,
        learning_rate_factors: Any = None,
        drop_last: bool = False,
        best_epoch: str = "first",
        ensemble: int = 1,
        bagging: int = 1,
        precision: str | None = None,
        standardize_target: bool = False,
    ) -> None:
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.decay = decay
        self.clip_norm = clip_norm
        self.metric = metric
        self.callbacks = callbacks
        self.n_threads = n_threads
        self.scaling = scaling
        self.piecewise_linear = piecewise_linear
        self.input_scale = input_scale
        self.parametrization = parametrization
        self.initializer = initializer
        self.zero_output = zero_output
        self.learning_rate_factors = learning_rate_factors
        self.drop_last = drop_last
        self.best_epoch = best_epoch
        self.ensemble = ensemble
        self.bagging = bagging
        self.precision = precision
        self.standardize_target = standardize_target

    def _encode_target(self, y: Any, dtype: Any, reset: bool) -> Array:
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

    def _learn_encoding(self, training: Dataset, scaling: TargetScaling | None) -> None:
        super()._learn_encoding(training, scaling)
        if self.standardize_target and self.loss == "poisson":
            raise ParameterError("standardize_target makes no counts: loss='poisson' needs them")
        outputs = training.Y.shape[1]
        if scaling is None and self.standardize_target:
            scaling = TargetScaling.of(training.Y)
        self._scaling = scaling or TargetScaling.none(outputs)

    def _in_units(self, metric: Metric) -> Metric:
        scaling: TargetScaling | None = getattr(self, "_scaling", None)
        if scaling is None or (scaling.is_none and self.parameters_.dtype == np.float64):
            return metric
        return replace(metric, units=scaling.backward)

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
        record = self._record(X)
        A = self._scaling.backward(record.A[-1])
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
