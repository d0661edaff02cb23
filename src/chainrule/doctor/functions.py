"""Functions: called at points, asked in the ways that people write them, and diagnosed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.doctor.calling import FunctionFailedError, Manner, call
from chainrule.doctor.diagnosis import diagnose
from chainrule.doctor.findings import Finding, Mistake, Verdict
from chainrule.doctor.notation import Notation
from chainrule.doctor.points import Point, draw_point
from chainrule.doctor.probing import probed
from chainrule.doctor.quantities import canonical_name, counted_from_one, quantity_order
from chainrule.doctor.reference import refer
from chainrule.doctor.report import Report
from chainrule.doctor.results import ORDERS, Answer, passed_over
from chainrule.errors import ParameterError
from chainrule.nn import Network
from chainrule.nn.arrays import Array

__all__ = ["check_function", "named", "title_of"]

PARAMS = ("arrays", "flat biases", "vector")


def check_function(given: Any, points: list[Point], layout: str | None, **settings: Any) -> Report:
    """Call a function at points, find out how it wants to be called, and diagnose what it returns."""
    eta = settings["learning_rate"]
    manner, answers, points, failure = all_answers(given, points, layout, eta)
    network = points[0].network
    again, _ = call(given, points[0], manner, eta)
    moved = changed(answers[0][0], again, network.depth)
    if moved:
        return accumulated(title_of(network), moved, network)
    notes = [] if failure is None else [failure_note(failure, points[0].m)]

    def diagnosed(manner: Manner, answers: list[Answer]) -> Report:
        return diagnosed_answers(points, manner, answers, notes, **settings)

    report = diagnosed(manner, answers)
    if failure is not None and report.ok:
        raise failed(failure, network, points[0].m, layout) from failure
    if not report.ok:
        other = replace(manner, order=best_order(given, points[0], manner))
        if other != manner:
            manner = other
            report = diagnosed(manner, [call(given, point, manner, eta) for point in points])
    if "unknown" not in report.codes:
        return report
    return replace(report, notes=report.notes + probed(given, points, manner, eta))


def best_order(given: Any, point: Point, manner: Manner) -> str:
    """Return the order of a list or vector in which the most gradients are right; ours, if it is one."""
    true = refer(point).gradients
    counts = []
    for order in ORDERS:
        try:
            found, _ = call(given, point, replace(manner, order=order))
            counts.append(sum(is_near(found.get(f"d{name}"), V) for name, V in true.items()))
        except (ParameterError, FunctionFailedError):
            counts.append(-1)
    return ORDERS[counts.index(max(counts))]


def is_near(given: Any, true: Array) -> bool:
    """Say whether an array is the true gradient, in float32 at least."""
    try:
        array = np.asarray(given, float)
    except (TypeError, ValueError):
        return False
    if array.size != true.size:
        return False
    return bool(np.linalg.norm(array.ravel() - true.ravel()) <= 3e-4 * np.linalg.norm(true))


def diagnosed_answers(
    points: list[Point], manner: Manner, answers: list[Answer], notes: list[str], **settings: Any
) -> Report:
    """Diagnose what a function returned at all points."""
    network, layout = points[0].network, manner.layout
    names = list(dict.fromkeys(name for gradients, _ in answers for name in gradients))
    everything = {name: [gradients.get(name) for gradients, _ in answers] for name in names}
    quantities, more = named(everything, network.depth)
    drawn = ", ".join(str(point.m) for point in points)
    notes = [
        *notes,
        f"Checked at {len(points)} points of the doctor's choosing, m = {drawn}; {layout}.",
        *manner_notes(manner),
        *more,
        *cost_notes(points, [cost for _, cost in answers]),
    ]
    return diagnose(
        points, quantities, layout=layout, title=title_of(network), notes=notes, **settings
    )


def manner_notes(manner: Manner) -> list[str]:
    """Say what was found out about how the function is to be called and read."""
    notes = []
    if manner.params == "vector":
        notes.append(
            "It is given its parameters as one vector: W1, b1, W2, b2 …, each W row by row."
        )
    elif manner.params == "flat biases":
        notes.append("It is given biases of one dimension.")
    if manner.order != ORDERS[0]:
        notes.append(f"What it returns is in the order {manner.order}.")
    return notes


def named(
    quantities: Mapping[str, Sequence[Any]], depth: int
) -> tuple[dict[str, Sequence[Any]], list[str]]:
    """Return the quantities under names that count layers from 1, and what is said about that.

    Values of the forward pass and parameters that come along with gradients are left out.
    """
    notes = []
    over = passed_over(list(quantities))
    if 0 < len(over) < len(quantities):
        verb = "are no gradients" if len(over) > 1 else "is no gradient"
        notes.append(f"{', '.join(over)} {verb}, and passed over.")
    else:
        over = []
    kept = {name: values for name, values in quantities.items() if name not in over}
    names = counted_from_one(list(kept), depth)
    if any(old != new for old, new in names.items()):
        first, new = next((old, new) for old, new in names.items() if old != new)
        notes.append(f"Its layers are counted from 0: {first} is {new} here.")
    return {names[name]: values for name, values in kept.items()}, notes


def all_answers(
    given: Any, points: list[Point], layout: str | None, learning_rate: float | None
) -> tuple[Manner, list[Answer], list[Point], Exception | None]:
    """Return how the function is called, its answers at all points, the points, and what it raised.

    Rows are tried, then columns; biases of one dimension; all parameters in one vector. A function that
    fails in all ways may have a product whose shapes fit only if m is the size of a layer: then it is
    called at such points, and what it raised at the others is returned.
    """
    network = points[0].network
    layouts = [layout] if layout else ["rows", "columns"]
    manners = [Manner(each, params) for params in PARAMS for each in layouts]
    first: Exception | None = None
    for manner in manners:
        try:
            return manner, [call(given, p, manner, learning_rate) for p in points], points, None
        except FunctionFailedError as failure:
            first = first or failure.error
    assert first is not None
    for m in sorted(size for size in set(network.sizes) if size > 1):
        for manner in manners[: len(layouts)]:
            special = [draw_point(network, m, 0, place) for place in range(len(points))]
            try:
                answers = [call(given, p, manner, learning_rate) for p in special]
            except FunctionFailedError:
                continue
            return manner, answers, special, first
    raise failed(first, network, points[0].m, layout) from first


def failed(error: Exception, network: Network, m: int, layout: str | None) -> ParameterError:
    """Return the error that says what the user's function raised."""
    return ParameterError(
        f"the function raised {type(error).__name__}: {one_line(error)} (sizes {network.sizes}, "
        f"m = {m}, layout {layout or 'rows or columns'})"
    )


