"""What users of the estimators hand to a fit, taken as scikit-learn's contract asks for."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.validation import validate_data

from chainrule.errors import ParameterError
from chainrule.nn.arrays import Array, is_sparse

__all__ = ["checked_X", "checked_inputs", "checked_weight", "unpacked_validation"]

FLOATS = (np.float64, np.float32)


def checked_X(estimator: Any, X: Any) -> Any:
    """Return new rows as a float array that fits a fitted estimator."""
    with np.errstate(over="ignore", invalid="ignore"):  # it sums X to see whether all is finite
        return validate_data(estimator, X, accept_sparse="csr", dtype=FLOATS, reset=False)


def checked_inputs(
    estimator: Any, X: Any, y: Any, *, numeric_target: bool, reset: bool
) -> tuple[Any, Any]:
    """Return X as a float array, sparse or not, and y as an array.

    Raises
    ------
    ValueError
        If X or y holds NaN, infinity or text, or their shapes do not fit.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # as above
        X, y = validate_data(
            estimator,
            X,
            y,
            accept_sparse="csr",
            multi_output=True,
            y_numeric=numeric_target,
            dtype=FLOATS,
            reset=reset,
        )
    if y.ndim == 2 and y.shape[1] == 1 and not is_sparse(y):
        y = column_or_1d(y, warn=True)
    return X, y


def checked_weight(sample_weight: Any, dtype: Any) -> Array | None:
    """Return the user's weights as finite floats; None stays None.

    Raises
    ------
    ValueError
        If they are no numbers, or not finite in this precision.
    """
    if sample_weight is None:
        return None
    with np.errstate(over="ignore"):  # what becomes infinite in X's precision is refused
        weight: Array = check_array(
            sample_weight, ensure_2d=False, dtype=dtype, input_name="sample_weight"
        )
    return weight


def unpacked_validation(validation_data: Any) -> tuple[Any, Any, Any]:
    """Return X, y and the weights, or None for them, of the user's validation rows."""
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
        raise ParameterError("validation_data must be (X, y) or (X, y, sample_weight)")
    X, y, *weight = validation_data
    return X, y, weight[0] if weight else None
