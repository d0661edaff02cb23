"""Blind spots: mistakes that change nothing at a point, so that no comparison there can find them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from chainrule.doctor.findings import Mistake
from chainrule.doctor.notation import Notation
from chainrule.doctor.paths import Case, Path
from chainrule.doctor.points import Point, draw_points
from chainrule.doctor.reference import refer
from chainrule.doctor.rules.parameters import parameter_variants
from chainrule.doctor.steps import steps_to_Z
from chainrule.doctor.values import Values, distance

__all__ = ["blind_spots"]

UNSEEN = 1e-6
HARD_TO_SEE = 1e-3


def blind_spots(point: Point, quantities: Sequence[str]) -> list[str]:
    """Return notes on what cannot be told apart at a point that was not chosen for it.

    Parameters
    ----------
    point : Point
    quantities : sequence of str
        The names that were given; where there are none of a layer, nothing is said of it.
    """
    notes = []
    if point.m == 1:
        notes.append("With one observation a mean is a sum: nothing here speaks of 1/m.")
    # What changes nothing at a drawn point either is no mistake in this network.
    shown = {
        key
        for key, left in smallest_effects(draw_points(point.network, 1)[0]).items()
        if left > UNSEEN
    }
    layers = {name.lstrip("dnew_WbZA") for name in quantities}
    effect = {
        key: left
        for key, left in smallest_effects(point).items()
        if key in shown and key[1][2:] in layers
    }
    hidden = sorted(key for key, left in effect.items() if left <= UNSEEN)
    faint = sorted(key for key, left in effect.items() if UNSEEN < left <= HARD_TO_SEE)
    if hidden:
        notes.append(f"These mistakes change nothing at this point: {listed(hidden)}.")
    if faint:
        notes.append(f"These change less than a thousandth: {listed(faint)}.")
    if hidden or faint:
        notes.append("A function, in place of arrays, is checked at points where they show.")
    return notes


def listed(keys: list[tuple[str, str]]) -> str:
    """Return codes with the places where they would stand."""
    places: dict[str, list[str]] = {}
    for code, place in keys:
        places.setdefault(code, []).append(place)
    return ", ".join(f"{code} ({', '.join(found)})" for code, found in places.items())


def smallest_effects(point: Point) -> dict[tuple[str, str], float]:
    """Return, for each code and place, the least that a mistake of this kind changes there."""
    found: dict[tuple[str, str], float] = {}
    for mistake, left in effects(point):
        key = (mistake.code, mistake.place)
        found[key] = min(left, found.get(key, np.inf))
    return found


def effects(point: Point) -> Iterator[tuple[Mistake, float]]:
    """Yield every single mistake, and how far it moves the quantity that it is made in."""
    reference = refer(point)
    network = point.network
    case = Case(Notation(network), (reference,), {}, UNSEEN)
    truth: dict[str, Values] = {}
    for layer in range(network.depth, 0, -1):
        truth |= {name: case.true(name) for name in (f"dA{layer}", f"dZ{layer}", f"dW{layer}")}
        path = Path({name: V for name, V in truth.items() if f"dA{layer}" != name})
        for step in steps_to_Z(case, path, layer, 1):
            if step.possible and step.delta is None:
                yield step.mistakes[0], distance(truth[f"dZ{layer}"], step.values)
        for name in (f"dW{layer}", f"db{layer}"):
            right = case.data_term(name, truth[f"dZ{layer}"])
            for found in parameter_variants(case.notation, name):
                yield found.mistake, distance(right, case.apply(found.apply, truth))
            kappa = reference.penalty_factor(name[1:])
            theta = point.parameters[name[1:]]
            if kappa:
                without = tuple(None if V is None else V - kappa * theta for V in case.true(name))
                yield Mistake("penalty_missing", name, ""), distance(case.true(name), without)
            elif name[1] == "b":
                yield Mistake("penalty_on_biases", name, ""), float(np.abs(theta).max())
