"""How each column of a table is taken, with examples: what ``chainrule look`` shows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from chainrule.data.cells import TEXT
from chainrule.data.column_options import KINDS
from chainrule.data.messages import shown
from chainrule.data.plain import missing_count, plain_column
from chainrule.data.readings import Reading
from chainrule.data.schema import Schema

__all__ = ["ColumnView", "column_views", "grouped_views"]

_CALLED = {kind: called for called, kind in KINDS.items()}
_EXAMPLES = 3
_FIRST, _LOOKED_AT = 20, 10_000
# A table of more columns is shown by kinds.
_MOST_ALONE = 100


@dataclass(frozen=True)
class ColumnView:
    """How one column is taken.

    Attributes
    ----------
    name : str
    kind : str
        One of `KINDS`, "target" with the kind behind it, or "left out".
    examples : tuple of str
        Cells as they are written, and behind an arrow their value where it is not the same.
    missing : int
        How many cells have no value.
    different : int
        How many different values there are.
    """

    name: str
    kind: str
    examples: tuple[str, ...]
    missing: int
    different: int

    def to_dict(self) -> dict[str, Any]:
        """Return the view as plain values."""
        return {**asdict(self), "examples": list(self.examples)}


def column_views(
    table: pa.Table, schema: Schema, targets: tuple[str, ...] = ()
) -> list[ColumnView]:
    """Return how each column of a table is taken.

    Parameters
    ----------
    table : pyarrow.Table
    schema : Schema
        Of this table; a column that it does not know is left out.
    targets : tuple of str
    """
    views = []
    for name, cells in zip(table.column_names, table.columns, strict=True):
        reading = schema.readings.get(name)
        if reading is None:
            plain = plain_column(name, cells)
            views.append(
                ColumnView(
                    name, "left out", (), missing_count(plain), pc.count_distinct(plain).as_py()
                )
            )
            continue
        values = plain_column(name, reading.read(cells, schema.missing))
        kind = _CALLED[reading.kind]
        if name in targets:
            kind = f"target, {kind}"
        elif name in schema.left_out:
            kind = "left out"
        different = pc.count_distinct(values).as_py()
        views.append(
            ColumnView(
                name, kind, _examples(name, cells, reading), missing_count(values), different
            )
        )
    return views


def grouped_views(views: list[ColumnView]) -> list[tuple[str, ...]]:
    """Return the rows of a table to print, in text: one a column, or one a kind if there are many.

    Parameters
    ----------
    views : list of ColumnView
    """
    groups = [[view] for view in views]
    if len(views) > _MOST_ALONE:
        by_kind: dict[str, list[ColumnView]] = {}
        for view in views:
            by_kind.setdefault(view.kind, []).append(view)
        groups = list(by_kind.values())
    return [_row(group) for group in groups]


def _row(group: list[ColumnView]) -> tuple[str, ...]:
    names = ", ".join(view.name for view in group[:_EXAMPLES])
    if len(group) > _EXAMPLES:
        names += f" and {len(group) - _EXAMPLES:,} more"
    missing = _from_to([view.missing for view in group])
    different = _from_to([view.different for view in group])
    return names, group[0].kind, ", ".join(group[0].examples), missing, different


def _from_to(counts: list[int]) -> str:
    low, high = min(counts), max(counts)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _examples(name: str, cells: pa.ChunkedArray, reading: Reading) -> tuple[str, ...]:
    """Return the first different cells that have a value."""
    found: dict[str, str] = {}
    for rows in (_FIRST, _LOOKED_AT):
        plain = plain_column(name, cells.slice(0, rows))
        values = plain_column(name, reading.read(plain))
        known = pc.is_valid(values)
        written = pc.cast(plain.filter(known), TEXT).to_pylist()
        for cell, value in zip(written, values.filter(known).to_pylist(), strict=True):
            if cell not in found:
                text = _said(value)
                same = text == cell or reading.kind == "categorical" or _same_number(cell, value)
                found[cell] = _short(cell) if same else f"{_short(cell)} → {text}"
            if len(found) == _EXAMPLES:
                return tuple(found.values())
    return tuple(found.values())


def _same_number(cell: str, value: object) -> bool:
    try:
        return float(cell) == value
    except ValueError:
        return False


def _short(cell: str) -> str:
    text = shown(cell)[1:-1]
    return text if len(text) <= 24 else text[:23] + "…"


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.10g}"
    text = str(value).removesuffix(" 00:00:00")
    return text.removeprefix("1970-01-01 ")
