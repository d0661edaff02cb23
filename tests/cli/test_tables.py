"""What is printed of a result: the figures that say something of these rows, and how sure they are."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from chainrule.cli.tables import labels_and_counts, metrics_table
from helpers.cli import Run

FIGURES = {
    "rows": 1234,
    "accuracy": 0.9,
    "largest_class": 0.8,
    "balanced_accuracy": 0.7,
    "average_precision": float("nan"),
    "accuracy_low": 0.88,
    "accuracy_high": 0.91,
}


def lines_of(
    results: dict[str, dict[str, float]], *, unequal: bool = False
) -> dict[str, list[str]]:
    """Return the cells of each line by its first one."""
    text = io.StringIO()
    Console(file=text, width=200).print(metrics_table(results, unequal=unequal))
    rows = [line.strip("│").split("│") for line in text.getvalue().splitlines() if "│" in line]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows}


def test_figures_of_unequal_classes_are_there_where_they_are() -> None:
    equal, unequal = (lines_of({"t.csv": FIGURES}, unequal=flag) for flag in (False, True))
    assert equal == {
        "rows": ["1,234"],
        "accuracy": ["0.9000"],
        "95 % interval": ["0.8800 to 0.9100"],
        "share of largest class": ["0.8000"],
    }
    assert unequal == {**equal, "balanced accuracy": ["0.7000"], "average precision": ["–"]}


def test_what_a_set_of_rows_lacks_is_blank() -> None:
    training = {name: value for name, value in FIGURES.items() if "_high" not in name}
    lines = lines_of({"training": training, "test": FIGURES})
    assert lines["95 % interval"] == ["", "0.8800 to 0.9100"]
    undefined = dict.fromkeys(("r2", "r2_low", "r2_high"), float("nan"))
    assert lines_of({"t.csv": undefined}) == {"R²": ["–"]}


def test_many_classes_are_not_all_named() -> None:
    assert labels_and_counts([("a", 1200), (True, 3)]) == "a: 1,200, True: 3"
    assert labels_and_counts((k, 1) for k in range(7)) == "0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 1, …"


@pytest.mark.parametrize("rare", [9, 40])
def test_what_a_user_reads(run: Run, tmp_path: Path, rare: int) -> None:
    rows = "".join(f"{i % 11},{i % 7},{'stays' if i >= rare else 'leaves'}\n" for i in range(100))
    (tmp_path / "t.csv").write_text("a,b,y\n" + rows)
    options = ["--preset", "plain", "--epochs", "3", "--model", "m"]
    trained = run("train", "t.csv", "--target", "y", *options)
    assert f"binary (leaves: {rare}, stays: {100 - rare}), read off" in trained.err
    judged = run("evaluate", "m", "t.csv")
    assert f"y: leaves: {rare}, stays: {100 - rare}" in judged.out
    for result in (trained, judged):
        assert "share of largest class" in result.out
        assert ("average precision" in result.out) == (rare == 9)
        assert ("balanced accuracy" in result.out) == (rare == 9)
        assert max(map(len, result.out.splitlines())) <= 80
