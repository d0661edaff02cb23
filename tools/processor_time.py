"""The processor seconds of the tests, by file: ``python -m pytest -p tools.processor_time tests/nn``.

Counted are those of this process and of the processes that it has waited for, where a clock would count
what else the machine is doing. One process runs all tests (``-n 0``). ``--slowest 20`` lists as many
tests beside the files.
"""

import os
from collections import Counter

import pytest

FILES, TESTS = Counter(), Counter()


def seconds():
    """Return the processor time until now."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def pytest_addoption(parser):
    parser.addoption("--slowest", type=int, default=0, metavar="N", help="list N tests as well")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    before = seconds()
    result = yield
    spent = seconds() - before
    FILES[item.location[0]] += spent
    TESTS[item.nodeid] += spent
    return result


def pytest_terminal_summary(terminalreporter, config):
    terminalreporter.section("processor seconds")
    for counter, most in ((FILES, None), (TESTS, config.getoption("slowest"))):
        for name, spent in counter.most_common(most):
            terminalreporter.line(f"{spent:8.2f}  {name}")
    terminalreporter.line(f"{sum(FILES.values()):8.2f}  in all")
