"""scikit-learn estimators: the same parameters and attributes, with more of both."""

from chainrule.estimators.classifier import MLPClassifier
from chainrule.estimators.regressor import MLPRegressor
from chainrule.estimators.table_model import TableModel
from chainrule.modelfile import load, save

__all__ = ["MLPClassifier", "MLPRegressor", "TableModel", "load", "save"]
