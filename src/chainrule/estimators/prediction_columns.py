"""Predictions as columns of a table."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.data import TargetCodec
from chainrule.estimators.labels import binary_probabilities
from chainrule.estimators.outputs import check_predictions
from chainrule.estimators.scaling import TargetScaling
from chainrule.nn import Network, Output
from chainrule.train import labels_of

__all__ = ["prediction_columns"]


def prediction_columns(
    target: TargetCodec,
    scaling: TargetScaling,
    network: Network,
    output: Output,
    first_row: int = 1,
) -> dict[str, Any]:
    """Return what a forward pass predicts, by the names of the columns.

    Parameters
    ----------
    target : TargetCodec
        Says the task and the labels.
    scaling : TargetScaling
        Of the targets of a regression.
    network : Network
    output : Output
        Of the rows to be predicted.
    first_row : int
        The number of the first of them, for messages.

    Returns
    -------
    dict of str to array of shape (m,)
        "prediction" and "probability_LABEL" for each class; "prediction_TARGET" for each of several
        targets, and "probability_TARGET_LABEL" of the second label where they are labels.
    """
    A = output.A
    match target.task:
        case "regression":
            with np.errstate(over="ignore", invalid="ignore"):
                values = scaling.backward(A)
            check_predictions(values, first_row)
            return of_numbers(target.targets, values)
        case "multilabel":
            return of_labels(target, labels_of(network, A).reshape(A.shape), A)
        case _:
            P = binary_probabilities(output) if A.shape[1] == 1 else A
            return of_classes(target, labels_of(network, A), P)


def of_numbers(targets: tuple[str, ...], values: Any) -> dict[str, Any]:
    if len(targets) == 1:
        return {"prediction": values[:, 0]}
    return {f"prediction_{name}": column for name, column in zip(targets, values.T, strict=True)}


def of_labels(target: TargetCodec, decisions: Any, P: Any) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, labels, decided, p in zip(
        target.targets, target.labels, decisions.T, P.T, strict=True
    ):
        columns[f"prediction_{name}"] = target.decode(decided, name)
        columns[f"probability_{name}_{label_text(labels[1])}"] = p
    return columns


def of_classes(target: TargetCodec, decisions: Any, P: Any) -> dict[str, Any]:
    columns: dict[str, Any] = {"prediction": target.decode(decisions)}
    for label, p in zip(target.labels, P.T, strict=True):
        columns[f"probability_{label_text(label)}"] = p
    return columns


def label_text(label: Any) -> str:
    """Return a label as it stands in a column's name, and in a CSV: 1 for 1.0."""
    return str(int(label)) if isinstance(label, float) and label.is_integer() else str(label)
