"""A whole benchmark: which engines, which workloads, and everything measured of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from benchmarks.speed.fresh import fresh_programs
from benchmarks.speed.machine import describe_machine
from benchmarks.speed.measure import Bench, Key
from benchmarks.speed.peers import ENGINES, OURS, PEERS
from benchmarks.speed.process import WorkerPool, available_cores
from benchmarks.speed.summary import judged_goals, summarized
from benchmarks.speed.sweeps import SWEEPS, sweep
from benchmarks.speed.workloads import WORKLOADS, Workload
from chainrule.errors import ParameterError, unknown_name

__all__ = ["Plan", "run_benchmark"]

VARIANTS = {
    "float64": {"dtype": "float64"},
    "relu": {"hidden": "relu"},
    "gelu": {"hidden": "gelu"},
    "Adam": {"optimizer": "adam"},
}
VARIED = ("small", "medium")
WHOLE_PROGRAMS = (("tiny", 10), ("large", 1))  # a workload, epochs
EXTRA_ROUNDS = 5
SECONDS, SWEEP_SECONDS = 0.3, 0.1
QUICK_ROWS, QUICK_ROUNDS, QUICK_SECONDS = 10_000, 2, 0.1


@dataclass
class Plan:
    """What to measure.

    Parameters
    ----------
    workloads, peers : tuple of str
        Their names; peers that are not installed are left out, and the user is told.
    threads : tuple of int
    rounds : int
    quick : bool
        Whether to take fewer rows and shorter timings, and no more than the main table.
    sweeps : bool
        Whether to measure everything beside the main table.

    Raises
    ------
    ParameterError
        If a name is unknown, or a number of threads is not one the machine has.
    """

    workloads: tuple[str, ...] = tuple(WORKLOADS)
    peers: tuple[str, ...] = PEERS
    threads: tuple[int, ...] = (1, 2)
    rounds: int = 7
    quick: bool = False
    sweeps: bool = True

    def __post_init__(self) -> None:
        for kind, names, known in (
            ("workload", self.workloads, WORKLOADS),
            ("peer", self.peers, PEERS),
        ):
            for name in names:
                if name not in known:
                    raise unknown_name(kind, name, known)
        cores = len(available_cores())
        for count in self.threads:
            if not 1 <= count <= cores:
                raise ParameterError(f"threads must be 1 to {cores}, the cores here; not {count}")
        if self.quick:
            self.rounds, self.sweeps = min(self.rounds, QUICK_ROUNDS), False

    @property
    def seconds(self) -> float:
        """What a timing should at least take."""
        return QUICK_SECONDS if self.quick else SECONDS

    @property
    def tasks(self) -> list[Workload]:
        """The workloads."""
        chosen = [WORKLOADS[name] for name in dict.fromkeys(self.workloads)]
        if not self.quick:
            return chosen
        return [task.changed(rows=min(task.rows, QUICK_ROWS)) for task in chosen]


def run_benchmark(
    plan: Plan, say: Callable[[str], None], notice: Callable[[str], None]
) -> dict[str, Any]:
    """Measure all that the plan asks for.

    Parameters
    ----------
    plan : Plan
    say : callable
        Is told what is being measured.
    notice : callable
        Is told, in one line each, what is left out and why.

    Returns
    -------
    dict
        The report, ready for JSON: machine, date, settings, workloads, goals, extras, notices.
    """
    notices: list[str] = []

    def note(text: str) -> None:
        notices.append(text)
        notice(text)

    machine = describe_machine()  # its load is that of before
    peers = installed_peers(plan.peers, note)
    with WorkerPool()() as pool:
        bench = Bench(pool, plan.seconds, note)
        entries = []
        for task in plan.tasks:
            say(f"{titled(task)}: {plan.rounds} rounds")
            keys = [(name, count) for count in plan.threads for name in (OURS, *peers)]
            entries.append(summarized(bench.measure(task, keys, plan.rounds)))
        extras = measured_extras(plan, bench, peers, entries, say) if plan.sweeps else {}
    return {
        "machine": machine,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "rounds": plan.rounds,
        "threads": list(plan.threads),
        "quick": plan.quick,
        "workloads": entries,
        "goals": [] if plan.quick else judged_goals(entries),
        "extras": extras,
        "notices": notices,
    }


def installed_peers(names: tuple[str, ...], note: Callable[[str], None]) -> list[str]:
    """Return the peers that are there; name those that are not in one line."""
    there = [name for name in dict.fromkeys(names) if ENGINES[name].installed]
    missing = [name for name in dict.fromkeys(names) if name not in there]
    if missing:
        note(f"not installed, and left out: {', '.join(missing)}: pip install 'chainrule[bench]'")
    return there


def titled(task: Workload) -> str:
    return f"{task.name} ({task.layers}, batch {task.batch:,}, {task.rows:,} rows)"


def measured_extras(
    plan: Plan,
    bench: Bench,
    peers: list[str],
    entries: list[dict[str, Any]],
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Measure what stands beside the main table."""
    rounds = min(plan.rounds, EXTRA_ROUNDS)
    variants = []
    for entry in (entry for entry in entries if entry["name"] in VARIED):
        for name, changes in VARIANTS.items():
            base = WORKLOADS[entry["name"]]
            task = base.changed(name=f"{base.name}, {name}", **changes)
            say(f"{titled(task)}: {rounds} rounds")
            keys = best_keys(entry)
            variants.append(summarized(bench.measure(task, keys, rounds)))
    programs = []
    for name, epochs in WHOLE_PROGRAMS:
        if name in plan.workloads:
            say(f"whole programs: {name}, {epochs} epoch(s), {rounds} rounds")
            programs.append(fresh_programs(WORKLOADS[name], epochs, peers, rounds, bench.notice))
    sweeps = {}
    bench.seconds = min(bench.seconds, SWEEP_SECONDS)
    for quantity, points in SWEEPS.items():
        say(f"time for one row against the {quantity}: {len(points)} points")
        sweeps[quantity] = sweep(bench, quantity, peers, min(rounds, 3))
    return {"variants": variants, "programs": programs, "sweeps": sweeps}


def best_keys(entry: dict[str, Any]) -> list[Key]:
    """Return each engine with the number of threads that was best for it."""
    return [(name, figures["best_threads"]) for name, figures in entry["engines"].items()]
