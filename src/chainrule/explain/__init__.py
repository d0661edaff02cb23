"""Explaining: every factor of the chain rule, with its formula, its shape and its numbers."""

from chainrule.explain.foreign import from_sklearn, from_torch
from chainrule.explain.trace import Trace, explain

__all__ = ["Trace", "explain", "from_sklearn", "from_torch"]
