"""The compiled engine, and the choice between it and the reference in `chainrule.nn`."""

from chainrule.core.choice import (
    engine_for,
    engine_name,
    forward_output,
    gradient_function,
    instruction_sets,
    knows,
)
from chainrule.core.engine import CompiledEngine, EpochOutcome, EpochPlan
from chainrule.core.threads import usable_cores

__all__ = [
    "CompiledEngine",
    "EpochOutcome",
    "EpochPlan",
    "engine_for",
    "engine_name",
    "forward_output",
    "gradient_function",
    "instruction_sets",
    "knows",
    "usable_cores",
]
