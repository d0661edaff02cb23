"""The truth at a point: every value of the forward pass, and every derivative of the cost.

It comes from `chainrule.nn`, and is confirmed by the complex step, which knows nothing of the backward
pass: Im J(θ + ih v)/h is the derivative of J along v, exact to rounding (Squire and Trapp, "Using
complex variables to estimate derivatives of real functions", SIAM Review 40, 1998).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from chainrule.doctor.points import Point
from chainrule.errors import ChainruleError, ParameterError
from chainrule.nn import Network, Parameters
from chainrule.nn.arrays import Array
from chainrule.nn.losses import smooth_targets
from chainrule.nn.propagation import backward, forward
from chainrule.nn.weighting import observation_coefficients

__all__ = ["Reference", "check_network", "confirm", "refer"]

KNOWN = {
    "sizes",
    "hidden",
    "output",
    "loss",
    "reduction",
    "penalty",
    "cost_scale",
    "label_smoothing",
}
STEP = 1e-30
DIRECTIONS = 6
AGREEMENT = 1e-9


@dataclass(frozen=True)
class Reference:
    """What is true at a point. Lists are indexed by layer; A[0] is X.

    Parameters
    ----------
    point : Point
    Y : ndarray of shape (m, n_L)
        The targets that the loss sees, smoothed if the network says so.
    c : float
        The data term of the cost is c Σ_i ℓ_i.
    kappa : float
        ∂penalty/∂θ = κ θ for every penalized parameter.
    Z, A, dZ, dA : list of ndarray of shape (m, n_l)
        dA[L] is there too, though training never forms it where loss and output are fused.
    gradients : Parameters
        ∂J/∂W_l and ∂J/∂b_l.
    collect : float
        What the sums in dW and db are multiplied by: 1; 1/m where dZ is per observation.
    """

    point: Point
    Y: Array
    c: float
    kappa: float
    Z: list[Any]
    A: list[Any]
    dZ: list[Any]
    dA: list[Any]
    gradients: Parameters
    collect: float = 1.0

    def per_observation(self) -> Reference:
        """Return the same truth where dZ and dA are derivatives of each observation's own loss.

        They are m times ours, and the 1/m of the mean stands in dW and db.
        """
        m = self.m
        dZ = [None if V is None else m * V for V in self.dZ]
        dA = [None if V is None else m * V for V in self.dA]
        return replace(self, c=self.c * m, dZ=dZ, dA=dA, collect=1 / m)

    @property
    def network(self) -> Network:
        """The network of the point."""
        return self.point.network

    @property
    def m(self) -> int:
        """The number of observations."""
        return self.point.m

    def W(self, layer: int) -> Array:
        """Return the weights into a layer."""
        return self.point.parameters[f"W{layer}"]

    def b(self, layer: int) -> Array:
        """Return the biases of a layer."""
        return self.point.parameters[f"b{layer}"]

    def penalty_factor(self, name: str) -> float:
        """Return κ for a parameter such as ``"W1"``, 0 if the penalty does not cover it."""
        penalty = self.network.penalty
        return self.kappa if penalty is not None and penalty.covers(name) else 0.0

    def terms(self, quantity: str) -> Array:
        """Return the sum of the absolute terms that dW_l or db_l is a sum of.

        Where they cancel, this is what rounding is relative to.
        """
        name, layer = quantity[1:], int(quantity[2:])
        dZ = np.abs(self.dZ[layer]) * self.collect
        penalty = self.penalty_factor(name) * np.abs(self.point.parameters[name])
        if name[0] == "b":
            return dZ.sum(axis=0, keepdims=True) + penalty
        return np.abs(self.A[layer - 1]).T @ dZ + penalty

    def true(self, quantity: str) -> Array:
        """Return the true value of ``"dW1"``, ``"dZ2"`` and so on."""
        letter, layer = quantity[1], int(quantity[2:])
        if letter in "Wb":
            return self.gradients[f"{letter}{layer}"]
        return (self.dZ if letter == "Z" else self.dA)[layer]


def check_network(network: object) -> None:
    """Raise a ParameterError if it is not a network whose equations the doctor knows."""
    if not isinstance(network, Network):
        raise ParameterError(f"network must be a Network, not a {type(network).__name__}")
    for part in fields(network):
        if part.name not in KNOWN and getattr(network, part.name) != part.default:
            raise ParameterError(
                f"the doctor does not know networks with {part.name}: leave it at {part.default!r}"
            )


def refer(point: Point) -> Reference:
    """Compute everything that is true at a point."""
    network, parameters = point.network, point.parameters
    record = forward(network, parameters, point.X)
    back = backward(network, parameters, record, point.Y, input_gradient=True)
    Y = smooth_targets(point.Y, network.loss_function, network.label_smoothing)
    c = float(observation_coefficients(point.m, None, network.reduction, network.cost_scale))
    dA = list(back.dA)
    with np.errstate(divide="ignore", invalid="ignore"):  # a saturated output, at a user's point
        dA[network.depth] = c * network.loss_function.derivative(record.A[-1], Y)
    kappa = 0.0 if network.penalty is None else network.penalty.gradient_factor(point.m)
    return Reference(point, Y, c, kappa, record.Z, record.A, back.dZ, dA, back.gradients)


def confirm(reference: Reference) -> float:
    """Compare the true gradient with complex steps along random directions.

    Returns
    -------
    float
        The largest relative difference.

    Raises
    ------
    ChainruleError
        If it is above 1e-9: then chainrule itself has a bug, and the doctor must not speak.
    """
    point, gradient = reference.point, reference.gradients.vector
    rng = np.random.RandomState(0)
    worst = 0.0
    for _ in range(DIRECTIONS):
        v = rng.normal(size=gradient.size)
        moved = Parameters(point.network.layout, point.parameters.vector + 1j * STEP * v)
        slope = point.network.cost(moved, point.X, point.Y).imag / STEP
        scale = float(np.abs(gradient) @ np.abs(v)) or 1.0
        worst = max(worst, abs(slope - float(gradient @ v)) / scale)
    if not worst < AGREEMENT:
        raise ChainruleError(
            f"the reference gradient differs from the complex step by {worst:.1e}: "
            "please report this network and point"
        )
    return worst
