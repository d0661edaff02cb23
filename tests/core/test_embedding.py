"""The periodic embedding in the compiled engine: its waves, every tensor, whole trainings, the bits."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from chainrule.core import CompiledEngine
from chainrule.core.engine import _engine, obstacle
from chainrule.nn import L2, Network, PeriodicEmbedding
from chainrule.optim import SGD, Adam, AdamW, RMSprop
from chainrule.train import Trainer
from helpers.cases import HIDDEN, PAIRS
from helpers.engines import (
    DTYPES,
    ROWS,
    SETS,
    TOLERANCE,
    Agreement,
    calm_point,
    compiled,
    difference,
    differences,
    draw,
    reference,
)
from helpers.training import dataset

# (inputs, embedded, width): one of one; fewer than a vector; more inputs than are embedded; wide.
SHAPES = ((1, 1, 2), (3, 2, 5), (3, 3, 8), (7, 5, 9), (20, 3, 16), (40, 40, 4), (9, 2, 33))
EXTRA = (
    {},
    {"members": 2},
    {"parametrization": "ntk"},
    {"members": 3, "shared_weights": False, "parametrization": "ntk"},
)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """In which order the reference adds up must not depend on the machine."""
    with threadpool_limits(1, "blas"):
        yield


# ------------------------------------------------------------------------------------------ the waves


def waves(instruction_set, t):
    """Return cos 2πt and sin 2πt as the engine has them."""
    C, S = np.empty_like(t), np.empty_like(t)
    _engine.waves(instruction_set, t, C, S)
    return C, S


def true_waves(t):
    """Return both with more digits than float64 has."""
    full = 2 * np.longdouble(np.pi) + np.longdouble(2.4492935982947064e-16)
    t = t.astype(np.longdouble)
    t -= np.rint(t)
    size = np.abs(t)
    mirrored = np.where(size > 0.25, 0.5 - size, size)
    return np.sin(full * (0.25 - size)), np.sin(full * np.copysign(mirrored, t))


def turns(dtype):
    """Return turns of every size: near the zeros and the tops of both waves, many, hardly any."""
    rng = np.random.RandomState(0)
    parts = [rng.uniform(-size, size, 60_000) for size in (0.5, 4, 300, 1e5)]
    parts += [k / 8 + rng.normal(0, 10.0**-e, 2_000) for k in range(-8, 9) for e in range(2, 9)]
    parts += [np.arange(-8, 8, 1 / 32), 10.0 ** np.arange(-30, 31, 0.25)]
    t = np.concatenate(parts).astype(dtype)
    return t[: len(t) // 16 * 16]


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="long doubles have no more digits")
@pytest.mark.parametrize("dtype", DTYPES)
def test_waves_to_two_units_in_the_last_place(dtype, record_property):
    t = turns(dtype)
    for instruction_set in SETS:
        for got, want in zip(waves(instruction_set, t), true_waves(t), strict=True):
            off = np.abs(got - want) / np.spacing(np.abs(want.astype(dtype)))
            record_property(f"{instruction_set}, units in the last place", float(off.max()))
            assert off.max() <= 2, (instruction_set, t[off.argmax()])


@pytest.mark.parametrize("dtype", DTYPES)
def test_waves_at_the_ends(dtype):
    t = np.zeros(16, dtype)
    t[:8] = [np.nan, np.inf, -np.inf, np.finfo(dtype).max, 0.25, -0.5, 2.0**60, -0.75]
    for instruction_set in SETS:
        C, S = waves(instruction_set, t)
        assert np.isnan(C[:3]).all()
        assert np.isnan(S[:3]).all()
        np.testing.assert_array_equal(C[3:8], [1, 0, -1, 1, 0])
        np.testing.assert_array_equal(S[3:8], [0, 1, 0, 0, 1])


# ---------------------------------------------------------------------------------------- every tensor


def cases():
    """Yield (network, rows, weights): shapes × rows; outputs, layers and all else in turn."""
    for number, ((inputs, columns, width), m) in enumerate(product(SHAPES, ROWS)):
        output, loss = PAIRS[number % len(PAIRS)]
        hidden = ((), (17,), (65, 5))[number % 3]
        yield (
            Network(
                (inputs, *hidden, (1, 3, 2, 16)[number % 4]),
                HIDDEN[number % len(HIDDEN)],
                output,
                loss,
                embedding=PeriodicEmbedding(columns, width),
                penalty=(None, L2(0.1, biases=True))[number % 2],
                **EXTRA[number % 5 % 4],
            ),
            m,
            (None, "random", "with zeros")[number % 3],
        )


def test_every_shape_with_every_number_of_rows(record_property):
    found = Agreement()
    for number, (network, m, weighted) in enumerate(cases()):
        assert obstacle(network) is None
        point = calm_point(network, m, number, weighted)
        for dtype in DTYPES:
            found.compare(network, point, dtype)
    record_property("largest_part_of_tolerance", found.worst)
    assert found.worst < 1, found.where
    assert found.rough < 0.05 * found.tensors


def test_another_network_is_far_away():
    network = Network((5, 17, 3), "tanh", embedding=PeriodicEmbedding(4, 6))
    point = draw(network, 64, 0)
    assert max(differences(compiled(network, point), reference(network, point)).values()) < 1e-12
    for name in ("frequency", "phase", "amplitude", "offset"):
        for at in range(point.parameters[name].size):
            theta = point.parameters.copy()
            theta[name].flat[at] += 1e-3
            moved = replace(point, parameters=theta)
            got = compiled(network, moved)
            assert max(differences(got, reference(network, moved)).values()) < 1e-12
            assert max(differences(got, reference(network, point)).values()) > 1e-7


@pytest.mark.parametrize("form", [sp.csr_array, sp.csc_array, sp.coo_array])
def test_sparse_rows(form):
    network = Network((31, 17, 2), "tanh", embedding=PeriodicEmbedding(5, 4))
    point = draw(network, 150, 0)
    point = replace(point, X=np.where(np.abs(point.X) > 1, point.X, 0))
    want = reference(network, point)
    for instruction_set in SETS:
        got = compiled(network, replace(point, X=form(point.X)), instruction_set)
        assert max(differences(got, want).values()) < TOLERANCE[np.float64]


@pytest.mark.parametrize("options", EXTRA, ids=str)
def test_any_number_of_threads_computes_the_same_bits(options):
    embedding = PeriodicEmbedding(6, 8)
    for sizes, m in (((9, 33, 5), 1), ((40, 130, 65, 2), 900), ((9, 3), 2100)):
        network = Network(sizes, "silu", penalty=L2(0.1), embedding=embedding, **options)
        for dtype in DTYPES:
            point = draw(network, m, 0, "random").cast(dtype)
            seen = set()
            for n_threads in (1, 2, 3, 5):
                engine = CompiledEngine(network, dtype, n_threads)
                J, gradients = engine.cost_and_gradients(*point.batch)
                Z, A = engine.outputs(point.parameters, point.X)
                seen.add((J, gradients.vector.tobytes(), Z.tobytes(), A.tobytes()))
            assert len(seen) == 1


def test_one_engine_computes_one_batch_after_another():
    """Larger and smaller ones: nothing of the last one is left."""
    network = Network((5, 17, 3), "tanh", embedding=PeriodicEmbedding(4, 6))
    engine = CompiledEngine(network, np.float64)
    for number, m in enumerate((7, 1000, 1, 300, 64)):
        point = draw(network, m, number)
        J, gradients = engine.cost_and_gradients(*point.batch)
        Z, A = engine.outputs(point.parameters, point.X)
        got = {"J": J, "Z": Z, "A": A, **gradients}
        assert max(differences(got, compiled(network, point)).values()) == 0


# ------------------------------------------------------------------------------------------- trainings

OPTIMIZERS = {
    "nesterov": lambda: SGD(0.01, 0.9, nesterov=True),
    "rmsprop": lambda: RMSprop(0.003, 0.8),
    "adam": lambda: Adam(0.003, 0.8, 0.95),
    "adamw": lambda: AdamW(0.003, weight_decay=0.3),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_whole_trainings(name, dtype, monkeypatch):
    """From the start that `init` makes; frozen parameters, rates of their own, dropout in turn."""
    close = {np.float64: 1e-11, np.float32: 1e-4}[dtype]
    for number, options in enumerate(EXTRA):
        network = Network((4, 17, 2), "tanh", embedding=PeriodicEmbedding(3, 5), **options)
        data = dataset(61, network=network)
        data = replace(data, X=data.X.astype(dtype), Y=data.Y.astype(dtype))
        left = []
        for engine in ("reference", SETS[number % len(SETS)]):
            monkeypatch.setenv("CHAINRULE_ENGINE", engine)
            it = Trainer(
                network,
                OPTIMIZERS[name](),
                batch_size=16,
                epochs=3,
                seed=0,
                rate_factors=(None, {"frequency": 2.0, "amplitude": 5.0})[number % 2],
                frozen=((), ("phase", "W1"))[number // 2],
                dropout=(0.0, 0.3)[number % 2],
                clip_norm=(None, 0.5)[number // 2],
            )
            theta = network.init(1, dtype=dtype, frequency_scale=0.3)
            it.run(theta, data)
            left.append({**theta, **it.optimizer.state})
        assert np.abs(left[0]["amplitude"]).max() > 0
        for tensor, V in left[0].items():
            off = difference(left[1][tensor], V)
            assert off < close, f"{tensor} is off by {off:.2e}, {network}"


def test_what_the_engine_refuses():
    class Other(PeriodicEmbedding):
        pass

    assert obstacle(Network((3, 1), embedding=Other(2, 3))) == "the embedding Other"
    with pytest.raises(ValueError, match="no such inputs can be embedded"):
        _engine.Network(
            sizes=[3, 1], activations=["identity"], loss="squared_error", reduction="mean",
            cost_scale=1.0, label_smoothing=0.0, penalty=0.0, penalty_scale="full",
            penalty_on_biases=False, embedded=4, width=3,
        )  # fmt: skip
