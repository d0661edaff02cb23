"""Results: what a user's code returns, sorted into gradients by name, and the cost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from chainrule.doctor.points import Point
from chainrule.errors import ParameterError
from chainrule.nn import Parameters
from chainrule.nn.arrays import Array

__all__ = ["ORDERS", "Answer", "describe", "passed_over", "sorted_result", "to_vector"]

IGNORED = ("cost", "loss", "J", "L", "j")
FORWARD = re.compile(
    r"[AZaz]_?\d+|[YyXx]|[Yy]_?(hat|pred)|pred(iction)?s?|prob(abilitie)?s?|logits|scores|acc(uracy)?|m|"
    r"(c|activation_|linear_)?caches?",
)

Answer = tuple[dict[str, Any], "float | None"]
"""The gradients by name, and the cost if it came too."""

ORDERS = (
    "W1, b1, W2, b2 …",
    "W1, W2 …, b1, b2 …",
    "b1, W1, b2, W2 …",
    "the last layer first",
    "W1, b1, W2, b2 …, each W column by column",
)
"""In which order a list or a vector may hold the gradients; the first is ours."""


def names_in_order(point: Point, order: str) -> list[str]:
    """Return the names of all parameters in an order."""
    names, depth = list(point.parameters), point.network.depth
    if order == ORDERS[1]:
        return [f"{letter}{layer}" for letter in "Wb" for layer in range(1, depth + 1)]
    if order == ORDERS[2]:
        return [f"{letter}{layer}" for layer in range(1, depth + 1) for letter in "bW"]
    if order == ORDERS[3]:
        return [f"{letter}{layer}" for layer in range(depth, 0, -1) for letter in "Wb"]
    return names


def sorted_result(
    result: Any, point: Point, layout: str = "rows", order: str = ORDERS[0]
) -> Answer:
    """Return the gradients by name, and the cost if there is one.

    Parameters
    ----------
    result : mapping, Parameters, vector, list or tuple
        Gradients by name; a vector; a list of arrays, of pairs (dW, db) or of mappings, one for each
        layer; all dW and all db; or a tuple of one of these, the cost, and what else there is.
    point : Point
    layout : {"rows", "columns"}
        How a vector holds the weights. Arrays are left as they are.
    order : str
        One of `ORDERS`, for lists and vectors.
    """
    cost = None
    if isinstance(result, tuple) and len(result) > 1:
        result, cost = without_cost(result, len(point.parameters))
    if isinstance(result, Mapping):
        gradients = dict(entries(result))
        for name in IGNORED:
            if name in gradients and is_number(gradients[name]):
                cost = as_cost(gradients.pop(name))
        return gradients, cost
    if isinstance(result, np.ndarray) and result.ndim == 1 and result.dtype != object:
        return from_vector(result, point, layout, order), cost
    if isinstance(result, (tuple, list)):
        arrays = by_layer(result, point.network.depth)
        if arrays is not None:
            return arrays, cost
        names = names_in_order(point, order)
        if len(result) == len(names):
            return {f"d{name}": value for name, value in zip(names, result, strict=True)}, cost
    raise ParameterError(
        f"gradients must be a mapping such as {{'dW1': …, 'db1': …}}, a vector, or a list of "
        f"{len(point.parameters)} arrays, not {describe(result)}"
    )


def without_cost(result: tuple[Any, ...], count: int) -> tuple[Any, float | None]:
    """Return the gradients of a tuple that holds the cost too, or a cache, or both; and the cost."""
    numbers = [place for place, value in enumerate(result) if is_number(value)]
    held = bool(numbers) and len(result) != count
    cost = as_cost(result[numbers[0]]) if held else None
    rest = [value for place, value in enumerate(result) if not held or place != numbers[0]]
    mappings = [value for value in rest if isinstance(value, Mapping)]
    if mappings:
        return max(mappings, key=lambda value: (isinstance(value, Parameters), like(value))), cost
    if len(rest) == 1:
        return rest[0], cost
    return tuple(rest), cost


def like(mapping: Mapping[Any, Any]) -> int:
    """Return how much a mapping is like one of gradients: names with a d, less others."""
    names = [joined(name) for name in mapping]
    return sum(bool(re.match(r"(d|∂|grad|nabla|delta)", name)) for name in names) - sum(
        bool(FORWARD.fullmatch(name)) for name in names
    )


def entries(result: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """Return names and values; lists under ``"dW"`` are one value for each layer, from 1 on."""
    found: list[tuple[str, Any]] = []
    for key, value in result.items():
        name = joined(key)
        several = isinstance(value, (list, tuple)) and re.fullmatch(r"\D*[WwbZA]", name)
        if several and any(np.ndim(V) > 0 for V in value if not isinstance(V, (list, tuple))):
            found += [(f"{name}{layer}", V) for layer, V in enumerate(value, 1)]
        elif isinstance(value, Mapping) and all(isinstance(layer, int) for layer in value):
            found += [(f"{name}{layer}", V) for layer, V in value.items()]
        else:
            found.append((name, value))
    return found


def joined(key: Any) -> str:
    """Return a key as a name: ``("dW", 1)`` is dW1."""
    return "".join(map(str, key)) if isinstance(key, tuple) else str(key)


def passed_over(names: Sequence[str]) -> list[str]:
    """Return the names that are no gradients: values of the forward pass, and parameters beside dW."""
    own = {name.lower() for name in names}
    parameters = [
        name for name in names if re.fullmatch(r"[WwBb]_?\d+", name) and f"d{name.lower()}" in own
    ]
    return [name for name in names if FORWARD.fullmatch(name) or name in parameters]


def from_vector(vector: Any, point: Point, layout: str, order: str) -> dict[str, Any]:
    """Return the gradients that stand in a vector one after the other."""
    count = point.parameters.vector.size
    if vector.size != count:
        raise ParameterError(
            f"the gradient is a vector of {vector.size} numbers; the network has {count} parameters"
        )
    found: dict[str, Any] = {}
    start = 0
    for name in names_in_order(point, order):
        shape = point.parameters[name].shape
        size = int(np.prod(shape))
        shape = shape[::-1] if layout == "columns" else shape
        part = vector[start : start + size]
        found[f"d{name}"] = part.reshape(shape, order=memory_order(order))
        start += size
    return found


def to_vector(arrays: Mapping[str, Array], point: Point, order: str) -> Array:
    """Return parameters as one vector, in an order."""
    names = names_in_order(point, order)
    return np.concatenate([arrays[name].ravel(order=memory_order(order)) for name in names])


def memory_order(order: str) -> Literal["C", "F"]:
    """Return NumPy's name of the order within a matrix."""
    return "F" if "column by column" in order else "C"


