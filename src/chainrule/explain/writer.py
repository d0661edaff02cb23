"""Writing steps in a convention: what forward, cost and backward share."""

from __future__ import annotations

from typing import Any

from chainrule.explain.convention import Convention, scaled
from chainrule.explain.step import Step
from chainrule.notation.formula import Formula, Symbol
from chainrule.notation.plain import plain

__all__ = [
    "Writer",
    "effective_m",
    "names",
    "of_inputs",
    "plain_names",
    "targets",
]


class Writer:
    """Writes steps in a convention: the shapes are looked up, the names are read off the symbols."""

    def __init__(self, convention: Convention) -> None:
        self.c = convention
        self.network = convention.network
        self.layout = convention.layout

    def n(self, layer: int) -> str:
        """Return the letter of a layer's units."""
        return f"n{layer}"

    def shape(self, dims: tuple[str, ...]) -> tuple[int | None, ...]:
        """Return dimensions as numbers; None for m."""
        known: dict[str, int | None] = {"1": 1, "m": None}
        known |= {self.n(layer): size for layer, size in enumerate(self.network.sizes)}
        embedding = self.network.embedding
        if embedding is not None:
            known |= {"nE": self.network.layout.inputs(1), "k": embedding.columns}
            known |= {"F": embedding.width, "F−1": embedding.width - 1}
        return tuple(known[dim] for dim in dims)

    def step(self, part: str, of: str, symbol: Formula, kind: str, layer: int, **rest: Any) -> Step:
        """Return a step; `of` is the library's own name of it, `rest` as for `Step`."""
        dims = self.dims(kind, layer)
        name = of if plain_names(self.c) else plain(symbol)
        if rest.get("general") == symbol:  # ∂L/∂Ŷ = ∂L/∂Ŷ
            rest["general"] = rest["concrete"]
        if rest.get("concrete") == rest.get("general"):
            rest["concrete"] = None
        return Step(name, part, symbol, dims=dims, shape=self.shape(dims), of=of, kind=kind, **rest)

    def dims(self, kind: str, layer: int) -> tuple[str, ...]:
        """Return the dimensions, in letters, of a step of this kind."""
        n = self.n
        match kind:
            case "batch":
                return self.layout.batch(n(layer))
            case "weight":
                embedded = layer == 1 and self.network.embedding is not None
                return self.layout.weight("nE" if embedded else n(layer - 1), n(layer))
            case "bias":
                return self.layout.bias(n(layer))
            case "loss":
                return ("1", "m") if self.layout.columns else ("m", "1")
            case "jacobian":
                return ("m", n(layer), n(layer))
            case "embedded":
                return self.layout.batch("nE")
            case "turns" | "waves":
                return ("m", "k", "F−1" if kind == "turns" else "F")
            case "waves of an input" | "values of an input":
                return ("k", "F−1" if kind.startswith("waves") else "F")
            case _:
                return ()


def plain_names(convention: Convention) -> bool:
    """Say whether the steps are called by the library's own names."""
    return type(convention) is Convention


def names(convention: Convention, *symbols: Formula) -> tuple[str, ...]:
    """Return the names of the steps that these symbols stand for."""
    found = (plain(symbol) for symbol in symbols)
    return tuple("Y_smooth" if name == "Ỹ" and plain_names(convention) else name for name in found)


def targets(c: Convention) -> Formula:
    """Return the targets that the loss sees."""
    return Symbol("Ỹ") if c.network.label_smoothing else c.Y()


def effective_m(c: Convention) -> Formula:
    """Return m as λ/2m sees it: the weights' sum where there are weights."""
    return c.observations(Symbol("w")) if c.weighted else c.m


def of_inputs(c: Convention, layer: int, W: Formula) -> Formula:
    """Return κ diag(s) W, or what of it there is: how V comes from W, and dW from dV."""
    if c.network.input_scale and layer == 1:
        diagonal = Symbol("diag")(c.scale())
        W = W @ diagonal if c.layout.transposed_weights else diagonal @ W
    return scaled(c.kappa(layer), W)
