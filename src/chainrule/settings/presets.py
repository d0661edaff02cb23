"""Presets: settings that belong together. Their values stand in the rows.

"pack" draws the settings of many networks, and predicts the mean of those that are best together.
"realmlp" is the recipe RealMLP-TD-S for one network, whose settings were chosen on many tables. "plain"
is one hidden layer with the estimators' own defaults, which are scikit-learn's, that stops when the cost
of the validation rows stops falling. "auto" is the pack, unless one network is asked for.

References
----------
Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on
tabular data", NeurIPS 2024, table A.1 and appendix A.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from chainrule.errors import unknown_name
from chainrule.settings.estimators import ClassifierSettings, RegressorSettings
from chainrule.settings.rows import rows_of

__all__ = ["AUTO", "DRAWN", "PRESETS", "few_rows_batch", "named_preset", "preset_settings"]

PRESETS = ("realmlp", "plain", "pack")
AUTO = "auto"
# What a pack draws for each of its networks, or does without: it stays as it is.
DRAWN = (
    "alpha", "beta_1", "beta_2", "bagging", "best_epoch", "clip_norm", "decay",
    "drop_last", "dropout", "ensemble", "epsilon", "initializer", "input_scale",
    "label_smoothing", "learning_rate", "learning_rate_factors", "learning_rate_init",
    "matrix_momentum", "matrix_rate", "max_fun", "metric", "momentum", "n_iter_no_change",
    "nesterovs_momentum", "parametrization",
    "piecewise_linear", "power_t", "shuffle", "solver", "tol", "warm_start", "weight_decay",
    "zero_output",
)  # fmt: skip
# Who sets one of these has one network in mind.
OF_ONE_NETWORK = (*DRAWN, "hidden_layer_sizes", "activation")


def named_preset(preset: str | None, given: Mapping[str, Any]) -> str | None:
    """Return the preset that is meant.

    Parameters
    ----------
    preset : {"auto", "realmlp", "plain", "pack"} or None
        "auto" is "pack", or "realmlp" where a setting is given that describes one network, or where
        there are no validation rows, by which a pack chooses; with an effort it is "pack".
    given : mapping
        Settings by name. A value that is the default counts for nothing, unless presets change it.

    Examples
    --------
    >>> named_preset("auto", {"max_iter": 9}), named_preset("auto", {"dropout": 0.1})
    ('pack', 'realmlp')
    """
    if preset != AUTO:
        return preset
    if given.get("pack") is not None:
        return "pack"
    rows = {**rows_of(RegressorSettings), **rows_of(ClassifierSettings)}
    asked = [name for name in given if name in OF_ONE_NETWORK and name in rows]
    one = any(rows[name].presets or given[name] != rows[name].default for name in asked)
    return "realmlp" if one or not given.get("early_stopping", True) else "pack"


def preset_settings(preset: str | None, *, classification: bool) -> dict[str, Any]:
    """Return the parameters of a preset that are not the estimators' defaults.

    Parameters
    ----------
    preset : {"realmlp", "plain", "pack"} or None
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
    if preset not in PRESETS:
        raise unknown_name("preset", preset, (AUTO, *PRESETS))
    rows = rows_of(ClassifierSettings if classification else RegressorSettings)
    return {
        name: copy.copy(row.in_preset(preset, classification=classification))
        for name, row in rows.items()
        if preset in row.presets
    }


def few_rows_batch(rows: int) -> int:
    """Return the rows of a mini-batch of "plain": some fifty updates an epoch, if it can be."""
    return min(max(16, min(200, rows // 50)), rows)
