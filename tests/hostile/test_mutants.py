"""Damaged files of every kind: an error of one line, never another one and never a crash.

They are read in processes of their own, so that a crash is seen.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.mutants import KINDS

FEW, MANY = 15, 1000
GROUPS = [list(KINDS)[start::4] for start in range(4)]
HELPERS = Path(__file__).parents[1]


def faults(kinds, first, count, folder):
    """Return what a process says that reads so many damaged files."""
    command = [
        sys.executable,
        "-m",
        "helpers.mutants",
        ";".join(kinds),
        str(first),
        str(count),
        str(folder),
    ]
    environment = {**os.environ, "PYTHONPATH": str(HELPERS)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    last = done.stderr.strip().splitlines()[-1:]
    assert done.returncode == 0, f"ended by {done.returncode} at {last}: {done.stderr[-2000:]}"
    return json.loads(done.stdout)


@pytest.mark.parametrize("kinds", GROUPS, ids=range(len(GROUPS)))
def test_damaged_files(kinds, tmp_path):
    assert faults(kinds, 0, FEW, tmp_path) == {}


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", KINDS)
def test_many_damaged_files(kind, tmp_path):
    assert faults([kind], FEW, MANY, tmp_path) == {}
