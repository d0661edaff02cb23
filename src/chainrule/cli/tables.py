"""Results as tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table

__all__ = ["labels_and_counts", "metrics_table"]

TITLES = {
    "rows": "rows",
    "cost": "cost",
    "accuracy": "accuracy",
    "largest_class": "share of largest class",
    "balanced_accuracy": "balanced accuracy",
    "average_precision": "average precision",
    "roc_auc": "ROC AUC",
    "log_loss": "log loss",
    "r2": "R²",
    "rmse": "RMSE",
    "mae": "MAE",
    "seconds": "seconds",
}
OF_UNEQUAL_CLASSES = ("balanced_accuracy", "average_precision")
MOST_LABELS = 6  # that are named in a line


def metrics_table(results: Mapping[str, Mapping[str, Any]], *, unequal: bool = False) -> Table:
    """Return a table with a row for each figure, and a column for each set of rows.

    Parameters
    ----------
    results : mapping
        The figures of each set; one that it lacks is left blank.
    unequal : bool
        Whether the figures for unequal classes are of interest.
    """
    table = Table()
    table.add_column("")
    for part in results:
        table.add_column(part, justify="right")
    for name, title in TITLES.items():
        if name in OF_UNEQUAL_CLASSES and not unequal:
            continue
        add_row(table, title, [of_figure(name, figures) for figures in results.values()])
        add_row(table, "  95 % interval", [interval(name, f) for f in results.values()])
    return table


def add_row(table: Table, title: str, cells: list[str]) -> None:
    if any(cells):
        table.add_row(title, *cells)


def of_figure(name: str, figures: Mapping[str, Any]) -> str:
    return shown(name, figures[name]) if name in figures else ""


def interval(name: str, figures: Mapping[str, Any]) -> str:
    """Return the ends of a figure's interval, if it has one that is defined."""
    ends = [figures.get(f"{name}_{end}", math.nan) for end in ("low", "high")]
    return "" if any(map(math.isnan, ends)) else " to ".join(shown(name, end) for end in ends)


def shown(name: str, value: float) -> str:
    """Return a figure as a reader wants it: whole, or with four digits behind the point."""
    if isinstance(value, int):
        return f"{value:,}"
    if math.isnan(value):
        return "–"
    if name == "seconds":
        return f"{value:.3f}"
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e5 or value == 0 else f"{value:.4g}"


def labels_and_counts(counts: Iterable[tuple[Any, int]]) -> str:
    """Return the classes with their rows, for a line: the first few of many."""
    every = [f"{label}: {rows:,}" for label, rows in counts]
    return ", ".join(every[:MOST_LABELS]) + (", …" if len(every) > MOST_LABELS else "")
