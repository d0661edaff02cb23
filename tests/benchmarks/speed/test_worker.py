"""The protocol between the process that asks and those of the engines."""

import io
import json

import pytest

from benchmarks.speed.measure import Bench, settled_epochs
from benchmarks.speed.process import Worker, WorkerError, WorkerPool, environment
from benchmarks.speed.worker import Station, serve
from benchmarks.speed.workloads import Workload

TASK = Workload("test", (3, 4, 1), 8, 20)


def answers(*requests):
    """Return what a station in this process answers."""
    lines, found = io.StringIO("\n".join(map(json.dumps, requests))), io.StringIO()
    serve(Station("chainrule", 1), lines, found)
    return [json.loads(line) for line in found.getvalue().splitlines()]


def test_a_station_answers_line_by_line():
    prepared, run, weights = answers(
        {"do": "prepare", "workload": TASK.to_dict()},
        {"do": "run", "epochs": 2},
        {"do": "weights"},
    )
    assert prepared == {}
    assert run["seconds"] > 0
    assert 0 < run["cost"] < 2
    assert len(weights["weights"]) == 4


def test_a_failure_is_an_answer_and_not_the_end():
    unknown, early, prepared = answers(
        {"do": "dance"}, {"do": "run", "epochs": 1}, {"do": "prepare", "workload": TASK.to_dict()}
    )
    assert "dance" in unknown["error"]
    assert "error" in early
    assert prepared == {}


def test_a_process_of_its_own(workers):
    worker = workers("chainrule")
    worker.ask("prepare", workload=TASK.to_dict())
    assert worker.ask("run", epochs=1)["seconds"] > 0
    with pytest.raises(WorkerError, match=r"chainrule failed: .*dance"):
        worker.ask("dance")
    assert settled_epochs(worker, 0.01) >= 1


def test_the_rate_of_products(workers):
    rates = [workers("products").ask("products", dtype=d, sizes=[64])["gflops"] for d in DTYPES]
    assert all(rate > 0.01 for rate in rates)


DTYPES = ("float32", "float64")


def test_a_process_that_ends_says_its_last_words():
    worker = Worker("chainrule", 1)
    worker.process.kill()
    worker.process.wait()
    with pytest.raises(WorkerError, match="ended without an answer"):
        worker.ask("run", epochs=1)
    worker.close()


def test_a_peer_that_fails_is_left_out():
    """Here it is a gelu that scikit-learn does not have, and that it is asked for all the same."""
    notices = []
    with WorkerPool()() as pool:
        bench = Bench(pool, 0.001, notices.append)
        task = TASK.changed(hidden="elu")
        result = bench.measure(TASK, [("chainrule", 1), ("scikit-learn", 1)], 2, products=False)
        assert [len(rates) for rates in result.rates.values()] == [2, 2]
        assert bench._guarded(("jax", 1), task, lambda: refuse()) is None
        with pytest.raises(WorkerError):
            bench._guarded(("chainrule", 1), task, lambda: refuse())
    assert notices == ["test without jax, 1 thread(s): no"]
    assert pool.workers == {}


def refuse():
    raise WorkerError("no")


def test_the_environment_of_a_process(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OPENBLAS_L2_SIZE", "1024")
    monkeypatch.setenv("XLA_FLAGS", "--kept")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    one, two, any_ = environment(1), environment(2), environment(None)
    for found in (one, two, any_):
        assert not {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"} & set(found)
    assert [found["OMP_NUM_THREADS"] for found in (one, two, any_)] == ["1", "2", "7"]
    assert one["XLA_FLAGS"] == "--kept --xla_cpu_multi_thread_eigen=false"
    assert two["XLA_FLAGS"] == "--kept"
