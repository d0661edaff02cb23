"""`check_gradients`: a function, or arrays, against a network."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from chainrule.doctor.blind_spots import blind_spots
from chainrule.doctor.calling import transposed
from chainrule.doctor.diagnosis import diagnose
from chainrule.doctor.findings import Report
from chainrule.doctor.functions import check_function, named, title_of
from chainrule.doctor.points import Point, draw_points
from chainrule.doctor.reference import check_network
from chainrule.doctor.results import describe, sorted_result
from chainrule.errors import DataError, ParameterError
from chainrule.nn import Network, Parameters
from chainrule.nn.arrays import is_sparse

__all__ = ["check_gradients"]

Given = Callable[..., Any] | Mapping[str, Any] | Parameters | str | Path


def check_gradients(
    network: Network,
    gradients: Given,
    X: ArrayLike | None = None,
    Y: ArrayLike | None = None,
    params: Parameters | Mapping[str, ArrayLike] | None = None,
    *,
    layout: str | None = None,
    learning_rate: float | None = None,
    tolerance: float | None = None,
    draws: int = 3,
    seed: int = 0,
) -> Report:
    """Check gradients that were derived by hand, and name the mistakes in them.

    Parameters
    ----------
    network : Network
        What the gradients are those of: its loss, reduction and penalty decide what is right.
    gradients : callable, mapping, Parameters, or path
        - A function, called at points of the doctor's choosing. Its parameters are filled by name:
          ``params`` (a mapping with W1, b1 …), ``X``, ``Y``, ``m``, ``lam``, ``cache``, or W1, b1, A1,
          Z1 … themselves; three parameters of other names are params, X, Y. It returns a mapping like
          ``{"dW1": …, "db1": …}``, a vector, a list of arrays in the order W1, b1, W2 …, or
          ``(cost, gradients)``. Intermediates (dZ1, dA1) and updated parameters (new_W1) are checked
          too.
        - A mapping of names to such functions, each for one quantity.
        - A mapping of names to arrays, or Parameters, computed at `params`, `X`, `Y`.
        - An NPZ file with those arrays, and with X, Y, W1, b1 … .
    X : array-like of shape (m, n_0), optional
    Y : array-like of shape (m, n_L), optional
    params : Parameters or mapping, optional
        The point at which arrays were computed. For a function they are one point more; X and Y
        without params are the data of all points, for functions that have them built in.
    layout : {"rows", "columns"}, optional
        Whether an observation is a row or a column; by default it is found out.
    learning_rate : float, optional
        η, for updated parameters.
    tolerance : float, optional
        Up to which relative distance two arrays are the same; by default 1e-6, or 3e-4 if everything
        that was given is in float32.
    draws : int
        At how many points a function is called.
    seed : int
        The same seed gives the same points.

    Returns
    -------
    Report
        ``report.ok``, ``report.codes``, ``report["dW2"]``; printed, it is a table.

    Raises
    ------
    InputError
        If the network, the arrays or what the function returns cannot be used.

    Notes
    -----
    The truth is the backward pass of `chainrule.nn`, confirmed at every point by the complex step
    (Squire and Trapp, 1998).

    Examples
    --------
    >>> net = Network((3, 4, 1), hidden="tanh", loss="binary_cross_entropy")
    >>> def mine(W2, A1, A2, X, Y):
    ...     m = len(X)
    ...     dZ2 = (A2 - Y) / m
    ...     dZ1 = dZ2 @ W2.T
    ...     return {"dW2": A1.T @ dZ2, "db2": dZ2.sum(0), "dW1": X.T @ dZ1, "db1": dZ1.sum(0)}
    >>> check_gradients(net, mine).codes
    ('missing_activation_derivative',)
    """
    check_network(network)
    if layout not in (None, "rows", "columns"):
        raise ParameterError(f"layout must be 'rows', 'columns' or None, not {layout!r}")
    if isinstance(gradients, (str, Path)):
        gradients, X, Y, params = read_npz(gradients, X, Y, params)
    settings = {"tolerance": tolerance, "learning_rate": learning_rate}
    if callable(gradients) or holds_functions(gradients):
        points = chosen_points(network, X, Y, params, layout or "rows", draws, seed)
        return check_function(gradients, points, layout, **settings)
    return check_arrays(network, gradients, X, Y, params, layout, **settings)


def holds_functions(gradients: Any) -> bool:
    """Say whether it is a mapping to functions, or raise a ParameterError if it is one in part."""
    if not isinstance(gradients, Mapping):
        return False
    functions = [callable(value) for value in gradients.values()]
    if any(functions) and not all(functions):
        name = list(gradients)[functions.index(False)]
        raise ParameterError(
            f"{name!r} is no function, as others are: give either functions or arrays"
        )
    return any(functions)


def chosen_points(
    network: Network, X: Any, Y: Any, params: Any, layout: str, draws: int, seed: int
) -> list[Point]:
    """Return where a function is called: at drawn points, and at the user's own, if there is one."""
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 1:
        raise ParameterError(f"draws must be a whole number of at least 1, not {draws!r}")
    drawn = draw_points(network, draws, seed)
    if X is None and Y is None:
        if params is not None:
            raise ParameterError("params needs X and Y too: they are one point together")
        return drawn
    if X is None or Y is None:
        raise ParameterError("X and Y belong together: give both or neither")
    if params is not None:
        return [*drawn, user_point(network, X, Y, params, layout)]
    own = user_point(network, X, Y, drawn[0].parameters, layout, transposed_parameters=False)
    return [replace(own, parameters=point.parameters) for point in drawn]


