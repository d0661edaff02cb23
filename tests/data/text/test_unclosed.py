"""A quotation mark that is not closed takes the next row into its cell, which is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainrule.data import iterate_batches, read_table


def lines(rows: int = 20_000) -> list[str]:
    return ["item,size,price", *(f"TV {n},{n},{2 * n}" for n in range(rows))]


@pytest.mark.parametrize("in_batches", [False, True])
def test_rows_that_are_joined_are_told(tmp_path: Path, in_batches: bool) -> None:
    written = lines()
    written[15_000] = '"TV,1,2'
    written[15_001] = 'TV",3,4'
    path = tmp_path / "t.csv"
    path.write_text("\n".join(written) + "\n")
    notes: list[str] = []
    if in_batches:
        rows = sum(batch.num_rows for batch in iterate_batches(path, notes=notes))
    else:
        rows = read_table(path, notes=notes).num_rows
    assert rows == 19_999
    assert any("in 1 row a quotation mark is not closed" in note for note in notes)


def test_text_of_several_lines_is_none(tmp_path: Path) -> None:
    written = lines()
    written[15_000] = '"Hello, all,\nmine, and yours",3,4'
    path = tmp_path / "t.csv"
    path.write_text("\n".join(written) + "\n")
    notes: list[str] = []
    assert read_table(path, notes=notes).num_rows == 20_000
    assert notes == []
