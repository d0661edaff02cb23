"""Elsewhere: gradients that are no mistake of the declared network, but right for another one.

Another activation, another loss, no biases, other data: where something is wrong that no known mistake
explains, the forward pass may be another one than the declared, and the backward pass right for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations
from typing import TypeAlias

import numpy as np

from chainrule.doctor.paths import Case
from chainrule.doctor.points import Point
from chainrule.doctor.values import Values, at_points, dot, norm
from chainrule.errors import ParameterError
from chainrule.nn import ACTIVATIONS, LOSSES, Network
from chainrule.nn.arrays import Array
from chainrule.nn.propagation import backward, forward

__all__ = ["right_elsewhere"]

Elsewhere: TypeAlias = Callable[[Point], Point]
MOST_SHUFFLED = 6  # observations whose orders are all tried


def right_elsewhere(case: Case) -> tuple[str, ...]:
    """Return notes on other networks and data that all the given dW and db are right for.

    Parameters
    ----------
    case : Case
        In which something is wrong that no known mistake explains.
    """
    names = [name for name in case.given if name[1] in "Wb"]
    if not names:
        return ()
    # The gradient that is the smallest array is compared first: it rules out nearly everything.
    names.sort(key=lambda name: sum(V.size for V in case.given[name] if V is not None))
    notes = []

    def right(elsewhere: Elsewhere) -> bool:
        return all(case.same(case.given[n], gradients(case, elsewhere, n)) for n in names)

    for text, elsewhere in other_networks(case.notation.network):
        if right(elsewhere):
            notes.append(f"It is all right for {text}: declare that, or change the code.")
    if right(standardized):
        notes.append("It is all right for inputs that are standardized: do that before the check.")
    return (*notes, *(misaligned(case, names, right) or rescaled(case, names)))


def other_networks(network: Network) -> Iterator[tuple[str, Elsewhere]]:
    """Yield networks that differ in one thing from the declared one."""
    yield "a forward pass without biases", without_biases(None)
    for layer in range(1, network.depth + 1):
        yield f"a forward pass without b{layer}", without_biases(layer)
    for name, g in ACTIVATIONS.items():
        if g.output_only:
            continue
        hidden = (name,) * (network.depth - 1)
        if network.depth > 1 and hidden != network.hidden:
            yield f"hidden={name!r}", declared(replace(network, hidden=hidden))
        for place, own in enumerate(network.hidden if network.depth > 2 else ()):
            changed = (*network.hidden[:place], name, *network.hidden[place + 1 :])
            if name != own and changed != hidden:
                yield f"hidden={changed!r}", declared(replace(network, hidden=changed))
    for loss in LOSSES:
        for output in ACTIVATIONS:
            if (loss, output) != (network.loss, network.output):
                try:
                    other = replace(network, loss=loss, output=output, label_smoothing=0.0)
                except ParameterError:
                    continue  # a pair that makes no sense
                yield f"output={output!r}, loss={loss!r}", declared(other)


def declared(network: Network) -> Elsewhere:
    """Return the same point of another network."""
    return lambda point: replace(point, network=network)


def without_biases(layer: int | None) -> Elsewhere:
    """Return the same point without the biases of a layer, or of all."""

    def other(point: Point) -> Point:
        parameters = point.parameters.copy()
        for name, view in parameters.items():
            if name.startswith("b") and (layer is None or name == f"b{layer}"):
                view[...] = 0
        return replace(point, parameters=parameters)

    return other


def standardized(point: Point) -> Point:
    """Return the point with inputs of mean 0 and variance 1."""
    spread = point.X.std(axis=0)
    return replace(point, X=(point.X - point.X.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def in_order(order: slice | int | list[int]) -> Elsewhere:
    """Return the point with its targets in another order, or moved by a number of places."""
    if isinstance(order, int):
        return lambda point: replace(point, Y=np.roll(point.Y, order, axis=0))
    return lambda point: replace(point, Y=point.Y[order])


def misaligned(case: Case, names: list[str], right: Callable[[Elsewhere], bool]) -> tuple[str, ...]:
    """Say whether the gradients are right for the same X with the Y in another order.

    All orders are tried at the point with the fewest observations; that one fits all gradients to six
    digits is no accident.
    """
    for step, text in ((-1, "next"), (1, "last")):
        if right(in_order(step)):
            return (f"It is all right if beside each X stands the Y of the {text} observation.",)
    k = case.counts.index(min(case.counts))
    given = {name: (values[k],) for name, values in case.given.items()}
    one = replace(case, references=(case.references[k],), given=given)
    for order in permutations(range(case.counts[k])) if case.counts[k] <= MOST_SHUFFLED else ():
        other = in_order(list(order))
        if all(one.same(one.given[name], gradients(one, other, name)) for name in names):
            return ("It is all right if X and Y are in different orders: shuffle both as one.",)
    return ()


def rescaled(case: Case, names: list[str]) -> tuple[str, ...]:
    """Say whether all gradients are the right ones times a number, another one at each point."""
    if len(names) < 2:
        return ()
    factors = common_factors(case, names, penalized=True) or common_factors(case, names, False)
    if factors is None:
        return ()
    pairs = list(zip(factors, case.counts, strict=True))
    if all(abs(factor * (m - 1) / m - 1) < 1e-5 for factor, m in pairs):
        return ("Every gradient is m/(m − 1) times the right one: divide by m, and not by m − 1.",)
    listed = ", ".join(f"{factor:.6g}" for factor in factors)
    return (
        "Every gradient is a multiple of the right one, at each point another one "
        f"({listed}): are they clipped, or normalized?",
    )


def common_factors(case: Case, names: list[str], penalized: bool) -> list[float] | None:
    """Return the multiple of the truth that all gradients are at each point; None if there is none.

    Unless `penalized`, the penalty's part is as it should be, and the rest is that multiple.
    """
    factors = []
    for k, reference in enumerate(case.references):
        found = []
        for name in names:
            given, true = case.given[name][k], reference.true(name)
            if given is None or given.shape != true.shape:
                return None
            if not penalized:
                own = reference.penalty_factor(name[1:]) * reference.point.parameters[name[1:]]
                given, true = given - own, true - own
            if not norm(true):
                return None
            factor = dot(true, given) / norm(true) ** 2
            if norm(given - factor * true) > case.tolerance * norm(given):
                return None
            found.append(factor)
        if max(found) - min(found) > 10 * case.tolerance * abs(found[0]):
            return None
        factors.append(found[0])
    return factors


def gradients(case: Case, elsewhere: Elsewhere, name: str) -> Values:
    """Return dW_l or db_l elsewhere, at every point."""

    def gradient(k: int) -> Array:
        point = elsewhere(case.references[k].point)
        record = forward(point.network, point.parameters, point.X)
        found: Array = backward(point.network, point.parameters, record, point.Y).gradients[
            name[1:]
        ]
        return found

    return at_points(gradient, np.arange(len(case.references)).tolist())
