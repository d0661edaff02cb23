"""A network and its parameters by themselves, as `save` and `load` take them: a tuple of the two."""

from __future__ import annotations

from typing import Any

from chainrule.errors import ModelFileError, ShapeError
from chainrule.modelfile.record import ModelRecord
from chainrule.nn import Network, Parameters

__all__ = ["KIND", "bare_record", "from_bare_record", "is_bare"]

KIND = "Network"


def is_bare(model: Any) -> bool:
    """Say whether a model is a network and parameters, and nothing else."""
    return (
        isinstance(model, tuple)
        and len(model) == 2
        and isinstance(model[0], Network)
        and isinstance(model[1], Parameters)
    )


def bare_record(model: tuple[Network, Parameters]) -> ModelRecord:
    """Return the record of a network and its parameters.

    Raises
    ------
    ShapeError
        If the parameters belong to another network.
    """
    network, parameters = model
    if parameters.layout != network.layout:
        raise ShapeError(
            f"the parameters belong to a network of sizes {parameters.sizes}, this one has "
            f"{network.sizes}, or to one of other parts: save those that belong together"
        )
    return ModelRecord(KIND, network, parameters, {})


def from_bare_record(record: ModelRecord) -> tuple[Network, Parameters]:
    """Return the network and its parameters."""
    if record.details:
        raise ModelFileError("a network by itself has no details")
    return record.network, record.parameters
