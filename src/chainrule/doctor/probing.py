"""Probing: what a function that nothing explains depends on, and whose gradient it returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.doctor.calling import FunctionFailedError, Manner, call
from chainrule.doctor.derivatives import extrapolated, ladder, noise_of
from chainrule.doctor.points import Point, draw_batch
from chainrule.doctor.quantities import canonical_name
from chainrule.doctor.results import Answer
from chainrule.errors import ChainruleError
from chainrule.nn.arrays import Array

__all__ = ["probed"]

UNMOVED = 1e-12
DRAWS = 20  # of classes, which may be the same ones again


def probed(given: Any, points: list[Point], manner: Manner, eta: float | None) -> tuple[str, ...]:
    """Return notes on a function that nothing explains: what it does not use, whose gradient it is.

    Parameters
    ----------
    given : callable or mapping of callables
    points : list of Point
    manner : Manner
    eta : float or None
    """

    def answer(point: Point) -> Answer | None:
        try:
            return call(given, point, manner, eta)
        except (FunctionFailedError, ChainruleError):
            return None

    if isinstance(given, Mapping):
        return ()
    point = points[0]
    before = answer(point)
    if before is None:
        return ()
    return (*unused(before, point, answer), *of_own_cost(before, point, answer))


def unused(before: Answer, point: Point, answer: Any) -> list[str]:
    """Say which parameters and data the function does not use, or overwrites."""
    given = {name for name in before[0] if before[0][name] is not None}
    without = []
    for name, other in moved_points(point):
        after = answer(other)
        if after is None or set(after[0]) < given:
            continue
        if all(same(before[0][quantity], after[0][quantity]) for quantity in given):
            without.append(name)
    if not without:
        return []
    return [f"What it returns does not depend on {', '.join(without)}: not used, or overwritten?"]


def moved_points(point: Point) -> list[tuple[str, Point]]:
    """Return points that differ in one parameter, in X or in Y; at random, for a shift may cancel."""
    rng = np.random.RandomState(1)
    found = []
    for name in point.parameters:
        parameters = point.parameters.copy()
        parameters[name][...] += rng.normal(size=parameters[name].shape)
        found.append((name, replace(point, parameters=parameters)))
    found.append(("X", replace(point, X=rng.normal(size=point.X.shape))))
    for _ in range(DRAWS):
        _, Y = draw_batch(point.network, point.m, rng)
        if (Y != point.Y).any():
            return [*found, ("Y", replace(point, Y=Y))]
    return found


def same(before: Any, after: Any) -> bool:
    """Say whether two values are the same but for rounding."""
    try:
        a, b = np.asarray(before, float), np.asarray(after, float)
    except (TypeError, ValueError):
        return True
    return a.shape == b.shape and bool(
        np.linalg.norm(a - b) <= UNMOVED * (np.linalg.norm(a) + np.linalg.norm(b))
    )


def of_own_cost(before: Answer, point: Point, answer: Any) -> list[str]:
    """Say whether the gradients are those of the cost that the function itself returns."""
    gradients, cost = before
    if cost is None:
        return []
    depth = point.network.depth
    slopes: dict[str, Array] = {}
    for name, value in gradients.items():
        try:
            quantity = canonical_name(name, depth)
            array = np.asarray(value, float)
        except (TypeError, ValueError, ChainruleError):
            return []
        if quantity[:2] in ("dW", "db"):
            slopes[quantity[1:]] = array
    if len(slopes) < 2:
        return []
    rng = np.random.RandomState(0)
    for _ in range(2):
        direction = {name: rng.normal(size=point.parameters[name].shape) for name in slopes}
        along = cost_along(point, direction, answer)
        slope, uncertainty = extrapolated(along, ladder(1.0, 0.0), noise_of(along, 1.0))
        wanted = 0.0
        for name, way in direction.items():
            if slopes[name].size != way.size:
                return []
            wanted += float(slopes[name].ravel() @ way.ravel())
        scale = max(abs(slope), abs(wanted))
        if not abs(slope - wanted) <= 10 * uncertainty + 1e-5 * scale:
            return []
    return [
        "They are the gradients of the cost that the function returns: it is another one than the "
        "declared, and its derivative is right."
    ]


def cost_along(point: Point, direction: Mapping[str, Array], answer: Any) -> Any:
    """Return t → the function's own cost at θ + t · direction."""

    def along(t: float) -> float:
        parameters = point.parameters.copy()
        for name, way in direction.items():
            parameters[name][...] += t * way
        after = answer(replace(point, parameters=parameters))
        return float("nan") if after is None or after[1] is None else float(after[1])

    return along
