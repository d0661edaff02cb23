"""Feed-forward neural networks by back-propagation: train them, read them, check them."""

__version__ = "0.1.0"
