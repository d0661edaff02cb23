"""Mehmet, "Neural Network Backpropagation"."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.explain.notes.base import Note, NoteConvention, Slip, letter, minus_gradient
from chainrule.explain.step import Step
from chainrule.nn.arrays import Array
from chainrule.notation.formula import Formula, Number, Partial, Product, Symbol

__all__ = ["NOTE"]

COST = Symbol("L")


class Mehmet(NoteConvention):
    """Rows, δ for dZ, everything summed over the batch; then one neuron node by node."""

    merged = True
    J = COST

    def X(self) -> Formula:
        return letter("a", 0)

    def Y(self) -> Formula:
        return Symbol("y")

    def Z(self, layer: int) -> Formula:
        return letter("z", layer)

    def A(self, layer: int) -> Formula:
        return letter("a", layer)

    def g(self, layer: int) -> Symbol:
        sigmoid = self.network.activations[layer - 1].name == "sigmoid"
        return Symbol("σ") if sigmoid else letter("g", layer)

    def d(self, letter_: str, layer: int) -> Formula:
        return letter("δ", layer) if letter_ == "Z" else self.partial(letter_, layer)

    def steps(self) -> list[Step]:
        """Append the one neuron: the last layer's first unit, one node after the other."""
        return [*super().steps(), *self.neuron()]

    def neuron(self) -> list[Step]:
        """Return the chain of one neuron: product, sum, activation, cost, and back."""
        C, w1, x1, b, y = Symbol("C"), letter("w", 1), letter("x", 1), Symbol("b"), Symbol("t")
        p, z, s = Symbol("x"), Symbol("z"), Symbol("σ")(Symbol("z"))
        g = self.network.activations[-1]
        if g.name != "sigmoid":
            return []
        L = self.L

        def column(name: str, unit: int = 0) -> Any:
            return lambda values: np.asarray(values(name))[:, unit : unit + 1]

        def one(name: str, *place: int) -> Any:
            return lambda values: np.asarray(values(name))[place]

        def product(values: Any) -> Array:
            return column(below)(values) * values(f"W{L}")[0, 0]

        def ones(values: Any) -> Array:
            return np.ones((values.m, 1))

        below = f"A{L - 1}" if L > 1 else "X"
        total_ = p + b if self.network.sizes[-2] == 1 else None
        factors = (Partial(C, s), Partial(s, z), Partial(z, p), Partial(p, w1))
        rows: tuple[tuple[Formula, Formula | None, Any, str, tuple[str, ...]], ...] = (
            (x1, None, column(below), "the neuron's first input", ()),
            (w1, None, one(f"W{L}", 0, 0), "its weight", ()),
            (y, None, column("Y"), "its target", ()),
            (p, w1 * x1, product, "the product node, of the first input", ("w1", "x1")),
            (z, total_, column(f"Z{L}"), "the sum node: the products and the bias b", ("x",)),
            (s, None, column(f"A{L}"), "the activation node", ("z",)),
            (factors[0], s - y, column(f"dA{L}"), "the cost node, C = ½ Σ (σ(z) − t)²", ()),
            (factors[1], s * (1 - s), column(f"g{L}'"), "the activation node", ()),
            (factors[2], Number(1), ones, "the sum node", ()),
            (factors[3], x1, column(below), "the product node", ()),
        )  # fmt: skip
        steps = [node(*row) for row in rows]
        chain = Product(factors, scalars=True)
        total = Partial(C, w1)
        form = self.observations(Product((*factors[:2], factors[3])))
        steps.append(
            Step(
                "∂C/∂w1", "One neuron, node by node", total, chain=chain, general=form,
                factors=tuple(str(step.name) for step in steps[6:10]),
                says=f"summed over the observations; it is the library's dW{L}[0,0]",
                make=one(f"dW{L}", 0, 0),
            )
        )  # fmt: skip
        return steps


def node(
    symbol: Formula, form: Formula | None, make: Any, says: str, factors: tuple[str, ...]
) -> Step:
    from chainrule.notation.plain import plain

    number = plain(symbol) == "w1"
    return Step(
        plain(symbol), "One neuron, node by node", symbol, general=form, says=says,
        dims=() if number else ("m", "1"), shape=() if number else (None, 1), make=make,
        factors=factors,
    )  # fmt: skip


Mehmet.update_rules = tuple(
    minus_gradient(V, Symbol("η"), Partial(COST, V)) for V in (Symbol("W"), Symbol("b"))
)

z = Symbol("z")

NOTE = Note(
    key="mehmet",
    title='Mehmet, "Neural Network Backpropagation"',
    about="One observation a row, sigmoid in both layers, δ for dZ, everything summed over the batch; "
    "it closes with one neuron taken node by node.",
    differs="Its δ is the derivative of ½ Σ (a2 − y)², summed over the batch: the derivative of the "
    "cost with reduction=\"sum\", and m times that of a mean.",
    convention=Mehmet,
    sizes=(3, 4, 2),
    network={
        "hidden": "sigmoid", "output": "sigmoid", "loss": "half_squared_error",
        "reduction": "sum",
    },
    needs={
        "loss": ("half_squared_error",),
        "reduction": ("sum",),
        "penalty": (None,),
        "cost_scale": (1.0,),
    },
    slips=(
        Slip(
            "the sum node of the one neuron", "called b", z,
            "the node is called b, the name of the bias itself: ∂C/∂(node) is one number an "
            "observation, ∂C/∂b is their sum",
        ),
        Slip(
            "the cost of the two-layer network", "not stated", "½ Σ (a2 − y)²",
            "δ2 = (a2 − y) ⊙ σ'(z2) is the derivative of that: neither a mean nor without the ½",
        ),
    ),
)  # fmt: skip
Mehmet.note = NOTE
