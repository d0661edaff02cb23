"""Class labels: from what users have in y to the targets of a network, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.errors import DataError, ParameterError
from chainrule.nn import Output
from chainrule.nn.activations import sigmoid
from chainrule.nn.arrays import Array

__all__ = ["Labels", "binary_probabilities"]

KINDS = ("binary", "multiclass", "multilabel")
LABEL_TYPES = (bool, int, float, str)
MOST_BYTES = 2**16


@dataclass(frozen=True)
class Labels:
    """The classes of a target, and how outputs stand for them.

    Parameters
    ----------
    classes : ndarray of shape (K,)
        In sorted order; the column numbers of a multilabel target.
    kind : {"binary", "multiclass", "multilabel"}
        One sigmoid; K softmax outputs; K independent sigmoids.
    """

    classes: Array
    kind: str

    @classmethod
    def of(cls, y: Any) -> Labels:
        """Read the classes off a target.

        Parameters
        ----------
        y : ndarray of shape (m,), or indicator matrix of shape (m, K)

        Raises
        ------
        ValueError
            If y holds no classes: continuous numbers, say.
        """
        from sklearn.utils.multiclass import check_classification_targets, type_of_target

        check_classification_targets(y)
        if type_of_target(y).startswith("multilabel"):
            return cls(np.arange(y.shape[1]), "multilabel")
        if y.ndim == 2:
            raise DataError(
                "y has several columns of classes: give a 0/1 indicator matrix for many labels, "
                "or fit one classifier a column, as sklearn.multioutput.MultiOutputClassifier does"
            )
        classes = np.unique(y)
        return cls(classes, "binary" if len(classes) <= 2 else "multiclass")

    def with_output(self, output: str) -> Labels:
        """Give two classes two softmax outputs, if `output` is "softmax"."""
        if output == "softmax" and self.kind == "binary" and len(self.classes) == 2:
            return Labels(self.classes, "multiclass")
        return self

    @property
    def two_outputs(self) -> bool:
        """Whether two classes have an output each."""
        return self.kind == "multiclass" and len(self.classes) == 2

    @property
    def outputs(self) -> int:
        """The number of outputs that the network needs."""
        return 1 if self.kind == "binary" else len(self.classes)

    @property
    def loss(self) -> str:
        """The loss that belongs to the kind."""
        return "categorical_cross_entropy" if self.kind == "multiclass" else "binary_cross_entropy"

    def encode(self, y: Any, dtype: DTypeLike) -> Array:
        """Return targets Y of shape (m, outputs), 0 and 1.

        Raises
        ------
        DataError
            If y holds a class that is not among `classes`, or has another form.
        """
        if self.kind == "multilabel":
            Y = np.asarray(y.toarray() if hasattr(y, "toarray") else y)
            if Y.ndim != 2 or Y.shape[1] != len(self.classes):
                raise DataError(
                    f"y must be an indicator matrix with {len(self.classes)} columns, "
                    f"not of shape {Y.shape}"
                )
            if not np.isin(Y, (0, 1)).all():
                raise DataError("y must be an indicator matrix, of 0 and 1 alone")
            return Y.astype(dtype)
        y = np.asarray(y.toarray() if hasattr(y, "toarray") else y)
        if y.ndim != 1:
            raise DataError(f"y must hold one class a row, not be of shape {y.shape}")
        unknown = np.setdiff1d(y, self.classes)
        if len(unknown):
            raise DataError(
                f"y has classes that are not among {list(self.classes)}: {list(unknown)}"
            )
        index = np.searchsorted(self.classes, y)
        if self.kind == "binary":
            return index[:, np.newaxis].astype(dtype)
        return (index[:, np.newaxis] == np.arange(len(self.classes))).astype(dtype)

    def decode(self, A: Array) -> Array:
        """Return the labels that outputs stand for: above one half, or the largest of a row."""
        if self.kind == "multilabel":
            return (A > 0.5).astype(np.int64)
        index = (A[:, 0] > 0.5).astype(np.intp) if self.kind == "binary" else A.argmax(axis=1)
        return self.classes[np.minimum(index, len(self.classes) - 1)]

    def to_dict(self) -> dict[str, Any]:
        """Return the labels as values that JSON knows.

        Raises
        ------
        ParameterError
            If a label is something else than a number or a string.
        """
        labels = [x.item() if isinstance(x, np.generic) else x for x in self.classes.tolist()]
        for label in labels:
            if type(label) not in LABEL_TYPES or self.classes.dtype.itemsize > MOST_BYTES:
                raise ParameterError(f"the class label {label!r:.80} cannot be saved")
        return {
            "kind": self.kind,
            "dtype": self.classes.dtype.str if self.classes.dtype != object else "object",
            "classes": labels,
        }

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Labels:
        """Build labels from what `to_dict` returned."""
        kind, values = record["kind"], record["classes"]
        dtype = np.dtype(object if record["dtype"] == "object" else str(record["dtype"]))
        # A string's width is not believed: "<U1000000000" would ask for gigabytes.
        if dtype.kind not in "biufUO" or dtype.itemsize > MOST_BYTES or kind not in KINDS:
            raise DataError(f"labels of dtype {dtype} and kind {kind!r} are not known")
        if (
            not isinstance(values, list)
            or not values
            or not all(type(value) in LABEL_TYPES for value in values)
        ):
            raise DataError("class labels must be numbers or strings")
        classes = np.array(values, dtype=dtype)
        if classes.tolist() != values or not (classes[1:] > classes[:-1]).all():
            raise DataError(f"class labels must be of dtype {dtype}, in order, and differ")
        if (kind == "binary" and len(classes) > 2) or (
            kind == "multilabel" and not np.array_equal(classes, np.arange(len(classes)))
        ):
            raise DataError(f"{len(classes)} classes are not {kind}")
        return cls(classes, kind)


def binary_probabilities(output: Output) -> Array:
    """Return the probabilities of both classes, of shape (m, 2), of a network with one sigmoid."""
    # σ(−z) = 1 − σ(z), and keeps its digits where σ(z) rounds to 1.
    return np.hstack([sigmoid(-output.Z), output.A])