def failure_note(error: Exception, m: int) -> str:
    """Say that the function runs at one m alone."""
    return (
        f"The function fails unless m is {m}, the size of a layer: some product is not the one "
        f"that is meant. It was called with m = {m} ({type(error).__name__}: {one_line(error)})."
    )


def one_line(error: object) -> str:
    """Return a message on one line."""
    return " ".join(str(error).split())[:200]


def changed(first: dict[str, Any], second: dict[str, Any], depth: int) -> list[str]:
    """Return the quantities that the second call at the same point gives other values for."""
    moved = []
    for name, value in first.items():
        try:
            before, after = np.asarray(value, float), np.asarray(second.get(name), float)
        except (TypeError, ValueError):
            continue  # no numbers, which is said elsewhere
        if before.shape != after.shape or not np.array_equal(
            np.isfinite(before), np.isfinite(after)
        ):
            moved.append(canonical_name(name, depth))
            continue
        before, after = np.nan_to_num(before), np.nan_to_num(after)
        if np.linalg.norm(before - after) > 1e-4 * np.linalg.norm(before):
            moved.append(canonical_name(name, depth))
    return moved


def accumulated(title: str, moved: list[str], network: Network) -> Report:
    """Return the report on a function that remembers its last call."""
    first, *others = [name for name in quantity_order(network.depth) if name in moved]
    sentence = (
        "Called twice at the same point, the function gives two answers: it adds to what was there, or "
        "changes what it is given, or draws random numbers."
    )
    corrected = "" if first.startswith("new_") else Notation(network).formula(first)
    mistake = Mistake("accumulated", first, sentence, corrected)
    findings = [Finding(first, Verdict.WRONG, mistakes=(mistake,))]
    findings += [Finding(name, Verdict.FOLLOWS, follows_from=(first,)) for name in others]
    return Report(title, tuple(findings), ("Nothing else was checked.",))


def cost_notes(points: list[Point], costs: list[float | None]) -> list[str]:
    """Compare the costs that the function returned with the declared ones."""
    ratios = []
    for point, cost in zip(points, costs, strict=True):
        if cost is None:
            return []
        ratios.append(cost / float(point.network.cost(point.parameters, point.X, point.Y)))
    if all(abs(ratio - 1) < 1e-4 for ratio in ratios):
        return ["The cost that the function returns is the declared one."]
    if all(abs(ratio / point.m - 1) < 1e-4 for ratio, point in zip(ratios, points, strict=True)):
        return ["The cost that the function returns is m times the declared one."]
    if all(abs(ratio / ratios[0] - 1) < 1e-4 for ratio in ratios):
        return [f"The cost that the function returns is {ratios[0]:.6g} times the declared one."]
    return ["The cost that the function returns is another one than the declared."]


def title_of(network: Network) -> str:
    """Return the title of a report: the network in a few words."""
    sizes = "-".join(map(str, network.sizes))
    hidden = "/".join(dict.fromkeys(network.hidden))
    penalty = network.penalty
    more = f", L2({penalty.strength:g}, {penalty.scale})" if penalty and penalty.strength else ""
    inner = f"{hidden}, " if hidden else ""
    return (
        f"gradients of {sizes} ({inner}{network.output}, {network.loss}, {network.reduction}{more})"
    )
