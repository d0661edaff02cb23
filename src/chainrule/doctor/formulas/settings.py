"""What the names in a formula stand for at a point: every quantity, in the layout of the formula."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.doctor.formulas.evaluate import Meaning
from chainrule.doctor.formulas.symbols import key_of
from chainrule.doctor.reference import Reference
from chainrule.nn.arrays import Array
from chainrule.nn.special import xlogy

__all__ = ["LAYOUTS", "LEARNING_RATE", "in_layout", "in_rows", "meaning_at", "without_constant"]

# rows: Z = A W + b; rows_transposed: Z = A Wᵀ + b, as PyTorch stores its weights;
# columns: Z = W A + b; columns_transposed: Z = Wᵀ A + b.
LAYOUTS = ("rows", "columns", "columns_transposed", "rows_transposed")
LEARNING_RATE = 0.3


def in_layout(key: str, value: Array, layout: str) -> Array:
    """Turn an array of the rows layout into another layout; `key` is "W2", "dZ1", "X", "new_W1"."""
    turned = turns(key, layout)
    return value.T if turned and value.ndim == 2 else value


def in_rows(key: str, value: Array, layout: str) -> Array:
    """Turn an array of another layout into the rows layout: the same thing backwards."""
    return in_layout(key, value, layout)


def turns(key: str, layout: str) -> bool:
    """Say whether a quantity is transposed in a layout."""
    letter = key.removeprefix("new_").removeprefix("d")[:1]
    if letter == "W":
        return layout in ("columns", "rows_transposed")
    return layout.startswith("columns")


def meaning_at(
    reference: Reference,
    layout: str = "rows",
    learning_rate: float = LEARNING_RATE,
    letters: dict[str, int] | None = None,
) -> Meaning:
    """Return what all names stand for at a point.

    Parameters
    ----------
    reference : Reference
        The truth there.
    layout : str
        One of `LAYOUTS`.
    learning_rate : float
        What η stands for.
    letters : dict of str to int, optional
        The layers that letters stand for, beside L, the last one, and K, the one before.

    Returns
    -------
    Meaning
    """
    network = reference.network
    depth = network.depth
    values: dict[str, Any] = {}
    for layer in range(depth + 1):
        values[f"A{layer}"] = reference.A[layer]
        values[f"dA{layer}"] = reference.dA[layer]
        values[f"n{layer}"] = np.asarray(float(network.sizes[layer]))
        if layer:
            values[f"Z{layer}"] = reference.Z[layer]
            values[f"dZ{layer}"] = reference.dZ[layer]
            values[f"W{layer}"] = reference.W(layer)
            values[f"b{layer}"] = reference.b(layer)
            values[f"dW{layer}"] = reference.gradients[f"W{layer}"]
            values[f"db{layer}"] = reference.gradients[f"b{layer}"]
    values = {key: in_layout(key, value, layout) for key, value in values.items()}
    values |= {"X": values["A0"], "Yhat": values[f"A{depth}"], "dYhat": values[f"dA{depth}"]}
    values["Y"] = in_layout("Y", reference.Y, layout)
    values |= scalars_at(reference, layout, learning_rate)
    values |= local_derivatives(reference, layout)
    known = {"L": depth, "K": depth - 1, **(letters or {})}
    return Meaning(values, network.activations, known, layout.startswith("columns"))


def without_constant(meaning: Meaning, reference: Reference) -> Meaning:
    """Return the meaning with Poisson's cost as texts state it: ŷ − y log ŷ, and no terms of y alone."""
    network, Y = reference.network, reference.Y
    constants = (xlogy(Y, Y) - Y).sum(axis=1)
    column = constants[:, np.newaxis]
    scale = network.cost_scale / (reference.m if network.reduction == "mean" else 1)
    values = dict(meaning.values)
    values["J"] = values["J"] - scale * constants.sum()
    values["loss"] = values["loss"] - (column.T if meaning.columns else column)
    return replace(meaning, values=values)


def scalars_at(reference: Reference, layout: str, learning_rate: float) -> dict[str, Any]:
    """Return m, λ, η, the cost, the losses, and all parameters in one column."""
    network, point = reference.network, reference.point
    loss = network.loss_function
    if loss.value_from_logits is not None:
        losses = loss.value_from_logits(reference.Z[-1], reference.Y)
    else:
        losses = loss.value(reference.A[-1], reference.Y)
    column = losses[:, np.newaxis]
    penalty = network.penalty
    return {
        "m": np.asarray(float(reference.m)),
        "lambda": np.asarray(0.0 if penalty is None else float(penalty.strength)),
        "eta": np.asarray(learning_rate),
        "J": np.asarray(network.cost(point.parameters, point.X, point.Y)),
        "loss": column.T if layout.startswith("columns") else column,
        "theta": point.parameters.vector[:, np.newaxis],
        "dtheta": reference.gradients.vector[:, np.newaxis],
        "n_h": np.asarray(float(network.sizes[1])),
        "n_x": np.asarray(float(network.sizes[0])),
        "n_y": np.asarray(float(network.sizes[-1])),
    }


def local_derivatives(reference: Reference, layout: str) -> dict[str, Any]:
    """Return ∂A_l/∂Z_l, element by element; all others too where every layer has one unit."""
    network = reference.network
    found: dict[str, Any] = {}
    for layer, g in enumerate(network.activations, start=1):
        key = f"A{layer}"
        slope = g.derivative(reference.Z[layer], reference.A[layer])
        found[f"{key}/Z{layer}"] = in_layout(key, slope, layout)
    if max(network.sizes) > 1 or reference.m > 1:
        return found
    return {**found, **scalar_derivatives(reference, found)}


def scalar_derivatives(reference: Reference, slopes: dict[str, Any]) -> dict[str, Any]:
    """Return ∂(any Z or A)/∂(anything before it) of a chain of single units: products of slopes."""
    depth = reference.network.depth
    found: dict[str, Any] = {}
    one = np.ones((1, 1))
    for top in range(1, depth + 1):
        chain = one
        for layer in range(top, 0, -1):
            # Here chain is ∂Z_top/∂Z_layer.
            g = slopes[f"A{top}/Z{top}"]
            before = key_of("A", layer - 1)
            pairs = {
                f"Z{layer}": chain,
                f"W{layer}": chain * reference.A[layer - 1],
                f"b{layer}": chain,
                before: chain * reference.W(layer),
            }
            for bottom, value in pairs.items():
                if bottom != f"Z{top}":
                    found[f"Z{top}/{bottom}"] = value
                found[f"A{top}/{bottom}"] = g * value
                if top == depth:
                    found[f"Yhat/{bottom}"] = g * value
            if layer == 1:
                for whole in ("Z", "A"):
                    found[f"{whole}{top}/X"] = found[f"{whole}{top}/A0"]
            else:
                chain = chain * reference.W(layer) * slopes[f"A{layer - 1}/Z{layer - 1}"]
    return found
