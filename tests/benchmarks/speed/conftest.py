"""Processes of the engines, kept for all tests of this folder that a worker of pytest runs."""

import pytest

from benchmarks.speed.process import Worker


@pytest.fixture(scope="session")
def workers():
    """Return a function that finds or starts the process of an engine; one thread, on any core."""
    started = {}

    def find(name):
        if name not in started:
            started[name] = Worker(name, 1, pinned=False)
        return started[name]

    yield find
    for worker in started.values():
        worker.close()
