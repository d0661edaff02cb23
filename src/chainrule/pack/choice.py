"""Which members predict best together: a greedy choice, one after another, none of them twice.

With p_j the prediction of the member j for the rows of validation, S the set that is chosen and ℓ the
loss of a row, each step adds the member that makes

    L(S) = Σ w_i ℓ(y_i, mean over S of p_ji) / Σ w_i

least, until nothing makes it less or there are as many as may be.

References
----------
Caruana, Niculescu-Mizil, Crew and Ksikes, "Ensemble selection from libraries of models", 2004.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.nn.arrays import Array

__all__ = ["Choice", "Judge", "choose"]


@dataclass(frozen=True)
class Choice:
    """The chosen members, in the order in which they were added, and the loss of their mean."""

    members: tuple[int, ...]
    loss: float


class Judge(ABC):
    """What means of predictions are worth on the rows of validation.

    Predictions come in as their *traces*: the numbers of them that the loss reads, in one flat vector.
    The trace of a mean is the mean of the traces.
    """

    @abstractmethod
    def trace(self, A: Array) -> Array:
        """Return the numbers of a prediction that the loss reads."""

    @abstractmethod
    def losses(self, traces: Array) -> Array:
        """Return L for each trace, of shape (candidates,)."""

    def loss_of_mean(self, Y: Array, weight: Array | None) -> float:
        """Return L where the mean of the targets is predicted for every row."""
        mean = np.average(Y.astype(np.float64), axis=0, weights=weight)
        trace = self.trace(np.broadcast_to(mean, Y.shape).astype(Y.dtype))
        return float(self.losses(trace[np.newaxis])[0])

    @staticmethod
    def of(loss: str, Y: Array, weight: Array | None) -> Judge:
        """Return the judge by a network's loss.

        Parameters
        ----------
        loss : str
        Y : ndarray of shape (m, n_L)
        weight : ndarray of shape (m,), optional
        """
        return JUDGES[loss](Y, weight)


class SquaredErrors(Judge):
    """L is the mean squared error."""

    def __init__(self, Y: Array, weight: Array | None) -> None:
        self.root = np.sqrt(shares(weight, Y)).astype(np.float64)
        self.Y = Y.astype(np.float64)

    def trace(self, A: Array) -> Array:
        """Return the weighted residuals."""
        return ((A - self.Y) * self.root).ravel()

    def losses(self, traces: Array) -> Array:
        """Return Σ of the squares."""
        found: Array = np.einsum("ij,ij->i", traces, traces)
        return found


class LogLosses(Judge):
    """L is the mean of −ln of the probability of what came true."""

    def __init__(self, Y: Array, weight: Array | None) -> None:
        self.Y = Y
        self.weight = self.shares_of(Y, weight)

    def shares_of(self, Y: Array, weight: Array | None) -> Array:
        return shares(weight, Y[:, :1]).ravel().astype(np.float32)

    def trace(self, A: Array) -> Array:
        """Return the probability of what came true, for each row."""
        found: Array = (A * self.Y).sum(axis=1, dtype=np.float64).astype(np.float32)
        return found

    def losses(self, traces: Array) -> Array:
        """Return the mean of the logarithms, with their sign turned."""
        found: Array = -(np.log(np.maximum(traces, SMALLEST)) @ self.weight).astype(np.float64)
        return found


class BinaryLogLosses(LogLosses):
    """The same for outputs that are probabilities by themselves, of one label or of several."""

    def shares_of(self, Y: Array, weight: Array | None) -> Array:
        return (shares(weight, Y) * np.ones_like(Y)).ravel().astype(np.float32)

    def trace(self, A: Array) -> Array:
        """Return the probability of what came true, for each label of each row."""
        found: Array = np.where(self.Y > 0.5, A, 1 - A).astype(np.float32).ravel()
        return found


class PoissonLosses(Judge):
    """L is the mean of μ − y ln μ."""

    def __init__(self, Y: Array, weight: Array | None) -> None:
        self.share = (shares(weight, Y) * np.ones_like(Y)).ravel().astype(np.float64)
        self.Y = Y.ravel().astype(np.float64)

    def trace(self, A: Array) -> Array:
        """Return the means."""
        return A.ravel().astype(np.float64)

    def losses(self, traces: Array) -> Array:
        """Return the mean of μ − y ln μ."""
        found: Array = (traces - self.Y * np.log(np.maximum(traces, SMALLEST))) @ self.share
        return found


SMALLEST = 1e-30
JUDGES: dict[str, Callable[[Array, Array | None], Judge]] = {
    "binary_cross_entropy": BinaryLogLosses,
    "categorical_cross_entropy": LogLosses,
    "poisson": PoissonLosses,
    "squared_error": SquaredErrors,
    "half_squared_error": SquaredErrors,
}


def shares(weight: Array | None, Y: Array) -> Array:
    """Return what each row counts for in a mean over the rows, of shape (m, 1)."""
    given = np.ones(len(Y)) if weight is None else weight.astype(np.float64)
    return (given / given.sum())[:, np.newaxis] / Y.shape[1]


def choose(judge: Judge, traces: Sequence[Array], most: int) -> Choice:
    """Return the greedy choice among members.

    Parameters
    ----------
    judge : Judge
    traces : sequence of ndarray
        Of each member's prediction, as `Judge.trace` returns it. A member whose loss is not finite is
        never chosen.
    most : int
        Members of the choice, at most.

    Returns
    -------
    Choice
        Without members, and with an infinite loss, if no loss is finite.
    """
    pool = np.array(traces)
    left = np.arange(len(pool))
    total = np.zeros(pool.shape[1], pool.dtype)
    chosen: list[int] = []
    best = np.inf
    while len(chosen) < most and len(left):
        losses = judge.losses((total + pool[left]) / pool.dtype.type(len(chosen) + 1))
        losses = np.where(np.isfinite(losses), losses, np.inf)
        place = int(losses.argmin())
        if not losses[place] < best:
            break
        best = float(losses[place])
        chosen.append(int(left[place]))
        total += pool[chosen[-1]]
        left = np.delete(left, place)
    return Choice(tuple(chosen), best)
