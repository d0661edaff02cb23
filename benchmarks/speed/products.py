"""The machine's rate of matrix products: what a training can at most come near to."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

__all__ = ["SIZES", "product_rate"]

SIZES = (512, 1024, 1536, 2048)
LEAST_TIMES, SECONDS = 2, 0.06  # for each size, and whichever takes longer


def product_rate(dtype: str = "float32", sizes: tuple[int, ...] = SIZES) -> float:
    """Measure how fast the product of two square matrices is.

    Parameters
    ----------
    dtype : {"float32", "float64"}
        Of the matrices: sgemm's rate, or dgemm's.
    sizes : tuple of int
        Of the matrices; the fastest counts.

    Returns
    -------
    float
        10⁹ operations in a second: the best of the repetitions, of NumPy's BLAS and of SciPy's.
    """
    from scipy.linalg import blas

    scipys = blas.sgemm if dtype == "float32" else blas.dgemm
    best = 0.0
    for n in sizes:
        rng = np.random.RandomState(0)
        a, b = (rng.normal(size=(n, n)).astype(dtype) for _ in range(2))
        out = np.empty_like(a)
        columns = [np.asfortranarray(array) for array in (a, b, out)]
        for product in (
            lambda a=a, b=b, out=out: np.matmul(a, b, out=out),
            lambda a=columns[0], b=columns[1], c=columns[2]: scipys(1, a, b, 0, c, overwrite_c=1),
        ):
            best = max(best, 2e-9 * n**3 / least_seconds(product))
    return best


def least_seconds(call: Any) -> float:
    """Return the shortest of several repetitions."""
    least, times, until = float("inf"), 0, time.perf_counter() + SECONDS
    while times < LEAST_TIMES or time.perf_counter() < until:
        started = time.perf_counter()
        call()
        least = min(least, time.perf_counter() - started)
        times += 1
    return least
