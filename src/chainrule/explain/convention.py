"""Conventions: the letters, the layout and the place of the 1/m of one way to write a derivation.

The library's own are `Convention`, in rows or columns. Each of the lecture notes has one in
`chainrule.explain.notes`, a subclass that says what it does otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from chainrule.nn import Network
from chainrule.nn.arrays import Array
from chainrule.nn.embeddings import NAMES
from chainrule.notation.formula import Formula, Item, Number, Partial, SumOver, Symbol

__all__ = ["COLUMNS", "COLUMNS_OF_INPUTS", "LAYOUTS", "ROWS", "Convention", "Layout", "letters_of"]


@dataclass(frozen=True)
class Layout:
    """What an observation is, and on which side of the activations the weights stand.

    Parameters
    ----------
    key, title : str
        The name that users type, and what it means.
    columns : bool
        Whether an observation is a column: all activations are transposed.
    transposed_weights : bool
        Whether W_l is (n_l, n_{l−1}).
    """

    key: str
    title: str
    columns: bool
    transposed_weights: bool

    @property
    def observation(self) -> str:
        """What an observation is: "rows" or "columns"."""
        return "columns" if self.columns else "rows"

    @property
    def index(self) -> str:
        """The index of one observation."""
        return ":, i" if self.columns else "i"

    def affine(self, A: Formula, W: Formula, b: Formula) -> Formula:
        """Return Z of a layer."""
        if not self.columns:
            return A @ W + b
        return (W if self.transposed_weights else W.T) @ A + b

    def weight_gradient(self, A: Formula, dZ: Formula) -> Formula:
        """Return dW of a layer, A its input."""
        if not self.columns:
            return A.T @ dZ
        return dZ @ A.T if self.transposed_weights else A @ dZ.T

    def input_gradient(self, dZ: Formula, W: Formula) -> Formula:
        """Return dA of a layer's input."""
        if not self.columns:
            return dZ @ W.T
        return (W.T if self.transposed_weights else W) @ dZ

    def batch(self, units: str) -> tuple[str, str]:
        """Return the dimensions of Z and A, in letters."""
        return (units, "m") if self.columns else ("m", units)

    def weight(self, inputs: str, units: str) -> tuple[str, str]:
        """Return the dimensions of W."""
        return (units, inputs) if self.transposed_weights else (inputs, units)

    def bias(self, units: str) -> tuple[str, str]:
        """Return the dimensions of b."""
        return (units, "1") if self.columns else ("1", units)

    def shown(self, kind: str, value: Array) -> Array:
        """Return a value in this layout; `kind` is "batch", "weight", "bias" or something else."""
        turned = {
            "batch": self.columns,
            "embedded": self.columns,
            "weight": self.transposed_weights,
            "bias": self.columns,
        }.get(kind, False)
        return value.T if turned else value


ROWS = Layout("rows", "one observation a row, Z = A W + b", False, False)
COLUMNS = Layout("columns", "one observation a column, Z = W A + b", True, True)
COLUMNS_OF_INPUTS = Layout("columns", "one observation a column, Z = Wᵀ A + b", True, False)
LAYOUTS = {layout.key: layout for layout in (ROWS, COLUMNS)}


