"""The first second: which modules a command imports, counted and not timed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.cli.commands import COMMANDS, load_command

HEAVY = {"matplotlib", "pandas", "pyarrow", "scipy.stats", "sklearn"}
TABLES_DO_WITHOUT = {*HEAVY, "scipy", "joblib", "asyncio"} - {"pyarrow"}


def imported(folder: Path, *arguments: str, code: int = 0, **environment: str) -> set[str]:
    """Run ``chainrule`` in a process of its own; return the modules that were imported at its end."""
    script = (
        "import atexit, sys\n"
        "path = sys.argv.pop()\n"
        "atexit.register(lambda: open(path, 'w').write('\\n'.join(sys.modules)))\n"
        "sys.argv[0] = 'chainrule'\n"
        "from chainrule.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments, "modules.txt"],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return set((folder / "modules.txt").read_text().split())


def of_python(folder: Path, code: str) -> set[str]:
    """Return the modules that a line of Python imports."""
    script = f"import sys; {code}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, check=True
    )
    return set(done.stdout.decode().split())


def test_the_package_alone(tmp_path: Path) -> None:
    found = of_python(tmp_path, "import chainrule")
    assert not found & {*HEAVY, "numpy", "scipy", "typer", "rich"}


def test_the_version_needs_no_command_line(tmp_path: Path) -> None:
    found = imported(tmp_path, "--version")
    assert not found & {*HEAVY, "numpy", "scipy", "typer", "rich"}


@pytest.mark.parametrize("arguments", [(), ("--help",)], ids=str)
def test_the_first_page_of_help_knows_no_numbers(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    found = imported(tmp_path, *arguments)
    assert not found & {*HEAVY, "numpy", "scipy", "lark", "rich"}
    assert not {f"chainrule.cli.{name}" for name in COMMANDS} & found


def test_a_wrong_command_is_told_as_quickly(tmp_path: Path) -> None:
    found = imported(tmp_path, "tran", code=2)
    assert not found & {*HEAVY, "numpy", "scipy"}


def test_names_are_completed_as_quickly(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        _CHAINRULE_COMPLETE="complete_bash",
        COMP_WORDS="chainrule pre",
        COMP_CWORD="1",
    )
    assert not found & {*HEAVY, "numpy", "scipy", "rich"}


def test_formulas_need_no_tables_and_no_scipy(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text(r"$$dZ_2 = A_2 - Y, \quad dW_2 = \frac{1}{m} A_1^T dZ_2$$")
    for arguments in (
        ("check", "notes.md"),
        ("derive",),
        ("derive", "--help"),
        ("check", "--help"),
    ):
        found = imported(tmp_path, *arguments)
        assert not found & {*HEAVY, "scipy", "joblib", "narwhals"}
        assert "chainrule.doctor.diagnosis" not in found  # of arrays: wrong formulas alone need it


@pytest.mark.parametrize("name", ["predict", "evaluate", "explain"])
def test_a_page_of_help_needs_no_tables(tmp_path: Path, name: str) -> None:
    assert not imported(tmp_path, name, "--help") & {*HEAVY, "scipy", "joblib", "narwhals"}


ROWS = 60


@pytest.fixture(scope="module")
def flowers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with tables of classes and of numbers, and a model of each."""
    folder = tmp_path_factory.mktemp("tables")
    lines = [f"{i % 7},{'ab'[i % 2]},2024-01-{1 + i % 28},{'xyz'[i % 3]},{i}" for i in range(ROWS)]
    (folder / "t.csv").write_text("\n".join(["n,c,d,label,number", *lines, ""]))
    for target in ("label", "number"):
        train(folder, target)
    return folder


def train(folder: Path, target: str, *more: str) -> set[str]:
    model = f"{target}.model"
    options = ("--target", target, "--epochs", "2", "--model", model, *more)
    return imported(folder, "train", "t.csv", *options)


@pytest.mark.parametrize(
    ("target", "more"),
    [
        ("label", ()),
        ("number", ()),
        ("label", ("--preset", "plain")),
        ("label", ("--preset", "realmlp")),
        ("label", ("--class-weight", "balanced", "--ensemble", "2", "--bins", "4")),
        ("number", ("--loss", "poisson", "--validation", "0", "--json")),
    ],
    ids=str,
)
def test_a_table_is_trained_on_without_scikit_learn(
    flowers: Path, target: str, more: tuple[str, ...]
) -> None:
    assert not train(flowers, target, *more) & TABLES_DO_WITHOUT


@pytest.mark.parametrize("target", ["label", "number"])
@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_a_table_is_predicted_without_scikit_learn(
    flowers: Path, command: str, target: str
) -> None:
    found = imported(flowers, command, f"{target}.model", "t.csv")
    assert not found & TABLES_DO_WITHOUT


def test_a_table_model_is_loaded_without_scikit_learn(flowers: Path) -> None:
    code = "import chainrule as cr; cr.load('label.model').fitted.history"
    assert not of_python(flowers, code) & {"scipy", "sklearn", "joblib"}


def test_networks_need_no_scipy(tmp_path: Path) -> None:
    assert not of_python(tmp_path, "from chainrule import Network") & {*HEAVY, "scipy", "joblib"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_the_same_in_the_list_and_on_its_own_page(name: str) -> None:
    assert load_command(name).help.splitlines()[0] == COMMANDS[name]
