"""When to stop: on a plateau of the training cost or of a validation score."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isnan
from typing import Any

from chainrule.nn import Parameters
from chainrule.nn.arrays import Array

__all__ = ["Plateau"]


@dataclass
class Plateau:
    """Counts the epochs in a row that did not improve a score by at least `tolerance`.

    A score is better when it is greater; a cost goes in with its sign turned. What is borne may grow
    with the training: a learning rate that comes in waves makes pauses as long as what went before.

    Parameters
    ----------
    patience : float
        That many such epochs are borne; one more is a plateau. May be infinite.
    growth : float
        At least that many times the epochs up to the last improvement are borne.
    both : bool
        Whether an epoch that lowers the cost by the tolerance has improved, too. A score that counts
        right answers stands still while the network goes on learning.
    tolerance : float
        How much better an epoch must be than the best one to count as an improvement.
    keep_best : bool
        Whether to keep the parameters of the best epoch.
    keep_last : bool
        Of several epochs that are equally good, whether the last one is the best, or the first.
    """

    patience: float = 10
    growth: float = 0
    both: bool = False
    tolerance: float = 1e-4
    keep_best: bool = False
    keep_last: bool = False
    best: float = -inf
    least_cost: float = inf
    count: int = 0
    improved_at: int = 0
    best_epoch: int | None = None
    best_vector: Array | None = None

    @classmethod
    def adaptive(cls, epochs: int, **settings: Any) -> Plateau:
        """Return the plateau that costs no score: twice the epochs of the last improvement are borne.

        At least 20 are, and as many as the second wave of "coslog4" has, 2/15 of all. The numbers were
        measured: see the table in the docs.
        """
        return cls(**settings, patience=max(20, 2 * epochs // 15), growth=2, both=True)

    def obey(self, other: Plateau) -> None:
        """Take another one's rules, and keep what was counted."""
        self.patience, self.growth, self.both = other.patience, other.growth, other.both
        self.tolerance = other.tolerance

    def update(
        self, score: float, epoch: int, parameters: Parameters, cost: float | None = None
    ) -> None:
        """Take in the score of one epoch, and the cost of the same rows."""
        # NaN compares false with everything: it must count as no improvement.
        improved = not isnan(score) and score >= self.best + self.tolerance
        if self.both and cost is not None and not isnan(cost):
            improved = improved or cost <= self.least_cost - self.tolerance
            self.least_cost = min(self.least_cost, cost)
        self.count = 0 if improved else self.count + 1
        self.improved_at = epoch if improved else self.improved_at
        if score > self.best or (self.keep_last and score == self.best):
            self.best = score
            self.best_epoch = epoch
            if self.keep_best:
                self.best_vector = parameters.vector.copy()

    @property
    def reached(self) -> bool:
        """Whether the patience has run out."""
        return self.count > max(self.patience, self.growth * self.improved_at)

    def restore(self, parameters: Parameters) -> None:
        """Put the best parameters back, if they were kept."""
        if self.best_vector is not None:
            parameters.vector[...] = self.best_vector
