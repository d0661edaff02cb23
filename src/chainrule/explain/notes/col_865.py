"""The notes "COL 865 Deep Learning: Backpropagation" (3 August 2017)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.explain.convention import COLUMNS_OF_INPUTS
from chainrule.explain.notes.base import Note, NoteConvention, Slip, minus_gradient
from chainrule.explain.step import Step
from chainrule.nn import L2
from chainrule.nn.arrays import Array
from chainrule.notation.formula import Equation, Formula, Gradient, Number, Partial, Symbol
from chainrule.notation.plain import plain

__all__ = ["NOTE"]

COST = Symbol("J")
MOST_UNITS = 8  # of a layer whose Jacobian is shown as a matrix


class Col865(NoteConvention):
    """One observation a column, z = Wᵀ x + b, gradients as Jacobian–gradient products."""

    default_layout = COLUMNS_OF_INPUTS
    J = COST

    def place(self, layer: int) -> str:
        """Return the layer's number in the notes: 1 to K, and 0 for the output layer."""
        return "(0)" if layer == self.L else f"({layer})"

    def X(self) -> Formula:
        return Symbol("x")

    def Y(self) -> Formula:
        return Symbol("y")

    def W(self, layer: int) -> Formula:
        return Symbol("W", sup=self.place(layer))

    def b(self, layer: int) -> Formula:
        return Symbol("b", sup=self.place(layer))

    def Z(self, layer: int) -> Formula:
        return Symbol("z", sup=self.place(layer))

    def A(self, layer: int) -> Formula:
        if layer == 0:
            return self.X()
        return Symbol("y", hat=True) if layer == self.L else Symbol("x", sup=self.place(layer))

    def g(self, layer: int) -> Symbol:
        return Symbol("g", sup=self.place(layer))

    def jacobian(self, layer: int) -> Formula:
        return Symbol("Jac", sup=self.place(layer))["i"]

    def d(self, letter: str, layer: int) -> Formula:
        return Gradient(self.of(letter, layer), COST)

    def steps(self) -> list[Step]:
        """Put each Jacobian before the product that it is in; its matrix where it is small."""
        out: list[Step] = []
        for step in super().steps():
            jacobian = self.jacobian_before(step)
            if jacobian is not None:
                if max(size or 0 for size in jacobian.shape) <= MOST_UNITS:
                    out.append(jacobian)
                else:
                    step = replace(step, lines=jacobian.lines)
            out.append(step)
        return out

    def jacobian_before(self, step: Step) -> Step | None:
        """Return the Jacobian of a product ∇_z J or ∇_x J; None for other steps, and for ∇_ŷ J."""
        if step.of.startswith("dZ"):
            return self.activation_jacobian(int(step.of[2:]))
        if step.of == "dX":
            return self.affine_jacobian(1)
        if step.of.startswith("dA") and step.of != f"dA{self.L}":
            return self.affine_jacobian(int(step.of[2:]) + 1)
        return None

    def activation_jacobian(self, layer: int) -> Step:
        """Return ∂x/∂z of a layer as a matrix, for the first observation."""
        x, z = self.A(layer), self.Z(layer)
        diagonal = self.network.activations[layer - 1].is_elementwise
        form = Symbol("diag")(self.slope(layer)) if diagonal else self.jacobian(layer)

        def matrix(values: Any) -> Array:
            if diagonal:
                return np.diag(values(f"g{layer}'")[0])
            return values.jacobian_of(layer, 0)

        product = Equation(Gradient(z, COST), (Partial(x, z).T @ Gradient(x, COST),))
        return self.jacobian_step(Partial(x, z), form, layer, layer, matrix, product)

    def affine_jacobian(self, layer: int) -> Step:
        """Return ∂z/∂x, which is Wᵀ, as a matrix."""
        x, z = self.A(layer - 1), self.Z(layer)
        product = Equation(Gradient(x, COST), (Partial(z, x).T @ Gradient(z, COST),))
        return self.jacobian_step(
            Partial(z, x), self.W(layer).T, layer, layer - 1,
            lambda values: values(f"W{layer}").T, product,
        )  # fmt: skip

    def jacobian_step(
        self, symbol: Formula, form: Formula, to: int, source: int, make: Any, product: Equation
    ) -> Step:
        """Return a Jacobian; with its numbers where it is small."""
        sizes = self.network.sizes
        shape = (sizes[to], sizes[source])
        says = "for the first observation" if to == source else "for every observation"
        return Step(
            plain(symbol), "backward", symbol, general=form, lines=(product,),
            dims=(f"n{to}", f"n{source}"), shape=shape,
            says=f"the Jacobian, {says}",
            make=make,
        )  # fmt: skip


W, b, z, x = (Symbol(base, sup="(k)") for base in ("W", "b", "z", "x"))
below = Symbol("x", sup="(k−1)")
slope = Symbol("g", sup="(k)", prime=True)(z)
Col865.update_rules = (
    minus_gradient(W, Symbol("η"), Gradient(W, COST)),
    minus_gradient(b, Symbol("η"), Gradient(b, COST)),
)
log_loss = Symbol("L")

NOTE = Note(
    key="col-865",
    title='the notes "COL 865 Deep Learning: Backpropagation" (3 August 2017)',
    about="The general form: K hidden layers with an activation each, sigmoid output, layer (0); "
    "z = Wᵀ x + b, one observation a column; every gradient as a Jacobian, transposed, times a "
    "gradient. The cost is ½ of the summed log loss, plus λ‖θ‖² over all parameters, biases too.",
    differs="Its gradients are those of its cost, the ½ included, but for the penalty: the notes never "
    "add 2λθ; the steps here do. Its ∇_W = ∇_z · (input)ᵀ is that of Wᵀ, for z = Wᵀ x: here it has W's "
    "own shape.",
    convention=Col865,
    sizes=(3, 4, 4, 1),
    network={
        "hidden": "tanh", "loss": "binary_cross_entropy", "reduction": "sum", "cost_scale": 0.5,
        "penalty": L2(0.1, scale="full", biases=True),
    },
    needs={
        "loss": ("binary_cross_entropy",),
        "reduction": ("sum",),
        "cost_scale": (0.5,),
    },
    slips=(
        Slip(
            "the gradients of W and b", Gradient(z, COST) @ below.T,
            Gradient(z, COST) @ below.T + Number(2) * Symbol("λ") * W.T,
            "the penalty λ‖θ‖² has the derivative 2λθ; it is never added",
        ),
        Slip(
            "∇_W, once", Gradient(z, COST) @ slope.T, Gradient(z, COST) @ below.T,
            "it is ∇_z times the layer's input, not the slope",
        ),
        Slip(
            "∇_x of the layer below", W.T @ Gradient(z, COST), W @ Gradient(z, COST),
            "z = Wᵀ x has the Jacobian Wᵀ, and its transpose is W",
        ),
        Slip("the forward pass", W.T @ x, W.T @ below, "a layer's input is the layer below"),
        Slip(
            "the cost for one example", log_loss, Number(0.5) * log_loss,
            "the ½ of the cost is dropped",
        ),
    ),
)  # fmt: skip
Col865.note = NOTE
