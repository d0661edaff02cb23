"""Explaining: every factor of the chain rule, with its formula, its shape and its numbers."""

from chainrule.explain.trace import Trace, explain

__all__ = ["Trace", "explain"]
