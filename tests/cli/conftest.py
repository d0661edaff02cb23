"""What all tests of the command line start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.cli import Run, people, runner, task_options


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``chainrule`` in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return runner(monkeypatch, capsys)


@pytest.fixture
def table(tmp_path: Path) -> str:
    """Write ``people.csv``: 60 rows with every kind of column."""
    people().to_csv(tmp_path / "people.csv", index=False)
    return "people.csv"


@pytest.fixture
def model(run: Run, table: str) -> str:
    """Train ``model.safetensors`` to tell whether somebody is grown."""
    run("train", table, *task_options("grown"), "--epochs", "5", "-m", "model.safetensors")
    return "model.safetensors"
