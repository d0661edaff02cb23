"""Steps of gradient descent, shown whole: gradients, new parameters, the cost before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.checks import check_count
from chainrule.explain.values import Values
from chainrule.nn import Network, Parameters
from chainrule.nn.arrays import Array
from chainrule.nn.propagation import backward, cost_and_gradients, forward
from chainrule.optim import SGD

__all__ = ["Update", "update"]


@dataclass(frozen=True)
class Update:
    """What one or more steps of gradient descent did.

    Parameters
    ----------
    learning_rate : float
        η.
    before, after : Parameters
        Before the first step, and after the last one.
    first : Parameters
        After the first step.
    gradients : Parameters
        Those of the first step; those of shared biases are added up.
    costs : ndarray of shape (steps + 1,)
        The cost before the first step and after each.
    outputs : ndarray of shape (m, n_L)
        Ŷ after the last step.
    frozen : tuple of str
        Names of parameters that kept their values.
    shared_biases : bool
        Whether the units of a layer share one bias.
    too_early : Update, optional
        What comes out if each layer is updated before the gradients of the layer below are computed.
    """

    learning_rate: float
    before: Parameters
    after: Parameters
    first: Parameters
    gradients: Parameters
    costs: Array
    outputs: Array
    frozen: tuple[str, ...]
    shared_biases: bool
    too_early: Update | None = None

    @property
    def first_order(self) -> float:
        """By how much the first step lowers the cost to first order: −dθ · (what it moved)."""
        moved = self.first.vector - self.before.vector
        return float(-(self.gradients.vector @ moved))

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return len(self.costs) - 1


def update(
    values: Values,
    learning_rate: float,
    *,
    steps: int = 1,
    freeze: Sequence[str] = (),
    shared_biases: bool = False,
    too_early: bool = False,
) -> Update:
    """Take steps of gradient descent, θ ← θ − η dθ.

    Parameters
    ----------
    values : Values
        Where to start.
    learning_rate : float
    steps : int
    freeze : sequence of str
        Parameters that keep their values: ``("b1", "b2")``.
    shared_biases : bool
        Whether the units of a layer share one bias: its gradient is the sum of theirs.
    too_early : bool
        Whether to show beside it what a common slip gives: each layer updated before the gradients
        of the layer below are computed.

    Returns
    -------
    Update

    Raises
    ------
    ParameterError
        If a name is unknown, or a number is not one that can be.
    """
    check_count("steps", steps)
    for name in freeze:
        values.parameters[name]  # which says what the known ones are
    options = (learning_rate, int(steps), tuple(freeze), shared_biases)
    other = descended(values, *options, early=True) if too_early else None
    return descended(values, *options, early=False, too_early=other)


def descended(
    values: Values,
    learning_rate: float,
    steps: int,
    freeze: tuple[str, ...],
    shared: bool,
    *,
    early: bool,
    too_early: Update | None = None,
) -> Update:
    """Take the steps."""
    parameters = values.parameters.copy()
    frozen = parameters.mask(freeze)
    optimizer = SGD(learning_rate)
    step = early_step if early else right_step
    costs: list[Any] = []
    first: Parameters | None = None
    _, gradients = cost_and_gradients(values.network, parameters, values.X, values.Y, values.weight)
    share(gradients, shared)
    for _ in range(steps):
        costs.append(step(values, parameters, optimizer, frozen, shared))
        first = parameters.copy() if first is None else first
    assert first is not None
    record = forward(values.network, parameters, values.X)
    costs.append(values.network.cost(parameters, values.X, values.Y, values.weight))
    return Update(
        learning_rate, values.parameters, parameters, first, gradients, np.array(costs, float),
        record.A[-1], freeze, shared, too_early,
    )  # fmt: skip


def right_step(
    values: Values, parameters: Parameters, optimizer: SGD, frozen: Array, shared: bool
) -> Any:
    """Take one step, all gradients first; return the cost before it."""
    J, gradients = cost_and_gradients(values.network, parameters, values.X, values.Y, values.weight)
    share(gradients, shared)
    optimizer.update(parameters.vector, gradients.vector, frozen)
    return J


def early_step(
    values: Values, parameters: Parameters, optimizer: SGD, frozen: Array, shared: bool
) -> Any:
    """Make the slip: the gradients of a layer see the already updated weights above it."""
    network = values.network
    J = network.cost(parameters, values.X, values.Y, values.weight)
    record = forward(network, parameters, values.X)
    for layer in range(network.depth, 0, -1):
        gradients = backward(network, parameters, record, values.Y, values.weight).gradients
        share(gradients, shared)
        own = (
            f"W{layer}",
            f"b{layer}",
            *(before_layers(network) if layer == 1 else ()),
        )
        others = ~parameters.mask(own)
        optimizer.update(parameters.vector, gradients.vector, frozen | others)
    return J


def before_layers(network: Network) -> tuple[str, ...]:
    """Return the names of the parameters that stand before the first layer's."""
    return tuple(name for name, _ in network.layout.shapes() if name.isalpha())


def share(gradients: Parameters, shared: bool) -> None:
    """Add up the gradients of each layer's biases, in place, if they are one."""
    for name, V in gradients.items():
        if shared and name.startswith("b"):
            V[...] = V.sum()
