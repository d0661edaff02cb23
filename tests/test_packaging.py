"""The compiled engine as it is installed: it comes without warnings, and goes without leaks."""

import subprocess
import sys
from pathlib import Path

import pytest

import chainrule

PROGRAM = """
import numpy as np
import chainrule as cr
from chainrule.core import _engine

team = _engine.Team(2)
model = cr.MLPRegressor().partial_fit(np.eye(4), np.arange(4.0))
print(_engine.available())
"""


def test_the_engine_comes_and_goes_in_silence():
    pytest.importorskip("chainrule.core._engine")
    run = [sys.executable, "-W", "error", "-c", PROGRAM]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "baseline" in done.stdout


def test_no_file_is_imported_under_two_names():
    """Pytest imports a file by its path, and the tests import it by its name."""
    root = str(Path(chainrule.__file__).parent)
    modules = {id(module): module for module in sys.modules.values()}.values()
    files = [str(getattr(module, "__file__", "")) for module in modules]
    ours = [file for file in files if file.startswith(root)]
    assert len(ours) == len(set(ours)) >= 1
