"""The activations and losses of `chainrule.nn` as formulas: what stands in a concrete derivation.

They are words, not numbers: every value that is shown comes from `chainrule.nn`. The formulas are those
of the rows there. The tests evaluate each and compare it with that value.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import singledispatchmethod

from chainrule.nn.activations import Activation
from chainrule.nn.losses import Loss
from chainrule.nn.texts import parsed
from chainrule.notation.formula import (
    Apply,
    Cases,
    Equation,
    Formula,
    MatMul,
    Number,
    Partial,
    Product,
    SumOver,
    Symbol,
)

__all__ = [
    "activation_derivative",
    "activation_value",
    "dot",
    "fused_derivative",
    "jacobian_product",
    "loss_derivative",
    "loss_value",
    "worked",
]

SIGMA, TANH, EXP = Symbol("σ"), Symbol("tanh"), Symbol("exp")
DIGITS = 4  # of a constant of an activation, behind the point
Units = Callable[[Formula], Formula]


def activation_value(g: Activation, Z: Formula, units: Units) -> Formula:
    """Return A = g(Z) as a formula.

    Parameters
    ----------
    g : Activation
    Z : Formula
    units : callable
        Sums over the units of an observation: softmax needs it.
    """
    return Symbol(g.symbol)(Z) if g.symbol else formula(g.formula, {"z": Z}, units)


def activation_derivative(g: Activation, Z: Formula, A: Formula) -> Formula:
    """Return g'(Z) of an element-wise activation as a formula."""
    return formula(g.derivative_formula, {"z": Z, "a": A})


def jacobian_product(g: Activation, Z: Formula, A: Formula, dA: Formula, units: Units) -> Formula:
    """Return dZ = Jac(g)ᵀ dA as a formula, where the Jacobian is full."""
    assert g.product_formula is not None
    return formula(g.product_formula, {"z": Z, "a": A, "da": dA}, units)


def loss_value(loss: Loss, A: Formula, Y: Formula, units: Units) -> Formula:
    """Return ℓ, one number an observation, as a formula."""
    return formula(loss.formula, {"a": A, "y": Y}, units)


def loss_derivative(loss: Loss, A: Formula, Y: Formula, units: Units) -> Formula:
    """Return ∂ℓ/∂A as a formula."""
    return formula(loss.derivative_formula, {"a": A, "y": Y}, units)


def fused_derivative(
    loss: Loss, Z: Formula, A: Formula, Y: Formula, units: Units
) -> Formula | None:
    """Return ∂ℓ/∂Z of a loss and the output that belongs to it; None if its row has no formula."""
    text = loss.fused_formula
    return None if text is None else formula(text, {"z": Z, "a": A, "y": Y}, units)


def formula(text: str, letters: Mapping[str, Formula], units: Units | None = None) -> Formula:
    """Return the formula that a row's text is, with `letters` put in."""
    return Reader(letters, units).read(parsed(text))


class Reader:
    """Reads the formulas of `chainrule.nn.texts`.

    Parameters
    ----------
    letters : mapping of str to Formula
        What the letters stand for.
    units : callable, optional
        Sums over the units of an observation.
    """

    def __init__(self, letters: Mapping[str, Formula], units: Units | None) -> None:
        self.letters, self.units = letters, units

    @singledispatchmethod
    def read(self, node: ast.expr) -> Formula:
        """Return the formula of a node."""
        raise TypeError(f"no formula: {ast.unparse(node)}")

    @read.register
    def _(self, node: ast.Constant) -> Formula:
        assert isinstance(node.value, (int, float))
        return Number(round(node.value, DIGITS))

    @read.register
    def _(self, node: ast.Name) -> Formula:
        return self.letters[node.id]

    @read.register
    def _(self, node: ast.UnaryOp) -> Formula:
        return -self.read(node.operand)

    @read.register
    def _(self, node: ast.BinOp) -> Formula:
        left, right = self.read(node.left), self.read(node.right)
        match node.op:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.Mult():
                return left * right
            case ast.Div():
                return left / right
            case _:
                assert isinstance(right, Number)
                return left ** int(right.value)

    @read.register
    def _(self, node: ast.Compare) -> Formula:
        return self.cases(node, Number(1), Number(0))

    @read.register
    def _(self, node: ast.Call) -> Formula:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name == "where":
            condition, then, otherwise = node.args
            assert isinstance(condition, ast.Compare)
            return self.cases(condition, self.read(then), self.read(otherwise))
        arguments = [self.read(argument) for argument in node.args]
        if name == "sum":
            assert self.units is not None
            return self.units(*arguments)
        if name == "log1p":
            return Symbol("log")(1 + arguments[0])
        if name == "expm1":
            return EXP(arguments[0]) - 1
        return Symbol(name)(*arguments)

    def cases(self, condition: ast.Compare, then: Formula, otherwise: Formula) -> Formula:
        """Return one of two values: `then` where the condition holds."""
        left, [right] = self.read(condition.left), map(self.read, condition.comparators)
        return Cases(left if right == Number(0) else left - right, then, otherwise)


def worked(name: str) -> tuple[Formula, ...]:
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


def worked_softmax() -> tuple[Formula, ...]:
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


def dot(*factors: Formula) -> Formula:
    """Return the product of numbers."""
    return Product(factors, scalars=True)
