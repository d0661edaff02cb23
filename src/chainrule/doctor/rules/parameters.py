"""Into the parameters: dW_l = A_{l−1}ᵀ dZ_l and db_l = Σ_i dZ_l[i], without the penalty."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from chainrule.doctor.notation import Notation
from chainrule.doctor.reference import Reference
from chainrule.doctor.rules.variants import Upstream, Variant, variant
from chainrule.nn.arrays import Array

__all__ = ["parameter_variants", "right_parameter"]

Input = Callable[[Reference], Array]


def right_parameter(reference: Reference, upstream: Upstream, name: str) -> Array:
    """Return the data term of dW_l or db_l from dZ_l, rightly; `name` is ``"dW1"`` or so."""
    layer = int(name[2:])
    dZ = upstream[f"dZ{layer}"]
    if name[1] == "b":
        return dZ.sum(axis=0, keepdims=True)
    return reference.A[layer - 1].T @ dZ


def parameter_variants(notation: Notation, name: str) -> Iterator[Variant]:
    """Yield the mistakes that are made in the data term of dW_l or db_l, given dZ_l."""
    if name[1] == "b":
        yield from bias_variants(notation, int(name[2:]))
    else:
        layer = int(name[2:])
        yield from wrong_inputs(notation, layer)
        yield from wrong_products(notation, layer)
    yield from wrong_gradients(notation, name)


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
            yield made("off_by_one_input", notation.activation(k), lambda r, k=k: r.A[k], layer=k)
    for k in range(1, network.depth + 1):
        if network.sizes[k] == n or k in (layer - 1, layer):
            yield made("wrong_local_derivative", f"Z{k}", lambda r, k=k: r.Z[k], used=f"Z{k}")
            g = network.activations[k - 1]
            yield made(
                "wrong_local_derivative",
                f"{g.name}'(Z{k})",
                lambda r, k=k, g=g: g.derivative(r.Z[k], r.A[k]),
                used=f"{g.name}'(Z{k})",
            )
    yield variant(
        notation,
        "wrong_local_derivative",
        place,
        f"The layer's input {A} is left out.",
        lambda r, up: np.ones_like(r.A[layer - 1]).T @ up[f"dZ{layer}"],
        used="1",
    )


def wrong_products(notation: Notation, layer: int) -> Iterator[Variant]:
    """Yield dW_l with another product of A_{l−1} and dZ_l than the right one."""
    place, A, dZ = f"dW{layer}", notation.activation(layer - 1), f"dZ{layer}"
    products: tuple[tuple[str, Callable[[Array, Array], Array]], ...] = (
        (f"{dZ}.T @ {A}", lambda a, d: d.T @ a),
        (f"{A} @ {dZ}", lambda a, d: a @ d),
        (f"{A} @ {dZ}.T", lambda a, d: a @ d.T),
        (f"{A}.T @ {dZ}.T", lambda a, d: a.T @ d.T),
        (f"{dZ} @ {A}.T", lambda a, d: d @ a.T),
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
            lambda r, up, product=product: product(r.A[layer - 1], up[dZ]),
        )
    sums: tuple[tuple[str, Callable[[Array], Array]], ...] = (
        ("", lambda P: P),
        (" and its sum over the observations", lambda P: P.sum(axis=0, keepdims=True)),
    )
    for text, finish in sums:
        yield variant(
            notation,
            "elementwise_product",
            place,
            f"An element-wise product of {A} and {dZ}{text} stands for the matrix product.",
            lambda r, up, finish=finish: finish(r.A[layer - 1] * up[dZ]),
        )


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


def bias_variants(notation: Notation, layer: int) -> Iterator[Variant]:
    """Yield db_l with another sum of dZ_l than the one over the observations."""
    place, dZ = f"db{layer}", f"dZ{layer}"

    def made(code: str, sentence: str, total: Callable[[Array], Array]) -> Variant:
        return variant(notation, code, place, sentence, lambda r, up: total(up[dZ]))

    yield made("bias_not_summed", f"{dZ} is not summed over the observations.", lambda d: d)
    yield made("bias_not_summed", f"{place} holds the first observation alone.", lambda d: d[:1])
    wrong = "bias_wrong_axis"
    yield made(
        wrong, f"{dZ} is summed over the units, not the observations.", lambda d: d.sum(axis=1)
    )
    yield made(
        wrong,
        f"{dZ} is averaged over the units; sum it over the observations.",
        lambda d: d.mean(axis=1),
    )
    for text, total in (
        ("summed", lambda d: d.sum()),
        ("averaged", lambda d: d.mean()),
    ):
        sentence = f"{dZ} is {text} over the units too; sum it over the observations alone."
        yield made(wrong, sentence, lambda d, total=total: np.full((1, 1), total(d)))
        yield made(wrong, sentence, lambda d, total=total: np.full((1, d.shape[1]), total(d)))
