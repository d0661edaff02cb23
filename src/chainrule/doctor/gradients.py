"""`check_gradients`: a function, or arrays, against a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from chainrule.checks import check_count
from chainrule.doctor.functions import check_function
from chainrule.doctor.own_points import check_arrays, read_npz, user_point
from chainrule.doctor.points import Point, draw_points
from chainrule.doctor.reference import check_network
from chainrule.doctor.report import Report
from chainrule.errors import ParameterError
from chainrule.nn import Network, Parameters

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
    check_count("draws", draws)
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
