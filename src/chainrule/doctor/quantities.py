"""The quantities that can be checked: their names, and the shapes in which they are accepted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from chainrule.doctor.findings import Finding, Verdict
from chainrule.doctor.reference import Reference
from chainrule.doctor.values import Values, squeezed
from chainrule.errors import ParameterError
from chainrule.nn.arrays import Array

__all__ = ["accept", "canonical_name", "counted_from_one", "quantity_order", "turned"]

LETTERS = {"w": "W", "b": "b", "z": "Z", "a": "A", "delta": "Z", "theta": "W", "beta": "b"}
LETTERS |= {"weight": "W", "weights": "W", "bias": "b", "biases": "b"}
PREFIX = r"(?:d|∂|g|grad_?|gradient_?|nabla_?|[d∂][jlc]_?/?[d∂]|[d∂]?(?:cost|loss)_?/?[d∂])_?"
KINDS = "weights?|bias(?:es)?|theta|beta|w|b|z|a"
SUFFIX = "_?(?:grad|gradient)s?"
# Without a prefix W1 is a gradient, as in a dictionary of gradients; Z1 and A1 are what they are.
GRADIENT = re.compile(
    rf"{PREFIX}({KINDS})[_^]?(\d{{1,6}})|({KINDS})_?(\d{{1,6}}){SUFFIX}|(w|b|delta)_?(\d{{1,6}})",
    re.IGNORECASE,
)
UPDATE = re.compile(r"new_?(w|b)_?(\d{1,6})|(w|b)_?(\d{1,6})_?new", re.IGNORECASE)


def quantity_order(depth: int) -> list[str]:
    """Return all quantities in the order of the backward pass, updates last."""
    order = []
    for layer in range(depth, 0, -1):
        order += [f"dA{layer}", f"dZ{layer}", f"dW{layer}", f"db{layer}"]
    updates = [f"new_{letter}{layer}" for layer in range(1, depth + 1) for letter in "Wb"]
    return [*order, "dA0", *updates]


def canonical_name(name: str, depth: int) -> str:
    """Return the doctor's name of a quantity: ``grad_W1``, ``dw_1`` and ``W1`` are ``dW1``.

    Raises
    ------
    ParameterError
        If no quantity of a network of this depth goes by that name.
    """
    text = re.sub(r"[\s\[\](){}]", "", str(name))  # dW[1] and dW^{[1]} are dW1
    found = "dA0" if text.lower() in ("dx", "grad_x") else ""
    for pattern, prefix in ((UPDATE, "new_"), (GRADIENT, "d")):
        match = pattern.fullmatch(text)
        if match and not found:
            letter, layer = [part for part in match.groups() if part]
            found = f"{prefix}{LETTERS[letter.lower()]}{int(layer)}"
    if found not in quantity_order(depth):
        raise ParameterError(
            f"{str(name)[:40]!r} is no gradient in a network with {depth} layer{'s' * (depth > 1)}: "
            f"they are dW{depth}, db{depth}, dZ{depth}, dA{depth} and so on down to dW1, and "
            f"new_W{depth} after an update"
        )
    return found


def counted_from_one(names: Sequence[str], depth: int) -> dict[str, str]:
    """Return names with layers counted from 1, for names that may count them from 0."""
    layers = {
        int(number)
        for name in names
        for number in re.findall(r"\d{1,6}", name)
        if re.search(r"[wb]", name, re.IGNORECASE)
    }
    if 0 not in layers or depth in layers:
        return {name: name for name in names}
    return {
        name: re.sub(r"\d{1,6}", lambda number: str(int(number[0]) + 1), name) for name in names
    }


def accept(
    references: Sequence[Reference], quantities: Mapping[str, Sequence[Array | None]]
) -> tuple[dict[str, Values], list[Finding]]:
    """Return the values as arrays of float64 under the doctor's names, and what cannot be read."""
    depth = references[0].network.depth
    accepted: dict[str, Values] = {}
    refused: list[Finding] = []
    for name, values in quantities.items():
        quantity = canonical_name(name, depth)
        if quantity in accepted:
            raise ParameterError(f"{quantity} is given twice, the second time as {name!r}")
        try:
            arrays = [None if V is None else as_numbers(V) for V in values]
        except (TypeError, ValueError):
            refused.append(Finding(quantity, Verdict.UNREADABLE, note="it does not hold numbers"))
            continue
        bad = [V for V in arrays if V is not None and not np.isfinite(V).all()]
        if bad or all(V is None for V in arrays):
            note = "it holds NaN or infinity" if bad else "it has no value at any point"
            refused.append(Finding(quantity, Verdict.UNREADABLE, note=note))
            continue
        accepted[quantity] = tuple(
            None if V is None else shaped(quantity, V, reference)
            for V, reference in zip(arrays, references, strict=True)
        )
    return accepted, refused


def as_numbers(value: object) -> Array:
    """Return an array of float64 that holds the same numbers."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"dtype {array.dtype}")
    return array.astype(np.float64)


def turned(letter: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Say whether it is the shape of weights that are a row in place of a column, or the reverse."""
    return letter == "W" and shape != wanted and shape == wanted[::-1]


def shaped(quantity: str, array: Array, reference: Reference) -> Array:
    """Return the array in its own shape, if it lacks or has too many dimensions of length 1."""
    name = quantity.removeprefix("new_").removeprefix("d")
    letter, layer = name[0], int(name[1:])
    if letter in "Wb":
        wanted = reference.point.parameters[name].shape
    else:
        wanted = (reference.m, reference.network.sizes[layer])
    if array.shape == wanted or turned(letter, array.shape, wanted):
        return array
    if array.size == np.prod(wanted) and squeezed(array).shape == tuple(n for n in wanted if n > 1):
        return array.reshape(wanted)
    if letter in "ZA" and array.ndim != 2:  # the rules that use it count on rows and columns
        rows = len(array) if array.ndim > 2 else 1
        return array.reshape(rows, array.size // max(rows, 1))
    return array
