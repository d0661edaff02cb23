"""Messy files: the table that a careful person reads, and a line for each decision."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from chainrule.data import column_names, iterate_batches, read_table
from data.text.messy import MESSY, Messy


def written(folder: Path, row: Messy) -> Path:
    path = folder / row.file
    path.write_bytes(row.content)
    return path


@pytest.mark.parametrize("row", MESSY, ids=lambda row: row.name)
def test_the_table_and_what_is_told(tmp_path: Path, row: Messy) -> None:
    notes: list[str] = []
    path = written(tmp_path, row)
    assert read_table(path, notes=notes, **row.options).to_pydict() == row.table
    assert notes == [f"{row.file}: {note}" for note in row.notes]
    assert column_names(path, **row.options) == list(row.table)


def as_texts(table: pa.Table) -> dict[str, list[str | None]]:
    """Return the cells of a table that has been read with types as a text file may spell them."""
    return {
        name: [None if cell is None else str(cell).removesuffix(".0").lower() for cell in cells]
        for name, cells in table.to_pydict().items()
    }


@pytest.mark.parametrize("row", MESSY, ids=lambda row: row.name)
def test_batches_hold_the_same(tmp_path: Path, row: Messy) -> None:
    path = written(tmp_path, row)
    heard: list[str] = []
    notes: list[str] = []
    batches = list(iterate_batches(path, rows=1, notes=heard, **row.options))
    assert all(batch.num_rows == 1 for batch in batches)
    table = read_table(path, notes=notes, **row.options)
    one, other = (
        {name: [cell and cell.strip() for cell in cells] for name, cells in as_texts(whole).items()}
        for whole in (pa.Table.from_batches(batches), table)
    )
    assert one == other
    assert heard == notes
