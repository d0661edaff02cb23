"""The progress of a training that begins again: said once, and counted anew."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from rich.console import Console

from chainrule.cli.progress import Bar, Lines
from chainrule.nn import Network
from chainrule.optim import SGD, Clock
from chainrule.train import Dataset, Trainer, TrainingRun
from helpers.cli import Run

NET = Network((2, 1))
ROWS = Dataset(np.eye(2), np.ones((2, 1)))


def test_lines_say_with_which_rate_it_begins_again() -> None:
    text = io.StringIO()
    lines = Lines(Console(file=text))
    for rate in (0.5, 0.05):
        Trainer(NET, SGD(rate), epochs=2, callbacks=[lines]).run(NET.init(0), ROWS)
    began, again = text.getvalue().split("diverged: again, with the learning rate 0.05\n")
    assert [line.split(":")[0] for line in began.splitlines()] == ["epoch 1", "epoch 2"]
    assert [line.split(":")[0] for line in again.splitlines()] == ["epoch 1", "epoch 2"]


def test_a_bar_that_begins_again_is_one_bar() -> None:
    text = io.StringIO()
    bar = Bar(Console(file=text, force_terminal=True))
    run = TrainingRun(NET, NET.init(0), SGD(0.1), None, Clock(total_epochs=7))  # type: ignore[arg-type]
    for _ in range(3):
        bar.on_train_begin(run)
        bar.on_train_end(run)
    assert [task.total for task in bar.progress.tasks] == [7]


def test_a_command_whose_training_begins_again(run: Run, tmp_path: Path) -> None:
    rows = "".join(f"{i % 7},{i % 3},{'yn'[i % 2]}\n" for i in range(60))
    (tmp_path / "t.csv").write_text("a,b,y\n" + rows)
    options = ["--preset", "plain", "--solver", "sgd", "--learning-rate", "1e4", "--epochs", "5"]
    result = run("train", str(tmp_path / "t.csv"), "--target", "y", "--model", "m", *options)
    assert result.err.count("60 rows, 3 columns") == 1
    assert "diverged: again, with the learning rate 1000" in result.err
    [warning] = [line for line in result.err.splitlines() if "warning: training diverged" in line]
    assert warning.startswith(
        "warning: training diverged at a learning rate of 10000 and began again"
    )
    assert warning.endswith("if you clip the gradient (--clip-norm 1)")
