"""The right formulas in NumPy notation, for the corrections that a report proposes."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.nn import Network

__all__ = ["Notation"]

DERIVATIVES = {
    "sigmoid": "{A} * (1 - {A})",
    "tanh": "(1 - {A}**2)",
    "relu": "({Z} > 0)",
    "leaky_relu": "np.where({Z} > 0, 1, 0.01)",
    "elu": "np.where({Z} > 0, 1, np.exp({Z}))",
    "softplus": "1 / (1 + np.exp(-{Z}))",
    "exponential": "{A}",
}
LOSSES = {
    "binary_cross_entropy": "({A} - Y) / ({A} * (1 - {A}))",
    "categorical_cross_entropy": "-Y / {A}",
    "poisson": "(1 - Y / {A})",
    "squared_error": "2 * ({A} - Y)",
    "half_squared_error": "({A} - Y)",
}
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
    """

    network: Network
    layout: str = "rows"
    per_observation: bool = False

    def formula(self, quantity: str) -> str:
        """Return the right formula of ``"dW2"``, ``"dZ1"`` and so on, as an assignment."""
        kind, layer = quantity[1], int(quantity[2:])
        write = {"A": self.dA, "Z": self.dZ, "W": self.dW, "b": self.db}[kind]
        text = write(layer)
        return f"{quantity} = {text[1:-1] if is_bracketed(text) else text}"

    def activation(self, layer: int) -> str:
        """Return the name of A_l: X for the inputs."""
        return f"A{layer}" if layer else "X"

    def derivative(self, layer: int) -> str:
        """Return g'(Z_l)."""
        name = self.network.activations[layer - 1].name
        template = DERIVATIVES.get(name, f"{name}_derivative({{Z}})")
        return template.format(A=f"A{layer}", Z=f"Z{layer}")

    def scaled(self, text: str) -> str:
        """Return a derivative of the loss with the cost's constant, and 1/m if it stands there."""
        network = self.network
        scale = f"{network.cost_scale:g} * " if network.cost_scale != 1 else ""
        mean = " / m" if network.reduction == "mean" and not self.per_observation else ""
        return f"{scale}{text}{mean}"

    @property
    def collected(self) -> str:
        """The 1/m that stands in dW and db under the convention of per-observation derivatives."""
        return " / m" if self.per_observation and self.network.reduction == "mean" else ""

    def dA(self, layer: int) -> str:
        """Return ∂J/∂A_l."""
        if layer == self.network.depth:
            return self.scaled(LOSSES[str(self.network.loss)].format(A=f"A{layer}"))
        if self.layout == "columns":
            return f"W{layer + 1}.T @ dZ{layer + 1}"
        return f"dZ{layer + 1} @ W{layer + 1}.T"

    def dZ(self, layer: int) -> str:
        """Return ∂J/∂Z_l; ∂J/∂A_l is written into it."""
        network = self.network
        if layer == network.depth and network.loss_function.logit_derivative is not None:
            return self.scaled(f"(A{layer} - Y)")
        g = network.activations[layer - 1].name
        if g == "softmax":
            axis = 1 if self.layout == "rows" else 0
            total = f"(dA{layer} * A{layer}).sum(axis={axis}, keepdims=True)"
            return f"A{layer} * (dA{layer} - {total})"
        dA = self.dA(layer)
        if g == "identity":
            return dA
        if layer < network.depth:
            dA = f"({dA})"
        return f"{dA} * {self.derivative(layer)}"

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


def is_bracketed(text: str) -> bool:
    """Say whether one pair of brackets encloses the whole text."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return place == len(text) - 1
    return False
