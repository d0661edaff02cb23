"""What is trained in a benchmark: networks, batches, rows, and how fast they ought to go."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

__all__ = ["GOALS", "WORKLOADS", "Goal", "Workload", "flops_per_sample"]

LEARNING_RATES = {"sgd": 0.01, "adam": 0.001}
NOISE = 0.1  # of the labels are drawn anew, so that no network fits them and comes to a rest


@dataclass(frozen=True)
class Workload:
    """One training: a network, its data and its updates, the same for every engine.

    Parameters
    ----------
    name : str
    sizes : tuple of int
        n_0 … n_L; one output is a binary classification, several are as many classes.
    batch, rows : int
        Of a mini-batch; of an epoch, which takes them in their order and ends with a short batch if
        need be.
    hidden : {"tanh", "relu", "gelu"}
    optimizer : {"sgd", "adam"}
        Plain gradient descent, or Adam.
    dtype : {"float32", "float64"}
    """

    name: str
    sizes: tuple[int, ...]
    batch: int
    rows: int
    hidden: str = "tanh"
    optimizer: str = "sgd"
    dtype: str = "float32"

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Workload:
        """Build a workload from what `to_dict` returned."""
        return cls(**{**record, "sizes": tuple(record["sizes"])})

    def to_dict(self) -> dict[str, Any]:
        """Return the workload as plain values, ready for JSON."""
        return asdict(self)

    def changed(self, **changes: Any) -> Workload:
        """Return a workload that differs in some respects."""
        return replace(self, **changes)

    @property
    def layers(self) -> str:
        """The sizes in the short form, such as 30-16-1."""
        return "-".join(map(str, self.sizes))

    @property
    def binary(self) -> bool:
        """Whether there are two classes and one output."""
        return self.sizes[-1] == 1

    @property
    def loss(self) -> str:
        """The name that chainrule has for the loss."""
        return "binary_cross_entropy" if self.binary else "categorical_cross_entropy"

    @property
    def learning_rate(self) -> float:
        """η."""
        return LEARNING_RATES[self.optimizer]

    @property
    def updates(self) -> int:
        """Updates in an epoch."""
        return -(-self.rows // self.batch)

    @cached_property
    def flops(self) -> int:
        """Operations for one row of one epoch, those of the matrix products alone."""
        return flops_per_sample(self.sizes)

    def data(self) -> tuple[Any, Any]:
        """Return X of shape (rows, n_0) and the class of each row, the same at every call."""
        rng = np.random.RandomState(0)
        classes = max(2, self.sizes[-1])
        X = rng.normal(size=(self.rows, self.sizes[0]))
        labels = (X @ rng.normal(size=(self.sizes[0], classes))).argmax(axis=1)
        drawn = rng.uniform(size=self.rows) < NOISE
        labels[drawn] = rng.randint(0, classes, drawn.sum())
        labels[:classes] = np.arange(classes)[: self.rows]  # each of them occurs
        return np.ascontiguousarray(X, dtype=self.dtype), labels

    def targets(self, labels: Any) -> Any:
        """Return Y of shape (rows, n_L): one column of 0 and 1, or one column a class."""
        if self.binary:
            return labels[:, np.newaxis].astype(self.dtype)
        return np.eye(self.sizes[-1], dtype=self.dtype)[labels]

    def weights(self) -> list[Any]:
        """Return the initial W1, b1, W2, b2 and so on, the same at every call."""
        rng = np.random.RandomState(1)
        arrays = []
        for n_in, n_out in pairwise(self.sizes):
            bound = (6 / (n_in + n_out)) ** 0.5
            arrays.append(rng.uniform(-bound, bound, (n_in, n_out)).astype(self.dtype))
            arrays.append(np.zeros(n_out, self.dtype))
        return arrays


def flops_per_sample(sizes: tuple[int, ...]) -> int:
    """Count the operations that one row costs in one epoch of training.

    Every layer multiplies two matrices on the way forward and two for ∂J/∂W, every layer but the
    first two more for ∂J/∂A: 6 Σ n_{l−1} n_l − 2 n_0 n_1, a multiplication and an addition being two.
    Activations, biases, the loss and the update are not counted.

    Examples
    --------
    >>> flops_per_sample((30, 16, 1))
    2016
    """
    return 6 * sum(a * b for a, b in pairwise(sizes)) - 2 * sizes[0] * sizes[1]


@dataclass(frozen=True)
class Goal:
    """How fast a workload ought to be.

    Parameters
    ----------
    workload : str
    least : float
        What the measured figure must reach.
    against : tuple of str
        The peers to be faster than, that many times, each of them; nothing means a part of the
        machine's rate of matrix products.
    words : str
        The goal in words.
    """

    workload: str
    least: float
    against: tuple[str, ...]
    words: str


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("tiny", (30, 16, 1), 32, 9_104),
        Workload("small", (20, 64, 64, 1), 64, 20_000),
        Workload("chains", (4, 32, 16, 4), 10_000, 10_000, optimizer="adam"),
        Workload("medium", (54, 256, 256, 7), 256, 30_000),
        Workload("large", (784, 512, 512, 10), 256, 20_000),
    )
}

OTHERS = ("scikit-learn", "torch", "torch-compiled")
ALL = (*OTHERS, "jax")
GOALS = (
    Goal("tiny", 10, ("jax",), "10 × JAX"),
    Goal("tiny", 75, OTHERS, "75 × each of the others"),
    Goal("small", 3, ("jax",), "3 × JAX"),
    Goal("small", 10, OTHERS, "10 × each of the others"),
    Goal("chains", 6, ALL, "6 × the best peer"),
    Goal("medium", 1.6, ALL, "1.6 × the best peer"),
    Goal("large", 1.1, ALL, "1.1 × the best peer"),
    Goal("large", 0.88, (), "88 % of the sgemm rate"),
)
