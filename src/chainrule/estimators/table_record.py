"""Table models as records: what of one goes into a model file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from chainrule.data import TableEncoder, TargetCodec
from chainrule.errors import DataError
from chainrule.estimators.fitted import Fitted
from chainrule.estimators.persistence import chosen_settings, fitted_from_record, fitted_record
from chainrule.estimators.scaling import TargetScaling
from chainrule.estimators.targets import ClassTarget, NumberTarget, Target
from chainrule.modelfile import ModelRecord

__all__ = ["Parts", "parts_of_record", "table_record"]

# By the estimator that a table model's network would be.
TARGETS: dict[str, type[Target]] = {"MLPClassifier": ClassTarget, "MLPRegressor": NumberTarget}


@dataclass(frozen=True)
class Parts:
    """What a table model is made of.

    Parameters
    ----------
    chosen, settings : dict
        The settings that are not the defaults, and all of them.
    fitted : Fitted
    encoder : TableEncoder
    target : TargetCodec
    scaling : TargetScaling
        Of the targets of a regression.
    weight : str or None
        The column of the weights.
    summary : dict
    """

    chosen: dict[str, Any]
    settings: dict[str, Any]
    fitted: Fitted
    encoder: TableEncoder
    target: TargetCodec
    scaling: TargetScaling
    weight: str | None
    summary: dict[str, Any]


def table_record(model: Any) -> ModelRecord:
    """Return the record of a fitted `TableModel`."""
    fitted = model.fitted
    kind = next(name for name, target in TARGETS.items() if isinstance(fitted.target, target))
    inner = fitted_record(kind, model.estimator_settings, fitted)
    return ModelRecord(
        "TableModel",
        inner.network,
        inner.parameters,
        {
            "estimator": {"kind": inner.kind, "details": inner.details},
            "encoder": model.encoder.to_dict(),
            "target": model.target.to_dict(),
            "scaling": model.scaling.to_dict(),
            "weight": model.weight,
            "summary": model.summary,
        },
    )


def parts_of_record(record: ModelRecord) -> Parts:
    """Return what `table_record` put together, checked.

    Raises
    ------
    ChainruleError, KeyError, TypeError, ValueError
        If the record cannot be one of a table model.
    """
    details, network = record.details, record.network
    inner = details["estimator"]
    kind = TARGETS[inner["kind"]]
    settings, fitted = fitted_from_record(
        kind, ModelRecord(inner["kind"], network, record.parameters, inner["details"])
    )
    encoder = TableEncoder.from_dict(details["encoder"])
    target = TargetCodec.from_dict(details["target"])
    scaling = TargetScaling.from_dict(details["scaling"], network.sizes[-1])
    if isinstance(fitted.target, NumberTarget):
        fitted.target = replace(fitted.target, scaling=scaling)
    weight = details["weight"]
    if weight is not None and not isinstance(weight, str):
        raise DataError("the name of the weights' column is not a text")
    if len(encoder.feature_names) != fitted.columns:
        raise DataError("the encoder's columns do not fit the network's inputs")
    chosen = chosen_settings(kind.settings_class, settings)
    summary = dict(details["summary"])
    return Parts(chosen, settings, fitted, encoder, target, scaling, weight, summary)
