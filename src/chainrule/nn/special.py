"""Functions that NumPy lacks: x log y with 0 where x is 0, and the error functions of SciPy.

`scipy.special` takes twice as long to import as NumPy: it is imported when the first of its functions is
computed, which most commands never do.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from chainrule.nn.arrays import Array

__all__ = ["erf", "erfc", "expit", "ndtr", "xlog1py", "xlogy"]


def xlogy(X: Array, Y: Array) -> Array:
    """Return x log y, which is 0 where x is 0 and y a number."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return product(X, np.log(Y), Y)


def xlog1py(X: Array, Y: Array) -> Array:
    """Return x log(1 + y), which is 0 where x is 0 and y a number."""
    if np.iscomplexobj(Y):  # of a small complex number NumPy's log1p loses digits
        return scipy_special().xlog1py(X, Y)
    with np.errstate(divide="ignore", invalid="ignore"):
        return product(X, np.log1p(Y), Y)


def product(X: Array, logarithm: Array, Y: Array) -> Array:
    """Return X · logarithm, and 0 where x is 0 unless y is NaN."""
    return np.where((X == 0) & ~np.isnan(Y), 0, X * logarithm)


def of_scipy(name: str) -> Callable[[Array], Array]:
    """Return a function of `scipy.special`, which is imported when the function is called."""

    def function(X: Array) -> Array:
        return getattr(scipy_special(), name)(X)

    return function


def scipy_special() -> Any:
    """Return the module."""
    return import_module("scipy.special")


erf, erfc = (
    of_scipy("erf"),
    of_scipy("erfc"),
)  # the second keeps its digits where the first is nearly 1
expit, ndtr = (
    of_scipy("expit"),
    of_scipy("ndtr"),
)  # the logistic function; Φ, the normal distribution
