"""The wrong lines that tools/mutants.py writes stand in place of lines that are there."""

import csv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_right_line_stands_once_in_its_file():
    with (ROOT / "tools" / "mutants.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) >= 30
    for row in rows:
        text = (ROOT / "src" / "chainrule" / row["file"]).read_text("utf-8")
        assert text.count(row["line"]) == 1, f"{row['file']}: {row['line']}"
        assert row["wrong"] != row["line"]
        assert all((ROOT / tests).exists() for tests in row["tests"].split())
