"""Amounts of two units, such as 1 h 20 min and 5 ft 9 in, and clocks that go on beyond a day."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["are_long_clocks", "in_one_unit"]

_TIME = re.compile(
    r"P?(?:(?P<y>\d+)\s*(?:years?|yrs?|jahre?|y))?[\s,]*(?:(?P<o>\d+)\s*(?:months?|mths?|mos?|monate?))?[\s,]*"
    r"(?:(?P<d>\d+)\s*(?:days?|d|tage?))?[\sT,]*(?:(?P<h>\d+)\s*(?:hours?|hrs?|std\.?|h))?[\s,]*"
    r"(?:(?P<m>\d+)\s*(?:minutes?|mins?|min\.|m))?[\s,]*"
    r"(?:(?P<s>\d+(?:[.,]\d+)?)\s*(?:seconds?|secs?|sec\.|s))?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?:(?P<h>\d{1,6}):)?(?P<m>\d{1,6}):(?P<s>\d\d(?:[.,]\d+)?)")
_FEET = re.compile(
    r"(?P<ft>\d+)\s*(?:feet|foot|ft\.?|['′’])\s*(?P<in>(?:1[01]|\d)(?:\.\d+)?)\s*(?:inch(?:es)?|in\.?|[\"″”]|'')?",
    re.IGNORECASE,
)
_POUNDS = re.compile(
    r"(?P<lb>\d+)\s*(?:pounds?|lbs?\.?)\s*(?P<oz>\d+(?:\.\d+)?)\s*(?:ounces?|oz\.?)", re.IGNORECASE
)
_SECONDS = {"y": 31_557_600, "o": 2_629_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
_CALLED = {"y": "years", "o": "months", "d": "days", "h": "h", "m": "min", "s": "s"}
_LONGEST = 40
# What may be one of them, for a quick look at all texts.
_LIKELY = r"(?i)^PT?\d|^\d+\s*[a-z:'′’]"
_LONG_CLOCK = r"^(?:(?:2[4-9]|[3-9]\d|\d{3,6}):\d\d(?::\d\d(?:[.,]\d+)?)?)$"
_ANY_CLOCK = r"^(?:\d{1,6}:)?\d{1,6}:[0-5]\d(?:[.,]\d+)?$"


def in_one_unit(words: pa.Array) -> tuple[pa.Array, NDArray[np.bool_]]:
    r"""Return texts with amounts of two units in the smaller one, and which were such.

    Examples
    --------
    >>> words = pa.array(
    ...     ["1h 20m", "45m", "PT2H", "5'9\"", "1'234", "6 lb 3 oz", "30:20:48", "2 m", "x"]
    ... )
    >>> in_one_unit(words)[0].to_pylist()
    ['80 min', '45 min', '2 h', '69 in', "1'234", '99 oz', '109248 s', '2 min', 'x']
    """
    likely = np.flatnonzero(np.asarray(pc.match_substring_regex(words, _LIKELY), dtype=bool))
    are = np.zeros(len(words), dtype=bool)
    if not likely.size:
        return words, are
    texts = words.to_numpy(zero_copy_only=False).copy()
    for place in likely:
        found = _joined(texts[place]) if len(texts[place]) <= _LONGEST else None
        if found is not None:
            texts[place], are[place] = found
    return pa.array(texts, words.type), are


def are_long_clocks(words: pa.Array, counts: NDArray[np.int64]) -> bool:
    """Tell whether texts are clocks of which some show 24 hours or more, or as many minutes."""
    long = np.asarray(pc.match_substring_regex(words, _LONG_CLOCK), dtype=bool)
    if not long.any():
        return False
    clocks = np.asarray(pc.match_substring_regex(words, _ANY_CLOCK), dtype=bool)
    return bool(counts[clocks].sum() >= 0.9 * counts.sum())


def _joined(text: str) -> tuple[str, bool] | None:
    """Return the amount in one unit, and whether two were written; None if it is none."""
    for pattern, parts in ((_FEET, ("ft", "in", 12)), (_POUNDS, ("lb", "oz", 16))):
        if found := pattern.fullmatch(text):
            large, small, worth = parts
            return f"{int(found[large]) * worth + float(found[small]):.10g} {small}", True
    found = _CLOCK.fullmatch(text) or _TIME.fullmatch(text)
    if not found:
        return None
    written = {name: value for name, value in found.groupdict().items() if value}
    if not written:
        return None
    if set(written) == {"y", "m"}:  # 2y 3m
        written = {"y": written["y"], "o": written["m"]}
    smallest = min(written, key=lambda name: _SECONDS[name])
    seconds = sum(
        float(value.replace(",", ".")) * _SECONDS[name] for name, value in written.items()
    )
    amount = f"{seconds / _SECONDS[smallest]:.12g} {_CALLED[smallest]}"
    return amount, len(written) > 1 or text.startswith("P")
