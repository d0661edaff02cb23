"""One engine in a process of its own: ``python -m benchmarks.speed.worker NAME --threads N``.

It reads requests from standard input and answers on standard output, one JSON document a line. How many
threads a library uses is decided, for some for good, when it is imported: hence the processes, and hence
the processor cores and the environment are set before anything else is.

==========================  ==============================================================
request                     answer
==========================  ==============================================================
``prepare``, ``workload``   ``{}``, once data and weights are handed over
``run``, ``epochs``         ``seconds`` that it took, ``cost`` of the last epoch
``weights``                 ``weights``: W1, b1 … as lists
``products``, ``dtype``     ``gflops``, the rate of matrix products
==========================  ==============================================================

A request that fails is answered with ``error``. The end of the input ends the process.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import Any, TextIO

__all__ = ["Station", "main", "serve"]


class Station:
    """Answers the requests of one process.

    Parameters
    ----------
    name : str
        Of the engine.
    threads : int, optional
        How many it may use.
    """

    def __init__(self, name: str, threads: int | None = None) -> None:
        self.name = name
        self.threads = threads
        self.engine: Any = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked for, and return what there is to say."""
        match request.pop("do", None):
            case "prepare":
                return self.prepare(**request)
            case "run":
                return self.run(**request)
            case "weights":
                return {"weights": [array.tolist() for array in self.engine.weights()]}
            case "products":
                from benchmarks.speed.products import product_rate

                return {"gflops": product_rate(**request)}
            case other:
                raise ValueError(f"there is no request {other!r}")

    def prepare(self, workload: dict[str, Any]) -> dict[str, Any]:
        """Let go of the last engine, and make the next one."""
        from benchmarks.speed.peers import ENGINES
        from benchmarks.speed.workloads import Workload

        self.engine = None
        task = Workload.from_dict(workload)
        self.engine = ENGINES[self.name].load()(task, *task.data(), self.threads)
        return {}

    def run(self, epochs: int) -> dict[str, Any]:
        """Train, and say how long it took."""
        started = time.perf_counter()
        cost = self.engine.run(epochs)
        return {"seconds": time.perf_counter() - started, "cost": cost}


def serve(station: Station, requests: TextIO, answers: TextIO) -> None:
    """Answer line after line until there are no more."""
    for line in requests:
        try:
            answer = station.answer(json.loads(line))
        except Exception as error:
            text = " ".join(str(error).split())
            answer = {"error": f"{type(error).__name__}: {text[:300]}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def keep_to(cores: str) -> None:
    """Let this process run on the given cores alone, where the system can do that."""
    if cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(core) for core in cores.split(",")})


def main() -> None:
    """Serve one engine until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.worker")
    parser.add_argument("name")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--cores", default="")
    given = parser.parse_args()
    keep_to(given.cores)
    # What a library prints must not come between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(Station(given.name, given.threads), sys.stdin, answers)


if __name__ == "__main__":
    main()
