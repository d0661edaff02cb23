"""Optimizers and schedules: gradient descent and its descendants over one flat vector."""

from chainrule.optim.clipping import clip_by_norm
from chainrule.optim.lbfgs import LBFGSResult, minimize_lbfgs
from chainrule.optim.newton_schulz import newton_schulz
from chainrule.optim.optimizers import (
    OPTIMIZERS,
    SGD,
    Adam,
    AdamW,
    Muon,
    Optimizer,
    RMSprop,
)
from chainrule.optim.schedules import (
    SCHEDULES,
    Adaptive,
    Clock,
    Constant,
    Cosine,
    CosLog,
    InverseScaling,
    OneCycle,
    Schedule,
    StepDecay,
)

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "SGD",
    "Adam",
    "AdamW",
    "Adaptive",
    "Clock",
    "Constant",
    "CosLog",
    "Cosine",
    "InverseScaling",
    "LBFGSResult",
    "Muon",
    "OneCycle",
    "Optimizer",
    "RMSprop",
    "Schedule",
    "StepDecay",
    "clip_by_norm",
    "minimize_lbfgs",
    "newton_schulz",
]
