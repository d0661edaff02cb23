"""What users hand to the table estimators: rows in any form as a table, targets as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from sklearn.utils import check_array, check_consistent_length, column_or_1d
from sklearn.utils.validation import validate_data

from chainrule.data import read_table
from chainrule.data.records import column_of, is_records, table_of_records
from chainrule.errors import DataError
from chainrule.estimators.validated import checked_weight
from chainrule.nn.arrays import Array

__all__ = ["checked_target", "checked_weights", "is_matrix", "table_of", "target_names"]


def table_of(estimator: Any, X: Any, *, reset: bool) -> pa.Table:
    """Return rows as a table whose columns have the names that the estimator was fitted with.

    Parameters
    ----------
    estimator : TableClassifier or TableRegressor
        With `reset` it learns names and number of the columns: ``feature_names_in_``,
        ``n_features_in_`` and ``column_names_``.
    X : data frame, dict, list of dict, or array of shape (m, n)
    reset : bool

    Raises
    ------
    ValueError
        If X is no table, or not one with these columns.
    """
    if not reset and is_row(X, estimator):
        X = dict(zip(map(str, X.index), X, strict=True))
    if is_records(X):
        table = table_of_records(X)
        if reset:
            estimator.feature_names_in_ = np.array(table.column_names, dtype=object)
            estimator.n_features_in_ = table.num_columns
            estimator.column_names_ = tuple(table.column_names)
    elif is_frame(X):
        table = read_table(X)  # which says it better where names come twice
        validate_data(estimator, X, reset=reset, skip_check_array=True)
        table = in_order(estimator, table, reset)
    else:
        table = of_matrix(estimator, X, reset)
    if table.num_rows == 0:
        raise DataError("X has no row: at least one is needed")
    return table


def is_frame(X: Any) -> bool:
    """Say whether this is a data frame, of whatever library."""
    return isinstance(X, pa.RecordBatch) or (
        getattr(X, "ndim", 2) == 2 and any(hasattr(X, own) for own in ("__dataframe__", "columns"))
    )


def is_row(X: Any, estimator: Any) -> bool:
    """Say whether this is one row of a data frame: a series whose index has the columns' names."""
    index = getattr(X, "index", None)
    if getattr(X, "ndim", 0) != 1 or index is None or callable(index):
        return False
    return set(estimator.column_names_) <= set(map(str, index))


def is_matrix(X: Any) -> bool:
    """Say whether this is, or will be, an array of numbers."""
    return not is_records(X) and not is_frame(X) and np.asarray(X).dtype.kind in "biuf"


def in_order(estimator: Any, table: pa.Table, reset: bool) -> pa.Table:
    """Return a data frame's table under the names that were learned."""
    if reset:
        estimator.column_names_ = tuple(table.column_names)
    known = estimator.column_names_
    if set(known) <= set(table.column_names):
        return table
    return table.rename_columns(list(known))  # the model was fitted with an array: by position


def of_matrix(estimator: Any, X: Any, reset: bool) -> pa.Table:
    """Return an array as a table."""
    X = validate_data(estimator, X, reset=reset, dtype=None, ensure_all_finite=False)
    if reset:
        names = getattr(estimator, "feature_names_in_", [f"x{j}" for j in range(X.shape[1])])
        estimator.column_names_ = tuple(map(str, names))
    columns = [column_of(np.ascontiguousarray(values)) for values in X.T]
    return pa.table(columns, names=list(estimator.column_names_))


def checked_target(estimator: Any, y: Any, rows: int, *, numeric: bool) -> Any:
    """Return a target as an array of shape (m,) or (m, k).

    Raises
    ------
    ValueError
        If a value is missing or infinite, or there is not one for each row.
    """
    if y is None:
        raise DataError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is None"
        )
    is_array = isinstance(y, np.ndarray)
    if hasattr(y, "to_numpy"):  # a series or a data frame
        y = y.to_numpy()
    missing = [i for i, entry in enumerate(y) if entry is None] if is_sequence(y) else []
    if missing:
        raise DataError(
            f"y[{missing[0]}] is missing, one of {len(missing):,}: fill them, or leave out the rows"
        )
    given = check_array(
        y,
        accept_sparse="csr",
        ensure_2d=False,
        dtype=np.float64 if numeric else None,
        input_name="y",
        ensure_min_samples=0,
    )
    check_consistent_length(given, np.empty(rows))
    if given.ndim == 2 and given.shape[1] == 1 and not hasattr(given, "tocsr"):
        given = column_or_1d(given, warn=is_array)
    return given


def is_sequence(y: Any) -> bool:
    """Say whether these are objects, any of which may be missing."""
    return isinstance(y, (list, tuple)) or getattr(getattr(y, "dtype", None), "kind", "") == "O"


def checked_weights(sample_weight: Any) -> Array | None:
    """Return weights as float64."""
    return checked_weight(sample_weight, np.float64)


def target_names(y: Any, count: int, taken: tuple[str, ...]) -> tuple[str, ...]:
    """Return what the targets are called: as in their data frame, or y; never as an input is.

    Parameters
    ----------
    y : series, data frame or array
    count : int
        How many targets there are.
    taken : tuple of str
        The names of the inputs.
    """
    columns = getattr(y, "columns", None)
    if columns is not None and len(columns) == count:
        names = [str(name) for name in columns]
    elif count == 1:
        name = getattr(y, "name", None)
        names = ["y" if name is None or callable(name) else str(name)]
    else:
        names = [f"y{j}" for j in range(count)]
    unique: list[str] = []
    for name in names:
        while name in taken or name in unique:
            name += "_"
        unique.append(name)
    return tuple(unique)
