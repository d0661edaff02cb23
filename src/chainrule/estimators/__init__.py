"""scikit-learn estimators: the same parameters and attributes, with more of both."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from chainrule.estimators.table_model import TableModel
from chainrule.modelfile import load, save, saveable_in

if TYPE_CHECKING:
    from chainrule.estimators.classifier import MLPClassifier
    from chainrule.estimators.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "TableModel", "load", "save"]

# Imported when they are first asked for, or found in a file: scikit-learn's classes take a second, and
# a table is read, trained on and predicted without them.
HOMES = {
    "MLPClassifier": "chainrule.estimators.classifier",
    "MLPRegressor": "chainrule.estimators.regressor",
}
saveable_in(HOMES)


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
