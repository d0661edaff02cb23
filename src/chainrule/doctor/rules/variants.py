"""A variant: one step of the backward pass, done with one mistake in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, TypeAlias, TypeVar

from chainrule.doctor.findings import Mistake
from chainrule.doctor.notation import Notation
from chainrule.doctor.reference import Reference
from chainrule.nn.arrays import Array

__all__ = ["PARTS", "Upstream", "Variant", "part_of", "remembered", "variant"]

Place = TypeVar("Place")
Upstream: TypeAlias = Mapping[str, Array]
"""What has been computed so far at one point, by name: dZ2, dA1, dW2 and so on."""

PARTS: dict[str, Callable[[int], slice]] = {
    "the last observation": lambda m: slice(m - 1, m),
    "the first observation": lambda m: slice(0, 1),
    "all but the last observation": lambda m: slice(0, m - 1),
    "all but the first observation": lambda m: slice(1, m),
    "the first half": lambda m: slice(0, m // 2),
    "the second half": lambda m: slice(m // 2, m),
    "every second observation": lambda m: slice(0, m, 2),
}
"""What is left of a batch by a loop that ends early, a slice, or an = in the place of +=."""


@dataclass(frozen=True)
class Variant:
    """A wrong rule.

    Parameters
    ----------
    mistake : Mistake
    apply : callable
        ``apply(reference, upstream)`` returns the quantity with the mistake in it, at one point; it
        raises a ValueError where the shapes do not go together.
    """

    mistake: Mistake
    apply: Callable[[Reference, Upstream], Array]


def variant(
    notation: Notation,
    code: str,
    place: str,
    sentence: str,
    apply: Callable[[Reference, Upstream], Array],
    **details: Any,
) -> Variant:
    """Build a variant; the corrected formula is the notation's own."""
    return Variant(Mistake(code, place, sentence, notation.formula(place), details), apply)


def part_of(dZ: Array, text: str) -> Array:
    """Return dZ of a part of the batch, or raise a ValueError if that is nothing, or everything."""
    if dZ.ndim != 2:
        raise ValueError(f"shape {dZ.shape}")
    part: Array = dZ[PARTS[text](len(dZ))]
    if not 0 < len(part) < len(dZ):
        raise ValueError(f"{len(part)} of {len(dZ)} observations")
    return part


def remembered(
    rules: Callable[[Notation, Place], Iterator[Variant]],
) -> Callable[[Notation, Place], tuple[Variant, ...]]:
    """Return a function that lists the variants of a place once, however often it is asked."""

    @lru_cache(maxsize=256)
    @wraps(rules)
    def listed(notation: Notation, place: Place) -> tuple[Variant, ...]:
        return tuple(rules(notation, place))

    return listed
