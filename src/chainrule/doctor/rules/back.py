"""Back through the weights: dA_{l−1} = dZ_l W_lᵀ."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chainrule.doctor.notation import Notation
from chainrule.doctor.reference import Reference
from chainrule.doctor.rules.variants import Upstream, Variant, remembered, variant
from chainrule.nn.arrays import Array

__all__ = ["back_through", "back_variants"]


def back_through(reference: Reference, upstream: Upstream, layer: int) -> Array:
    """Return dA_{l−1} from dZ_l, rightly."""
    return upstream[f"dZ{layer}"] @ reference.W(layer).T


@remembered
def back_variants(notation: Notation, layer: int) -> Iterator[Variant]:
    """Yield the mistakes that are made in dA_{l−1}, given dZ_l; updated weights stand elsewhere."""
    network = notation.network
    n_in, n = network.sizes[layer - 1], network.sizes[layer]
    place, W, dZ = f"dA{layer - 1}", f"W{layer}", f"dZ{layer}"
    if n_in == n:
        yield variant(
            notation,
            "missing_transpose",
            place,
            f"{W} is to be transposed; as it is square, the shapes do not tell.",
            lambda r, up: up[dZ] @ r.W(layer),
        )
        yield variant(
            notation,
            "wrong_weights",
            place,
            f"{dZ} is passed back without {W}.",
            lambda r, up: up[dZ],
            weights=None,
        )
    yield variant(
        notation,
        "wrong_weights",
        place,
        f"{dZ} is passed back through d{W}, and not through {W}.",
        lambda r, up: of_shape(up[dZ] @ up[f"d{W}"].T, (r.m, n_in)),
        weights=f"d{W}",
    )
    yield from from_later_layers(notation, layer)
    for k in range(1, network.depth + 1):
        shape = (network.sizes[k - 1], network.sizes[k])
        if k != layer and shape == (n_in, n):
            yield wrong_weights(notation, layer, k, transposed=True)
        if k != layer and shape == (n, n_in):
            yield wrong_weights(notation, layer, k, transposed=False)
    yield variant(
        notation,
        "elementwise_product",
        place,
        f"An element-wise product of {dZ} and {W} stands for the matrix product.",
        lambda r, up: of_shape(up[dZ] * r.W(layer).T, (r.m, n_in)),
    )
    if n_in == n:
        yield variant(
            notation,
            "elementwise_product",
            place,
            f"An element-wise product of {dZ} and {W} stands for the matrix product.",
            lambda r, up: of_shape(up[dZ] * r.W(layer), (r.m, n_in)),
        )
    yield variant(
        notation,
        "missing_activation_derivative",
        place,
        f"dA{layer} is passed back in place of {dZ}: the derivative of "
        f"{network.activations[layer - 1].name} is missing on this way.",
        lambda r, up: up[f"dA{layer}"] @ r.W(layer).T,
    )


def from_later_layers(notation: Notation, layer: int) -> Iterator[Variant]:
    """Yield dA_{l−1} with dZ_k of a later layer in it, with its own weights or with W_l."""
    network, place = notation.network, f"dA{layer - 1}"

    def product(k: int, weights: int) -> Callable[[Reference, Upstream], Array]:
        return lambda r, up: up[f"dZ{k}"] @ r.W(weights).T

    for k in range(layer + 1, network.depth + 1):
        pairs = []
        if network.sizes[k - 1] == network.sizes[layer - 1]:
            pairs.append((k, f"dZ{k} is passed back through W{k} to {place}"))
        if network.sizes[k] == network.sizes[layer]:
            pairs.append((layer, f"dZ{k} is passed back through W{layer} to {place}"))
        for weights, text in pairs:
            yield variant(
                notation,
                "wrong_layer_gradient",
                place,
                f"{text}; dZ{layer} and W{layer} belong there.",
                product(k, weights),
                layer=k,
            )


def wrong_weights(notation: Notation, layer: int, k: int, transposed: bool) -> Variant:
    """Return the variant that passes back through W_k."""
    return variant(
        notation,
        "wrong_weights",
        f"dA{layer - 1}",
        f"The gradient is passed back through W{k} in place of W{layer}.",
        lambda r, up: up[f"dZ{layer}"] @ (r.W(k).T if transposed else r.W(k)),
        weights=k,
    )


def of_shape(array: Array, shape: tuple[int, int]) -> Array:
    """Return the array, or raise a ValueError if broadcasting has given it another shape."""
    if array.shape != shape:
        raise ValueError(f"shape {array.shape}, not {shape}")
    return array
