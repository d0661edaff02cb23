"""Features: from numeric columns to inputs that a network learns well from.

Three steps, each of them optional, learned from the training rows:

.. code-block:: text

    robust             x ← (x − median)/range, then x/√(1 + (x/3)²), which stays within ±3
    normal             x ← Φ⁻¹(rank of x): see `chainrule.data.quantiles`; numbers come first
    piecewise linear   x ← (e_1(x) … e_T(x)), e_t(x) = the part of the bin t that lies below x

The range is the interquartile one; half of the largest less the smallest value where that is 0; and a
column that is the same in every row becomes 0. The bins of a column lie between its quantiles. The
first bin goes on below and the last one above, as straight lines: with bins a linear layer on top of
it can be any function that is linear within each bin.

References
----------
Holzmüller, Grinsztajn and Steinwart, "Better by default", 2024, appendix A (the robust scale and the
smooth clip); Gorishniy, Rubachev and Babenko, "On embeddings for numerical features in tabular deep
learning", 2022, equations 1 and 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.data import checked
from chainrule.data.quantiles import NormalScores
from chainrule.errors import DataError

__all__ = ["FeatureEncoder", "PiecewiseLinear", "RobustScale"]

CLIP = 3.0
MOST_BINS = 1024


@dataclass(frozen=True)
class RobustScale:
    """Centers on the median, divides by a robust range, and clips smoothly.

    Parameters
    ----------
    median, factor : ndarray of shape (n,)
        By column; a factor is 1/range, or 0 for a column that says nothing.
    """

    median: NDArray[np.float64]
    factor: NDArray[np.float64]

    @classmethod
    def fit(cls, X: NDArray[Any]) -> RobustScale:
        """Learn from rows of shape (m, n)."""
        X = X.astype(
            np.float64, copy=False
        )  # a quantile of float32 rounds, and so does its distance
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            # by halves, for the difference of two huge numbers is none
            low, median, high = 2 * np.quantile(X / 2.0, (0.25, 0.5, 0.75), axis=0)
            extent = X.max(axis=0) / 2 - X.min(axis=0) / 2
            width = np.where(high > low, high - low, extent)
            factor = np.where(width > 0, 1 / width, 0.0)
        return cls(median, np.where(np.isfinite(factor), factor, 0.0))

    def apply(self, X: NDArray[Any]) -> NDArray[np.float64]:
        """Return the scaled and clipped columns, of shape (m, n)."""
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = np.nan_to_num((X - self.median) * self.factor)
        # hypot, because the square of a huge value would overflow
        clipped: NDArray[np.float64] = scaled / np.hypot(1, scaled / CLIP)
        return clipped


@dataclass(frozen=True)
class PiecewiseLinear:
    """Gives a column as many inputs as it has bins.

    Parameters
    ----------
    edges : tuple of ndarray
        By column, of shape (bins + 1,), rising; empty for a column that stays as it is.
    """

    edges: tuple[NDArray[np.float64], ...]

    @classmethod
    def fit(cls, X: NDArray[np.float64], bins: int) -> PiecewiseLinear:
        """Learn from rows of shape (m, n); a column of two values, such as 0 and 1, has no bins."""
        edges = []
        for column in X.T.astype(np.float64, copy=False):
            known = np.unique(column)
            cuts = np.unique(2 * np.quantile(column / 2, np.linspace(0, 1, bins + 1)))
            cuts = cuts[np.append(True, np.diff(cuts / 2) > 0)]  # so close that they are one
            edges.append(cuts if len(known) > 2 and len(cuts) > 2 else np.empty(0))
        return cls(tuple(edges))

    @property
    def widths(self) -> list[int]:
        """How many inputs each column becomes."""
        return [max(len(edges) - 1, 1) for edges in self.edges]

    def apply(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the encoded columns, of shape (m, Σ widths)."""
        out = np.empty((len(X), sum(self.widths)))
        start = 0
        for column, edges in zip(X.T, self.edges, strict=True):
            if not len(edges):
                out[:, start] = column
                start += 1
                continue
            with np.errstate(over="ignore"):
                parts = (column[:, np.newaxis] / 2 - edges[:-1] / 2) / (np.diff(edges / 2))
                parts = np.nan_to_num(parts)
            np.maximum(parts[:, 1:], 0, out=parts[:, 1:])
            np.minimum(parts[:, :-1], 1, out=parts[:, :-1])
            out[:, start : start + parts.shape[1]] = parts
            start += parts.shape[1]
        return out


