"""What members are drawn from: the published bounds, and the same draws for the same seed."""

import numpy as np
import pytest

from chainrule.pack.recipe import usual_batch
from chainrule.pack.sampling import DRAWN, most_waves, sample_members


def drawn(count, seed=0, most=32):
    return sample_members(count, np.random.RandomState(seed), most_waves=most)


BOUNDS = {
    "depth": (1, 3),
    "dropout": (0, 0.5),
    "learning_rate": (1e-4, 5e-3),
    "weight_decay": (1e-3, 1),
    "waves": (8, 32),
    "frequency_scale": (0.01, 10),
}


def test_every_row_has_its_bounds_and_fills_them():
    assert list(BOUNDS) == list(DRAWN)
    members = drawn(4000)
    for name, (low, high) in BOUNDS.items():
        values = np.array([getattr(one, name) for one in members], dtype=float)
        assert low <= values.min() <= values.max() <= high
        ends = np.log([low, high]) if low and high / low > 4 else np.array([low, high])
        inner = np.log(values) if low and high / low > 4 else values
        assert inner.min() < ends[0] + 0.02 * (ends[1] - ends[0])
        assert inner.max() > ends[1] - 0.02 * (ends[1] - ends[0])
    assert {one.depth for one in members} == {1, 2, 3}
    assert {one.waves for one in members} == set(range(8, 33, 4))
    assert np.mean([one.dropout == 0 for one in members]) == pytest.approx(0.5, abs=0.03)
    logs = np.log10([one.learning_rate for one in members])
    assert np.median(logs) == pytest.approx(np.mean(np.log10([1e-4, 5e-3])), abs=0.05)


def test_a_larger_pack_begins_with_the_members_of_a_smaller_one():
    assert drawn(40)[:12] == drawn(12)
    assert drawn(12) != drawn(12, seed=1)


def test_waves_shrink_where_there_are_many_numbers():
    assert [most_waves(numbers) for numbers in (0, 1, 32, 100, 256, 257, 5000)] == [
        1024,
        1024,
        32,
        10,
        4,
        1,
        1,
    ]
    assert {one.waves for one in drawn(100, most=10)} == {8, 10}
    assert {one.waves for one in drawn(100, most=1)} == {1}


@pytest.mark.parametrize(
    ("rows", "batch"),
    [(12, 12), (200, 32), (1024, 32), (3200, 100), (8192, 256), (30_000, 256), (30_001, 512)],
)
def test_the_batch_of_a_table(rows, batch):
    assert usual_batch(rows) == batch
