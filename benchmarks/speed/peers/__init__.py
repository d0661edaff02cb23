"""The engines that a benchmark compares, each in a file of its own, imported when it is needed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from benchmarks.speed.peers.engine import Engine
from benchmarks.speed.workloads import Workload

__all__ = ["ENGINES", "ESTIMATOR", "OURS", "PEERS", "EngineEntry"]

OURS, ESTIMATOR = "chainrule", "chainrule.MLPClassifier"


@dataclass(frozen=True)
class EngineEntry:
    """Where an engine is to be found, and what it needs.

    Parameters
    ----------
    name : str
    home : str
        The module in this folder, a colon, the class.
    library : str
        What must be installed.
    hidden : tuple of str
        The hidden activations that it has.
    sweeps : bool
        Whether it takes part in the sweeps: not if every shape costs it seconds of compilation.
    """

    name: str
    home: str
    library: str
    hidden: tuple[str, ...] = ("tanh", "relu", "gelu")
    sweeps: bool = True

    @property
    def installed(self) -> bool:
        """Whether the library is there; it is not imported."""
        return find_spec(self.library) is not None

    def takes(self, workload: Workload) -> bool:
        """Say whether the library has what the workload needs."""
        return workload.hidden in self.hidden

    def load(self) -> type[Engine]:
        """Import the engine."""
        module, _, name = self.home.partition(":")
        found: Any = getattr(import_module(f"benchmarks.speed.peers.{module}"), name)
        return found


ENGINES = {
    entry.name: entry
    for entry in (
        EngineEntry(OURS, "ours:Loop", "chainrule"),
        EngineEntry("scikit-learn", "scikit_learn:Classifier", "sklearn", ("tanh", "relu")),
        EngineEntry("torch", "torch_eager:Eager", "torch"),
        EngineEntry("torch-compiled", "torch_compiled:Compiled", "torch", sweeps=False),
        EngineEntry("jax", "jax_scan:Scan", "jax"),
        EngineEntry(ESTIMATOR, "ours:Estimator", "chainrule", sweeps=False),
    )
}
PEERS = tuple(name for name in ENGINES if name not in (OURS, ESTIMATOR))
