"""Presets: sets of parameters that belong together.

"realmlp" is the recipe RealMLP-TD-S, whose settings were chosen on many tables. "plain" is one hidden
layer with the estimators' own defaults, which are scikit-learn's, that stops when the cost of the
validation rows stops falling.

References
----------
Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on
tabular data", NeurIPS 2024, table A.1 and appendix A.
"""

from __future__ import annotations

import math
from typing import Any

from chainrule.errors import unknown_name

__all__ = ["PRESETS", "preset_settings"]

REALMLP: dict[str, Any] = {
    "scaling": "robust",
    "input_scale": True,
    "hidden_layer_sizes": (256, 256, 256),
    "parametrization": "ntk",
    "initializer": "normal",
    "zero_output": True,
    "alpha": 0.0,
    "solver": "adam",
    "beta_2": 0.95,
    "learning_rate": "coslog4",
    "learning_rate_factors": {"scale": 6.0, "b": 0.1},
    "batch_size": 256,
    "drop_last": True,
    "max_iter": 256,
    "early_stopping": True,
    "validation_fraction": 0.2,
    "n_iter_no_change": math.inf,
    "best_epoch": "last",
    "precision": "float32",
}
OF_CLASSES: dict[str, Any] = {
    "activation": "selu",
    "learning_rate_init": 0.04,
    "label_smoothing": 0.1,
    "binary_output": "softmax",
    "metric": "accuracy",
}
OF_NUMBERS: dict[str, Any] = {
    "activation": "mish",
    "learning_rate_init": 0.07,
    "standardize_target": True,
    "metric": "rmse",
}
PLAIN: dict[str, Any] = {
    "max_iter": 300,
    "early_stopping": True,
    "validation_fraction": 0.15,
    "n_iter_no_change": 20,
    "metric": "cost",
}
PRESETS = ("realmlp", "plain")


def preset_settings(preset: str | None, *, classification: bool) -> dict[str, Any]:
    """Return the parameters of a preset that are not the estimators' defaults.

    Parameters
    ----------
    preset : {"realmlp", "plain"} or None
        None has no such parameters.
    classification : bool
        Whether they are for a classifier, or for a regressor.

    Raises
    ------
    ParameterError
        If there is no such preset.
    """
    if preset is None:
        return {}
    if preset == "plain":
        return dict(PLAIN)
    if preset == "realmlp":
        return {**REALMLP, **(OF_CLASSES if classification else OF_NUMBERS)}
    raise unknown_name("preset", preset, PRESETS)


def few_rows_batch(rows: int) -> int:
    """Return the rows of a mini-batch for a plain network: some fifty updates an epoch, if it can be."""
    return min(max(16, min(200, rows // 50)), rows)
