"""Into the parameters: dW_l = A_{l−1}ᵀ dZ_l and db_l = Σ_i dZ_l[i], without the penalty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

from chainrule.doctor.notation import Notation
from chainrule.doctor.reference import Reference
from chainrule.doctor.rules.variants import PARTS, Upstream, Variant, part_of, remembered, variant
from chainrule.nn.activations import Activation
from chainrule.nn.arrays import Array

__all__ = ["parameter_variants", "right_parameter"]

MOST_ROWS = 2000
Input: TypeAlias = Callable[[Reference], Array]
Product: TypeAlias = Callable[[Array, Array], Array]


def right_parameter(reference: Reference, upstream: Upstream, name: str) -> Array:
    """Return the data term of dW_l or db_l from dZ_l, rightly; `name` is ``"dW1"`` or so."""
    layer = int(name[2:])
    dZ = upstream[f"dZ{layer}"]
    if name[1] == "b":
        return dZ.sum(axis=0, keepdims=True)
    return reference.A[layer - 1].T @ dZ


@remembered
def parameter_variants(notation: Notation, name: str) -> Iterator[Variant]:
    """Yield the mistakes that are made in the data term of dW_l or db_l, given dZ_l."""
    if name[1] == "b":
        yield from bias_variants(notation, int(name[2:]))
    else:
        layer = int(name[2:])
        yield from wrong_inputs(notation, layer)
        yield from wrong_products(notation, layer)
    yield from parts_of_the_batch(notation, name)
    yield from wrong_gradients(notation, name)
    yield from misplaced(notation, name)


def wrong_inputs(notation: Notation, layer: int) -> Iterator[Variant]:
    """Yield dW_l with something else in the place of A_{l−1}."""
    network = notation.network
    place, A = f"dW{layer}", notation.activation(layer - 1)
    n = network.sizes[layer - 1]

    def made(code: str, text: str, factor: Input, **details: object) -> Variant:
        sentence = f"{text} stands in {place} where the layer's input {A} belongs."
        return variant(
            notation, code, place, sentence, lambda r, up: factor(r).T @ up[f"dZ{layer}"], **details
        )

    for k in range(network.depth + 1):
        if k != layer - 1 and (network.sizes[k] == n or k in (layer, layer - 2)):
            yield made("off_by_one_input", notation.activation(k), activation(k), layer=k)
    local = "wrong_local_derivative"
    for k in range(1, network.depth + 1):
        if network.sizes[k] == n or k in (layer - 1, layer):
            g = network.activations[k - 1]
            yield made(local, f"Z{k}", pre_activation(k), used=f"Z{k}")
            yield made(local, f"{g.name}'(Z{k})", slope(g, k), used=f"{g.name}'(Z{k})")
    yield variant(
        notation,
        "wrong_local_derivative",
        place,
        f"The layer's input {A} is left out.",
        lambda r, up: np.ones_like(r.A[layer - 1]).T @ up[f"dZ{layer}"],
        used="1",
    )


def activation(k: int) -> Input:
    """Return A_k as a function of the reference."""
    return lambda r: r.A[k]


def pre_activation(k: int) -> Input:
    """Return Z_k as a function of the reference."""
    return lambda r: r.Z[k]


def slope(g: Activation, k: int) -> Input:
    """Return g'(Z_k) as a function of the reference."""
    return lambda r: g.derivative(r.Z[k], r.A[k])


def wrong_products(notation: Notation, layer: int) -> Iterator[Variant]:
    """Yield dW_l with another product of A_{l−1} and dZ_l than the right one."""
    place, A, dZ = f"dW{layer}", notation.activation(layer - 1), f"dZ{layer}"
    products: tuple[tuple[str, Product], ...] = (
        (f"{dZ}.T @ {A}", lambda a, d: d.T @ a),
        (f"{A} @ {dZ}", lambda a, d: a @ d),
        (f"{A} @ {dZ}.T", lambda a, d: small(a) @ d.T),
        (f"{A}.T @ {dZ}.T", lambda a, d: a.T @ d.T),
        (f"{dZ} @ {A}.T", lambda a, d: small(d) @ a.T),
        (f"{dZ} @ {A}", lambda a, d: d @ a),
    )
    for text, product in products:
        if text == f"{dZ}.T @ {A}":
            sentence = f"This is the transpose of {place}."
        else:
            sentence = f"A transpose is missing, or is one too many: the rows give {text}."
        yield variant(
            notation,
            "missing_transpose",
            place,
            sentence,
            of_both(product, layer),
        )
    for text, total in (("mean", np.mean), ("sum", np.sum)):
        yield variant(
            notation,
            "wrong_local_derivative",
            place,
            f"The {text} of {A} is multiplied by the sum of {dZ}; the products of each observation are "
            "to be summed.",
            of_both(outer(total), layer),
            used=f"{text}s",
        )
    sums: tuple[tuple[str, Product], ...] = (
        ("", lambda a, d: a * d),
        (" and its sum over the observations", lambda a, d: (a * d).sum(axis=0, keepdims=True)),
    )
    for text, product in sums:
        yield variant(
            notation,
            "elementwise_product",
            place,
            f"An element-wise product of {A} and {dZ}{text} stands for the matrix product.",
            of_both(product, layer),
        )