class Convention:
    """The library's own: dV is the derivative of the one cost J, of V's own shape.

    Subclasses change letters, layout and factors. All letters are methods of a layer; layer 0 are the
    inputs.

    Parameters
    ----------
    network : Network
    layout : Layout, optional
    weighted : bool
        Whether the observations have weights.

    Attributes
    ----------
    merged : bool
        Whether dA has no step of its own: dZ1 = (dZ2 W2ᵀ) ⊙ g1'(Z1).
    mean_in : {"cost", "parameters", "nowhere"}
        Where the 1/m of a mean stands: in dA_L, and so in everything; in dW and db alone; or it is
        lost on the way.
    """

    merged: ClassVar[bool] = False
    mean_in: ClassVar[str] = "cost"
    default_layout: ClassVar[Layout] = ROWS

    def __init__(
        self, network: Network, layout: Layout | None = None, weighted: bool = False
    ) -> None:
        self.network = network
        self.L = network.depth
        self.layout = layout or self.default_layout
        self.weighted = weighted

    # -------------------------------------------------------------------------------- the letters

    J: Formula = Symbol("J")
    m: Formula = Symbol("m")
    loss: Formula = Symbol("ℓ")
    rate: Formula = Symbol("η")

    def X(self) -> Formula:
        """Return the inputs."""
        return Symbol("X")

    def Y(self) -> Formula:
        """Return the targets."""
        return Symbol("Y")

    def W(self, layer: int) -> Formula:
        """Return the weights."""
        return Symbol("W", str(layer))

    def b(self, layer: int) -> Formula:
        """Return the biases."""
        return Symbol("b", str(layer))

    def V(self, layer: int) -> Formula:
        """Return what the layer multiplies by: W, or what an input scale and NTK make of it."""
        return Symbol("V", str(layer)) if self.parametrized(layer) else self.W(layer)

    def scale(self) -> Formula:
        """Return the learnable scale of the inputs."""
        return Symbol("s")

    def embedding(self, name: str) -> Formula:
        """Return a parameter of the embedding: w0, b0, a0 or c0."""
        return Symbol(*letters_of(name))

    def d_embedding(self, name: str) -> Formula:
        """Return its derivative."""
        base, sub = letters_of(name)
        return Symbol(f"d{base}", sub)

    def kappa(self, layer: int) -> Formula | None:
        """Return the constant of the NTK parametrization, 1/√n; None where it is 1."""
        return Symbol("κ", str(layer)) if self.network.parametrization == "ntk" else None

    def parametrized(self, layer: int) -> bool:
        """Say whether the layer multiplies by something else than W."""
        return self.network.parametrization == "ntk" or (self.network.input_scale and layer == 1)

    def Z(self, layer: int) -> Formula:
        """Return the pre-activations."""
        return Symbol("Z", str(layer))

    def A(self, layer: int) -> Formula:
        """Return the activations."""
        return Symbol("A", str(layer)) if layer else self.X()

    def A_in(self, layer: int) -> Formula:
        """Return what a layer receives: the activations below it, or the embedded inputs."""
        embedded = layer == 1 and self.network.embedding is not None
        return Symbol("E") if embedded else self.A(layer - 1)

    def g(self, layer: int) -> Symbol:
        """Return the name of an activation."""
        return Symbol("g", str(layer))

    def slope(self, layer: int) -> Formula:
        """Return g'(Z)."""
        g = self.g(layer)
        return Symbol(g.base, g.sub, g.sup, prime=True)(self.Z(layer))

    def jacobian(self, layer: int) -> Formula:
        """Return the Jacobian of an activation that is not element-wise."""
        return Item(Symbol("Jac", str(layer)), "i")

    def d(self, letter: str, layer: int) -> Formula:
        """Return the derivative by one of X, A, Z, W, b."""
        return Symbol(f"d{letter}", str(layer)) if layer else Symbol("dX")

    def partial(self, letter: str, layer: int) -> Formula:
        """Return the same as a fraction, ∂J/∂V."""
        return Partial(self.J, self.of(letter, layer))

    def of(self, letter: str, layer: int) -> Formula:
        """Return the variable itself."""
        return {"A": self.A, "Z": self.Z, "W": self.W, "b": self.b, "V": self.V}[letter](layer)

    # -------------------------------------------------------------------------------- the factors

    def units(self, body: Formula) -> Formula:
        """Sum over the units of each observation."""
        return SumOver(body, "units", layout=self.layout.observation)

    def outputs(self, body: Formula) -> Formula:
        """Sum over the outputs of each observation; nothing to sum where there is one."""
        return body if self.network.sizes[-1] == 1 else self.units(body)

    def observations(self, body: Formula) -> Formula:
        """Sum over the observations."""
        return SumOver(body, "observations", layout=self.layout.observation)

    def coefficient(self) -> Formula | None:
        """Return c, which every ℓ_i is multiplied by in the cost, or None where it is 1."""
        scale = self.network.cost_scale
        if self.weighted:
            return Symbol("c")
        if self.network.reduction == "mean":
            return Number(scale) / self.m
        return Number(scale) if scale != 1 else None

    def output_slope(self) -> Formula:
        """Return dA_L in symbols: c ⊙ ∂ℓ/∂A_L."""
        slope = Partial(self.loss, self.A(self.L))
        return slope if self.in_delta() is None else Symbol("c") * slope

    def in_delta(self) -> Formula | None:
        """Return the part of c that stands in dA_L and dZ_L; None is 1."""
        return self.coefficient() if self.mean_in == "cost" else None

    def in_gradient(self) -> Formula | None:
        """Return the part of c that stands in dW and db; None is 1."""
        return self.coefficient() if self.mean_in == "parameters" else None

    def factor(self, kind: str, c: Any) -> float:
        """Return what a derivative in this convention is of the library's own, as a number.

        Parameters
        ----------
        kind : {"delta", "gradient"}
            dA and dZ, or dW and db.
        c : float or ndarray
            The coefficient of the observations.
        """
        lost = self.mean_in == "nowhere" or (self.mean_in == "parameters" and kind == "delta")
        return 1 / float(np.ravel(c)[0]) if lost else 1.0


def letters_of(name: str) -> tuple[str, str]:
    """Return the letter and the subscript of a parameter: W1, s for the scale, w0 of an embedding."""
    if name in NAMES:
        return "wbac"[NAMES.index(name)], "0"
    return ("s", "") if name == "scale" else (name[0], name[1:])


def scaled(c: Formula | None, body: Formula) -> Formula:
    """Return c times a formula; nothing where c is None."""
    return body if c is None else c * body
