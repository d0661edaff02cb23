"""Learning rates of their own for some of the parameters."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.checks import check_number
from chainrule.errors import ParameterError
from chainrule.nn import Network
from chainrule.nn.embeddings import NAMES

__all__ = ["named_factors"]


def named_factors(factors: Mapping[str, float] | None, network: Network) -> dict[str, float] | None:
    """Return what multiplies the learning rate for each of a network's parameters.

    Parameters
    ----------
    factors : mapping of str to float, or None
        By name, ``"W1"``, or by letter, ``"b"`` for all biases; the name counts more. What is not
        there has the factor 1. "scale", "R", "S" and the parts of an embedding may stand there for a
        network without them.
    network : Network

    Returns
    -------
    dict of str to float, or None
        None if there is nothing to multiply.

    Raises
    ------
    ParameterError
        If a name is none of the network's, or a factor is not a number of at least 0.
    """
    if factors is None:
        return None
    if not isinstance(factors, Mapping):
        raise ParameterError(
            f"the factors of the learning rate must be a dict such as {{'b': 0.1}}, not {factors!r}"
        )
    names = [name for name, _ in network.layout.shapes()]
    letters = ("scale", *NAMES, "W", "R", "S", "b")
    for name, factor in factors.items():
        if name not in (*names, *letters):
            known = ", ".join(dict.fromkeys((*letters, *names)))
            raise ParameterError(
                f"there is no parameter {name!r} to learn at a rate of its own: {known}"
            )
        check_number(f"the learning rate's factor of {name}", factor, 0)
    found = {
        name: float(factors.get(name, factors.get(name.rstrip("0123456789"), 1.0)))
        for name in names
    }
    return found if any(factor != 1 for factor in found.values()) else None
