"""Checks of what a table model is asked to learn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chainrule.data import TableEncoder, TargetCodec
from chainrule.errors import DataError, ParameterError
from chainrule.nn import Network
from chainrule.nn.arrays import Array

__all__ = ["check_counts", "check_outputs", "check_roles", "two_outputs"]

LOSSES = {
    "binary": ("binary_cross_entropy",),
    "multiclass": ("categorical_cross_entropy",),
    "multilabel": ("binary_cross_entropy",),
    "regression": ("half_squared_error", "poisson"),
}

ROLES = {
    "drop": "left out",
    "categorical": "a categorical input (the task says what is predicted)",
    "numeric": "a numeric input (the task says what is predicted)",
}


def check_roles(encoder: TableEncoder, targets: Sequence[str], weight: str | None) -> None:
    """Raise a ParameterError if a column would have to be two things at once.

    Parameters
    ----------
    encoder : TableEncoder
        Its options say what columns are declared to be.
    targets : sequence of str
    weight : str or None
    """
    roles = dict.fromkeys(targets, "the target")
    if weight in roles:
        raise ParameterError(f"column {weight!r} is the target: it cannot be the weight too")
    if weight is not None:
        roles[weight] = "the weight"
    for option, other in ROLES.items():
        for name in getattr(encoder, option):
            if name in roles:
                raise ParameterError(f"column {name!r} is {roles[name]}: it cannot be {other}")


def check_counts(Y: Array, targets: Sequence[str]) -> None:
    """Raise a DataError if a target of a Poisson regression, of shape (m, n_outputs), is negative."""
    rows, places = np.nonzero(Y < 0)
    if len(rows):
        raise DataError(
            f"column {targets[places[0]]!r}, row {rows[0] + 1}: {Y[rows[0], places[0]]:g} is "
            "negative, which the loss 'poisson' has no use for: take another loss"
        )


def two_outputs(target: TargetCodec, network: Network) -> bool:
    """Say whether two classes have an output each."""
    return target.task == "binary" and network.output == "softmax"


def check_outputs(target: TargetCodec, network: Network) -> None:
    """Raise a DataError unless the network's outputs and loss are those of the target."""
    outputs, two = network.sizes[-1], two_outputs(target, network)
    if outputs != target.width + two:
        raise DataError(
            f"the network has {outputs} outputs, but the target {target.targets} needs {target.width}"
        )
    if network.loss not in LOSSES["multiclass" if two else target.task]:
        raise DataError(
            f"the network's loss {network.loss!r} does not belong to a {target.task} task"
        )
