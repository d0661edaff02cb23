"""The picture of a benchmark: bars for the speed, curves for the growth."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.speed.peers import OURS, PEERS
from benchmarks.speed.report import short, times
from chainrule.modelfile import replacing

__all__ = ["plot_report"]

# Told apart by eyes of every kind (Okabe and Ito's colors); ours is the one that stands out.
COLORS = dict(
    zip((OURS, *PEERS), ("#d55e00", "#56b4e9", "#009e73", "#005f45", "#7f7f7f"), strict=True)
)
PANELS = {"width": "units in a hidden layer", "depth": "hidden layers", "batch": "rows in a batch"}
OPTIMIZERS = {"sgd": "SGD", "adam": "Adam"}
DECADES = 10**2.5  # within so many, 2 and 5 are marked beside 1
BAR, GAP = 0.8, 1.2  # of a bar's place; between two workloads, in places


def plot_report(report: dict[str, Any], path: Path) -> None:
    """Draw rows in a second of each workload, and, where measured, how the time for one row grows.

    Parameters
    ----------
    report : dict
        From `benchmarks.speed.runs.run_benchmark`.
    path : Path
        A .png file; replaced if it exists.
    """
    from matplotlib.figure import Figure  # without pyplot: no window, no global state

    sweeps = report["extras"].get("sweeps", {})
    bars = sum(len(entry["engines"]) + GAP for entry in report["workloads"])
    height = max(3.0, 0.27 * bars + 1.2, 7.5 if sweeps else 0)
    figure = Figure(figsize=(13 if sweeps else 8, height), layout="constrained")
    left: Any = figure
    right: Any = None
    if sweeps:
        halves: Any = figure.subfigures(1, 2, width_ratios=(1.25, 1))
        left, right = halves
    draw_bars(left.subplots(), report["workloads"])
    left.legend(
        fontsize=8, ncols=5, loc="outside lower center", frameon=False, columnspacing=1.0,
        handlelength=1.2,
    )  # fmt: skip
    if right is not None:
        panels = right.subplots(len(sweeps), 1, squeeze=False)[:, 0]
        for axes, (quantity, found) in zip(panels, sweeps.items(), strict=True):
            draw_growth(axes, quantity, found["points"])
        panels[0].set_title("Time for one row, one thread", loc="left")
        panels[0].legend(fontsize=8, frameon=False)
    machine = report["machine"]
    figure.suptitle(
        f"{machine['cpu']}, {machine['cores']} cores, {report['date'][:10]}", fontsize=9
    )
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=150)


def draw_bars(axes: Any, entries: list[dict[str, Any]]) -> None:
    """Draw a group of bars for each workload, the first one on top."""
    place, ticks, labels = 0.0, [], []
    rates = [e["samples_per_second"] for entry in entries for e in entry["engines"].values()]
    axes.set_xscale("log")
    axes.set_xlim(min(rates) / 3, max(rates) * 12)
    shown: set[str] = set()
    for entry in entries:
        first = place
        for name, engine in entry["engines"].items():
            rate, ratio = engine["samples_per_second"], entry["ratios"].get(name)
            label = name if name not in shown else None
            shown.add(name)
            axes.barh(place, rate, BAR, color=COLORS[name], label=label, zorder=2)
            text = (
                short(rate) if ratio is None else f"{short(rate)}, ours × {times(ratio['median'])}"
            )
            weight = "bold" if name == OURS else "normal"
            axes.annotate(
                text, (rate, place), (4, 0), textcoords="offset points", va="center", fontsize=8,
                fontweight=weight,
            )  # fmt: skip
            place += 1
        ticks.append((first + place - 1) / 2)
        words = f"{entry['hidden']}, {OPTIMIZERS[entry['optimizer']]}, batch {entry['batch']:,}"
        labels.append(f"{entry['name']}\n{entry['layers']}\n{words}")
        place += GAP
    axes.set_ylim(place - GAP, -1)
    axes.set_yticks(ticks, labels, fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_formatter(lambda value, _: re.sub(r"\.0+\b", "", short(value)))
    axes.set_xlabel("rows in a second, each engine with its better number of threads")
    axes.set_title("Training speed", loc="left")
    axes.grid(axis="x", alpha=0.3, zorder=0)
    axes.spines[["top", "right"]].set_visible(False)


def draw_growth(axes: Any, quantity: str, points: list[dict[str, Any]]) -> None:
    """Draw the time for one row of each engine, and the slope of time that follows the operations."""
    from matplotlib.ticker import LogLocator

    names = list(dict.fromkeys(n for point in points for n in point["microseconds_per_sample"]))
    for name in sorted(names, key=lambda name: name == OURS):  # ours above the others
        known = [point for point in points if name in point["microseconds_per_sample"]]
        axes.plot(
            [point["value"] for point in known],
            [point["microseconds_per_sample"][name] for point in known],
            "o-", color=COLORS[name], label=name, markersize=3,
            linewidth=2.2 if name == OURS else 1.2,
        )  # fmt: skip
    if any(a["flops_per_sample"] != b["flops_per_sample"] for a, b in pairwise(points)):
        last = points[-1]
        scale = last["microseconds_per_sample"][OURS] / last["flops_per_sample"]
        axes.plot(
            [point["value"] for point in points],
            [scale * point["flops_per_sample"] for point in points],
            ":", color="black", linewidth=1, label="as the operations grow",
        )  # fmt: skip
    axes.set_xscale("log", base=10 if quantity == "batch" else 2)
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_formatter(lambda value, _: "")
    low, high = axes.get_ylim()
    if high < DECADES * low:
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.set_xlabel(PANELS[quantity])
    axes.set_ylabel("µs")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
