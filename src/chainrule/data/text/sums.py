"""A last row without a name that holds the sums of its columns."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Sums", "ends_in_sums"]

_LEAST_ROWS = 4


@dataclass
class _Column:
    total: float = 0.0
    magnitude: float = 0.0
    missing: int = 0
    last: float | None = None

    def ends_in_sum(self, rows: int) -> bool:
        """Tell whether the last of so many numbers is the sum of the others, and not zero."""
        if self.last is None:
            return False
        tolerance = 1e-12 * rows * self.magnitude + 1e-9 * abs(self.last)
        return self.last != 0 and abs(self.total - 2 * self.last) <= tolerance


@dataclass
class Sums:
    """The sums of the columns of numbers, added up while a table goes by.

    A row is taken for one of sums if each number in it is the sum of those above, two of them at least
    or one beside empty cells of columns that are filled otherwise.
    """

    numbers: dict[str, _Column] = field(default_factory=dict)
    texts: dict[str, _Column] = field(default_factory=dict)
    rows: int = 0

    def add(self, part: pa.Table | pa.RecordBatch) -> None:
        """Add the rows of a part."""
        if not part.num_rows:
            return
        for name, column in zip(part.schema.names, part.columns, strict=True):
            values = None if name in self.texts else _as_numbers(column)
            if values is None:
                self._add_text(name, column)
            else:
                self._add_numbers(name, values)
        self.rows += part.num_rows

    def _add_text(self, name: str, column: pa.ChunkedArray) -> None:
        self.numbers.pop(name, None)
        seen = self.texts.setdefault(name, _Column())
        seen.missing += column.null_count
        seen.last = None if column[-1].as_py() is None else 1.0

    def _add_numbers(self, name: str, values: pa.ChunkedArray) -> None:
        seen = self.numbers.setdefault(name, _Column())
        numbers = np.asarray(values)  # NaN where a value is missing
        with np.errstate(invalid="ignore", over="ignore"):  # of infinities
            seen.total += float(np.nansum(numbers))
        seen.magnitude = max(seen.magnitude, float(np.nanmax(np.abs(numbers), initial=0.0)))
        seen.missing += values.null_count
        seen.last = values[-1].as_py()

    def last_row_is_sum(self) -> bool:
        """Tell whether the last row that was added holds the sums of the others."""
        if self.rows < _LEAST_ROWS or any(seen.last is not None for seen in self.texts.values()):
            return False
        found = 0
        for seen in self.numbers.values():
            if seen.last is None:
                continue
            if not seen.ends_in_sum(self.rows):
                return False
            found += 1
        columns = (*self.texts.values(), *self.numbers.values())
        # Where the last row is empty and hardly any other one is.
        gaps = sum(seen.last is None and seen.missing <= 0.1 * self.rows + 1 for seen in columns)
        return found >= 2 or (found == 1 and gaps > 0)


def ends_in_sums(table: pa.Table) -> bool:
    """Tell whether the last row of a table holds the sums of the others."""
    if table.num_rows < _LEAST_ROWS:
        return False
    first = None
    for place, column in enumerate(table.columns):
        is_number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
        if column[-1].as_py() is None:
            continue
        if not is_number:
            return False  # to add up would be for nothing
        first = place if first is None else first
    if first is None:
        return False
    one = Sums()  # which tells enough of nearly all tables
    one.add(table.select([first]))
    if not all(seen.ends_in_sum(one.rows) for seen in one.numbers.values()):
        return False
    sums = Sums()
    sums.add(table)
    return sums.last_row_is_sum()


def _as_numbers(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return pc.cast(column, pa.float64(), safe=False)
    if pa.types.is_null(kind):
        return pc.cast(column, pa.float64())
    if pa.types.is_string(kind):
        try:
            return pc.cast(column, pa.float64())
        except pa.ArrowInvalid:
            return None
    return None
