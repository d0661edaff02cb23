"""How many threads an engine may use: the cores of this process, shared by all that compute at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from chainrule.core.cores import JOBLIBS_LIMIT, cpu_count
from chainrule.errors import ParameterError

__all__ = ["sharing", "usable_cores"]

_lock = Lock()
_at_work = 0


def forget() -> None:
    """Count no computation: those of the process that was forked go on there."""
    global _lock, _at_work
    _lock, _at_work = Lock(), 0


if hasattr(os, "register_at_fork"):  # where there are forks
    os.register_at_fork(after_in_child=forget)


def usable_cores() -> int:
    """Return the cores that this process may use.

    Affinity and a container's quota count, as does OMP_NUM_THREADS, which joblib sets in the processes
    that it starts, so that together they use each core once.

    Raises
    ------
    ParameterError
        If LOKY_MAX_CPU_COUNT, which joblib reads, is no number.
    """
    try:
        cores = cpu_count()
    except ValueError:
        raise ParameterError(
            f"the environment variable {JOBLIBS_LIMIT} must be a whole number of cores, not "
            f"{os.environ.get(JOBLIBS_LIMIT)!r}: set it to one, or unset it"
        ) from None
    wanted = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return min(cores, int(wanted)) if wanted.isdecimal() and int(wanted) > 0 else cores


@contextmanager
def sharing(n_threads: int | None, cores: int) -> Iterator[int]:
    """Enter a computation; yield the number of threads that it may use.

    Parameters
    ----------
    n_threads : int or None
        What the user asked for; None is an equal share of the cores, among the computations that go on
        in threads of this process at the moment. The result does not depend on it.
    cores : int
        Those that the process may use.
    """
    global _at_work
    with _lock:
        _at_work += 1
        share = max(1, cores // _at_work)
    try:
        yield share if n_threads is None else n_threads
    finally:
        with _lock:
            _at_work -= 1
