"""A whole program: from the start of the process to a trained model, import included.

``python -m benchmarks.speed.fresh NAME WORKLOAD DATA EPOCHS`` is such a program; `fresh_programs` starts
it for every engine in turn, and measures from outside.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.speed.peers import ENGINES, ESTIMATOR, OURS
from benchmarks.speed.process import environment
from benchmarks.speed.summary import spread
from benchmarks.speed.workloads import Workload

__all__ = ["fresh_programs", "peak_memory"]


def fresh_programs(
    workload: Workload,
    epochs: int,
    peers: list[str],
    rounds: int,
    notice: Callable[[str], None],
) -> dict[str, Any]:
    """Time whole programs that load the data from a file and train for some epochs.

    Parameters
    ----------
    workload : Workload
    epochs : int
    peers : list of str
        Beside the loop and the estimator of ours.
    rounds : int
    notice : callable
        Is told, in one line, what could not be measured.

    Returns
    -------
    dict
        Seconds and peak memory of each engine, with as many threads as it takes of itself.
    """
    names = [OURS, ESTIMATOR, *(name for name in peers if ENGINES[name].sweeps)]
    found: dict[str, list[tuple[float, float | None]]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.npz"
        X, labels = workload.data()
        np.savez(data, X=X, labels=labels)
        for turn in range(rounds + 1):  # the first one fills the disk's cache, and does not count
            for name in list(found):
                try:
                    figures = one_program(name, workload, data, epochs)
                except (OSError, ValueError, subprocess.CalledProcessError) as error:
                    notice(f"no program of {name}: {error}")
                    del found[name]
                    continue
                if turn:
                    found[name].append(figures)
    return {
        "workload": workload.name,
        "layers": workload.layers,
        "epochs": epochs,
        "engines": {
            name: {
                "seconds": spread([seconds for seconds, _ in runs]),
                "memory_mb": middle([memory for _, memory in runs]),
            }
            for name, runs in found.items()
        },
    }


def middle(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def one_program(
    name: str, workload: Workload, data: Path, epochs: int
) -> tuple[float, float | None]:
    """Run one program; return its seconds and its peak memory in MB."""
    command = [sys.executable, "-m", "benchmarks.speed.fresh", name]
    command += [json.dumps(workload.to_dict()), str(data), str(epochs)]
    started = time.perf_counter()
    done = subprocess.run(
        command, env=environment(None), capture_output=True, encoding="utf-8", check=True
    )
    seconds = time.perf_counter() - started
    return seconds, json.loads(done.stdout.splitlines()[-1])["memory_mb"]


def peak_memory() -> float | None:
    """Return the most memory that this process has held, in MB; None where nothing tells it."""
    try:  # what `resource` says begins with what the parent process held
        for line in Path("/proc/self/status").read_text("utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    """Be one of the programs."""
    name, workload, data, epochs = sys.argv[1:]
    task = Workload.from_dict(json.loads(workload))
    with np.load(data) as arrays:
        engine = ENGINES[name].load()(task, arrays["X"], arrays["labels"])
    engine.run(int(epochs))
    print(json.dumps({"memory_mb": peak_memory()}))


if __name__ == "__main__":
    main()
