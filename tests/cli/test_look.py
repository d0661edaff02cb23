"""``chainrule look``: how each column is taken."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from helpers.cli import Run

ROWS = "".join(
    f"{1 + n % 28:02}.{1 + n % 12:02}.2024;{n}.50 EUR;{'-' if n % 5 == 2 else n};0{1000 + n % 4};"
    f"{'yes' if n % 2 else 'no'};{n % 3}\n"
    for n in range(60)
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "sales.csv"
    path.write_text("sent;price;size;zip;late;y\n" + ROWS)
    return path


def test_the_table_and_its_notes(run: Run, table: Path) -> None:
    result = run("look", str(table), "--target", "y")
    for words in (
        "note: column 'sent': dates (day first): '13.01.2024' is 2024-01-13",
        "note: column 'price': numbers in EUR: '0.50 EUR' is 0.5",
        "note: column 'size': numbers, missing where it says '-' (12)",
        "note: the target y: multiclass",
        "note: target 'y': 3 different whole numbers, 0 to 2, are taken as classes",
    ):
        assert words in result.out
    assert "target, number" in result.out


def test_json(run: Run, table: Path) -> None:
    document = run(
        "look", str(table), "--json", "--drop", "sent,late", "--kind", "size=category"
    ).document
    assert document["rows"] == 60
    views = {view["name"]: view for view in document["columns"]}
    assert [views[name]["kind"] for name in ("sent", "late", "size")] == [
        "left out", "left out", "category",
    ]  # fmt: skip
    assert views["price"]["examples"] == ["0.50 EUR → 0.5", "1.50 EUR → 1.5", "2.50 EUR → 2.5"]
    assert views["size"]["missing"] == 12


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--kind", "size"], "--kind takes COLUMN=KIND"),
        (["--kind", "size=colour"], "unknown kind 'colour'"),
        (["--drop", "sizes"], "did you mean 'size'"),
        (["--decimal", ";"], "must be . or ,"),
        (["--date-format", "%Q"], "%Q"),
        (["--target", "z"], "unknown target column 'z'"),
    ],
)
def test_wrong_options(run: Run, table: Path, options: list[str], words: str) -> None:
    result = run("look", str(table), *options, code=2)
    assert len(result.lines) == 1
    assert words in result.err


def test_what_is_in_doubt_is_an_error_if_it_is_to_be(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "when,y\n" + "".join(f"0{1 + n % 9}/0{1 + n * 2 % 9}/2024,{n % 2}\n" for n in range(30))
    )
    assert "--day-first for the other" in run("look", str(path)).out
    assert "in doubt: column 'when'" in run("look", str(path), "--strict", code=2).err
    assert "day or month" not in run("look", str(path), "--day-first").out
    trained = run("train", str(path), "-t", "y", "--strict", code=2)
    assert "in doubt: column 'when'" in trained.err


def test_a_model_keeps_how_columns_are_read(run: Run, table: Path, tmp_path: Path) -> None:
    arguments = ["-t", "y", "--preset", "plain", "--epochs", "3", "-m", str(tmp_path / "m.st")]
    result = run("train", str(table), *arguments, "--kind", "zip=category")
    assert "note: column 'price': numbers in EUR" in result.err
    predicted = run("predict", str(tmp_path / "m.st"), str(table))
    assert predicted.err == ""
    new = tmp_path / "new.csv"
    new.write_text("sent;price;size;zip;late\n01.02.2024;cheap;3;01001;perhaps\n")
    lines = run("predict", str(tmp_path / "m.st"), str(new)).lines
    assert lines == [
        "warning: column 'price': 1 cell is no number as in the training rows, and missing: 'cheap' (1)",
        "warning: column 'late': 1 cell is no truth value as in the training rows, and missing: "
        "'perhaps' (1)",
    ]


def test_looking_imports_no_scikit_learn(table: Path) -> None:
    code = (
        "import sys\nfrom chainrule.cli import main\n"
        f"sys.argv = ['chainrule', 'look', {str(table)!r}, '-t', 'y']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'sklearn', 'scipy.stats', 'matplotlib'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "[]"