@dataclass(frozen=True)
class FeatureEncoder:
    """The steps, as they were learned from the training rows.

    Parameters
    ----------
    columns : int
        n, of the rows that come in.
    robust : RobustScale or None
    piecewise : PiecewiseLinear or None
    scores : NormalScores or None

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[1.0], [2.0], [3.0], [4.0], [100.0]])
    >>> FeatureEncoder.fit(X, robust=True).transform(X).round(2).ravel()
    array([-0.95, -0.49,  0.  ,  0.49,  2.99])
    """

    columns: int
    robust: RobustScale | None
    piecewise: PiecewiseLinear | None
    scores: NormalScores | None = None

    @classmethod
    def fit(
        cls, X: NDArray[Any], *, robust: bool = False, bins: int = 0, normal: bool = False
    ) -> FeatureEncoder:
        """Learn from the training rows.

        Parameters
        ----------
        X : ndarray of shape (m, n)
        robust : bool
            Whether to scale robustly and clip.
        bins : int
            Of the piecewise-linear encoding; 0 for none.
        normal : bool
            Whether to bring the columns to normal scores.
        """
        scale = RobustScale.fit(X) if robust else None
        scaled = X if scale is None else scale.apply(X)
        scores = NormalScores.fit(scaled) if normal else None
        scaled = scaled if scores is None else scores.apply(scaled)
        piecewise = PiecewiseLinear.fit(scaled, bins) if bins else None
        return cls(X.shape[1], scale, piecewise, scores)

    @property
    def numbers(self) -> int:
        """How many of the encoded columns, the first ones, are known to be numbers of many values."""
        return 0 if self.scores is None or self.piecewise else len(self.scores.numbers)

    @property
    def inputs(self) -> int:
        """How many columns come out."""
        return self.columns if self.piecewise is None else sum(self.piecewise.widths)

    def transform(self, X: NDArray[Any]) -> NDArray[Any]:
        """Return the encoded rows, of shape (m, inputs), in the precision of X."""
        encoded = X if self.robust is None else self.robust.apply(X)
        encoded = encoded if self.scores is None else self.scores.apply(encoded)
        if self.piecewise is not None:
            encoded = self.piecewise.apply(encoded)
        return encoded.astype(X.dtype, copy=False)

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""
        robust, piecewise = self.robust, self.piecewise
        return {
            "columns": self.columns,
            "robust": robust
            and {"median": robust.median.tolist(), "factor": robust.factor.tolist()},
            "piecewise": piecewise and [edges.tolist() for edges in piecewise.edges],
            "scores": self.scores and self.scores.to_dict(),
        }

    @classmethod
    def from_dict(cls, value: object) -> FeatureEncoder:
        """Return the encoder that `to_dict` described; a `ModelFileError` if anything is odd."""
        entries = checked.mapping(
            value, "the features", ("columns", "robust", "piecewise", "scores")
        )
        columns = checked.whole(entries["columns"], "the number of features")
        robust = piecewise = None
        if entries["robust"] is not None:
            parts = checked.mapping(entries["robust"], "the robust scale", ("median", "factor"))
            robust = RobustScale(
                numbers(parts["median"], "a median of the features", columns),
                numbers(parts["factor"], "a factor of the features", columns),
            )
        if entries["piecewise"] is not None:
            given = checked.items(entries["piecewise"], "the bins of the features")
            if len(given) != columns:
                raise checked.damaged(f"{len(given)} features have bins, not {columns}")
            piecewise = PiecewiseLinear(tuple(rising_edges(edges) for edges in given))
        scores = entries["scores"] and NormalScores.from_dict(entries["scores"], columns)
        return cls(columns, robust, piecewise, scores)


def numbers(value: object, where: str, count: int) -> NDArray[np.float64]:
    """Return a list of so many finite numbers as an array."""
    found = np.array([checked.fraction(entry, where) for entry in checked.items(value, where)])
    if len(found) != count:
        raise checked.damaged(f"{where} is there {len(found)} times, not {count}")
    return found


def rising_edges(value: object) -> NDArray[np.float64]:
    """Return the edges of a feature's bins."""
    given = checked.items(value, "the bins of a feature")
    edges = numbers(given, "an edge of the bins", len(given))
    if len(edges) in (1, 2) or len(edges) > MOST_BINS + 1 or not (np.diff(edges) > 0).all():
        raise checked.damaged("the edges of a feature's bins do not rise")
    return edges


def check_dense(X: Any, what: str) -> None:
    """Raise a `DataError` if X is sparse."""
    if hasattr(X, "toarray"):
        raise DataError(
            f"{what} needs a dense X, and this one is sparse: give X.toarray(), or leave {what} out"
        )
