"""MLPClassifier."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target, unique_labels
from sklearn.utils.validation import check_is_fitted

from chainrule.errors import DataError, ParameterError
from chainrule.estimators.base import BaseMLP, takes_steps
from chainrule.estimators.class_weight import ClassWeights
from chainrule.estimators.labels import Labels, binary_probabilities
from chainrule.estimators.persistence import estimator_from_record, estimator_record
from chainrule.modelfile import ModelRecord, saveable
from chainrule.nn.activations import log_softmax, softplus
from chainrule.nn.arrays import Array

__all__ = ["MLPClassifier"]


@saveable
class MLPClassifier(ClassifierMixin, BaseMLP):  # type: ignore[misc]
    """A multilayer perceptron that classifies: two classes, many classes, or many labels.

    A drop-in for scikit-learn's ``MLPClassifier``: the same parameters with the same defaults, the same
    fitted attributes, and for the same `random_state` the same weights. Two classes have one sigmoid
    output, more have softmax outputs, an indicator matrix has one sigmoid a column; the cost is the
    mean cross-entropy plus ``(alpha/2m) Σ W²``.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, or int
        Units of the hidden layers; ``()`` is logistic regression.
    activation : str, or sequence of str
        Of all hidden layers, or of each: identity, sigmoid (or logistic), tanh, relu, leaky_relu, elu,
        selu, softplus, gelu, silu, mish, softmax.
    solver : {"adam", "sgd", "rmsprop", "adamw", "lbfgs"}
        The optimizer.
    alpha : float
        Strength of the L2 penalty on the weights.
    batch_size : int or "auto"
        Rows of a mini-batch; "auto" is min(200, m).
    learning_rate : str or Schedule
        "constant", "step", "cosine", "one_cycle", "invscaling" or "adaptive" (the last two with
        ``solver="sgd"`` alone, as in scikit-learn), or an object from `chainrule.optim`.
    learning_rate_init : float
        η, at the start, or at the peak of "one_cycle".
    power_t : float
        The exponent of "invscaling".
    max_iter : int
        Most epochs; for "lbfgs", most iterations.
    shuffle : bool
        Whether each epoch takes the rows in a new order.
    random_state : int, RandomState or None
        Of the initial weights, the validation split, the shuffles and the dropout.
    tol : float
        What counts as an improvement; for "lbfgs", the gradient's largest entry at the end.
    verbose : bool
        Whether to print a line an epoch.
    warm_start : bool
        Whether `fit` goes on from the last one's weights.
    momentum : float
        Of "sgd".
    nesterovs_momentum : bool
        Whether that momentum is Nesterov's.
    early_stopping : bool
        Whether to set validation rows aside, stop when their score stops improving, and keep the
        best epoch's weights.
    validation_fraction : float
        How many rows that sets aside.
    beta_1, beta_2, epsilon : float
        Of "adam" and "adamw"; "rmsprop" uses the last one too.
    n_iter_no_change : int
        How many epochs without improvement are borne.
    max_fun : int
        Most cost evaluations of "lbfgs".
    class_weight : dict, "balanced" or None
        Weights of the classes, multiplied with `sample_weight`.
    dropout : float, or sequence of float
        The probability of dropping a hidden unit, for all hidden layers or for each.
    label_smoothing : float
        Moves the targets towards the uniform distribution; in [0, 1).
    weight_decay : float
        Of "adamw".
    decay : float
        ρ of "rmsprop".
    clip_norm : float or None
        The greatest norm of the gradient.
    metric : str or None
        The score of the validation rows: accuracy (the default), balanced_accuracy, f1, roc_auc,
        log_loss, or cost.
    callbacks : sequence of Callback, or None
        Hooks into the training; see `chainrule.train.Callback`.
    n_threads : int or None
        Threads to fit and predict on; the result is the same for any number. By default an equal share
        of the cores that this process may use, among all that compute in it at the moment.
    scaling : {None, "robust"}
        Of the columns of X, learned from the training rows: centered on the median, divided by the
        interquartile range, and clipped smoothly to ±3.
    piecewise_linear : int
        So many bins, between quantiles, encode each column of more than two values; 0 for none.
    input_scale : bool
        Whether each input has a learnable factor.
    parametrization : {"standard", "ntk"}
        Whether a layer multiplies by W or by W/√n_in.
    initializer : str
        Of the weights: glorot_uniform, glorot_normal, he_normal, lecun_normal, or normal.
    zero_output : bool
        Whether the output layer starts at 0.
    learning_rate_factors : dict or None
        What multiplies the learning rate of some parameters: ``{"scale": 6.0, "b": 0.1}``.
    drop_last : bool
        Whether an epoch leaves out the rows that make no whole batch.
    best_epoch : {"first", "last"}
        Which of several equally good epochs `early_stopping` keeps.
    ensemble : int
        k: train k networks that share their weights (BatchEnsemble), and predict their mean.
    bagging : int
        Train this many networks from different seeds, side by side, and predict their mean.
    precision : {None, "float32", "float64"}
        Of the computation; that of X by default.
    binary_output : {"sigmoid", "softmax"}
        Whether two classes have one sigmoid output or two of a softmax.

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
        The class labels.
    parameters_ : Parameters
        All weights and biases, in one vector with named views.
    network_ : Network
        The network and its cost.
    history_ : History
        Costs, scores, learning rates and times of every epoch.
    coefs_, intercepts_ : list of ndarray
        The weights and biases by layer.
    loss_, loss_curve_, best_loss_, validation_scores_, best_validation_score_, n_iter_, t_, \
