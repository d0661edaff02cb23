"""The user's own point: arrays that were computed there, in either layout, with or without kinks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.doctor.blind_spots import blind_spots
from chainrule.doctor.calling import transposed
from chainrule.doctor.diagnosis import diagnose
from chainrule.doctor.functions import named, title_of
from chainrule.doctor.points import Point
from chainrule.doctor.report import Report
from chainrule.doctor.results import describe, sorted_result
from chainrule.errors import DataError, ParameterError
from chainrule.files.npz import read_npz_arrays
from chainrule.nn import Network, Parameters
from chainrule.nn.arrays import Array, is_sparse
from chainrule.nn.propagation import forward

__all__ = ["check_arrays", "read_npz", "user_point"]

NUDGE, GROWTH, LARGEST = (
    1e-13,
    100.0,
    1e-8,
)  # more in each layer, so that no layer undoes it in the next


def user_point(
    network: Network, X: Any, Y: Any, params: Any, layout: str, transposed_parameters: bool = True
) -> Point:
    """Return the user's own point in the rows layout and in float64, checked."""
    X, Y = (V.toarray() if is_sparse(V) else V for V in (X, Y))
    if not isinstance(params, (Parameters, Mapping)):
        raise ParameterError(
            f"params must be Parameters or a mapping with W1, b1 …, not {describe(params)}"
        )
    if layout == "columns":
        X, Y = transposed(X), transposed(Y)
        if transposed_parameters:
            params = {name: transposed(value) for name, value in params.items()}
    arrays = {str(name): real(str(name), value) for name, value in params.items()}
    arrays = {name: V.reshape(-1) if name[:1] == "b" else V for name, V in arrays.items()}
    parameters = Parameters.from_arrays(arrays)
    inputs, targets, _ = network.checked_batch(parameters, X, Y, None)
    return Point(network, parameters, real("X", inputs), real("Y", targets))


def real(name: str, value: Any) -> Array:
    """Return an array of float64, or raise a ParameterError if it holds anything but finite numbers."""
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "fiub" or not np.isfinite(array).all():
            raise ValueError
    except (TypeError, ValueError):
        raise ParameterError(
            f"{name} must hold finite real numbers: nothing can be checked at a point without them"
        ) from None
    return array.astype(np.float64)


def check_arrays(
    network: Network, given: Any, X: Any, Y: Any, params: Any, layout: str | None, **settings: Any
) -> Report:
    """Diagnose arrays at the one point where they were computed.

    Where the shapes allow rows and columns, it is the layout in which the least is wrong. So it is with
    pre-activations exactly at a kink, where the slopes of both sides are right.
    """
    if not isinstance(given, (Mapping, np.ndarray, list, tuple)) or not len(given):
        raise ParameterError(
            "gradients must be a function, a mapping of names to arrays or functions, Parameters, or "
            f"the path of an NPZ file, not {describe(given)}"
        )
    missing = [name for name, V in (("X", X), ("Y", Y), ("params", params)) if V is None]
    if missing:
        raise ParameterError(
            f"arrays are checked where they were computed: give {listed(missing)} too (or a function, "
            "which is called at better points)"
        )
    best: Report | None = None
    for each in [layout] if layout else layouts_of(network, X, params):
        point = user_point(network, X, Y, params, each)
        for candidate, note in sides_of_kinks(point):
            report = at_point(candidate, point, given, each, note, **settings)
            if best is None or badness(report) < badness(best):
                best = report
            if best.ok:
                return best
    assert best is not None
    return best


