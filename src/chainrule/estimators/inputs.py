"""What reaches a fit: arrays, weights and validation rows, checked."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_array, check_random_state, column_or_1d
from sklearn.utils.validation import validate_data

from chainrule.data.features import FeatureEncoder, check_dense
from chainrule.errors import DataError, ParameterError
from chainrule.nn.arrays import Array, is_sparse
from chainrule.nn.weighting import check_weight_sum
from chainrule.train import Dataset

__all__ = [
    "can_be_stratified",
    "checked_X",
    "checked_inputs",
    "checked_random_state",
    "checked_weight",
    "in_precision",
    "learned_features",
    "split_rows",
    "unpacked_validation",
    "weight_in_precision",
]

FLOATS = (np.float64, np.float32)


def checked_X(estimator: Any, X: Any) -> Any:
    """Return new rows as a float array that fits a fitted estimator."""
    with np.errstate(over="ignore", invalid="ignore"):  # it sums X to see whether all is finite
        return validate_data(estimator, X, accept_sparse="csr", dtype=FLOATS, reset=False)


def in_precision(X: Any, dtype: Any) -> Any:
    """Return X in the precision of a fitted network.

    Raises
    ------
    DataError
        If a value is finite in X and not in that precision.
    """
    if X.dtype == dtype:
        return X
    with np.errstate(over="ignore"):
        cast = X.astype(dtype)
    finite = np.isfinite(cast.data if is_sparse(cast) else cast)
    if not finite.all():
        where = "" if is_sparse(cast) else f" in row {int(np.argwhere(~finite)[0][0])}"
        raise DataError(
            f"X holds a value{where} that {np.dtype(dtype)}, the model's precision, cannot"
        )
    return cast


def weight_in_precision(weight: Array, dtype: Any) -> Array:
    """Return checked weights in the precision of a network.

    Raises
    ------
    ParameterError
        If their mean leaves the finite numbers there.
    """
    if weight.dtype != dtype:
        with np.errstate(over="ignore"):
            weight = weight.astype(dtype)
        check_weight_sum("sample_weight", weight)
    return weight


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


def checked_weight(sample_weight: Any, by_target: Array | None, X: Any) -> Array | None:
    """Return the user's weights times the target's own, or None where there are neither.

    Parameters
    ----------
    sample_weight : array-like of shape (m,), or None
    by_target : ndarray of shape (m,), or None
        What the classes weigh.
    X : array of shape (m, n)
        Gives the length and the precision.

    Raises
    ------
    DataError
        If a weight is negative, or all products are 0, or there are too many or too few.
    """
    if sample_weight is None and by_target is None:
        return None
    if sample_weight is None:
        sample_weight = np.ones(X.shape[0])
    with np.errstate(over="ignore"):  # what becomes infinite in X's precision is refused
        weight: Array = check_array(
            sample_weight, ensure_2d=False, dtype=X.dtype, input_name="sample_weight"
        )
    if weight.shape != (X.shape[0],):
        raise DataError(f"sample_weight has shape {weight.shape}, expected ({X.shape[0]},)!")
    if (weight < 0).any():
        raise DataError(f"sample_weight[{int(np.argmax(weight < 0))}] is negative")
    if by_target is not None:
        weight = weight * by_target.astype(X.dtype)
    if not weight.any():
        raise DataError("sample_weight is zero for every observation: nothing to learn from")
    check_weight_sum("sample_weight", weight)
    return weight


def unpacked_validation(validation_data: Any) -> tuple[Any, Any, Any]:
    """Return X, y and the weights, or None for them, of the user's validation rows."""
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
        raise ParameterError("validation_data must be (X, y) or (X, y, sample_weight)")
    X, y, *weight = validation_data
    return X, y, weight[0] if weight else None


def checked_random_state(random_state: Any) -> Any:
    """Return a RandomState.

    Raises
    ------
    ParameterError
        If it is neither one nor a seed.
    """
    try:
        return check_random_state(random_state)
    except ValueError:
        raise ParameterError(
            f"random_state must be a whole number of at least 0, a RandomState or None, "
            f"not {random_state!r}"
        ) from None


def learned_features(X: Any, scaling: str | None, bins: int) -> FeatureEncoder | None:
    """Return how to encode inputs, learned from the training rows; None if they stay as they are."""
    if scaling is None and not bins:
        return None
    check_dense(X, "scaling" if scaling else "piecewise_linear")
    return FeatureEncoder.fit(X, robust=scaling == "robust", bins=int(bins))


def can_be_stratified(Y: Array, fraction: float) -> bool:
    """Say whether each row of targets, of shape (m, n_L), can stand on both sides of a split."""
    _, counts = np.unique(Y, axis=0, return_counts=True)
    aside = int(np.ceil(fraction * len(Y)))
    return bool(counts.min() >= 2 and min(aside, len(Y) - aside) >= len(counts))


def split_rows(
    data: Dataset, fraction: float, rng: Any, *, stratify: bool
) -> tuple[Dataset, Dataset]:
    """Set a part of the rows aside for validation, as scikit-learn does.

    Parameters
    ----------
    data : Dataset
    fraction : float
        How many of the rows.
    rng : RandomState
    stratify : bool
        Whether both parts are to hold the classes in the same proportions.

    Returns
    -------
    training, validation : Dataset

    Raises
    ------
    DataError
        If fewer than 2 rows would be set aside, or rows without any weight.
    """
    from sklearn.model_selection import train_test_split  # with all of its models and metrics

    kept, aside = train_test_split(
        np.arange(len(data)),
        random_state=rng,
        test_size=fraction,
        stratify=data.Y if stratify else None,
    )
    if len(aside) < 2:
        raise DataError(
            f"the validation set has {len(aside)} rows, too small: raise validation_fraction, "
            "or give validation_data"
        )
    if data.weight is not None and not data.weight[aside].any():
        raise DataError(
            "every row of the validation set has weight 0: raise validation_fraction, or give "
            "validation_data"
        )
    return data.rows(kept), data.rows(aside)
