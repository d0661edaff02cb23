"""Backward passes with mistakes in them, written apart from the doctor's own library of mistakes.

A `Slip` is a mistake at a place. `slips_of` lists every one that a network has room for; `backward`
computes what code with some of them in it returns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.nn.losses import LOSSES, smooth_targets
from chainrule.nn.propagation import forward

ETA = 0.1
SQUARED = ("squared_error", "half_squared_error")


@dataclass(frozen=True)
class Slip:
    """A mistake: the code that the doctor should find, the quantity, and how it is done."""

    code: str
    place: str
    how: object = None

    @property
    def layer(self):
        return int(self.place[len(self.place.rstrip("0123456789")) :])


def slips_of(network):
    """Yield every slip that the network has room for."""
    for layer in range(network.depth, 0, -1):
        yield from slips_in_Z(network, layer)
        yield from slips_in_W(network, layer)
        yield from slips_in_b(network, layer)


def slips_in_Z(network, layer):
    place, sizes, L = f"dZ{layer}", network.sizes, network.depth
    mean = network.reduction == "mean"
    g, n = network.activations[layer - 1].name, sizes[layer]
    if layer == L:
        yield Slip("missing_mean" if mean else "mean_for_sum", place, 1 if mean else -1)
        others = [name for name in LOSSES if name != network.loss]
        if network.loss in SQUARED:
            others = [name for name in others if name not in SQUARED]
        for name in others:
            yield Slip("loss_mismatch", place, name)
        if network.loss != "categorical_cross_entropy":  # there it is the other sign
            yield Slip("wrong_local_derivative", place, "plus")
    if mean:
        yield Slip("double_mean", place, -1)
    yield Slip("sign", place)
    for factor in (2.0, 0.5, 3.0):
        yield Slip("factor", place, factor)
    yield Slip("missing_activation_derivative", place)
    if g == "softmax":
        yield Slip("softmax_diagonal", place)
    else:
        yield Slip("activation_derivative_argument", place, "A")
        if g in ("sigmoid", "tanh", "softplus", "elu", "exponential"):
            yield Slip("activation_derivative_argument", place, "Z")
        yield Slip("wrong_local_derivative", place, "twice")
    yield Slip("wrong_local_derivative", place, "g")
    for k in range(1, L + 1):
        if k != layer and g != "softmax":
            if sizes[k] in (1, n):
                yield Slip("wrong_layer_derivative", place, ("Z", k))
            if network.activations[k - 1].name not in (g, "softmax"):
                yield Slip("wrong_layer_derivative", place, ("g", k))
    if layer < L:
        if sizes[layer] == sizes[layer + 1]:
            yield Slip("missing_transpose", place)
        yield Slip("updated_weights", place)
        for k in range(1, L + 1):
            if k != layer + 1 and sizes[k - 1 : k + 1] == sizes[layer : layer + 2]:
                yield Slip("wrong_weights", place, k)


def slips_in_W(network, layer):
    place, sizes, L = f"dW{layer}", network.sizes, network.depth
    n_in, n = sizes[layer - 1], sizes[layer]
    if network.reduction == "mean":
        yield Slip("missing_mean", place, 1)
        yield Slip("double_mean", place, -1)
    else:
        yield Slip("mean_for_sum", place, -1)
    yield Slip("sign", place)
    for factor in (2.0, 0.5):
        yield Slip("factor", place, factor)
    yield Slip("missing_transpose", place)
    if n_in == n or 1 in (n_in, n):
        yield Slip("elementwise_product", place)
    for k in range(L + 1):
        if k != layer - 1 and (sizes[k] == n_in or k == layer):
            yield Slip("off_by_one_input", place, k)
    yield Slip("missing_activation_derivative", place)
    for k in range(layer + 1, L + 1):
        if sizes[k] == n:
            yield Slip("wrong_layer_gradient", place, k)
    yield Slip("wrong_local_derivative", place, "ones")
    if layer > 1:
        yield Slip("wrong_local_derivative", place, "Z")
    if network.penalty is not None:
        yield Slip("penalty_missing", place)
        yield Slip("penalty_sign", place)
        for factor in (2.0, 0.5):
            yield Slip("penalty_factor", place, factor)
        yield Slip("penalty_factor", place, "m")
        for k in range(1, L + 1):
            if k != layer and sizes[k - 1 : k + 1] == (n_in, n):
                yield Slip("penalty_wrong_layer", place, k)
    else:
        yield Slip("penalty_factor", place, "undeclared")


def slips_in_b(network, layer):
    place = f"db{layer}"
    if network.reduction == "mean":
        yield Slip("missing_mean", place, 1)
    yield Slip("bias_mean_for_sum", place, -1)
    yield Slip("sign", place)
    yield Slip("factor", place, 2.0)
    yield Slip("factor", place, 0.0)
    yield Slip("bias_not_summed", place)
    yield Slip("bias_wrong_axis", place, "units")
    yield Slip("bias_wrong_axis", place, "both")
    yield Slip("missing_activation_derivative", place)
    if network.penalty is None or not network.penalty.biases:
        yield Slip("penalty_on_biases", place)
    else:
        yield Slip("penalty_missing", place)
        yield Slip("penalty_sign", place)
        yield Slip("penalty_factor", place, 2.0)


def slope(network, layer, Z):
    """Return g_l'(Z); of softmax, the diagonal."""
    g = network.activations[layer - 1]
    return g.derivative(Z, g.value(Z))


