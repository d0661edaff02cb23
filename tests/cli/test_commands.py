"""What the commands say and leave behind when all is well."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import chainrule
from chainrule.core import choice
from chainrule.version import __version__
from helpers.cli import Run, people, snapshot, task_options

FAST = ["--preset", "plain", "--hidden", "4", "--epochs", "3"]


# ------------------------------------------------------------------------------------------- help


@pytest.mark.parametrize("command", ["train", "predict", "evaluate"])
def test_help_has_examples(run: Run, command: str) -> None:
    result = run(command, "--help")
    assert result.err == ""
    assert f"Usage: chainrule {command}" in result.out
    assert result.out.count(f"chainrule {command} ") >= 3
    assert run(command, "-h").out == result.out


def test_help_of_the_whole(run: Run) -> None:
    result = run("--help")
    for word in ("train", "predict", "evaluate", "Exit codes: 0 done, 1 failed, 2 bad input"):
        assert word in result.out
    assert run("-h").out == result.out
    assert run().out.split() == result.out.split()


def test_help_names_every_choice(run: Run) -> None:
    text = " ".join(run("train", "--help-all").out.split())
    for word in ("lbfgs", "one_cycle", "balanced_accuracy", "poisson", "multilabel", "leaky_relu"):
        assert word in text


def test_version(run: Run) -> None:
    assert run("--version").out == f"chainrule {__version__}\n"


# ---------------------------------------------------------------------------------- what is printed


def test_a_log_has_plain_lines(run: Run, table: str) -> None:
    result = run("train", table, *task_options("grown"), "--epochs", "25", "-m", "m")
    epochs = [line for line in result.lines if line.startswith("epoch ")]
    assert [int(re.findall(r"\d+", line)[0]) for line in epochs] == [1, 2, 5, 10, 20, 25]
    assert "\x1b" not in result.err + result.out
    assert "\r" not in result.err + result.out
    assert result.lines[0] == "people.csv: 60 rows, 12 columns"
    assert result.lines[1] == "rows: 42 for training, 9 for validation, 9 for test"
    rows = people()["grown"].value_counts()
    labels = f"(no: {rows['no']}, yes: {rows['yes']})"
    assert result.lines[2] == f"target grown: binary {labels}, read off the target"
    assert "model saved: m" in result.lines
    for part in ("training", "validation", "test", "accuracy", "ROC AUC"):
        assert part in result.out


@pytest.mark.parametrize("command", ["train", "predict", "evaluate"])
def test_quiet_prints_nothing(run: Run, model: str, table: str, command: str) -> None:
    arguments = {
        "train": [table, *task_options("grown"), "--epochs", "1"],
        "predict": [model, table, "-o", "p.csv"],
        "evaluate": [model, table],
    }[command]
    for flag in ("--quiet", "-q"):
        result = run(command, *arguments, flag)
        assert result.out == result.err == ""


def test_json_is_one_document_and_nothing_else(run: Run, table: str) -> None:
    options = [*task_options("grown"), "--epochs", "2"]
    result = run("train", table, *options, "-m", "m", "--json")
    document = json.loads(result.out)  # which refuses anything behind it
    assert document["task"] == "binary"
    assert document["targets"] == ["grown"]
    assert document["model"] == "m"
    assert set(document["results"]) == {"training", "validation", "test"}
    assert document["classes"] == people()["grown"].value_counts().to_dict()
    of_classes = {"accuracy", "largest_class", "balanced_accuracy", "average_precision", "roc_auc"}
    for part, figures in document["results"].items():
        ends = {"accuracy_low", "accuracy_high"} if part == "test" else set()
        assert {"rows", "cost", *of_classes, "log_loss", "seconds", *ends} == set(figures)
    evaluated = run("evaluate", "m", table, "--json")
    assert evaluated.err == ""
    assert json.loads(evaluated.out)["rows"] == 60
    assert json.loads(evaluated.out)["classes"] == document["classes"]


def test_json_has_no_nan(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n1,1.5\n2,2.5\n3,9.5\n")
    (tmp_path / "one.csv").write_text("x,y\n1,1.5\n")
    run("train", "t.csv", "-t", "y", *FAST, "--validation", "0", "--test", "0", "-m", "m")
    document = json.loads(run("evaluate", "m", "one.csv", "--json").out, parse_constant=pytest.fail)
    assert document["r2"] is None
    assert document["mae"] >= 0


def test_names_are_shown_as_they_are(run: Run, tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": range(30), "[red]smile:smile:": [":heart:", "[b]x[/b]"] * 15})
    frame.to_csv(tmp_path / "[i] :cat: t.csv", index=False)
    options = ["-t", "[red]smile:smile:", *FAST]
    result = run("train", "[i] :cat: t.csv", *options)
    text = result.out + result.err
    assert "target [red]smile:smile:: binary (:heart:: 15, [b]x[/b]: 15)" in text
    assert "chainrule evaluate '[i] :cat: t.model.safetensors' NEW.csv" in text
    shown = run("evaluate", "[i] :cat: t.model.safetensors", "[i] :cat: t.csv").out
    assert "[i] :cat: t.csv" in shown


def test_what_the_user_may_want_to_know(run: Run, tmp_path: Path) -> None:
    frame = people()
    frame["id"] = [f"P{number:04}" for number in range(60)]
    frame["planet"] = "Earth"
    frame["number"] = 2**62 + np.arange(60) * 7 % 60  # float64 tells none of them apart
    frame["born"] = ["31.12.2024", "1.1.1999", "04.05.2001"] * 20
    frame.to_csv(tmp_path / "t.csv", index=False)
    result = run("train", "t.csv", *task_options("grown"), "--epochs", "1")
    assert "note: column 'id' is left out: no value comes twice" in result.err
    assert "note: column 'planet' is left out: it is the same in every row" in result.err
    assert "note: column 'number' is left out: it is the same in every row to" in result.err
    assert "note: column 'born': dates (day first): '31.12.2024' is 2024-12-31" in result.err
    assert "warning: training ended before it had converged: raise --epochs" in result.err


def test_the_user_reads_what_makes_the_training_slower(
    run: Run, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "_said", set())
    result = run(
        "train", table, *task_options("grown"), "--hidden", ",".join(["2"] * 70), "--epochs", "1"
    )
    slower = [line for line in result.lines if "does not know more than 64 layers" in line]
    assert len(slower) == 1
    assert slower[0].startswith("warning: ")


# ------------------------------------------------------------------------------ what is left behind


@pytest.mark.parametrize(
    ("data", "model"),
    [
        ("people.csv", "people.model.safetensors"),
        ("people.2024.csv", "people.2024.model.safetensors"),
        ("people.csv.gz", "people.model.safetensors"),
    ],
)
def test_the_default_name_of_the_model(run: Run, tmp_path: Path, data: str, model: str) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    people().to_csv(folder / data, index=False)
    run("train", folder / data, *task_options("grown"), *FAST, "-q")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [model]


def test_lists_in_cells_are_categories(run: Run, tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": ["1,2,3", "1,2", "2"] * 10, "y": ["a", "b", "a"] * 10})
    frame.to_csv(tmp_path / "t.csv", index=False)
    run("train", "t.csv", "-t", "y", *FAST, "-m", "m")
    assert "x=1,2" in chainrule.load(tmp_path / "m").encoder.feature_names


def test_only_what_was_asked_for_is_written(run: Run, table: str, tmp_path: Path) -> None:
    before = snapshot(tmp_path)
    run("train", table, *task_options("score"), *FAST, "-m", "m", "--plot", "curves.svg")
    after = snapshot(tmp_path)
    assert set(after) - set(before) == {"m", "curves.svg"}
    assert {name: after[name] for name in before} == before
    run("evaluate", "m", table)
    run("predict", "m", table)
    assert snapshot(tmp_path) == after


def test_a_link_to_a_model_stays_a_link(run: Run, table: str, tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    run("train", table, *task_options("score"), *FAST, "-q", "-m", "link")
    assert (tmp_path / "link").is_symlink()
    assert chainrule.load(tmp_path / "real").target.targets == ("score",)


@pytest.mark.parametrize(
    ("targets", "options", "task"),
    [
        (["grown"], [], "binary"),
        (["grown"], ["--task", "multiclass"], "binary"),
        (["grade"], [], "multiclass"),
        (["likes_tea"], [], "binary"),
        (["likes_tea"], ["--task", "regression"], "regression"),
        (["likes_tea", "likes_rye"], [], "multilabel"),
        (["score"], [], "regression"),
        (["visits"], ["--task", "regression", "--loss", "poisson"], "regression"),
        (["score", "visits"], [], "regression"),
    ],
)
def test_tasks(
    run: Run, table: str, tmp_path: Path, targets: list[str], options: list[str], task: str
) -> None:
    extra = ["--weight", "votes", *options, "--epochs", "3", "-m", "m", "--json"]
    document = run("train", table, *task_options(*targets), *extra).document
    assert document["task"] == task
    model = chainrule.load(tmp_path / "m")
    assert model.target.task == task
    assert model.weight == "votes"
    assert "votes" not in model.encoder.columns
    for part in document["results"].values():
        assert part["rows"] in (42, 9)


@pytest.mark.parametrize("solver", ["adam", "adamw", "sgd", "rmsprop", "lbfgs"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_solver_learns(run: Run, table: str, solver: str, dtype: str) -> None:
    options = ["--solver", solver, "--dtype", dtype, "--learning-rate", "0.01", "--epochs", "100"]
    document = run("train", table, *task_options("score"), *options, "--json").document
    assert document["results"]["training"]["r2"] > 0.9


def test_every_option_reaches_the_network(run: Run, table: str, tmp_path: Path) -> None:
    options = [
        *("--hidden", "7,5", "--activation", "tanh, elu", "--dropout", "0.1,0.2"),
        *("--solver", "sgd", "--learning-rate", "0.02", "--schedule", "cosine"),
        *("--momentum", "0.5", "--alpha", "0.3", "--clip-norm", "2", "--batch-size", "11"),
        *("--epochs", "4", "--patience", "9", "--metric", "f1", "--label-smoothing", "0.1"),
        *("--class-weight", "balanced", "--seed", "5", "--max-categories", "2"),
        *("--dtype", "float32", "--drop", "since", "--categorical", "votes"),
    ]
    run("train", table, *task_options("grade"), *options, "-m", "m")
    model = chainrule.load(tmp_path / "m")
    settings = model.estimator.get_params()
    expected = {
        "hidden_layer_sizes": (7, 5),
        "activation": ("tanh", "elu"),
        "dropout": (0.1, 0.2),
        "solver": "sgd",
        "learning_rate_init": 0.02,
        "learning_rate": "cosine",
        "momentum": 0.5,
        "alpha": 0.3,
        "clip_norm": 2.0,
        "batch_size": 11,
        "max_iter": 4,
        "n_iter_no_change": 9,
        "metric": "f1",
        "label_smoothing": 0.1,
        "class_weight": "balanced",
        "random_state": 5,
    }
    for name, value in expected.items():
        found = settings[name]
        assert (tuple(found) if isinstance(found, list) else found) == value, name
    assert model.estimator.network_.sizes[1:] == (7, 5, 3)
    assert model.estimator.network_.hidden == ("tanh", "elu")
    assert model.dtype == np.float32
    assert "since" not in model.encoder.columns
    assert {"votes=1", "votes=2", "votes=3"} & set(model.encoder.feature_names)


@pytest.mark.parametrize("hidden", ["none", "0", ""])
def test_a_linear_model(run: Run, table: str, tmp_path: Path, hidden: str) -> None:
    run("train", table, *task_options("score"), "--hidden", hidden, "--epochs", "2", "-m", "m")
    assert len(chainrule.load(tmp_path / "m").estimator.network_.sizes) == 2


def test_own_validation_and_test_rows(run: Run, table: str, tmp_path: Path) -> None:
    people(31, seed=1).to_csv(tmp_path / "v.csv", index=False)
    people(23, seed=2).to_parquet(tmp_path / "t.parquet")
    own = ["--validation-data", "v.csv", "--test-data", "t.parquet"]
    document = run("train", table, *task_options("grade"), *FAST, *own, "--json").document
    rows = {part: figures["rows"] for part, figures in document["results"].items()}
    assert rows == {"training": 60, "validation": 31, "test": 23}


def test_evaluating_agrees_with_the_training(run: Run, table: str, tmp_path: Path) -> None:
    people(31, seed=1).to_csv(tmp_path / "own.csv", index=False)
    options = [*task_options("grade"), *FAST, "--test-data", "own.csv", "-m", "m", "--json"]
    trained = run("train", table, *options).document["results"]["test"]
    evaluated = run("evaluate", "m", "own.csv", "--json").document
    for name in ("rows", "cost", "accuracy", "roc_auc", "log_loss"):
        assert evaluated[name] == trained[name]


def test_reading_options(run: Run, tmp_path: Path) -> None:
    frame = people()[["age", "city", "grown"]]
    frame.to_csv(tmp_path / "t.csv", sep="%", index=False, header=False, encoding="latin-1")
    reading = ["--delimiter", "%", "--no-header", "--encoding", "latin-1"]
    run("train", "t.csv", "-t", "c3", *FAST, "-m", "m", *reading)
    assert run("predict", "m", "t.csv", *reading).out.count("\n") == 61
    assert run("evaluate", "m", "t.csv", *reading, "--json").document["rows"] == 60
    assert "city=Zürich" not in chainrule.load(tmp_path / "m").encoder.feature_names
    assert "c2=Zürich" in chainrule.load(tmp_path / "m").encoder.feature_names


# ---------------------------------------------------------------------------------- reproducibility


def without_times(path: Path) -> tuple[bytes, dict[str, object]]:
    """Return the tensors of a model file, and its document without the times."""
    content = path.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    document = json.loads(json.loads(content[8:end])["__metadata__"]["chainrule"])
    summary = document["details"]["summary"]
    for results in (summary, *summary["results"].values()):
        assert results.pop("seconds") > 0
    assert document["details"]["estimator"]["details"]["history"].pop("seconds")
    return content[end:], document


@pytest.mark.parametrize("task", ["grade", "score"])
def test_the_same_command_gives_the_same_model(
    run: Run, table: str, tmp_path: Path, task: str
) -> None:
    options = [*task_options(task), "--dropout", "0.2", "--epochs", "20", "-q"]
    for name in ("first", "second"):
        run("train", table, *options, "-m", name)
        run("predict", name, table, "-q", "-o", f"{name}.csv")
    # All but the times is the same to the bit.
    assert without_times(tmp_path / "first") == without_times(tmp_path / "second")
    assert (tmp_path / "first.csv").read_bytes() == (tmp_path / "second.csv").read_bytes()


def test_the_format_of_the_table_does_not_matter(run: Run, table: str, tmp_path: Path) -> None:
    people().to_parquet(tmp_path / "people.parquet")
    for data, name in ((table, "first"), ("people.parquet", "second")):
        run("train", data, *task_options("grade"), "--epochs", "5", "-q", "-m", name)
    assert without_times(tmp_path / "first")[0] == without_times(tmp_path / "second")[0]


def test_another_seed_gives_another_model(run: Run, table: str, tmp_path: Path) -> None:
    tensors = set()
    for seed in (0, 1, 2):
        run(
            "train", table, *task_options("grade"), "--seed", seed, "--epochs", "2", "-q", "-m", "m"
        )
        tensors.add(without_times(tmp_path / "m")[0])
    assert len(tensors) == 3
