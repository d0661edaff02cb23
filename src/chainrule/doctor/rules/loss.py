"""Out of the loss: dA_L = c ∂ℓ/∂A_L, and dZ_L at once where the two derivatives collapse."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from chainrule.doctor.notation import Notation
from chainrule.doctor.reference import Reference
from chainrule.doctor.rules.variants import Variant, variant
from chainrule.nn import LOSSES
from chainrule.nn.arrays import Array
from chainrule.nn.losses import Loss

__all__ = ["fused_variants", "loss_variants"]

SQUARED = ("squared_error", "half_squared_error")


def loss_variants(notation: Notation) -> Iterator[Variant]:
    """Yield the mistakes that are made in dA_L."""
    network = notation.network
    L, declared = network.depth, str(network.loss)
    place = f"dA{L}"

    def made(sentence: str, derivative: Callable[[Reference], Array], name: str) -> Variant:
        return variant(
            notation,
            "loss_mismatch",
            place,
            sentence,
            lambda r, _: derivative(r),
            loss=name,
        )

    for loss in LOSSES.values():
        if loss.name == declared or {loss.name, declared} <= set(SQUARED):
            continue  # half of the other: a factor
        yield made(
            f"The derivative is that of {loss.name}; the declared loss is {declared}.",
            derivative_of(loss, L),
            loss.name,
        )
    sentence = "This is the derivative of the outputs' sum{}, and not of the cost."
    yield made(sentence.format(""), lambda r: np.ones_like(r.A[L]), "output")
    yield made(sentence.format(", averaged"), lambda r: r.c * np.ones_like(r.A[L]), "output")
    if network.label_smoothing:
        yield made(
            "The targets are not smoothed; the network declares "
            f"label_smoothing={network.label_smoothing:g}.",
            lambda r: r.c * network.loss_function.derivative(r.A[L], r.point.Y),
            "without label smoothing",
        )
    yield from slips(notation)


def derivative_of(loss: Loss, L: int) -> Callable[[Reference], Array]:
    """Return c ∂ℓ/∂A_L of a loss, as a function of the reference."""
    return lambda r: r.c * loss.derivative(r.A[L], r.Y)


def slips(notation: Notation) -> Iterator[Variant]:
    """Yield wrong signs within the derivative of the loss."""
    network = notation.network
    L, place = network.depth, f"dA{network.depth}"
    code = "wrong_local_derivative"
    if network.loss in SQUARED:
        yield variant(
            notation,
            code,
            place,
            f"A{L} + Y stands where A{L} − Y belongs.",
            lambda r, _: r.c * network.loss_function.derivative(r.A[L], -r.Y),
            used="plus",
        )
        yield variant(
            notation,
            code,
            place,
            f"The error A{L} − Y is squared, as in the loss; its derivative is not.",
            lambda r, _: r.c * (r.A[L] - r.Y) ** 2,
            used="square",
        )
    elif network.loss in ("binary_cross_entropy", "poisson"):
        yield variant(
            notation,
            code,
            place,
            f"A{L} + Y stands where A{L} − Y belongs.",
            lambda r, _: (
                network.loss_function.derivative(r.A[L], r.Y)
                * r.c
                * (r.A[L] + r.Y)
                / (r.A[L] - r.Y)
            ),
            used="plus",
        )
    if network.loss == "binary_cross_entropy":
        yield variant(
            notation,
            code,
            place,
            f"The second term, (1 − Y)/(1 − A{L}), has the wrong sign.",
            lambda r, _: -r.c * (r.Y / r.A[L] + (1 - r.Y) / (1 - r.A[L])),
            used="second term",
        )


def fused_variants(notation: Notation) -> Iterator[Variant]:
    """Yield the mistakes that are made in dZ_L where it is written in one step."""
    network = notation.network
    L, place = network.depth, f"dZ{network.depth}"
    if network.loss_function.logit_derivative is None:
        yield variant(
            notation,
            "loss_mismatch",
            place,
            f"A{L} − Y is the derivative for a cross-entropy with the output that belongs to it; the "
            f"declared pair is {network.output} with {network.loss}.",
            lambda r, _: r.c * (r.A[L] - r.Y),
            loss="cross-entropy",
        )
        return
    yield variant(
        notation,
        "wrong_local_derivative",
        place,
        f"A{L} + Y stands where A{L} − Y belongs.",
        lambda r, _: r.c * (r.A[L] + r.Y),
        used="plus",
    )
    yield variant(
        notation,
        "wrong_local_derivative",
        place,
        f"The error A{L} − Y is squared.",
        lambda r, _: r.c * (r.A[L] - r.Y) ** 2,
        used="square",
    )
