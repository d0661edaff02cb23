"""The processes of the engines, seen from the one that asks."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chainrule.errors import ChainruleError

__all__ = ["Worker", "WorkerError", "WorkerPool", "available_cores", "environment"]

ROOT = str(Path(__file__).resolve().parents[2])  # where a process finds `benchmarks`
# Left behind by experiments, they would decide how fast NumPy's BLAS is.
REMOVED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class WorkerError(ChainruleError):
    """An engine's process could not do what it was asked for."""


def available_cores() -> list[int]:
    """Return the processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def environment(threads: int | None) -> dict[str, str]:
    """Return the environment of an engine's process.

    Parameters
    ----------
    threads : int, optional
        How many the BLAS and OpenMP may use; by default what the user's environment says.
    """
    kept = {name: value for name, value in os.environ.items() if name not in REMOVED}
    kept |= {"JAX_PLATFORMS": "cpu", "PYTHONUTF8": "1"}
    kept["PYTHONPATH"] = os.pathsep.join([ROOT, *filter(None, [kept.get("PYTHONPATH")])])
    if threads is None:
        return kept
    if threads == 1:
        flags = kept.get("XLA_FLAGS", "")
        kept["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()
    return {**kept, **dict.fromkeys(THREADS, str(threads))}


class Worker:
    """One engine in a process of its own.

    Parameters
    ----------
    name : str
        Of the engine.
    threads : int
        How many it may use.
    pinned : bool
        Whether it may use so many cores alone: the last ones, for a system's own work is often done
        by the first. Some libraries can only be held to a number of threads in this way.
    """

    def __init__(self, name: str, threads: int, pinned: bool = True) -> None:
        self.name = name
        self.threads = threads
        command = [sys.executable, "-m", "benchmarks.speed.worker", name, "--threads", str(threads)]
        if pinned:
            command += ["--cores", ",".join(map(str, available_cores()[-threads:]))]
        self.errors = tempfile.TemporaryFile(  # noqa: SIM115  # closed with the worker
            "w+", encoding="utf-8", errors="replace"
        )
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            encoding="utf-8",
            env=environment(threads),
            start_new_session=True,  # a Ctrl-C is ours; we end it
        )

    def ask(self, what: str, **details: Any) -> dict[str, Any]:
        """Send a request, and wait for the answer.

        Raises
        ------
        WorkerError
            If it failed, or the process has ended.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        line = ""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps({"do": what, **details}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise WorkerError(f"{self.name} ended without an answer: {self.last_words()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerError(f"{self.name} failed: {answer['error']}")
        return answer

    def last_words(self) -> str:
        """Return the last line that the process wrote to standard error."""
        self.errors.seek(0)
        lines = [line.strip() for line in self.errors if line.strip()]
        return lines[-1] if lines else f"exit code {self.process.returncode}"

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.errors):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


class WorkerPool:
    """All processes, each started when it is first needed and then kept."""

    def __init__(self) -> None:
        self.workers: dict[tuple[str, int], Worker] = {}

    def get(self, name: str, threads: int) -> Worker:
        """Return the process of an engine with so many threads."""
        key = name, threads
        if key not in self.workers:
            self.workers[key] = Worker(name, threads)
        return self.workers[key]

    def drop(self, name: str) -> None:
        """End the processes of one engine."""
        for key in [key for key in self.workers if key[0] == name]:
            self.workers.pop(key).close()

    @contextlib.contextmanager
    def __call__(self) -> Iterator[WorkerPool]:
        """End all processes at the end of the block."""
        try:
            yield self
        finally:
            for name in {key[0] for key in self.workers}:
                self.drop(name)
