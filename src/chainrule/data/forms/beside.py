"""Words and signs beside a number that say that it is not exact, such as ~ and about: rows."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["AFTER", "BEFORE", "mark_beside", "without_marks", "without_seconds"]

BEFORE = (
    *("~", "≈", "∼", "≃", "±", "<", ">", "≤", "≥", "<=", ">=", "⩽", "⩾"),
    *("approx", "approx.", "approximately", "appr.", "about", "around", "circa", "ca", "ca.", "c."),
    *("roughly", "nearly", "almost", "over", "under", "above", "below", "up to", "min.", "max."),
    *("more than", "less than", "at least", "at most", "etwa", "ungefähr", "rund", "über", "unter"),
    *("mehr als", "weniger als", "mindestens", "höchstens", "bis zu", "environ", "plus de"),
    *("moins de", "unos", "alrededor de", "más de", "menos de", "около"),
)
"""What stands before a number that is not exact, in any case."""

AFTER = (
    *("+", "±", "*", "†", "?", "or so", "or more", "or less", "and more", "and over", "and up"),
    *("approx", "approx.", "(approx)", "(approx.)", "ca.", "(ca.)", "est.", "(est)", "(est.)"),
    *("(estimated)", "plus", "oder mehr", "ou plus", "o más"),
)
"""What stands behind one, before its unit or behind it."""


def _any_of(marks: tuple[str, ...]) -> str:
    return "|".join(re.escape(mark) for mark in sorted(marks, key=len, reverse=True))


_NUMBER = r"[(+\-−]?\s?\p{Sc}?\s?[\d.,]"
_STEPS = (
    # A word has a blank behind it, or ends in a point; a sign need not.
    (rf"^(?i:{_any_of(tuple(m for m in BEFORE if m[-1].isalpha()))})\s+({_NUMBER}.*)$", r"\1"),
    (rf"^(?i:{_any_of(tuple(m for m in BEFORE if not m[-1].isalpha()))})\s*({_NUMBER}.*)$", r"\1"),
    (rf"^(.*\d[^\s]*)\s+(?i:{_any_of(tuple(m for m in AFTER if m[-1].isalpha()))})$", r"\1"),
    (rf"^(.*\d.*?)\s*(?i:{_any_of(tuple(m for m in AFTER if not m[-1].isalpha()))})$", r"\1"),
    (r"^([^+]*\d)\+(\s*\pL[\pL.]*)$", r"\1\2"),  # 5+ years
    (r"^(.*\d)\s?\[\w{1,3}\]$", r"\1"),  # the mark of a footnote
)
# What every number of a column may have: 8.1 ± 0.2 and 12 (34 %).
_SECOND = (
    (r"^(.*\d)\s*(?:±|\+/-)\s*\d[\d.,]*\s?%?$", r"\1"),
    (r"^(.*\d)\s*\(\s*\d[\d.,]*\s?%\s*\)$", r"\1"),
)


def without_marks(words: pa.Array) -> tuple[pa.Array, NDArray[np.bool_]]:
    """Return texts without what says that their number is not exact, and which of them had it.

    Examples
    --------
    >>> bare, marked = without_marks(pa.array(["~15", "about 20 kg", "5+ years", "7", "> x"]))
    >>> bare.to_pylist(), marked.tolist()
    (['15', '20 kg', '5 years', '7', '> x'], [True, True, True, False, False])
    """
    bare = without_seconds(words)
    for pattern, left in _STEPS:
        bare = pc.replace_substring_regex(bare, pattern, left)
    return bare, np.asarray(pc.not_equal(bare, words), dtype=bool)


def without_seconds(words: pa.Array) -> pa.Array:
    """Return texts without the second number of 8.1 ± 0.2 and 12 (34 %).

    Examples
    --------
    >>> without_seconds(pa.array(["8.1 ± 0.2", "12 (34 %)", "(12)"])).to_pylist()
    ['8.1', '12', '(12)']
    """
    for pattern, left in _SECOND:
        words = pc.replace_substring_regex(words, pattern, left)
    return words


def mark_beside(word: str, bare: str) -> str:
    """Return what was left out of a text.

    Examples
    --------
    >>> mark_beside("about 20 kg", "20 kg"), mark_beside("5+ years", "5 years")
    ('about', '+')
    >>> mark_beside("8.1 ± 0.2", "8.1"), mark_beside("12 (34 %)", "12")
    ('± …', '(… %)')
    """
    if word.startswith(bare) and word.endswith("%)"):
        return "(… %)"
    if word.startswith(bare) and word[len(bare) :].strip().startswith(("±", "+/-")):
        return "± …" if word[-1].isdigit() or word[-1] == "%" else "±"
    if bare in word:
        return word.replace(bare, "", 1).strip()
    return "+"
