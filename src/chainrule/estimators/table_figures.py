"""How good the outputs of a table model are, where the target is known."""

from __future__ import annotations

from chainrule.nn import Network, Output
from chainrule.nn.arrays import Array
from chainrule.train import METRICS

__all__ = ["figures"]

REPORTED = {
    "binary": ("accuracy", "roc_auc", "log_loss"),
    "multiclass": ("accuracy", "roc_auc", "log_loss"),
    "multilabel": ("accuracy", "roc_auc", "log_loss"),
    "regression": ("r2", "rmse", "mae"),
}


def figures(
    task: str, network: Network, output: Output, Y: Array, weight: Array | None
) -> dict[str, float]:
    """Return the metrics of a task by name; outputs and targets are in the target's own units."""
    return {name: METRICS[name](network, output, Y, weight) for name in REPORTED[task]}
