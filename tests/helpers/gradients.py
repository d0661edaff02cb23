"""Forward and backward checked together, by the complex step.

f'(x) = Im f(x + ih)/h has no difference in it, hence no cancellation: h can be 1e-30, and the
derivative is exact to rounding (Squire and Trapp, SIAM Review 40, 1998). The forward pass here is
written apart from the one under test, over stacks of perturbed networks: entry k of a stack is the
network whose k-th number is perturbed, so that one pass gives every derivative.
"""

from dataclasses import dataclass

import numpy as np

from chainrule.nn import Parameters
from chainrule.nn.propagation import backward, cost, forward

H = 1e-30
TOLERANCE = 1e-12


@dataclass
class LossSlopes:
    """ℓ_i and its derivatives: `theta[p, i]` = ∂ℓ_i/∂θ_p, and (m, n_l) arrays in `A` and `Z`."""

    losses: np.ndarray
    theta: np.ndarray
    A: list
    Z: list


def smooth(network, Y):
    s = network.label_smoothing
    classes = Y.shape[1] if network.loss == "categorical_cross_entropy" else 2
    return Y if s == 0 else Y - s * (Y - 1 / classes)


def finish(network, W, b, start, V, kind, Y, masks):
    """Go on from a stack of Z_start or A_start, of shape (k, m, n), to ℓ of shape (k, m)."""
    A = V
    for layer in range(start, network.depth + 1):
        if layer > start or kind == "Z":
            Z = V if layer == start else A @ W[layer] + b[layer]
            A = network.activations[layer - 1].value(Z)
        if layer < network.depth and masks is not None and masks[layer] is not None:
            A = A * masks[layer]
    loss = network.loss_function
    flat = A.reshape(-1, A.shape[-1])
    Y = np.broadcast_to(Y, A.shape).reshape(flat.shape)
    if loss.value_from_logits is not None and not (start == network.depth and kind == "A"):
        return loss.value_from_logits(Z.reshape(flat.shape), Y).reshape(A.shape[:-1])
    return loss.value(flat, Y).reshape(A.shape[:-1])


def loss_slopes(network, parameters, X, Y, masks=None):
    """Differentiate every ℓ_i by every parameter, every Z and every A."""
    Y = smooth(network, Y)
    L = network.depth
    count = parameters.vector.size
    vectors = parameters.vector + 1j * H * np.eye(count)
    W, b = [None] * (L + 1), [None] * (L + 1)
    for place in network.layout.places():
        stack = vectors[:, place.start : place.stop].reshape(count, *place.shape)
        (W if place.name[0] == "W" else b)[int(place.name[1:])] = stack
    inputs = X if masks is None or masks[0] is None else X * masks[0]
    losses = finish(network, W, b, 1, inputs @ W[1] + b[1], "Z", Y, masks)
    slopes = LossSlopes(losses[0].real, losses.imag / H, [None] * (L + 1), [None] * (L + 1))

    W[1:] = [stack[0].real for stack in W[1:]]
    b[1:] = [stack[0].real for stack in b[1:]]
    record = forward(network, parameters, X, masks)
    for layer in range(L + 1):
        for kind, values, into in (("A", record.A, slopes.A), ("Z", record.Z, slopes.Z)):
            if values[layer] is not None:
                n = values[layer].shape[1]
                # One unit at a time, in every row at once: ℓ_i depends on row i alone.
                stack = values[layer] + 1j * H * np.eye(n)[:, np.newaxis, :]
                into[layer] = finish(network, W, b, layer, stack, kind, Y, masks).imag.T / H
    return slopes


def penalty_and_slope(network, parameters, m):
    """Return the penalty and its derivative by every parameter, the formula in its longest form."""
    penalty = network.penalty
    if penalty is None:
        return 0.0, np.zeros(parameters.vector.size)
    factor = {"full": 1, "half": 1 / 2, "half_mean": 1 / (2 * m)}[penalty.scale] * penalty.strength
    covered = "Wb" if penalty.biases else "W"  # never a scale, nor the factors of members
    weights = tuple(name for name in parameters if name[0] in covered)
    theta = parameters.vector + 1j * H * np.eye(parameters.vector.size)
    values = factor * (theta**2)[:, parameters.mask(weights)].sum(axis=1)
    return values[0].real, values.imag / H


def relative_error(got, want):
    """Return ‖got − want‖/‖want‖, or ‖got − want‖ where the truth is zero."""
    got, want = np.asarray(got, float), np.asarray(want, float)
    size = np.linalg.norm(want)
    return float(np.linalg.norm(got - want) / (size if size > 1e-12 else 1))


def gradient_errors(network, parameters, X, Y, weight=None, masks=None, slopes=None):
    """Return the relative errors of J and of every dW, db, dZ and dA, by name."""
    slopes = slopes or loss_slopes(network, parameters, X, Y, masks)
    w = np.ones(len(Y)) if weight is None else weight
    c = network.cost_scale * w / (w.sum() if network.reduction == "mean" else 1)
    penalty, penalty_slope = penalty_and_slope(network, parameters, w.sum())
    true_cost = c @ slopes.losses + penalty
    true_gradients = Parameters(network.sizes, slopes.theta @ c + penalty_slope)

    record = forward(network, parameters, X, masks)
    J = cost(network, parameters, record.output, Y, weight)
    back = backward(network, parameters, record, Y, weight, input_gradient=True)
    errors = {"J": relative_error(J, true_cost)}
    for name, V in true_gradients.items():
        assert back.gradients[name].shape == parameters[name].shape
        errors[f"d{name}"] = relative_error(back.gradients[name], V)
    for layer in range(network.depth + 1):
        if layer:
            errors[f"dZ{layer}"] = relative_error(
                back.dZ[layer], c[:, np.newaxis] * slopes.Z[layer]
            )
        if layer < network.depth or network.loss_function.logit_derivative is None:
            errors[f"dA{layer}"] = relative_error(
                back.dA[layer], c[:, np.newaxis] * slopes.A[layer]
            )
    return errors


def check_gradients(network, parameters, X, Y, weight=None, masks=None, tolerance=TOLERANCE):
    """Assert that the cost and every derivative agree with the complex step."""
    errors = gradient_errors(network, parameters, X, Y, weight, masks)
    worst = max(errors, key=errors.get)
    assert errors[worst] < tolerance, f"{worst} is off by {errors[worst]:.2e}, {network}"


def complex_step(network, parameters, X, Y, weight=None):
    """Return ∂J/∂θ from `Network.cost` alone, one parameter at a time."""
    gradients = parameters.copy()
    for p in range(parameters.vector.size):
        theta = parameters.vector.astype(complex)
        theta[p] += 1j * H
        J = network.cost(Parameters(network.layout, theta), X, Y, weight)
        gradients.vector[p] = J.imag / H
    return gradients


def two_point(network, parameters, X, Y, weight=None, step=1e-6):
    """Return ∂J/∂θ by central differences, whose error is of order step² + 1e-16/step."""
    gradients = parameters.copy()
    for p in range(parameters.vector.size):
        ends = []
        for sign in (1, -1):
            moved = parameters.copy()
            moved.vector[p] += sign * step
            ends.append(network.cost(moved, X, Y, weight))
        gradients.vector[p] = (ends[0] - ends[1]) / (2 * step)
    return gradients
