"""Feed-forward neural networks by back-propagation: train them, read them, check them."""

from chainrule.nn import L2, Network, Parameters

__version__ = "0.1.0"

__all__ = ["L2", "Network", "Parameters", "__version__"]
