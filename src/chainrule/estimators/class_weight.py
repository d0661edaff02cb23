"""Weights of classes: read off the training rows once, and then the same for all rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import ParameterError
from chainrule.nn.arrays import Array

__all__ = ["ClassWeights"]


@dataclass(frozen=True)
class ClassWeights:
    """The weight of each class; of many labels, of the 0 and the 1 of each.

    Parameters
    ----------
    columns : tuple of (ndarray, ndarray)
        For each target column its labels, sorted, and their weights. A row weighs the product.
    """

    columns: tuple[tuple[Array, Array], ...]

    @classmethod
    def of(cls, class_weight: Any, y: Any, classes: Array | None) -> ClassWeights:
        """Read the weights off the training rows.

        Parameters
        ----------
        class_weight : dict or "balanced"
            Weights by label; or m / (K m_k) for each class.
        y : ndarray of shape (m,), or indicator matrix of shape (m, K)
        classes : ndarray or None
            All classes of a single target; None for many labels.

        Raises
        ------
        ParameterError
            If a dict names a label that there is not, or is given for many labels.
        """
        try:
            if classes is not None:
                weights = weights_of(class_weight, classes, y)
                return cls(((classes, weights),))
            if isinstance(class_weight, dict):
                raise ParameterError(
                    "class_weight of many labels can be 'balanced' alone: use sample_weight"
                )
            matrix = as_matrix(y)
            labels = [np.unique(column) for column in matrix.T]
            return cls(
                tuple(
                    (own, weights_of(class_weight, own, column))
                    for own, column in zip(labels, matrix.T, strict=True)
                )
            )
        except ValueError as error:
            raise ParameterError(f"class_weight does not fit y: {error}") from None

    def of_rows(self, y: Any) -> Array:
        """Return the weight of each row; a label that the training rows lacked weighs 1."""
        weight = np.ones(y.shape[0])
        matrix = as_matrix(y) if len(self.columns) > 1 or y.ndim == 2 else np.asarray(y)[:, None]
        for (labels, weights), column in zip(self.columns, matrix.T, strict=True):
            place = np.minimum(np.searchsorted(labels, column), len(labels) - 1)
            weight *= np.where(labels[place] == column, weights[place], 1.0)
        return weight


def weights_of(class_weight: Any, classes: Array, y: Array) -> Array:
    """Return the weight of each class, as scikit-learn has it.

    Raises
    ------
    ValueError
        If they do not fit the labels of the rows.
    """
    if isinstance(class_weight, dict):
        from sklearn.utils.class_weight import compute_class_weight

        given: Array = compute_class_weight(class_weight, classes=classes, y=y)
        return given
    labels, counts = np.unique(y, return_counts=True)
    if not np.array_equal(labels, classes):
        missing = np.setxor1d(labels, classes).tolist()
        raise ValueError(f"{missing} are not both among the classes and in y")
    return len(y) / (len(classes) * counts)


def as_matrix(y: Any) -> Array:
    """Return an indicator matrix as a dense one."""
    return np.asarray(y.toarray() if hasattr(y, "toarray") else y)