def by_layer(result: Sequence[Any], depth: int) -> dict[str, Any] | None:
    """Return what is given layer by layer, or as all dW and all db; None if it is neither."""
    if len(result) == depth and all(isinstance(layer, Mapping) for layer in result):
        return {
            f"{joined(name)}{number}": value
            for number, layer in enumerate(result, 1)
            for name, value in layer.items()
        }
    if not all(isinstance(part, (tuple, list)) for part in result):
        return None
    if len(result) == 2 and all(len(part) == depth for part in result):
        weights, biases = result
        if depth != 2 or np.ndim(weights[1]) == 2:  # else they are two pairs (dW, db)
            return {
                f"d{letter}{layer}": value
                for letter, part in (("W", weights), ("b", biases))
                for layer, value in enumerate(part, 1)
            }
    if len(result) == depth and all(len(part) == 2 for part in result):
        return {
            f"d{letter}{layer}": value
            for layer, pair in enumerate(result, 1)
            for letter, value in zip("Wb", pair, strict=True)
        }
    return None


def is_number(value: Any) -> bool:
    """Say whether it is one number."""
    return not isinstance(value, (Mapping, list, tuple, str)) and np.size(value) == 1


def as_cost(value: Any) -> float | None:
    """Return a number, None for what is none."""
    try:
        return float(np.asarray(value).reshape(()))
    except (TypeError, ValueError):
        return None


def describe(value: Any) -> str:
    """Say what something is, in a few words."""
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, Mapping) and not value:
        return "an empty mapping"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if value is None:
        return "None: does the function return them?"
    return f"a {type(value).__name__}"
