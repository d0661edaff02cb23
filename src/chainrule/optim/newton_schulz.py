"""Newton–Schulz iterations: a matrix's singular values towards 1, by products of matrices alone.

With G = U diag(σ) Vᵀ an odd polynomial acts on the singular values and leaves U and V as they are:

.. code-block:: text

    X ← a X + b (X Xᵀ) X + c (X Xᵀ)² X       is       σ ← a σ + b σ³ + c σ⁵

References
----------
Jordan, Jin, Boza, You, Cesista, Newhouse and Bernstein, "Muon: an optimizer for hidden layers in neural
networks", 2024 (the quintic's coefficients); Higham, "Functions of matrices", 2008, section 8.3 (the
cubic).
"""

from __future__ import annotations

import numpy as np

from chainrule.nn.arrays import Array

__all__ = ["CUBIC", "QUINTIC", "newton_schulz"]

QUINTIC = (3.4445, -4.7750, 2.0315)
"""Steep at 0, so that small singular values grow 3.4-fold; it ends near 1, between 0.7 and 1.2."""
CUBIC = (1.5, -0.5, 0.0)
"""Converges to 1 itself: X becomes U Vᵀ, the orthogonal factor of G's polar decomposition."""


def newton_schulz(
    G: Array, steps: int = 5, coefficients: tuple[float, float, float] = QUINTIC
) -> Array:
    """Return G with singular values near 1, and the same singular vectors.

    Parameters
    ----------
    G : ndarray of shape (…, n, p)
        One matrix, or several.
    steps : int
    coefficients : tuple of float
        a, b and c.

    Returns
    -------
    ndarray of the same shape
        Of a matrix of zeros: zeros. A singular value of 0 stays 0.

    Examples
    --------
    >>> np.linalg.svd(newton_schulz(np.array([[3.0, 0.0], [4.0, 5.0]]), 20, CUBIC))[1].round(12)
    array([1., 1.])
    """
    a, b, c = coefficients
    wide = G.shape[-2] <= G.shape[-1]
    X = G if wide else G.swapaxes(-1, -2)  # of X Xᵀ and XᵀX the smaller one
    X = X / positive(np.abs(X).max(axis=(-2, -1), keepdims=True))  # its squares are finite
    X = X / positive(np.sqrt((X * X).sum(axis=(-2, -1), keepdims=True)))  # ‖X‖ ≥ every σ
    for _ in range(steps):
        A = X @ X.swapaxes(-1, -2)
        X = a * X + (b * A + c * (A @ A)) @ X
    return X if wide else X.swapaxes(-1, -2)


def positive(sizes: Array) -> Array:
    """Return the sizes, with 1 in the place of 0."""
    return np.where(sizes == 0, 1, sizes).astype(sizes.dtype)
