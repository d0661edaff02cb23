"""Networks whose weights are made of several parameters: their own forward pass, and its derivatives.

Written from the equations of each source, member by member and factor by factor: the inputs times their
scale, the inputs of a layer times R, their product with W, times 1/√n_in, times S, plus b. Nothing here
knows an effective weight, which is what the code under test is built on.
"""

from dataclasses import replace
from itertools import product

import numpy as np

from chainrule.nn import Network, Parameters
from chainrule.nn.propagation import backward, cost, forward
from helpers.cases import SIZES
from helpers.gradients import H, loss_slopes, penalty_and_slope, relative_error, smooth

# Every input_scale × parametrization × members × shared weights, but for the plain network.
PARAMETRIZATIONS = tuple(
    {"input_scale": scale, "parametrization": kind, "members": k, "shared_weights": shared}
    for scale, kind, (k, shared) in product(
        (False, True),
        ("standard", "ntk"),
        ((1, True), (2, True), (2, False), (3, True), (3, False)),
    )
    if scale or kind == "ntk" or k > 1
)


def name_of(options):
    """Return a test's name for a parametrization."""
    k = options["members"]
    words = [options["parametrization"], "scale" * options["input_scale"]]
    words.append("" if k == 1 else f"{k} {'sharing' if options['shared_weights'] else 'apart'}")
    return " ".join(word for word in words if word)


def parametrized(options, hidden, output, loss, depth, **rest):
    """Build a network of the helpers' sizes."""
    return Network(SIZES[depth], hidden=hidden, output=output, loss=loss, **options, **rest)


def member_losses(network, named, e, X, Y, masks=None):
    """Return ℓ of a member for each row; the arrays may have a first axis, of a stack of networks."""
    c = [1 / np.sqrt(n) if network.parametrization == "ntk" else 1.0 for n in network.sizes]
    shared = network.members > 1 and network.shared_weights
    A = X * named["scale"] if network.input_scale else X
    for layer in range(1, network.depth + 1):
        if masks is not None and masks[layer - 1] is not None:
            M = masks[layer - 1]
            A = A * (M[e] if M.ndim == 3 else M)
        W, b = named[f"W{layer}"], named[f"b{layer}"][..., e : e + 1, :]
        if network.members > 1 and not (shared and layer < network.depth):
            W = W[..., e, :, :]
        if shared and layer < network.depth:
            A = A * named[f"R{layer}"][..., e : e + 1, :]
        Z = (A @ W) * c[layer - 1]
        if shared and layer < network.depth:
            Z = Z * named[f"S{layer}"][..., e : e + 1, :]
        Z = Z + b
        A = network.activations[layer - 1].value(Z)
    loss = network.loss_function
    flat = (-1, A.shape[-1])
    Y = np.broadcast_to(smooth(network, Y), A.shape).reshape(flat)
    if loss.value_from_logits is not None:
        return loss.value_from_logits(Z.reshape(flat), Y).reshape(A.shape[:-1])
    return loss.value(A.reshape(flat), Y).reshape(A.shape[:-1])


def mean_losses(network, named, X, Y, masks=None):
    """Return ℓ of the network for each row: the mean of its members'."""
    k = network.members
    return sum(member_losses(network, named, e, X, Y, masks) for e in range(k)) / k


def theta_slopes(network, parameters, X, Y, masks=None):
    """Return ℓ, of shape (m,), and ∂ℓ_i/∂θ_p, of shape (p, m), by the complex step."""
    count = parameters.vector.size
    stack = parameters.vector + 1j * H * np.eye(count)
    named = {
        place.name: stack[:, place.start : place.stop].reshape(count, *place.shape)
        for place in network.layout.places()
    }
    losses = mean_losses(network, named, X, Y, masks)
    return losses[0].real, losses.imag / H


def errors_in_theta(network, parameters, X, Y, weight=None, masks=None, slopes=None):
    """Return the relative errors of J and of the gradient of every parameter, by name."""
    losses, by_theta = slopes or theta_slopes(network, parameters, X, Y, masks)
    w = np.ones(len(Y)) if weight is None else weight
    c = network.cost_scale * w / (w.sum() if network.reduction == "mean" else 1)
    penalty, penalty_slope = penalty_and_slope(network, parameters, w.sum())
    truth = Parameters(network.layout, by_theta @ c + penalty_slope)
    record = forward(network, parameters, X, masks)
    back = backward(network, parameters, record, Y, weight)
    errors = {
        "J": relative_error(
            cost(network, parameters, record.output, Y, weight), c @ losses + penalty
        )
    }
    for name, V in truth.items():
        assert back.gradients[name].shape == parameters[name].shape
        errors[f"d{name}"] = relative_error(back.gradients[name], V)
    return errors


def member(network, parameters, e):
    """Return one member as a plain network: W_l[i, j] is c s_i r_i W_ij s_j."""
    plain = replace(
        network, input_scale=False, parametrization="standard", members=1, shared_weights=True
    )
    own = Parameters.zeros(plain.sizes, parameters.dtype)
    for layer in range(1, network.depth + 1):
        W = parameters[f"W{layer}"]
        W = W[e] if W.ndim == 3 else W
        W = W / np.sqrt(network.sizes[layer - 1]) if network.parametrization == "ntk" else W
        if network.input_scale and layer == 1:
            W = np.diag(parameters["scale"][0]) @ W
        if f"R{layer}" in parameters:
            W = np.diag(parameters[f"R{layer}"][e]) @ W @ np.diag(parameters[f"S{layer}"][e])
        own[f"W{layer}"] = W
        own[f"b{layer}"] = parameters[f"b{layer}"][e]
    return plain, own


def errors_by_layer(network, parameters, X, Y, weight=None, masks=None):
    """Return the relative errors of every dZ and dA, member by member, by name."""
    w = np.ones(len(Y)) if weight is None else weight
    c = network.cost_scale * w / (w.sum() if network.reduction == "mean" else 1) / network.members
    record = forward(network, parameters, X, masks)
    back = backward(network, parameters, record, Y, weight, input_gradient=True)
    errors = {}
    for e in range(network.members):
        own_masks = masks and [M if M is None or M.ndim == 2 else M[e] for M in masks]
        plain, own = member(network, parameters, e)
        slopes = loss_slopes(plain, own, X, Y, own_masks)
        for layer in range(network.depth + 1):
            for kind, found, truth in (("dZ", back.dZ, slopes.Z), ("dA", back.dA, slopes.A)):
                if found[layer] is not None:
                    got = found[layer][e] if network.members > 1 else found[layer]
                    errors[f"{kind}{layer} of {e}"] = relative_error(
                        got, c[:, np.newaxis] * truth[layer]
                    )
    return errors


def largest(errors):
    """Return the largest error and its tensor."""
    worst = max(errors, key=errors.get)
    return errors[worst], worst
