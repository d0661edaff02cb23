"""The periodic embedding of numbers: a first layer that is trained, forward and backward.

A network that multiplies a number x by weights sees a straight line of it; the embedding hands it waves
of x too, of frequencies that are learned. Letters: x is one input of one observation, F the number of
values that it becomes, w and b are F − 1 numbers each, a and c are F. The subscript 0 that they have in
a derivation sets them apart from the layers' W and b.

Forward::

    t = b + w x                       turns: F − 1 numbers
    e = [x, cos 2πt]                  F numbers
    E = a ⊙ e + c                     what the first layer receives in the place of x

Backward, from dE = ∂J/∂E, each Σ over the observations (and the members of an ensemble)::

    dc = Σ dE
    da = Σ dE ⊙ e
    dt = −2π sin 2πt ⊙ a ⊙ dE         without the entry of x itself
    db = Σ dt
    dw = Σ x dt
    dx = a_x dE_x + Σ w ⊙ dt          over the F values

w, b, a and c are called frequency, phase, amplitude and offset among the parameters, and have one row
for each embedded input. The inputs after those are handed on as they are.

At the start a = c = 0: the network sees nothing of these inputs, and every value of E enters when its
own amplitude grows. It does grow: da = Σ dE ⊙ e is not 0, for dE = dZ_1 V_1ᵀ is not; dw and db follow
as soon as a has moved.

References
----------
Gorishniy, Rubachev and Babenko, "On embeddings for numerical features in tabular deep learning", 2022,
section 3.3 (waves of learned frequencies); Holzmüller, Grinsztajn and Steinwart, "Better by default",
2024, section 4 (x beside them); Gorishniy, Kotelnikov, Rubachev and Babenko, "TabPack", 2026 (the cosine
with a phase, a and c).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import pi
from typing import Any

import numpy as np

from chainrule.checks import check_count
from chainrule.nn.arrays import Array, is_sparse

__all__ = [
    "NAMES",
    "Embedded",
    "PeriodicEmbedding",
    "embed",
    "embedding_gradients",
    "embedding_input_gradient",
    "turn_gradient",
]

FULL_TURN = 2 * pi
NAMES = ("frequency", "phase", "amplitude", "offset")  # w, b, a, c


@dataclass(frozen=True)
class PeriodicEmbedding:
    """The first `columns` inputs become `width` values each: the input itself, and waves of it.

    .. code-block:: text

        E = a ⊙ [x, cos 2π(b + w x)] + c

    Parameters
    ----------
    columns : int
        How many inputs are embedded, counted from the first one.
    width : int
        F, at least 2: x, and F − 1 waves.

    Examples
    --------
    >>> PeriodicEmbedding(columns=3, width=8).outputs(inputs=5)  # three times eight, and two more
    26
    """

    columns: int
    width: int

    def __post_init__(self) -> None:
        check_count("an embedding's columns", self.columns)
        check_count("an embedding's width", self.width, 2)
        object.__setattr__(self, "columns", int(self.columns))
        object.__setattr__(self, "width", int(self.width))

    def outputs(self, inputs: int) -> int:
        """Return how many values the first layer receives of so many inputs."""
        return inputs + self.columns * (self.width - 1)

    def shapes(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield the name and the shape of each parameter."""
        for name, size in zip(NAMES, (self.width - 1,) * 2 + (self.width,) * 2, strict=True):
            yield name, (self.columns, size)


@dataclass(frozen=True)
class Embedded:
    """What the embedding computed of some rows.

    Attributes
    ----------
    t : ndarray of shape (m, columns, F − 1)
        b + w x, less whole turns, which change no wave.
    e : ndarray of shape (m, columns, F)
        [x, cos 2πt].
    E : ndarray of shape (m, outputs)
        What the first layer receives: a ⊙ e + c, input by input, then the inputs that are not embedded.
    """

    t: Array
    e: Array
    E: Array


def embed(embedding: PeriodicEmbedding, parameters: Mapping[str, Array], X: Any) -> Embedded:
    """Return the embedding of X.

    Parameters
    ----------
    embedding : PeriodicEmbedding
    parameters : mapping of str to ndarray
        frequency, phase, amplitude and offset.
    X : ndarray or sparse array of shape (m, n_0)

    Returns
    -------
    Embedded
    """
    X = X.toarray() if is_sparse(X) else X
    x = X[:, : embedding.columns, np.newaxis]
    t = parameters["phase"] + parameters["frequency"] * x
    t = t - np.rint(t.real)  # exact, and the digits of the cosine of many turns
    e = np.concatenate([np.broadcast_to(x, (*x.shape[:2], 1)), np.cos(FULL_TURN * t)], axis=-1)
    E = parameters["amplitude"] * e + parameters["offset"]
    return Embedded(t, e, np.hstack([E.reshape(len(X), -1), X[:, embedding.columns :]]))


def turn_gradient(
    embedding: PeriodicEmbedding, parameters: Mapping[str, Array], embedded: Embedded, dE: Array
) -> Array:
    """Return dt = −2π sin 2πt ⊙ a ⊙ dE, of shape (…, m, columns, F − 1)."""
    slope = -FULL_TURN * np.sin(FULL_TURN * embedded.t)
    return slope * parameters["amplitude"][:, 1:] * of_columns(embedding, dE)[..., 1:]


def of_columns(embedding: PeriodicEmbedding, dE: Array) -> Array:
    """Return the part of dE that belongs to the embedded inputs: (…, m, columns, F)."""
    k, F = embedding.columns, embedding.width
    return dE[..., : k * F].reshape(*dE.shape[:-1], k, F)


def embedding_gradients(
    embedding: PeriodicEmbedding,
    parameters: Mapping[str, Array],
    X: Any,
    embedded: Embedded,
    dE: Array,
) -> dict[str, Array]:
    """Return dw, db, da and dc, by the names of their parameters.

    Parameters
    ----------
    embedding, parameters, X
        As for `embed`.
    embedded : Embedded
        What it returned.
    dE : ndarray of shape (m, outputs), or (k, m, outputs) for each member of an ensemble
    """
    X = X.toarray() if is_sparse(X) else X
    x = X[:, : embedding.columns, np.newaxis]
    own = of_columns(embedding, dE)
    dt = turn_gradient(embedding, parameters, embedded, dE)
    rows = tuple(range(own.ndim - 2))  # the observations, and the members
    return {
        "frequency": (x * dt).sum(axis=rows),
        "phase": dt.sum(axis=rows),
        "amplitude": (own * embedded.e).sum(axis=rows),
        "offset": own.sum(axis=rows),
    }


def embedding_input_gradient(
    embedding: PeriodicEmbedding, parameters: Mapping[str, Array], embedded: Embedded, dE: Array
) -> Array:
    """Return dX, of shape (…, m, n_0), from dE; the parameters are those of `embedding_gradients`."""
    own = of_columns(embedding, dE)
    dt = turn_gradient(embedding, parameters, embedded, dE)
    dx = parameters["amplitude"][:, 0] * own[..., 0] + (parameters["frequency"] * dt).sum(axis=-1)
    return np.concatenate([dx, dE[..., embedding.columns * embedding.width :]], axis=-1)
