"""Results as tables."""

from __future__ import annotations

import math
from typing import Any

from rich.table import Table

__all__ = ["metrics_table"]

TITLES = {
    "rows": "rows",
    "cost": "cost",
    "accuracy": "accuracy",
    "roc_auc": "ROC AUC",
    "log_loss": "log loss",
    "r2": "R²",
    "rmse": "RMSE",
    "mae": "MAE",
    "seconds": "seconds",
}


def metrics_table(results: dict[str, dict[str, Any]], caption: str = "") -> Table:
    """Return a table with a row for each set of rows, and a column for each figure."""
    table = Table(caption=caption, caption_justify="left")
    table.add_column("")
    columns = list(next(iter(results.values())))
    for name in columns:
        table.add_column(TITLES[name], justify="right")
    for part, figures in results.items():
        table.add_row(part, *(shown(name, figures[name]) for name in columns))
    return table


def shown(name: str, value: float) -> str:
    """Return a figure as a reader wants it: whole, or with four digits behind the point."""
    if isinstance(value, int):
        return f"{value:,}"
    if math.isnan(value):
        return "–"
    if name == "seconds":
        return f"{value:.3f}"
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e5 or value == 0 else f"{value:.4g}"
