"""Threads: the same bits for any number of them, and each core used once."""

import copy
import os
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from joblib import Parallel, cpu_count, delayed
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import chainrule as cr
from chainrule.core import CompiledEngine, threads, usable_cores
from chainrule.errors import ParameterError
from chainrule.nn import L2, Network
from chainrule.optim import SGD, Adam, Cosine
from chainrule.train import Trainer
from helpers.engines import DTYPES, SETS, compiled, draw
from helpers.training import NET, dataset, trainer

COUNTS = (1, 2, 3, 5, 8)
TASKS = Path("/proc/self/task")
# Small and wide: a batch of the first is cut every 128 rows, one of the second every 32.
NETWORKS = (
    Network((5, 17, 2), "tanh", loss="squared_error", penalty=L2(0.1)),
    Network((40, 130, 65, 1), "gelu", loss="binary_cross_entropy"),
    Network(
        (9, 300, 10), "softmax", loss="categorical_cross_entropy", penalty=L2(0.1, "half_mean")
    ),
)


def bits(tensors):
    """Return the bytes of every tensor, by name."""
    return {name: np.asarray(V).tobytes() for name, V in tensors.items()}


# -------------------------------------------------------------------------------------- the same bits


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: str(network.sizes))
@pytest.mark.parametrize("dtype", DTYPES)
def test_any_number_of_threads_computes_the_same_bits(network, dtype):
    """Cost, gradients and outputs: dense and sparse, with weights and without, with dropout."""
    for m, weighted in ((1, None), (300, "random"), (2100, None), (2100, "with zeros")):
        point = draw(network, m, 0, weighted).cast(dtype)
        for given in (point, replace(point, X=sp.csr_array(point.X))):
            for instruction_set in SETS:
                want = bits(compiled(network, given, instruction_set, 1))
                for n_threads in COUNTS[1:]:
                    assert bits(compiled(network, given, instruction_set, n_threads)) == want
        rates = [0.3] * (network.depth - 1)
        dropped = set()
        for n_threads in COUNTS:
            engine = CompiledEngine(network, dtype, n_threads)
            J, gradients = engine.cost_and_gradients(*point.batch, rates, 17)
            dropped.add((J, gradients.vector.tobytes()))
        assert len(dropped) == 1


def native_threads():
    """Return how many threads of this process are not Python's."""
    return len(list(TASKS.iterdir())) - threading.active_count()


@pytest.mark.skipif(not TASKS.is_dir(), reason="this system does not list a process's threads")
def test_there_are_as_many_threads_as_that():
    """Else the last test compares one thread with one thread."""
    for network, n_threads in product(NETWORKS, COUNTS):
        point = draw(network, 2100, 0)
        engine = CompiledEngine(network, np.float64, n_threads)
        before = native_threads()
        engine.cost_and_gradients(*point.batch)
        assert native_threads() == before + n_threads - 1
        del engine
        assert native_threads() == before


def train(network, data, dtype, n_threads):
    """Return every bit that a training leaves."""
    it = Trainer(
        network,
        Adam(0.01),
        schedule=Cosine(),
        batch_size=1300,
        epochs=3,
        dropout=0.2,
        clip_norm=0.05,
        frozen=("b1",),
        seed=0,
        n_threads=n_threads,
    )
    params = network.init(0, dtype=dtype)
    history = it.run(params, data, data)
    left = {"θ": params.vector, **it.optimizer.state}
    return bits(left), history.cost, history.validation_cost


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: str(network.sizes))
@pytest.mark.parametrize("dtype", DTYPES)
def test_whole_trainings_leave_the_same_bits(network, dtype):
    """Clipping adds up over all parameters, and the optimizer is shared out among the threads."""
    data = dataset(2000, network=network)
    weight = np.random.RandomState(0).uniform(0.5, 2, 2000)
    data = replace(
        data, X=data.X.astype(dtype), Y=data.Y.astype(dtype), weight=weight.astype(dtype)
    )
    want = train(network, data, dtype, 1)
    for n_threads in (1, *COUNTS, None):
        assert train(network, data, dtype, n_threads) == want


def test_another_seed_leaves_others():
    """The comparison can fail."""
    params = [NET.init(0) for _ in range(3)]
    for p, seed in zip(params, (0, 0, 1), strict=True):
        trainer(seed=seed, dropout=0.1).run(p, dataset())
    assert params[0].vector.tobytes() == params[1].vector.tobytes() != params[2].vector.tobytes()


