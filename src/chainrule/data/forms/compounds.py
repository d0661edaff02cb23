"""Texts that hold numbers and are none: two in a cell, or one behind a sign."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["are_compounds"]

_NUMBER = r"\d{1,9}(?:[.,]\d{1,9})?"
# 120/80, 6-7, 10 to 20, 5 1/2, 3 x 4; and #12, ±778.
_COMPOUND = (
    rf"^(?:[#±]\s?{_NUMBER}|{_NUMBER}\s?(?:[-/:x×*–—]|\bto\b)\s?{_NUMBER}"
    r"|\d{1,9} \d{1,3}/\d{1,3})$"
)
# Parts of a number to call, or of a code.
_CODE = r"(?:^|\D)0\d\d"
_SHARE = 0.5
# Fewer different ones are as good as categories.
_LEAST_DIFFERENT = 5


def are_compounds(words: pa.Array, counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which different texts hold numbers that are not read; none if they are few.

    Parameters
    ----------
    words : pyarrow.Array
        The different texts of a column, cleaned.
    counts : ndarray of shape (n,)
        How often each comes.

    Examples
    --------
    >>> words = pa.array(["120/80", "6-7", "#12", "±778", "5 1/2", "12", "a-7"], pa.large_string())
    >>> are_compounds(words, np.ones(7, dtype=np.int64)).tolist()
    [True, True, True, True, True, False, False]
    """
    found = np.asarray(pc.match_substring_regex(words, _COMPOUND), dtype=bool)
    enough = counts[found].sum() >= _SHARE * counts.sum()
    are_codes = pc.any(pc.match_substring_regex(words, _CODE)).as_py()
    if found.sum() < _LEAST_DIFFERENT or not enough or are_codes:
        return np.zeros(len(words), dtype=bool)
    return found
