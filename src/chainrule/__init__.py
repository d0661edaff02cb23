"""Feed-forward neural networks by back-propagation: train them, read them, check them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from chainrule import forks  # noqa: F401  # for what it does when a process is forked
from chainrule.version import __version__

if TYPE_CHECKING:
    from chainrule.doctor import check_formulas, check_gradient, check_gradients
    from chainrule.estimators import MLPClassifier, MLPRegressor, TableModel, load, save
    from chainrule.explain import Trace, explain, from_sklearn, from_torch
    from chainrule.nn import L2, Network, Parameters

__all__ = [
    "L2",
    "MLPClassifier",
    "MLPRegressor",
    "Network",
    "Parameters",
    "TableModel",
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
HOMES = {
    **dict.fromkeys(("L2", "Network", "Parameters"), "chainrule.nn"),
    **dict.fromkeys(("check_formulas", "check_gradient", "check_gradients"), "chainrule.doctor"),
    **dict.fromkeys(
        ("MLPClassifier", "MLPRegressor", "TableModel", "load", "save"), "chainrule.estimators"
    ),
    **dict.fromkeys(("Trace", "explain", "from_sklearn", "from_torch"), "chainrule.explain"),
}


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'chainrule' has no attribute {name!r}")
    module = import_module(HOMES[name])
    value = module if name == "explain" else getattr(module, name)  # the room itself can be called
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
