"""Network: what a network does with numbers. It holds none; those are its `Parameters`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from chainrule.errors import ParameterError, ShapeError
from chainrule.nn import propagation
from chainrule.nn.architecture import Architecture
from chainrule.nn.arrays import Array, is_sparse
from chainrule.nn.initializers import RandomGenerator, initialize
from chainrule.nn.parameters import Parameters
from chainrule.nn.parametrization import member_of
from chainrule.nn.weighting import check_weight_sum

__all__ = ["Network"]


@dataclass(frozen=True)
class Network(Architecture):
    """A feed-forward network and its cost: sizes, activations, loss, reduction, penalty. Immutable.

    .. code-block:: text

        Z_l = A_{l−1} W_l + b_l,   A_l = g_l(Z_l),   l = 1 … L,   A_0 = X
        J   = s · (1/m) Σ_i ℓ(A_L[i], Y[i]) + penalty(θ)

    Parameters
    ----------
    sizes : sequence of int
        n_0, n_1 … n_L: inputs, hidden layers, outputs. Two sizes are linear or logistic regression.
    hidden : str or sequence of str
        One activation for all hidden layers, or one for each.
    output : str, optional
        The output activation; by default the one that belongs to the loss, identity if none does.
    loss : str, optional
        "binary_cross_entropy" (sigmoid), "categorical_cross_entropy" (softmax), "poisson"
        (exponential), "squared_error" or "half_squared_error" (any output; summed over outputs). By
        default the one that belongs to the output, else "half_squared_error".
    reduction : {"mean", "sum"}
        Over observations. With weights w a mean is Σ w_i ℓ_i / Σ w_i.
    penalty : L2, optional
        Added to the cost; neither the reduction nor the cost scale touches it.
    cost_scale : float
        s, a constant in front of the data term.
    label_smoothing : float
        In [0, 1): moves the targets of a cross-entropy towards the uniform distribution.
    input_scale : bool
        Whether each input is multiplied by a learnable number before the first layer.
    parametrization : {"standard", "ntk"}
        Whether a layer multiplies by W_l itself, or by W_l/√n_{l−1}.
    members : int
        k: an ensemble of k networks is trained as one. Its cost is the mean of theirs, and what it
        predicts is the mean of what they predict.
    shared_weights : bool
        Whether the members share the W of the hidden layers, and differ in the factors R and S, the
        biases and the output layer (BatchEnsemble), or have nothing in common but the input scale and
        the embedding.
    embedding : PeriodicEmbedding, optional
        Hands the first layer learned waves of the first inputs beside them.

    Raises
    ------
    ParameterError
        If a name is unknown, a size is not a positive integer, or the output and the loss do not go
        together.

    Examples
    --------
    >>> net = Network((2, 3, 1), hidden="tanh", loss="binary_cross_entropy")
    >>> params = net.init(seed=0)
    >>> cost, grads = net.cost_and_gradients(params, [[0.5, -1.0]], [[1.0]])
    >>> round(float(cost), 6), grads["W1"].shape
    (0.348822, (2, 3))
    """

    def init(
        self,
        seed: int | RandomGenerator | None = None,
        initializer: str = "glorot_uniform",
        dtype: DTypeLike = np.float64,
        *,
        zero_output: bool = False,
        frequency_scale: float = 1.0,
    ) -> Parameters:
        """Draw initial parameters; see `chainrule.nn.initializers.initialize`."""
        return initialize(
            self.layout,
            self.hidden,
            seed,
            initializer,
            dtype,
            zero_output=zero_output,
            frequency_scale=frequency_scale,
        )

    def member(self, parameters: Parameters, index: int) -> tuple[Network, Parameters]:
        """Return one member of an ensemble as a plain network, with its parameters.

        Without an ensemble it is the network itself, with V_l for its weights: what the input scale
        and the parametrization make of W_l.

        Parameters
        ----------
        parameters : Parameters
        index : int
            Counted from 0.

        Raises
        ------
        ParameterError
            If there is no such member.
        """
        return member_of(self, parameters, index)

    def forward(self, parameters: Parameters, X: ArrayLike) -> list[Array]:
        """Return [A_0 … A_L], the activations of every layer; of an ensemble, those of each member.

        Parameters
        ----------
        parameters : Parameters
        X : array-like or sparse array of shape (m, n_0)

        Raises
        ------
        ShapeError
            If X or the parameters do not fit the network.
        """
        return propagation.forward(self, parameters, self.checked_X(parameters, X)).A

    def predict(self, parameters: Parameters, X: ArrayLike) -> Array:
        """Return Ŷ = A_L, of shape (m, n_L); of an ensemble, the mean of its members'."""
        output = propagation.forward_output(self, parameters, self.checked_X(parameters, X))
        return propagation.prediction(self, output).A

    def cost(
        self,
        parameters: Parameters,
        X: ArrayLike,
        Y: ArrayLike,
        observation_weight: ArrayLike | None = None,
    ) -> Any:
        """Return J, one scalar; the parameters are those of `cost_and_gradients`."""
        inputs, targets, weight = self.checked_batch(parameters, X, Y, observation_weight)
        output = propagation.forward_output(self, parameters, inputs)
        return propagation.cost(self, parameters, output, targets, weight)

    def cost_and_gradients(
        self,
        parameters: Parameters,
        X: ArrayLike,
        Y: ArrayLike,
        observation_weight: ArrayLike | None = None,
    ) -> tuple[Any, Parameters]:
        """Return J and ∂J/∂θ.

        Parameters
        ----------
        parameters : Parameters
        X : array-like or sparse array of shape (m, n_0)
        Y : array-like of shape (m, n_L), or (m,) for one output
        observation_weight : array-like of shape (m,), optional
            At least 0 each, and not all 0.

        Returns
        -------
        cost : scalar
        gradients : Parameters
            ``gradients["W1"]`` is ∂J/∂W1, of W1's shape; ``gradients.vector`` is all of it.

        Raises
        ------
        ShapeError
            If an array does not fit the network; the message says which, what it is, and what it
            must be.
        ParameterError
            If a target or a weight has a value that it cannot have.
        """
        batch = self.checked_batch(parameters, X, Y, observation_weight)
        return propagation.cost_and_gradients(self, parameters, *batch)

    def checked_X(self, parameters: Parameters, X: Any) -> Any:
        """Return X as an array that fits the network, in the parameters' precision."""
        if not isinstance(parameters, Parameters):
            raise ParameterError(
                f"parameters must be a Parameters, not a {type(parameters).__name__}"
            )
        if parameters.sizes != self.sizes:
            raise ShapeError(
                f"the parameters belong to a network of sizes {parameters.sizes}, "
                f"this one has {self.sizes}"
            )
        if parameters.layout != self.layout:
            raise ShapeError(
                f"the parameters are {', '.join(parameters)}; this network has "
                f"{', '.join(name for name, _ in self.layout.shapes())}"
            )
        X = X.tocsr() if is_sparse(X) else as_array("X", X)  # not every sparse format has rows
        if X.ndim != 2:
            raise ShapeError(
                f"X must have two dimensions, one row an observation, not shape {X.shape}"
            )
        if X.shape[1] != self.sizes[0]:
            raise ShapeError(f"X has {X.shape[1]} columns, the network has {self.sizes[0]} inputs")
        return in_precision("X", X, parameters.dtype)

    def checked_batch(
        self, parameters: Parameters, X: Any, Y: Any, weight: ArrayLike | None
    ) -> tuple[Any, Array, Array | None]:
        """Return X, Y and the weights as arrays that fit the network and each other."""
        X = self.checked_X(parameters, X)
        m = X.shape[0]
        if m == 0:
            raise ShapeError("X has no rows: a cost needs at least one observation")
        Y = as_array("Y", Y)
        if Y.ndim == 1 and self.sizes[-1] == 1:
            Y = Y[:, np.newaxis]  # a column: (m,) against (m, 1) would broadcast to (m, m)
        if Y.shape != (m, self.sizes[-1]):
            raise ShapeError(
                f"Y has shape {Y.shape}; {m} observations of a network with {self.sizes[-1]} "
                f"outputs need ({m}, {self.sizes[-1]})"
            )
        Y = in_precision("Y", Y, parameters.dtype)
        self.loss_function.check_targets(Y)
        if weight is not None:
            weight = checked_weight(weight, m, parameters.dtype)
        return X, Y, weight


