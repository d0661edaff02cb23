"""What a model file holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.nn import Network, Parameters

__all__ = ["ModelRecord"]


@dataclass(frozen=True)
class ModelRecord:
    """A model, taken apart into what a file can hold.

    Parameters
    ----------
    kind : str
        What it was, for example ``"MLPClassifier"``; says who can put it together again.
    network : Network
    parameters : Parameters
    details : dict
        Everything else, as values that JSON knows.
    """

    kind: str
    network: Network
    parameters: Parameters
    details: dict[str, Any]
