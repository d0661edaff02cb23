"""From rates to ratios, goals, tables, JSON and the picture."""

import json

import pytest

from benchmarks.speed.measure import Measurement
from benchmarks.speed.plot import plot_report
from benchmarks.speed.report import markdown, sections
from benchmarks.speed.summary import judged_goals, summarized
from benchmarks.speed.sweeps import SWEEPS, largest_step, sweep_workload
from benchmarks.speed.workloads import WORKLOADS, flops_per_sample
from chainrule.cli.console import without_nan

PEERS = ("scikit-learn", "torch", "torch-compiled", "jax")


def measurement(name, ours=(100.0, 80.0, 120.0), theirs=(10.0, 10.0, 10.0), peers=PEERS):
    """Return rates with one thread, and half of them with two."""
    found = Measurement(WORKLOADS[name], products={1: [50.0] * 3, 2: [100.0] * 3})
    for engine, rates in (("chainrule", ours), *((peer, theirs) for peer in peers)):
        for threads in (1, 2):
            found.rates[engine, threads] = [rate / threads for rate in rates]
            found.epochs[engine, threads] = 4
    return found


def report(*entries, **extras):
    return {
        "machine": {
            "cpu": "A CPU",
            "cores": 2,
            "load": 0.1,
            "system": "Linux",
            "blas": [],
            "versions": {},
        },
        "date": "2026-01-02T03:04:05+00:00",
        "rounds": 3,
        "threads": [1, 2],
        "quick": False,
        "workloads": list(entries),
        "goals": judged_goals(list(entries)),
        "extras": extras,
        "notices": ["something is missing"],
    }


def full_report():
    sweeps = {}
    for quantity, values in SWEEPS.items():
        points = []
        for value in values[:3]:
            task = sweep_workload(quantity, value)
            times = {"chainrule": task.flops / 1e5, "jax": task.flops / 5e4}
            points.append(
                {
                    "value": value,
                    "flops_per_sample": task.flops,
                    "gflops": 100.0,
                    "microseconds_per_sample": times,
                }
            )
        sweeps[quantity] = {"points": points, "largest_step": largest_step(points), "cliff": False}
    seconds = {"median": 1.0, "low": 0.5, "high": 2.0, "all": [0.5, 1.0, 2.0]}
    figures = {"seconds": seconds, "memory_mb": 80.0}
    engines = {"chainrule": figures, "torch": {**figures, "memory_mb": None}}
    programs = [{"workload": "tiny", "epochs": 10, "engines": engines}]
    variant = summarized(measurement("small"))
    entries = [summarized(measurement(name)) for name in ("tiny", "large")]
    return report(*entries, variants=[variant], programs=programs, sweeps=sweeps)


def test_ratios_are_taken_within_a_round():
    found = summarized(measurement("tiny", theirs=(10.0, 20.0, 10.0)))
    ratio = found["ratios"]["jax"]
    assert ratio["all"] == [10, 4, 12]
    assert (ratio["median"], ratio["low"], ratio["high"]) == (10, 4, 12)
    assert ratio["same_threads"] == {"1": 10, "2": 10}
    assert "chainrule" not in found["ratios"]


def test_the_better_number_of_threads_counts():
    given = measurement("tiny")
    given.rates["jax", 2] = [30.0, 30.0, 30.0]
    found = summarized(given)
    assert found["engines"]["jax"]["best_threads"] == 2
    assert found["engines"]["jax"]["samples_per_second"] == 30
    assert found["engines"]["jax"]["most_over_fewest_threads"] == 3
    assert found["ratios"]["jax"]["all"] == [100 / 30, 80 / 30, 4]


def test_gflops_are_counted_and_compared_with_products():
    found = summarized(measurement("large"))
    one = found["engines"]["chainrule"]["threads"]["1"]
    assert one["gflops"] == pytest.approx(100 * flops_per_sample((784, 512, 512, 10)) / 1e9)
    assert one["of_products"] == pytest.approx(one["gflops"] / 50)


def test_goals_are_met_missed_or_not_measured():
    met = judged_goals([summarized(measurement("tiny"))])
    assert [(goal["measured"], goal["met"]) for goal in met] == [(10, True), (10, False)]
    some = judged_goals([summarized(measurement("tiny", peers=("scikit-learn",)))])
    assert [(goal["measured"], goal["met"]) for goal in some] == [(None, None), (10, None)]
    assert some[1]["missing"] == ["torch", "torch-compiled"]
    products = judged_goals([summarized(measurement("large", ours=(2e4, 2e4, 2e4)))])[-1]
    assert products["goal"] == "88 % of the sgemm rate"
    assert products["met"] is True


def test_markdown_holds_every_table():
    text = markdown(full_report())
    titles = [line for line in text.splitlines() if line.startswith("## ")]
    assert titles == [
        "## Speed",
        "## Goals",
        "## Precision, activations, Adam",
        "## Whole programs",
        "## Microseconds for one row against the width",
        "## Microseconds for one row against the depth",
        "## Microseconds for one row against the batch",
    ]
    assert "something is missing" in text
    assert "| tiny | chainrule | 100 | 50.0 | 0.50 |" in text
    assert "| 10.0 (8.00–12.0) |" in text
    assert "| tiny | 10 × JAX | 10.0 × | met |" in text
    for line in text.splitlines():  # every row has the cells of its head
        assert not line.startswith("|") or line.endswith("|")


@pytest.mark.parametrize("peers", [PEERS, ("jax",), ()])
def test_tables_are_rectangular(peers):
    found = sections(report(summarized(measurement("chains", peers=peers))))
    for section in found:
        assert {len(row) for row in section.rows} == {len(section.columns)}


def test_unmeasured_goals_name_what_is_missing():
    found = sections(report(summarized(measurement("chains", peers=("jax", "torch")))))
    assert found[1].rows == [
        ["chains", "6 × the best peer", "10.0 ×", "not measured: scikit-learn, torch-compiled"]
    ]


def test_the_report_is_json():
    document = full_report()
    assert json.loads(json.dumps(without_nan(document))) == json.loads(json.dumps(document))
    assert document["workloads"][0]["layers"] == "30-16-1"


@pytest.mark.parametrize("extras", [True, False])
def test_the_picture(tmp_path, extras):
    document = full_report()
    plot_report(document if extras else {**document, "extras": {}}, tmp_path / "bench.png")
    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG")


def test_a_cliff_is_found_and_a_slope_is_not():
    def points(*times):
        return [
            {"value": v, "flops_per_sample": 10**v, "microseconds_per_sample": {"chainrule": t}}
            for v, t in enumerate(times)
        ]

    assert largest_step(points(1.0, 10.0, 100.0))["factor"] == pytest.approx(1)
    assert largest_step(points(1.0, 10.0, 300.0)) == {"from": 1, "to": 2, "factor": 3}


@pytest.mark.parametrize("quantity", SWEEPS)
def test_the_points_of_a_sweep(quantity):
    tasks = [sweep_workload(quantity, value) for value in SWEEPS[quantity]]
    values = [
        {"width": task.sizes[1], "depth": len(task.sizes) - 2, "batch": task.batch}[quantity]
        for task in tasks
    ]
    assert values == list(SWEEPS[quantity])
    assert all(task.rows >= min(task.batch, 512) for task in tasks)
    assert all(task.rows * task.flops < 2e10 for task in tasks)
