"""Networks whose weights are made of others, by the compiled engine: input scale, NTK, ensembles."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from chainrule.core import CompiledEngine
from chainrule.nn import L2, Network, Parameters
from chainrule.nn.parametrization import unfolded
from chainrule.optim import SGD, Adam, AdamW, Cosine, CosLog, RMSprop
from chainrule.train import Trainer
from helpers.cases import CROSS_ENTROPIES, HIDDEN, PAIRS
from helpers.engines import (
    DTYPES,
    ROWS,
    SETS,
    SIZES,
    TOLERANCE,
    Agreement,
    calm_point,
    compiled,
    difference,
    differences,
    draw,
    reference,
)
from helpers.parametrized import PARAMETRIZATIONS, name_of
from helpers.product import COST_SCALES, PENALTIES, REDUCTIONS, SMOOTHINGS
from helpers.training import dataset

WEIGHTED = (None, "random", "with zeros")
each = pytest.mark.parametrize("options", PARAMETRIZATIONS, ids=name_of)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """In which order the reference adds up must not depend on the machine."""
    with threadpool_limits(1, "blas"):
        yield


def cases_of(options):
    """Yield (network, rows, weights): every size of the output × rows; the rest is drawn."""
    number = PARAMETRIZATIONS.index(options)
    for place, (size, m) in enumerate(product(SIZES, ROWS)):
        rng = np.random.RandomState(100 * number + place)
        output, loss = PAIRS[(number * 36 + place) % len(PAIRS)]
        # A thousand rows meet every size one layer at a time, below.
        sizes = {1000: SIZES[:5], 64: SIZES[:8]}.get(m, SIZES)
        if size == 300 and m == 1000:
            output, loss = "identity", "squared_error"
        depth = 1 + (number + place) % 3
        network = Network(
            (*rng.choice(sizes, depth), size),
            HIDDEN[(number * 5 + place // 3) % len(HIDDEN)],
            output,
            loss,
            penalty=PENALTIES[rng.randint(len(PENALTIES))],
            reduction=REDUCTIONS[rng.randint(2)],
            cost_scale=COST_SCALES[rng.randint(2)],
            label_smoothing=SMOOTHINGS[rng.randint(2)] if loss in CROSS_ENTROPIES else 0.0,
            **options,
        )
        yield network, m, WEIGHTED[rng.randint(3)]


@each
def test_every_size_of_the_outputs_with_every_number_of_rows(options, record_property):
    found = Agreement()
    for number, (network, m, weighted) in enumerate(cases_of(options)):
        point = calm_point(network, m, number, weighted)
        sets = SETS if number % 4 == 0 else (SETS[number % len(SETS)],)
        for dtype in DTYPES:
            found.compare(network, point, dtype, sets)
    record_property("largest_part_of_tolerance", found.worst)
    record_property("tensors_rough_in_the_reference", found.rough)
    assert found.worst < 1, found.where
    assert found.rough < 0.02 * found.tensors


@pytest.mark.parametrize("m", ROWS)
def test_every_size_of_a_layer(m):
    """Inputs × units of a hidden layer: every path through panels, turned and not."""
    found = Agreement()
    for number, (n_in, n_out) in enumerate(product(SIZES, repeat=2)):
        options = PARAMETRIZATIONS[number % len(PARAMETRIZATIONS)]
        network = Network((n_in, n_out, 2), "tanh", **options)
        if m == 1000 and n_in * n_out > 5000:
            continue  # the reference takes a second for it
        point = draw(network, m, number)
        for dtype in DTYPES:
            found.compare(network, point, dtype, (SETS[number % len(SETS)],))
    assert found.worst < 1, found.where


def test_the_product_is_complete():
    cases = [(network, m, w) for options in PARAMETRIZATIONS for network, m, w in cases_of(options)]
    assert len(cases) == len(PARAMETRIZATIONS) * len(SIZES) * len(ROWS)
    assert {(network.output, network.loss) for network, *_ in cases} == set(PAIRS)
    assert {h for network, *_ in cases for h in network.hidden} == set(HIDDEN)
    assert {network.penalty for network, *_ in cases} == set(PENALTIES)
    assert {weighted for *_, weighted in cases} == set(WEIGHTED)
    assert {network.depth for network, *_ in cases} == {1, 2, 3}
    assert {size for network, *_ in cases for size in network.sizes[:-1]} == set(SIZES)


def test_another_network_is_far_away():
    """What the engine computes for one network is not what the reference computes for its neighbor."""
    base = Network((7, 17, 3), "tanh", input_scale=True, parametrization="ntk", members=2)
    point = draw(base, 64, 0)
    plain = differences(compiled(base, point), reference(base, point))
    assert max(plain.values()) < 1e-12
    standard = replace(base, parametrization="standard")
    assert max(differences(compiled(standard, point), reference(base, point)).values()) > 0.1
    for name, V in point.parameters.items():
        for at in range(0, V.size, max(1, V.size // 7)):
            theta = point.parameters.copy()
            theta[name].flat[at] += 1e-3
            moved = replace(point, parameters=theta)
            got = compiled(base, moved)
            assert max(differences(got, reference(base, moved)).values()) < 1e-12, name
            assert max(differences(got, reference(base, point)).values()) > 1e-7, name


@each
def test_any_number_of_threads_computes_the_same_bits(options):
    """Cost, gradients and predictions: dense and sparse, with weights and dropout, of many shards."""
    for sizes, m in (((9, 33, 5), 1), ((40, 130, 65, 2), 900), ((9, 300, 3), 2100)):
        network = Network(sizes, "silu", penalty=L2(0.1), **options)
        for dtype in DTYPES:
            point = draw(network, m, 0, "random").cast(dtype)
            sparse = replace(point, X=sp.csr_array(point.X))
            for given, rates in ((point, None), (sparse, None), (point, [0.3] * (len(sizes) - 2))):
                seen = set()
                for n_threads in (1, 2, 3, 5):
                    engine = CompiledEngine(network, dtype, n_threads)
                    J, gradients = engine.cost_and_gradients(*given.batch, rates, 17)
                    Z, A = engine.outputs(given.parameters, given.X)
                    seen.add((J, gradients.vector.tobytes(), Z.tobytes(), A.tobytes()))
                assert len(seen) == 1


@each
@pytest.mark.parametrize("form", [sp.csr_array, sp.csc_array, sp.coo_array])
def test_sparse_rows(options, form):
    network = Network((31, 17, 2), "tanh", **options)
    point = draw(network, 150, 0)
    X = np.where(np.abs(point.X) > 1, point.X, 0)
    point = replace(point, X=X)
    want = reference(network, point)
    for instruction_set in SETS:
        got = compiled(network, replace(point, X=form(X)), instruction_set)
        assert max(differences(got, want).values()) < TOLERANCE[np.float64]


@each
def test_predictions_of_members(options):
    """Of each member as of the plain network that it is; and of no rows at all."""
    network = Network((5, 17, 3), "gelu", loss="categorical_cross_entropy", **options)
    point = draw(network, 70, 0)
    Z, A = CompiledEngine(network, np.float64).outputs(point.parameters, point.X)
    k = network.members
    assert Z.shape == A.shape == ((k, 70, 3) if k > 1 else (70, 3))
    apart, weights = unfolded(network, point.parameters)
    for e in range(k):
        plain = replace(apart, members=1)
        V = {name: W[e] if W.ndim == 3 or name[0] == "b" else W for name, W in weights.items()}
        theta = Parameters.from_arrays(V)
        got = CompiledEngine(plain, np.float64).outputs(theta, point.X)
        mine = (Z[e], A[e]) if k > 1 else (Z, A)
        assert max(difference(*pair) for pair in zip(mine, got, strict=True)) < 1e-13
    for dtype in DTYPES:
        Z, A = CompiledEngine(network, dtype).outputs(
            point.cast(dtype).parameters, np.empty((0, 5), dtype)
        )
        assert Z.shape == A.shape == ((k, 0, 3) if k > 1 else (0, 3))


def test_one_engine_computes_one_batch_after_another():
    """Larger, smaller, dropped or not: nothing of the last one is left."""
    network = Network((31, 17, 3), "tanh", input_scale=True, parametrization="ntk", members=3)
    engine = CompiledEngine(network, np.float64)
    for number, m in enumerate((7, 1000, 1, 300, 64)):
        point = draw(network, m, number, WEIGHTED[number % 3])
        J, gradients = engine.cost_and_gradients(*point.batch)
        Z, A = engine.outputs(point.parameters, point.X)
        got = {"J": J, "Z": Z, "A": A, **gradients}
        assert max(differences(got, compiled(network, point)).values()) == 0
        engine.cost_and_gradients(*point.batch, dropout=[0.5], dropout_key=number)


# ------------------------------------------------------------------------------------------- trainings

OPTIMIZERS = {
    "plain": lambda: SGD(0.02),
    "momentum": lambda: SGD(0.01, 0.9),
    "nesterov": lambda: SGD(0.01, 0.9, nesterov=True),
    "rmsprop": lambda: RMSprop(0.003, 0.8),
    "adam": lambda: Adam(0.003, 0.8, 0.95),
    "adamw": lambda: AdamW(0.003, weight_decay=0.3),
}
FACTORS = (None, {"scale": 6.0, "b": 0.1}, {"W": 0.5, "W1": 0.0, "R": 2.0, "S": 3.0})


def train(monkeypatch, engine, network, dtype, optimizer, weighted, **options):
    """Return every number that a training leaves, by name, and what must be the same."""
    monkeypatch.setenv("CHAINRULE_ENGINE", engine)
    rng = np.random.RandomState(1)
    data = dataset(61, network=network)
    weight = rng.uniform(0.5, 2, 61) if weighted else None
    data = replace(
        data,
        X=data.X.astype(dtype),
        Y=data.Y.astype(dtype),
        weight=None if weight is None else weight.astype(dtype),
    )
    it = Trainer(network, optimizer, batch_size=16, epochs=3, seed=0, **options)
    theta = draw(network, 1, 0).cast(dtype).parameters
    history = it.run(theta, data, data)
    left = {"cost": history.cost, "validation": history.validation_cost, **it.optimizer.state}
    same = (it.clock, it.optimizer.step, it.masks, it.rng.randint(2**31), history.learning_rate)
    return {**left, **theta}, same


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_whole_trainings(name, dtype, monkeypatch):
    """Parametrization × rate factors; dropout, clipping, what is dropped and frozen in turn."""
    close = {np.float64: 1e-12, np.float32: 2e-5}[dtype]
    for number, (options, factors) in enumerate(product(PARAMETRIZATIONS, FACTORS)):
        network = Network(
            (4, 17, 5, 2),
            ("tanh", "silu", "softplus", "sigmoid")[number % 4],
            loss=("squared_error", "binary_cross_entropy")[number % 2],
            penalty=PENALTIES[number % len(PENALTIES)],
            **options,
        )
        frozen = [name for name, _ in network.layout.shapes()][number % 3 :: 4]
        settings = {
            "network": network,
            "schedule": (CosLog(), Cosine(0.1))[number % 2],
            "rate_factors": factors,
            "dropout": (0.0, 0.3, (0.4, 0.0))[number % 5 % 3],
            "clip_norm": (None, 0.05)[number % 7 % 2],
            "drop_last": number % 2 == 0,
            "frozen": frozen if number % 5 == 1 else (),
            "shuffle": number % 4 < 3,
            "weighted": number % 3 == 2,
        }
        want, same = train(
            monkeypatch, "reference", dtype=dtype, optimizer=OPTIMIZERS[name](), **settings
        )
        engine = SETS[number % len(SETS)]
        got, also = train(
            monkeypatch, engine, dtype=dtype, optimizer=OPTIMIZERS[name](), **settings
        )
        assert also == same, settings
        assert set(got) == set(want)
        for tensor, V in want.items():
            off = difference(got[tensor], V)
            assert off < close, f"{tensor} is off by {off:.2e}, {settings}"


@pytest.mark.parametrize("dtype", DTYPES)
def test_whole_trainings_leave_the_same_bits_for_any_number_of_threads(dtype):
    for options in PARAMETRIZATIONS[::3]:
        network = Network((9, 130, 33, 2), "tanh", **options)
        data = dataset(1500, network=network)
        data = replace(data, X=data.X.astype(dtype), Y=data.Y.astype(dtype))
        seen = set()
        for n_threads in (1, 2, 3, 5):
            it = Trainer(
                network,
                Adam(0.01),
                batch_size=700,
                epochs=2,
                seed=0,
                dropout=0.2,
                clip_norm=0.05,
                drop_last=True,
                rate_factors={"b": 0.1},
                n_threads=n_threads,
            )
            theta = network.init(0, dtype=dtype)
            it.run(theta, data)
            seen.add((theta.vector.tobytes(), *(V.tobytes() for V in it.optimizer.state.values())))
        assert len(seen) == 1
