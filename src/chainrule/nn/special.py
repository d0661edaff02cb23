"""Functions that NumPy lacks: x log y with 0 where x is 0, and the error functions of SciPy.

`scipy.special` takes twice as long to import as NumPy: it is imported when the first of its functions is
computed, which most commands never do.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from chainrule.nn.arrays import Array

__all__ = ["erf", "erfc", "xlog1py", "xlogy"]


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


def erf(X: Array) -> Array:
    """Return the error function, 2/√π ∫₀ˣ e^(−t²) dt."""
    return scipy_special().erf(X)


def erfc(X: Array) -> Array:
    """Return 1 − erf(x), with its digits where erf(x) is nearly 1."""
    return scipy_special().erfc(X)


def scipy_special() -> Any:
    """Return the module."""
    return import_module("scipy.special")
