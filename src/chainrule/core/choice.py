"""Which engine computes: the compiled one where it is there and can, else the reference.

The environment variable CHAINRULE_ENGINE says otherwise: ``reference``, or the name of an instruction
set (see `instruction_sets`), for the same bits on machines that have different ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.core import engine as compiled
from chainrule.core.engine import CompiledEngine
from chainrule.errors import ParameterError
from chainrule.nn import Network, Output, Parameters, propagation
from chainrule.notices import EngineWarning, warn_user

__all__ = [
    "engine_for",
    "engine_name",
    "forward_output",
    "gradient_function",
    "instruction_sets",
    "knows",
]

VARIABLE = "CHAINRULE_ENGINE"
REFERENCE = "reference"
_said: set[str] = set()  # what this process has been told


def instruction_sets() -> list[str]:
    """Return the instruction sets that compiled engine and machine both have, the best first."""
    return list(compiled._engine.available()) if compiled._engine is not None else []


def engine_name() -> str:
    """Return the name of the instruction set that computes here, or "reference".

    Raises
    ------
    ParameterError
        If CHAINRULE_ENGINE names an engine that is not there.
    """
    known = instruction_sets()
    wanted = os.environ.get(VARIABLE, "").strip().lower()
    if wanted in ("", "auto"):
        return known[0] if known else REFERENCE
    if wanted not in (REFERENCE, *known):
        raise ParameterError(
            f"{VARIABLE}={wanted}: this machine has {', '.join([*known, REFERENCE])}"
        )
    return wanted


def engine_for(
    network: Network, dtype: DTypeLike, n_threads: int | None = None
) -> CompiledEngine | None:
    """Return the compiled engine of a network, or None where the reference is to compute.

    Parameters
    ----------
    network : Network
    dtype : dtype
        Of the parameters: the compiled engine has float32 and float64.
    n_threads : int, optional
        None is this computation's share of the cores that the process may use.
    """
    name = engine_name()
    if name == REFERENCE:
        if compiled._engine is None and not os.environ.get(VARIABLE):
            say_once(
                "chainrule was installed without its compiled engine: training is slower; install a "
                f"C++ compiler and reinstall it, or set {VARIABLE}={REFERENCE} to read this no more"
            )
        return None
    if np.dtype(dtype) not in compiled.SUFFIXES:
        return None
    unknown = compiled.obstacle(network)
    if unknown is not None:
        say_once(f"the compiled engine does not know {unknown}: NumPy computes, which is slower")
        return None
    return CompiledEngine(network, dtype, n_threads, name)


def knows(engine: CompiledEngine, optimizer: str, settings: Sequence[str]) -> bool:
    """Say whether an engine makes the updates of an optimizer; say once that it does not.

    Parameters
    ----------
    engine : CompiledEngine
    optimizer : str
        Its name in the table of optimizers.
    settings : sequence of str
        What its equations read beside the learning rate.
    """
    known = engine.knows(optimizer, settings)
    if not known:
        say_once(
            f"the compiled engine does not know the optimizer {optimizer!r}: Python makes its "
            "updates, which is slower"
        )
    return known


def say_once(text: str) -> None:
    """Warn of what makes this process slower than it could be, once."""
    if text not in _said:
        _said.add(text)
        warn_user(text, EngineWarning)


def gradient_function(
    network: Network, dtype: DTypeLike, n_threads: int | None = None
) -> Callable[..., tuple[Any, Parameters]]:
    """Return ``(parameters, X, Y, weight=None) -> (J, gradients)``, by the engine chosen."""
    engine = engine_for(network, dtype, n_threads)
    if engine is None:
        return partial(propagation.cost_and_gradients, network)
    return engine.cost_and_gradients


def forward_output(
    network: Network,
    parameters: Parameters,
    X: Any,
    n_threads: int | None = None,
    engine: CompiledEngine | None = None,
) -> Output:
    """Return Z_L and A_L, as `chainrule.nn.propagation.forward_output` does: of each member.

    An `engine` of this network that is there already need not be made anew.
    """
    if network.networks:
        return propagation.of_each(
            network, parameters, lambda own, theirs: forward_output(own, theirs, X, n_threads)
        )
    engine = engine or engine_for(network, parameters.dtype, n_threads)
    if engine is None:
        return propagation.forward_output(network, parameters, X)
    return Output(*engine.outputs(parameters, X))
