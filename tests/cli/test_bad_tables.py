"""Tables that cannot be used: one line that names file, column or row, and nothing is touched."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import chainrule
from helpers.cli import Run, people, refused, snapshot, task_options

ROWS = "".join(f"{x},{'no' if x < 6 else 'yes'}\n" for x in range(12))
GOOD = "x,y\n" + ROWS


def numbers(x: str, row: int) -> str:
    """Return twelve rows in one of which x is another text."""
    lines = GOOD.splitlines()
    lines[row] = f"{x},{lines[row].split(',')[1]}"
    return "\n".join(lines) + "\n"


TRAIN = [
    "train",
    "bad.csv",
    "--target",
    "y",
    "--validation",
    "0",
    "--test",
    "0",
    "-m",
    "kept.model",
]

TABLES: dict[str, tuple[str | bytes, list[str], list[str]]] = {
    "empty": ("", [], ["bad.csv", "empty"]),
    "blank": ("\n \n\n", [], ["bad.csv", "empty"]),
    "header only": ("x,y\n", [], ["bad.csv", "header", "no row"]),
    "ragged, short": (GOOD + "13\n", [], ["bad.csv", "row 13", "2 fields are expected, 1 found"]),
    "ragged, long": (GOOD + "1,no,2\n", [], ["bad.csv", "row 13", "3 found"]),
    "ragged in the middle": ("x,y\n1,no\n2,yes,3\n" + ROWS, [], ["row 2", "3 found"]),
    "no such target": (GOOD, ["-t", "z"], ["'z'", "x, y"]),
    "target of another case": (GOOD, ["-t", "Y"], ["'Y'", "x, y"]),
    "one class": ("x,y\n1,no\n2,no\n3,no\n", [], ["'y'", "one class only", "'no'"]),
    "all targets missing": ("x,y\n1,\n2,\n3,\n", [], ["'y'", "missing in all 3 rows"]),
    "constant numbers": ("x,y\n1,.5\n2,.5\n3,.5\n", [], ["'y'", "0.5 in every row"]),
    "target is a date": ("x,y\n1,2020-01-01\n2,2020-01-02\n", [], ["'y'", "dates"]),
    "target is an identifier": (
        "x,y\n" + "".join(f"{i},name{i}\n" for i in range(1001)),
        [],
        ["'y'", "1,001 classes"],
    ),
    "text declared a number": (
        "x,y\nred,no\nblue,yes\n",
        ["--numeric", "x"],
        ["'x'", "declared a number", "'red'"],
    ),
    "only the target": ("y\nno\nyes\nno\n", [], ["no column is left"]),
    "only constants": ("x,y\n1,no\n1,yes\n1,no\n", [], ["no column is left", "'x'"]),
    "everything dropped": (GOOD, ["--drop", "x"], ["no column is left"]),
    "binary": (bytes(range(256)) * 20, [], ["bad.csv"]),
    "not the encoding": (
        "x,y\nÅ,no\nb,yes\n".encode("latin-1"),
        ["--encoding", "utf-8"],
        ["bad.csv, line 2", "not text in UTF-8", "--encoding"],
    ),
    "broken gzip": (gzip.compress(GOOD.encode())[:-12], [], ["bad.csv"]),
    "weights: negative": ("x,y,w\n1,no,1\n2,yes,-2\n", ["--weight", "w"], ["'w'", "row 2"]),
    "weights: missing": ("x,y,w\n1,no,1\n2,yes,\n", ["--weight", "w"], ["'w'", "row 2"]),
    "weights: all zero": ("x,y,w\n1,no,0\n2,yes,0\n", ["--weight", "w"], ["'w'", "zero"]),
    "weights: infinite": ("x,y,w\n1,no,1\n2,yes,inf\n", ["--weight", "w"], ["'w'", "row 2"]),
    "weights: text": ("x,y,w\n1,no,a\n2,yes,b\n", ["--weight", "w"], ["'w'", "row 1", "'a'"]),
    "one row": ("x,y\n1,no\n", [], ["'y'", "one class only"]),
    "three labels for two": ("x,y\n1,a\n2,b\n3,c\n", ["--task", "binary"], ["'y'", "3 distinct"]),
    "too few rows to validate": (
        "x,y\n1,no\n2,yes\n3,no\n",
        ["--validation", "0.1", "--test", "0"],
        ["3 rows are too few", "take --validation 0, or give --validation-data"],
    ),
    "too few rows to validate and to test": (
        "x,z,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n",
        ["--validation", "0.2", "--test", "0.25"],
        [
            "4 rows are too few",
            "0.25 for a test",
            "take --validation 0 and --test 0",
            "--test-data",
        ],
    ),
    "too few rows of each class": (
        "x,y\n" + "".join(f"{i},name{i}\n" for i in range(30)),
        ["--validation", "0.2"],
        ["30 rows are too few", "30 classes", "--validation 0"],
    ),
    "poisson of a negative number": (
        "x,y\n" + "".join(f"{i},{i - 3.5}\n" for i in range(30)),
        ["--loss", "poisson", "--validation", "0.2"],
        ["'y'", "row 1", "-3.5", "poisson"],
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Prepare a model and a prediction that a failing command must not touch."""
    (tmp_path / "kept.model").write_bytes(b"an older model")
    (tmp_path / "kept.csv").write_bytes(b"an older prediction")
    return tmp_path


