"""Standard streams that are closed, full or unread, and odd environments: a sentence, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import chainrule
from helpers.cli import task_options

MODULE = [sys.executable, "-m", "chainrule"]
NOTE = r"$$dZ_2 = A_2 - Y, \quad dW_2 = \frac{1}{m} A_1^T dZ_2$$"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="streams are closed by a POSIX shell")


@pytest.fixture
def folder(tmp_path: Path, model: str, table: str) -> Path:
    """Return a folder with people.csv, model.safetensors and notes.md."""
    (tmp_path / "notes.md").write_text(NOTE)
    return tmp_path


def shell(folder: Path, line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of the shell, in which ``chainrule`` is the command."""
    return subprocess.run(
        ["sh", "-c", f'chainrule() {{ "$PYTHON" -m chainrule "$@"; }}; {line}'],
        cwd=folder,
        env={**os.environ, "PYTHON": sys.executable, **environment},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


PRINTING = [
    "--version",
    "--help",
    "derive",
    "derive --help",
    "check --list",
    "check notes.md --json",
    "predict model.safetensors people.csv",
    "evaluate model.safetensors people.csv",
]


@pytest.mark.parametrize("command", PRINTING)
def test_output_that_cannot_be_written_is_an_error(folder: Path, command: str) -> None:
    closed = shell(folder, f"chainrule {command} >&-")
    assert (closed.returncode, closed.stdout) == (1, "")
    assert closed.stderr == "error: cannot go on: standard output is closed\n"
    if Path("/dev/full").exists():
        full = shell(folder, f"chainrule {command} >/dev/full")
        assert (full.returncode, full.stdout) == (1, "")
        assert full.stderr == "error: cannot go on: No space left on device\n"


@pytest.mark.parametrize("command", PRINTING)
def test_output_that_nobody_reads_ends_the_command_without_a_word(
    folder: Path, command: str
) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*MODULE, *command.split()], cwd=folder, stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("command", ["evaluate model.safetensors people.csv -q", "derive -q"])
def test_who_prints_nothing_needs_no_output(folder: Path, command: str) -> None:
    done = shell(folder, f"chainrule {command} >&- <&-")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("trouble", ["2>&-", "2>/dev/full", "2>&- >&- <&-"])
def test_notes_that_cannot_be_written_do_not_end_the_work(folder: Path, trouble: str) -> None:
    if "full" in trouble and not Path("/dev/full").exists():
        trouble = "2>&-"
    options = " ".join([*task_options("grown"), "--epochs", "3", "-m", "m"])
    done = shell(folder, f"chainrule train people.csv {options} -q {trouble}")
    assert (done.returncode, done.stderr) == (0, "")
    assert chainrule.load(folder / "m").summary["epochs"] == 3
    done = shell(folder, f"chainrule predict m people.csv -o p.csv {trouble}")
    assert (done.returncode, done.stderr) == (0, "")
    assert len((folder / "p.csv").read_text().splitlines()) == 61
    assert shell(folder, f"chainrule predict m nowhere.csv -o q.csv {trouble}").returncode == 2


def test_a_training_goes_on_when_its_log_is_closed(folder: Path) -> None:
    options = " ".join([*task_options("grown"), "--epochs", "50", "-m", "m"])
    done = shell(folder, f"chainrule train people.csv {options} 2>&1 | head -n 1")
    assert done.stdout.startswith("people.csv: 60 rows")
    assert chainrule.load(folder / "m").summary["epochs"] == 50


ODD: list[dict[str, str]] = [
    {"COLUMNS": "0"},
    {"COLUMNS": "1", "LINES": "no"},
    {"COLUMNS": "many", "TERMINAL_WIDTH": "many"},
    {"COLUMNS": "99999999999999999999"},
    {"TERM": "nonsense", "NO_COLOR": "", "FORCE_COLOR": "1"},
    {"LC_ALL": "C", "PYTHONUTF8": "0"},
    {"LC_ALL": "xx_YY.nope"},
    {"PYTHONIOENCODING": "ascii"},
    {"TMPDIR": "/nonexistent", "MPLCONFIGDIR": "/nonexistent"},
    {"PYTHONWARNINGS": "error", "PYTHONOPTIMIZE": "2"},
]


@pytest.mark.parametrize("environment", ODD, ids=str)
def test_an_odd_environment(tmp_path: Path, environment: dict[str, str]) -> None:
    helped = shell(tmp_path, "chainrule --help", **environment)
    assert helped.returncode == 0
    assert "predict" in helped.stdout
    done = shell(tmp_path, "chainrule derive", **environment)
    assert done.returncode == 0, done.stderr
    assert "the cost" in done.stdout
    assert done.stderr == ""


def test_without_a_home_and_with_odd_threads(folder: Path) -> None:
    command = "unset HOME; chainrule evaluate model.safetensors people.csv --json"
    done = shell(folder, command, OMP_NUM_THREADS="many")
    assert done.returncode == 0, done.stderr
    assert "rror" not in done.stderr.replace("libgomp", "")


def test_a_shell_that_asks_wrongly_for_completion(tmp_path: Path) -> None:
    code = "import sys; from chainrule.cli import main; sys.argv = ['chainrule']; main()"
    environment = {"PYTHON": sys.executable, "_CHAINRULE_COMPLETE": "complete_bash"}
    done = shell(tmp_path, f'"$PYTHON" -c "{code}"', **environment)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
