"""Networks with an embedding, and their forward pass written apart: entry by entry."""

from math import pi

import numpy as np

from chainrule.nn import L2, Network, PeriodicEmbedding
from helpers.cases import HIDDEN, PAIRS, point
from helpers.gradients import smooth

SHAPES = ((1, 2), (2, 5), (3, 3))  # (columns, width); of three inputs
CASES = tuple(
    (pair, HIDDEN[place % len(HIDDEN)], SHAPES[place % len(SHAPES)], place % 3)
    for place, pair in enumerate(PAIRS)
)


def embedded(case, **options):
    """Build a network of a case: output and loss, hidden activation, embedding, hidden layers."""
    (output, loss), hidden, shape, depth = case
    sizes = (3, *(4, 2)[:depth], 3)
    return Network(
        sizes, hidden, output, loss, embedding=PeriodicEmbedding(*shape),
        penalty=L2(0.1, biases=True), **options,
    )  # fmt: skip


def embedding_of(embedding, named, X):
    """Return E, value by value; `named` may hold complex numbers, X too."""
    rows = []
    for row in X:
        values = []
        for j in range(embedding.columns):
            a, c = named["amplitude"][j], named["offset"][j]
            w, b = named["frequency"][j], named["phase"][j]
            e = [row[j], *(np.cos(2 * pi * (b[q] + w[q] * row[j])) for q in range(len(w)))]
            values += [a[q] * e[q] + c[q] for q in range(embedding.width)]
        rows.append(np.array([*values, *row[embedding.columns :]]))
    return np.array(rows)


def own_cost(network, named, X, Y, weight):
    """Return J of a plain network with an embedding, and nothing of the code under test but g and ℓ."""
    A = embedding_of(network.embedding, named, X)
    for layer in range(1, network.depth + 1):
        Z = A @ named[f"W{layer}"] + named[f"b{layer}"]
        A = network.activations[layer - 1].value(Z)
    loss, Y = network.loss_function, smooth(network, Y)
    losses = loss.value(A, Y) if loss.value_from_logits is None else loss.value_from_logits(Z, Y)
    squares = sum((V * V).sum() for name, V in named.items() if name[0] in "Wb")
    return (weight * losses).sum() / weight.sum() + network.penalty.strength / 2 * squares


__all__ = ["CASES", "SHAPES", "embedded", "embedding_of", "own_cost", "point"]