def write(path: Path, content: str | bytes) -> None:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize("name", TABLES)
def test_table(run: Run, folder: Path, name: str) -> None:
    content, options, words = TABLES[name]
    write(folder / "bad.csv", content)
    arguments = TRAIN[:2] + TRAIN[4:] if "-t" in options else TRAIN
    refused(run, folder, [*arguments, *options], words)


@pytest.mark.parametrize("ending", ["parquet", "arrow", "feather", "npz", "json", "gz"])
def test_text_under_a_wrong_ending(run: Run, folder: Path, ending: str) -> None:
    write(folder / f"bad.{ending}", GOOD)
    refused(run, folder, ["train", f"bad.{ending}", *TRAIN[2:]], [f"bad.{ending}"])


def test_npz_of_wrong_shapes(run: Run, folder: Path) -> None:
    np.savez(folder / "bad.npz", x=np.zeros(4), y=np.zeros(3))
    refused(run, folder, ["train", "bad.npz", *TRAIN[2:]], ["bad.npz", "'y'", "3", "'x'", "4"])
    np.savez(folder / "bad.npz", x=np.zeros((4, 2, 2)), y=np.zeros(4))
    refused(run, folder, ["train", "bad.npz", *TRAIN[2:]], ["'x'", "(4, 2, 2)"])


# --------------------------------------------------------------- rows that were dealt out into parts


@pytest.mark.parametrize("row", [1, 7, 20, 39, 40])
@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("w", "-1", ["'w'", "negative"]),
    ],
)
def test_the_row_is_that_of_the_file(
    run: Run, folder: Path, row: int, column: str, cell: str, words: list[str]
) -> None:
    days = pd.date_range("2024-01-01", periods=40).strftime("%Y-%m-%d")
    frame = pd.DataFrame({"x": range(40), "day": days, "w": 1, "y": ["no", "yes"] * 20}, dtype=str)
    frame["flag"] = ["true", "true", "false", "false"] * 10
    frame.loc[row - 1, column] = cell
    frame.to_csv(folder / "bad.csv", index=False)
    options = ["--weight", "w", "--validation", "0.3", "--test", "0.3", "--epochs", "1"]
    result = run("train", "bad.csv", "-t", "y", "-m", "kept.model", *options, code=None)
    assert result.code == 2
    assert len(result.lines) == 1
    for word in (*words, f"row {row}:" if column != "w" else f"row {row}"):
        assert word in result.err


@pytest.mark.parametrize("part", ["validation", "test"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x": None}, ["'x'", "missing"]),
        ({"y": None}, ["'y'", "missing"]),
        ({"y": ["no", "yes", "perhaps"]}, ["'y'", "row 3", "'perhaps'", "'no', 'yes'"]),
    ],
)
def test_own_rows_for_validation_and_test(
    run: Run, folder: Path, part: str, change: dict[str, list[str] | None], words: list[str]
) -> None:
    write(folder / "bad.csv", GOOD)
    columns = {"x": ["1", "2", "3"], "y": ["no", "yes", "no"], **change}
    filled = {name: cells for name, cells in columns.items() if cells is not None}
    pd.DataFrame(filled).to_csv(folder / "own.csv", index=False)
    refused(run, folder, [*TRAIN, f"--{part}-data", "own.csv"], ["own.csv", *words])


def test_own_rows_lack_the_weights(run: Run, folder: Path) -> None:
    write(folder / "own.csv", GOOD)
    write(folder / "bad.csv", "x,y,w\n1,no,1\n2,yes,2\n3,no,1\n")
    refused(run, folder, [*TRAIN, "--weight", "w", "--test-data", "own.csv"], ["own.csv", "'w'"])