def as_array(name: str, value: Any) -> Array:
    """Return `value` as an array, or raise a ShapeError where its rows differ in length."""
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ShapeError(f"{name} is not an array: its rows differ in length") from error


def in_precision(name: str, array: Any, dtype: np.dtype[Any]) -> Any:
    """Return `array` in the real precision that goes with `dtype`; complex arrays stay complex."""
    if array.dtype.kind == "c":
        return array
    try:
        return array.astype(np.float64 if dtype.kind == "c" else dtype, copy=False)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{name} must hold numbers alone: {error}") from error


def checked_weight(weight: ArrayLike, m: int, dtype: np.dtype[Any]) -> Array:
    w = as_array("observation_weight", weight)
    if w.shape != (m,):
        raise ShapeError(f"observation_weight has shape {w.shape}; {m} observations need ({m},)")
    w = in_precision("observation_weight", w, dtype)
    if not (np.isfinite(w) & (w >= 0)).all():
        row = int(np.argmin(np.isfinite(w) & (w >= 0)))
        raise ParameterError(
            f"observation_weight[{row}] is {w[row]}: it must be finite and at least 0"
        )
    if not w.any():
        raise ParameterError("every observation weight is 0: there is nothing to average")
    check_weight_sum("observation_weight", w)
    return w
