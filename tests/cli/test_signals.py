"""Signals, and folders and files that cannot be written: nothing is lost, nothing half done stays."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import chainrule
from helpers.cli import Run, people, refused, snapshot, task_options

MODULE = [sys.executable, "-m", "chainrule"]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_request_to_end_keeps_the_best_model(tmp_path: Path, table: str, name: str) -> None:
    options = [*task_options("grown"), "--epochs", "1000000", "--patience", "1000000", "-m", "m"]
    with subprocess.Popen(
        [*MODULE, "train", table, *options], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if line.startswith("epoch 20:"):
                break
        running.send_signal(getattr(signal, name))
        rest = running.stderr.read()
    assert running.returncode == 130, rest
    assert "Traceback" not in rest
    assert chainrule.load(tmp_path / "m").summary["interrupted"]
    assert set(snapshot(tmp_path)) == {table, "m"}


def test_a_request_to_end_while_a_file_is_written(tmp_path: Path, model: str) -> None:
    people(2000).to_csv(tmp_path / "long.csv", index=False)
    (tmp_path / "p.csv").write_bytes(b"an older prediction")
    before = snapshot(tmp_path)
    with subprocess.Popen(
        [*MODULE, "predict", model, "long.csv", "-o", "p.csv", "--rows", "1"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        while running.poll() is None and not list(tmp_path.glob(".p.csv.*")):
            pass
        running.send_signal(signal.SIGTERM)
        _, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (130, "error: interrupted\n")
    assert snapshot(tmp_path) == before


def test_what_nohup_ignores_stays_ignored(tmp_path: Path) -> None:
    code = (
        "import os, signal\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from chainrule.cli.process import ending_signals\n"
        "with ending_signals():\n"
        "    os.kill(os.getpid(), signal.SIGHUP)\n"
        "print('here')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.stdout == b"here\n", done.stderr


# ------------------------------------------------------------------------------------- full disks


WRITING = [
    ["train", "people.csv", *task_options("grown"), "--epochs", "1", "-q", "-m", "old"],
    ["predict", "model.safetensors", "people.csv", "-o", "old.csv"],
    ["predict", "model.safetensors", "people.csv", "-o", "old.parquet"],
    ["explain", "model.safetensors", "people.csv", *["-o", "old.html"]],
    ["derive", "-o", "old.tex"],
]


@pytest.mark.parametrize("command", WRITING, ids=lambda command: f"{command[0]} {command[-1]}")
def test_a_disk_that_fills_leaves_what_was_there(
    tmp_path: Path, model: str, command: list[str]
) -> None:
    """A limit on the size of files stands for the full disk: the write fails in the middle."""
    (tmp_path / command[-1]).write_bytes(b"an older file")
    before = snapshot(tmp_path)
    done = subprocess.run(
        [*MODULE, *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300)),
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == f"error: cannot write {str(tmp_path / command[-1])!r}: File too large\n"
    assert snapshot(tmp_path) == before


# ---------------------------------------------------------------------------- what cannot be written


def test_a_protected_file(
    run: Run, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "m").write_bytes(b"not to be touched")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "m")  # root may all
    arguments = ["train", table, *task_options("grown"), "-m", "m"]
    refused(run, tmp_path, arguments, ["cannot write 'm'", "write-protected"])


def test_a_folder_that_is_gone(tmp_path: Path, table: str) -> None:
    (tmp_path / "gone").mkdir()
    line = f'cd gone && rmdir ../gone && "$0" -m chainrule train {tmp_path / table} -t grown'
    done = subprocess.run(
        ["sh", "-c", line, sys.executable], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == (
        b"error: cannot write 'people.model.safetensors': No such file or directory\n"
    )
