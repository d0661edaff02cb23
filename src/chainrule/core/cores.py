"""How many cores this process may use, as joblib counts them, which takes .1 seconds to import."""

from __future__ import annotations

import math
import os
from pathlib import Path

__all__ = ["JOBLIBS_LIMIT", "cpu_count"]

JOBLIBS_LIMIT = "LOKY_MAX_CPU_COUNT"
CGROUPS = Path("/sys/fs/cgroup")


def cpu_count() -> int:
    """Return the number of cores that affinity, a container's quota and joblib's limit leave.

    Raises
    ------
    ValueError
        If the environment variable LOKY_MAX_CPU_COUNT is no number.
    """
    every = os.cpu_count() or 1
    limits = [every, affine(every), quota(every), int(os.environ.get(JOBLIBS_LIMIT, every))]
    return max(1, min(limits))


def affine(every: int) -> int:
    """Return the number of cores that the process may run on."""
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, NotImplementedError, OSError):  # a system that does not tell
        return every


def quota(every: int) -> int:
    """Return the cores that a container's share of the time amounts to, rounded up."""
    try:
        granted, period = granted_time()
    except (OSError, ValueError):  # no container, or "max", which is no limit
        return every
    return math.ceil(granted / period) if granted > 0 and period > 0 else every


def granted_time() -> tuple[int, int]:
    """Return the microseconds of computing that a control group grants, and in how many."""
    try:
        granted, period = (CGROUPS / "cpu.max").read_text().split()
    except (OSError, ValueError):  # the first version of control groups
        old = CGROUPS / "cpu"
        granted = (old / "cpu.cfs_quota_us").read_text()
        period = (old / "cpu.cfs_period_us").read_text()
    return int(granted), int(period)
