"""Out of the loss: dA_L = c ∂ℓ/∂A_L, and dZ_L at once where the two derivatives collapse."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from chainrule.doctor.notation import Notation
from chainrule.doctor.reference import Reference
from chainrule.doctor.rules.variants import PARTS, Upstream, Variant, part_of, variant
from chainrule.nn import ACTIVATIONS, LOSSES
from chainrule.nn.activations import Activation
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
    yield variant(
        notation,
        code,
        place,
        "The loss itself stands where its derivative belongs.",
        lambda r, _: r.c * elementwise(network.loss_function, r.A[L], r.Y),
        used="loss",
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
    place = f"dZ{network.depth}"
    yield from parts_of_the_batch(notation)
    if network.loss_function.logit_derivative is not None:
        yield from fused_slips(notation)
    elif network.output != "identity" or network.loss not in SQUARED:  # there it is a factor
        yield variant(
            notation,
            "loss_mismatch",
            place,
            f"A{network.depth} − Y is the derivative for a cross-entropy with the output that belongs "
            f"to it; the declared pair is {network.output} with {network.loss}.",
            lambda r, _: r.c * (r.A[network.depth] - r.Y),
            loss="cross-entropy",
        )


def fused_slips(notation: Notation) -> Iterator[Variant]:
    """Yield A_L − Y with something else in the place of A_L or of the difference.

    Of a loss whose derivative is none such, there is nothing to yield.
    """
    network = notation.network
    L, place = network.depth, f"dZ{network.depth}"

    def made(sentence: str, used: str, values: Callable[[Reference], Array]) -> Variant:
        code = "wrong_local_derivative"
        return variant(notation, code, place, sentence, lambda r, _: r.c * values(r), used=used)

    fused = network.loss_function.fused_formula
    if network.loss_function.targets == "distribution" and not notation.one_class:
        sentence = (
            f"A{L} − Y is the derivative where an observation's targets sum to 1; these do not."
        )
        yield made(sentence, "targets that sum to 1", lambda r: r.A[L] - r.Y)
    if fused is None or notation.written(fused, L).text != f"A{L} - Y":
        return
    right = f"A{L} − Y belongs."
    yield made(f"A{L} + Y stands where {right}", "plus", lambda r: r.A[L] + r.Y)
    yield made(f"The error A{L} − Y is squared.", "square", lambda r: (r.A[L] - r.Y) ** 2)
    yield made(
        f"The error A{L} − Y is averaged before it is passed back; each observation has its own.",
        "mean error",
        lambda r: np.broadcast_to((r.A[L] - r.Y).mean(axis=0), r.Y.shape),
    )
    yield made(f"A{L} stands where {right}", "without Y", lambda r: r.A[L])
    yield made(
        f"Z{L} − Y, without {network.output}, stands where {right}",
        f"Z{L}",
        lambda r: r.Z[L] - r.Y,
    )
    yield made(
        f"The loss itself stands where its derivative belongs: {right}",
        "loss",
        lambda r: elementwise(network.loss_function, r.A[L], r.Y),
    )
    for name in ("tanh", "relu"):
        yield made(
            f"{name}(Z{L}) − Y stands where {right}",
            f"{name}(Z{L})",
            other_error(ACTIVATIONS[name], L),
        )
    if network.output == "softmax":
        for text, axis in (("over the observations", 0), ("over everything", None)):
            for shifted in (False, True):
                yield made(
                    f"Softmax is taken {text}; each row is to sum to 1 (axis=1).",
                    f"softmax {text}",
                    softmax_error(L, axis, shifted),
                )
        yield made(
            "The maximum that is subtracted before exp is that of a column; it must be that of the row.",
            "maximum of a column",
            lambda r: softmax(r.Z[L] - r.Z[L].max(axis=0), axis=1) - r.Y,
        )


def other_error(g: Activation, L: int) -> Callable[[Reference], Array]:
    """Return g(Z_L) − Y, as a function of the reference."""
    return lambda r: g.value(r.Z[L]) - r.Y


def softmax_error(L: int, axis: int | None, shifted: bool) -> Callable[[Reference], Array]:
    """Return softmax(Z_L) − Y along an axis; `shifted` if each row's maximum is taken off before."""

    def rule(r: Reference) -> Array:
        Z = r.Z[L] - r.Z[L].max(axis=1, keepdims=True) if shifted else r.Z[L]
        return softmax(Z, axis=axis) - r.Y

    return rule


def softmax(Z: Array, axis: int | None) -> Array:
    """Return softmax(Z) along an axis, or over everything."""
    E: Array = np.exp(Z - Z.max(axis=axis, keepdims=True))
    return E / E.sum(axis=axis, keepdims=True)


def elementwise(loss: Loss, A: Array, Y: Array) -> Array:
    """Return the loss of every output alone."""
    return loss.value(A[..., None], Y[..., None])


def parts_of_the_batch(notation: Notation) -> Iterator[Variant]:
    """Yield dZ_L with observations left out: by a loop that ends early, a slice, an = for a +=."""
    network = notation.network
    place = f"dZ{network.depth}"
    for text in PARTS:
        for own in (False, True) if network.reduction == "mean" else (False,):
            mean = ", and the mean is theirs" if own else ""
            yield variant(
                notation,
                "part_of_batch",
                place,
                f"Only {text} of the batch counts{mean}.",
                zero_elsewhere(text, own),
                observations=text,
            )


def zero_elsewhere(text: str, own: bool) -> Callable[[Reference, Upstream], Array]:
    """Return dZ_L of a part of the observations, zero for the others; `own` is for their own mean."""

    def rule(reference: Reference, _: Upstream) -> Array:
        dZ = reference.dZ[-1]
        part = part_of(dZ, text)
        some = np.zeros_like(dZ)
        some[PARTS[text](len(dZ))] = part
        return some * (len(dZ) / len(part) if own else 1.0)

    return rule
