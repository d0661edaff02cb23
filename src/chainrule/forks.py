"""Forks of a process whose other threads import modules: they wait until no import is half done.

A child has the thread that forks alone. A module that another thread was importing stays half
imported in it, and locked: the child would wait for ever where it imports the same, and much of
chainrule is imported when it is first asked for.
"""

from __future__ import annotations

import concurrent.futures.thread  # noqa: F401
import logging  # noqa: F401
import os
from importlib import import_module
from threading import get_ident
from time import monotonic, sleep
from typing import Any

__all__ = ["finish_imports"]

bootstrap: Any = import_module("importlib._bootstrap")  # which keeps a lock for each module
PATIENCE = 20.0  # seconds; whoever imports may itself wait for the thread that forks


def others_import() -> bool:
    """Return whether a thread other than this one is importing a module."""
    locks = [reference() for reference in list(getattr(bootstrap, "_module_locks", {}).values())]
    return any(getattr(lock, "owner", None) not in (None, get_ident()) for lock in locks)


def finish_imports() -> None:
    """Wait until no other thread is importing a module."""
    end = monotonic() + PATIENCE
    while others_import() and monotonic() < end:
        sleep(0.001)


# The hooks are run from the last one to the first. Those of logging and concurrent.futures hold locks
# that an import may need: they are registered when these two are imported, before this one.
if hasattr(os, "register_at_fork"):  # where there are forks
    os.register_at_fork(before=finish_imports)
