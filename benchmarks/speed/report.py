"""The tables of a benchmark: the same for the terminal and for Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich import box
from rich.table import Table

from benchmarks.speed.peers import OURS
from benchmarks.speed.sweeps import CLIFF

__all__ = ["Section", "markdown", "sections", "short"]

MAIN_NOTE = (
    "Rows in a second, medians of the rounds. GFLOP/s, and its part of the rate of matrix products "
    "(sgemm, or dgemm for float64) with as many threads, stand in the same order of threads. The last "
    "column is ours at its best over the peer at its best, taken within each round: median "
    "(least–largest)."
)
VARIANTS_NOTE = "Each engine with the number of threads that was the better one above."
PROGRAMS_NOTE = (
    "From the start of the process to a trained model, import and reading of the data included; "
    "threads as each library chooses. chainrule is the training loop by itself, "
    "chainrule.MLPClassifier the estimator with scikit-learn's contract."
)
SWEEP_NOTES = {
    "width": "Two hidden layers of that many units, batches of 128",
    "depth": "So many hidden layers of 64 units, batches of 128",
    "batch": "Two hidden layers of 64 units",
}


@dataclass
class Section:
    """A table with its title and what there is to say below it."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    note: str = ""

    def words(self) -> list[bool]:
        """Say of each column whether it holds words, and not figures."""
        return [
            place == 0 or name in ("engine", "goal", "") for place, name in enumerate(self.columns)
        ]

    def to_markdown(self) -> str:
        """Return the section as Markdown."""
        rule = [":---" if words else "---:" for words in self.words()]
        lines = [self.columns, rule, *self.rows]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"## {self.title}\n\n{table}\n" + (f"\n{self.note}\n" if self.note else "")

    def to_rich(self) -> Table:
        """Return the section as a table for the terminal."""
        table = Table(
            title=self.title,
            title_justify="left",
            caption=self.note,
            caption_justify="left",
            box=box.SIMPLE_HEAD,
        )
        for name, words in zip(self.columns, self.words(), strict=True):
            table.add_column(name, justify="left" if words else "right", no_wrap=words)
        for row in self.rows:
            table.add_row(*row)
        return table


def sections(report: dict[str, Any]) -> list[Section]:
    """Return the tables of a report.

    Parameters
    ----------
    report : dict
        From `benchmarks.speed.runs.run_benchmark`.
    """
    extras = report["extras"]
    found = [speed_section("Speed", report["workloads"], report["threads"], MAIN_NOTE)]
    if report["goals"]:
        found.append(goals_section(report["goals"]))
    if extras.get("variants"):
        variants = extras["variants"]
        found.append(
            speed_section(
                "Precision, activations, Adam", variants, report["threads"], VARIANTS_NOTE
            )
        )
    if extras.get("programs"):
        found.append(programs_section(extras["programs"]))
    found += [sweep_section(name, found_) for name, found_ in extras.get("sweeps", {}).items()]
    return found


def markdown(report: dict[str, Any]) -> str:
    """Return the whole report as Markdown."""
    machine = report["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    head = [
        "# Benchmark",
        "",
        f"- {machine['cpu']}, {machine['cores']} cores, {machine['system']}",
        f"- {versions}",
        f"- BLAS of NumPy and SciPy: {', '.join(machine['blas']) or 'unknown'}",
        f"- load average before: {machine['load']} (nothing else should run)",
        f"- {report['date']}, medians of {report['rounds']} rounds"
        + (", --quick: at most 10,000 rows" if report["quick"] else ""),
        *(f"- {text}" for text in report["notices"]),
        "",
    ]
    return "\n".join([*head, *(section.to_markdown() for section in sections(report))])


def speed_section(
    title: str, entries: list[dict[str, Any]], threads: list[int], note: str
) -> Section:
    """Return rows in a second of every workload and engine."""
    most = max(threads)
    columns = ["workload", "engine"]
    columns += [f"{count} thread{'s' if count > 1 else ''}" for count in threads]
    columns += [f"{most} over {min(threads)}"] if len(threads) > 1 else []
    columns += ["GFLOP/s", "of gemm, %", "ours is faster"]
    rows = []
    for entry in entries:
        labels = [entry["name"], entry["layers"], f"batch {entry['batch']:,}"]
        for place, (name, engine) in enumerate(entry["engines"].items()):
            label = labels[place] if place < len(labels) else ""
            rows.append([label, name, *speed_cells(entry, name, engine, threads)])
    return Section(title, columns, rows, note)


