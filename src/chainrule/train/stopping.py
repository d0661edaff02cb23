"""When to stop: on a plateau of the training cost or of a validation score."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isnan

from chainrule.nn import Parameters
from chainrule.nn.arrays import Array

__all__ = ["Plateau"]


@dataclass
class Plateau:
    """Counts the epochs in a row that did not improve a score by at least `tolerance`.

    A score is better when it is greater; a cost goes in with its sign turned.

    Parameters
    ----------
    patience : float
        That many such epochs are borne; one more is a plateau. May be infinite.
    tolerance : float
        How much better an epoch must be than the best one to count as an improvement.
    keep_best : bool
        Whether to keep the parameters of the best epoch.
    keep_last : bool
        Of several epochs that are equally good, whether the last one is the best, or the first.
    """

    patience: float = 10
    tolerance: float = 1e-4
    keep_best: bool = False
    keep_last: bool = False
    best: float = -inf
    count: int = 0
    best_epoch: int | None = None
    best_vector: Array | None = None

    def update(self, score: float, epoch: int, parameters: Parameters) -> None:
        """Take in the score of one epoch."""
        # NaN compares false with everything: it must count as no improvement.
        improved = not isnan(score) and score >= self.best + self.tolerance
        self.count = 0 if improved else self.count + 1
        if score > self.best or (self.keep_last and score == self.best):
            self.best = score
            self.best_epoch = epoch
            if self.keep_best:
                self.best_vector = parameters.vector.copy()

    @property
    def reached(self) -> bool:
        """Whether the patience has run out."""
        return self.count > self.patience

    def restore(self, parameters: Parameters) -> None:
        """Put the best parameters back, if they were kept."""
        if self.best_vector is not None:
            parameters.vector[...] = self.best_vector
