"""Activations: A = g(Z), the derivative g'(Z), and the product of the Jacobian with a gradient.

Each function stands beside its derivative, and the table `ACTIVATIONS` at the end says what there is.
An element-wise activation has a diagonal Jacobian, so that

    dZ = dA ⊙ g'(Z).

Softmax mixes the units of a row, so its Jacobian is full and dZ = Jac(g)(Z)ᵀ dA, row by row. Every
formula keeps the dtype it is given, takes complex numbers (see `chainrule.nn.arrays`), and stays
finite for |Z| up to a quarter of the largest number; only the exponential grows without bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np

from chainrule.errors import ParameterError, unknown_name
from chainrule.nn.arrays import Array, magnitude, negative_part, positive_part
from chainrule.nn.special import erfc
from chainrule.nn.texts import check_text, letters_of

__all__ = ["ACTIVATIONS", "Activation", "Softmax", "get_activation", "log_softmax"]

LEAKY_SLOPE = 0.01
# Klambauer et al., "Self-normalizing neural networks", 2017, equation 14: the fixed point is at
# mean 0 and variance 1 for these two.
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


def identity(Z: Array) -> Array:
    return Z


def identity_derivative(Z: Array, A: Array) -> Array:
    return np.ones_like(Z)


def sigmoid(Z: Array) -> Array:
    # 1/(1 + e⁻ᶻ) for z > 0 and eᶻ/(1 + eᶻ) for z ≤ 0: the exponent is never positive.
    E = np.exp(-magnitude(Z))
    return np.where(Z.real > 0, 1, E) / (1 + E)


def sigmoid_derivative(Z: Array, A: Array) -> Array:
    # σ' = σ(1 − σ) = e/(1 + e)² with e = e^−|z|, which keeps its digits where σ(z) rounds to 1.
    E = np.exp(-magnitude(Z))
    return E / (1 + E) ** 2


def tanh(Z: Array) -> Array:
    return np.tanh(Z)


def tanh_derivative(Z: Array, A: Array) -> Array:
    # tanh' = 1 − tanh² = 4e/(1 + e)² with e = e^−2|z|, without the cancellation in 1 − A².
    E = np.exp(-2 * magnitude(Z))
    return 4 * E / (1 + E) ** 2


def relu(Z: Array) -> Array:
    return positive_part(Z)


def relu_derivative(Z: Array, A: Array) -> Array:
    return (Z.real > 0).astype(Z.dtype)  # at the kink itself: 0, as everybody has it


def leaky_relu(Z: Array) -> Array:
    return np.where(Z.real > 0, Z, LEAKY_SLOPE * Z)


def leaky_relu_derivative(Z: Array, A: Array) -> Array:
    return np.where(Z.real > 0, np.ones_like(Z), LEAKY_SLOPE)


def elu(Z: Array) -> Array:
    return np.where(Z.real > 0, Z, np.expm1(negative_part(Z)))


def elu_derivative(Z: Array, A: Array) -> Array:
    return np.exp(negative_part(Z))  # e⁰ = 1 on the positive side


def selu(Z: Array) -> Array:
    return SELU_SCALE * np.where(Z.real > 0, Z, SELU_ALPHA * np.expm1(negative_part(Z)))


def selu_derivative(Z: Array, A: Array) -> Array:
    return SELU_SCALE * np.where(Z.real > 0, np.ones_like(Z), SELU_ALPHA * np.exp(negative_part(Z)))


def softplus(Z: Array) -> Array:
    # log(1 + eᶻ) = max(z, 0) + log(1 + e^−|z|)
    return positive_part(Z) + np.log1p(np.exp(-magnitude(Z)))


def softplus_derivative(Z: Array, A: Array) -> Array:
    return sigmoid(Z)


def normal_cdf(Z: Array) -> Array:
    # Φ(z) = erfc(−z/√2)/2: unlike (1 + erf(z/√2))/2 it keeps its digits for very negative z.
    Phi: Array = erfc(-sqrt(0.5) * Z) / 2
    return Phi


def gelu(Z: Array) -> Array:
    return Z * normal_cdf(Z)


def gelu_derivative(Z: Array, A: Array) -> Array:
    density = np.exp(-Z * Z / 2) / sqrt(2 * pi)
    return normal_cdf(Z) + Z * density


def silu(Z: Array) -> Array:
    return Z * sigmoid(Z)


def silu_derivative(Z: Array, A: Array) -> Array:
    S = sigmoid(Z)
    return S + Z * S * sigmoid(-Z)


def mish(Z: Array) -> Array:
    return Z * np.tanh(softplus(Z))


def mish_derivative(Z: Array, A: Array) -> Array:
    S = softplus(Z)
    T = np.tanh(S)
    return T + Z * tanh_derivative(S, T) * sigmoid(Z)


def exponential(Z: Array) -> Array:
    with np.errstate(over="ignore"):  # an infinite mean is reported by who reads the cost
        return np.exp(Z)


def exponential_derivative(Z: Array, A: Array) -> Array:
    return A


def log_softmax(Z: Array) -> Array:
    """Return z_j − log Σ_k exp(z_k) for each row, by the log-sum-exp shifted by the row's maximum.

    The maximum's own term of the sum is 1, and log1p takes the others: a certain class keeps the
    digits of its small logarithm.
    """
    top = Z.real.argmax(axis=-1, keepdims=True)
    shifted = Z - np.take_along_axis(Z.real, top, axis=-1)
    others = np.exp(shifted)
    np.put_along_axis(others, top, np.expm1(np.take_along_axis(shifted, top, axis=-1)), axis=-1)
    logarithm: Array = shifted - np.log1p(others.sum(axis=-1, keepdims=True))
    return logarithm


def softmax(Z: Array) -> Array:
    E = np.exp(Z - Z.real.max(axis=-1, keepdims=True))
    A: Array = E / E.sum(axis=-1, keepdims=True)
    return A


def softmax_diagonal(Z: Array, A: Array) -> Array:
    return A * (1 - A)


def log_mean_exp(Z: Array) -> Array:
    """Return log (1/k) Σ_e exp(Z[e]), shifted by the largest."""
    top = Z.max(axis=0)
    mean: Array = np.exp(Z - top).mean(axis=0)
    return top + np.log(mean)


# Of which Z̄ the mean of k activations is the activation, from logarithms, so that nothing is lost that
# rounds to 0 or 1: log-odds, logarithms of probabilities up to a constant of the row, logarithms.
def pooled_sigmoid(Z: Array) -> Array:
    return log_mean_exp(-softplus(-Z)) - log_mean_exp(-softplus(Z))


def pooled_softmax(Z: Array) -> Array:
    return log_mean_exp(log_softmax(Z))


@dataclass(frozen=True, repr=False)
class Activation:
    """One element-wise activation: A = g(Z), dZ = dA ⊙ g'(Z).

    Texts are in the language of `chainrule.nn.texts`; what other rooms write, they write from these.

    Parameters
    ----------
    name : str
        The name that users type.
    formula, derivative_formula : str
        g(z), of z; and g'(z), of z and a = g(z).
    value : callable
        ``value(Z)`` returns A = g(Z), of the shape and dtype of Z.
    derivative : callable
        ``derivative(Z, A)`` returns g'(Z), where A = g(Z) is already known.
    kinks : tuple of float
        Where g' jumps. Differences taken across a kink measure nothing.
    output_only : bool
        Whether only an output layer may use it.
    by_output : str or None
        g'(z) of a alone, where `derivative_formula` is of z; None if there is no such form.
    product_formula : str or None
        dz of a and da where the Jacobian is full; None for an element-wise activation.
    symbol : str or None
        The letter that texts call it by, where they do.
    pooled : callable or None
        ``pooled(Z)`` of k pre-activations Z[0] … Z[k − 1] returns the Z̄ for which g(Z̄) is the mean of
        g(Z[e]), for an output whose loss is taken from Z; None if there is no such form.
    """

    name: str
    formula: str
    derivative_formula: str
    value: Callable[[Array], Array]
    derivative: Callable[[Array, Array], Array]
    kinks: tuple[float, ...] = ()
    output_only: bool = False
    by_output: str | None = None
    product_formula: str | None = None
    symbol: str | None = None
    pooled: Callable[[Array], Array] | None = None

    def __post_init__(self) -> None:
        check_text(self.formula, ("z",))
        check_text(self.derivative_formula, ("z", "a"))
        check_text(self.by_output, ("a",))
        check_text(self.product_formula, ("z", "a", "da"))

    @property
    def is_elementwise(self) -> bool:
        """Whether the Jacobian is diagonal."""
        return self.product_formula is None

    @property
    def output_formula(self) -> str | None:
        """The derivative g'(z) written with a alone; None if there is no such form."""
        if self.by_output is None and letters_of(self.derivative_formula) == {"a"}:
            return self.derivative_formula
        return self.by_output

    def jacobian_product(self, Z: Array, A: Array, dA: Array) -> Array:
        """Return dZ = Jac(g)(Z)ᵀ dA for every row.

        Parameters
        ----------
        Z, A, dA : ndarray of shape (m, n)
            The pre-activations, the activations A = g(Z), and ∂J/∂A.

        Returns
        -------
        ndarray of shape (m, n)
            ∂J/∂Z.
        """
        return dA * self.derivative(Z, A)

    def __repr__(self) -> str:
        return f"<activation {self.name}: {self.formula}>"