def listed(names: list[str]) -> str:
    """Return names as one reads them: X, Y and params."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def badness(report: Report) -> tuple[bool, int]:
    """Return what is the higher, the less of a report is right or understood."""
    hard = sum(code in ("unknown", "wrong_shape") for code in report.codes)
    return not report.ok, 10 * hard + len(report.codes)


def at_point(
    point: Point, declared: Point, given: Any, layout: str, note: str, **settings: Any
) -> Report:
    """Diagnose arrays at a point; `declared` is the one that was given, `point` may be beside a kink."""
    network = point.network
    gradients, _ = sorted_result(given, point, layout)
    if layout == "columns" and not isinstance(given, Parameters):
        gradients = {name: transposed(value) for name, value in gradients.items()}
    quantities, more = named({name: [value] for name, value in gradients.items()}, network.depth)
    notes = [f"Checked at the given point alone, m = {point.m}; {layout}.", *more]
    notes += [note] if note else []
    notes += blind_spots(declared, list(quantities))
    title = title_of(network)
    return diagnose([point], quantities, layout=layout, title=title, notes=notes, **settings)


def sides_of_kinks(point: Point) -> Iterator[tuple[Point, str]]:
    """Yield the point, and those beside it if pre-activations are exactly at a kink."""
    network = point.network
    record = forward(network, point.parameters, point.X)
    at_kink = {
        layer: sum((record.Z[layer] == kink).any(axis=0) for kink in g.kinks)
        for layer, g in enumerate(network.activations, 1)
        if g.kinks
    }
    count = int(sum(np.sum(units) for units in at_kink.values()))
    if not count:
        yield point, ""
        return
    note = (
        f"{count} unit{'s have' if count > 1 else ' has'} a pre-activation exactly at a kink of the "
        "activation, where the slopes of both sides are right."
    )
    yield point, note
    for side in (1, -1):
        parameters = point.parameters.copy()
        for layer, units in at_kink.items():
            step = min(NUDGE * GROWTH ** (layer - 1), LARGEST)
            parameters[f"b{layer}"][...] += side * step * (units > 0)
        yield replace(point, parameters=parameters), note


def layouts_of(network: Network, X: Any, params: Any) -> list[str]:
    """Return the layouts that the shapes of the weights and of X have; both if both are possible."""
    weights = params if isinstance(params, Mapping) else {}
    fitting = {"rows": True, "columns": True}
    if isinstance(params, Parameters):
        fitting["columns"] = False
    pairs: list[tuple[Any, tuple[int | None, int]]] = [(np.shape(X), (None, network.sizes[0]))]
    for layer in range(1, network.depth + 1):
        shape = np.shape(weights.get(f"W{layer}", ()))
        pairs.append((shape, (network.sizes[layer - 1], network.sizes[layer])))
    for shape, (n, k) in pairs:
        if len(shape) == 2:
            fitting["rows"] &= n in (None, shape[0]) and shape[1] == k
            fitting["columns"] &= n in (None, shape[1]) and shape[0] == k
    return [layout for layout, fits in fitting.items() if fits] or ["rows"]


def read_npz(path: str | Path, X: Any, Y: Any, params: Any) -> tuple[dict[str, Any], Any, Any, Any]:
    """Read gradients, and what of X, Y and the parameters the file has."""
    try:
        arrays = read_npz_arrays(path)
    except OSError as error:
        raise DataError(f"{path}: it cannot be read: {error.strerror or error}") from None
    own = {}
    for name in list(arrays):
        match = re.fullmatch(r"(?:params?_|params?\.)?([WwBb])_?(\d+)", name)
        if match:
            own[f"{'W' if match[1] in 'Ww' else 'b'}{match[2]}"] = arrays.pop(name)
    data = {name: arrays.pop(name, arrays.pop(name.lower(), None)) for name in "XY"}
    X, Y = (data["X"] if X is None else X), (data["Y"] if Y is None else Y)
    lacking = [name for name, V in (("X", X), ("Y", Y)) if V is None]
    lacking += ["parameters (W1, b1 …)"] if params is None and not own else []
    lacking += ["gradients (dW1, db1 …)"] if not arrays else []
    if lacking:
        raise DataError(f"{path}: it lacks {listed(lacking)}")
    return arrays, X, Y, own if params is None else params
