"""scikit-learn estimators: the same parameters and attributes, with more of both."""

from typing import TYPE_CHECKING

from chainrule.estimators.table_model import TableModel
from chainrule.late import late_names
from chainrule.modelfile import load, save, saveable_in

if TYPE_CHECKING:
    from chainrule.estimators.classifier import MLPClassifier
    from chainrule.estimators.pack_estimators import PackClassifier, PackRegressor
    from chainrule.estimators.regressor import MLPRegressor
    from chainrule.estimators.table_estimators import TableClassifier, TableRegressor

__all__ = [
    "MLPClassifier",
    "MLPRegressor",
    "PackClassifier",
    "PackRegressor",
    "TableClassifier",
    "TableModel",
    "TableRegressor",
    "load",
    "save",
]

# Imported when they are first asked for, or found in a file: scikit-learn's classes take a second, and
# a table is read, trained on and predicted without them.
HOMES = {
    "chainrule.estimators.classifier": ("MLPClassifier",),
    "chainrule.estimators.regressor": ("MLPRegressor",),
    "chainrule.estimators.pack_estimators": ("PackClassifier", "PackRegressor"),
    "chainrule.estimators.table_estimators": ("TableClassifier", "TableRegressor"),
}
saveable_in(HOMES)
__getattr__, __dir__ = late_names(__name__, HOMES)
