"""What a document may leave unsaid: the network, the layout, where the 1/m stands."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.errors import FormulaError
from chainrule.nn import L2, Network

__all__ = ["LAMBDA", "Convention", "sizes_of"]

LAMBDA = 0.37
WIDTHS = (5, 2, 6, 7, 8, 9, 10)  # of hidden layers: no two the same, so that shapes tell them apart
INPUTS, OUTPUTS = 4, 3
DEEPEST = len(WIDTHS) + 1


def sizes_of(depth: int) -> tuple[int, ...]:
    """Return the sizes of the network that formulas of this depth are computed in."""
    if not 1 <= depth <= DEEPEST:
        raise FormulaError(f"formulas of {depth} layers: at most {DEEPEST} are understood")
    return (INPUTS, *WIDTHS[: depth - 1], OUTPUTS)


@dataclass(frozen=True)
class Convention:
    """One way to understand a document.

    Parameters
    ----------
    depth : int
        L, the number of layers with weights.
    hidden, output, loss : str
    reduction : {"mean", "sum"}
    cost_scale : float
    penalty : tuple of (str, bool) or None
        The scale of the penalty, and whether it is on the biases too.
    layout : str
        One of `chainrule.doctor.formulas.settings.LAYOUTS`.
    per_observation : bool
        Whether dZ and dA are derivatives of the loss of each observation.
    one : bool
        Whether the formulas are for one observation.
    turned : bool
        Whether ∂J/∂W has the shape of Wᵀ, as some texts have it.
    biased : bool
        Whether there are biases; else they are zero.
    bare : tuple of int
        The layers that are stated without a bias, where others have one.
    ascent : bool
        Whether the cost is a likelihood, to be made large: minus ours, and its gradient too.
    """

    depth: int = 2
    hidden: tuple[str, ...] = ("tanh",)
    output: str = "sigmoid"
    loss: str = "binary_cross_entropy"
    reduction: str = "mean"
    cost_scale: float = 1.0
    penalty: tuple[str, bool] | None = None
    layout: str = "rows"
    per_observation: bool = False
    one: bool = False
    turned: bool = False
    biased: bool = True
    bare: tuple[int, ...] = ()
    ascent: bool = False

    def network(self, sizes: tuple[int, ...] | None = None) -> Network:
        """Return the network, at the sizes where formulas are computed."""
        hidden = (self.hidden * self.depth)[: self.depth - 1]
        penalty = None
        if self.penalty is not None:
            penalty = L2(LAMBDA, scale=self.penalty[0], biases=self.penalty[1])
        return Network(
            sizes or sizes_of(self.depth),
            hidden,
            self.output,
            self.loss,
            self.reduction,
            penalty,
            self.cost_scale,
        )

    def described(self) -> list[str]:
        """Say in words what was understood."""
        layouts = {
            "rows": "one row is one observation, Z = A W + b",
            "rows_transposed": "one row is one observation, Z = A Wᵀ + b",
            "columns": "one column is one observation, Z = W A + b",
            "columns_transposed": "one column is one observation, Z = Wᵀ A + b",
        }
        said = [layouts[self.layout]]
        if self.one:
            said.append("the formulas are for one observation")
        else:
            said.append(f"the cost is a {self.reduction} over the observations")
        if self.cost_scale != 1:
            said.append(f"a constant {self.cost_scale:g} in front of it")
        if self.per_observation:
            said.append(
                "dZ and dA are m times the derivatives of the mean, and the 1/m stands in dW and db"
            )
        if not self.biased:
            said.append("no biases")
        if self.bare:
            said.append(f"no bias in layer {', '.join(map(str, self.bare))}")
        if self.ascent:
            said.append("the cost is a log-likelihood, to be made large")
        if self.turned:
            said.append("∂J/∂W has the shape of Wᵀ")
        said.append(f"loss {self.loss}, output {self.output}")
        if self.depth > 1:
            said.append("hidden " + ", ".join(dict.fromkeys(self.network().hidden)))
        if self.penalty is not None:
            scale = {"full": "λ‖θ‖²", "half": "(λ/2)‖θ‖²", "half_mean": "(λ/2m)‖θ‖²"}[
                self.penalty[0]
            ]
            over = "weights and biases" if self.penalty[1] else "the weights"
            said.append(f"penalty {scale} over {over}")
        return said
