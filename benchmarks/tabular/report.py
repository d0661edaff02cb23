"""The figures as Markdown: a table for each figure, the comparisons, the goals."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from benchmarks.speed.report import Section

from .compare import HIGHER, PAIRS, Figures, Tally, goals, main_figure, tally
from .measure import QUICK_ROWS, Fit
from .models import MODELS
from .sets import TABLES, TARGET

TITLES = {
    "accuracy": "Accuracy: the larger the better",
    "log_loss": "Log loss: the smaller the better",
    "auc": "Area under the ROC curve, one class against the rest: the larger the better",
    "rmse": "Root mean squared error over the target's standard deviation: the smaller the better",
}
BUSY = 1.5  # times the cores: above that load, something else was running
COMPARED_NOTE = (
    "Tables won – level – lost by the first model, by accuracy or by the error of a regression; then by "
    "log loss and by the area, of the classifications alone. Level: the mean over the seeds of the "
    "difference, taken within each seed, is no larger than its standard error s/√n. With three seeds, "
    "of two equally good models one is called the better by chance in about four cases of ten."
)


def markdown(fits: list[Fit], quick: bool) -> str:
    """Return the whole report.

    Parameters
    ----------
    fits : list of Fit
        From `read_fits`; those of tables and models that are no more are passed over.
    quick : bool
        Whether to report the runs on tables that were cut down.
    """
    chosen = [
        fit for fit in fits if fit.quick == quick and fit.table in TABLES and fit.model in MODELS
    ]
    figures = Figures(chosen)
    names = [name for name in MODELS if any(fit.model == name for fit in chosen)]
    parts = [described(figures.tables)]
    for figure in HIGHER:
        parts.append(figure_section(figures, names, figure))
    parts.append(seconds_section(figures, names))
    parts.append(comparisons(figures, names))
    if not quick:
        parts.append(goals_section(figures))
    return "\n".join([*head(chosen, quick), *(part.to_markdown() for part in parts if part.rows)])


def head(fits: list[Fit], quick: bool) -> list[str]:
    """Return the title, and what the figures are from."""
    lines = ["# Models on tables", ""]
    lines += [f"- {machine}" for machine in dict.fromkeys(fit.machine for fit in fits)]
    seeds = len({fit.seed for fit in fits})
    lines.append(f"- {len(fits):,} fit{'s'[: len(fits) != 1]}, {seeds} seed{'s'[: seeds != 1]}")
    lines.append(
        "- a quarter of the rows is the test, drawn anew by each seed; all models get the rest"
    )
    if quick:
        lines.append(f"- --quick: at most {QUICK_ROWS:,} rows of each table")
    busy = sum(fit.load > BUSY * cores_of(fit) for fit in fits)
    if busy:
        lines.append(
            f"- the machine was busy with something else at {busy} fits: their seconds are too many"
        )
    return [*lines, ""]


def cores_of(fit: Fit) -> int:
    """Read the number of cores out of a fit's machine.

    Examples
    --------
    >>> fit = Fit("iris", "trees", 0, False, 9, {}, 0.1, 0.1, 0.0, "Some CPU, 8 cores, chainrule 1")
    >>> cores_of(fit)
    8
    """
    counts = [part.split()[0] for part in fit.machine.split(", ") if part.endswith(" cores")]
    return int(counts[0]) if counts else 1


def described(tables: list[str]) -> Section:
    """Return what the tables are."""
    rows = [describe(name) for name in tables]
    columns = ["table", "rows", "numbers", "categories", "missing cells", "target", ""]
    return Section("Tables", columns, rows)


def describe(name: str) -> list[str]:
    """Return one table's sizes, and what is to be predicted."""
    table = TABLES[name]
    if not table.installed:
        return [name, "", "", "", "", "", f"{table.package} is not installed here"]
    frame = table.load()
    X = frame.drop(columns=TARGET)
    categories = X.select_dtypes("category").shape[1]
    missing = float(X.isna().to_numpy().mean())
    return [
        name,
        f"{len(frame):,}",
        str(X.shape[1] - categories),
        str(categories),
        f"{missing:.2%}" if missing else "",
        described_target(frame[TARGET], table.classification),
        table.package,
    ]


def described_target(target: pd.Series, classification: bool) -> str:
    if not classification:
        return f"{target.mean():.4g} ± {target.std():.4g}"
    parts = target.value_counts(normalize=True)
    return f"{len(parts)} classes, {parts.iloc[-1]:.1%} to {parts.iloc[0]:.1%}"


def figure_section(figures: Figures, names: list[str], figure: str) -> Section:
    """Return the mean of one figure by table and model."""
    pick = max if HIGHER[figure] else min
    return grid(
        TITLES[figure], figures, names, lambda t, m: figures.mean(t, m, figure), "{:.4f}", pick
    )


def seconds_section(figures: Figures, names: list[str]) -> Section:
    """Return the median seconds of a fit."""
    return grid("Seconds of a fit, median", figures, names, figures.seconds, "{:.2f}", min)


def grid(
    title: str,
    figures: Figures,
    names: list[str],
    value: Callable[[str, str], float | None],
    pattern: str,
    pick: Callable[[list[float]], float],
) -> Section:
    """Return one value by table and model, the best of a table in bold; nothing empty."""
    cells = {(t, m): value(t, m) for t in figures.tables for m in names}
    there = {key: number for key, number in cells.items() if number is not None}
    names = [name for name in names if any(key[1] == name for key in there)]
    rows = []
    for table in dict.fromkeys(key[0] for key in there):
        best = pattern.format(pick([number for key, number in there.items() if key[0] == table]))
        texts = [pattern.format(there[table, m]) if (table, m) in there else "" for m in names]
        rows.append([table, *(f"**{text}**" if text == best else text for text in texts)])
    return Section(title, ["table", *(MODELS[name].title for name in names)], rows)


def comparisons(figures: Figures, names: list[str]) -> Section:
    """Return how each pair of models compares."""
    rows = []
    for one, other in PAIRS:
        if one in names and other in names:
            main, log_loss, auc = (
                tally(figures, one, other, figure_of)
                for figure_of in (main_figure, lambda _: "log_loss", lambda _: "auc")
            )
            pair = f"{MODELS[one].title} against {MODELS[other].title}"
            rows.append([pair, str(main), str(log_loss), str(auc), listed(main)])
    columns = ["models", "score", "log loss", "area", ""]
    return Section("Comparisons", columns, rows, COMPARED_NOTE)


def listed(found: Tally) -> str:
    """Name the tables that are not won.

    Examples
    --------
    >>> listed(Tally({"wins": ["a"], "level": ["b"], "losses": ["c", "d"]}))
    'level: b; losses: c, d'
    """
    parts = [(word, names) for word, names in found.tables.items() if word != "wins" and names]
    return "; ".join(f"{word}: {', '.join(names)}" for word, names in parts)


def goals_section(figures: Figures) -> Section:
    """Return the goals, met or missed."""
    words = {True: "met", False: "missed", None: ""}
    rows = [[goal.text, goal.measured, words[goal.met]] for goal in goals(figures)]
    return Section("Goals", ["goal", "measured", ""], rows)
