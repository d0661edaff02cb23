"""How the cells of one column become values: its kind, and the form in which they are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from chainrule.data import checked
from chainrule.data.cells import number_cells
from chainrule.data.columns import Kind
from chainrule.data.findings import Findings
from chainrule.data.forms.dates import DateForm
from chainrule.data.forms.labels import LabelForm
from chainrule.data.forms.missing import TEXT, is_marked
from chainrule.data.forms.numbers import NumberForm
from chainrule.data.forms.truths import TruthForm
from chainrule.data.plain import plain_column

__all__ = ["PLAIN", "Form", "Reading", "without"]


class Form(Protocol):
    """How the cells of a column are written."""

    def read(self, cells: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the values of a plain column, null where a cell has none."""

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""


PLAIN: dict[Kind, Any] = {
    "numeric": NumberForm(),
    "boolean": TruthForm(),
    "categorical": LabelForm(),
    "date": DateForm(),
}
"""The form of each kind where nothing is known of a column but its kind."""
_PLAIN_NUMBERS = PLAIN["numeric"]


@dataclass(frozen=True)
class Reading:
    """How the cells of one column become values.

    Attributes
    ----------
    name : str
        The name of the column.
    kind : Kind
    form : Form
        A `NumberForm`, `TruthForm`, `LabelForm` or `DateForm`, as the kind is.
    lowest, highest : float or None
        Of the numbers of the whole table; None for another kind.
    gaps : tuple of str
        Words of the whole table that are missing values in this column, which is no news.
    sentinels : tuple of float
        Numbers that stand for a missing value in this column; of dates, microseconds since 1970.
    """

    name: str
    kind: Kind
    form: Form
    lowest: float | None = None
    highest: float | None = None
    gaps: tuple[str, ...] = ()
    sentinels: tuple[float, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether finite numbers stay as they are."""
        return self.kind == "numeric" and self.form == _PLAIN_NUMBERS and not self.sentinels

    def is_far(self, low: float, high: float) -> bool:
        """Tell by their ends whether some numbers lie far from those of the whole table."""
        if self.lowest is None or self.highest is None:
            return False
        span = self.highest - self.lowest
        return low < self.lowest - span or high > self.highest + span

    def read(
        self,
        column: pa.ChunkedArray,
        missing: tuple[str, ...] = (),
        findings: Findings | None = None,
    ) -> pa.ChunkedArray:
        """Return a column's values, null where a cell says none.

        Parameters
        ----------
        column : pyarrow.ChunkedArray
            The cells, of any type; values that were read stay as they are.
        missing : tuple of str
            More words and numbers that are missing values.
        findings : Findings, optional
            Where to note what cannot be read, and what lies far from the table's numbers.
        """
        if self.kind == "categorical" and pa.types.is_dictionary(column.type) and not missing:
            return column
        plain = without(plain_column(self.name, column), missing)
        values = self.form.read(plain)
        if findings is not None and isinstance(self.form, LabelForm) and plain.type == TEXT:
            self._note_spelled(self.form, plain, findings)
        news = values.null_count > plain.null_count and self.kind != "categorical"
        if findings is not None and news:
            self._note_unread(plain, values, findings)
        if self.sentinels:
            values = _without_numbers(values, self.sentinels)
        if findings is not None and self.lowest is not None and self.highest is not None:
            self._note_far(values, self.lowest, self.highest, findings)
        return values

    def _note_spelled(self, form: LabelForm, plain: pa.ChunkedArray, findings: Findings) -> None:
        spelled = dict(form.other_spellings(plain)) if form.labels else {}
        if spelled:
            findings.add_spelled(self.name, spelled)

    def _note_unread(
        self, plain: pa.ChunkedArray, values: pa.ChunkedArray, findings: Findings
    ) -> None:
        unread = plain.filter(pc.and_(pc.is_valid(plain), pc.is_null(values)))
        texts = pc.cast(unread, TEXT)
        known = pc.or_(is_marked(texts), pc.is_in(texts, value_set=pa.array(self.gaps, TEXT)))
        texts = texts.filter(pc.invert(known))
        counted = pc.value_counts(texts).to_pylist()
        counts = {entry["values"]: entry["counts"] for entry in counted}
        if counts:
            findings.add_unread(self.name, self.kind, counts)

    def _note_far(
        self, values: pa.ChunkedArray, lowest: float, highest: float, findings: Findings
    ) -> None:
        ends = pc.min_max(values)
        low, high = ends["min"].as_py(), ends["max"].as_py()
        if low is None or not self.is_far(low, high):
            return
        span = highest - lowest
        numbers = pc.cast(values, pa.float64(), safe=False)
        outside = pc.or_(pc.less(numbers, lowest - span), pc.greater(numbers, highest + span))
        count = int(pc.sum(outside, min_count=0).as_py())
        worst = low if lowest - low > high - highest else high
        if count:
            findings.add_far(self.name, count, float(worst), (lowest, highest))

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""
        return {
            "name": self.name,
            "kind": self.kind,
            "form": self.form.to_dict(),
            "lowest": self.lowest,
            "highest": self.highest,
            "gaps": list(self.gaps),
            "sentinels": list(self.sentinels),
        }

    @classmethod
    def from_dict(cls, value: object) -> Reading:
        """Return the reading that `to_dict` described; a `ModelFileError` if it is odd."""
        keys = ("name", "kind", "form", "lowest", "highest", "gaps", "sentinels")
        entries = checked.mapping(value, "how a column is read", keys)
        name = checked.text(entries["name"], "the name of a column")
        kind: Any = checked.text(entries["kind"], f"the kind of column {name!r}", known=PLAIN)
        form = type(PLAIN[kind]).from_dict(entries["form"])  # each has its own from_dict
        ends = [
            None
            if entries[key] is None
            else checked.fraction(entries[key], f"the {key} of {name!r}")
            for key in ("lowest", "highest")
        ]
        gaps = checked.texts(entries["gaps"], f"the missing words of {name!r}")
        codes = checked.items(entries["sentinels"], f"the sentinels of {name!r}")
        sentinels = tuple(checked.fraction(code, f"a sentinel of {name!r}") for code in codes)
        return cls(name, kind, form, ends[0], ends[1], gaps, sentinels)


def _without_numbers(values: pa.ChunkedArray, numbers: tuple[float, ...]) -> pa.ChunkedArray:
    comparable = pc.cast(values, pa.int64()) if pa.types.is_timestamp(values.type) else values
    found = pc.is_in(pc.cast(comparable, pa.float64(), safe=False), value_set=pa.array(numbers))
    return pc.if_else(found, pa.scalar(None, values.type), values)


def without(plain: pa.ChunkedArray, missing: tuple[str, ...]) -> pa.ChunkedArray:
    """Return a plain column with null in place of the words, or numbers, that are missing values."""
    if not missing:
        return plain
    if plain.type == TEXT:
        found = pc.is_in(plain, value_set=pa.array(missing, TEXT))
    elif pa.types.is_integer(plain.type) or pa.types.is_floating(plain.type):
        numbers = number_cells(pa.chunked_array([pa.array(missing, TEXT)])).drop_null()
        found = pc.is_in(
            pc.cast(plain, pa.float64(), safe=False), value_set=numbers.combine_chunks()
        )
    else:
        return plain
    return pc.if_else(found, pa.scalar(None, plain.type), plain)
