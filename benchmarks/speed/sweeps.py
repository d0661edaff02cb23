"""How the time for one row grows with the width, the depth and the batch."""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import Any

from benchmarks.speed.measure import Bench
from benchmarks.speed.peers import ENGINES, OURS
from benchmarks.speed.workloads import Workload, flops_per_sample

__all__ = ["CLIFF", "SWEEPS", "largest_step", "sweep", "sweep_workload"]

SWEEPS = {
    "width": (16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048),
    "depth": (1, 2, 3, 4, 6, 8, 12, 16),
    "batch": (1, 2, 4, 8, 16, 32, 64, 128, 200, 256, 512, 1000, 2048, 4096, 10_000),
}
INPUTS, UNITS, BATCH = 64, 64, 128
MOST_ROWS, FEWEST_ROWS = 10_000, 4 * BATCH
OPERATIONS = 4e9  # about so many in an epoch
CLIFF = 1.5


def sweep_workload(quantity: str, value: int) -> Workload:
    """Return the workload of one point.

    Two hidden layers of `value` units, or `value` layers of 64, or two of 64 and a batch of `value`.
    """
    hidden = {"width": (value, value), "depth": (UNITS,) * value, "batch": (UNITS, UNITS)}[quantity]
    sizes = (INPUTS, *hidden, 1)
    batch = value if quantity == "batch" else BATCH
    affordable = int(OPERATIONS / flops_per_sample(sizes)) // BATCH * BATCH
    rows = min(MOST_ROWS, max(FEWEST_ROWS, affordable))
    return Workload(f"{quantity} {value}", sizes, batch, rows)


def sweep(bench: Bench, quantity: str, peers: list[str], rounds: int) -> dict[str, Any]:
    """Measure all points of one quantity with one thread.

    Parameters
    ----------
    bench : Bench
    quantity : {"width", "depth", "batch"}
    peers : list of str
        To show beside ours; those that compile for seconds at every point are left out.
    rounds : int

    Returns
    -------
    dict
        The points, and the largest step of ours from one to the next, with whether it is a cliff.
    """
    keys = [(name, 1) for name in (OURS, *peers) if ENGINES[name].sweeps]
    points = []
    for value in SWEEPS[quantity]:
        workload = sweep_workload(quantity, value)
        measurement = bench.measure(workload, keys, rounds, products=False)
        rates = {name: median(all_) for (name, _), all_ in measurement.rates.items()}
        points.append(
            {
                "value": value,
                "layers": workload.layers,
                "batch": workload.batch,
                "rows": workload.rows,
                "flops_per_sample": workload.flops,
                "gflops": rates[OURS] * workload.flops / 1e9,
                "microseconds_per_sample": {name: 1e6 / rate for name, rate in rates.items()},
            }
        )
    step = largest_step(points)
    return {"points": points, "largest_step": step, "cliff": step["factor"] > CLIFF}


def largest_step(points: list[dict[str, Any]]) -> dict[str, Any]:
    """Find where the time for one row grows most beyond the operations that it takes.

    Examples
    --------
    >>> points = [
    ...     {"value": v, "flops_per_sample": 100 * v, "microseconds_per_sample": {"chainrule": t}}
    ...     for v, t in [(1, 1.0), (2, 2.0), (4, 6.0)]
    ... ]
    >>> largest_step(points)
    {'from': 2, 'to': 4, 'factor': 1.5}
    """
    steps = [
        {"from": a["value"], "to": b["value"], "factor": time_for_work(b) / time_for_work(a)}
        for a, b in pairwise(points)
    ]
    return max(steps, key=lambda step: step["factor"])


def time_for_work(point: dict[str, Any]) -> float:
    time: float = point["microseconds_per_sample"][OURS]
    return time / point["flops_per_sample"]
