"""How good the outputs of a table model are, where the target is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chainrule.estimators.intervals import FEW, bootstrap, wilson
from chainrule.nn import Network, Output
from chainrule.nn.arrays import Array
from chainrule.train import METRICS

__all__ = ["are_unequal", "figures"]

OF_CLASSES = ("accuracy", "balanced_accuracy", "average_precision", "roc_auc", "log_loss")
REPORTED = {
    "binary": OF_CLASSES,
    "multiclass": OF_CLASSES,
    "multilabel": ("accuracy", "roc_auc", "log_loss"),
    "regression": ("r2", "rmse", "mae"),
}
UNEQUAL = 3  # times as many rows of the largest class as of the smallest


def figures(
    task: str, network: Network, output: Output, Y: Array, weight: Array | None
) -> dict[str, float]:
    """Return the figures of a task by name; outputs and targets are in the target's own units.

    With the accuracy comes the share of the largest class, which is the accuracy without any inputs.
    Fewer than 1,000 rows, all of the same weight, have the ends of 95 % intervals.
    """
    found = {name: METRICS[name](network, output, Y, weight) for name in REPORTED[task]}
    if REPORTED[task] is OF_CLASSES:
        found["largest_class"] = largest_share(Y, weight)
    if weight is None and len(Y) < FEW:
        found |= interval_ends(found, output, Y)
    return found


def interval_ends(found: dict[str, float], output: Output, Y: Array) -> dict[str, float]:
    """Return the ends of the intervals as figures: "accuracy_low", "accuracy_high" and so on."""
    if "accuracy" in found:
        intervals = {"accuracy": wilson(found["accuracy"], len(Y))}
    else:
        intervals = bootstrap(Y, output.A)
    return {
        f"{name}_{end}": value
        for name, ends in intervals.items()
        for end, value in zip(("low", "high"), ends, strict=True)
    }


def largest_share(Y: Array, weight: Array | None) -> float:
    """Return the part of the rows that the largest class has."""
    shares = np.average(Y, axis=0, weights=weight)
    return float(max(shares[0], 1 - shares[0]) if len(shares) == 1 else shares.max())


def are_unequal(counts: Sequence[int]) -> bool:
    """Say whether classes of so many rows are so unequal that the accuracy hides the small ones."""
    there = [count for count in counts if count > 0]
    return bool(there) and max(there) >= UNEQUAL * min(there)