# ------------------------------------------------------------------------------------ several at once


def models():
    """Return estimators of several seeds and numbers of threads, not fitted yet."""
    return [
        cr.MLPClassifier(
            (40,),
            batch_size=300,
            max_iter=30,
            tol=1.0,
            n_iter_no_change=5,
            dropout=0.1,
            random_state=seed,
            n_threads=n_threads,
        )
        for seed in range(4)
        for n_threads in (None, 1, 3)
    ]


@pytest.fixture(scope="module")
def table():
    data = dataset(900)
    return data.X, data.Y[:, 0]


def left_by(model, X):
    return model.parameters_.vector.tobytes(), model.predict_proba(X).tobytes(), model.loss_curve_


def test_several_fits_at_once_in_threads(table):
    X, y = table
    want = [left_by(model.fit(X, y), X) for model in models()]
    assert len({it[0] for it in want}) == 4  # one for each seed
    for _ in range(3):
        with ThreadPoolExecutor(6) as pool:
            got = list(pool.map(lambda model: left_by(model.fit(X, y), X), models()))
        assert got == want


def test_one_model_predicts_in_several_threads_at_once(table):
    X, y = table
    model = models()[2].fit(X, y)
    want = model.predict_proba(X).tobytes()
    with ThreadPoolExecutor(6) as pool:
        got = set(pool.map(lambda _: model.predict_proba(X).tobytes(), range(60)))
    assert got == {want}


@pytest.fixture(scope="module")
def processes():
    """Two processes, for all tests that need some."""
    given = os.environ.pop("OMP_NUM_THREADS", None)  # else joblib leaves it to whoever set it
    with Parallel(n_jobs=2, backend="loky") as parallel:
        yield parallel
    if given is not None:
        os.environ["OMP_NUM_THREADS"] = given


def test_several_fits_at_once_in_processes(table, processes):
    X, y = table
    chosen = models()[:6]
    want = [left_by(clone(model).fit(X, y), X) for model in chosen]
    got = processes(delayed(model.fit)(X, y) for model in chosen)
    assert [left_by(model, X) for model in got] == want