def in_terms_of_output(name, V):
    """Return g' as texts write it in terms of A, at V."""
    return {
        "sigmoid": lambda: V * (1 - V),
        "tanh": lambda: 1 - V * V,
        "softplus": lambda: 1 - np.exp(-V),
        "elu": lambda: np.where(V > 0, 1, V + 1),
        "exponential": lambda: V,
    }[name]()


def jacobian(network, layer, Z, A, dA):
    if network.activations[layer - 1].name == "softmax":
        rows = [(np.diag(a) - np.outer(a, a)) @ g for a, g in zip(A, dA, strict=True)]
        return np.array(rows)
    return dA * slope(network, layer, Z)


def start(network, record, Y, c, slips):
    """Return dA_L, and whether it goes straight to dZ_L."""
    A = record.A[-1]
    name = next((slip.how for slip in slips if slip.code == "loss_mismatch"), network.loss)
    plus = any(slip.how == "plus" for slip in slips)
    Y = -Y if plus else Y
    with np.errstate(all="ignore"):
        if name == "binary_cross_entropy":
            return c * ((A - Y) / (A * (1 - A)))
        if name == "categorical_cross_entropy":
            return -c * Y / A
        if name == "poisson":
            return c * (A - Y) / A
    return c * (A - Y) * (2 if name == "squared_error" else 1)


def backward(network, params, X, Y, slips=()):
    """Return every gradient and intermediate, with the slips in them, in rows."""
    L, m = network.depth, len(X)
    record = forward(network, params, X)
    Z, A = record.Z, record.A
    Y = smooth_targets(Y, LOSSES[network.loss], network.label_smoothing)
    c = network.cost_scale / (m if network.reduction == "mean" else 1)
    at = {}
    for slip in slips:
        at.setdefault(slip.place, []).append(slip)
    out, dA, dZ = {}, {}, {}
    for layer in range(L, 0, -1):
        here = at.get(f"dZ{layer}", [])
        if layer == L:
            dA[L] = start(network, record, Y, c, here)
        else:
            dA[layer] = back(params, dZ[layer + 1], out[f"dW{layer + 1}"], layer, here)
        dZ[layer] = through(network, Z, A, dA[layer], layer, here, m)
        out[f"dA{layer}"], out[f"dZ{layer}"] = dA[layer], dZ[layer]
        sources = (network, params, Z, A, dA, dZ, layer, m)
        out[f"dW{layer}"] = weight(*sources, at.get(f"dW{layer}", []))
        out[f"db{layer}"] = bias(*sources, at.get(f"db{layer}", []))
    return out


def multiple(slips, m):
    """Return the product of the slips that are a number, with the penalty left alone."""
    k = 1.0
    for slip in slips:
        if slip.code in ("missing_mean", "double_mean", "mean_for_sum", "bias_mean_for_sum"):
            k *= float(m) ** slip.how
        elif slip.code == "sign":
            k = -k
        elif slip.code == "factor":
            k *= slip.how
    return k


