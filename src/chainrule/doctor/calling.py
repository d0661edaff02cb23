"""Calling what the user wrote: which argument gets what, and what comes back."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.doctor.points import Point
from chainrule.doctor.reference import Reference, refer
from chainrule.errors import ParameterError
from chainrule.nn import Parameters
from chainrule.nn.arrays import Array

__all__ = ["Answer", "FunctionFailedError", "call", "describe", "sorted_result", "transposed"]

NAMES = {
    "params": ("params", "parameters", "theta", "weights"),
    "X": ("X", "x", "inputs", "features", "A0", "a0"),
    "Y": ("Y", "y", "targets", "target", "labels", "t"),
    "m": ("m", "n", "N", "batch_size"),
    "lam": ("lam", "lambda_", "lambd", "alpha", "reg", "l2"),
    "eta": ("eta", "learning_rate", "lr"),
    "cache": ("cache", "caches", "activations", "record"),
    "network": ("net", "network", "model"),
    "Yhat": ("Yhat", "yhat", "Y_hat", "y_hat", "predictions"),
}
IGNORED = ("cost", "loss", "J", "L", "j")


class FunctionFailedError(Exception):
    """The user's function raised an error; it never leaves this room."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


Answer = tuple[dict[str, Any], "float | None"]
"""The gradients by name, and the cost if it came too."""


def transposed(value: Any) -> Any:
    """Return an array with observations as columns in place of rows, or the other way around."""
    array = np.asarray(value)
    return array.T if array.ndim == 2 else array


def call(
    given: Callable[..., Any] | Mapping[str, Callable[..., Any]],
    point: Point,
    layout: str,
    learning_rate: float | None = None,
) -> Answer:
    """Call the user's function at a point, with copies, and sort what it returns.

    Parameters
    ----------
    given : callable, or mapping of str to callable
        One function for all gradients, or one for each. Parameters are filled by name: params (a
        mapping with W1, b1 …), X, Y, m, lam, eta, cache (with Z1, A1 …), net, or W1, b1, A1, Z1 …
        themselves. Three parameters of other names are params, X, Y, in this order.
    point : Point
    layout : {"rows", "columns"}
    learning_rate : float, optional

    Returns
    -------
    gradients : dict
        By the names that the user gave them, in the rows layout.
    cost : float or None

    Raises
    ------
    FunctionFailedError
        If the function raised anything.
    ParameterError
        If it asks for something unknown, or does not return gradients.
    """

    def returned(function: Callable[..., Any]) -> Any:
        values = environment(refer(point), layout, learning_rate)
        positional, named = arguments(function, values)
        try:
            with np.errstate(all="ignore"):  # NaN in the result is reported as such
                return plain(function(*positional, **named))
        except Exception as error:  # whatever the user's code raises
            raise FunctionFailedError(error) from error

    cost = None
    if isinstance(given, Mapping):
        gradients = {str(name): returned(function) for name, function in given.items()}
    else:
        gradients, cost = sorted_result(returned(given), point)
    if layout == "columns":
        gradients = {name: transposed(value) for name, value in gradients.items()}
    return gradients, cost


def plain(value: Any) -> Any:
    """Return tensors that know where they come from, such as PyTorch's, as arrays."""
    if isinstance(value, Parameters):
        return value
    if isinstance(value, Mapping):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(map(plain, value)) if type(value) in (tuple, list) else value
    return np.asarray(value.detach()) if hasattr(value, "detach") else value


def environment(reference: Reference, layout: str, learning_rate: float | None) -> dict[str, Any]:
    """Return everything that an argument may ask for, as copies."""
    point, L = reference.point, reference.network.depth

    def own(array: Array) -> Array:
        return (array.T if layout == "columns" else array).copy()

    single = {f"A{layer}": own(reference.A[layer]) for layer in range(L + 1)}
    single |= {f"Z{layer}": own(reference.Z[layer]) for layer in range(1, L + 1)}
    weights = {name: own(view) for name, view in point.parameters.items()}
    penalty = point.network.penalty
    values: dict[str, Any] = {
        "params": weights if layout == "columns" else point.parameters.copy(),
        "X": own(point.X),
        "Y": own(point.Y),
        "m": point.m,
        "lam": 0.0 if penalty is None else penalty.strength,
        "cache": {**single, "X": own(point.X)},
        "network": point.network,
        "Yhat": own(reference.A[L]),
    }
    if learning_rate is not None:
        values["eta"] = learning_rate
    by_name = {
        alias: values[key] for key, names in NAMES.items() if key in values for alias in names
    }
    lower = {name.lower(): value for name, value in (single | weights).items()}
    return {**lower, **by_name, **single, **weights}


def arguments(
    function: Callable[..., Any], values: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Return the positional and the named arguments for a function."""
    standard = [values["params"], values["X"], values["Y"]]
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return standard, {}
    positional, named, missing = [], {}, []
    wanted = []
    for parameter in signature.parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        required = parameter.default is parameter.empty
        wanted += [parameter] if required else []
        if parameter.name not in values:
            missing += [parameter.name] if required else []
        elif parameter.kind is parameter.KEYWORD_ONLY or not required:
            named[parameter.name] = values[parameter.name]
        else:
            positional.append(values[parameter.name])
    if not missing:
        return positional, named
    if len(wanted) == 3 and all(p.kind is not p.KEYWORD_ONLY for p in wanted):
        return standard, {}
    raise ParameterError(
        f"the function asks for {missing[0]!r}, which the doctor does not know: it gives params, X, Y, "
        "m, lam, cache, net, and W1, b1, Z1, A1 and so on, by these names"
    )


def sorted_result(result: Any, point: Point) -> Answer:
    """Return the gradients by name, and the cost if there is one."""
    cost = None
    if isinstance(result, tuple) and len(result) == 2:
        if np.ndim(result[0]) == 0 and not isinstance(result[0], Mapping):
            cost, result = as_cost(result[0]), result[1]
        elif isinstance(result[0], Mapping) and not isinstance(result[1], Mapping):
            result, cost = result[0], as_cost(result[1])
    if isinstance(result, Mapping):
        gradients = {str(name): value for name, value in result.items()}
        for name in IGNORED:
            if name in gradients and np.ndim(gradients[name]) == 0:
                cost = as_cost(gradients.pop(name))
        return gradients, cost
    names = list(point.parameters)
    if isinstance(result, np.ndarray) and result.ndim == 1:
        if result.size != point.parameters.vector.size:
            raise ParameterError(
                f"the gradient is a vector of {result.size} numbers; the network has "
                f"{point.parameters.vector.size} parameters"
            )
        whole = Parameters(point.network.sizes, np.asarray(result))
        return {f"d{name}": whole[name] for name in names}, cost
    if isinstance(result, (tuple, list)) and len(result) == len(names):
        return {f"d{name}": value for name, value in zip(names, result, strict=True)}, cost
    raise ParameterError(
        f"gradients must be a mapping such as {{'dW1': …, 'db1': …}}, a vector, or a list of "
        f"{len(names)} arrays, not {describe(result)}"
    )


def as_cost(value: Any) -> float | None:
    """Return a number, None for what is none."""
    try:
        return float(value)
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
    return f"a {type(value).__name__}"
