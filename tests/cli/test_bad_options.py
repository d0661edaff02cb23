"""Options that make no sense: one line that names them, exit code 2, and nothing is touched."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path

import pytest

from helpers.cli import Run, refused, snapshot

TRAIN = ["train", "people.csv", "--target", "grown", "--model", "kept.safetensors"]

# What is added to TRAIN, and what the line has to say.
WRONG_VALUES: list[tuple[list[str], list[str]]] = [
    (["--hidden", "0,-3"], ["--hidden", "'0,-3'"]),
    (["--hidden", "16,0"], ["--hidden", "(16, 0)"]),
    (["--hidden", "-3"], ["--hidden", "'-3'"]),
    (["--hidden", "many"], ["--hidden", "'many'"]),
    (["--hidden", "1.5"], ["--hidden", "'1.5'"]),
    (["--hidden", "1e12"], ["--hidden", "'1e12'"]),
    (["--hidden", str(10**12)], ["--hidden", "parameters"]),
    (["--hidden", str(10**30)], ["parameters", "take fewer units"]),
    (["--hidden", "99999999,99999999"], ["--hidden", "parameters"]),
    (["--activation", "sigmiod"], ["activation", "'sigmiod'", "did you mean 'sigmoid'?"]),
    (["--activation", "tanh,relu"], ["activation", "['tanh', 'relu']"]),
    (["--activation", "tanh,rleu", "--hidden", "4,4"], ["'rleu'", "did you mean 'relu'?"]),
    (["--activation", ""], ["activation", "''"]),
    (["--solver", "adm"], ["solver", "'adm'", "did you mean 'adam'?"]),
    (["--schedule", "cosin"], ["schedule", "'cosin'", "did you mean 'cosine'?"]),
    (["--metric", "acuracy"], ["metric", "'acuracy'", "did you mean 'accuracy'?"]),
    (["--metric", "r2"], ["metric 'r2'", "classification"]),
    (["--loss", "squared"], ["loss", "'squared'", "did you mean 'squared_error'?"]),
    (["--loss", "poisson"], ["--loss", "binary"]),
    (["--task", "binry"], ["task", "'binry'", "did you mean 'binary'?"]),
    (["--dtype", "float16"], ["dtype", "'float16'", "did you mean 'float64'?"]),
    (["--dropout", "1.5"], ["dropout", "1.5"]),
    (["--dropout", "1"], ["dropout", "1.0"]),
    (["--dropout", "-0.1"], ["dropout", "-0.1"]),
    (["--dropout", "some"], ["--dropout", "'some'"]),
    (["--dropout", "nan"], ["dropout", "nan"]),
    (["--dropout", "0.1,0.2", "--preset", "plain"], ["dropout", "2 probabilities"]),
    (["--alpha", "-1"], ["alpha", "-1"]),
    (["--alpha", "nan"], ["alpha", "nan"]),
    (["--alpha", "inf"], ["alpha", "inf"]),
    (["--alpha", "x"], ["--alpha"]),
    (["--epochs", "0"], ["--epochs", "0"]),
    (["--epochs", "-5"], ["--epochs", "-5"]),
    (["--epochs", "1.5"], ["--epochs"]),
    (["--validation", "1.2"], ["--validation", "1.2"]),
    (["--validation", "-0.1"], ["--validation", "-0.1"]),
    (["--validation", "nan"], ["--validation", "nan"]),
    (["--test", "1"], ["--test", "1"]),
    (["--validation", "0.5", "--test", "0.5"], ["--validation 0.5", "--test 0.5"]),
    (["--batch-size", "0"], ["--batch-size", "whole number of at least 1", "not 0"]),
    (["--batch-size", "-8"], ["--batch-size", "whole number of at least 1", "not -8"]),
    (["--batch-size", "2.5"], ["--batch-size"]),
    (["--preset", "relmlp"], ["preset", "'relmlp'", "did you mean 'realmlp'?"]),
    (["--preset", ""], ["preset", "''", "plain"]),
    (["--scaling", "robst"], ["scaling", "'robst'", "did you mean 'robust'?", "standard"]),
    (["--bins", "1"], ["--bins", "from 2 to 1024", "not 1"]),
    (["--bins", "1025"], ["--bins", "from 2 to 1024", "not 1025"]),
    (["--bins", "-2"], ["--bins"]),
    (["--bins", "1.5"], ["--bins"]),
    (["--parametrization", "nkt"], ["parametrization", "'nkt'", "did you mean 'ntk'?"]),
    (["--initializer", "norml"], ["initializer", "'norml'", "did you mean 'normal'?"]),
    (["--ensemble", "0"], ["--ensemble"]),
    (["--ensemble", "2.5"], ["--ensemble"]),
    (["--bagging", "0"], ["--bagging"]),
    (["--bagging", "2", "--solver", "lbfgs"], ["bagging", "'lbfgs'"]),
    (["--rate-factors", "scale"], ["--rate-factors", "scale=6,b=0.1", "'scale'"]),
    (["--rate-factors", "scale=x"], ["--rate-factors", "'scale=x'"]),
    (["--rate-factors", "b=1=2"], ["--rate-factors", "'b=1=2'"]),
    (["--rate-factors", "b=0.1,"], ["--rate-factors", "'b=0.1,'"]),
    (
        ["--rate-factors", "c=1"],
        ["'c'", "scale, frequency, phase, amplitude, offset, W, R, S, b, W1, b1"],
    ),
    (["--rate-factors", "W9=1"], ["'W9'", "W4, b4"]),
    (["--rate-factors", "W3=1", "--hidden", "8"], ["'W3'", "W2, b2"]),
    (["--rate-factors", "b=-1"], ["factor of b", "-1"]),
    (["--rate-factors", "b=nan"], ["factor of b", "nan"]),
    (["--rate-factors", "W=inf"], ["factor of W", "inf"]),
    (["--beta-2", "1"], ["--beta-2", "1.0"]),
    (["--beta-2", "-0.5"], ["--beta-2", "-0.5"]),
    (["--schedule", "coslog"], ["schedule", "'coslog'", "did you mean 'coslog4'?"]),
    (["--dropout", "0.1,0.2", "--preset", "realmlp"], ["dropout", "2 probabilities"]),
    (["--input-scale=3"], ["--input-scale"]),
    (["--zero-output", "maybe"], ["maybe"]),
    (["--patience", "0"], ["--patience", "0"]),
    (["--seed", "-1"], ["--seed"]),
    (["--seed", "4294967296"], ["--seed"]),
    (["--seed", "x"], ["--seed"]),
    (["--class-weight", "foo"], ["class weight", "'foo'", "balanced"]),
    (["--clip-norm", "0"], ["--clip-norm", "0"]),
    (["--clip-norm", "nan"], ["--clip-norm", "nan"]),
    (["--learning-rate", "nan"], ["--learning-rate", "nan"]),
    (["--learning-rate", "0"], ["--learning-rate", "0"]),
    (["--learning-rate", "-0.1"], ["--learning-rate", "-0.1"]),
    (["--learning-rate", "inf"], ["--learning-rate", "inf"]),
    (["--momentum", "2", "--solver", "sgd"], ["momentum", "2"]),
    (["--weight-decay", "-1", "--solver", "adamw"], ["--weight-decay", "-1"]),
    (["--label-smoothing", "1"], ["--label-smoothing", "1"]),
    (["--label-smoothing", "-0.5"], ["--label-smoothing", "-0.5"]),
    (["--max-categories", "0"], ["--max-categories"]),
    (["--delimiter", ";;"], ["delimiter", "';;'"]),
    (["--encoding", "utf-9"], ["encoding", "'utf-9'"]),
    (["--plot", "curve.gif"], ["'curve.gif'", ".png"]),
    (["--plot", "nowhere/curve.png"], ["nowhere/curve.png", "'nowhere'"]),
    (["--plot", "folder"], ["folder"]),
    # Columns that are named.
    (["--target", "grwon"], ["'grwon'", "did you mean 'grown'?"]),
    (["--target", "grown"], ["'grown'", "twice"]),
    (["--target", "likes_tea", "--task", "binary"], ["'binary'", "one target, not 2"]),
    (["--target", "age"], ["'grown'", "several targets"]),
    (["--task", "regression"], ["'grown'", "row 1", "is not a number"]),
    (["--weight", "vote"], ["'vote'", "did you mean 'votes'?"]),
    (["--weight", "grown"], ["'grown'"]),
    (["--weight", "city"], ["'city'", "row 1", "is not a number"]),
    (["--drop", "agee"], ["'agee'", "did you mean 'age'?"]),
    (["--drop", "grown"], ["'grown'", "target", "left out"]),
    (["--categorical", "grown"], ["'grown'", "target", "categorical"]),
    (["--numeric", "grown"], ["'grown'", "declared a number", "'yes'"]),
    (["--weight", "votes", "--drop", "votes"], ["'votes'", "weight", "left out"]),
    (["--categorical", "citty"], ["'citty'", "did you mean 'city'?"]),
    (["--preset", "plain", "--effort", "low"], ["--effort", "of the preset pack", "leave out"]),
    (["--dropout", "0.1", "--effort", "low"], ["--dropout", "does not go with a pack"]),
    (["--preset", "pack", "--effort", "lo"], ["unknown effort 'lo'", "did you mean 'low'"]),
    (["--preset", "pack", "--ensemble", "4"], ["--ensemble does not go with a pack"]),
    (["--preset", "pack", "--metric", "accuracy"], ["--metric does not go with a pack"]),
    (["--preset", "pack", "--validation", "0"], ["validation rows", "none are to be set aside"]),
    (["--numeric", "incom"], ["'incom'", "did you mean 'income'?"]),
    (["--numeric", "city"], ["'city'", "declared a number", "name another kind"]),
    (["--categorical", "age", "--numeric", "age"], ["'age'", "both"]),
    # Unknown options and too many arguments.
    (["--learning-rat", "1"], ["--learning-rat", "did you mean --learning-rate?"]),
    (["--epoch", "1"], ["--epoch", "did you mean --epochs?"]),
    (["--zzz"], ["--zzz"]),
    (["more.csv"], ["more.csv"]),
    (["--epochs"], ["--epochs"]),
]

WRONG_COMMANDS: list[tuple[list[str], list[str]]] = [
    (["trian"], ["'trian'", "did you mean 'train'?"]),
    (["--nonsense"], ["--nonsense"]),
    (["train"], ["DATA"]),
    (["train", "people.csv"], ["--target"]),
    (["train", "nowhere.csv", "--target", "y"], ["nowhere.csv", "no such file"]),
    (["train", "folder", "--target", "y"], ["folder", "directory"]),
    (["train", "", "--target", "y"], ["directory"]),
    ([*TRAIN[:-1], "nowhere/model.safetensors"], ["nowhere/model.safetensors", "'nowhere'"]),
    ([*TRAIN[:-1], "people.csv"], ["'people.csv'", "input"]),
    ([*TRAIN[:-1], "folder"], ["'folder'", "folder"]),
    ([*TRAIN[:-1], "/dev/null"], ["'/dev/null'"]),
    ([*TRAIN, "--plot", "people.csv"], ["'people.csv'"]),
    ([*TRAIN[:-1], "same.png", "--plot", "./same.png"], ["same.png", "--plot"]),
    ([*TRAIN, "--validation-data", "nowhere.csv"], ["nowhere.csv", "no such file"]),
    ([*TRAIN, "--test-data", "nowhere.csv"], ["nowhere.csv", "no such file"]),
    ([*TRAIN[:-1], "v.csv", "--validation-data", "v.csv"], ["'v.csv'", "input"]),
    (["predict", "kept.safetensors"], ["DATA"]),
    (["predict", "nowhere.safetensors", "people.csv"], ["nowhere.safetensors"]),
    (["predict", "people.csv", "people.csv"], ["'people.csv'", "not a model file"]),
    (["predict", "folder", "people.csv"], ["'folder'"]),
    (["predict", "kept.safetensors", "people.csv"], ["kept.safetensors", "not a model file"]),
    (["evaluate", "people.csv", "people.csv"], ["'people.csv'", "not a model file"]),
    (["evaluate", "kept.safetensors", "people.csv", "--josn"], ["did you mean --json?"]),
]


@pytest.fixture
def folder(tmp_path: Path, table: str) -> Path:
    """Prepare files that a failing command must not touch."""
    (tmp_path / "kept.safetensors").write_bytes(b"an older model")
    (tmp_path / "v.csv").write_bytes((tmp_path / table).read_bytes())
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize(("added", "words"), WRONG_VALUES, ids=lambda case: " ".join(case))
def test_wrong_value(run: Run, folder: Path, added: list[str], words: list[str]) -> None:
    refused(run, folder, [*TRAIN, *added], words)


@pytest.mark.parametrize(("arguments", "words"), WRONG_COMMANDS, ids=lambda case: " ".join(case))
def test_wrong_command(run: Run, folder: Path, arguments: list[str], words: list[str]) -> None:
    refused(run, folder, arguments, words)


def test_quiet_and_json_do_not_change_an_error(run: Run, folder: Path) -> None:
    plain = run(*TRAIN, "--epochs", "0", code=2)
    assert run(*TRAIN, "--epochs", "0", "--quiet", code=2) == plain
    assert run(*TRAIN, "--epochs", "0", "--json", code=2) == plain


@pytest.mark.parametrize("output", ["predicted.xlsx", "predicted", "folder", "nowhere/p.csv"])
def test_output_that_cannot_be_written(run: Run, model: str, folder: Path, output: str) -> None:
    refused(run, folder, ["predict", model, "people.csv", "-o", output], [f"'{output}'"])


@pytest.mark.parametrize(
    ("added", "words"),
    [
        (["--rows", "0"], ["--rows"]),
        (["--keep", "agee"], ["'agee'", "did you mean 'age'?"]),
        (["-o", "people.csv"], ["'people.csv'", "input"]),
        (["--outptu", "x.csv"], ["did you mean --output?"]),
        (["--encoding", "nonsense"], ["'nonsense'"]),
        (["--delimiter", ""], ["delimiter"]),
    ],
    ids=lambda case: " ".join(case),
)
def test_wrong_value_for_predict(
    run: Run, model: str, folder: Path, added: list[str], words: list[str]
) -> None:
    refused(run, folder, ["predict", model, "people.csv", *added], words)


def test_predicting_onto_the_model(run: Run, model: str, folder: Path) -> None:
    named = folder / "model.csv"
    named.write_bytes((folder / model).read_bytes())
    refused(run, folder, ["predict", "model.csv", "people.csv", "-o", "model.csv"], ["input"])


def test_plot_without_matplotlib(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_it = builtins.__import__

    def missing(name: str, *rest: object) -> object:
        if name.partition(".")[0] == "matplotlib":
            raise ImportError(name)
        return import_it(name, *rest)  # type: ignore[arg-type]

    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", missing)
    before = snapshot(folder)
    result = run(*TRAIN, "--plot", "curves.png", code=1)
    assert len(result.lines) == 1
    assert "matplotlib" in result.err
    assert "pip install 'chainrule[plot]'" in result.err
    assert snapshot(folder) == before
