"""Losses: what one observation costs, its derivative, and the stable forms fused with an output unit.

A loss ℓ(ŷ, y) is summed over the outputs of one observation. The mean over the observations is made in
`chainrule.nn.weighting`: the cost's data term is Σ_i c_i ℓ_i, and so ∂/∂A_L = c ⊙ ∂ℓ/∂A_L.

Where a loss is the negative log-likelihood of an output unit, the product of the two derivatives
collapses, and the cost is computed from Z_L without ever forming log(0):

======================  ===========  =================================  =====================
loss                    output       ℓ from z                           ∂ℓ/∂z
======================  ===========  =================================  =====================
binary cross-entropy    sigmoid      softplus(z) − y z                  ŷ − y
categorical             softmax      −Σ_j y_j log_softmax(z)_j          ŷ Σ_j y_j − y
Poisson                 exponential  exp(z) − y z + (y log y − y)       ŷ − y
======================  ===========  =================================  =====================
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from chainrule.errors import ParameterError, unknown_name
from chainrule.nn.activations import exponential, log_softmax, sigmoid
from chainrule.nn.arrays import Array, magnitude, negative_part, positive_part
from chainrule.nn.special import xlog1py, xlogy
from chainrule.nn.texts import check_text

__all__ = [
    "LOSSES",
    "Loss",
    "get_loss",
    "smooth_targets",
]


TARGET_RANGES = {
    "number": (-np.inf, np.inf),
    "count": (0.0, np.inf),
    "probability": (0.0, 1.0),
    "distribution": (0.0, np.inf),
}


def squared_error(A: Array, Y: Array) -> Array:
    return ((A - Y) ** 2).sum(axis=-1)


def squared_error_derivative(A: Array, Y: Array) -> Array:
    return 2 * (A - Y)


def half_squared_error(A: Array, Y: Array) -> Array:
    return squared_error(A, Y) / 2


def half_squared_error_derivative(A: Array, Y: Array) -> Array:
    return A - Y


def binary_cross_entropy(A: Array, Y: Array) -> Array:
    return -(xlogy(Y, A) + xlog1py(1 - Y, -A)).sum(axis=-1)


def binary_cross_entropy_derivative(A: Array, Y: Array) -> Array:
    return (A - Y) / (A * (1 - A))


def binary_cross_entropy_from_logits(Z: Array, Y: Array) -> Array:
    # softplus(z) − y z = (1 − y) max(z, 0) − y min(z, 0) + log(1 + e^−|z|): no difference of large
    # numbers, so that a certain and right output costs its true 1e−20 and not a rounded 0.
    tail = np.log1p(np.exp(-magnitude(Z)))
    return ((1 - Y) * positive_part(Z) - Y * negative_part(Z) + tail).sum(axis=-1)


def binary_cross_entropy_logit_derivative(Z: Array, A: Array, Y: Array) -> Array:
    # ŷ − y = (1 − y) σ(z) − y σ(−z): a certain and right output keeps the digits of its small error.
    return (1 - Y) * A - Y * sigmoid(-Z)


def categorical_cross_entropy(A: Array, Y: Array) -> Array:
    return -xlogy(Y, A).sum(axis=-1)


def categorical_cross_entropy_derivative(A: Array, Y: Array) -> Array:
    return -Y / A


def categorical_cross_entropy_from_logits(Z: Array, Y: Array) -> Array:
    return -(Y * log_softmax(Z)).sum(axis=-1)


def categorical_cross_entropy_logit_derivative(Z: Array, A: Array, Y: Array) -> Array:
    # ŷ Σ_j y_j − y; at the largest output ŷ is 1 − the others, which keep their digits.
    total = Y.sum(axis=-1, keepdims=True)
    dZ = A * total - Y
    top = A.real.argmax(axis=-1, keepdims=True)
    others = A.copy()
    np.put_along_axis(others, top, 0, axis=-1)
    missing = others.sum(axis=-1, keepdims=True)
    y_top = np.take_along_axis(Y, top, axis=-1)
    np.put_along_axis(dZ, top, (total - y_top) - total * missing, axis=-1)
    return dZ


def poisson(A: Array, Y: Array) -> Array:
    # Half the Poisson deviance: the negative log-likelihood less that of the perfect prediction,
    # so that it is 0 there.
    return (A - Y + xlogy(Y, Y) - xlogy(Y, A)).sum(axis=-1)


def poisson_derivative(A: Array, Y: Array) -> Array:
    return 1 - Y / A


def poisson_from_logits(Z: Array, Y: Array) -> Array:
    # exp(z) − y z + y log y − y = y (exp(d) − 1 − d) with d = z − log y: near the perfect prediction
    # d is small, and nothing large cancels. For y = 0 it is exp(z).
    counted = Y > 0
    D = np.where(counted, Z - np.log(np.where(counted, Y, 1)), 0)
    with np.errstate(over="ignore"):
        return np.where(counted, Y * (np.expm1(D) - D), exponential(Z)).sum(axis=-1)


def poisson_logit_derivative(Z: Array, A: Array, Y: Array) -> Array:
    return A - Y


@dataclass(frozen=True, repr=False)
class Loss:
    """One loss: ℓ(ŷ, y) for each observation, and its derivative.

    Parameters
    ----------
    name : str
        The name that users type.
    formula, derivative_formula : str
        ℓ and ∂ℓ/∂a of one observation, of outputs a and targets y, in the language of
        `chainrule.nn.texts`.
    value : callable
        ``value(A, Y)`` returns ℓ for each observation, shape (m,).
    derivative : callable
        ``derivative(A, Y)`` returns ∂ℓ/∂A, shape (m, n).
    output : str or None
        The one output activation it belongs to; None if it takes any.
    value_from_logits : callable or None
        ``value_from_logits(Z, Y)``: the same ℓ, from the pre-activations of that output.
    logit_derivative : callable or None
        ``logit_derivative(Z, A, Y)`` returns ∂ℓ/∂Z, the two derivatives already multiplied.
    targets : {"number", "count", "probability", "distribution"}
        The kind of the targets; a distribution is over the outputs of each observation.
    fused_formula : str or None
        ∂ℓ/∂z as text, of z, a and y; None if there is no such text.
    """

    name: str
    formula: str
    derivative_formula: str
    value: Callable[[Array, Array], Array]
    derivative: Callable[[Array, Array], Array]
    output: str | None = None
    value_from_logits: Callable[[Array, Array], Array] | None = None
    logit_derivative: Callable[[Array, Array, Array], Array] | None = None
    targets: str = "number"
    fused_formula: str | None = None

    def __post_init__(self) -> None:
        check_text(self.formula, ("a", "y"))
        check_text(self.derivative_formula, ("a", "y"))
        check_text(self.fused_formula, ("z", "a", "y"))

    @property
    def target_range(self) -> tuple[float, float]:
        """The least and the largest legal target."""
        return TARGET_RANGES[self.targets]

    def classes(self, outputs: int) -> int | None:
        """Return K, the number of classes that the targets choose among; None if they are no classes."""
        return {"probability": 2, "distribution": outputs}.get(self.targets)

    def check_targets(self, Y: Array) -> None:
        """Raise a ParameterError if a target is NaN, infinite or outside `target_range`."""
        low, high = self.target_range
        legal = np.isfinite(Y) & (low <= Y.real) & (high >= Y.real)
        if not legal.all():
            row, column = np.argwhere(~legal)[0]
            raise ParameterError(
                f"Y[{row}, {column}] is {Y[row, column]}: targets of {self.name} must be finite"
                + (f" and in [{low:g}, {high:g}]" if np.isfinite(low) else "")
            )

    def __repr__(self) -> str:
        return f"<loss {self.name}: {self.formula}>"


LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss(
            "binary_cross_entropy",
            "-sum(y*log(a) + (1 - y)*log(1 - a))",
            "(a - y)/(a*(1 - a))",
            binary_cross_entropy,
            binary_cross_entropy_derivative,
            "sigmoid",
            binary_cross_entropy_from_logits,
            binary_cross_entropy_logit_derivative,
            "probability",
            "a - y",
        ),
        Loss(
            "categorical_cross_entropy",
            "-sum(y*log(a))",
            "-(y/a)",
            categorical_cross_entropy,
            categorical_cross_entropy_derivative,
            "softmax",
            categorical_cross_entropy_from_logits,
            categorical_cross_entropy_logit_derivative,
            "distribution",
            "a*sum(y) - y",
        ),
        Loss(
            "poisson",
            "sum(a - y*log(a) + y*log(y) - y)",
            "1 - y/a",
            poisson,
            poisson_derivative,
            "exponential",
            poisson_from_logits,
            poisson_logit_derivative,
            "count",
            "a - y",
        ),
        Loss(
            "squared_error",
            "sum((a - y)**2)",
            "2*(a - y)",
            squared_error,
            squared_error_derivative,
        ),
        Loss(
            "half_squared_error",
            "0.5*sum((a - y)**2)",
            "a - y",
            half_squared_error,
            half_squared_error_derivative,
        ),
    )
}


def get_loss(name: str) -> Loss:
    """Return the loss called `name`, or raise a ParameterError that names the nearest one."""
    try:
        return LOSSES[name]
    except (KeyError, TypeError):
        raise unknown_name("loss", name, LOSSES) from None


def smooth_targets(Y: Array, loss: Loss, smoothing: float) -> Array:
    """Return (1 − s) Y + s/K, the targets moved towards the uniform distribution over K classes.

    References
    ----------
    Szegedy et al., "Rethinking the inception architecture for computer vision", 2016, section 7.
    """
    if smoothing == 0:
        return Y
    classes = loss.classes(Y.shape[-1])
    assert classes is not None  # a network refuses the smoothing of other targets
    return (1 - smoothing) * Y + smoothing / classes
