"""What is to be done about rows that a network hardly learns from: one sentence, read off the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.core import forward_output
from chainrule.estimators.outputs import in_float64
from chainrule.nn import Network, Parameters, propagation
from chainrule.nn.arrays import Array, is_sparse
from chainrule.nn.losses import smooth_targets
from chainrule.train import Dataset

__all__ = ["remedies", "worse_than_a_constant"]

# First weights and learning rates are made for numbers of order 1.
LARGE, SMALL = 10.0, 0.1
WORSE, STILL_WORSE = 1.01, 1.1  # times the cost: of a training that ended, that ran out of epochs


def remedies(rows: Dataset, settings: Mapping[str, Any]) -> str:
    """Return what helps a training that diverges besides a smaller rate, of what is not done yet.

    Parameters
    ----------
    rows : Dataset
        The training rows, encoded.
    settings : mapping
        The estimator's parameters.
    """
    steps = [text for text in (standardizing(rows, settings),) if text]
    if settings["clip_norm"] is None:
        steps.append("clip the gradient (clip_norm=1)")
    return " or ".join(steps) or "take a smaller network"


def standardizing(rows: Dataset, settings: Mapping[str, Any]) -> str:
    """Return "standardize …" of what is far from order 1; nothing if all is of that order."""
    parts = []
    if not is_sparse(rows.X) and (mean_squares(rows.X) > LARGE**2).any():
        how = "" if settings["scaling"] or settings["piecewise_linear"] else ' (scaling="robust")'
        parts.append(f"the inputs{how}")
    squared = settings.get("standardize_target") is False and settings["loss"] == "squared_error"
    if squared and is_odd(rows.Y):
        parts.append("the target (standardize_target=True)")
    return f"standardize {' and '.join(parts)}" if parts else ""


def worse_than_a_constant(
    network: Network,
    parameters: Parameters,
    rows: Dataset,
    settings: Mapping[str, Any],
    last_cost: float,
    *,
    unfinished: bool,
) -> str | None:
    """Return what to do about a fit that is worse, on its own training rows, than no inputs at all.

    The mean of the targets is the best prediction that is the same for every row, by each of the losses.
    None where the fit is no worse, or where the rows look as they should. They are looked at
    again only if the `last_cost` of the training is suspicious. An `unfinished` one is given some grace.
    """
    margin = STILL_WORSE if unfinished else WORSE
    with np.errstate(over="ignore", invalid="ignore"):
        constant = cost_of_mean(network, rows)
        if not 0 < constant * margin < last_cost:
            return None
        step = standardizing(rows, settings)
        if not step:
            return None
        members = forward_output(network, parameters, rows.X, settings["n_threads"])
        unpenalized, output = replace(network, penalty=None), in_float64(network, members)
        own = float(propagation.cost(unpenalized, parameters, output, rows.Y, rows.weight))
    if own <= constant * margin:
        return None
    targets = network.loss_function.targets
    if targets == "number":
        figures = f"has R² {1 - own / constant:.3g}"
    else:
        mean = "mean of y" if targets == "count" else "classes' shares alone"
        figures = f"costs {own:.3g} a row, the {mean} {constant:.3g}"
    return f"the fit is worse than a constant: on its training rows it {figures}; {step}"


def cost_of_mean(network: Network, rows: Dataset) -> float:
    """Return what the training rows cost, without penalty, if the mean of their targets is predicted."""
    loss = network.loss_function
    Y = smooth_targets(rows.Y.astype(np.float64), loss, network.label_smoothing)
    mean = np.average(Y, axis=0, weights=rows.weight)
    return float(np.average(loss.value(mean[np.newaxis], Y), weights=rows.weight))


def is_odd(Y: Array) -> bool:
    """Say whether a column of targets is far from order 1, but for one that is the same everywhere."""
    spread = Y.std(axis=0, dtype=np.float64)
    return bool((mean_squares(Y) > LARGE**2).any() or ((spread > 0) & (spread < SMALL)).any())


def mean_squares(values: Array) -> Array:
    """Return the mean square of each column; infinite where it overflows."""
    with np.errstate(over="ignore"):
        squares: Array = np.mean(np.square(values, dtype=np.float64), axis=0)
    return squares
