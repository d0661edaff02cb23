"""What is decided of plain columns of numbers, many at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from chainrule.data.codes import names_a_code
from chainrule.data.column_options import ColumnOptions
from chainrule.data.decisions import Decision
from chainrule.data.forms.numbers import NumberForm
from chainrule.data.number_blocks import NumberBlock, number_blocks
from chainrule.data.number_checks import FEW_DIFFERENT, few_whole, may_be_dates
from chainrule.data.readings import Reading
from chainrule.data.sentinels import may_be_sentinels

__all__ = ["decide_plain"]

_FORM = NumberForm()


def decide_plain(
    columns: Sequence[tuple[str, pa.ChunkedArray]], options: ColumnOptions
) -> dict[int, Decision]:
    """Return the decisions for the columns that are numbers and nothing else, by their places.

    It is what `inference.decide` says of each, which has to look at those that are not among them:
    text, numbers that may be dates or codes, or may stand for missing values.

    Parameters
    ----------
    columns : sequence of (str, pyarrow.ChunkedArray)
        Names, and cells as they came.
    options : ColumnOptions
    """
    if options.missing:  # a number may be one of the words
        return {}
    decided: dict[int, Decision] = {}
    names = [name for name, _ in columns]
    undeclared = (
        (place, cells) for place, (name, cells) in enumerate(columns) if name not in options.kinds
    )
    for block in number_blocks(undeclared):
        plain = block.only(~_questionable(block, names))
        classes = _may_be_classes(plain)
        ends = zip(plain.lowest.tolist(), plain.highest.tolist(), strict=True)
        for place, (low, high), few in zip(plain.places, ends, classes.tolist(), strict=True):
            name = names[place]
            reading = Reading(name, "numeric", _FORM, low + 0.0, high + 0.0)
            whole = few_whole(columns[place][1]) if few else None
            decided[place] = Decision(name, reading, few_whole=whole)
    return decided


def _questionable(block: NumberBlock, names: Sequence[str]) -> NDArray[np.bool_]:
    """Return which columns may be other than numbers, or have numbers that are none."""
    doubtful = may_be_dates(block.lowest, block.highest)
    doubtful |= may_be_sentinels(block.lowest, block.highest)
    # Codes are at least three whole numbers.
    first = block.values[:, 0]
    codes = (block.lowest >= 0) & (block.highest >= block.lowest + 2) & (first == np.floor(first))
    for row in np.flatnonzero(codes & ~doubtful):
        doubtful[row] = names_a_code(names[block.places[row]])
    return doubtful


def _may_be_classes(block: NumberBlock) -> NDArray[np.bool_]:
    """Return which columns may be of three whole numbers or more, and not of many."""
    few = block.is_integer & (block.highest >= block.lowest + 2)
    first = np.sort(block.values[few, :64], axis=1)
    few[few] = (np.diff(first, axis=1) > 0).sum(axis=1) < FEW_DIFFERENT
    return few
