"""The workloads are what their table says, and the same everywhere."""

from itertools import pairwise

import numpy as np
import pytest

from benchmarks.speed.peers import PEERS
from benchmarks.speed.workloads import GOALS, WORKLOADS, Workload, flops_per_sample

TABLE = {
    "tiny": ("30-16-1", 32, 9_104, "sgd", 285),
    "small": ("20-64-64-1", 64, 20_000, "sgd", 313),
    "chains": ("4-32-16-4", 10_000, 10_000, "adam", 1),
    "medium": ("54-256-256-7", 256, 30_000, "sgd", 118),
    "large": ("784-512-512-10", 256, 20_000, "sgd", 79),
}


def test_the_table():
    found = {
        name: (task.layers, task.batch, task.rows, task.optimizer, task.updates)
        for name, task in WORKLOADS.items()
    }
    assert found == TABLE
    assert {(task.hidden, task.dtype) for task in WORKLOADS.values()} == {("tanh", "float32")}


def test_goals_are_of_known_workloads_and_peers():
    for goal in GOALS:
        assert goal.workload in WORKLOADS
        assert set(goal.against) <= set(PEERS)


@pytest.mark.parametrize("sizes", [(3, 2), (30, 16, 1), (5, 4, 3, 2)])
def test_operations_are_counted_product_by_product(sizes):
    count = 0
    for layer, (n_in, n_out) in enumerate(pairwise(sizes)):
        count += 2 * n_in * n_out  # A W
        count += 2 * n_in * n_out  # Aᵀ ∂J/∂Z
        count += 2 * n_in * n_out * (layer > 0)  # ∂J/∂Z Wᵀ, which the inputs do without
    assert flops_per_sample(sizes) == count


@pytest.mark.parametrize("sizes", [(5, 4, 1), (5, 4, 6)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_data_and_weights_are_the_same_at_every_call(sizes, dtype):
    task = Workload("any", sizes, 8, 30, dtype=dtype)
    (X, labels), (again, labels_again) = task.data(), task.data()
    np.testing.assert_array_equal(X, again)
    np.testing.assert_array_equal(labels, labels_again)
    assert X.shape == (30, 5)
    assert X.dtype == task.targets(labels).dtype == dtype
    assert set(labels) == set(range(max(2, sizes[-1])))
    assert task.targets(labels).shape == (30, sizes[-1])
    for one, other in zip(task.weights(), task.weights(), strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == dtype


def test_a_workload_survives_json():
    for task in WORKLOADS.values():
        assert Workload.from_dict({**task.to_dict(), "sizes": list(task.sizes)}) == task
