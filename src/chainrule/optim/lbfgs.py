"""L-BFGS, SciPy's: for tables that fit into one batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.nn.arrays import Array

__all__ = ["LBFGSResult", "minimize_lbfgs"]


@dataclass(frozen=True)
class LBFGSResult:
    """How a minimization ended.

    Attributes
    ----------
    cost : float
        J at the last point.
    iterations, evaluations : int
        Steps taken; cost-and-gradient calls made.
    converged : bool
        Whether the tolerance was met, rather than a limit.
    message : str
        Why it ended, in words.
    """

    cost: float
    iterations: int
    evaluations: int
    converged: bool
    message: str


def minimize_lbfgs(
    cost_and_gradient: Callable[[Array], tuple[Any, Array]],
    vector: Array,
    *,
    max_iterations: int = 200,
    max_evaluations: int = 15_000,
    tolerance: float = 1e-4,
    callback: Callable[[Array, float], None] | None = None,
) -> LBFGSResult:
    """Minimize a cost over `vector`, in place.

    Parameters
    ----------
    cost_and_gradient : callable
        ``cost_and_gradient(vector)`` returns J and ∂J/∂θ.
    vector : ndarray of shape (n,)
        The starting point; holds the result afterwards, in its own precision.
    max_iterations, max_evaluations : int
        The limits.
    tolerance : float
        Stop when no entry of the gradient is larger.
    callback : callable, optional
        ``callback(vector, cost)`` after each iteration. `vector` follows it, so that an interruption
        (a KeyboardInterrupt out of any of the two callables) leaves the last iteration there.

    Returns
    -------
    LBFGSResult

    References
    ----------
    Byrd, Lu, Nocedal and Zhu, "A limited memory algorithm for bound constrained optimization", 1995.
    """

    def evaluate(x: Array) -> tuple[float, Array]:
        J, gradient = cost_and_gradient(x.astype(vector.dtype, copy=False))
        return float(J), gradient.astype(np.float64)

    def follow(intermediate_result: Any) -> None:
        vector[...] = intermediate_result.x
        if callback is not None:
            callback(vector, float(intermediate_result.fun))

    from scipy.optimize import minimize  # nobody else waits for it to be imported

    result = minimize(
        evaluate,
        vector.astype(np.float64),
        method="L-BFGS-B",
        jac=True,
        callback=follow,
        options={"maxiter": max_iterations, "maxfun": max_evaluations, "gtol": tolerance},
    )
    vector[...] = result.x
    return LBFGSResult(
        float(result.fun),
        int(result.nit),
        int(result.nfev),
        bool(result.success),
        in_words(result, max_iterations, max_evaluations),
    )


def in_words(result: Any, max_iterations: int, max_evaluations: int) -> str:
    """Say why SciPy's minimization ended."""
    if result.success:
        return "converged: neither the gradient nor the cost is worth another step"
    if result.nit >= max_iterations:
        return f"all {max_iterations} iterations done"
    if result.nfev >= max_evaluations:
        return f"all {max_evaluations} evaluations done"
    return f"the line search failed: {result.message}"
