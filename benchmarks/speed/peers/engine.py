"""What every engine can do: train a workload for some epochs, and show its weights."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from benchmarks.speed.workloads import Workload

__all__ = ["Engine"]


class Engine(ABC):
    """A library that is about to train a workload.

    Parameters
    ----------
    workload : Workload
    X : ndarray of shape (rows, n_0)
    labels : ndarray of shape (rows,)
        The class of each row.
    threads : int, optional
        How many to use; by default as many as the library itself does.
    """

    def __init__(self, workload: Workload, X: Any, labels: Any, threads: int | None = None) -> None:
        self.workload = workload
        self.threads = threads
        self.prepare(X, labels)

    @abstractmethod
    def prepare(self, X: Any, labels: Any) -> None:
        """Hand the data and the initial weights to the library."""

    @abstractmethod
    def run(self, epochs: int) -> float:
        """Train for some epochs, and return when that is done.

        Returns
        -------
        float
            The mean cost of the last epoch's batches, each weighted by its rows and taken before its
            update.
        """

    @abstractmethod
    def weights(self) -> list[Any]:
        """Return W1, b1, W2, b2 and so on as arrays."""
