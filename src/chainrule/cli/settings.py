"""The options of a training: checked before a table is read, in the names that the user knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chainrule.data import TASKS
from chainrule.errors import DivergenceError, ParameterError, unknown_name
from chainrule.estimators import MLPClassifier, TableModel
from chainrule.estimators.presets import preset_settings
from chainrule.estimators.regressor import NETWORK_LOSS
from chainrule.estimators.settings import build_network, build_schedule, check_settings
from chainrule.train import METRICS
from chainrule.train.dropout import checked_dropout
from chainrule.train.rate_factors import named_factors

__all__ = ["check_options", "in_options"]

# What is called otherwise by the estimators, which have scikit-learn's names.
OPTIONS = {
    "learning_rate schedule": "schedule",
    "learning_rate_init": "--learning-rate",
    "hidden_layer_sizes": "--hidden",
    "n_iter_no_change": "--patience",
    "max_iter": "--epochs",
    "clip_norm=1": "--clip-norm 1",
    "clip_norm": "--clip-norm",
    "n_threads": "--threads",
    "batch_size": "--batch-size",
    "weight_decay": "--weight-decay",
    "label_smoothing": "--label-smoothing",
    "piecewise_linear": "--bins",
    "learning_rate_factors": "--rate-factors",
    "input_scale": "--input-scale",
    "zero_output": "--zero-output",
    "drop_last": "--drop-last",
    "beta_2": "--beta-2",
}
PATTERN = re.compile("|".join(rf"\b{name}\b" for name in OPTIONS))


@contextmanager
def in_options() -> Iterator[None]:
    """Let an error name the options of the command line, not the parameters they stand for."""
    try:
        yield
    except (ParameterError, DivergenceError) as error:
        text = PATTERN.sub(lambda match: OPTIONS[match[0]], str(error))
        raise type(error)(text) from None


def check_options(
    preset: str,
    settings: dict[str, Any],
    of_classes: dict[str, Any],
    of_numbers: dict[str, Any],
    task: str | None,
    dtype: str | None,
) -> None:
    """Raise a ParameterError for the first option that makes no sense, whatever the table is.

    Parameters
    ----------
    preset : str
    settings : dict
        Parameters of both estimators, as far as the user chose them.
    of_classes, of_numbers : dict
        Those of the classifier, and of the regressor, alone.
    task, dtype : str or None
        What was named.
    """
    if task is not None and task not in (*TASKS, "classification"):
        raise unknown_name("task", task, (*TASKS, "classification"))
    loss = of_numbers.get("loss", "squared_error")
    if loss not in NETWORK_LOSS:
        raise unknown_name("loss", loss, NETWORK_LOSS)
    if of_classes.get("class_weight") not in (None, "balanced"):
        raise unknown_name("class weight", of_classes["class_weight"], ["balanced"])
    if settings.get("metric", "cost") not in ("cost", *METRICS):
        raise unknown_name("metric", settings["metric"], ("cost", *METRICS))
    TableModel(dtype=dtype, preset=preset)
    with in_options():
        chosen = {**preset_settings(preset, classification=True), **settings, **of_classes}
        parameters = MLPClassifier(**chosen).get_params(deep=False)
        check_settings(parameters)
        build_schedule(parameters)
        network = build_network(parameters, inputs=1, outputs=1, loss="binary_cross_entropy")
        checked_dropout(parameters["dropout"], network)
        named_factors(parameters["learning_rate_factors"], network)
