"""The rows that a training sees: inputs, targets, weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.nn.arrays import Array
from chainrule.nn.initializers import RandomGenerator

__all__ = ["Dataset", "shuffled"]


@dataclass(frozen=True)
class Dataset:
    """Encoded observations.

    Parameters
    ----------
    X : ndarray or CSR array of shape (m, n_0)
    Y : ndarray of shape (m, n_L)
    weight : ndarray of shape (m,), optional
    """

    X: Any
    Y: Array
    weight: Array | None = None

    def __len__(self) -> int:
        return int(self.Y.shape[0])

    def rows(self, index: Any) -> Dataset:
        """Return the rows of an index array or a slice."""
        weight = None if self.weight is None else self.weight[index]
        return Dataset(self.X[index], self.Y[index], weight)

    def batches(self, size: int, order: Array | None = None) -> Iterator[Dataset]:
        """Yield `size` rows at a time, in `order` or as they stand; the last batch may be short."""
        for start in range(0, len(self) if order is None else len(order), size):
            part = slice(start, start + size)
            yield self.rows(part if order is None else order[part])


def shuffled(order: Array, rng: RandomGenerator) -> Array:
    """Return `order`, shuffled. An epoch shuffles what the last one left, as scikit-learn does."""
    permutation = np.arange(len(order))
    rng.shuffle(permutation)
    return order[permutation]