def small(array: Array) -> Array:
    """Return an array of few rows, or raise a ValueError: a product m × m of many takes all memory."""
    if array.shape[:1] > (MOST_ROWS,):
        raise ValueError(f"shape {array.shape}")
    return array


def outer(total: Callable[..., Array]) -> Product:
    """Return the product of a mean or a sum over the observations with a sum."""
    return lambda a, d: np.outer(total(a, axis=0), d.sum(axis=0))


def of_both(product: Product, layer: int) -> Callable[[Reference, Upstream], Array]:
    """Return a product of A_{l−1} and dZ_l as a rule."""
    return lambda r, up: product(r.A[layer - 1], up[f"dZ{layer}"])


def wrong_gradients(notation: Notation, name: str) -> Iterator[Variant]:
    """Yield dW_l and db_l computed from something else than dZ_l."""
    network = notation.network
    layer = int(name[2:])
    n = network.sizes[layer]

    def made(code: str, sentence: str, source: str, **details: object) -> Variant:
        return variant(
            notation,
            code,
            name,
            sentence,
            lambda r, up: right_parameter(r, {f"dZ{layer}": up[source]}, name),
            **details,
        )

    yield made(
        "missing_activation_derivative",
        f"{name} is computed from dA{layer} in place of dZ{layer}: the derivative of "
        f"{network.activations[layer - 1].name} is missing.",
        f"dA{layer}",
    )
    for k in range(layer + 1, network.depth + 1):
        if network.sizes[k] == n:
            yield made(
                "wrong_layer_gradient",
                f"{name} is computed from dZ{k} in place of dZ{layer}.",
                f"dZ{k}",
                layer=k,
            )


def parts_of_the_batch(notation: Notation, name: str) -> Iterator[Variant]:
    """Yield dW_l and db_l with some of the observations left out of their sums."""
    layer = int(name[2:])

    def some(text: str) -> Callable[[Reference, Upstream], Array]:
        def rule(r: Reference, up: Upstream) -> Array:
            part = part_of(up[f"dZ{layer}"], text)
            if name[1] == "b":
                return part.sum(axis=0, keepdims=True)
            return part_of(r.A[layer - 1], text).T @ part

        return rule

    for text in PARTS:
        if name[1] == "W" or " observation" not in text or "all" in text:  # else it is not summed
            yield variant(
                notation,
                "part_of_batch",
                name,
                f"Only {text} of the batch is in {name}: was it to be +=, or the loop longer?",
                some(text),
                observations=text,
            )


def misplaced(notation: Notation, name: str) -> Iterator[Variant]:
    """Yield the gradients of other layers in the place of dW_l or db_l, right in themselves."""
    network, letter, layer = notation.network, name[1], int(name[2:])

    def of_layer(k: int, alike: bool) -> Callable[[Reference, Upstream], Array]:
        def rule(r: Reference, _: Upstream) -> Array:
            other = f"{letter}{k}"
            penalty = r.penalty_factor(other) * r.point.parameters[other]
            return r.true(f"d{other}") - (penalty if alike else 0.0)

        return rule

    for k in range(1, network.depth + 1):
        alike = network.sizes[k] == network.sizes[layer]
        if k == layer or (letter == "b" and alike and k > layer):  # which is computed from dZ_k
            continue
        alike = alike and (letter == "b" or network.sizes[k - 1] == network.sizes[layer - 1])
        yield variant(
            notation,
            "wrong_layer_gradient",
            name,
            f"d{letter}{k} stands in the place of {name}.",
            of_layer(k, alike),
            layer=k,
        )


def bias_variants(notation: Notation, layer: int) -> Iterator[Variant]:
    """Yield db_l with another sum of dZ_l than the one over the observations."""
    place, dZ = f"db{layer}", f"dZ{layer}"

    def made(code: str, sentence: str, total: Callable[[Array], Array]) -> Variant:
        return variant(notation, code, place, sentence, lambda r, up: total(up[dZ]))

    yield made("bias_not_summed", f"{dZ} is not summed over the observations.", lambda d: d)
    yield made("bias_not_summed", f"{place} holds the first observation alone.", lambda d: d[:1])
    yield made("bias_not_summed", f"{place} holds the last observation alone.", lambda d: d[-1:])
    wrong = "bias_wrong_axis"
    yield made(
        wrong, f"{dZ} is summed over the units, not the observations.", lambda d: d.sum(axis=1)
    )
    yield made(
        wrong,
        f"{dZ} is averaged over the units; sum it over the observations.",
        lambda d: d.mean(axis=1),
    )
    for text, over_all in (("summed", np.sum), ("averaged", np.mean)):
        sentence = f"{dZ} is {text} over the units too; sum it over the observations alone."
        yield made(wrong, sentence, filled(over_all, one=True))
        yield made(wrong, sentence, filled(over_all, one=False))


def filled(over_all: Callable[[Array], Array], one: bool) -> Callable[[Array], Array]:
    """Return a sum or mean over everything: one number, or the same for each unit."""
    return lambda d: np.full((1, 1 if one else d.shape[1]), over_all(d))
