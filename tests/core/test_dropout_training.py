"""Whole trainings with dropout: the reference's to rounding, and the same bits on 1 to 64 threads."""

from dataclasses import asdict

import numpy as np
import pytest
import scipy.sparse as sp

from chainrule.nn import L2, Network
from chainrule.optim import SGD, AdamW, Cosine
from chainrule.train import Callback, Dataset, Trainer
from helpers.engines import DTYPES, TOLERANCE, difference
from helpers.training import dataset

THREADS = (1, 2, 3, 8, 64)
# Each batch of 700 is several shards, the last one of an epoch is short; wide, deep and of members.
CASES = {
    "wide": (Network((4, 130, 33, 1), "tanh", loss="binary_cross_entropy"), 0.3),
    "deep": (
        Network((4, 17, 17, 9, 3), "gelu", loss="categorical_cross_entropy", penalty=L2(0.01)),
        (0.1, 0.0, 0.6),
    ),
    "members": (Network((4, 19, 8, 2), "silu", loss="squared_error", members=5), (0.5, 0.2)),
    "members apart": (
        Network((4, 21, 1), "elu", members=3, shared_weights=False, input_scale=True), 0.4,
    ),
}  # fmt: skip
CLOSE = {np.float64: TOLERANCE[np.float64], np.float32: 10 * TOLERANCE[np.float32]}


class LooksAtBatches(Callback):
    """Makes a training go batch by batch."""

    def on_batch_end(self, run, cost, gradients):
        assert np.isfinite(cost)


def left_by(case, dtype, engine, n_threads=None, *, sparse=False, callbacks=()):
    """Train; return the numbers that are left, and what else is."""
    network, dropout = CASES[case]
    data = dataset(1500, network=network)
    X = data.X.astype(dtype)
    data = Dataset(sp.csr_array(X) if sparse else X, data.Y.astype(dtype))
    it = Trainer(
        network,
        AdamW(0.003) if case == "wide" else SGD(0.01, 0.9),
        schedule=Cosine(),
        batch_size=700,
        epochs=4,
        dropout=dropout,
        seed=0,
        n_threads=n_threads,
        callbacks=callbacks,
    )
    with pytest.MonkeyPatch.context() as context:
        context.setenv("CHAINRULE_ENGINE", engine)
        params = network.init(0, dtype=dtype)
        history = it.run(params, data)
    return {**params, **it.optimizer.state, "cost": history.cost}, asdict(it.masks)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_dropout_on_any_number_of_threads(case, dtype):
    want, want_masks = left_by(case, dtype, "reference")
    assert want_masks["drawn"] == 4 * 3
    bits = set()
    for n_threads in THREADS:
        got, masks = left_by(case, dtype, "auto", n_threads)
        assert masks == want_masks
        bits.add(b"".join(np.asarray(V).tobytes() for V in got.values()))
        for name, V in want.items():
            assert difference(got[name], V) < CLOSE[dtype], f"{name}, {n_threads} threads"
    assert len(bits) == 1


@pytest.mark.parametrize("case", CASES)
def test_dropout_of_sparse_rows_and_batch_by_batch(case):
    want = left_by(case, np.float64, "reference")
    for options in ({"sparse": True}, {"callbacks": [LooksAtBatches()]}):
        for n_threads in (1, 8):
            got = left_by(case, np.float64, "auto", n_threads, **options)
            assert got[1] == want[1]
            for name, V in want[0].items():
                assert difference(got[0][name], V) < CLOSE[np.float64], f"{name}, {options}"


@pytest.mark.parametrize("case", CASES)
def test_dropout_is_seen(case):
    """Without it, or with another rate, the numbers are others by far more than rounding."""
    network = CASES[case][0]
    left = [left_by(case, np.float64, "auto", 2)[0]["W1"]]
    with pytest.MonkeyPatch.context() as context:
        for other in (0.0, 0.35):
            context.setitem(CASES, case, (network, other))
            left.append(left_by(case, np.float64, "auto", 2)[0]["W1"])
    assert min(difference(left[0], V) for V in left[1:]) > 1e-6
