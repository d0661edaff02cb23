"""Layout: which parameters a network has, and where each lies in one flat vector."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import ClassVar

from chainrule.errors import ParameterError
from chainrule.nn.embeddings import PeriodicEmbedding

__all__ = ["Layout", "Place"]

MOST = 2**58  # numbers, of eight bytes each, with some copies: what 64 bits can address


@dataclass(frozen=True)
class Place:
    """Where one parameter lies: ``vector[start:stop].reshape(shape)``."""

    name: str
    shape: tuple[int, ...]
    start: int
    stop: int


@dataclass(frozen=True)
class Layout:
    """The names and shapes of a network's parameters, in their order.

    =========  ==================  ==================================================
    name       shape               there is one
    =========  ==================  ==================================================
    scale      (1, n_0)            if the inputs have a learnable scale
    frequency  (columns, F − 1)    if inputs are embedded
    phase      (columns, F − 1)    likewise
    amplitude  (columns, F)        likewise
    offset     (columns, F)        likewise
    W_l        (n_{l−1}, n_l)      for every layer
    R_l        (k, n_{l−1})        for every hidden layer that k members share
    S_l        (k, n_l)            likewise
    b_l        (1, n_l)            for every layer; (k, n_l) with k members
    =========  ==================  ==================================================

    The output layer's W, and with ``shared_weights=False`` every W, is one for each member: of shape
    (k, n_{l−1}, n_l). Where inputs are embedded, the first layer receives more than n_0 values, and W_1
    has a row for each.

    Parameters
    ----------
    sizes : tuple of int
        n_0 … n_L.
    input_scale : bool
    members : int
        k; 1 is a network by itself.
    shared_weights : bool
        Whether members share the W of the hidden layers.
    embedding : PeriodicEmbedding, optional

    Raises
    ------
    ParameterError
        If there are more numbers than any memory can hold.
    """

    sizes: tuple[int, ...]
    input_scale: bool = False
    members: int = 1
    shared_weights: bool = True
    embedding: PeriodicEmbedding | None = None
    parts: ClassVar[tuple[Layout, ...]] = ()
    """Of a pack, the layouts of its networks."""

    def __post_init__(self) -> None:
        if self.count > MOST:
            raise ParameterError(
                "a network of these sizes has more parameters than any memory can hold: "
                "take fewer units, layers or members"
            )

    @property
    def depth(self) -> int:
        """L, the number of layers with weights."""
        return len(self.sizes) - 1

    def inputs(self, layer: int) -> int:
        """Return how many values a layer receives: n_{l−1}, or what the embedding makes of n_0."""
        n = self.sizes[layer - 1]
        return n if self.embedding is None or layer > 1 else self.embedding.outputs(n)

    def shares(self, layer: int) -> bool:
        """Say whether several members share the weights of this layer."""
        return self.members > 1 and self.shared_weights and layer < self.depth

    def shapes(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield the name and the shape of each parameter."""
        if self.input_scale:
            yield "scale", (1, self.sizes[0])
        if self.embedding is not None:
            yield from self.embedding.shapes()
        for layer, n_out in enumerate(self.sizes[1:], start=1):
            n_in = self.inputs(layer)
            own = (self.members,) if self.members > 1 and not self.shares(layer) else ()
            yield f"W{layer}", (*own, n_in, n_out)
            if self.shares(layer):
                yield f"R{layer}", (self.members, n_in)
                yield f"S{layer}", (self.members, n_out)
            yield f"b{layer}", (self.members, n_out)

    def places(self) -> Iterator[Place]:
        """Yield where each parameter lies."""
        start = 0
        for name, shape in self.shapes():
            stop = start + prod(shape)
            yield Place(name, shape, start, stop)
            start = stop

    @property
    def count(self) -> int:
        """How many numbers there are in all."""
        return sum(prod(shape) for _, shape in self.shapes())
