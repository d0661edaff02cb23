"""Feed-forward neural networks by back-propagation: train them, read them, check them."""

from chainrule.estimators import MLPClassifier, MLPRegressor, TableModel
from chainrule.modelfile import load, save
from chainrule.nn import L2, Network, Parameters
from chainrule.version import __version__

__all__ = [
    "L2",
    "MLPClassifier",
    "MLPRegressor",
    "Network",
    "Parameters",
    "TableModel",
    "__version__",
    "load",
    "save",
]
