"""The numbers of a network's derivation: the records of training, by name.

Nothing is computed here in another way than in `chainrule.nn`: the forward and the backward record are
those that training uses; the factors that training has no need of (g', a softmax's Jacobian, the
unfused dA_L) come from the same activations and losses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.nn import Network, Parameters
from chainrule.nn.arrays import Array, is_sparse
from chainrule.nn.embeddings import turn_gradient
from chainrule.nn.losses import smooth_targets
from chainrule.nn.parametrization import effective_weights
from chainrule.nn.propagation import backward, cost, effective_m, forward
from chainrule.nn.weighting import observation_coefficients

__all__ = ["MOST_JACOBIAN_ENTRIES", "Values"]

MOST_JACOBIAN_ENTRIES = 2**20  # a softmax layer of 512 units has 262,144 an observation


class Values:
    """Every value of the forward and the backward pass, by the name of its step, in rows.

    Parameters
    ----------
    network : Network
    parameters : Parameters
    X, Y, weight
        As `Network.checked_batch` returns them.
    """

    def __init__(
        self, network: Network, parameters: Parameters, X: Any, Y: Array, weight: Array | None
    ) -> None:
        self.network, self.parameters = network, parameters
        self.X, self.Y, self.weight = X, Y, weight
        self.m = Y.shape[0]
        with np.errstate(all="ignore"):  # what overflows is shown as it is
            self.record = forward(network, parameters, X)
            self.J = cost(network, parameters, self.record.output, Y, weight)
            self.back = backward(network, parameters, self.record, Y, weight, input_gradient=True)
        self.Y_smooth = smooth_targets(Y, network.loss_function, network.label_smoothing)
        self.c = observation_coefficients(self.m, weight, network.reduction, network.cost_scale)

    def __call__(self, name: str) -> Any:
        """Return the value of a step, a NumPy array or a scalar."""
        letter, layer = name.rstrip("0123456789"), name.lstrip("".join(set(name) - DIGITS))
        whole: dict[str, Callable[[], Any]] = {
            "X": lambda: dense(self.X),
            "Y": lambda: self.Y,
            "w": lambda: np.reshape(self.weight, (-1, 1)),  # type: ignore[arg-type]
            "Y_smooth": lambda: self.Y_smooth,
            "losses": self.losses,
            "c": lambda: np.asarray(self.c),
            "penalty": self.penalty,
            "J": lambda: self.J,
            "dX": lambda: self.back.dA[0],
            "dE": lambda: self.back.dE,
            "dt": self.turn_gradient,
        }
        if name in ("t", "e", "E"):
            return getattr(self.record.embedded, name)
        if name in whole:
            return whole[name]()
        if name.startswith("g"):
            return self.slope(int(name[1:-1]))
        by_layer: dict[str, Callable[[int], Any]] = {
            "Z": lambda at: self.record.Z[at],
            "A": lambda at: self.record.A[at],
            "dZ": lambda at: self.back.dZ[at],
            "dA": self.dA,
            "Jac": self.jacobian,
            "V": self.weights,
            "dV": lambda at: self.back.dV[at],
        }
        if letter in by_layer:
            return by_layer[letter](int(layer))
        return self.back.gradients[name[1:]] if name.startswith("d") else self.parameters[name]

    def weights(self, layer: int) -> Array:
        """Return what a layer multiplies by: V_l, in a plain network W_l."""
        return effective_weights(self.network, self.parameters, layer)

    def turn_gradient(self) -> Array:
        """Return dt of the embedding."""
        assert self.network.embedding is not None
        assert self.record.embedded is not None
        assert self.back.dE is not None
        return turn_gradient(
            self.network.embedding, self.parameters, self.record.embedded, self.back.dE
        )

    def losses(self) -> Array:
        """Return ℓ of each observation, shape (m, 1)."""
        loss = self.network.loss_function
        with np.errstate(all="ignore"):
            if loss.value_from_logits is not None:
                value = loss.value_from_logits(self.record.Z[-1], self.Y_smooth)
            else:
                value = loss.value(self.record.A[-1], self.Y_smooth)
        return np.reshape(value, (-1, 1))

    def penalty(self) -> Any:
        """Return the penalty."""
        penalty = self.network.penalty
        assert penalty is not None
        return penalty.value(self.parameters, effective_m(self.Y, self.weight))

    def slope(self, layer: int) -> Array:
        """Return g'(Z) of an element-wise layer."""
        g = self.network.activations[layer - 1]
        with np.errstate(all="ignore"):
            return g.derivative(self.record.Z[layer], self.record.A[layer])

    def dA(self, layer: int) -> Array:
        """Return ∂J/∂A_l; where training fuses it away, c ⊙ ∂ℓ/∂A_L, which may be infinite."""
        if self.back.dA[layer] is not None:
            return self.back.dA[layer]
        with np.errstate(all="ignore"):
            slope = self.network.loss_function.derivative(self.record.A[layer], self.Y_smooth)
            return self.c * slope

    def unfused(self) -> Array:
        """Return dA_L and the output's derivative, multiplied: NaN where it is 0/0."""
        L = self.network.depth
        g = self.network.activations[-1]
        with np.errstate(all="ignore"):
            return g.jacobian_product(self.record.Z[L], self.record.A[L], self.dA(L))

    def jacobian(self, layer: int) -> Array:
        """Return ∂a_k/∂z_j of a layer, for the first observations: shape (≤ m, n, n)."""
        n = self.network.sizes[layer]
        count = min(self.m, max(1, MOST_JACOBIAN_ENTRIES // n**2))
        return np.stack([self.jacobian_of(layer, row) for row in range(count)])

    def jacobian_of(self, layer: int, row: int) -> Array:
        """Return ∂a_k/∂z_j of one observation: its row k is the product with dA = e_k."""
        n = self.network.sizes[layer]
        Z, A = (
            np.repeat(V[layer][row : row + 1], n, axis=0) for V in (self.record.Z, self.record.A)
        )
        g = self.network.activations[layer - 1]
        with np.errstate(all="ignore"):
            return g.jacobian_product(Z, A, np.eye(n, dtype=Z.dtype))


DIGITS = set("0123456789")


def dense(X: Any) -> Array:
    return X.toarray() if is_sparse(X) else X