@pytest.mark.parametrize("rows", [2, 3])
def test_tiny_tables_train_without_validation(run: Run, folder: Path, rows: int) -> None:
    lines = "x,y\n1,no\n2,yes\n3,no\n".splitlines(keepends=True)[: rows + 1]
    write(folder / "bad.csv", "".join(lines))
    result = run(*TRAIN, "--json")
    assert result.document["results"]["training"]["rows"] == rows
    refused(run, folder, ["train", "bad.csv", "-t", "y"], [f"{rows} rows are too few"])


# ------------------------------------------------------------------------- predicting and evaluating


def test_a_bare_estimator(run: Run, table: str, folder: Path) -> None:
    X = np.linspace(-1, 1, 20)[:, np.newaxis]
    estimator = chainrule.MLPClassifier((2,), max_iter=1, batch_size=20, solver="sgd")
    with pytest.warns(UserWarning, match="converge"):
        estimator.fit(X, X[:, 0] > 0)
    chainrule.save(estimator, folder / "bare.safetensors")
    for command in ("predict", "evaluate"):
        refused(run, folder, [command, "bare.safetensors", table], ["bare MLPClassifier"])


def changed(folder: Path, **columns: object) -> list[str]:
    """Write new.csv: the table of people with other columns, or without some."""
    frame = people()
    for name, values in columns.items():
        if values is None:
            del frame[name]
        elif isinstance(values, dict):
            frame[name] = frame[name].astype(object)
            for row, value in values.items():
                frame.loc[row - 1, name] = value
        else:
            frame[name] = values
    frame.to_csv(folder / "new.csv", index=False)
    return ["model.safetensors", "new.csv"]


CELLS = [
    ({"age": None}, ["'age'", "missing"]),
    ({"age": None, "city": None}, ["'age'", "'city'", "missing"]),
    ({"age": None, "Age": 3}, ["'age'", "is it 'Age'?"]),
    ({"income": None, "incomes": 3}, ["'income'", "is it 'incomes'?"]),
]


@pytest.mark.parametrize(("change", "words"), CELLS, ids=lambda case: str(case)[:50])
def test_new_rows(
    run: Run, model: str, folder: Path, change: dict[str, object], words: list[str]
) -> None:
    arguments = changed(folder, **change)
    refused(run, folder, ["evaluate", *arguments], words)
    refused(run, folder, ["predict", *arguments, "-o", "kept.csv"], words)
    refused(run, folder, ["predict", *arguments, "-o", "fresh.parquet", "--rows", "7"], words)


ODD_CELLS = [
    ({"age": {30: "old"}}, "column 'age': 1 cell is no number", "'old' (1)"),
    ({"age": "unknown"}, "column 'age': 60 cells are no number", "'unknown' (60)"),
    (
        {"income": {1: "-Infinity", 60: "inf"}},
        "column 'income': 2 cells are no number",
        "'inf' (1)",
    ),
    ({"member": {9: "maybe"}}, "column 'member': 1 cell is no truth value", "'maybe' (1)"),
    ({"since": {11: "soon"}}, "column 'since': 1 cell is no date", "'soon' (1)"),
    ({"age": {5: 4_000}}, "column 'age': 1 row lies far outside", "up to 4000"),
    ({"city": {5: "oSLO "}}, "column 'city': spelled otherwise", "'oSLO' as 'Oslo'"),
]


def test_another_spelling_of_the_target_is_said(run: Run, model: str, folder: Path) -> None:
    (line,) = run("evaluate", *changed(folder, grown={5: "YES", 6: "nO "})).lines
    assert line.startswith("warning: column 'grown': spelled otherwise than in the training rows")
    assert "'YES' as 'yes'" in line
    assert "'nO' as 'no'" in line


@pytest.mark.parametrize(("change", "start", "end"), ODD_CELLS, ids=lambda case: str(case)[:50])
def test_odd_cells_in_new_rows_are_said(
    run: Run, model: str, folder: Path, change: dict[str, object], start: str, end: str
) -> None:
    arguments = changed(folder, **change)
    for command in (["evaluate"], ["predict"], ["predict", "--rows", "7"]):
        result = run(*command[:1], *arguments, *command[1:])
        (line,) = result.lines
        assert line.startswith(f"warning: {start}")
        assert end in line


def test_rows_without_a_target_are_not_judged(run: Run, model: str, folder: Path) -> None:
    (line,) = run("evaluate", *changed(folder, grown={7: ""})).lines
    assert line == "warning: 1 row is left out of 60: the target 'grown' is missing there"


