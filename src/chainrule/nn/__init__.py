"""The mathematics: pure functions over arrays, the equations of back-propagation as they are written."""

from chainrule.nn.activations import ACTIVATIONS, Activation, get_activation
from chainrule.nn.embeddings import PeriodicEmbedding
from chainrule.nn.initializers import INITIALIZERS, initialize
from chainrule.nn.losses import LOSSES, Loss, get_loss
from chainrule.nn.network import Network
from chainrule.nn.parameters import Parameters
from chainrule.nn.penalties import L2
from chainrule.nn.propagation import (
    BackwardRecord,
    ForwardRecord,
    Output,
    backward,
    cost,
    cost_and_gradients,
    forward,
    prediction,
)

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "L2",
    "LOSSES",
    "Activation",
    "BackwardRecord",
    "ForwardRecord",
    "Loss",
    "Network",
    "Output",
    "Parameters",
    "PeriodicEmbedding",
    "backward",
    "cost",
    "cost_and_gradients",
    "forward",
    "get_activation",
    "get_loss",
    "initialize",
    "prediction",
]
