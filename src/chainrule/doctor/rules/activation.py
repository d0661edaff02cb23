"""Through an activation: dZ_l = Jac(g_l)(Z_l)ᵀ dA_l, which is dA_l ⊙ g_l'(Z_l) element by element."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

from chainrule.doctor.notation import Notation
from chainrule.doctor.reference import Reference
from chainrule.doctor.rules.variants import Upstream, Variant, remembered, variant
from chainrule.nn import ACTIVATIONS
from chainrule.nn.activations import LEAKY_SLOPE, Activation
from chainrule.nn.arrays import Array
from chainrule.nn.texts import evaluated

__all__ = ["activation_variants", "through_activation"]

# Slips in the derivative's own formula.
SLIPS: dict[str, dict[str, Callable[[Array], Array]]] = {
    "sigmoid": {"1 - A": lambda A: 1 - A, "A * (1 + A)": lambda A: A * (1 + A)},
    "relu": {
        "A <= 0": lambda A: (A <= 0).astype(float),
        "leaky_relu's derivative, by A,": lambda A: np.where(A > 0, 1.0, LEAKY_SLOPE),
    },
    "tanh": {
        "1 - A": lambda A: 1 - A,
        "1 + A**2": lambda A: 1 + A**2,
        "(1 - A)**2": lambda A: (1 - A) ** 2,
        "A**2": lambda A: A**2,
    },
}
Factor: TypeAlias = Callable[[Reference], Array]
Apply: TypeAlias = Callable[[Reference, Upstream], Array]
WithFactor: TypeAlias = Callable[[Factor], Apply]
OTHERS = ("sigmoid", "tanh", "relu")


def through_activation(reference: Reference, upstream: Upstream, layer: int) -> Array:
    """Return dZ_l from dA_l, rightly."""
    g = reference.network.activations[layer - 1]
    return g.jacobian_product(reference.Z[layer], reference.A[layer], upstream[f"dA{layer}"])


@remembered
def activation_variants(notation: Notation, layer: int) -> Iterator[Variant]:
    """Yield the mistakes that are made in dZ_l, given dA_l."""
    g = notation.network.activations[layer - 1]
    place, Z, A = f"dZ{layer}", f"Z{layer}", f"A{layer}"

    def with_factor(factor: Factor) -> Apply:
        return lambda reference, upstream: upstream[f"dA{layer}"] * factor(reference)

    yield variant(
        notation,
        "missing_activation_derivative",
        place,
        f"The derivative of {g.name} is missing: {place} = d{A} ⊙ {g.name}'({Z}).",
        lambda reference, upstream: upstream[f"dA{layer}"],
    )
    yield variant(
        notation,
        "wrong_local_derivative",
        place,
        f"d{A}, what comes from above, is left out: {g.name}'({Z}) stands in {place} alone.",
        lambda r, up: g.jacobian_product(r.Z[layer], r.A[layer], np.ones_like(r.A[layer])),
        used="nothing from above",
    )
    if g.name == "relu":
        yield variant(
            notation,
            "wrong_local_derivative",
            place,
            f"relu is applied to d{A}; it is the sign of {Z} that decides: d{A} * ({Z} > 0).",
            lambda reference, upstream: np.maximum(upstream[f"dA{layer}"], 0.0),
            used=f"relu(d{A})",
        )
    if g.name == "softmax":
        yield variant(
            notation,
            "softmax_diagonal",
            place,
            f"Only the diagonal of softmax's Jacobian, {A} ⊙ (1 − {A}), is used in {place}; each output "
            "depends on every pre-activation of its row.",
            with_factor(lambda r: r.A[layer] * (1 - r.A[layer])),
        )
    if g.is_elementwise:
        yield from wrong_arguments(notation, layer, with_factor)
        yield from wrong_layers(notation, layer, with_factor)
    yield from wrong_functions(notation, layer, with_factor)


def wrong_arguments(notation: Notation, layer: int, with_factor: WithFactor) -> Iterator[Variant]:
    """Yield g'(A) and, for derivatives that are written in terms of A, the same formula at Z."""
    g = notation.network.activations[layer - 1]
    place, code = f"dZ{layer}", "activation_derivative_argument"
    yield variant(
        notation,
        code,
        place,
        f"The derivative of {g.name} is taken at the activation A{layer}; it belongs at the "
        f"pre-activation: {g.name}'(Z{layer}).",
        with_factor(slope_at_A(g, layer)),
        argument=f"A{layer}",
    )
    form = output_form(g)
    if form is not None:
        yield variant(
            notation,
            code,
            place,
            f"The derivative of {g.name} is written in terms of its output, and takes Z{layer} where it "
            f"needs A{layer}: {notation.derivative(layer)}.",
            with_factor(lambda r: form(r.Z[layer])),
            argument=f"Z{layer}",
        )


