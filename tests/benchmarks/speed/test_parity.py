"""The same work: from the same weights all engines come to the same weights and the same cost."""

from importlib.util import find_spec

import numpy as np
import pytest

from benchmarks.speed.peers import ENGINES
from benchmarks.speed.workloads import Workload

EPOCHS = 3
TASKS = {
    "binary": Workload("binary", (5, 4, 1), 8, 30),  # the last batch of an epoch is short
    "classes": Workload("classes", (5, 6, 5, 3), 8, 32),
    "relu": Workload("relu", (5, 6, 3), 7, 30, hidden="relu"),
    "gelu": Workload("gelu", (5, 6, 1), 7, 30, hidden="gelu"),
    "adam": Workload("adam", (4, 5, 3), 30, 30, optimizer="adam"),
    "adam, short": Workload("adam, short", (4, 5, 1), 8, 30, optimizer="adam"),
    "float64": Workload("float64", (5, 4, 3), 8, 30, dtype="float64"),
    "one row": Workload("one row", (3, 4, 1), 1, 5),
}
TOLERANCE = {"float32": 5e-6, "float64": 1e-13}
NEEDS_TORCH = pytest.mark.skipif(
    find_spec("torch") is None,
    reason="torch is not installed: it is part of the extra 'bench' and not of 'test'",
)


def outcome(worker, task):
    """Return the cost and all weights after some epochs."""
    worker.ask("prepare", workload=task.to_dict())
    cost = worker.ask("run", epochs=EPOCHS)["cost"]
    arrays = worker.ask("weights")["weights"]
    assert [np.size(array) for array in arrays] == [array.size for array in task.weights()]
    return cost, np.concatenate([np.ravel(array) for array in arrays])


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
@pytest.mark.parametrize("peer", ["scikit-learn", "jax", pytest.param("torch", marks=NEEDS_TORCH)])
def test_peers_do_the_same_work(workers, peer, task):
    if not ENGINES[peer].takes(task):
        assert (peer, task.hidden) == ("scikit-learn", "gelu")  # and nothing else is left out
        return
    cost, weights = outcome(workers("chainrule"), task)
    theirs_cost, theirs = outcome(workers(peer), task)
    tolerance = TOLERANCE[task.dtype]
    assert theirs_cost == pytest.approx(cost, rel=tolerance)
    np.testing.assert_allclose(theirs, weights, rtol=tolerance, atol=tolerance)


@NEEDS_TORCH
@pytest.mark.parametrize("name", ["binary", "adam, short"])
def test_compiled_torch_does_the_same_work(workers, name):
    task = TASKS[name]
    cost, weights = outcome(workers("chainrule"), task)
    theirs_cost, theirs = outcome(workers("torch-compiled"), task)
    assert theirs_cost == pytest.approx(cost, rel=5e-6)
    np.testing.assert_allclose(theirs, weights, rtol=5e-6, atol=5e-6)


def test_the_work_moves_the_weights(workers):
    """Else all of them would agree on the initial ones."""
    for task in TASKS.values():
        initial = np.concatenate([array.ravel() for array in task.weights()])
        assert np.abs(outcome(workers("chainrule"), task)[1] - initial).max() > 1e-3


def test_the_estimator_trains_the_same_network(workers):
    """Its initial weights are its own: it is there for the time that a whole program takes."""
    task = TASKS["classes"]
    cost, weights = outcome(workers("chainrule.MLPClassifier"), task)
    assert np.isfinite(cost)
    assert np.isfinite(weights).all()
