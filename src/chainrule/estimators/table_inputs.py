"""The rows that users hand to the table estimators, in any form, as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sklearn.utils.validation import validate_data

from chainrule.data import read_table
from chainrule.data.frames import collected
from chainrule.data.messages import shown
from chainrule.data.records import column_of, is_records, table_of_records
from chainrule.errors import DataError
from chainrule.files import check_table_size
from chainrule.nn.arrays import is_sparse

__all__ = ["is_matrix", "table_of"]


def table_of(estimator: Any, X: Any, *, reset: bool, notes: list[str] | None = None) -> pa.Table:
    """Return rows as a table whose columns have the names that the estimator was fitted with.

    Parameters
    ----------
    estimator : TableClassifier or TableRegressor
        With `reset` it learns names and number of the columns: ``feature_names_in_``,
        ``n_features_in_`` and ``column_names_``.
    X : data frame, dict, list of dict, or array of shape (m, n)
    reset : bool
    notes : list of str, optional
        Gets a line for each thing that was decided about the names.

    Raises
    ------
    ValueError
        If X is no table, or not one with these columns.
    """
    noted = [] if notes is None else notes
    X = as_rows(estimator, X, reset)
    if is_records(X):
        table = table_of_records(X)
        if reset:
            estimator.feature_names_in_ = np.array(table.column_names, dtype=object)
            estimator.n_features_in_ = table.num_columns
            estimator.column_names_ = tuple(table.column_names)
    elif is_frame(X):
        table = of_frame(estimator, X, reset, noted)
    else:
        table = of_matrix(estimator, X, reset)
    if table.num_rows == 0:
        raise DataError("X has no row: at least one is needed")
    return table


def as_rows(estimator: Any, X: Any, reset: bool) -> Any:
    """Return X in a form that holds values, names and all: no lazy frame, no records of NumPy."""
    if isinstance(X, (str, Path)):
        raise DataError(
            f"X is {shown(str(X))}: give a table; chainrule.TableModel and `chainrule train` take "
            "files, and chainrule.data.read_table makes a table of one"
        )
    X = collected(X)
    names = getattr(getattr(X, "dtype", None), "names", None)
    if names:  # records of NumPy
        return {name: X[name] for name in names}
    if not reset and is_row(X, estimator):
        return dict(zip(map(str, X.index), X, strict=True))
    return X


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
    if is_sparse(X):
        return True
    return not is_records(X) and not is_frame(X) and np.asarray(X).dtype.kind in "biuf"


def of_frame(estimator: Any, X: Any, reset: bool, notes: list[str]) -> pa.Table:
    """Return a data frame as a table under the names that were learned."""
    if isinstance(X, pa.RecordBatch):
        X = pa.Table.from_batches([X])
    labels = list(X.column_names if hasattr(X, "column_names") else X.columns)
    if not labels:
        raise DataError("X has no column: at least one is needed")
    table = read_table(X, notes=notes)
    texts = sum(isinstance(label, str) for label in labels)
    # The names of the contract are texts that differ, or none: others are as the table has them.
    as_they_are = texts == 0 or labels == table.column_names
    validate_data(estimator, X if as_they_are else table, reset=reset, skip_check_array=True)
    if reset:
        estimator.column_names_ = tuple(table.column_names)
    known = estimator.column_names_
    if set(known) <= set(table.column_names):
        return table
    return table.rename_columns(list(known))  # the model was fitted with an array: by position


def of_matrix(estimator: Any, X: Any, reset: bool) -> pa.Table:
    """Return an array, or a sparse matrix, as a table."""
    X = validate_data(
        estimator, X, reset=reset, dtype=None, ensure_all_finite=False, accept_sparse=True
    )
    if is_sparse(X):
        check_table_size("the sparse matrix X", *X.shape)
        X = X.toarray()
    if reset:
        names = getattr(estimator, "feature_names_in_", [f"x{j}" for j in range(X.shape[1])])
        estimator.column_names_ = tuple(map(str, names))
    columns = [column_of(np.ascontiguousarray(values)) for values in X.T]
    return pa.table(columns, names=list(estimator.column_names_))
