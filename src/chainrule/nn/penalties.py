"""The L2 penalty, in the three scales that texts use, over weights alone or over biases too."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.checks import check_number, check_switch
from chainrule.errors import unknown_name
from chainrule.nn.parameters import Parameters

__all__ = ["L2"]

SCALES = ("full", "half", "half_mean")


@dataclass(frozen=True)
class L2:
    """An L2 penalty on the parameters.

    =============  ==============  ==============
    scale          added to J      added to ∂J/∂θ
    =============  ==============  ==============
    "full"         λ‖θ‖²           2λ θ
    "half"         (λ/2)‖θ‖²       λ θ
    "half_mean"    (λ/2m)‖θ‖²      (λ/m) θ
    =============  ==============  ==============

    With observation weights, m is their sum. The reduction and the cost scale of the network never
    touch the penalty.

    Parameters
    ----------
    strength : float
        λ, at least 0.
    scale : {"half", "full", "half_mean"}
        Which of the three; "half_mean" is scikit-learn's.
    biases : bool
        Whether θ includes the biases or is the weights alone. An input scale, an embedding and the
        factors of an ensemble's members are never penalized.

    Raises
    ------
    ParameterError
        If λ is negative or not finite, or the scale is unknown.

    Examples
    --------
    >>> L2(0.1, scale="full").gradient_factor(m=20)
    0.2
    """

    strength: float
    scale: str = "half"
    biases: bool = False

    def __post_init__(self) -> None:
        check_number("the penalty's strength", self.strength, 0)
        object.__setattr__(self, "strength", float(self.strength))  # no NumPy scalar's dtype
        if self.scale not in SCALES:
            raise unknown_name("penalty scale", self.scale, SCALES)
        check_switch("biases", self.biases)

    def covers(self, name: str) -> bool:
        """Say whether the parameter called `name` is penalized."""
        return name.startswith("W") or (self.biases and name.startswith("b"))

    def gradient_factor(self, m: float) -> float:
        """Return k in ∂penalty/∂θ = k θ; the penalty itself is (k/2)‖θ‖²."""
        match self.scale:
            case "full":
                return 2 * float(self.strength)
            case "half":
                return float(self.strength)
            case _:
                return float(self.strength) / float(m)

    def value(self, parameters: Parameters, m: float) -> float:
        """Return the penalty, a scalar of the parameters' dtype."""
        squares = sum((V * V).sum() for name, V in parameters.items() if self.covers(name))
        return self.gradient_factor(m) / 2 * squares

    def add_gradient(self, gradients: Parameters, parameters: Parameters, m: float) -> None:
        """Add ∂penalty/∂θ to `gradients`, in place."""
        factor = self.gradient_factor(m)
        for name, V in parameters.items():
            if self.covers(name):
                gradients[name] += factor * V
