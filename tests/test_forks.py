"""Forks while other threads import: the child can import, and compute, whatever was half done."""

import os
import sys
import threading

import pytest

from chainrule import forks
from helpers.processes import run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks")


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.1, 0.3, 0.6])
def test_a_fork_while_another_thread_imports_what_is_imported_late(seconds):
    status, printed = run(
        """
        import os, sys, threading, time
        import numpy as np
        import chainrule as cr

        def fit():
            X = np.random.RandomState(0).normal(size=(60, 4))
            cr.MLPClassifier((8,), max_iter=2, tol=1e9, n_iter_no_change=1).fit(X, X[:, 0] > 0)

        other = threading.Thread(target=fit)
        other.start()
        time.sleep(float(sys.argv[1]))
        pid = os.fork()
        if not pid:
            fit()
            os._exit(5)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        other.join()
        """,
        arguments=[seconds],
        flags=("-W", "ignore"),
    )
    assert (status, printed) == (0, "5\n")


def test_whoever_imports_is_waited_for(tmp_path, monkeypatch):
    """Until the import is done, or patience is over; a thread does not wait for its own imports."""
    (tmp_path / "slow_to_import.py").write_text(
        "import helpers_of_forks\nhelpers_of_forks.begun.set()\nhelpers_of_forks.go_on.wait(60)\n"
    )
    (tmp_path / "helpers_of_forks.py").write_text(
        "import threading\nfrom chainrule import forks\n"
        "begun, go_on = threading.Event(), threading.Event()\nown = forks.others_import()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    helpers = __import__("helpers_of_forks")
    assert not helpers.own
    other = threading.Thread(target=__import__, args=("slow_to_import",))
    other.start()
    assert helpers.begun.wait(60)
    assert forks.others_import()
    monkeypatch.setattr(forks, "PATIENCE", 0.01)
    forks.finish_imports()
    assert forks.others_import()
    monkeypatch.setattr(forks, "PATIENCE", 60)
    timer = threading.Timer(0.05, helpers.go_on.set)
    timer.start()
    forks.finish_imports()
    assert not forks.others_import()
    other.join()
    timer.join()
    for name in ("slow_to_import", "helpers_of_forks"):
        del sys.modules[name]
