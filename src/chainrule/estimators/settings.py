"""What an estimator's parameters mean: the network, the optimizer and the schedule they stand for.

The parameters are checked here, when `fit` is called, and not when they are set: scikit-learn's
contract asks for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.checks import (
    check_count,
    check_number,
    check_switch,
    is_count,
    is_switch,
    is_whole,
)
from chainrule.data.features import MOST_BINS
from chainrule.errors import ParameterError, unknown_name
from chainrule.nn import INITIALIZERS, L2, Network, get_activation
from chainrule.nn.architecture import PARAMETRIZATIONS
from chainrule.optim import (
    OPTIMIZERS,
    SCHEDULES,
    InverseScaling,
    Optimizer,
    Schedule,
)
from chainrule.train import Callback

__all__ = [
    "SOLVERS",
    "build_network",
    "build_optimizer",
    "build_schedule",
    "check_settings",
    "hidden_activations",
    "hidden_sizes",
]

SOLVERS = ("lbfgs", *OPTIMIZERS)
# scikit-learn's word for a schedule that is called otherwise here.
SCHEDULE_ALIASES = {"invscaling": "inverse_scaling"}
# scikit-learn heeds these two with solver="sgd" alone; so that an import line is all that changes,
# the same holds here. The other schedules work with every solver that takes steps.
SGD_SCHEDULES = ("inverse_scaling", "adaptive")

AT_LEAST_ZERO = ("alpha", "power_t", "tol", "weight_decay")
MORE_THAN_ZERO = ("learning_rate_init", "epsilon")
BELOW_ONE = ("beta_1", "beta_2", "decay", "validation_fraction", "label_smoothing")
COUNTS = ("max_iter", "max_fun", "ensemble", "bagging")
SWITCHES = (
    "shuffle",
    "warm_start",
    "nesterovs_momentum",
    "early_stopping",
    "input_scale",
    "zero_output",
    "drop_last",
    "standardize_target",
)
CHOICES: dict[str, tuple[str | None, ...]] = {
    "scaling": (None, "robust"),
    "parametrization": PARAMETRIZATIONS,
    "initializer": tuple(INITIALIZERS),
    "best_epoch": ("first", "last"),
    "precision": (None, "float32", "float64"),
    "binary_output": ("sigmoid", "softmax"),
}


def check_settings(parameters: dict[str, Any]) -> None:
    """Raise a ParameterError that names the first parameter whose value makes no sense.

    Parameters
    ----------
    parameters : dict
        What ``get_params`` of the estimator returned.
    """
    for name in AT_LEAST_ZERO:
        if name in parameters:
            check_number(name, parameters[name], 0)
    for name in MORE_THAN_ZERO:
        if name in parameters:
            check_number(name, parameters[name], 0, low_open=True)
    for name in BELOW_ONE:
        if name in parameters:
            check_number(name, parameters[name], 0, 1, high_open=True)
    check_number("momentum", parameters["momentum"], 0, 1)
    if parameters["clip_norm"] is not None:
        check_number("clip_norm", parameters["clip_norm"], 0, low_open=True)
    for name in COUNTS:
        check_count(name, parameters[name])
    if not isinstance(parameters["batch_size"], str) or parameters["batch_size"] != "auto":
        check_count("batch_size", parameters["batch_size"])
    if parameters["n_iter_no_change"] != np.inf:
        check_count("n_iter_no_change", parameters["n_iter_no_change"])
    if parameters["n_threads"] is not None:
        check_count("n_threads", parameters["n_threads"])
    for name in SWITCHES:
        if name in parameters:
            check_switch(name, parameters[name])
    for name, known in CHOICES.items():
        if name in parameters and parameters[name] not in known:
            raise unknown_name(name, parameters[name], [choice for choice in known if choice])
    check_bins(parameters["piecewise_linear"])
    if parameters["solver"] == "lbfgs" and parameters["bagging"] != 1:
        raise ParameterError("bagging needs a solver that takes steps; 'lbfgs' is not one")
    if not (is_switch(parameters["verbose"]) or is_whole(parameters["verbose"])):
        raise ParameterError(f"verbose must be True or False, not {parameters['verbose']!r}")
    if not isinstance(parameters["solver"], str) or parameters["solver"] not in SOLVERS:
        raise unknown_name("solver", parameters["solver"], SOLVERS)
    if parameters["early_stopping"] and not parameters["validation_fraction"]:
        raise ParameterError("validation_fraction must be more than 0 with early_stopping=True")
    check_class_weight(parameters.get("class_weight"))
    check_callbacks(parameters["callbacks"])


def check_bins(bins: Any) -> None:
    """Raise a ParameterError unless it is a number of bins, or 0 for none."""
    if not is_whole(bins) or not (bins == 0 or 2 <= bins <= MOST_BINS):
        raise ParameterError(
            f"piecewise_linear must be a number of bins from 2 to {MOST_BINS}, or 0 for none; "
            f"not {bins!r}"
        )


def check_class_weight(class_weight: Any) -> None:
    """Raise a ParameterError unless it is None, "balanced", or a weight for each class."""
    if isinstance(class_weight, dict):
        for label, value in class_weight.items():
            check_number(f"class_weight[{label!r}]", value, 0)
    elif class_weight is not None and not (
        isinstance(class_weight, str) and class_weight == "balanced"
    ):
        raise ParameterError(
            f"class_weight must be a dict, 'balanced' or None, not {class_weight!r}"
        )


def check_callbacks(callbacks: Any) -> None:
    """Raise a ParameterError unless they are callbacks."""
    if callbacks is None:
        return
    if not isinstance(callbacks, Sequence) or isinstance(callbacks, str):
        raise ParameterError(f"callbacks must be a sequence of Callback, not {callbacks!r}")
    for callback in callbacks:
        if not isinstance(callback, Callback):
            raise ParameterError(f"callbacks must hold objects of class Callback, not {callback!r}")


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


def build_network(parameters: dict[str, Any], inputs: int, outputs: int, loss: str) -> Network:
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


def build_optimizer(parameters: dict[str, Any]) -> Optimizer:
    """Return a new optimizer."""
    kind = OPTIMIZERS[parameters["solver"]]
    return kind.from_parameters(parameters["learning_rate_init"], parameters)


def build_schedule(parameters: dict[str, Any]) -> Schedule:
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
