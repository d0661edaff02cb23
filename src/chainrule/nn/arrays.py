"""The array type, and the few helpers that let one formula serve real and complex arrays.

Every function in `chainrule.nn` takes float32, float64 and complex128. Complex numbers come in through
the complex step (Squire and Trapp, "Using complex variables to estimate derivatives of real
functions", SIAM Review 40, 1998): f'(x) = Im f(x + ih) / h, exact to rounding. It asks two things of
the code: nothing may take a modulus, and a branch must look at the real part alone, in the same way
everywhere: a real part of 0 belongs to the negative branch, so that relu'(0) = 0 by either route.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "is_sparse", "magnitude", "negative_part", "positive_part"]

Array: TypeAlias = NDArray[Any]


def magnitude(Z: Array) -> Array:
    """Return |Z|, with the sign read off the real part."""
    return np.where(Z.real > 0, Z, -Z)


def positive_part(Z: Array) -> Array:
    """Return max(Z, 0), compared by the real part; NaN stays NaN."""
    return np.where(Z.real <= 0, 0, Z)


def negative_part(Z: Array) -> Array:
    """Return min(Z, 0), compared by the real part."""
    return np.where(Z.real > 0, 0, Z)


def is_sparse(X: object) -> bool:
    """Say whether `X` is a SciPy sparse matrix or array, without importing scipy.sparse."""
    return hasattr(X, "toarray") and hasattr(X, "tocsr")
