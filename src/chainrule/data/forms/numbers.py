"""Numbers as people write them: marks, units, signs; one form for a whole column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from chainrule.data import checked
from chainrule.data.cells import number_cells
from chainrule.data.forms.amounts import in_one_unit
from chainrule.data.forms.beside import without_marks
from chainrule.data.forms.missing import TEXT
from chainrule.data.forms.spelling import plainly_spelled
from chainrule.data.forms.units import CURRENCIES, factor

__all__ = ["DECIMALS", "EITHER", "THOUSANDS", "NumberForm", "Parts", "parts_of", "whole_pattern"]

DECIMALS = (".", ",")
"""What may stand before the decimals."""

EITHER = ".,"
"""Both of them before the decimals, of which there are one or two; three digits are a thousand."""

THOUSANDS = ("", ",", ".", " ", "'", "_")
"""What may stand between thousands; a blank is a thin or a non-breaking one too."""

_BEFORE = "|".join(re.escape(sign) for sign in sorted(CURRENCIES, key=len, reverse=True))
_PARTS = (
    r"^(?P<open>\()?\s*(?P<sign>[+-])?\s*(?P<before>"
    + _BEFORE
    + r")?\s*(?P<late>\()?\s*(?P<inner>[+-])?\s*"
    r"(?P<body>\d(?:[\d.,' _]*\d)?[.,]?)(?P<exponent>[eE][+-]?\d{1,3})?"
    r"\s*(?P<after>[^\d\s+()\-.,'_][^()]*?)?\s*(?P<behind>-)?(?P<close>\))?$"
)


@dataclass(frozen=True)
class Parts:
    """The parts of texts that may be numbers, each a column; a text that cannot be has no `body`."""

    body: pa.Array
    exponent: pa.Array
    before: pa.Array
    after: pa.Array
    negative: NDArray[np.bool_]
    twisted: NDArray[np.bool_]

    def readable(self) -> NDArray[np.bool_]:
        """Return which texts may be numbers."""
        return np.asarray(pc.is_valid(self.body), dtype=bool) & ~self.twisted


def parts_of(words: pa.Array) -> Parts:
    """Return the parts of different texts.

    Parameters
    ----------
    words : pyarrow.Array
        Cleaned text.
    """
    found = pc.extract_regex(_normal(words), _PARTS)
    names = (
        "open",
        "late",
        "close",
        "sign",
        "inner",
        "behind",
        "body",
        "exponent",
        "before",
        "after",
    )
    part = {name: pc.struct_field(found, name) for name in names}
    is_in = {name: _equal(part[name], "-") for name in ("sign", "inner", "behind")}
    signs = sum(np.asarray(value, dtype=int) for value in is_in.values())
    opened = _equal(part["open"], "(") | _equal(part["late"], "(")
    closed = _equal(part["close"], ")")
    hexadecimal = pc.match_substring_regex(part["after"], "^[xX][0-9a-fA-F]")
    hexadecimal = np.asarray(pc.fill_null(hexadecimal, False), dtype=bool)
    body = pc.replace_substring_regex(pc.cast(part["body"], TEXT), r"[.,]$", "")
    return Parts(
        body,
        part["exponent"],
        part["before"],
        pc.utf8_trim_whitespace(part["after"]),
        (signs > 0) | opened,
        (opened != closed) | (opened.astype(int) + signs > 1) | hexadecimal,
    )


def whole_pattern(decimal: str, thousands: str) -> str:
    """Return the pattern of numbers, without sign and unit, that are written with these marks."""
    whole = r"\d+"
    if decimal == EITHER:
        return r"^(?:\d+|[1-9]\d{0,2}(?:[.,]\d{3})+)(?:[.,]\d{1,2})?$"
    if thousands:
        mark = re.escape(thousands)
        # By threes; or, as in India, the last three and the others by twos.
        whole += rf"|[1-9]\d{{0,2}}(?:{mark}\d{{3}})+|[1-9]\d?(?:{mark}\d{{2}})+{mark}\d{{3}}"
    return rf"^(?:{whole})(?:{re.escape(decimal)}\d*)?$"


@dataclass(frozen=True)
class NumberForm:
    """How the numbers of a column are written.

    Attributes
    ----------
    decimal : str
        What stands before the decimals: one of `DECIMALS`, or `EITHER` of them.
    thousands : str
        What stands between thousands, one of `THOUSANDS`.
    currency : str
        What stands before the number, "" for nothing.
    unit : str
        What stands behind it, "" for nothing; what is written in another unit of the same quantity is
        converted to it.
    marked : bool
        Whether what says that a number is not exact, such as ~ and about, is left out.
    joined : bool
        Whether amounts of two units, such as 1 h 20 min, are one number.

    Examples
    --------
    >>> form = NumberForm(thousands=",", currency="$")
    >>> cells = pa.chunked_array([["$1,234.50", "(7)", "soon"]], pa.large_string())
    >>> form.read(cells).to_pylist()
    [1234.5, -7.0, None]
    """

    decimal: str = "."
    thousands: str = ""
    currency: str = ""
    unit: str = ""
    marked: bool = False
    joined: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether numbers are written as in Python."""
        return self == NumberForm()

    def read(self, cells: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the finite numbers that cells stand for, null where there is none.

        Parameters
        ----------
        cells : pyarrow.ChunkedArray
            A plain column; its numbers stay in their own type.
        """
        kind = cells.type
        if pa.types.is_timestamp(kind):
            return pa.chunked_array([pa.nulls(len(cells), pa.float64())])
        if pa.types.is_boolean(kind):
            return pc.cast(cells, pa.float64())
        if kind != TEXT:
            return _finite(cells)
        if not self.is_plain:
            return _finite(self._written(cells))
        numbers = number_cells(cells)
        if numbers.null_count > cells.null_count:
            left = pc.if_else(pc.is_null(numbers), cells, pa.scalar(None, TEXT))
            numbers = pc.coalesce(numbers, self._written(left))
        return _finite(numbers)

    def _written(self, cells: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the numbers of a column of text, looking at each different text once."""
        encoded = pc.dictionary_encode(cells).combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):  # of no chunk at all
            return pa.chunked_array([pa.nulls(len(cells), pa.float64())])
        numbers = pa.array(self.values(encoded.dictionary), from_pandas=True)
        return pa.chunked_array([numbers.take(encoded.indices)])

    def values(self, words: pa.Array) -> NDArray[np.float64]:
        """Return the numbers of different texts, NaN where there is none."""
        if self.marked:
            words, _ = without_marks(words)
        if self.joined:
            words, _ = in_one_unit(words)
        usual = self._usual(words)
        rest = np.flatnonzero(np.isnan(usual))
        if rest.size:
            usual[rest] = self.values_of(parts_of(words.take(pa.array(rest))))
        return usual

    def _usual(self, words: pa.Array) -> NDArray[np.float64]:
        """Return the numbers of texts with the usual parts alone, which is quick; NaN for others."""
        if self.decimal == EITHER:
            return np.full(len(words), np.nan)
        whole = whole_pattern(self.decimal, self.thousands)[1:-1]
        currency, unit = re.escape(self.currency), re.escape(self.unit)
        fits = pc.match_substring_regex(words, rf"^-?{currency} ?{whole} ?{unit}$")
        texts = pc.if_else(fits, words, pa.scalar(None, TEXT))
        if self.unit:
            texts = pc.replace_substring_regex(texts, rf" ?{unit}$", "")
        for mark in (self.currency, " ", self.thousands):
            texts = pc.replace_substring(texts, mark, "") if mark else texts
        if self.decimal != ".":
            texts = pc.replace_substring(texts, self.decimal, ".")
        return np.array(pc.fill_null(pc.cast(texts, pa.float64()), np.nan), dtype=np.float64)

    def values_of(self, parts: Parts) -> NDArray[np.float64]:
        """Return the numbers that have these parts, NaN where there is none."""
        fits = pc.match_substring_regex(parts.body, whole_pattern(self.decimal, self.thousands))
        body = pc.if_else(fits, parts.body, pa.scalar(None, TEXT))
        if self.thousands:
            body = pc.replace_substring(body, self.thousands, "")
        if self.decimal == EITHER:
            body = pc.replace_substring_regex(body, r"[.,](\d{1,2})$", r"@\1")
            body = pc.replace_substring_regex(body, "[.,]", "")
            body = pc.replace_substring(body, "@", ".")
        elif self.decimal != ".":
            body = pc.replace_substring(body, self.decimal, ".")
        exponent = pc.fill_null(pc.cast(parts.exponent, TEXT), "")
        numbers = pc.cast(
            pc.binary_join_element_wise(body, exponent, pa.scalar("", TEXT)), pa.float64()
        )
        values = np.asarray(pc.fill_null(numbers, np.nan), dtype=np.float64)
        values = np.where(parts.negative, -values, values)
        return np.where(parts.readable(), values * self._factors(parts), np.nan)

    def _factors(self, parts: Parts) -> NDArray[np.float64]:
        """Return what each number is multiplied by, NaN where its unit is another quantity's."""
        before = pc.dictionary_encode(pc.fill_null(parts.before, ""))
        after = pc.dictionary_encode(pc.fill_null(parts.after, ""))
        of_before = [
            1.0 if sign == "" or factor(sign, self.currency) == 1 else np.nan
            for sign in before.dictionary.to_pylist()
        ]
        of_after = [self._factor(unit) for unit in after.dictionary.to_pylist()]
        first = np.array(of_before, dtype=float)[np.asarray(before.indices)] if of_before else 1.0
        second = np.array(of_after, dtype=float)[np.asarray(after.indices)] if of_after else 1.0
        return np.broadcast_to(first * second, len(parts.body)).astype(float)

    def _factor(self, unit: str) -> float:
        if unit in ("", self.unit) and not (unit == "" and factor("", self.unit)):
            return 1.0
        found = factor(unit, self.unit)
        return np.nan if found is None else found

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""
        return {
            "decimal": self.decimal,
            "thousands": self.thousands,
            "currency": self.currency,
            "unit": self.unit,
            "marked": self.marked,
            "joined": self.joined,
        }

    @classmethod
    def from_dict(cls, value: object) -> NumberForm:
        """Return the form that `to_dict` described; a `ModelFileError` if it is odd."""
        keys = ("decimal", "thousands", "currency", "unit", "marked", "joined")
        entries = checked.mapping(value, "a form of numbers", keys)
        decimal = checked.text(entries["decimal"], "a decimal mark", known=(*DECIMALS, EITHER))
        thousands = checked.text(entries["thousands"], "a mark of thousands", known=THOUSANDS)
        if decimal == thousands:
            raise checked.damaged("a form of numbers has one mark for decimals and thousands")
        currency = checked.text(entries["currency"], "a currency", known=("", *CURRENCIES))
        unit = checked.text(entries["unit"], "a unit")
        marked = checked.flag(entries["marked"], "whether numbers have marks")
        joined = checked.flag(entries["joined"], "whether amounts have two units")
        return cls(decimal, thousands, currency, unit, marked, joined)


def _normal(words: pa.Array) -> pa.Array:
    """Return texts with plain blanks and signs, and a digit before every decimal mark."""
    words = plainly_spelled(words)
    if not pc.all(pc.string_is_ascii(words)).as_py():
        words = pc.utf8_normalize(words, "NFKC")
        words = pc.replace_substring_regex(words, "[\u2212\ufe63\u2010\u2011]", "-")
        words = pc.replace_substring_regex(words, "^\u2013(\\s*[\\d.,])", r"-\1")
        words = pc.replace_substring_regex(words, "[\u2019\u02bc`\u00b4]", "'")
    return pc.replace_substring_regex(words, r"^([^\d\w.,]*)([.,]\d)", r"\10\2")


def _equal(texts: pa.Array, text: str) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(pc.equal(texts, text), False), dtype=bool)


def _finite(numbers: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return numbers with null in place of infinite ones."""
    if not pa.types.is_floating(numbers.type):
        return numbers
    infinite = pc.is_inf(numbers)
    if not pc.any(infinite).as_py():
        return numbers
    return pc.if_else(infinite, pa.scalar(None, numbers.type), numbers)
