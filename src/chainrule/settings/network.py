"""The settings of the network and of what reaches it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chainrule.settings import choices
from chainrule.settings.kinds import (
    Choice,
    Count,
    Elsewhere,
    Number,
    Switch,
    Tested,
    check_bins,
)
from chainrule.settings.rows import NETWORK, TRAINING, ByTask, Option, setting
from chainrule.settings.texts import FACTORS, NAMES, PROBABILITIES, SCALING, SIZES

__all__ = ["ACTIVATION", "HIDDEN_LAYER_SIZES", "NetworkSettings"]

# These two may be given by position, after another one in the regressor: see `estimators`.
HIDDEN_LAYER_SIZES: Any = setting(
    (100,),
    Elsewhere("sequence of int, or int"),
    "Units of the hidden layers; ``()`` is a linear, logistic or softmax regression.",
    presets={"realmlp": (256, 256, 256), "pack": (128, 128, 128)},
    option=Option(
        "Units of the hidden layers, such as 64,32; none for a linear model",
        NETWORK,
        "--hidden",
        codec=SIZES,
        common=True,
    ),
)
ACTIVATION: Any = setting(
    "relu",
    Elsewhere("str, or sequence of str"),
    "Of all hidden layers, or of each: logistic (sigmoid) and {activations}.",
    names={"activations": choices.activations},
    presets={"realmlp": ByTask("selu", "mish")},
    option=Option(
        "Of the hidden layers: {activations}; or one for each: tanh,relu", NETWORK, codec=NAMES
    ),
)


@dataclass(eq=False, repr=False, kw_only=True)
class NetworkSettings:
    """What is computed: penalty, dropout, encoding of the inputs, parametrization, ensembles."""

    alpha: float = setting(
        0.0001,
        Number(0),
        "Strength of the L2 penalty on the weights.",
        presets={"realmlp": 0.0},
        option=Option("Strength of the L2 penalty", NETWORK, value=float),
    )
    dropout: Any = setting(
        0.0,
        Elsewhere("float, or sequence of float"),
        "The probability of dropping a hidden unit, for all hidden layers or for each.",
        option=Option(
            "Probability of dropping a hidden unit; or one for each layer.",
            NETWORK,
            codec=PROBABILITIES,
        ),
    )
    scaling: str | None = setting(
        None,
        Choice(lambda: ["robust", "normal"], or_none=True),
        "Of the columns of X, learned from the training rows. robust: centered on the median, divided "
        "by the interquartile range, and clipped smoothly to ±3; normal: brought to a normal "
        "distribution by their ranks.",
        presets={"realmlp": "robust", "pack": "normal"},
        option=Option(
            "Of the inputs: robust (median, interquartile range, smooth clip), normal (by their ranks) "
            "or standard (mean, standard deviation)",
            NETWORK,
            codec=SCALING,
        ),
    )
    piecewise_linear: int = setting(
        0,
        Tested("int", check_bins),
        "The number of bins, between quantiles, that encode each column of more than two values; 0 for "
        "none.",
        option=Option(
            "Encode each numeric input piecewise linearly, in this many bins between quantiles; 0 for "
            "none.",
            NETWORK,
            "--bins",
            value=int,
        ),
    )
    input_scale: bool = setting(
        False,
        Switch(),
        "Whether each input has a learnable factor.",
        presets={"realmlp": True},
        option=Option("Learn a factor for each input", NETWORK, value=bool),
    )
    parametrization: str = setting(
        "standard",
        Choice(choices.parametrizations),
        "Whether a layer multiplies by W or by W/√n_in.",
        names={"parametrizations": choices.parametrizations},
        presets={"realmlp": "ntk"},
        option=Option("{parametrizations}; ntk divides each W by √n_in", NETWORK),
    )
    initializer: str = setting(
        "glorot_uniform",
        Choice(choices.initializers),
        "How the first weights are drawn.",
        names={"initializers": choices.initializers},
        presets={"realmlp": "normal"},
        option=Option("Of the weights: {initializers}", NETWORK),
    )
    zero_output: bool = setting(
        False,
        Switch(),
        "Whether the output layer starts at 0.",
        presets={"realmlp": True},
        option=Option("Begin with an output layer of 0", NETWORK, value=bool),
    )
    ensemble: int = setting(
        1,
        Count(),
        "k: train k networks that share their weights (BatchEnsemble), and predict their mean.",
        option=Option(
            "Train this many networks that share their weights, and predict their mean.",
            NETWORK,
            value=int,
        ),
    )
    bagging: int = setting(
        1,
        Count(),
        "Train this many networks from different seeds, side by side, and predict their mean.",
        option=Option(
            "Train this many networks from different seeds, side by side, and predict their mean.",
            NETWORK,
            value=int,
        ),
    )
    pack: str | None = setting(
        None,
        Choice(choices.efforts, or_none=True),
        "{efforts}: train many networks whose depth, rate, decay, dropout and waves are drawn at "
        "random, side by side, and predict the mean of those that are best together on the validation "
        "rows. They have the first of `hidden_layer_sizes`, the first two, or more.",
        names={"efforts": choices.efforts},
        presets={"pack": "medium"},
        option=Option(
            "How much is put into the preset pack: {efforts}", TRAINING, "--effort", common=True
        ),
    )
    precision: str | None = setting(
        None,
        Choice(lambda: ["float32", "float64"], or_none=True),
        "Of the computation; that of X by default. Predictions are float64.",
        presets={"realmlp": "float32", "pack": "float32"},
        option=Option("float64 or float32", NETWORK, "--dtype", shown={"plain": "float64"}),
    )
    learning_rate_factors: Mapping[str, float] | None = setting(
        None,
        Elsewhere("dict or None"),
        'What multiplies the learning rate of some parameters: ``{"scale": 6.0, "b": 0.1}``.',
        presets={"realmlp": {"scale": 6.0, "b": 0.1}},
        option=Option(
            "What multiplies the learning rate of some parameters, or none",
            NETWORK,
            "--rate-factors",
            codec=FACTORS,
        ),
    )