def test_processes_at_once_share_the_cores(processes):
    shares = processes(delayed(usable_cores)() for _ in range(4))
    assert set(shares) == {max(1, cpu_count() // 2)}


def test_a_grid_search_gives_the_same_in_processes(table, processes):
    X, y = table
    grid = {"alpha": [0.0, 0.3], "n_threads": [None, 2]}
    searches = [GridSearchCV(models()[0], grid, cv=3, n_jobs=n_jobs).fit(X, y) for n_jobs in (1, 2)]
    one, two = searches
    np.testing.assert_array_equal(
        one.cv_results_["mean_test_score"], two.cv_results_["mean_test_score"]
    )
    assert one.best_params_ == two.best_params_
    assert left_by(one.best_estimator_, X) == left_by(two.best_estimator_, X)


def test_other_threads_run_while_the_engine_computes():
    network = Network((64, 512, 64), "tanh")
    point = draw(network, 4000, 0).cast(np.float32)
    engine = CompiledEngine(network, np.float32, 1)
    ticks, over = [], threading.Event()

    def tick():
        while not over.wait(0.001):
            ticks.append(time.perf_counter())

    clock = threading.Thread(target=tick)
    clock.start()
    spans = []
    for _ in range(20):
        start = time.perf_counter()
        engine.cost_and_gradients(*point.batch)
        spans.append((start, time.perf_counter()))
    over.set()
    clock.join()
    inside = sum(start < at < end for at in ticks for start, end in spans)
    # A call takes some 20 ms; with the lock held, the clock would run between the calls alone.
    assert inside > 20


# ------------------------------------------------------------------------------------------- the cores


@pytest.mark.parametrize(
    ("value", "cores"),
    [
        (None, 8), ("", 8), ("1", 1), ("3", 3), ("8", 8), ("64", 8), ("2,4", 2), (" 5 ", 5),
        ("0", 8), ("-2", 8), ("two", 8), ("1.5", 8),
    ],
)  # fmt: skip
def test_the_cores_that_may_be_used(value, cores, monkeypatch):
    monkeypatch.setattr(threads, "cpu_count", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if value is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert usable_cores() == cores


@pytest.mark.parametrize("value", ["abc", "", " ", "1.5", "2,4"])
def test_a_limit_of_joblibs_that_is_no_number(value, monkeypatch, table):
    """It would stop everything that joblib does, so it is refused where it is first read."""
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", value)
    message = (
        f"^the environment variable LOKY_MAX_CPU_COUNT must be a whole .* not {value!r}: [^\n]*$"
    )
    for use in (usable_cores, lambda: models()[0].fit(*table)):
        with pytest.raises(ParameterError, match=message):
            use()
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    assert usable_cores() == 1


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity")
def test_affinity_counts(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)
    assert usable_cores() == cpu_count()


def test_computations_at_once_share_the_cores():
    def enter(depth):
        with threads.sharing(None, 8) as share:
            return [share, *(enter(depth - 1) if depth > 1 else [])]

    assert enter(10) == [8, 4, 2, 2, 1, 1, 1, 1, 1, 1]
    assert enter(1) == [8]  # all have left


def test_a_number_of_threads_that_was_asked_for_is_given():
    with threads.sharing(3, 8) as one, threads.sharing(100, 8) as two:
        assert (one, two) == (3, 100)
        with threads.sharing(None, 8) as three:
            assert three == 2


@pytest.fixture
def engine(monkeypatch):
    """Return an engine on a machine of eight cores."""
    monkeypatch.setattr("chainrule.core.engine.usable_cores", lambda: 8)
    return CompiledEngine(NETWORKS[0], np.float64)


def test_an_error_leaves_the_cores_to_others(engine):
    with pytest.raises(ZeroDivisionError), threads.sharing(None, 8):
        raise ZeroDivisionError
    point = draw(engine.network, 20, 0)
    for bad, what in ((point.X[:, :2], "X"), (point.X[:5], "Y")):
        with pytest.raises(ValueError, match=f"{what} does not fit"):
            engine.cost_and_gradients(point.parameters, bad, point.Y)
    with pytest.raises(ValueError, match="X does not fit"):
        engine.outputs(point.parameters, point.X[:, :2])
    with threads.sharing(None, 8) as share:
        assert share == 8


def test_an_engine_takes_its_share(engine):
    """Of the cores that are free when it is called, whatever it did before."""
    point = draw(engine.network, 4000, 0)

    def size():
        engine.cost_and_gradients(*point.batch)
        return engine._team.size

    assert size() == 8
    with threads.sharing(1, 8):
        assert size() == 4
        with threads.sharing(1, 8):
            assert size() == 2
    assert size() == 8
    engine.outputs(point.parameters, point.X[:10])
    assert engine._team.size == 1  # ten rows are no work for two


# ------------------------------------------------------------------------------------------ estimators


@pytest.mark.parametrize("bad", [0, -1, True, False, 1.5, "2", np.nan, [2]])
@pytest.mark.parametrize("kind", [cr.MLPClassifier, cr.MLPRegressor])
def test_a_wrong_number_of_threads_is_named(kind, bad, table):
    message = "n_threads must be a whole number of at least 1, not "
    with pytest.raises(ParameterError, match=message):
        kind(n_threads=bad).fit(*table)
    with pytest.raises(ParameterError, match=message):
        Trainer(NET, SGD(0.1), n_threads=bad)


@pytest.mark.parametrize("good", [None, 1, 2, 1000, np.int64(3), np.uint8(2)])
def test_a_right_number_of_threads(good, table):
    X, y = table
    model = models()[0].set_params(n_threads=good)
    assert left_by(model.fit(X, y), X) == left_by(models()[0].fit(X, y), X)


def test_a_fitted_model_can_be_pickled_copied_and_cloned(table):
    X, y = table
    model = models()[2].fit(X, y)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model), copy.copy(model)):
        assert left_by(other, X) == left_by(model, X)
        assert other.get_params() == model.get_params()
    again = clone(model)
    assert again.get_params() == model.get_params()
    assert again.get_params()["n_threads"] == 3
    assert left_by(again.fit(X, y), X) == left_by(model, X)


def test_a_pickled_model_goes_on_where_it_was(table):
    """Optimizer, clock and dropout's counter go with it."""
    X, y = table
    one = models()[0].partial_fit(X, y, classes=[0, 1])
    two = pickle.loads(pickle.dumps(one))
    for model in (one, two):
        model.partial_fit(X[:500], y[:500])
    assert left_by(one, X) == left_by(two, X)


def test_an_engine_itself_is_not_pickled():
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(CompiledEngine(NET, np.float64))
