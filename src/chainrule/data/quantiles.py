"""Numbers brought to a normal distribution by their ranks, however skewed they are.

With u_1 < u_2 < … the values that a column has in the training rows and c_i the part of the rows that
are at most u_i, a value has the rank in the middle of its equals, and becomes the number that has this
rank among those of N(0, 1):

.. code-block:: text

    r_i = (c_{i−1} + c_i)/2          x ← Φ⁻¹(r(x)), r linear between the u_i, and flat beyond the ends

So a column of few values keeps its steps, of which the rare ones lie far out, and no outlier is farther
than its rank. Columns of two values become 0 and 1; a column of one value becomes 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.data import checked

__all__ = ["NormalScores"]

MOST_POINTS, LEAST_POINTS, NUMBERS = 1000, 16, 60_000  # of a column; of all columns together


@dataclass(frozen=True)
class NormalScores:
    """What each column was brought from, and to.

    Parameters
    ----------
    values : tuple of ndarray
        By column, rising.
    scores : tuple of ndarray
        What those values become.
    """

    values: tuple[NDArray[np.float64], ...]
    scores: tuple[NDArray[np.float64], ...]

    @classmethod
    def fit(cls, X: NDArray[np.floating]) -> NormalScores:
        """Learn from rows of shape (m, n)."""
        room = NUMBERS // max(X.shape[1], 1)
        most = min(MOST_POINTS, max(LEAST_POINTS, room))
        parts = [points(column, most) for column in X.T.astype(np.float64, copy=False)]
        return cls(tuple(u for u, _ in parts), tuple(z for _, z in parts))

    @property
    def numbers(self) -> NDArray[np.intp]:
        """The columns that have more than two values."""
        return np.flatnonzero([len(u) > 2 for u in self.values])

    @property
    def others(self) -> NDArray[np.intp]:
        """The columns of one value or two."""
        return np.flatnonzero([len(u) <= 2 for u in self.values])

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""
        return {
            "values": [u.tolist() for u in self.values],
            "scores": [z.tolist() for z in self.scores],
        }

    @classmethod
    def from_dict(cls, value: object, columns: int) -> NormalScores:
        """Return the scores that `to_dict` described; a `ModelFileError` if anything is odd."""
        entries = checked.mapping(value, "the normal scores", ("values", "scores"))
        values, scores = (
            tuple(
                rising(own, f"the {name} of a feature")
                for own in checked.items(entries[name], name)
            )
            for name in ("values", "scores")
        )
        if not len(values) == len(scores) == columns:
            raise checked.damaged(f"normal scores are there for other than {columns} features")
        if any(len(u) != len(z) for u, z in zip(values, scores, strict=True)):
            raise checked.damaged("a feature has not as many values as scores")
        return cls(values, scores)

    def apply(self, X: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the columns brought to their scores, those of more than two values first."""
        out = np.empty(X.shape)
        for place, column in enumerate([*self.numbers, *self.others]):
            u, z = self.values[column], self.scores[column]
            out[:, place] = np.interp(X[:, column], u, z)
        return out


def points(
    column: NDArray[np.float64], most: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return values of a column, and the scores that they become."""
    from statistics import NormalDist  # SciPy's takes longer to import than all that is done here

    u, counts = np.unique(column, return_counts=True)
    if len(u) <= 2:
        return u, np.arange(len(u), dtype=np.float64)
    below = np.cumsum(counts)
    ranks = (below - counts / 2) / below[-1]
    if len(u) > most:  # as many rows between two of them
        places = np.searchsorted(ranks, np.linspace(ranks[0], ranks[-1], most))
        places = np.unique(places)
        u, ranks = u[places], ranks[places]
    inverse = NormalDist().inv_cdf
    return u, np.array([inverse(rank) for rank in ranks])


def rising(value: object, where: str) -> NDArray[np.float64]:
    """Return a list of numbers, each greater than the one before."""
    given = checked.items(value, where)
    found = np.array([checked.fraction(entry, where) for entry in given], dtype=np.float64)
    if not 1 <= len(found) <= MOST_POINTS or not (np.diff(found) > 0).all():
        raise checked.damaged(f"{where} do not rise")
    return found
