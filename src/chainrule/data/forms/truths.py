"""Truth values as people write them: one pair of words for a whole column, in any case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from chainrule.data import checked
from chainrule.data.cells import number_cells
from chainrule.data.forms.missing import TEXT

__all__ = ["PAIRS", "TruthForm", "find_truths"]

PAIRS = (
    ("false", "true"),
    ("no", "yes"),
    ("n", "y"),
    ("f", "t"),
    ("off", "on"),
    ("nein", "ja"),
    ("non", "oui"),
    ("no", "sí"),
    ("no", "si"),
    ("não", "sim"),
    ("nee", "ja"),
    ("nej", "ja"),
    ("нет", "да"),
    ("いいえ", "はい"),
    ("否", "是"),
)
"""What is written for false and for true; the words of several pairs may stand in one column."""

# One column may hold these two at once, as files that come from several hands do.
_PLAIN = PAIRS[:2]


@dataclass(frozen=True)
class TruthForm:
    """How the truth values of a column are written.

    Attributes
    ----------
    false, true : tuple of str
        The words for either, in lower case.

    Examples
    --------
    >>> cells = pa.chunked_array([["Ja", "nein", "?"]], pa.large_string())
    >>> TruthForm(("nein",), ("ja",)).read(cells).to_pylist()
    [True, False, None]
    """

    false: tuple[str, ...] = tuple(pair[0] for pair in _PLAIN)
    true: tuple[str, ...] = tuple(pair[1] for pair in _PLAIN)

    def read(self, cells: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the truth values that cells stand for, null where there is none.

        Parameters
        ----------
        cells : pyarrow.ChunkedArray
            A plain column; of numbers, 0 and 1 are taken.
        """
        kind = cells.type
        if pa.types.is_boolean(kind):
            return cells
        if pa.types.is_timestamp(kind):
            return pa.chunked_array([pa.nulls(len(cells), pa.bool_())])
        nothing = pa.scalar(None, pa.bool_())
        numbers = number_cells(cells) if kind == TEXT else pc.cast(cells, pa.float64(), safe=False)
        is_truth = pc.is_in(numbers, value_set=pa.array([0.0, 1.0]))
        truths = pc.if_else(is_truth, pc.equal(numbers, 1.0), nothing)
        if kind != TEXT:
            return truths
        lower = pc.utf8_lower(cells)
        is_true = pc.is_in(lower, value_set=pa.array(self.true, TEXT))
        is_false = pc.is_in(lower, value_set=pa.array(self.false, TEXT))
        return pc.coalesce(pc.if_else(pc.or_(is_true, is_false), is_true, nothing), truths)

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""
        return {"false": list(self.false), "true": list(self.true)}

    @classmethod
    def from_dict(cls, value: object) -> TruthForm:
        """Return the form that `to_dict` described; a `ModelFileError` if it is odd."""
        entries = checked.mapping(value, "a form of truth values", ("false", "true"))
        false = checked.texts(entries["false"], "the words for false")
        true = checked.texts(entries["true"], "the words for true")
        if set(false) & set(true):
            raise checked.damaged("a word stands for false and for true")
        return cls(false, true)


def find_truths(
    words: pa.Array, counts: NDArray[np.int64]
) -> tuple[TruthForm, NDArray[np.bool_]] | None:
    """Return how the truth values among a few texts are written, and which texts are; else None.

    A column of one word, or one without both sides of a pair, has none, but for true and false, yes
    and no, which are truth values wherever they stand alone.

    Parameters
    ----------
    words : pyarrow.Array
        The different texts of a column, cleaned.
    counts : ndarray of shape (n,)
        How often each comes.
    """
    lower = [word.lower() for word in words.to_pylist()]
    there = set(lower)
    pairs = [pair for pair in PAIRS if pair in _PLAIN or there.issuperset(pair)]
    forms = [TruthForm()]
    forms += [TruthForm((false,), (true,)) for false, true in pairs if (false, true) not in _PLAIN]
    if there.issuperset(("y", "n")) or there.issuperset(("t", "f")):
        forms.append(TruthForm(("false", "no", "n", "f"), ("true", "yes", "y", "t")))

    def rows(form: TruthForm) -> int:
        known = {*form.false, *form.true}
        return int(sum(count for word, count in zip(lower, counts, strict=True) if word in known))

    best = max(forms, key=rows)
    if rows(best) == 0:
        return None
    known = {*best.false, *best.true}
    return best, np.array([word in known for word in lower], dtype=bool)
