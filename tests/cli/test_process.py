"""The command as a process of its own: exit codes, Ctrl-C, pipes and terminals."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.csv
import pytest

import chainrule
from chainrule.cli import predicting as predict_module
from chainrule.cli.progress import Display
from chainrule.estimators import TableModel
from chainrule.train import TrainingRun
from helpers.cli import Run, people, refused, snapshot, task_options

SCRIPT = shutil.which("chainrule", path=sysconfig.get_path("scripts"))
MODULE = [sys.executable, "-m", "chainrule"]
ENDLESS = ["--epochs", "1000000", "--patience", "1000000", "--learning-rate", "1e-5"]


@contextlib.contextmanager
def process(folder: Path, *arguments: object, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start the command; end it, whatever the test does."""
    given: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    with subprocess.Popen(
        [*MODULE, *map(str, arguments)], cwd=folder, text=True, encoding="utf-8", **given
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def wait_for(stream: IO[str] | None, start: str) -> str:
    """Read lines up to the first one with this start, and return all of them."""
    assert stream is not None
    seen = ""
    for line in stream:
        seen += line
        if line.startswith(start):
            return seen
    raise AssertionError(f"{start!r} never came, but this: {seen}")


def interrupted(running: subprocess.Popen[str]) -> tuple[str, str]:
    """Press Ctrl-C; return what was printed from then on."""
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in err
    return out, err


# ------------------------------------------------------------------------------------- exit codes


@pytest.mark.skipif(SCRIPT is None, reason="the package is not installed with its script")
def test_the_script_and_the_module_are_the_same(tmp_path: Path, table: str) -> None:
    for arguments, code in (
        (["--version"], 0),
        (["train", table], 2),
    ):
        results = [
            subprocess.run(
                [*command, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
            )
            for command in ([SCRIPT], MODULE)
        ]
        assert [result.returncode for result in results] == [code, code]
        assert results[0].stdout == results[1].stdout
        names = [result.stderr.replace("python -m chainrule", "chainrule") for result in results]
        assert names[0] == names[1]


def test_an_error_that_nobody_foresaw(
    run: Run, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("chainrule.cli.training.run_job", broken)
    result = run("train", table, "-t", "grown", code=1)
    assert result.err == "error: RuntimeError: two lines (CHAINRULE_DEBUG=1 shows where)\n"
    monkeypatch.setenv("CHAINRULE_DEBUG", "1")
    with pytest.raises(RuntimeError, match="two"):
        run("train", table, "-t", "grown")


def test_out_of_memory(run: Run, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("chainrule.cli.training.run_job", greedy)
    assert run("train", table, "-t", "grown", code=1).err.startswith("error: out of memory")


NO_MEMORY = [
    pa.ArrowException("Unknown error: Failed to launch worker: Resource temporarily unavailable"),
    pa.ArrowMemoryError("malloc of size 64 failed"),
    OSError(12, "Cannot allocate memory"),
]


@pytest.mark.parametrize("error", NO_MEMORY, ids=repr)
@pytest.mark.parametrize("name", ["people.csv", "people.parquet"])
def test_a_lack_of_memory_does_not_blame_the_file(
    run: Run, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: Any
) -> None:
    people().to_parquet(tmp_path / "people.parquet")

    def greedy(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("pyarrow.csv.read_csv", greedy)
    monkeypatch.setattr("pyarrow.parquet.ParquetFile", greedy)
    err = run("train", name, "-t", "grown", code=1).err
    assert err == "error: out of memory: take fewer rows or columns, or a smaller network\n"


# ------------------------------------------------------------------------------------------- Ctrl-C


@pytest.mark.parametrize("added", [[], ["--validation", "0"]], ids=str)
def test_ctrl_c_keeps_the_best_model(tmp_path: Path, table: str, added: list[str]) -> None:
    arguments = ["train", table, *task_options("grown"), *ENDLESS, *added, "-m", "m"]
    with process(tmp_path, *arguments) as running:
        wait_for(running.stderr, "epoch 20:")
        _, err = interrupted(running)
    model = chainrule.load(tmp_path / "m")
    assert model.summary["interrupted"]
    assert model.summary["stopped"] == "interrupted"
    assert model.summary["epochs"] >= 20
    if "--validation" not in added:
        history = model.estimator.history_
        assert model.summary["best_epoch"] == 1 + min(
            range(len(history)), key=history.validation_cost.__getitem__
        )
    assert model.predict(tmp_path / table).num_rows == 60
    assert "model saved: m" in err
    assert set(snapshot(tmp_path)) == {table, "m"}


@pytest.mark.parametrize("flag", ["--json", "--quiet"])
def test_ctrl_c_without_a_word(
    run: Run, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flag: str
) -> None:
    class Impatient(Display):
        def on_epoch_end(self, run: TrainingRun) -> None:
            if len(run.history) == 3:
                raise KeyboardInterrupt

    monkeypatch.setattr("chainrule.cli.training.progress_of", lambda _: Impatient())
    result = run("train", table, *task_options("grown"), flag, "-m", "m", code=130)
    assert result.err == ""
    if flag == "--json":
        assert result.document["interrupted"]
        assert result.document["epochs"] == 3
    else:
        assert result.out == ""
    assert chainrule.load(tmp_path / "m").predict(tmp_path / table).num_rows == 60


def test_ctrl_c_under_lbfgs(tmp_path: Path, table: str) -> None:
    people(4000).to_csv(tmp_path / table, index=False)
    arguments = ["train", table, *task_options("score"), "--hidden", "200,200", "--solver", "lbfgs"]
    with process(tmp_path, *arguments, "--epochs", "100000", "-m", "m") as running:
        wait_for(running.stderr, "epoch 2:")
        interrupted(running)
    assert chainrule.load(tmp_path / "m").summary["interrupted"]


def test_ctrl_c_before_the_first_epoch_is_over(tmp_path: Path, table: str) -> None:
    people(20_000).to_csv(tmp_path / table, index=False)
    (tmp_path / "m").write_bytes(b"an older model")
    before = snapshot(tmp_path)
    arguments = ["train", table, *task_options("grown"), "--batch-size", "1", "-m", "m"]
    with process(tmp_path, *arguments) as running:
        wait_for(running.stderr, "target grown:")
        out, err = interrupted(running)
    *notes, last = err.splitlines()
    assert (out, last) == ("", "error: interrupted")
    assert all(line.startswith("note: ") for line in notes)
    assert snapshot(tmp_path) == before


def test_ctrl_c_while_reading(
    run: Run, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    before = snapshot(tmp_path)
    monkeypatch.setattr(pyarrow.csv, "read_csv", impatient)
    result = run("train", table, *task_options("grown"), "-m", "m", code=130)
    assert (result.out, result.err) == ("", "error: interrupted\n")
    assert snapshot(tmp_path) == before


def test_ctrl_c_while_judging_keeps_the_model(
    run: Run, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate = TableModel.evaluate

    def impatient(model: TableModel, source: Any) -> Any:
        if source.num_rows == 9:  # validation
            raise KeyboardInterrupt
        return evaluate(model, source)

    monkeypatch.setattr(TableModel, "evaluate", impatient)
    run("train", table, *task_options("grown"), "--epochs", "3", "-m", "m", code=130)
    summary = chainrule.load(tmp_path / "m").summary
    assert set(summary["results"]) == {"training"}
    assert summary["interrupted"]
    monkeypatch.setattr(TableModel, "evaluate", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    run("train", table, *task_options("grown"), "--epochs", "3", "-m", "m2", code=130)
    assert chainrule.load(tmp_path / "m2").summary["results"] == {}


def test_ctrl_c_while_predicting(
    run: Run, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p.csv").write_bytes(b"an older prediction")
    before = snapshot(tmp_path)
    iterate = predict_module.iterate_batches

    def impatient(*arguments: Any, **options: Any) -> Iterator[Any]:
        yield next(iterate(*arguments, **options))
        raise KeyboardInterrupt

    monkeypatch.setattr(predict_module, "iterate_batches", impatient)
    for output in ("p.csv", "q.parquet"):
        result = run("predict", model, "people.csv", "-o", output, "--rows", "9", code=130)
        assert result.err == "error: interrupted\n"
        assert snapshot(tmp_path) == before


# -------------------------------------------------------------------------------------------- pipes


@pytest.fixture
def long_table(model: str, tmp_path: Path) -> str:
    """Write a table whose predictions do not fit into a pipe."""
    people(20_000).to_csv(tmp_path / "long.csv", index=False)
    return "long.csv"


def test_a_reader_who_has_seen_enough(tmp_path: Path, model: str, long_table: str) -> None:
    with process(tmp_path, "predict", model, long_table) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline() == '"prediction","probability_no","probability_yes"\n'
        running.stdout.close()
        assert running.wait(60) == 141
        assert running.stderr.read() == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk(tmp_path: Path, model: str, table: str, long_table: str) -> None:
    commands = (["predict", model, long_table], ["evaluate", model, table, "--json"])
    for arguments in commands:
        with open("/dev/full", "w") as full, process(tmp_path, *arguments, stdout=full) as running:
            _, err = running.communicate(timeout=60)
        assert running.returncode == 1
        assert len(err.splitlines()) == 1
        assert "No space left on device" in err


def test_a_terminal_without_unicode(tmp_path: Path, model: str, table: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    for arguments in (
        ["train", table, *task_options("score"), "--epochs", "1"],
        ["train", table, "--target", "ÿ"],
        ["evaluate", model, table, "--json"],
    ):
        with process(tmp_path, *arguments, env=environment) as running:
            _, err = running.communicate(timeout=60)
        assert running.returncode == (2 if "ÿ" in arguments else 0)
        assert "Error:" not in err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_not_unicode(run: Run, table: str, tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.csv")
    (tmp_path / name).write_bytes((tmp_path / table).read_bytes())
    refused(run, tmp_path, ["train", name, "--target", "score"], ["caf", "cannot be opened"])


# ---------------------------------------------------------------------------------------- terminals


def on_a_terminal(folder: Path, *arguments: object) -> tuple[int, str, str]:
    """Run with standard error on a terminal; return the exit code and both outputs."""
    here, there = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    with process(folder, *arguments, stderr=there, env=environment) as running:
        os.close(there)
        seen = b""
        with contextlib.suppress(OSError):  # which ends a terminal that nobody writes to any more
            while chunk := os.read(here, 65_536):
                seen += chunk
        out, _ = running.communicate(timeout=60)
    os.close(here)
    return running.returncode, out, seen.decode()


def test_a_progress_bar_on_a_terminal(tmp_path: Path, table: str) -> None:
    options = [*task_options("grown"), "--epochs", "400", "--patience", "400", "-m", "m"]
    code, out, err = on_a_terminal(tmp_path, "train", table, *options)
    assert code == 0
    assert "\x1b" not in out  # which is piped
    assert "━" in err
    assert re.search(r"\d+/400", err)
    assert "validation 0." in err
    assert "epoch 1:" not in err
    assert err.rfind("\x1b[?25h") > err.rfind("\x1b[?25l") > 0  # the cursor is back
    assert err.rstrip().endswith("(other networks, solvers and schedules)")


def test_the_bar_goes_away_when_training_fails(tmp_path: Path, table: str) -> None:
    options = ["--solver", "sgd", "--learning-rate", "1e9", "--activation", "identity", "-m", "m"]
    code, _, err = on_a_terminal(tmp_path, "train", table, *task_options("score"), *options)
    assert code == 1
    assert "training diverged" in err
    assert err.rfind("\x1b[?25h") > err.rfind("\x1b[?25l") > 0


def test_no_bar_when_it_is_to_be_quiet(tmp_path: Path, table: str) -> None:
    options = [*task_options("grown"), "--epochs", "3", "-m", "m"]
    assert on_a_terminal(tmp_path, "train", table, *options, "--quiet") == (0, "", "")
    code, out, err = on_a_terminal(tmp_path, "train", table, *options, "--json")
    assert code == 0
    assert out.startswith("{")
    assert "━" not in err
