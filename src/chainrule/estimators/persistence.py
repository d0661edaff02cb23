"""Fitted networks as records: what of one goes into a model file.

Not kept: callbacks, `n_threads`, a `random_state` that is a generator, and the optimizer's state, so
that `partial_fit` of a loaded model starts the optimizer afresh. Pickle keeps all of it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

import numpy as np

from chainrule.data.features import FeatureEncoder
from chainrule.errors import DataError, ParameterError, unknown_name
from chainrule.estimators.building import build_network, check_parameters, check_with_network
from chainrule.estimators.fitted import Fitted
from chainrule.estimators.inputs import checked_random_state
from chainrule.estimators.targets import Target
from chainrule.estimators.training import TrainingState
from chainrule.modelfile import ModelRecord
from chainrule.optim import SCHEDULES, Schedule
from chainrule.settings.rows import complete, rows_of
from chainrule.train import History

__all__ = [
    "chosen_settings",
    "fitted_from_record",
    "fitted_record",
    "plain_parameters",
    "revived_parameters",
]

# What there is beside parameters and history: by the estimators' names, where it is kept, and its types.
PUBLISHED: dict[str, tuple[str, tuple[type, ...]]] = {
    "n_iter_": ("iterations", (int,)),
    "t_": ("observations", (int,)),
    "loss_": ("cost", (float, int)),
    "best_loss_": ("best_cost", (float, int, type(None))),
    "best_validation_score_": ("best_score", (float, int, type(None))),
}


def fitted_record(
    kind: str, settings: Mapping[str, Any], fitted: Fitted, names: Sequence[str] | None = None
) -> ModelRecord:
    """Return the record of a fitted network.

    Parameters
    ----------
    kind : str
        The estimator that it is, or would be.
    settings : mapping
        The estimator's parameters.
    fitted : Fitted
    names : sequence of str, optional
        Of the input columns.
    """
    check_fitting(settings, fitted)  # what is refused on loading must not be saved
    return ModelRecord(
        kind,
        fitted.network,
        fitted.parameters,
        {
            "settings": plain_parameters(settings),
            "published": {
                name: plain(getattr(fitted, own)) for name, (own, _) in PUBLISHED.items()
            },
            "history": entries_of(fitted.history),
            "feature_names": None if names is None else list(names),
            "features": None if fitted.features is None else fitted.features.to_dict(),
            "bag_histories": [entries_of(history) for history in fitted.bag],
            "sampled": [
                {name: plain(value) for name, value in one.items()} for one in fitted.sampled
            ],
            **fitted.target.to_dict(),
        },
    )


def entries_of(history: History) -> dict[str, Any]:
    """Return a history as values that JSON knows."""
    return {name: plain(value) for name, value in history.to_dict().items()}


def check_fitting(settings: Mapping[str, Any], fitted: Fitted) -> None:
    """Raise a ParameterError if the settings make no sense, or not with the network."""
    network, target = fitted.network, fitted.target
    check_parameters(target.settings_class, settings)
    named = build_network(settings, network.sizes[0], network.sizes[-1], target.loss)
    check_with_network(settings, named)  # of a bag, one of its networks
    target.metric(settings)
    checked_random_state(settings["random_state"])
    target.check(settings)


def fitted_from_record(
    target_class: type[Target], record: ModelRecord
) -> tuple[dict[str, Any], Fitted]:
    """Return the settings and the fitted network of a record, checking what it is made of.

    Raises
    ------
    ChainruleError, KeyError, TypeError, ValueError
        If the record cannot be one of such an estimator.
    """
    details = record.details
    known = sorted(rows_of(target_class.settings_class))
    given = revived_parameters(details["settings"], known)
    settings = complete(target_class.settings_class, given)
    fitted = Fitted(
        record.network,
        record.parameters,
        revived_features(details["features"], record),
        target_class.from_dict(details, record.network),
        TrainingState(revived_history(details["history"])),
        bag=tuple(revived_history(entries) for entries in details["bag_histories"]),
        sampled=tuple(revived_sample(one) for one in details["sampled"]),
    )
    check_fitting(settings, fitted)
    for name, (own, kinds) in PUBLISHED.items():
        value = revived(details["published"][name])
        if type(value) not in kinds:
            raise DataError(f"{name} cannot be {value!r:.80}")
        setattr(fitted, own, value)
    return settings, fitted


def plain_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return an estimator's parameters as values that JSON knows."""
    kept = {**parameters, "callbacks": None, "n_threads": None}  # another machine has other cores
    if not isinstance(kept["random_state"], Integral):
        kept["random_state"] = None
    return {name: plain(value) for name, value in kept.items()}


def revived_parameters(entries: Mapping[str, Any], known: Sequence[str]) -> dict[str, Any]:
    """Return the parameters that `plain_parameters` made plain, if they are among the known ones."""
    for name in entries:
        if name not in known:
            raise unknown_name("parameter", name, known)
    parameters = {name: revived(value) for name, value in entries.items()}
    if parameters.get("callbacks") is not None:
        raise DataError("callbacks do not come out of a file")
    return {**parameters, "n_threads": None}


def chosen_settings(settings_class: type, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that have another value than by default."""
    rows = rows_of(settings_class)
    return {name: value for name, value in settings.items() if value != rows[name].default}


def revived_history(entries: dict[str, Any]) -> History:
    """Return a history, checked."""
    return History.from_dict({name: revived(v, as_list=True) for name, v in entries.items()})


def revived_sample(one: Any) -> dict[str, float]:
    """Return the hyperparameters of a network of a pack: names and numbers."""
    if not isinstance(one, dict) or not all(type(value) in (int, float) for value in one.values()):
        raise DataError(f"the sampled hyperparameters cannot be {one!r:.80}")
    return dict(one)


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
