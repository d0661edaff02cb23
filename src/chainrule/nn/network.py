"""Network: what a feed-forward network is. It holds no numbers; those are its `Parameters`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from chainrule.errors import ParameterError, ShapeError, unknown_name
from chainrule.nn import propagation
from chainrule.nn.activations import Activation, get_activation
from chainrule.nn.arrays import Array, is_sparse
from chainrule.nn.initializers import RandomGenerator, initialize
from chainrule.nn.layout import Layout
from chainrule.nn.losses import LOSSES, Loss, check_weight_sum, get_loss
from chainrule.nn.parameters import Parameters
from chainrule.nn.parametrization import member_of
from chainrule.nn.penalties import L2

__all__ = ["Network"]

REDUCTIONS = ("mean", "sum")
PARAMETRIZATIONS = ("standard", "ntk")
CROSS_ENTROPIES = ("binary_cross_entropy", "categorical_cross_entropy")
NATURAL_LOSS = {loss.output: loss.name for loss in LOSSES.values() if loss.output is not None}


@dataclass(frozen=True)
class Network:
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
        biases and the output layer (BatchEnsemble), or have nothing in common but the input scale.

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

    sizes: tuple[int, ...]
    hidden: str | tuple[str, ...] = "tanh"
    output: str | None = None
    loss: str | None = None
    reduction: str = "mean"
    penalty: L2 | None = None
    cost_scale: float = 1.0
    label_smoothing: float = 0.0
    input_scale: bool = False
    parametrization: str = "standard"
    members: int = 1
    shared_weights: bool = True

    def __post_init__(self) -> None:
        settle = object.__setattr__  # the dataclass is frozen from here on
        settle(self, "sizes", checked_sizes(self.sizes))
        settle(self, "hidden", checked_hidden(self.hidden, len(self.sizes) - 2))
        output, loss = checked_pair(self.output, self.loss)
        settle(self, "output", output)
        settle(self, "loss", loss)
        if self.reduction not in REDUCTIONS:
            raise unknown_name("reduction", self.reduction, REDUCTIONS)
        if self.penalty is not None and not isinstance(self.penalty, L2):
            raise ParameterError(f"penalty must be an L2 or None, not {self.penalty!r}")
        if not is_number(self.cost_scale) or not 0 < self.cost_scale < np.inf:
            raise ParameterError(f"cost_scale must be a positive number, not {self.cost_scale!r}")
        if not is_number(self.label_smoothing) or not 0 <= self.label_smoothing < 1:
            raise ParameterError(
                f"label_smoothing must be at least 0 and below 1, not {self.label_smoothing!r}"
            )
        settle(self, "cost_scale", float(self.cost_scale))  # a NumPy scalar would impose its dtype
        settle(self, "label_smoothing", float(self.label_smoothing))
        if self.label_smoothing and loss not in CROSS_ENTROPIES:
            raise ParameterError(f"label_smoothing needs a cross-entropy; the loss is {loss!r}")
        self._check_parametrization()

    def _check_parametrization(self) -> None:
        named = isinstance(self.parametrization, str)
        if not named or self.parametrization not in PARAMETRIZATIONS:
            raise unknown_name("parametrization", self.parametrization, PARAMETRIZATIONS)
        for name in ("input_scale", "shared_weights"):
            if not isinstance(getattr(self, name), (bool, np.bool_)):
                raise ParameterError(f"{name} must be True or False, not {getattr(self, name)!r}")
            object.__setattr__(self, name, bool(getattr(self, name)))
        if not is_count(self.members):
            raise ParameterError(
                f"members must be a whole number of at least 1, not {self.members!r}"
            )
        object.__setattr__(self, "members", int(self.members))

    @property
    def is_plain(self) -> bool:
        """Whether a layer multiplies by the W that is trained, and there is one network."""
        return self.parametrization == "standard" and not self.input_scale and self.members == 1

    @cached_property
    def layout(self) -> Layout:
        """The names and shapes of the parameters."""
        return Layout(self.sizes, self.input_scale, self.members, self.shared_weights)

    @property
    def depth(self) -> int:
        """L, the number of layers with weights."""
        return len(self.sizes) - 1

    @cached_property
    def activations(self) -> tuple[Activation, ...]:
        """g_1 … g_L; the last one is the output's."""
        return tuple(get_activation(name) for name in (*self.hidden, str(self.output)))

    @cached_property
    def loss_function(self) -> Loss:
        """The loss, with its derivatives."""
        return get_loss(str(self.loss))

    def to_dict(self) -> dict[str, Any]:
        """Return the network as plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Network:
        """Build a network from what `to_dict` returned; every value is checked again."""
        penalty = record.get("penalty")
        return cls(**{**record, "penalty": None if penalty is None else L2(**penalty)})

    def init(
        self,
        seed: int | RandomGenerator | None = None,
        initializer: str = "glorot_uniform",
        dtype: DTypeLike = np.float64,
        *,
        zero_output: bool = False,
    ) -> Parameters:
        """Draw initial parameters; see `chainrule.nn.initializers.initialize`."""
        return initialize(
            self.layout, self.hidden, seed, initializer, dtype, zero_output=zero_output
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
        record = propagation.forward_output(self, parameters, self.checked_X(parameters, X))
        return propagation.prediction(self, record).A[-1]

    def cost(
        self,
        parameters: Parameters,
        X: ArrayLike,
        Y: ArrayLike,
        observation_weight: ArrayLike | None = None,
    ) -> Any:
        """Return J, one scalar; the parameters are those of `cost_and_gradients`."""
        inputs, targets, weight = self.checked_batch(parameters, X, Y, observation_weight)
        record = propagation.forward_output(self, parameters, inputs)
        return propagation.cost(self, parameters, record, targets, weight)

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


def is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def is_count(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1


def checked_sizes(sizes: Sequence[int]) -> tuple[int, ...]:
    try:
        given = tuple(sizes)
    except TypeError:
        raise ParameterError(f"sizes must be a sequence such as (3, 4, 1), not {sizes!r}") from None
    if len(given) < 2:
        raise ParameterError(f"sizes needs at least the inputs and the outputs, got {given}")
    for layer, size in enumerate(given):
        if not is_count(size):
            raise ParameterError(f"sizes[{layer}] must be a positive whole number, not {size!r}")
    return tuple(int(size) for size in given)


def checked_hidden(hidden: str | Sequence[str], count: int) -> tuple[str, ...]:
    if isinstance(hidden, str):
        get_activation(
            hidden, hidden=True
        )  # a wrong name is wrong even where there is no hidden layer
        names = (hidden,) * count
    elif isinstance(hidden, Sequence):
        names = tuple(hidden)
    else:
        raise ParameterError(f"hidden must be a name or a sequence of names, not {hidden!r}")
    if len(names) != count:
        raise ParameterError(f"{len(names)} hidden activations for {count} hidden layers")
    return tuple(get_activation(name, hidden=True).name for name in names)


def checked_pair(output: str | None, loss: str | None) -> tuple[str, str]:
    """Settle the output activation and the loss; either may be None."""
    if output is None and loss is not None:
        output = get_loss(loss).output or "identity"
    output = get_activation(output or "identity").name
    wanted = get_loss(loss or NATURAL_LOSS.get(output, "half_squared_error"))
    if wanted.output not in (None, output):
        raise ParameterError(
            f"loss {wanted.name!r} needs output {wanted.output!r}, not {output!r}; "
            f"with {output!r} take {NATURAL_LOSS.get(output, 'half_squared_error')!r}"
        )
    return output, wanted.name


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
