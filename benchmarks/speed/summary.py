"""What the measurements come to: medians, ratios within a round, and the goals."""

from __future__ import annotations

from statistics import median
from typing import Any

from benchmarks.speed.measure import Key, Measurement
from benchmarks.speed.peers import OURS
from benchmarks.speed.workloads import GOALS, Goal

__all__ = ["judged_goals", "spread", "summarized"]


def spread(values: list[float]) -> dict[str, Any]:
    """Return the median, the least and the largest of some figures, and all of them.

    Examples
    --------
    >>> spread([3.0, 1.0, 2.0])
    {'median': 2.0, 'low': 1.0, 'high': 3.0, 'all': [3.0, 1.0, 2.0]}
    """
    return {"median": median(values), "low": min(values), "high": max(values), "all": values}


def summarized(measurement: Measurement) -> dict[str, Any]:
    """Return one workload's figures, ready for JSON.

    Under ``engines`` each has its samples per second by threads, and which number of threads was the
    best; under ``ratios``, ours at its best over each peer at its best, taken within a round.
    """
    workload, rates = measurement.workload, measurement.rates
    names = list(dict.fromkeys(name for name, _ in rates))
    best = {name: best_key(measurement, name) for name in names}
    return {
        **workload.to_dict(),
        "sizes": list(workload.sizes),
        "layers": workload.layers,
        "updates": workload.updates,
        "flops_per_sample": workload.flops,
        "products": {str(count): spread(all_) for count, all_ in measurement.products.items()},
        "engines": {name: engine_figures(measurement, name, best[name][1]) for name in names},
        "ratios": {
            name: {
                **spread(ratios(rates[best[OURS]], rates[best[name]])),
                "same_threads": {
                    str(count): median(ratios(rates[OURS, count], rates[name, count]))
                    for _, count in keys_of(measurement, name)
                    if (OURS, count) in rates
                },
            }
            for name in names
            if name != OURS and OURS in best
        },
    }


def engine_figures(measurement: Measurement, name: str, best: int) -> dict[str, Any]:
    keys = keys_of(measurement, name)
    figures = {str(key[1]): thread_figures(measurement, key) for key in keys}
    fewest, most = measurement.rates[keys[0]], measurement.rates[keys[-1]]
    return {
        "threads": figures,
        "best_threads": best,
        "samples_per_second": figures[str(best)]["samples_per_second"]["median"],
        "most_over_fewest_threads": median(ratios(most, fewest)) if len(keys) > 1 else None,
    }


def thread_figures(measurement: Measurement, key: Key) -> dict[str, Any]:
    rates = measurement.rates[key]
    gflops = [rate * measurement.workload.flops / 1e9 for rate in rates]
    products = measurement.products.get(key[1])
    return {
        "samples_per_second": spread(rates),
        "epochs": measurement.epochs[key],
        "gflops": median(gflops),
        "of_products": median(ratios(gflops, products)) if products else None,
    }


def keys_of(measurement: Measurement, name: str) -> list[Key]:
    return sorted(key for key in measurement.rates if key[0] == name)


def best_key(measurement: Measurement, name: str) -> Key:
    return max(keys_of(measurement, name), key=lambda key: median(measurement.rates[key]))


def ratios(some: list[float], others: list[float]) -> list[float]:
    return [a / b for a, b in zip(some, others, strict=True)]


def judged_goals(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Compare what was measured with the goals of those workloads.

    Parameters
    ----------
    entries : list of dict
        From `summarized`.

    Returns
    -------
    list of dict
        With the measured figure, the least of those against several peers, and whether it is met:
        None if not all of the peers were measured.
    """
    by_name = {entry["name"]: entry for entry in entries}
    return [judged(goal, by_name[goal.workload]) for goal in GOALS if goal.workload in by_name]


def judged(goal: Goal, entry: dict[str, Any]) -> dict[str, Any]:
    missing = [name for name in goal.against if name not in entry["ratios"]]
    if goal.against:
        found = [entry["ratios"][name]["median"] for name in goal.against if name not in missing]
    else:
        ours = entry["engines"][OURS]
        found = [ours["threads"][str(ours["best_threads"])]["of_products"]]
    measured = min(found, default=None)
    return {
        "workload": goal.workload,
        "goal": goal.words,
        "least": goal.least,
        "measured": measured,
        "missing": missing,
        "met": None if missing or measured is None else measured >= goal.least,
    }
