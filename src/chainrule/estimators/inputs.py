"""What reaches a fit, once it is in arrays: weights, precision, the encoding, the rows set aside."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from chainrule.data.features import FeatureEncoder, check_dense
from chainrule.errors import DataError, ParameterError
from chainrule.nn.arrays import Array, is_sparse
from chainrule.nn.weighting import check_weight_sum
from chainrule.train import Dataset

__all__ = [
    "can_be_stratified",
    "checked_random_state",
    "in_precision",
    "learned_features",
    "split_rows",
    "usable_weight",
    "weight_in_precision",
]


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


def usable_weight(weight: Array | None, by_target: Array | None, X: Any) -> Array | None:
    """Return the rows' weights times the target's own, or None where there are neither.

    Parameters
    ----------
    weight : ndarray of shape (m,), or None
        Of floats, in X's precision.
    by_target : ndarray of shape (m,), or None
        The weights of the classes.
    X : array of shape (m, n)
        Gives the length and the precision.

    Raises
    ------
    DataError
        If a weight is negative, or all products are 0, or there are too many or too few.
    """
    if weight is None and by_target is None:
        return None
    if weight is None:
        weight = np.ones(X.shape[0], dtype=X.dtype)
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


def checked_random_state(random_state: Any) -> Any:
    """Return a RandomState.

    Raises
    ------
    ParameterError
        If it is neither one nor a seed.
    """
    if random_state is None or random_state is np.random:
        return np.random.mtrand._rand  # the one that np.random.seed seeds
    if isinstance(random_state, np.random.RandomState):
        return random_state
    try:
        if isinstance(random_state, Integral):
            return np.random.RandomState(int(random_state))
    except ValueError:  # below 0, or beyond 32 bits
        pass
    raise ParameterError(
        f"random_state must be a whole number of at least 0, a RandomState or None, "
        f"not {random_state!r}"
    )


def learned_features(X: Any, scaling: str | None, bins: int) -> FeatureEncoder | None:
    """Return how to encode inputs, learned from the training rows; None if they stay as they are."""
    if scaling is None and not bins:
        return None
    check_dense(X, "scaling" if scaling else "piecewise_linear")
    steps = {"robust": scaling == "robust", "normal": scaling == "normal"}
    return FeatureEncoder.fit(X, bins=int(bins), **steps)


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
    from sklearn.model_selection import train_test_split  # for its draws; it takes a second

    kept, aside = train_test_split(
        np.arange(len(data)),
        random_state=rng,
        test_size=fraction,
        stratify=data.Y if stratify else None,
    )
    if len(aside) < 2:
        raise DataError(
            f"the validation set has {len(aside)} row{'' if len(aside) == 1 else 's'}, too small: raise "
            "validation_fraction, or give validation_data"
        )
    if data.weight is not None and not data.weight[aside].any():
        raise DataError(
            "every row of the validation set has weight 0: raise validation_fraction, or give "
            "validation_data"
        )
    return data.rows(kept), data.rows(aside)
