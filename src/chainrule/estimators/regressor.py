"""MLPRegressor."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin

from chainrule.errors import DataError, ParameterError, unknown_name
from chainrule.estimators.base import BaseMLP
from chainrule.estimators.persistence import estimator_from_record, estimator_record
from chainrule.modelfile import ModelRecord, saveable
from chainrule.nn.arrays import Array

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
weight_decay, decay, clip_norm, callbacks, n_threads
        As for `MLPClassifier`.
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

    def _encode_target(self, y: Any, dtype: Any, reset: bool) -> Array:
        Y = np.asarray(y, dtype=dtype)
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

    def predict(self, X: Any) -> Array:
        """Return the predicted numbers.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (m, n_features)

        Returns
        -------
        ndarray of shape (m,), or (m, n_outputs) for several
        """
        A = self._record(X).A[-1]
        return A[:, 0] if A.shape[1] == 1 else A

    def to_record(self) -> ModelRecord:
        """Take the fitted model apart for `chainrule.save`."""
        return estimator_record(self, {})

    @classmethod
    def from_record(cls, record: ModelRecord) -> MLPRegressor:
        """Put together what `to_record` took apart."""
        model: MLPRegressor = estimator_from_record(cls, record)
        return model
