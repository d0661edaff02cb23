"""Elsewhere: gradients that are no mistake of the declared network, but right for another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from chainrule.doctor.paths import Case
from chainrule.doctor.values import Values, at_points
from chainrule.errors import ParameterError
from chainrule.nn import ACTIVATIONS, LOSSES, Network
from chainrule.nn.arrays import Array
from chainrule.nn.propagation import backward, forward

__all__ = ["right_elsewhere"]


def right_elsewhere(case: Case) -> tuple[str, ...]:
    """Return notes on other networks that all the given dW and db are right for.

    Parameters
    ----------
    case : Case
        In which something is wrong that no known mistake explains.
    """
    names = [name for name in case.given if name[1] in "Wb"]
    notes = []
    for text, network, biases in others(case.notation.network):
        if all(case.same(case.given[n], gradients(case, network, n, biases)) for n in names):
            notes.append(f"It is all right for {text}: declare that, or change the code.")
    return tuple(notes) if names else ()


def others(network: Network) -> Iterator[tuple[str, Network, bool]]:
    """Yield networks that differ in one thing from the declared one, and whether they have biases."""
    yield "a forward pass without biases", network, False
    if network.depth > 1:
        for name, g in ACTIVATIONS.items():
            hidden = (name,) * (network.depth - 1)
            if not g.output_only and hidden != network.hidden:
                yield f"hidden={name!r}", replace(network, hidden=hidden), True
    for loss in LOSSES:
        for output in ACTIVATIONS:
            if (loss, output) != (network.loss, network.output):
                try:
                    other = replace(network, loss=loss, output=output, label_smoothing=0.0)
                except ParameterError:
                    continue  # a pair that makes no sense
                yield f"output={output!r}, loss={loss!r}", other, True


def gradients(case: Case, network: Network, name: str, biases: bool) -> Values:
    """Return dW_l or db_l of another network at every point."""

    def gradient(k: int) -> Array:
        point = case.references[k].point
        parameters = point.parameters.copy()
        if not biases:
            for own, view in parameters.items():
                if own.startswith("b"):
                    view[...] = 0
        record = forward(network, parameters, point.X)
        return backward(network, parameters, record, point.Y).gradients[name[1:]]

    return at_points(gradient, np.arange(len(case.references)).tolist())
