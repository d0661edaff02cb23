"""Calling what the user wrote: which argument gets what."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.doctor.points import Point
from chainrule.doctor.reference import Reference, refer
from chainrule.doctor.results import ORDERS, Answer, sorted_result, to_vector
from chainrule.errors import ParameterError
from chainrule.nn import Parameters
from chainrule.nn.arrays import Array

__all__ = ["FunctionFailedError", "Manner", "call", "transposed"]

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


VAR_POSITIONAL, VAR_KEYWORD = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD


class FunctionFailedError(Exception):
    """The user's function raised an error; it never leaves this room."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True)
class Manner:
    """How a function is called, and how its answer is read.

    Parameters
    ----------
    layout : {"rows", "columns"}
    params : {"arrays", "flat biases", "vector"}
        Biases have two dimensions, or one; or everything stands in one vector.
    order : str
        In which order a list or a vector of gradients holds them, one of `ORDERS`.
    """

    layout: str = "rows"
    params: str = "arrays"
    order: str = ORDERS[0]


def transposed(value: Any) -> Any:
    """Return an array with observations as columns in place of rows, or the other way around."""
    if value is None:
        return None
    array = np.asarray(value)
    return array.T if array.ndim == 2 else array


def call(
    given: Callable[..., Any] | Mapping[str, Callable[..., Any]],
    point: Point,
    manner: Manner,
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
    manner : Manner
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
        values = environment(refer(point), manner, learning_rate)
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
        result = returned(given)
        gradients, cost = sorted_result(result, point, manner.layout, manner.order)
    if manner.layout == "columns":
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


def environment(
    reference: Reference, manner: Manner, learning_rate: float | None
) -> dict[str, Any]:
    """Return everything that an argument may ask for, as copies."""
    point, L = reference.point, reference.network.depth
    columns = manner.layout == "columns"

    def own(array: Array) -> Array:
        return (array.T if columns else array).copy()

    single = {f"A{layer}": own(reference.A[layer]) for layer in range(L + 1)}
    single |= {f"Z{layer}": own(reference.Z[layer]) for layer in range(1, L + 1)}
    weights = {name: own(view) for name, view in point.parameters.items()}
    if manner.params == "flat biases":
        weights |= {name: V.ravel() for name, V in weights.items() if name[0] == "b"}
    vector = to_vector(weights, point, manner.order)
    plainly = not columns and manner.params == "arrays"
    arrays = point.parameters.copy() if plainly else weights
    penalty = point.network.penalty
    values: dict[str, Any] = {
        "params": vector if manner.params == "vector" else arrays,
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
    variable = {p.kind for p in signature.parameters.values()} & {VAR_POSITIONAL, VAR_KEYWORD}
    for parameter in signature.parameters.values():
        if parameter.kind in variable:
            continue
        required = parameter.default is parameter.empty
        wanted += [parameter] if required else []
        if parameter.name not in values:
            missing += [parameter.name] if required else []
        elif parameter.kind is parameter.KEYWORD_ONLY or not required:
            named[parameter.name] = values[parameter.name]
        else:
            positional.append(values[parameter.name])
    if not wanted and VAR_POSITIONAL in variable:  # as those of a decorator are
        return standard, {}
    if not wanted and VAR_KEYWORD in variable:
        return [], {name: values[name] for name in ("params", "X", "Y")} | named
    if not missing:
        return positional, named
    if len(wanted) == 3 and all(p.kind is not p.KEYWORD_ONLY for p in wanted):
        return standard, {}
    raise ParameterError(
        f"the function asks for {missing[0]!r}, which the doctor does not know: it gives params, X, Y, "
        "m, lam, cache, net, and W1, b1, Z1, A1 and so on, by these names"
    )
