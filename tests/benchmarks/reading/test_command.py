"""The benchmark of reading runs, and reads of each file what was written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.reading.__main__ import COLUMNS, FILES, main, write
from chainrule.data import read_table


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_tables(tmp_path: Path, name: str) -> None:
    path = tmp_path / "t.csv"
    write(path, name, 50)
    table = read_table(path)
    assert (table.num_rows, table.num_columns) == (50, COLUMNS)


def test_the_table_of_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(rows=50, repeats=1, folder=tmp_path)
    printed = capsys.readouterr().out
    assert "| file | MB | chainrule | pandas" in printed
    for name in FILES:
        assert re.search(rf"^\| {name} \| \d+ \| \d+\.\d\d \(\d+\.\d\d\) ", printed, re.MULTILINE)
    assert not list(tmp_path.iterdir())
