"""The activations and losses of `chainrule.nn` as formulas: what stands in a concrete derivation.

They are words, not numbers: every value that is shown comes from `chainrule.nn`. The tests evaluate
each formula and compare it with that value.
"""

from __future__ import annotations

from collections.abc import Callable

from chainrule.explain.algebra import (
    Apply,
    Cases,
    Equation,
    Expr,
    MatMul,
    Number,
    Partial,
    Product,
    SumOver,
    Symbol,
)
from chainrule.nn.activations import LEAKY_SLOPE, SELU_ALPHA, SELU_SCALE

__all__ = [
    "activation_derivative",
    "activation_value",
    "fused_derivative",
    "loss_derivative",
    "loss_value",
    "softmax_product",
    "worked",
]

SIGMA, TANH, EXP, LOG = Symbol("σ"), Symbol("tanh"), Symbol("exp"), Symbol("log")
MAX, PHI, DENSITY = Symbol("max"), Symbol("Φ"), Symbol("φ")
Units = Callable[[Expr], Expr]


def short(value: float) -> Number:
    """Return a constant of an activation, to four digits behind the point."""
    return Number(round(value, 4))


def softplus(Z: Expr) -> Expr:
    return LOG(1 + EXP(Z))


def activation_value(name: str, Z: Expr, units: Units) -> Expr:
    """Return A = g(Z) as a formula.

    Parameters
    ----------
    name : str
        The activation.
    Z : Expr
    units : callable
        Sums over the units of an observation: softmax needs it.
    """
    values: dict[str, Callable[[], Expr]] = {
        "identity": lambda: Z,
        "sigmoid": lambda: SIGMA(Z),
        "tanh": lambda: TANH(Z),
        "relu": lambda: MAX(Z, 0),
        "leaky_relu": lambda: MAX(Z, LEAKY_SLOPE * Z),
        "elu": lambda: Cases(Z, Z, EXP(Z) - 1),
        "selu": lambda: short(SELU_SCALE) * Cases(Z, Z, short(SELU_ALPHA) * (EXP(Z) - 1)),
        "softplus": lambda: softplus(Z),
        "gelu": lambda: Z * PHI(Z),
        "silu": lambda: Z * SIGMA(Z),
        "mish": lambda: Z * TANH(softplus(Z)),
        "softmax": lambda: EXP(Z) / units(EXP(Z)),
        "exponential": lambda: EXP(Z),
    }
    return values[name]()


def activation_derivative(name: str, Z: Expr, A: Expr) -> Expr:
    """Return g'(Z) of an element-wise activation as a formula."""
    derivatives: dict[str, Callable[[], Expr]] = {
        "identity": lambda: Number(1),
        "sigmoid": lambda: A * (1 - A),
        "tanh": lambda: 1 - A**2,
        "relu": lambda: Cases(Z, Number(1), Number(0)),
        "leaky_relu": lambda: Cases(Z, Number(1), Number(LEAKY_SLOPE)),
        "elu": lambda: Cases(Z, Number(1), EXP(Z)),
        "selu": lambda: short(SELU_SCALE) * Cases(Z, Number(1), short(SELU_ALPHA) * EXP(Z)),
        "softplus": lambda: SIGMA(Z),
        "gelu": lambda: PHI(Z) + Z * DENSITY(Z),
        "silu": lambda: SIGMA(Z) * (1 + Z * (1 - SIGMA(Z))),
        "mish": lambda: TANH(softplus(Z)) + Z * SIGMA(Z) * (1 - Apply(TANH, (softplus(Z),)) ** 2),
        "exponential": lambda: A,
    }
    return derivatives[name]()


def softmax_product(A: Expr, dA: Expr, units: Units) -> Expr:
    """Return dZ = Jac(softmax)ᵀ dA as a formula."""
    return A * (dA - units(dA * A))


def loss_value(name: str, A: Expr, Y: Expr, units: Units) -> Expr:
    """Return ℓ, one number an observation, as a formula."""
    values: dict[str, Callable[[], Expr]] = {
        "binary_cross_entropy": lambda: -units(Y * LOG(A) + (1 - Y) * LOG(1 - A)),
        "categorical_cross_entropy": lambda: -units(Y * LOG(A)),
        "poisson": lambda: units(A - Y * LOG(A) + Y * LOG(Y) - Y),
        "squared_error": lambda: units((A - Y) ** 2),
        "half_squared_error": lambda: 0.5 * units((A - Y) ** 2),
    }
    return values[name]()


def loss_derivative(name: str, A: Expr, Y: Expr) -> Expr:
    """Return ∂ℓ/∂A as a formula."""
    derivatives: dict[str, Callable[[], Expr]] = {
        "binary_cross_entropy": lambda: (A - Y) / (A * (1 - A)),
        "categorical_cross_entropy": lambda: -(Y / A),
        "poisson": lambda: 1 - Y / A,
        "squared_error": lambda: 2 * (A - Y),
        "half_squared_error": lambda: A - Y,
    }
    return derivatives[name]()


def fused_derivative(name: str, A: Expr, Y: Expr, units: Units) -> Expr:
    """Return ∂ℓ/∂Z of a loss and the output that belongs to it, as a formula."""
    if name == "categorical_cross_entropy":
        return A * units(Y) - Y
    return A - Y


def worked(name: str) -> tuple[Expr, ...]:
    """Return how an activation's derivative comes about, for one unit; nothing if it is plain."""
    z = Symbol("z")
    match name:
        case "sigmoid":
            slope = EXP(-z) / (1 + EXP(-z)) ** 2
            form = dot(SIGMA(z), 1 - SIGMA(z))
            return (Equation(Symbol("σ", prime=True)(z), (slope, form)),)
        case "tanh":
            form = Number(1) / Apply(Symbol("cosh"), (z,)) ** 2
            return (Equation(Symbol("tanh", prime=True)(z), (form, 1 - Apply(TANH, (z,)) ** 2)),)
        case "softmax":
            return worked_softmax()
        case _:
            return ()


def worked_softmax() -> tuple[Expr, ...]:
    """Return the Jacobian of softmax by the quotient rule, and its product with a gradient."""
    a, a_j, a_k = Symbol("a"), Symbol("a", "j"), Symbol("a", "k")
    z_j, z_k, da_j, da_k = (Symbol(base, sub) for base in ("z", "da") for sub in "jk")
    S, same = Symbol("S"), Symbol("δ", "jk")
    numerator = dot(same, EXP(z_k), S) - dot(EXP(z_k), EXP(z_j))
    slope = Partial(a_k, z_j)
    return (
        Equation(S, (SumOver(EXP(Symbol("z", "l")), "index", "l"),)),
        Equation(a_k, (EXP(z_k) / S,)),
        Equation(slope, (numerator / S**2, dot(a_k, same - a_j))),
        Equation(Symbol("Jac"), (Symbol("diag")(a) - MatMul((a, a.T)),)),
        Equation(
            Symbol("dz", "j"),
            (
                SumOver(dot(slope, da_k), "index", "k"),
                dot(a_j, da_j - SumOver(dot(a_k, da_k), "index", "k")),
            ),
        ),
    )


def dot(*factors: Expr) -> Expr:
    """Return the product of numbers."""
    return Product(factors, scalars=True)