class Softmax(Activation):
    """Softmax, a_j = exp(z_j) / Σ_k exp(z_k): the one activation whose Jacobian is full.

    ∂a_k/∂z_j = a_k (δ_jk − a_j), so dz_j = Σ_k a_k (δ_jk − a_j) da_k = a_j (da_j − Σ_k a_k da_k).
    Its `derivative` is the diagonal alone, ∂a_j/∂z_j: right for no cost that reads two outputs.
    """

    def jacobian_product(self, Z: Array, A: Array, dA: Array) -> Array:
        """Return dZ = A ⊙ (dA − rowsum(dA ⊙ A)).

        A constant in a row of dA changes nothing, for Σ_k a_k = 1. So the largest output's own dA is
        taken off first: what is left for it is the sum of the others, and nothing cancels.
        """
        top = A.real.argmax(axis=-1, keepdims=True)
        dA = dA - np.take_along_axis(dA, top, axis=-1)
        return A * (dA - (dA * A).sum(axis=-1, keepdims=True))


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation("identity", "z", "1", identity, identity_derivative),
        Activation(
            "sigmoid",
            "1/(1 + exp(-z))",
            "a*(1 - a)",
            sigmoid,
            sigmoid_derivative,
            symbol="σ",
            pooled=pooled_sigmoid,
        ),
        Activation("tanh", "tanh(z)", "1 - a**2", tanh, tanh_derivative),
        Activation("relu", "max(z, 0)", "z > 0", relu, relu_derivative, (0.0,), by_output="a > 0"),
        Activation(
            "leaky_relu",
            f"max(z, {LEAKY_SLOPE}*z)",
            f"where(z > 0, 1, {LEAKY_SLOPE})",
            leaky_relu,
            leaky_relu_derivative,
            (0.0,),
            by_output=f"where(a > 0, 1, {LEAKY_SLOPE})",
        ),
        Activation(
            "elu",
            "where(z > 0, z, exp(z) - 1)",
            "where(z > 0, 1, exp(z))",
            elu,
            elu_derivative,
            by_output="where(a > 0, 1, a + 1)",
        ),
        Activation(
            "selu",
            f"{SELU_SCALE}*where(z > 0, z, {SELU_ALPHA}*(exp(z) - 1))",
            f"{SELU_SCALE}*where(z > 0, 1, {SELU_ALPHA}*exp(z))",
            selu,
            selu_derivative,
            (0.0,),
            by_output=f"where(a > 0, {SELU_SCALE}, a + {SELU_SCALE * SELU_ALPHA})",
        ),
        Activation(
            "softplus",
            "log(1 + exp(z))",
            "σ(z)",
            softplus,
            softplus_derivative,
            by_output="1 - exp(-a)",
        ),
        Activation("gelu", "z*Φ(z)", "Φ(z) + z*φ(z)", gelu, gelu_derivative),
        Activation("silu", "z*σ(z)", "σ(z)*(1 + z*(1 - σ(z)))", silu, silu_derivative),
        Activation(
            "mish",
            "z*tanh(log(1 + exp(z)))",
            "tanh(log(1 + exp(z))) + z*σ(z)*(1 - tanh(log(1 + exp(z)))**2)",
            mish,
            mish_derivative,
        ),
        Softmax(
            "softmax",
            "exp(z)/sum(exp(z))",
            "a*(1 - a)",
            softmax,
            softmax_diagonal,
            product_formula="a*(da - sum(da*a))",
            pooled=pooled_softmax,
        ),
        Activation(
            "exponential",
            "exp(z)",
            "a",
            exponential,
            exponential_derivative,
            output_only=True,
            pooled=log_mean_exp,
        ),
    )
}

ALIASES = {"logistic": "sigmoid"}


def get_activation(name: str, *, hidden: bool = False) -> Activation:
    """Return the activation called `name`; ``logistic`` is accepted for ``sigmoid``.

    Parameters
    ----------
    name : str
    hidden : bool
        Whether it is for a hidden layer, where the output activations have no place.

    Raises
    ------
    ParameterError
        If there is none of that name; the message holds the nearest one.
    """
    try:
        activation = ACTIVATIONS[ALIASES.get(name, name)]
    except (KeyError, TypeError):
        known = [a.name for a in ACTIVATIONS.values() if not (hidden and a.output_only)]
        raise unknown_name("activation", name, [*known, *ALIASES]) from None
    if hidden and activation.output_only:
        raise ParameterError(f"{activation.name!r} is an output activation, not a hidden one")
    return activation
