"""The right formulas in NumPy notation, for the corrections that a report proposes."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.nn import Network
from chainrule.notation.numpy_text import PRODUCT, SUM, Written, numpy_text

__all__ = ["Notation"]

PENALTIES = {"full": "2 * lam * {}", "half": "lam * {}", "half_mean": "lam / m * {}"}


@dataclass(frozen=True)
class Notation:
    """Writes the right formula of each quantity.

    Parameters
    ----------
    network : Network
    layout : {"rows", "columns"}
        Whether an observation is a row or a column.
    per_observation : bool
        Whether dZ and dA are derivatives of the loss of each observation, so that the 1/m of a mean
        stands in dW and db.
    one_class : bool
        Whether targets that are a distribution sum to 1 in each observation.
    """

    network: Network
    layout: str = "rows"
    per_observation: bool = False
    one_class: bool = True

    def formula(self, quantity: str) -> str:
        """Return the right formula of ``"dW2"``, ``"dZ1"`` and so on, as an assignment."""
        kind, layer = quantity[1], int(quantity[2:])
        match kind:
            case "A":
                text = self.dA(layer).text
            case "Z":
                text = self.dZ(layer).text
            case "W":
                text = self.dW(layer)
            case _:
                text = self.db(layer)
        return f"{quantity} = {text}"

    def activation(self, layer: int) -> str:
        """Return the name of A_l: X for the inputs."""
        return f"A{layer}" if layer else "X"

    def derivative(self, layer: int) -> str:
        """Return g'(Z_l), ready to be multiplied."""
        return self.slope(layer).within(PRODUCT)

    def slope(self, layer: int) -> Written:
        """Return g'(Z_l)."""
        return self.written(self.network.activations[layer - 1].derivative_formula, layer)

    def written(self, text: str, layer: int) -> Written:
        """Return a row's formula for a layer."""
        letters = {"z": f"Z{layer}", "a": f"A{layer}", "da": f"dA{layer}", "y": "Y"}
        loss = self.network.loss_function
        if loss.targets == "distribution" and self.one_class:
            letters["sum(y)"] = "1"
        axis = 1 if self.layout == "rows" else 0
        return numpy_text(text, {name: Written(code) for name, code in letters.items()}, axis)

    def scaled(self, slope: Written) -> Written:
        """Return a derivative of the loss with the cost's constant, and 1/m if it stands there."""
        network = self.network
        scale = f"{network.cost_scale!r} * " if network.cost_scale != 1 else ""
        mean = " / m" if network.reduction == "mean" and not self.per_observation else ""
        if not scale and not mean:
            return slope
        return Written(f"{scale}{slope.within(PRODUCT)}{mean}", PRODUCT)

    @property
    def collected(self) -> str:
        """The 1/m that stands in dW and db under the convention of per-observation derivatives."""
        return " / m" if self.per_observation and self.network.reduction == "mean" else ""

    def dA(self, layer: int) -> Written:
        """Return ∂J/∂A_l; a matrix product is set in brackets before it is multiplied."""
        if layer == self.network.depth:
            return self.scaled(self.written(self.network.loss_function.derivative_formula, layer))
        if self.layout == "columns":
            return Written(f"W{layer + 1}.T @ dZ{layer + 1}", SUM)
        return Written(f"dZ{layer + 1} @ W{layer + 1}.T", SUM)

    def dZ(self, layer: int) -> Written:
        """Return ∂J/∂Z_l; ∂J/∂A_l is written into it."""
        network, g = self.network, self.network.activations[layer - 1]
        fused = network.loss_function.fused_formula
        if layer == network.depth and fused is not None:
            return self.scaled(self.written(fused, layer))
        if g.product_formula is not None:
            return self.written(g.product_formula, layer)
        dA, slope = self.dA(layer), self.slope(layer)
        if slope.text == "1":
            return dA
        return Written(f"{dA.within(PRODUCT)} * {slope.within(PRODUCT)}", PRODUCT)

    def dW(self, layer: int) -> str:
        """Return ∂J/∂W_l."""
        A, dZ = self.activation(layer - 1), f"dZ{layer}"
        product = f"{A}.T @ {dZ}" if self.layout == "rows" else f"{dZ} @ {A}.T"
        return product + self.collected + self.penalty(f"W{layer}")

    def db(self, layer: int) -> str:
        """Return ∂J/∂b_l."""
        axis = 0 if self.layout == "rows" else 1
        total = f"dZ{layer}.sum(axis={axis}, keepdims=True)"
        return total + self.collected + self.penalty(f"b{layer}")

    def penalty(self, name: str) -> str:
        """Return the derivative of the penalty, with its plus; nothing if there is none."""
        penalty = self.network.penalty
        if penalty is None or not penalty.covers(name) or not penalty.strength:
            return ""
        return f" + {PENALTIES[penalty.scale].format(name)}"