n_layers_, n_outputs_, out_activation_, n_features_in_, feature_names_in_
        As in scikit-learn.

    References
    ----------
    Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", Nature 323,
    1986.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from chainrule import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier((8,), solver="lbfgs", alpha=0.01, random_state=0).fit(X / 8, y)
    >>> model.score(X / 8, y) > 0.95
    True
    """

    default_metric = "accuracy"
    is_classification = True

    def __init__(
        self,
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
        class_weight: Any = None,
        dropout: Any = 0.0,
        label_smoothing: float = 0.0,
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
        binary_output: str = "sigmoid",
    ) -> None:
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
        self.class_weight = class_weight
        self.dropout = dropout
        self.label_smoothing = label_smoothing
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
        self.binary_output = binary_output

    @available_if(takes_steps)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Go once over a batch of rows, keeping the weights and the optimizer's state.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        classes : array-like of shape (K,), optional
            All classes that will ever come; the first call needs them, unless y is an indicator
            matrix.

        Returns
        -------
        self

        Raises
        ------
        ParameterError
            If the first call lacks `classes`, or a later one names others.
        """
        if self.class_weight == "balanced":
            raise ParameterError(
                "class_weight='balanced' needs all rows at once, and partial_fit has a batch: give "
                "a dict of the classes' weights"
            )
        if hasattr(self, "classes_"):
            if classes is not None and not np.array_equal(self.classes_, unique_labels(classes)):
                raise ParameterError(
                    f"classes={list(classes)} is not the same as on the last call to partial_fit, "
                    f"{list(self.classes_)}"
                )
        elif type_of_target(y).startswith("multilabel"):
            pass  # the columns say it
        elif classes is None:
            raise ParameterError("classes must be passed on the first call to partial_fit.")
        else:
            self._first_labels = Labels.of(unique_labels(classes))
        try:
            self._fit(X, y, sample_weight, None, incremental=True)
        finally:
            self.__dict__.pop("_first_labels", None)
        return self

    def _encode_target(self, y: Any, dtype: Any, reset: bool) -> Array:
        if reset:
            # partial_fit was told of classes that this batch may lack.
            known = getattr(self, "_first_labels", None)
            self._labels = (known or Labels.of(y)).with_output(self.binary_output)
            self.classes_ = self._labels.classes
        return self._labels.encode(y, dtype)

    def _check_warm_start(self, y: Any) -> None:
        if self._labels.kind != "multilabel" and set(unique_labels(y)) != set(self.classes_):
            raise DataError(
                "warm_start can only be used where `y` has the same classes as in the previous "
                f"call to fit. Previously got {self.classes_}, `y` has {unique_labels(y)}"
            )

    def _loss_name(self) -> str:
        return self._labels.loss

    def _target_weight(self, y: Any, fresh: bool) -> Array | None:
        """Return the weight of each row's class; a fit reads the classes' weights off its rows."""
        if self.class_weight is None:
            return None
        if fresh:
            classes = None if self._labels.kind == "multilabel" else self.classes_
            self._class_weights = ClassWeights.of(self.class_weight, y, classes)
        return self._class_weights.of_rows(y)

    def decision_function(self, X: Any) -> Array:
        """Return the outputs before the last activation, Z_L: the log-odds.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (m, n_features)

        Returns
        -------
        ndarray of shape (m,) for two classes, else (m, n_outputs)
        """
        Z: Array = self._record(X).Z[-1]
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
        record = self._record(X)
        return binary_probabilities(record) if self._labels.kind == "binary" else record.A[-1]

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithm of `predict_proba`, from the logits: it is finite where that is 0."""
        Z = self._record(X).Z[-1]
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
        A = self._record(X).A[-1]
        return self._labels.decode(A)

    def to_record(self) -> ModelRecord:
        """Take the fitted model apart for `chainrule.save`."""
        check_is_fitted(self)
        return estimator_record(self, {"labels": self._labels.to_dict()})

    @classmethod
    def from_record(cls, record: ModelRecord) -> MLPClassifier:
        """Put together what `to_record` took apart."""
        model: MLPClassifier = estimator_from_record(cls, record)
        model._labels = Labels.from_dict(record.details["labels"])
        model.classes_ = model._labels.classes
        if (model._labels.outputs, model._labels.loss) != (
            record.network.sizes[-1],
            record.network.loss,
        ):
            raise DataError("the labels do not fit the network's outputs")
        return model

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