READ = {
    "a target that is missing": (
        "x,y\n1,no\n2,\n3,yes\n",
        "1 row is left out of 3: the target 'y'",
    ),
    "an infinite target": ("x,y\n1,1.5\n2,inf\n3,2.5\n", "1 infinite value is missing"),
    "nearly a number for a target": (
        "x,y\n" + "".join(f"{i},{i}.5\n" for i in range(20)) + "20,2O.5\n",
        "column 'y': numbers, missing where it says '2O.5' (1)",
    ),
    "an empty column": ("x,z,y\n1,,no\n2,,yes\n3,,no\n", "'z' is left out: it has no value at all"),
    "infinity": (numbers("inf", 4), "column 'x': 1 infinite value is missing"),
    "text among numbers": (numbers("1o", 5), "column 'x': numbers, missing where it says '1o' (1)"),
    "a decimal comma": (
        "x;y\n1;no\n2,5;yes\n1.234,5;no\n",
        "column 'x': numbers with a decimal comma",
    ),
    "a comma between thousands": (
        'x,y\n"1,234",no\n17,yes\n"1,234,567.8",no\n',
        "numbers with commas between the thousands",
    ),
    "a decimal comma in the target": (
        "x;y\n1;0,5\n2;1,5\n3;2,5\n",
        "'y': numbers with a decimal comma: '0,5' is 0.5",
    ),
}


@pytest.mark.parametrize("name", READ)
def test_tables_that_are_read_with_a_word(run: Run, folder: Path, name: str) -> None:
    content, words = READ[name]
    write(folder / "bad.csv", content)
    result = run(*TRAIN, "--preset", "plain", "--epochs", "2")
    assert words in result.err


def test_a_ragged_row_late_in_a_large_file(run: Run, model: str, folder: Path) -> None:
    text = pd.concat([people(3000)] * 10).to_csv(index=False)
    write(folder / "new.csv", text + "1,2,3\n")
    for output in ("kept.csv", "fresh.parquet"):
        arguments = ["predict", model, "new.csv", "-o", output]
        refused(run, folder, arguments, ["new.csv", "row 30001", "12 fields", "3 found"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"grown": None}, ["'grown'", "missing"]),
        ({"grown": {7: "perhaps"}}, ["'grown'", "row 7", "'perhaps'"]),
    ],
    ids=["absent", "unknown class"],
)
def test_targets_to_evaluate(
    run: Run, model: str, folder: Path, change: dict[str, object], words: list[str]
) -> None:
    arguments = changed(folder, **change)
    refused(run, folder, ["evaluate", *arguments], words)
    run("predict", *arguments)  # for which a target is of no importance


def test_evaluating_needs_the_weights(run: Run, table: str, folder: Path) -> None:
    options = [*task_options("grown"), "--weight", "votes", "--epochs", "2", "-m"]
    run("train", table, *options, "model.safetensors")
    arguments = changed(folder, votes=None)
    refused(run, folder, ["evaluate", *arguments], ["'votes'"])
    run("predict", *arguments)


def test_unseen_categories_and_extra_columns_are_warnings(
    run: Run, model: str, folder: Path
) -> None:
    arguments = changed(folder, city={1: "Riga", 2: "Bern", 3: "Riga"}, hobby="chess")
    for command in ("predict", "evaluate"):
        result = run(command, *arguments)
        assert len(result.lines) == 2
        assert all(line.startswith("warning: ") for line in result.lines)
        assert "'hobby'" in result.lines[0]
        assert "'city'" in result.lines[1]
        assert "'Riga' (2), 'Bern' (1)" in result.lines[1]
        assert run(command, *arguments, "--quiet").err == ""


def test_warnings_of_a_stream_come_once(run: Run, model: str, folder: Path) -> None:
    arguments = changed(folder, city="Riga", hobby="chess")
    result = run("predict", *arguments, "--rows", "7")
    assert len(result.lines) == 2
    assert "60 rows have categories" in result.lines[1]


def test_a_damaged_model(run: Run, model: str, table: str, folder: Path) -> None:
    content = (folder / model).read_bytes()
    damages = {
        "cut.safetensors": content[:-20],
        "altered.safetensors": content[:-4] + b"\0\0\0\0",
        "tiny.safetensors": content[:5],
        "empty.safetensors": b"",
    }
    for name, damaged in damages.items():
        (folder / name).write_bytes(damaged)
        refused(run, folder, ["predict", name, table], [name])


def test_nothing_is_left_behind_by_a_diverging_training(run: Run, folder: Path) -> None:
    write(folder / "bad.csv", "x,y\n" + "".join(f"{i},{i * i}.5\n" for i in range(40)))
    before = snapshot(folder)
    options = ["--solver", "sgd", "--learning-rate", "1e9", "--activation", "identity"]
    result = run(*TRAIN, *options, "--quiet", code=1)
    assert len(result.lines) == 1
    assert "diverged" in result.err
    assert "--clip-norm 1" in result.err
    assert snapshot(folder) == before
