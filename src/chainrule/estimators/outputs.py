"""What leaves a fitted network: in float64, whatever it computes in.

The outputs of a float32 network have seven digits. To scale them back, to average members, or to add a
mean of 1e8 in float32 would leave fewer: the first step after the network is to float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core import forward_output
from chainrule.errors import DataError
from chainrule.nn import Network, Output, Parameters
from chainrule.nn.arrays import Array

__all__ = ["check_predictions", "in_float64", "outputs_of"]


def outputs_of(
    network: Network,
    parameters: Parameters,
    X: Any,
    n_threads: int | None = None,
    first_row: int = 1,
) -> Output:
    """Return Z_L and A_L of each member, in float64.

    Raises
    ------
    DataError
        If a prediction is not finite; the message names its row, where `first_row` is that of X[0].
    """
    with np.errstate(over="ignore", invalid="ignore"):  # what comes of it is looked at here
        output = in_float64(network, forward_output(network, parameters, X, n_threads))
    check_predictions(output.A, first_row)
    return output


def in_float64(network: Network, output: Output) -> Output:
    """Return outputs in float64; probabilities then sum to 1 in float64 too."""
    if output.Z.dtype == np.float64:
        return output
    Z = output.Z.astype(np.float64)
    return Output(Z, network.activations[-1].value(Z))


def check_predictions(A: Array, first_row: int = 1) -> None:
    """Raise a DataError if a prediction, of shape (…, m, n_outputs), is not finite."""
    finite = np.isfinite(A)
    if not finite.all():
        place = tuple(np.argwhere(~finite)[0])
        raise DataError(
            f"row {first_row + place[-2]}: the model predicts {A[place]:g}: its weights, or the values "
            "of the row, are too large to compute with; check the row, or train the model anew"
        )