def back(params, dZ, dW, layer, slips):
    W = params[f"W{layer + 1}"]
    for slip in slips:
        if slip.code == "missing_transpose":
            return dZ @ W
        if slip.code == "updated_weights":
            return dZ @ (W - ETA * dW).T
        if slip.code == "wrong_weights":
            return dZ @ params[f"W{slip.how}"].T
    return dZ @ W.T


def through(network, Z, A, dA, layer, slips, m):
    g = network.activations[layer - 1]
    dZ = None
    for slip in slips:
        if slip.code == "missing_activation_derivative":
            dZ = dA
        elif slip.code == "softmax_diagonal":
            dZ = dA * A[layer] * (1 - A[layer])
        elif slip.code == "activation_derivative_argument":
            written = in_terms_of_output(g.name, Z[layer]) if slip.how == "Z" else None
            dZ = dA * (slope(network, layer, A[layer]) if written is None else written)
        elif slip.code == "wrong_layer_derivative":
            kind, k = slip.how
            dZ = dA * (slope(network, layer, Z[k]) if kind == "Z" else slope(network, k, Z[layer]))
        elif slip.how == "twice":
            dZ = dA * slope(network, layer, Z[layer]) ** 2
        elif slip.how == "g":
            dZ = dA * g.value(Z[layer])
    if dZ is None:
        dZ = jacobian(network, layer, Z[layer], A[layer], dA)
    return dZ * multiple(slips, m)


def weight(network, params, Z, A, dA, dZ, layer, m, slips):
    source, error = A[layer - 1], dZ[layer]
    product = None
    for slip in slips:
        if slip.code == "off_by_one_input":
            source = A[slip.how]
        elif slip.code == "missing_activation_derivative":
            error = dA[layer]
        elif slip.code == "wrong_layer_gradient":
            error = dZ[slip.how]
        elif slip.how == "ones":
            source = np.ones_like(source)
        elif slip.how == "Z":
            source = Z[layer - 1]
        elif slip.code == "missing_transpose":
            product = error.T @ source
        elif slip.code == "elementwise_product":
            product = source * error
    dW = source.T @ error if product is None else product
    dW = dW * multiple(slips, m)
    term = penalty_term(network, params, f"W{layer}", m, slips)
    if np.shape(term) == dW.shape:
        return dW + term
    return dW + np.transpose(term) if np.shape(term) == dW.shape[::-1] else dW


def bias(network, params, Z, A, dA, dZ, layer, m, slips):
    error = dZ[layer]
    db = None
    for slip in slips:
        if slip.code == "missing_activation_derivative":
            error = dA[layer]
        elif slip.code == "bias_not_summed":
            db = error
        elif slip.code == "bias_wrong_axis":
            db = error.sum(axis=1) if slip.how == "units" else error.sum()
    db = error.sum(axis=0, keepdims=True) if db is None else db
    db = db * multiple(slips, m)
    term = penalty_term(network, params, f"b{layer}", m, slips)
    return db + np.reshape(term, np.shape(db)) if np.size(db) == np.size(term) else db


def penalty_term(network, params, name, m, slips):
    penalty, theta = network.penalty, params[name]
    k = 0.0
    if penalty is not None and (name[0] == "W" or penalty.biases):
        k = {"full": 2, "half": 1, "half_mean": 1 / m}[penalty.scale] * penalty.strength
    for slip in slips:
        if slip.code == "penalty_missing":
            k = 0.0
        elif slip.code == "penalty_sign":
            k = -k
        elif slip.code in ("penalty_factor", "penalty_on_biases") and not k:
            k = 0.2
        elif slip.code == "penalty_factor":
            k *= m if slip.how == "m" else slip.how
        elif slip.code == "penalty_wrong_layer":
            theta = params[f"W{slip.how}"]
    return k * theta


def code_with(network, slips, dtype=np.float64, intermediates=False, layout="rows"):
    """Return a user's function that has the slips in it."""

    def gradients(params, X, Y):
        turn = (lambda V: V.T if V.ndim == 2 else V) if layout == "columns" else (lambda V: V)
        typed = type(network.init(0)).from_arrays(
            {name: turn(np.asarray(V)).astype(dtype) for name, V in params.items()}
        )
        found = backward(network, typed, turn(X).astype(dtype), turn(Y).astype(dtype), slips)
        kept = {k: v for k, v in found.items() if intermediates or k[1] in "Wb"}
        return {k: turn(np.asarray(v, dtype)) for k, v in kept.items()}

    return gradients
