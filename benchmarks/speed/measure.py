"""Timings of the same workload by several engines, in turn, round after round."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from typing import Any

from benchmarks.speed.peers import ENGINES, OURS
from benchmarks.speed.process import Worker, WorkerError, WorkerPool
from benchmarks.speed.products import SIZES
from benchmarks.speed.workloads import Workload

__all__ = ["PRODUCTS", "Bench", "Key", "Measurement"]

Key = tuple[str, int]  # an engine, and how many threads it has
PRODUCTS = "products"  # the process that measures the rate of matrix products
PAUSE = (
    0.05  # seconds: threads that wait for more work busily, as those of a BLAS do, give up by then
)


@dataclass
class Measurement:
    """What was measured of one workload.

    Attributes
    ----------
    workload : Workload
    rates : dict
        Rows in a second, one figure a round, by engine and threads.
    epochs : dict
        How many were timed at once, likewise.
    products : dict
        10⁹ operations in a second, one figure a round, by threads; empty if not asked for.
    """

    workload: Workload
    rates: dict[Key, list[float]] = field(default_factory=dict)
    epochs: dict[Key, int] = field(default_factory=dict)
    products: dict[int, list[float]] = field(default_factory=dict)


class Bench:
    """Takes measurements with processes that it keeps.

    Parameters
    ----------
    pool : WorkerPool
    seconds : float
        What a timing should at least take.
    notice : callable
        Is told, in one line, what could not be measured.
    """

    product_sizes = SIZES

    def __init__(self, pool: WorkerPool, seconds: float, notice: Callable[[str], None]) -> None:
        self.pool = pool
        self.seconds = seconds
        self.notice = notice

    def measure(
        self, workload: Workload, keys: list[Key], rounds: int, products: bool = True
    ) -> Measurement:
        """Measure one workload: a warm-up of each engine, then the rounds.

        An engine that fails is left out, and the user is told.

        Parameters
        ----------
        workload : Workload
        keys : list of tuple
            Engines and threads; one at a time is running.
        rounds : int
        products : bool
            Whether to measure the rate of matrix products in every round too.

        Raises
        ------
        WorkerError
            If chainrule itself fails.
        """
        result = Measurement(workload)
        for key in keys:
            if ENGINES[key[0]].takes(workload):
                self._guarded(key, workload, partial(self._warm_up, result, key))
        threads = sorted({count for _, count in keys}) if products else []
        for _ in range(rounds):
            for key in list(result.epochs):
                if self._guarded(key, workload, partial(self._time, result, key)) is None:
                    result.epochs.pop(key)
                    result.rates.pop(key, None)
            for count in threads:
                time.sleep(PAUSE)
                answer = self.pool.get(PRODUCTS, count).ask(
                    PRODUCTS, dtype=workload.dtype, sizes=self.product_sizes
                )
                result.products.setdefault(count, []).append(answer["gflops"])
        return result

    def _warm_up(self, result: Measurement, key: Key) -> int:
        """Hand the workload over, compile what there is to compile, settle the epochs of a timing."""
        worker = self.pool.get(*key)
        worker.ask("prepare", workload=result.workload.to_dict())
        worker.ask("run", epochs=1)
        result.epochs[key] = settled_epochs(worker, self.seconds)
        return result.epochs[key]

    def _time(self, result: Measurement, key: Key) -> float:
        epochs = result.epochs[key]
        time.sleep(PAUSE)
        seconds = self.pool.get(*key).ask("run", epochs=epochs)["seconds"]
        rate: float = result.workload.rows * epochs / seconds
        result.rates.setdefault(key, []).append(rate)
        return rate

    def _guarded(self, key: Key, workload: Workload, call: Callable[[], Any]) -> Any:
        """Call, and return None in place of what a peer could not do."""
        try:
            return call()
        except WorkerError as error:
            if key[0] == OURS:
                raise
            self.pool.drop(key[0])
            self.notice(f"{workload.name} without {key[0]}, {key[1]} thread(s): {error}")
            return None


def settled_epochs(worker: Worker, seconds: float) -> int:
    """Return how many epochs take about so many seconds, one at least."""
    epochs = 1
    while True:
        taken = worker.ask("run", epochs=epochs)["seconds"]
        if taken >= 0.7 * seconds:
            return epochs
        epochs = ceil(epochs * min(20.0, 1.2 * seconds / max(taken, 1e-9)))