def speed_cells(
    entry: dict[str, Any], name: str, engine: dict[str, Any], threads: list[int]
) -> list[str]:
    found = [engine["threads"].get(str(count)) for count in threads]
    cells = [short(one["samples_per_second"]["median"]) if one else "" for one in found]
    if len(threads) > 1:
        gain = engine["most_over_fewest_threads"]
        cells.append("" if gain is None else f"{gain:.2f}")
    measured = [one for one in found if one]
    parts = [one["of_products"] for one in measured]
    ratio = entry["ratios"].get(name)
    return [
        *cells,
        " / ".join(f"{one['gflops']:.{'1' if one['gflops'] < 10 else '0'}f}" for one in measured),
        " / ".join("–" if part is None else f"{100 * part:.0f}" for part in parts),
        "" if ratio is None else f"{times(ratio['median'])} ({span(ratio)})",
    ]


def goals_section(goals: list[dict[str, Any]]) -> Section:
    """Return each goal with what was measured."""
    verdicts = {True: "met", False: "missed"}
    rows = []
    for goal in goals:
        figure = goal["measured"]
        shown = "" if figure is None else f"{times(figure)} ×"
        if figure is not None and goal["least"] < 1:
            shown = f"{100 * figure:.0f} %"
        verdict = verdicts.get(goal["met"], f"not measured: {', '.join(goal['missing'])}")
        rows.append([goal["workload"], goal["goal"], shown, verdict])
    return Section("Goals", ["workload", "goal", "measured", ""], rows)


def programs_section(programs: list[dict[str, Any]]) -> Section:
    """Return seconds and memory of whole programs."""
    rows = []
    for program in programs:
        ours = program["engines"][OURS]["seconds"]["median"]
        for name, figures in program["engines"].items():
            seconds, memory = figures["seconds"], figures["memory_mb"]
            label = f"{program['workload']}, {program['epochs']} epochs" if name == OURS else ""
            rows.append(
                [
                    label.replace(", 1 epochs", ", 1 epoch"),
                    name,
                    f"{seconds['median']:.2f} ({seconds['low']:.2f}–{seconds['high']:.2f})",
                    "" if name == OURS else times(seconds["median"] / ours),
                    "" if memory is None else f"{memory:.0f}",
                ]
            )
    columns = ["program", "engine", "seconds", "over ours", "peak memory, MB"]
    return Section("Whole programs", columns, rows, PROGRAMS_NOTE)


def sweep_section(quantity: str, found: dict[str, Any]) -> Section:
    """Return the time for one row at each point."""
    names = list(dict.fromkeys(n for p in found["points"] for n in p["microseconds_per_sample"]))
    rows = []
    for point in found["points"]:
        times_ = [point["microseconds_per_sample"].get(name) for name in names]
        cells = ["" if value is None else f"{value:.3g}" for value in times_]
        rows.append([f"{point['value']:,}", *cells, f"{point['gflops']:.1f}"])
    step = found["largest_step"]
    note = (
        f"{SWEEP_NOTES[quantity]}, one thread. Beyond the operations that it takes, the time of ours "
        f"grows most from {step['from']:,} to {step['to']:,}: {step['factor']:.2f} times; more than "
        f"{CLIFF} would be a cliff."
    )
    columns = [quantity, *names, "ours, GFLOP/s"]
    return Section(f"Microseconds for one row against the {quantity}", columns, rows, note)


def short(value: float) -> str:
    """Return a count with three digits that matter.

    Examples
    --------
    >>> [short(value) for value in (87.66, 999.9, 12345, 6789012)]
    ['87.7', '1.00 k', '12.3 k', '6.79 M']
    """
    for unit in ("", " k", " M", " G"):
        if value < 999.5 or unit == " G":
            break
        value /= 1000
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{digits}f}{unit}"


def times(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def span(figures: dict[str, Any]) -> str:
    return f"{times(figures['low'])}–{times(figures['high'])}"
