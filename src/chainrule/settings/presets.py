"""Presets: settings that belong together. Their values stand in the rows.

"realmlp" is the recipe RealMLP-TD-S, whose settings were chosen on many tables. "pack" draws the
settings of many networks, and predicts the mean of those that are best together. "plain" is one hidden
layer with the estimators' own defaults, which are scikit-learn's, that stops when the cost of the
validation rows stops falling.

References
----------
Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on
tabular data", NeurIPS 2024, table A.1 and appendix A.
"""

from __future__ import annotations

import copy
from typing import Any

from chainrule.errors import unknown_name
from chainrule.settings.estimators import ClassifierSettings, RegressorSettings
from chainrule.settings.rows import rows_of

__all__ = ["PRESETS", "few_rows_batch", "preset_settings"]

PRESETS = ("realmlp", "plain", "pack")


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
        raise unknown_name("preset", preset, PRESETS)
    rows = rows_of(ClassifierSettings if classification else RegressorSettings)
    return {
        name: copy.copy(row.in_preset(preset, classification=classification))
        for name, row in rows.items()
        if preset in row.presets
    }


def few_rows_batch(rows: int) -> int:
    """Return the rows of a mini-batch of "plain": some fifty updates an epoch, if it can be."""
    return min(max(16, min(200, rows // 50)), rows)
