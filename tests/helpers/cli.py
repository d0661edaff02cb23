"""Running the command ``chainrule`` in this process, and looking at what it leaves behind."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from chainrule.cli import main


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.err.splitlines()

    @property
    def document(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]


def runner(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs ``chainrule`` with its arguments, as from a shell."""

    def run(*arguments: object, code: int | None = 0) -> Result:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["chainrule", *map(str, arguments)])
        # Else the command would take the name of what runs it, `python -m pytest`.
        monkeypatch.setattr(sys.modules["__main__"], "__package__", None, raising=False)
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        result = Result(int(end.value.code or 0), captured.out, captured.err)
        assert code is None or result.code == code, result
        return result

    return run


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Return the name and the content of everything in a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def refused(run: Run, folder: Path, arguments: list[str], words: list[str]) -> None:
    """Assert that bad input is refused: in one line, with exit code 2, and nothing is touched."""
    before = snapshot(folder)
    result = run(*arguments, code=2)
    assert result.out == ""
    assert len(result.lines) == 1, result.err
    assert result.err.startswith("error: ")
    assert "Traceback" not in result.err
    for word in words:
        assert word in result.err
    assert snapshot(folder) == before


def people(rows: int = 60, seed: int = 0) -> pd.DataFrame:
    """Return a small table with every kind of column, and targets of every kind."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, rows)
    city = rng.choice(["Oslo", "Zürich", "São Paulo"], rows)
    income = np.where(rng.random(rows) < 0.1, np.nan, 1000 + 20 * age + rng.normal(0, 80, rows))
    member = rng.random(rows) < 0.5
    score = 0.1 * age + 2.0 * member - (city == "Oslo") + rng.normal(0, 0.3, rows)
    return pd.DataFrame(
        {
            "age": age,
            "city": city,
            "income": income.round(2),
            "member": member,
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, rows), "D"),
            "votes": rng.integers(1, 4, rows),
            "score": score.round(3),
            "visits": rng.poisson(np.exp(0.02 * age)),
            "grade": pd.cut(score, [-9, 3.5, 6, 99], labels=["low", "mid", "high"]).astype(str),
            "grown": np.where(score > score.mean(), "yes", "no"),
            "likes_tea": (age > 45).astype(int),
            "likes_rye": (city == "Oslo").astype(int),
        }
    )


# The targets of `people` are functions of one another: a task uses one, and drops the others.
TARGETS = ("score", "visits", "grade", "grown", "likes_tea", "likes_rye")


def task_options(*targets: str) -> list[str]:
    """Return the options of a small plain network on `people` with these targets."""
    chosen = [option for target in targets for option in ("--target", target)]
    dropped = [option for name in TARGETS if name not in targets for option in ("--drop", name)]
    return [*chosen, *dropped, "--preset", "plain", "--hidden", "8"]
