"""The weights that a layer multiplies by, made of the parameters that are trained.

A layer computes Z_l = A_{l−1} V_l + b_l. Plain networks train V_l itself: V_l = W_l. The others train
what V_l is a product of; entry by entry, for the member e of an ensemble,

.. code-block:: text

    V_l[i, j] = c_l · s[i] · R_l[e, i] · W_l[i, j] · S_l[e, j]

    c_l = 1/√n_{l−1}       with parametrization="ntk", else 1
    s                      the input scale, in layer 1 alone: Z_1 = (X ⊙ s) … is X (diag(s) …)
    R_l, S_l               of BatchEnsemble, whose members share W_l: Z = ((A ⊙ r) W) ⊙ s + b

What is not there counts as 1. Forward and backward pass know V_l alone; from dV_l = A_{l−1}ᵀ dZ_l the
product rule gives the rest, with G[i, j] = c_l · W_l[i, j] · dV_l[i, j] for each member:

.. code-block:: text

    dW_l[i, j] = c_l · Σ_e s[i] · R_l[e, i] · S_l[e, j] · dV_l[i, j]      (of its own W: no Σ)
    dR_l[e, i] = s[i] · Σ_j S_l[e, j] · G[i, j]
    dS_l[e, j] = Σ_i s[i] · R_l[e, i] · G[i, j]
    ds[i]      = Σ_e R_l[e, i] · Σ_j S_l[e, j] · G[i, j]

So no product of matrices is added to a pass: the input scale costs no ∂J/∂X.

References
----------
Jacot, Gabriel and Hongler, "Neural tangent kernel", 2018 (the parametrization); Wen, Tran and Ba,
"BatchEnsemble", 2020, equation 1; Holzmüller, Grinsztajn and Steinwart, "Better by default", 2024,
section 4 (the input scale).
"""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from typing import TypeVar

import numpy as np

from chainrule.errors import ParameterError
from chainrule.nn.architecture import Architecture
from chainrule.nn.arrays import Array
from chainrule.nn.parameters import Parameters

__all__ = [
    "add_weight_gradients",
    "biases",
    "effective_weights",
    "member_of",
    "unfolded",
    "weight_factor",
]


Described = TypeVar("Described", bound=Architecture)  # a `Network`, where one was given


def weight_factor(network: Architecture, layer: int) -> float:
    """Return c_l."""
    return 1 / sqrt(network.layout.inputs(layer)) if network.parametrization == "ntk" else 1.0


def input_factors(network: Architecture, parameters: Parameters, layer: int) -> Array | None:
    """Return s ⊙ R_l as columns, of shape (n_{l−1}, 1) or (k, n_{l−1}, 1); None where both are 1."""
    factors = parameters["scale"] if network.input_scale and layer == 1 else None
    if network.layout.shares(layer):
        R = parameters[f"R{layer}"]
        factors = R if factors is None else factors * R
        return factors[:, :, np.newaxis]
    return None if factors is None else factors.T


def output_factors(network: Architecture, parameters: Parameters, layer: int) -> Array | None:
    """Return S_l as rows, of shape (k, 1, n_l); None where it is 1."""
    if not network.layout.shares(layer):
        return None
    return parameters[f"S{layer}"][:, np.newaxis, :]


def effective_weights(network: Architecture, parameters: Parameters, layer: int) -> Array:
    """Return V_l, of shape (n_{l−1}, n_l), or (k, n_{l−1}, n_l) for k members."""
    V = parameters[f"W{layer}"]
    if network.parametrization == "ntk":
        V = V * weight_factor(network, layer)
    for factors in (
        input_factors(network, parameters, layer),
        output_factors(network, parameters, layer),
    ):
        if factors is not None:
            V = V * factors
    return V


def biases(network: Architecture, parameters: Parameters, layer: int) -> Array:
    """Return b_l, of shape (1, n_l), or (k, 1, n_l) for k members."""
    b = parameters[f"b{layer}"]
    return b[:, np.newaxis, :] if network.members > 1 else b


def add_weight_gradients(
    network: Architecture, parameters: Parameters, layer: int, dV: Array, gradients: Parameters
) -> None:
    """Set dW_l, and dR_l, dS_l and ds where there are such, from dV_l = ∂J/∂V_l.

    Parameters
    ----------
    network : Network
    parameters : Parameters
    layer : int
    dV : ndarray of shape (n_{l−1}, n_l) or (k, n_{l−1}, n_l)
    gradients : Parameters
        Changed in place.
    """
    c = weight_factor(network, layer)
    inputs = input_factors(network, parameters, layer)
    outputs = output_factors(network, parameters, layer)
    dW = c * dV if c != 1 else dV
    for factors in (inputs, outputs):
        if factors is not None:
            dW = dW * factors
    shared = network.layout.shares(layer)
    gradients[f"W{layer}"] = dW.sum(axis=0) if shared else dW
    if inputs is None:
        return
    G = c * parameters[f"W{layer}"] * dV
    over_outputs = (G if outputs is None else G * outputs).sum(axis=-1)
    scale = parameters["scale"] if network.input_scale and layer == 1 else 1
    if shared:
        gradients[f"R{layer}"] = scale * over_outputs
        gradients[f"S{layer}"] = (G * inputs).sum(axis=-2)
        over_outputs = parameters[f"R{layer}"] * over_outputs
    if network.input_scale and layer == 1:
        members = over_outputs.reshape(-1, over_outputs.shape[-1])
        gradients["scale"] = members.sum(axis=0, keepdims=True)


def unfolded(network: Described, parameters: Parameters) -> tuple[Described, Parameters]:
    """Return the same function as plain networks: its members with V_l for their own weights.

    An embedding stays what it is.

    Parameters
    ----------
    network : Network
    parameters : Parameters

    Returns
    -------
    network : Network
        With the standard parametrization, no input scale, and members that share nothing.
    parameters : Parameters
    """
    plain = replace(network, parametrization="standard", input_scale=False, shared_weights=False)
    weights = Parameters.zeros(plain.layout, parameters.dtype)
    if network.embedding is not None:
        for name, _ in network.embedding.shapes():
            weights[name] = parameters[name]
    for layer in range(1, network.depth + 1):
        weights[f"W{layer}"] = effective_weights(network, parameters, layer)
        weights[f"b{layer}"] = parameters[f"b{layer}"]
    return plain, weights


def member_of(
    network: Described, parameters: Parameters, member: int
) -> tuple[Described, Parameters]:
    """Return one member of an ensemble as a plain network.

    Parameters
    ----------
    network : Network
    parameters : Parameters
    member : int
        Counted from 0.

    Raises
    ------
    ParameterError
        If there is no such member.
    """
    if not 0 <= member < network.members:
        raise ParameterError(
            f"there is no member {member}: the members of this network are 0 to "
            f"{network.members - 1}"
        )
    plain, weights = unfolded(network, parameters)
    one = replace(plain, members=1, shared_weights=True)
    own = Parameters.zeros(one.layout, parameters.dtype)
    for name in own:
        value = weights[name]
        of_all = network.members == 1 or value.shape == own[name].shape
        own[name] = value if of_all else value[member].reshape(own[name].shape)
    return one, own
