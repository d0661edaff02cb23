"""Estimators as records: what of a fitted one goes into a model file.

Not kept: callbacks, a `random_state` that is a generator, and the optimizer's state, so that
`partial_fit` of a loaded model starts the optimizer afresh. Pickle keeps all of it.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from chainrule.errors import DataError, unknown_name
from chainrule.modelfile import ModelRecord
from chainrule.optim import SCHEDULES, Schedule
from chainrule.train import History

__all__ = ["estimator_from_record", "estimator_record"]

PUBLISHED = ("n_iter_", "t_", "loss_", "best_loss_", "best_validation_score_")


def estimator_record(model: Any, details: dict[str, Any]) -> ModelRecord:
    """Take a fitted estimator apart.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
    details : dict
        What this kind of estimator adds.

    Returns
    -------
    ModelRecord
    """
    check_is_fitted(model)
    names = getattr(model, "feature_names_in_", None)
    return ModelRecord(
        type(model).__name__,
        model.network_,
        model.parameters_,
        {
            "settings": {
                name: plain(value) for name, value in model.get_params(deep=False).items()
            },
            "published": {name: plain(getattr(model, name)) for name in PUBLISHED},
            "history": plain(model.history_.to_dict()),
            "feature_names": None if names is None else list(names),
            **details,
        },
    )


def estimator_from_record(model_class: Any, record: ModelRecord) -> Any:
    """Put an estimator together, checking what it is made of.

    Raises
    ------
    ChainruleError, KeyError, TypeError, ValueError
        If the record cannot be one of such an estimator.
    """
    details = record.details
    known = set(model_class().get_params())
    for name in details["settings"]:
        if name not in known:
            raise unknown_name("parameter", name, known)
    model = model_class(**{name: revived(v) for name, v in details["settings"].items()})
    model.parameters_ = record.parameters
    model.network_ = record.network
    model.history_ = History.from_dict(details["history"])
    model._plateau = model._trainer = None
    model.n_features_in_ = record.network.sizes[0]
    if details["feature_names"] is not None:
        if len(details["feature_names"]) != model.n_features_in_:
            raise DataError("the feature names do not fit the network's inputs")
        model.feature_names_in_ = np.array(details["feature_names"], dtype=object)
    model._publish(0)
    for name in PUBLISHED:
        setattr(model, name, details["published"][name])
    return model


def plain(value: Any) -> Any:
    """Return `value` as something that JSON knows; what it cannot know becomes None."""
    if isinstance(value, Schedule):
        name = next(key for key, kind in SCHEDULES.items() if kind is type(value))
        fields: dict[str, Any] = (
            dataclasses.asdict(value) if dataclasses.is_dataclass(value) else {}
        )
        return {"schedule": name, **fields}
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return {key: plain(entry) for key, entry in value.items()}
        return {"pairs": [[plain(key), plain(entry)] for key, entry in value.items()]}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return {"float": repr(value)}
    return value if isinstance(value, (bool, int, float, str)) else None


def revived(value: Any) -> Any:
    """Return what `plain` made plain."""
    if isinstance(value, list):
        return tuple(revived(entry) for entry in value)
    if isinstance(value, dict):
        if "schedule" in value:
            fields = {key: entry for key, entry in value.items() if key != "schedule"}
            return SCHEDULES[value["schedule"]](**fields)
        if "pairs" in value:
            return {revived(key): revived(entry) for key, entry in value["pairs"]}
        if "float" in value:
            return float(value["float"])
    return value
