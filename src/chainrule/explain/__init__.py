"""Explaining: every factor of the chain rule, with its formula, its shape and its numbers.

``chainrule.explain(network, parameters, X, Y)`` is `chainrule.explain.explain`: the room can be called.
"""

import sys
from inspect import signature
from types import ModuleType

from chainrule.explain.foreign import from_sklearn, from_torch
from chainrule.explain.trace import Trace, explain

__all__ = ["Trace", "explain", "from_sklearn", "from_torch"]


class CallableModule(ModuleType):
    """A module that is a function too.

    Python binds a package's name in the package above it, so that ``chainrule.explain`` is this room as
    soon as anything in it has been imported, and the function of that name cannot be there too.
    """

    __call__ = staticmethod(explain)
    __signature__ = signature(explain)


sys.modules[__name__].__class__ = CallableModule
