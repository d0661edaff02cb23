"""What leaves a fitted network: in float64, whatever it computes in.

The outputs of a float32 network have seven digits. To scale them back, to average members, or to add a
mean of 1e8 in float32 would leave fewer: the first step after the network is to float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core import forward_output
from chainrule.nn import ForwardRecord, Network, Parameters

__all__ = ["in_float64", "outputs_of"]


def outputs_of(
    network: Network, parameters: Parameters, X: Any, n_threads: int | None = None
) -> ForwardRecord:
    """Return Z_L and A_L of each member, in float64."""
    return in_float64(network, forward_output(network, parameters, X, n_threads))


def in_float64(network: Network, record: ForwardRecord) -> ForwardRecord:
    """Return outputs in float64; probabilities then sum to 1 in float64 too."""
    if record.Z[-1].dtype == np.float64:
        return record
    Z = record.Z[-1].astype(np.float64)
    return ForwardRecord([Z], [network.activations[-1].value(Z)])
