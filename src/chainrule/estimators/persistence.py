"""Estimators as records: what of a fitted one goes into a model file.

Not kept: callbacks, `n_threads`, a `random_state` that is a generator, and the optimizer's state, so
that `partial_fit` of a loaded model starts the optimizer afresh. Pickle keeps all of it.
"""

from __future__ import annotations

import dataclasses
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from chainrule.data.features import FeatureEncoder
from chainrule.errors import DataError, ParameterError, unknown_name
from chainrule.estimators.building import build_network, check_parameters, check_with_network
from chainrule.estimators.inputs import checked_random_state
from chainrule.estimators.training import Outcome, TrainingState
from chainrule.modelfile import ModelRecord
from chainrule.optim import SCHEDULES, Schedule
from chainrule.train import History

__all__ = ["chosen_settings", "estimator_from_record", "estimator_record"]

# The fitted attributes that are neither parameters nor history, and their types.
PUBLISHED: dict[str, tuple[type, ...]] = {
    "n_iter_": (int,),
    "t_": (int,),
    "loss_": (float, int),
    "best_loss_": (float, int, type(None)),
    "best_validation_score_": (float, int, type(None)),
}


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
    check_fitting(model)  # what is refused on loading must not be saved
    names = getattr(model, "feature_names_in_", None)
    settings = model.get_params(deep=False)
    settings["callbacks"] = settings["n_threads"] = None  # another machine has other cores
    if not isinstance(settings["random_state"], Integral):
        settings["random_state"] = None
    return ModelRecord(
        type(model).__name__,
        model.network_,
        model.parameters_,
        {
            "settings": {name: plain(value) for name, value in settings.items()},
            "published": {name: plain(getattr(model, name)) for name in PUBLISHED},
            "history": {name: plain(value) for name, value in model.history_.to_dict().items()},
            "feature_names": None if names is None else list(names),
            "features": None if model._features is None else model._features.to_dict(),
            "bag_histories": [
                {name: plain(value) for name, value in history.to_dict().items()}
                for history in getattr(model, "bag_histories_", [])
            ],
            **details,
        },
    )


def check_fitting(model: Any) -> None:
    """Raise a ParameterError if the model's settings make no sense, or not with its network."""
    settings = model.get_params(deep=False)
    network = model.network_
    check_parameters(type(model), settings)
    named = build_network(settings, network.sizes[0], network.sizes[-1], network.loss)
    check_with_network(settings, named)  # of a bag, one of its networks
    model._metric()
    checked_random_state(settings["random_state"])
    if "loss" in settings:
        model._loss_name()


def estimator_from_record(model_class: Any, record: ModelRecord) -> Any:
    """Put an estimator together, checking what it is made of.

    Raises
    ------
    ChainruleError, KeyError, TypeError, ValueError
        If the record cannot be one of such an estimator.
    """
    details = record.details
    known = sorted(model_class().get_params())
    for name in details["settings"]:
        if name not in known:
            raise unknown_name("parameter", name, known)
    model = model_class(**{name: revived(v) for name, v in details["settings"].items()})
    if model.callbacks is not None:
        raise DataError("callbacks do not come out of a file")
    model.n_threads = None
    model.parameters_ = record.parameters
    model.network_ = record.network
    check_fitting(model)
    model._features = revived_features(details["features"], record)
    model.n_features_in_ = (
        record.network.sizes[0] if model._features is None else model._features.columns
    )
    names = details["feature_names"]
    if names is not None:
        if (
            not isinstance(names, list)
            or len(names) != model.n_features_in_
            or not all(isinstance(name, str) for name in names)
        ):
            raise DataError("the feature names do not fit the network's inputs")
        model.feature_names_in_ = np.array(names, dtype=object)
    state = TrainingState(revived_history(details["history"]))
    bag = tuple(revived_history(entries) for entries in details["bag_histories"])
    model._publish(Outcome(record.network, record.parameters, state, 0, 0.0, bag))
    for name, kinds in PUBLISHED.items():
        value = revived(details["published"][name])
        if type(value) not in kinds:
            raise DataError(f"{name} cannot be {value!r:.80}")
        setattr(model, name, value)
    state.observations = model.t_
    if model.best_validation_score_ is not None:
        model.validation_scores_ = model.history_.validation_score
    return model


def chosen_settings(estimator: Any) -> dict[str, Any]:
    """Return the parameters that have another value than by default."""
    defaults = type(estimator)().get_params(deep=False)
    settings = estimator.get_params(deep=False)
    return {name: value for name, value in settings.items() if value != defaults[name]}


def revived_history(entries: dict[str, Any]) -> History:
    """Return a history, checked."""
    return History.from_dict({name: revived(v, as_list=True) for name, v in entries.items()})


def revived_features(value: Any, record: ModelRecord) -> FeatureEncoder | None:
    """Return the encoder of the features, if there is one, and it fits the network."""
    if value is None:
        return None
    features = FeatureEncoder.from_dict(value)
    if features.inputs != record.network.sizes[0]:
        raise DataError("the features do not fit the network's inputs")
    return features


def plain(value: Any) -> Any:
    """Return `value` as something that JSON knows.

    Raises
    ------
    ParameterError
        If that cannot be done.
    """
    if isinstance(value, Schedule):
        for name, kind in SCHEDULES.items():
            if kind is type(value):
                return {"schedule": name, **plain_fields(value)}
    if isinstance(value, dict):
        return {"pairs": [[plain(key), plain(entry)] for key, entry in value.items()]}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return {"float": repr(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise ParameterError(f"a setting cannot be saved: {value!r:.80}; change it with set_params")


def plain_fields(schedule: Any) -> dict[str, Any]:
    return {name: plain(value) for name, value in dataclasses.asdict(schedule).items()}


def revived(value: Any, *, as_list: bool = False) -> Any:
    """Return what `plain` made plain; a sequence as a tuple, or else as a list."""
    if isinstance(value, list):
        return (list if as_list else tuple)(revived(entry) for entry in value)
    if isinstance(value, dict):
        match list(value.items()):
            case [("schedule", name), *fields]:
                return SCHEDULES[name](**dict(fields))
            case [("pairs", pairs)]:
                return {revived(key): revived(entry) for key, entry in pairs}
            case [("float", "inf" | "-inf" | "nan" as name)]:
                return float(name)
            case _:
                raise DataError(f"{value!r:.80} stands for nothing")
    return value
