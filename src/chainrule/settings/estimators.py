"""The settings of the two estimators: those of both, and their own.

What may be given by position has scikit-learn's order: ``(hidden_layer_sizes, activation)`` of the
classifier, ``(loss, hidden_layer_sizes, activation)`` of the regressor.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

from chainrule.settings.choices import NETWORK_LOSS
from chainrule.settings.kinds import Choice, Elsewhere, Number, Switch, Tested, check_class_weight
from chainrule.settings.network import ACTIVATION, HIDDEN_LAYER_SIZES
from chainrule.settings.rows import NETWORK, Option, setting
from chainrule.settings.training import TrainingSettings

__all__ = ["ClassifierSettings", "RegressorSettings"]


@dataclass(eq=False, repr=False)
class ClassifierSettings(TrainingSettings):
    """The parameters of `MLPClassifier`."""

    hidden_layer_sizes: Any = HIDDEN_LAYER_SIZES
    activation: Any = ACTIVATION
    _: KW_ONLY
    class_weight: Any = setting(
        None,
        Tested('dict, "balanced" or None', check_class_weight),
        "Weights of the classes, multiplied with `sample_weight`.",
        option=Option("`balanced` gives rare classes more weight.", NETWORK),
    )
    label_smoothing: float = setting(
        0.0,
        Number(0, 1, high_open=True),
        "Moves the targets towards the uniform distribution; in [0, 1).",
        presets={"realmlp": 0.1},
        option=Option("Of a classification; 0 to 1", NETWORK, value=float),
    )
    binary_output: str = setting(
        "sigmoid",
        Choice(lambda: ["sigmoid", "softmax"]),
        "Whether two classes have one sigmoid output or two of a softmax.",
        presets={"realmlp": "softmax"},
    )


@dataclass(eq=False, repr=False)
class RegressorSettings(TrainingSettings):
    """The parameters of `MLPRegressor`."""

    loss: str = setting(
        "squared_error",
        Elsewhere("{" + ", ".join(f'"{name}"' for name in NETWORK_LOSS) + "}"),
        "Half the squared error with identity outputs, or half the Poisson deviance with exponential "
        "outputs, for counts: y ≥ 0.",
        option=Option("Of a regression: squared_error, or poisson for counts.", NETWORK),
    )
    hidden_layer_sizes: Any = HIDDEN_LAYER_SIZES
    activation: Any = ACTIVATION
    _: KW_ONLY
    standardize_target: bool = setting(
        False,
        Switch(),
        "Whether the network learns targets of mean 0 and standard deviation 1, by the training rows. "
        "Predictions and scores are in y's own units; costs, and what `tol` is compared with, are in "
        "the network's.",
        presets={"realmlp": True, "pack": True},
    )
