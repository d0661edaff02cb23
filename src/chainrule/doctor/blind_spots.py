"""Blind spots: mistakes that change nothing at a point, so that no comparison there can find them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chainrule.doctor.findings import Mistake
from chainrule.doctor.notation import Notation
from chainrule.doctor.paths import Case, Path
from chainrule.doctor.points import Point
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
    hidden, faint = [], []
    for mistake, left in effects(point):
        where = f"{mistake.code} ({mistake.place})"
        if left <= UNSEEN and where not in hidden:
            hidden.append(where)
        elif left <= HARD_TO_SEE and where not in faint:
            faint.append(where)
    faint = [where for where in faint if where not in hidden]
    if hidden:
        notes.append(f"These mistakes change nothing at this point: {', '.join(hidden)}.")
    if faint:
        notes.append(f"These change less than a thousandth: {', '.join(faint)}.")
    if hidden or faint:
        notes.append("A function, in place of arrays, is checked at points where they show.")
    return notes


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
                without = tuple(V - kappa * theta for V in case.true(name) if V is not None)
                yield Mistake("penalty_missing", name, ""), distance(case.true(name), without)
            elif name[1] == "b" and not theta.any():
                yield Mistake("penalty_on_biases", name, ""), 0.0