def wrong_layers(notation: Notation, layer: int, with_factor: WithFactor) -> Iterator[Variant]:
    """Yield derivatives at another layer's Z or A, and another layer's activation at this Z."""
    network = notation.network
    g, n = network.activations[layer - 1], network.sizes[layer]
    place, code = f"dZ{layer}", "wrong_layer_derivative"
    form = output_form(g)

    def made(text: str, factor: Factor, other: int) -> Variant:
        sentence = f"{text} stands in {place} for {g.name}'(Z{layer})."
        return variant(notation, code, place, sentence, with_factor(factor), layer=other)

    for k in range(network.depth + 1):
        if k == layer:
            continue
        fits = network.sizes[k] in (1, n)  # one column is broadcast over all units
        if k == 0:
            if fits:
                yield made(f"{g.name}'(X)", slope_at_A(g, 0), 0)
                if form is not None:
                    yield made(f"{g.name}' written with X", form_at_A(form, 0), 0)
            continue
        h = network.activations[k - 1]
        if fits:
            yield made(f"{g.name}'(Z{k})", slope_at_Z(g, k), k)
            yield made(f"{h.name}'(Z{k})", slope_at_Z(h, k), k)
            if form is not None:
                yield made(f"{g.name}' written with A{k}", form_at_A(form, k), k)
        if h.name != g.name:
            used = f"{h.name}'(Z{layer}), the activation of layer {k},"
            yield made(used, slope_at_Z(h, layer), k)
            of_h = output_form(h)
            if of_h is not None and h.output_formula != "a":  # A itself is another mistake
                used = f"{h.name}' written with A{layer}, the activation of layer {k},"
                yield made(used, form_at_A(of_h, layer), k)


def wrong_functions(notation: Notation, layer: int, with_factor: WithFactor) -> Iterator[Variant]:
    """Yield factors that are no derivative of g: g itself, g' twice, g' of another activation."""
    g = notation.network.activations[layer - 1]
    place, code = f"dZ{layer}", "wrong_local_derivative"
    right = notation.derivative(layer) if g.is_elementwise else f"the Jacobian of {g.name}"

    def made(text: str, factor: Factor) -> Variant:
        sentence = f"{text} stands in {place} where {right} belongs."
        return variant(notation, code, place, sentence, with_factor(factor), used=text)

    yield made(f"{g.name}(Z{layer}), the activation and not its derivative,", lambda r: r.A[layer])
    if not g.is_elementwise:
        return
    yield variant(
        notation,
        code,
        place,
        f"The derivative of {g.name} is multiplied in twice.",
        with_factor(lambda r: g.derivative(r.Z[layer], r.A[layer]) ** 2),
        used="twice",
    )
    for text, slip in SLIPS.get(g.name, {}).items():
        yield made(text.replace("A", f"A{layer}"), form_at_A(slip, layer))
    for name in OTHERS:
        h = ACTIVATIONS[name]
        if h.name != g.name:
            yield made(f"The derivative of {name}, at Z{layer},", slope_at_Z(h, layer))
            form = output_form(h)
            if form is not None:
                used = f"The derivative of {name}, written with A{layer},"
                yield made(used, form_at_A(form, layer))


def output_form(g: Activation) -> Callable[[Array], Array] | None:
    """Return g' written in terms of A = g(Z), as texts have it; None where it has no such form.

    Mistakes are made by putting Z, or the A of another layer, into it.
    """
    text = g.output_formula
    return None if text is None else lambda A: evaluated(text, a=A)


def slope_at_Z(g: Activation, layer: int) -> Factor:
    """Return g'(Z_layer), as a function of the reference."""
    return lambda r: g.derivative(r.Z[layer], g.value(r.Z[layer]))


def slope_at_A(g: Activation, layer: int) -> Factor:
    """Return g'(A_layer), as a function of the reference."""
    return lambda r: g.derivative(r.A[layer], g.value(r.A[layer]))


def form_at_A(form: Callable[[Array], Array], layer: int) -> Factor:
    """Return what is written in terms of A, at A_layer, as a function of the reference."""
    return lambda r: form(r.A[layer])