def user_point(
    network: Network, X: Any, Y: Any, params: Any, layout: str, transposed_parameters: bool = True
) -> Point:
    """Return the user's own point in the rows layout and in float64, checked."""
    X, Y = (V.toarray() if is_sparse(V) else V for V in (X, Y))
    if layout == "columns":
        X, Y = transposed(X), transposed(Y)
        if transposed_parameters:
            params = {name: transposed(value) for name, value in params.items()}
    if not isinstance(params, (Parameters, Mapping)):
        raise ParameterError(
            f"params must be Parameters or a mapping with W1, b1 …, not a {type(params).__name__}"
        )
    arrays = {str(name): np.asarray(value, np.float64) for name, value in params.items()}
    arrays = {name: V.reshape(-1) if name[0] == "b" else V for name, V in arrays.items()}
    parameters = Parameters.from_arrays(arrays)
    inputs, targets, _ = network.checked_batch(parameters, X, Y, None)
    return Point(network, parameters, np.asarray(inputs, np.float64), targets)


def check_arrays(
    network: Network, given: Any, X: Any, Y: Any, params: Any, layout: str | None, **settings: Any
) -> Report:
    """Diagnose arrays at the one point where they were computed."""
    if not isinstance(given, (Mapping, np.ndarray, list, tuple)) or not len(given):
        raise ParameterError(
            "gradients must be a function, a mapping of names to arrays or functions, Parameters, or "
            f"the path of an NPZ file, not {describe(given)}"
        )
    if X is None or Y is None or params is None:
        raise ParameterError(
            "arrays are checked where they were computed: give X, Y and params too (or a function, "
            "which is called at better points)"
        )
    layout = layout or layout_of(network, params)
    point = user_point(network, X, Y, params, layout)
    gradients, _ = sorted_result(given, point, layout)
    if layout == "columns" and not isinstance(given, Parameters):
        gradients = {name: transposed(value) for name, value in gradients.items()}
    quantities, more = named({name: [value] for name, value in gradients.items()}, network.depth)
    notes = [f"Checked at the given point alone, m = {point.m}; {layout}.", *more]
    notes += blind_spots(point, list(quantities))
    title = title_of(network)
    return diagnose([point], quantities, layout=layout, title=title, notes=notes, **settings)


def layout_of(network: Network, params: Any) -> str:
    """Say which layout the shapes of the weights have; rows if both are possible."""
    if isinstance(params, Mapping):
        for layer in range(1, network.depth + 1):
            shape = np.shape(params.get(f"W{layer}", ()))
            rows = (network.sizes[layer - 1], network.sizes[layer])
            if shape != rows and shape == rows[::-1]:
                return "columns"
    return "rows"


def read_npz(path: str | Path, X: Any, Y: Any, params: Any) -> tuple[dict[str, Any], Any, Any, Any]:
    """Read gradients, and what of X, Y and the parameters the file has."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, KeyError, AttributeError) as error:
        raise DataError(f"{path}: not an NPZ file of numbers that can be read ({error})") from None
    X = arrays.pop("X", None) if X is None else X
    Y = arrays.pop("Y", None) if Y is None else Y
    own = {name: V for name, V in arrays.items() if re.fullmatch(r"[Wb]\d+", name)}
    gradients = {name: V for name, V in arrays.items() if name not in own}
    return gradients, X, Y, own if params is None else params
