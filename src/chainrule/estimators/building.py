"""What an estimator's parameters stand for: a network, an optimizer, a schedule.

The parameters are checked here, when `fit` is called, and not when they are set: scikit-learn's
contract asks for that.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.checks import is_count
from chainrule.errors import ParameterError, unknown_name
from chainrule.estimators.pack_settings import check_pack
from chainrule.nn import L2, Network, Parameters, get_activation, initialize
from chainrule.optim import OPTIMIZERS, SCHEDULES, InverseScaling, Optimizer, Schedule
from chainrule.settings import check_settings
from chainrule.settings.choices import SCHEDULE_ALIASES, SGD_SCHEDULES
from chainrule.train.dropout import checked_dropout
from chainrule.train.rate_factors import named_factors

__all__ = [
    "build_network",
    "build_optimizer",
    "build_schedule",
    "check_parameters",
    "check_same_kind",
    "check_with_network",
    "drawn_parameters",
    "hidden_activations",
    "hidden_sizes",
]


def check_parameters(settings: Any, parameters: Mapping[str, Any]) -> None:
    """Raise a ParameterError that names the first parameter whose value makes no sense.

    Parameters
    ----------
    settings : type
        `ClassifierSettings` or `RegressorSettings`, or an estimator.
    parameters : dict
        What ``get_params`` of the estimator returned.
    """
    check_settings(settings, parameters)
    if parameters["solver"] == "lbfgs" and parameters["bagging"] != 1:
        raise ParameterError("bagging needs a solver that takes steps; 'lbfgs' is not one")
    if parameters["pack"] is not None:
        check_pack(settings, parameters)
    if parameters["early_stopping"] and not parameters["validation_fraction"]:
        raise ParameterError("validation_fraction must be more than 0 with early_stopping=True")


def check_with_network(parameters: Mapping[str, Any], network: Network) -> None:
    """Raise a ParameterError if the schedule, dropout or learning rates do not fit the network.

    Nor may the network be larger than the machine.
    """
    check_size(network)
    build_schedule(parameters)
    checked_dropout(parameters["dropout"], network)
    named_factors(parameters["learning_rate_factors"], network)


def check_size(network: Network) -> None:
    """Raise a ParameterError if the parameters and their gradient cannot be held in memory."""
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # a system that does not tell
        return
    count = network.layout.count
    if 2 * 4 * count > memory:
        raise ParameterError(
            f"hidden_layer_sizes makes a network of {count:,} parameters, for which "
            f"{memory / 1e9:.0f} GB of memory are too few: take fewer units"
        )


def check_same_kind(parameters: Parameters, network: Network) -> None:
    """Raise a ParameterError unless the parameters of an earlier fit are those of this network."""
    if parameters.sizes != network.sizes:
        raise ParameterError(
            f"the fitted network has sizes {parameters.sizes}, these parameters and data ask for "
            f"{network.sizes}: fit anew with warm_start=False"
        )
    if parameters.layout != network.layout:
        raise ParameterError(
            "the fitted network has other kinds of parameters than these settings ask for: fit "
            "anew with warm_start=False"
        )


def drawn_parameters(
    settings: Mapping[str, Any], network: Network, dtype: Any, rng: Any
) -> Parameters:
    """Return parameters to begin with, drawn from a RandomState."""
    # The bound of the initial weights depends on `activation`, hidden layers or not.
    named = isinstance(settings["activation"], str)
    hidden = hidden_activations(settings["activation"], 1) if named else network.hidden
    zero_output = bool(settings["zero_output"])
    initializer = settings["initializer"]
    return initialize(network.layout, hidden, rng, initializer, dtype, zero_output=zero_output)


def hidden_sizes(hidden_layer_sizes: Any) -> tuple[int, ...]:
    """Return the sizes of the hidden layers; one number is one layer, none is a linear model."""
    sizes = np.atleast_1d(np.asarray(hidden_layer_sizes, dtype=object)).tolist()
    for position, size in enumerate(sizes):
        if not is_count(size):
            raise ParameterError(
                f"hidden_layer_sizes must be > 0: entry {position} of {hidden_layer_sizes!r} must "
                "be a whole number of at least 1"
            )
    return tuple(int(size) for size in sizes)


def hidden_activations(activation: Any, count: int) -> tuple[str, ...]:
    """Return the activation of each hidden layer; one name is for all of them."""
    if isinstance(activation, str):
        return (get_activation(activation, hidden=True).name,) * count
    if not isinstance(activation, Sequence) or len(activation) != count:
        raise ParameterError(
            f"activation must be one name, or {count} names, one for each hidden layer; "
            f"got {activation!r}"
        )
    return tuple(get_activation(name, hidden=True).name for name in activation)


def build_network(parameters: Mapping[str, Any], inputs: int, outputs: int, loss: str) -> Network:
    """Return the network that the parameters describe; the penalty is scikit-learn's, (α/2m)‖W‖²."""
    hidden = hidden_sizes(parameters["hidden_layer_sizes"])
    alpha = float(parameters["alpha"])
    return Network(
        (inputs, *hidden, outputs),
        hidden=hidden_activations(parameters["activation"], len(hidden)),
        loss=loss,
        penalty=L2(alpha, scale="half_mean") if alpha else None,
        label_smoothing=parameters.get("label_smoothing", 0.0),
        input_scale=bool(parameters["input_scale"]),
        parametrization=parameters["parametrization"],
        members=int(parameters["ensemble"]),
    )


def build_optimizer(parameters: Mapping[str, Any]) -> Optimizer:
    """Return a new optimizer."""
    kind = OPTIMIZERS[parameters["solver"]]
    return kind.from_parameters(parameters["learning_rate_init"], parameters)


def build_schedule(parameters: Mapping[str, Any]) -> Schedule:
    """Return the learning-rate schedule."""
    given = parameters["learning_rate"]
    if isinstance(given, Schedule):
        return given
    name = SCHEDULE_ALIASES.get(given, given) if isinstance(given, str) else given
    if not isinstance(name, str) or name not in SCHEDULES:
        raise unknown_name("learning_rate schedule", given, [*SCHEDULES, *SCHEDULE_ALIASES])
    if name in SGD_SCHEDULES and parameters["solver"] != "sgd":
        name = "constant"
    if name == "inverse_scaling":
        return InverseScaling(parameters["power_t"])
    return SCHEDULES[name]()
