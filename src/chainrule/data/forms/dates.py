"""Dates and times as people write them: one or a few patterns for a whole column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from chainrule.data import checked
from chainrule.data.cells import date_cells
from chainrule.data.forms.date_patterns import FIRST_YEAR, PATTERNS, moments_of, pattern_of_format
from chainrule.data.forms.missing import TEXT
from chainrule.errors import ParameterError

__all__ = ["TICKS", "DateForm"]

TICKS = {"s": 1_000_000.0, "ms": 1_000.0, "us": 1.0, "ns": 1e-3}
"""The microseconds of one tick of a clock that counts from 1970."""

_MOMENT = pa.timestamp("us")


@dataclass(frozen=True)
class DateForm:
    """How the dates of a column are written.

    Attributes
    ----------
    patterns : tuple of str
        The patterns of `PATTERNS` that are tried, one after the other; ISO dates are always read.
    ticks : str
        What numbers count since 1970: one of `TICKS`, "" if numbers are no such counts.
    format : str
        A format of `strftime` that is tried in place of the patterns, "" for none.
    first_year : int
        The first of the hundred years that two digits are one of.

    Examples
    --------
    >>> cells = pa.chunked_array([["31.12.2024", "n.d."]], pa.large_string())
    >>> DateForm(("dmy",)).read(cells).to_pylist()
    [datetime.datetime(2024, 12, 31, 0, 0), None]
    """

    patterns: tuple[str, ...] = ()
    ticks: str = ""
    format: str = ""
    first_year: int = FIRST_YEAR

    def read(self, cells: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the moments (UTC) that cells stand for, null where there is none.

        Parameters
        ----------
        cells : pyarrow.ChunkedArray
            A plain column.
        """
        kind = cells.type
        if pa.types.is_timestamp(kind):
            return cells
        if pa.types.is_boolean(kind):
            return pa.chunked_array([pa.nulls(len(cells), _MOMENT)])
        if self.ticks:
            return self._counted(cells)
        if kind != TEXT:  # 20241231, as a whole number or as one among missing values
            numbers = pc.cast(cells, pa.float64(), safe=False)
            whole = pc.and_(pc.equal(numbers, pc.floor(numbers)), pc.less(pc.abs(numbers), 1e15))
            numbers = pc.if_else(pc.fill_null(whole, False), numbers, pa.scalar(None, pa.float64()))
            cells = pc.cast(pc.cast(numbers, pa.int64()), TEXT)
        if not self.patterns and not self.format:
            return date_cells(cells)
        encoded = pc.dictionary_encode(cells).combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):  # of no chunk at all
            return pa.chunked_array([pa.nulls(len(cells), _MOMENT)])
        moments = pa.array(self.moments(encoded.dictionary))
        return pa.chunked_array([moments.take(encoded.indices)])

    def _counted(self, cells: pa.ChunkedArray) -> pa.ChunkedArray:
        numbers = cells
        if cells.type == TEXT:
            whole = pc.match_substring_regex(cells, r"^-?\d{1,19}(?:\.\d*)?$")
            numbers = pc.if_else(whole, cells, pa.scalar(None, TEXT))
        values = np.asarray(pc.fill_null(pc.cast(numbers, pa.float64(), safe=False), np.nan))
        micro = values * TICKS[self.ticks]
        known = np.abs(micro) < 2.5e17  # the years up to 9999
        ticks = pa.array(np.where(known, micro, 0).astype(np.int64), mask=~known)
        return pa.chunked_array([pc.cast(ticks, _MOMENT)])

    def moments(self, words: pa.Array) -> NDArray[np.datetime64]:
        """Return the moments of different texts, NaT where there is none."""
        if self.format:
            return moments_of(words, pattern_of_format(self.format), self.first_year)
        moments = np.full(len(words), np.datetime64("NaT", "us"))
        for name in self.patterns:
            left = np.flatnonzero(np.isnat(moments))
            if left.size:
                some = words.take(pa.array(left))
                moments[left] = moments_of(some, PATTERNS[name], self.first_year)
        left = np.flatnonzero(np.isnat(moments))
        if left.size:
            iso = date_cells(pa.chunked_array([words.take(pa.array(left))]))
            moments[left] = np.asarray(iso.to_numpy(), dtype="datetime64[us]")
        return moments

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""
        return {
            "patterns": list(self.patterns),
            "ticks": self.ticks,
            "format": self.format,
            "first_year": self.first_year,
        }

    @classmethod
    def from_dict(cls, value: object) -> DateForm:
        """Return the form that `to_dict` described; a `ModelFileError` if it is odd."""
        entries = checked.mapping(
            value, "a form of dates", ("patterns", "ticks", "format", "first_year")
        )
        patterns = checked.texts(entries["patterns"], "the patterns of dates")
        for name in patterns:
            checked.text(name, "a pattern of dates", known=PATTERNS)
        ticks = checked.text(entries["ticks"], "the ticks of dates", known=("", *TICKS))
        written = checked.text(entries["format"], "a date format")
        try:
            if written:
                pattern_of_format(written)
        except ParameterError as error:
            raise checked.damaged(str(error)) from None
        first_year = checked.whole(entries["first_year"], "the first year of dates")
        if not 1 <= first_year <= 9900:
            raise checked.damaged("the first year of dates is out of range")
        return cls(patterns, ticks, written, first_year)
