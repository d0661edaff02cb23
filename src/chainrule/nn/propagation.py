"""Forward and backward: the general equations of back-propagation, on an explicit record.

Letters: m observations, n_l units in layer l, L layers with weights; X = A_0 is (m, n_0), W_l is
(n_{l−1}, n_l), b_l is (1, n_l), Z_l and A_l are (m, n_l). A d before a quantity is ∂J/∂ of it, of its
own shape, and J is always the one reported scalar: reduction, cost scale and penalty included.

Forward::

    Z_l = A_{l−1} W_l + b_l
    A_l = g_l(Z_l)

Backward::

    dA_L     = c ⊙ ∂ℓ/∂A_L                     the 1/m of a mean is in c, here, once
    dZ_l     = Jac(g_l)(Z_l)ᵀ dA_l             = dA_l ⊙ g_l'(Z_l) where g_l is element-wise
    dW_l     = A_{l−1}ᵀ dZ_l  + ∂penalty/∂W_l
    db_l     = Σ_i dZ_l[i]    + ∂penalty/∂b_l
    dA_{l−1} = dZ_l W_lᵀ

Where inputs are embedded (`chainrule.nn.embeddings`), E stands in the place of A_0 = X in the first
layer, and dE = dZ_1 W_1ᵀ goes on to the embedding's parameters.

Where W_l is not trained as it is, but made of other parameters (an input scale, the NTK
parametrization, an ensemble), V_l stands in its place, and dV_l = A_{l−1}ᵀ dZ_l goes on to them:
`chainrule.nn.parametrization`. The k members of an ensemble are a first axis of V, b, Z and A, and the
data term is the mean of their costs.

With dropout a hidden layer hands on A_l ⊙ M_l in place of A_l, and dA_l is multiplied by M_l on its way
back (Srivastava et al., "Dropout", JMLR 15, 2014; M holds 0 or 1/(1 − p), so that nothing has to be
rescaled at prediction).

The functions here trust their input: `chainrule.Network` checks it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.nn.architecture import Architecture
from chainrule.nn.arrays import Array, is_sparse
from chainrule.nn.embeddings import (
    Embedded,
    embed,
    embedding_gradients,
    embedding_input_gradient,
)
from chainrule.nn.ensembles import combined_outputs
from chainrule.nn.losses import smooth_targets
from chainrule.nn.parameters import Parameters
from chainrule.nn.parametrization import add_weight_gradients, biases, effective_weights
from chainrule.nn.weighting import observation_coefficients

__all__ = [
    "BackwardRecord",
    "ForwardRecord",
    "Output",
    "backward",
    "cost",
    "cost_and_gradients",
    "forward",
    "forward_output",
    "prediction",
]


@dataclass(frozen=True)
class Output:
    """The output layer of a forward pass: all that a prediction and the cost need.

    Attributes
    ----------
    Z, A : ndarray of shape (m, n_L), or (k, m, n_L) for each member of an ensemble
        Z_L, and A_L = Ŷ.
    """

    Z: Array
    A: Array


@dataclass(frozen=True)
class ForwardRecord:
    """What the forward pass computed, for all who read it: the backward pass first of all.

    Attributes
    ----------
    Z : list of ndarray
        Z[1] … Z[L]; Z[0] is None, for there is no pre-activation of the inputs.
    A : list of ndarray
        A[0] = X to A[L] = Ŷ, before dropout. Z and A have shape (m, n_l), and those of an ensemble
        (k, m, n_l), but for X, which all members have in common.
    masks : sequence of ndarray or None
        masks[l] multiplies A[l] on its way to layer l + 1; None where nothing is dropped.
    embedded : Embedded or None
        What the first layer receives instead of X, where inputs are embedded.
    """

    Z: list[Any]
    A: list[Array]
    masks: Sequence[Array | None] | None = None
    embedded: Embedded | None = None

    @property
    def output(self) -> Output:
        """Z_L and A_L."""
        return Output(self.Z[-1], self.A[-1])

    def mask(self, layer: int) -> Array | None:
        """Return M_l, or None if the layer drops nothing."""
        return self.masks[layer] if self.masks is not None else None

    def layer_input(self, layer: int) -> Array:
        """Return what layer `layer` + 1 received: A_l ⊙ M_l, or E ⊙ M_0."""
        M = self.mask(layer)
        A = self.A[layer] if layer > 0 or self.embedded is None else self.embedded.E
        if M is None:
            return A
        if is_sparse(A):  # for a sparse matrix `*` is the matrix product
            return A.multiply(M)  # type: ignore[attr-defined]
        return A * M


@dataclass(frozen=True)
class BackwardRecord:
    """What the backward pass computed.

    Attributes
    ----------
    dA, dZ : list of ndarray or None
        ∂J/∂A_l and ∂J/∂Z_l by layer. dA[L] is None where the output and the loss are fused; dA[0] is
        None unless it was asked for; of an ensemble it has a first axis of members, whose sum is
        ∂J/∂X.
    dV : list of ndarray or None
        ∂J/∂V_l by layer, V_l being what the layer multiplies by: W_l itself in a plain network, and
        then without the penalty. dV[0] is None.
    gradients : Parameters
        ∂J/∂W_l and ∂J/∂b_l, penalty included.
    dE : ndarray or None
        ∂J/∂E, where inputs are embedded: of what the first layer receives.
    """

    dA: list[Any]
    dZ: list[Any]
    dV: list[Any]
    gradients: Parameters
    dE: Array | None = None


def forward(
    network: Architecture,
    parameters: Parameters,
    X: Array,
    masks: Sequence[Array | None] | None = None,
) -> ForwardRecord:
    """Propagate X through the network, keeping every Z and A.

    Parameters
    ----------
    network : Network
    parameters : Parameters
    X : ndarray or sparse array of shape (m, n_0)
    masks : sequence of (ndarray of shape (m, n_l) or None), optional
        Dropout masks by layer, L of them; masks[0] is for the inputs, embedded if they are.

    Returns
    -------
    ForwardRecord
    """
    embedded = None if network.embedding is None else embed(network.embedding, parameters, X)
    record = ForwardRecord([None], [X], masks, embedded)
    for layer, activation in enumerate(network.activations, start=1):
        V, b = effective_weights(network, parameters, layer), biases(network, parameters, layer)
        Z = matmul(record.layer_input(layer - 1), V) + b
        record.Z.append(Z)
        record.A.append(activation.value(Z))
    return record


def forward_output(
    network: Architecture, parameters: Parameters, X: Array, rows: int = 8192
) -> Output:
    """Propagate X as `forward` does, keeping Z_L and A_L alone: to predict, or to cost many rows.

    Parameters
    ----------
    network, parameters, X
        As for `forward`.
    rows : int
        The number of rows that the hidden layers hold at a time.

    Returns
    -------
    Output
        Of a pack, of each of its networks.
    """
    if network.networks:
        return of_each(
            network, parameters, lambda own, theirs: forward_output(own, theirs, X, rows)
        )
    Z, A = [], []
    if network.embedding is not None:  # whose values are that many more
        rows = max(1, rows // network.embedding.width)
    for start in range(0, max(X.shape[0], 1), rows):
        output = forward(network, parameters, X[start : start + rows]).output
        Z.append(output.Z)
        A.append(output.A)
    return Output(np.concatenate(Z, axis=-2), np.concatenate(A, axis=-2))


def of_each(
    pack: Architecture, parameters: Parameters, output: Callable[[Any, Parameters], Output]
) -> Output:
    """Return the outputs of a pack's networks as those of an ensemble's members: (k, m, n_L)."""
    pairs = zip(pack.networks, parameters.parts(), strict=True)
    outputs = [output(network, own) for network, own in pairs]
    return Output(np.stack([own.Z for own in outputs]), np.stack([own.A for own in outputs]))


def prediction(network: Architecture, output: Output) -> Output:
    """Return Z_L and A_L of the network as a whole: of an ensemble, of its mean prediction.

    Parameters
    ----------
    network : Network
    output : Output
        Of each member.

    Returns
    -------
    Output
        Both of shape (m, n_L).
    """
    return Output(*combined_outputs(network, output.Z, output.A))


def matmul(A: Any, B: Array) -> Array:
    """Return A B; A may be sparse, and both may hold one matrix for each member."""
    if is_sparse(A) and B.ndim == 3:
        return np.stack([A @ own for own in B])
    product: Array = A @ B
    return product


def transposed(A: Any) -> Any:
    """Return Aᵀ, of every member."""
    return A.T if A.ndim == 2 else A.swapaxes(-1, -2)


def effective_m(Y: Array, weight: Array | None) -> float:
    """Return m as the penalty's λ/2m sees it: the number of observations, or their weights' sum."""
    return float(Y.shape[0] if weight is None else weight.sum())


def cost(
    network: Architecture,
    parameters: Parameters,
    output: Output,
    Y: Array,
    weight: Array | None = None,
) -> Any:
    """Return J = Σ_i c_i ℓ_i + penalty, from the logits where the loss and the output are fused.

    Of an ensemble ℓ_i is the mean over its members.

    Parameters
    ----------
    network : Network
    parameters : Parameters
    output : Output
        Of these parameters.
    Y : ndarray of shape (m, n_L)
    weight : ndarray of shape (m,), optional
        Observation weights.

    Returns
    -------
    scalar of the parameters' dtype
    """
    loss = network.loss_function
    Y_smooth = smooth_targets(Y, loss, network.label_smoothing)
    c = observation_coefficients(Y.shape[0], weight, network.reduction, network.cost_scale)
    if loss.value_from_logits is not None:
        losses = loss.value_from_logits(output.Z, Y_smooth)
    else:
        losses = loss.value(output.A, Y_smooth)
    if network.members > 1:
        losses = losses.mean(axis=0)
    J = (c * losses).sum() if weight is None else c[:, 0] @ losses  # type: ignore[index]
    if network.penalty is not None:
        J = J + network.penalty.value(parameters, effective_m(Y, weight))
    return J


def backward(
    network: Architecture,
    parameters: Parameters,
    record: ForwardRecord,
    Y: Array,
    weight: Array | None = None,
    *,
    input_gradient: bool = False,
) -> BackwardRecord:
    """Propagate ∂J/∂A_L back to every Z, A, W and b.

    Parameters
    ----------
    network, parameters, Y, weight
        As for `cost`.
    record : ForwardRecord
        Of these parameters.
    input_gradient : bool
        Whether dA_0 = ∂J/∂X is wanted too.

    Returns
    -------
    BackwardRecord
    """
    L = network.depth
    dA: list[Any] = [None] * (L + 1)
    dZ: list[Any] = [None] * (L + 1)
    dV: list[Any] = [None] * (L + 1)
    gradients = Parameters.zeros(parameters.layout, record.Z[L].dtype)

    loss = network.loss_function
    m = effective_m(Y, weight)
    c = observation_coefficients(Y.shape[0], weight, network.reduction, network.cost_scale)
    c = c / network.members  # the mean over the members
    Y = np.broadcast_to(
        smooth_targets(Y, loss, network.label_smoothing), record.A[L].shape
    )  # the same for every member
    if loss.logit_derivative is not None:
        dZ[L] = c * loss.logit_derivative(record.Z[L], record.A[L], Y)
    else:
        dA[L] = c * loss.derivative(record.A[L], Y)

    for layer in range(L, 0, -1):
        activation = network.activations[layer - 1]
        if dZ[layer] is None:
            dZ[layer] = activation.jacobian_product(record.Z[layer], record.A[layer], dA[layer])
        dV[layer] = matmul(transposed(record.layer_input(layer - 1)), dZ[layer])
        add_weight_gradients(network, parameters, layer, dV[layer], gradients)
        gradients[f"b{layer}"] = dZ[layer].sum(axis=-2)
        if layer > 1 or input_gradient or record.embedded is not None:
            dA[layer - 1] = dZ[layer] @ transposed(effective_weights(network, parameters, layer))
            M = record.mask(layer - 1)
            if M is not None:
                dA[layer - 1] = dA[layer - 1] * M

    dE = None
    if record.embedded is not None:
        dE = dA[0]
        dA[0] = embedding_backward(network, parameters, record, dE, gradients, input_gradient)
    if network.penalty is not None:
        network.penalty.add_gradient(gradients, parameters, m)
    return BackwardRecord(dA, dZ, dV, gradients, dE)


def embedding_backward(
    network: Architecture,
    parameters: Parameters,
    record: ForwardRecord,
    dE: Array,
    gradients: Parameters,
    input_gradient: bool,
) -> Array | None:
    """Set the gradients of the embedding's parameters from dE; return dX if it is wanted."""
    embedding, embedded = network.embedding, record.embedded
    assert embedding is not None
    assert embedded is not None
    own = embedding_gradients(embedding, parameters, record.A[0], embedded, dE)
    for name, V in own.items():
        gradients[name] = V
    if not input_gradient:
        return None
    return embedding_input_gradient(embedding, parameters, embedded, dE)


def cost_and_gradients(
    network: Architecture,
    parameters: Parameters,
    X: Array,
    Y: Array,
    weight: Array | None = None,
    masks: Sequence[Array | None] | None = None,
) -> tuple[Any, Parameters]:
    """Return J and ∂J/∂θ: one forward and one backward pass."""
    record = forward(network, parameters, X, masks)
    J = cost(network, parameters, record.output, Y, weight)
    return J, backward(network, parameters, record, Y, weight).gradients
