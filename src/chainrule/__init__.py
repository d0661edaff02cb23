"""Feed-forward neural networks by back-propagation: train them, read them, check them."""

from typing import TYPE_CHECKING

from chainrule import forks  # noqa: F401  # for what it does when a process is forked
from chainrule.late import late_names
from chainrule.version import __version__

if TYPE_CHECKING:
    from chainrule.doctor import check_formulas, check_gradient, check_gradients
    from chainrule.estimators import (
        MLPClassifier,
        MLPRegressor,
        PackClassifier,
        PackRegressor,
        TableClassifier,
        TableModel,
        TableRegressor,
        load,
        save,
    )
    from chainrule.explain import Trace, explain, from_sklearn, from_torch
    from chainrule.nn import L2, Network, Parameters, PeriodicEmbedding

__all__ = [
    "L2",
    "MLPClassifier",
    "MLPRegressor",
    "Network",
    "PackClassifier",
    "PackRegressor",
    "Parameters",
    "PeriodicEmbedding",
    "TableClassifier",
    "TableModel",
    "TableRegressor",
    "Trace",
    "__version__",
    "check_formulas",
    "check_gradient",
    "check_gradients",
    "explain",
    "from_sklearn",
    "from_torch",
    "load",
    "save",
]

# Imported when they are first asked for: scikit-learn takes a second, and `chainrule --help` and
# `cr.Network` do without it. Models can be loaded when the estimators are known.
__getattr__, __dir__ = late_names(
    __name__,
    {
        "chainrule.nn": ("L2", "Network", "Parameters", "PeriodicEmbedding"),
        "chainrule.doctor": ("check_formulas", "check_gradient", "check_gradients"),
        "chainrule.estimators": (
            "MLPClassifier",
            "MLPRegressor",
            "PackClassifier",
            "PackRegressor",
            "TableClassifier",
            "TableModel",
            "TableRegressor",
            "load",
            "save",
        ),
        "chainrule.explain": ("Trace", "explain", "from_sklearn", "from_torch"),
    },
)
