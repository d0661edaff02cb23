"""Cost, outputs and gradients of the compiled engine, tensor by tensor, against the reference."""

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from chainrule.core import CompiledEngine
from chainrule.nn import ACTIVATIONS, L2, LOSSES, Network, Parameters
from helpers.cases import CROSS_ENTROPIES, HIDDEN, PAIRS
from helpers.engines import (
    CALM,
    DTYPES,
    ROWS,
    SETS,
    SIZES,
    TOLERANCE,
    Agreement,
    Point,
    at_kink,
    calm_point,
    compiled,
    difference,
    differences,
    draw,
    reference,
    unrest,
)
from helpers.product import COST_SCALES, PENALTIES, REDUCTIONS, SMOOTHINGS

WEIGHTED = (None, "random", "with zeros")


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """In which order the reference adds up must not depend on the machine."""
    with threadpool_limits(1, "blas"):
        yield


def cases_of(hidden):
    """Yield (network, rows, weights) for every pair of output and loss × one to three hidden layers.

    For each pair the twelve activations and three depths are all 36 sizes of the output × rows; the
    other sizes and the conventions are drawn.
    """
    number = HIDDEN.index(hidden)
    for place, (output, loss) in enumerate(PAIRS):
        for depth in (2, 3, 4):
            rng = np.random.RandomState((number * len(PAIRS) + place) * 3 + depth)
            size, rows = divmod((number * 3 + depth - 2 + 5 * place) % 36, len(ROWS))
            # The products of sizes below have a thousand rows of 300 units.
            sizes = SIZES[:-1] if ROWS[rows] == 1000 else SIZES
            network = Network(
                (*rng.choice(sizes, depth), SIZES[size]),
                hidden,
                output,
                loss,
                penalty=PENALTIES[rng.randint(len(PENALTIES))],
                reduction=REDUCTIONS[rng.randint(2)],
                cost_scale=COST_SCALES[rng.randint(2)],
                label_smoothing=SMOOTHINGS[rng.randint(2)] if loss in CROSS_ENTROPIES else 0.0,
            )
            yield network, ROWS[rows], WEIGHTED[rng.randint(3)]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_activation_with_every_output_and_loss(hidden, record_property):
    found = Agreement()
    rows = exchanged = 0
    for number, (network, m, weighted) in enumerate(cases_of(hidden)):
        point = calm_point(network, m, number, weighted)
        rows, exchanged = rows + m, exchanged + point.exchanged
        for dtype in DTYPES:
            found.compare(network, point, dtype)
    record_property("largest_part_of_tolerance", found.worst)
    record_property("tensors", found.tensors)
    record_property("rows_at_a_kink", exchanged)
    record_property("tensors_rough_in_the_reference", found.rough)
    assert found.worst < 1, found.where
    assert exchanged < 0.001 * rows
    assert found.rough < 0.005 * found.tensors


@pytest.mark.parametrize("m", ROWS)
def test_every_size_of_inputs_and_outputs(m):
    """A single layer takes its rows where they lie, and meets every path of the products."""
    found = Agreement()
    for number, (n_in, n_out) in enumerate(product(SIZES, repeat=2)):
        network = Network((n_in, n_out), penalty=PENALTIES[number % len(PENALTIES)])
        point = calm_point(network, m, number)
        for dtype in DTYPES:
            found.compare(network, point, dtype)
    assert found.worst < 1, found.where


@pytest.mark.parametrize("m", ROWS)
def test_every_size_of_a_hidden_layer_and_outputs(m):
    found = Agreement()
    for number, (n_hidden, n_out) in enumerate(product(SIZES, repeat=2)):
        n_in = SIZES[(number + number // 9) % 9]
        network = Network((n_in, n_hidden, n_out), "tanh", loss="categorical_cross_entropy")
        point = calm_point(network, m, number)
        for dtype in DTYPES:
            found.compare(network, point, dtype)
    assert found.worst < 1, found.where


@pytest.mark.parametrize("loss", LOSSES)
def test_every_convention_of_every_loss(loss):
    """Penalty × reduction × cost scale × smoothing × observation weights."""
    found = Agreement()
    base = Network((7, 17, 3), "silu", loss=loss)
    smoothings = SMOOTHINGS if loss in CROSS_ENTROPIES else SMOOTHINGS[:1]
    for weighted in WEIGHTED:
        point = calm_point(base, 50, 1, weighted)
        conventions = product((*PENALTIES, L2(0.0)), REDUCTIONS, COST_SCALES, smoothings)
        for penalty, reduction, scale, smoothing in conventions:
            network = replace(
                base,
                penalty=penalty,
                reduction=reduction,
                cost_scale=scale,
                label_smoothing=smoothing,
            )
            for dtype in DTYPES:
                found.compare(network, point, dtype)
    assert found.worst < 1, found.where


def test_the_product_is_complete():
    met = defaultdict(set)
    sizes = Counter()
    for hidden in HIDDEN:
        for network, m, weighted in cases_of(hidden):
            pair, loss = (network.output, network.loss), network.loss
            penalty = PENALTIES.index(network.penalty)
            met["output size, rows"].add((pair, network.sizes[-1], m))
            met["hidden size"] |= {(hidden, size) for size in network.sizes[1:-1]}
            met["hidden, output, depth"].add((hidden, pair, network.depth))
            met["hidden, rows"].add((hidden, m))
            met["hidden, penalty"].add((hidden, penalty))
            met["pair, penalty"].add((pair, penalty))
            met["loss, smoothing"].add((loss, network.label_smoothing))
            met["pair, rest"].add((pair, network.reduction, network.cost_scale))
            met["pair, weights"].add((pair, weighted))
            sizes.update((place, size) for place, size in enumerate(network.sizes))
    assert len(met["output size, rows"]) == len(PAIRS) * len(SIZES) * len(ROWS)
    assert len(met["hidden size"]) == len(HIDDEN) * len(SIZES)
    assert len(met["hidden, output, depth"]) == len(HIDDEN) * len(PAIRS) * 3
    assert len(met["hidden, rows"]) == len(HIDDEN) * len(ROWS)
    assert len(met["hidden, penalty"]) == len(HIDDEN) * len(PENALTIES)
    assert len(met["pair, penalty"]) == len(PAIRS) * len(PENALTIES)
    assert len(met["loss, smoothing"]) == len(LOSSES) + len(CROSS_ENTROPIES)
    assert len(met["pair, rest"]) == len(PAIRS) * 4
    assert len(met["pair, weights"]) == len(PAIRS) * 3
    assert all(sizes[place, size] > 20 for place in range(4) for size in SIZES)


# ------------------------------------------------------------------- the comparison can tell them apart


@pytest.mark.parametrize("dtype", DTYPES)
def test_one_number_a_little_off_is_seen(dtype):
    network = Network((7, 17, 5, 3), "gelu", loss="categorical_cross_entropy", penalty=L2(0.1))
    point = calm_point(network, 64, 0).cast(dtype)
    want = reference(network, point)
    for name, V in compiled(network, point).items():
        assert difference(V, want[name]) < TOLERANCE[dtype]
        off = np.array(V)
        off.flat[off.size // 2] += dtype(5 * TOLERANCE[dtype] * np.linalg.norm(V))
        found = Agreement()
        found.note({name: difference(off, want[name])}, dtype, "")
        assert found.worst > 1, name
    for bad in (np.nan, np.inf):
        assert difference([bad, 1.0], [1.0, 1.0]) == np.inf
    assert difference([1e-300], [0.0]) == np.inf
    assert difference([0.0], [0.0]) == 0


OTHERS = [
    *(({"hidden": one}, {"hidden": other}) for one, other in combinations(HIDDEN, 2)),
    *(({"penalty": one}, {"penalty": other}) for one, other in combinations(PENALTIES, 2)),
    ({"reduction": "sum"}, {"reduction": "mean"}),
    ({"cost_scale": 0.5}, {"cost_scale": 1.0}),
    ({"loss": "squared_error"}, {"loss": "half_squared_error"}),
    *(
        ({"loss": loss, "label_smoothing": 0.1}, {"loss": loss, "label_smoothing": 0.2})
        for loss in CROSS_ENTROPIES
    ),
]


def test_another_network_is_far_away():
    """What the engine computes for one network is not what the reference computes for its neighbor."""
    for one, other in OTHERS:
        settings = {"penalty": L2(0.3), "reduction": "mean", "hidden": "tanh"}
        mine, theirs = (Network((7, 17, 3), **(settings | it)) for it in (one, other))
        point = calm_point(mine, 64, 0, "random")
        found = differences(compiled(mine, point), reference(theirs, point))
        assert max(found.values()) > 1e-4, (one, other)


def test_every_weight_and_every_row_counts():
    """The engine's gradient moves with each observation's weight and with each parameter."""
    network = Network((3, 17, 2), "mish")
    point = calm_point(network, 50, 0, "random")
    before = compiled(network, point)
    for row in range(50):
        weight = point.weight.copy()
        weight[row] *= 1.01
        after = compiled(network, replace(point, weight=weight))
        assert difference(after["W2"], before["W2"]) > 1e-6
    for number in range(len(point.parameters.vector)):
        theta = point.parameters.copy()
        theta.vector[number] += 1e-3
        moved = replace(point, parameters=theta)
        after = compiled(network, moved)
        assert difference(after["W2"], before["W2"]) > 1e-7
        assert max(differences(after, reference(network, moved)).values()) < 1e-12


# --------------------------------------------------------------------------- kinks, zeros, saturation


@pytest.mark.parametrize("hidden", HIDDEN)
def test_zero_weights_stand_on_every_kink(hidden):
    """Every Z is 0: the derivative there is the reference's, on whichever side that counts it."""
    found = Agreement()
    for (output, loss), zero in product(PAIRS, (0.0, -0.0)):
        network = Network((4, 5, 3, 2), hidden, output, loss)
        point = draw(network, 20, 0)
        point.parameters.vector[...] = zero
        for dtype in DTYPES:
            found.compare(network, point, dtype)
    assert found.worst < 1, found.where


@pytest.mark.parametrize("hidden", [name for name in HIDDEN if ACTIVATIONS[name].kinks])
def test_units_exactly_at_a_kink(hidden):
    """Z_1 is one of −2 … 2, and exactly so in either engine; a quarter of the units is at the kink."""
    network = Network((1, 16, 2), hidden)
    point = draw(network, 64, 0)
    point.parameters["W1"] = np.ones((1, 16))
    point.parameters["b1"] = np.arange(16) % 5 - 2
    point.X[...] = np.arange(64)[:, np.newaxis] % 3 - 1
    assert at_kink(network, point.parameters, point.X).all()
    found = Agreement()
    found.compare(network, point, np.float64)
    assert found.worst < 1, found.where
    single = point.cast(np.float32)
    for instruction_set in SETS:
        errors = differences(compiled(network, single, instruction_set), reference(network, single))
        assert max(errors.values()) < TOLERANCE[np.float32]


LOGITS = np.concatenate([np.linspace(-60, 60, 41), [-700, -90, -1e-3, 1e-3, 90, 700]])
SURE = {
    "binary_cross_entropy": ([0.0, 1.0, 0.25], lambda z: [z]),
    "poisson": ([0.0, 0.5, 40.0, 1e5], lambda z: [z]),
    "categorical_cross_entropy": ([0.0, 1.0, 0.25], lambda z: [z, 0.0, -z / 3]),
}


@pytest.mark.parametrize("loss", SURE)
@pytest.mark.parametrize("dtype", DTYPES)
def test_certain_outputs_keep_their_digits(loss, dtype):
    """The cost and the gradient of one observation, by logits up to where they overflow."""
    targets, logits = SURE[loss]
    n = len(logits(0.0))
    network = Network((1, n), loss=loss)
    found = Agreement()
    limits = np.finfo(dtype)
    for y, z in product(targets, LOGITS):
        # Near the perfect prediction the cost is a difference of almost equal numbers.
        if loss == "poisson" and (z > np.log(limits.max) or (y and abs(z - np.log(y)) < 0.3)):
            continue
        parameters = Parameters(network.sizes, np.array([*[0.0] * n, *logits(z)]))
        point = Point(parameters, np.ones((1, 1)), np.array([[y, 1 - y, 0.0][:n]]))
        if abs(z) < -np.log(limits.tiny):
            found.compare(network, point, dtype)
            continue
        point = point.cast(dtype)  # what is left of exp(−|z|) is subnormal, or 0
        for instruction_set, (name, V) in product(SETS, reference(network, point).items()):
            got = compiled(network, point, instruction_set)[name]
            np.testing.assert_allclose(
                got, V, TOLERANCE[dtype], 8 * limits.smallest_subnormal, err_msg=name
            )
    assert found.worst < 1, found.where


# ------------------------------------------------------------------------------- the forms of an array


def scattered(X, form, rng):
    """Return X in a sparse form; "halves" holds every entry as two, in no order."""
    if form != "halves":
        return form(X)
    coo = sp.coo_array(X)
    indptr = np.concatenate([[0], np.cumsum(2 * np.bincount(coo.row, minlength=len(X)))])
    columns, values = [], []
    for row in range(len(X)):
        column = np.tile(np.flatnonzero(X[row]), 2)
        mixed = rng.permutation(len(column))
        columns.append(column[mixed])
        values.append(X[row, column[mixed]] / 2)
    return sp.csr_array((np.concatenate(values), np.concatenate(columns), indptr), X.shape)


@pytest.mark.parametrize(
    "form", [sp.csr_array, sp.csr_matrix, sp.csc_array, sp.coo_array, "halves"]
)
@pytest.mark.parametrize("sizes", [(1, 3), (15, 1), (65, 17, 2), (300, 2, 3), (31, 64, 1)])
def test_sparse_rows(form, sizes):
    found = Agreement()
    network = Network(sizes, "tanh", loss="squared_error")
    for m in (1, 7, 200):
        rng = np.random.RandomState(m)
        for seed in range(50):
            point = draw(network, m, seed)
            X = np.where(rng.rand(*point.X.shape) < 0.3, point.X, 0)
            X[3::5] = 0
            if unrest(network, replace(point, X=X), seed) <= CALM:
                break
        sparse = replace(point, X=scattered(X, form, rng))
        for dtype in DTYPES:
            found.compare(network, sparse, dtype)
            dense, other = (
                compiled(network, it.cast(dtype)) for it in (replace(point, X=X), sparse)
            )
            assert max(differences(other, dense).values()) < TOLERANCE[dtype]
    assert found.worst < 1, found.where


def wide(V):
    return V.astype(np.float64)


def read_only(V):
    V = V.copy()
    V.setflags(write=False)
    return V


FORMS = {
    "Fortran order": np.asfortranarray,
    "every other row": lambda V: np.repeat(V, 2, axis=0)[::2],
    "backwards": lambda V: V[::-1].copy()[::-1],
    "a view of columns": lambda V: np.hstack([V, V])[:, : V.shape[1]] if V.ndim == 2 else V,
    "read only": read_only,
    "bytes of another machine": lambda V: V.astype(V.dtype.newbyteorder()),
    "float64": wide,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_of_every_form(form, dtype):
    """The same bits, and the arrays that were given are left alone."""
    network = Network((5, 17, 2), "tanh", loss="squared_error")
    point = draw(network, 150, 0, "random").cast(dtype)
    want = compiled(network, point)
    given = {name: FORMS[form](getattr(point, name)) for name in ("X", "Y", "weight")}
    before = {name: V.copy() for name, V in given.items()}
    got = compiled(network, replace(point, **given))
    for name, V in want.items():
        assert np.asarray(got[name]).tobytes() == np.asarray(V).tobytes()
    for name, V in before.items():
        np.testing.assert_array_equal(given[name], V)


def test_whole_numbers():
    network = Network((3, 4, 1))
    point = draw(network, 20, 0)
    X, Y, weight = (np.rint(4 * V).astype(int) for V in (point.X, point.Y, point.X[:, 0] + 3))
    whole = replace(point, X=X, Y=Y, weight=weight)
    assert max(differences(compiled(network, whole), reference(network, whole)).values()) < 1e-12


def test_parameters_that_must_not_change():
    """A model in a memory map is one: it predicts all the same."""
    network = Network((5, 17, 2), "tanh")
    point = draw(network, 30, 0)
    want = compiled(network, point)
    frozen = replace(
        point, parameters=Parameters(network.sizes, read_only(point.parameters.vector))
    )
    assert max(differences(compiled(network, frozen), want).values()) == 0


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("sizes", [(4, 3), (4, 300, 1), (300, 2, 17)])
def test_no_rows_at_all(dtype, sizes):
    network = Network(sizes)
    parameters = network.init(0, dtype=dtype)
    for X in (np.empty((0, sizes[0]), dtype), sp.csr_array((0, sizes[0]), dtype=dtype)):
        Z, A = CompiledEngine(network, dtype).outputs(parameters, X)
        assert Z.shape == A.shape == (0, sizes[-1])
        assert Z.dtype == A.dtype == dtype


# ----------------------------------------------------------------------------------- deep, mixed, again


def test_each_layer_has_its_own_activation():
    found = Agreement()
    for number in range(len(HIDDEN)):
        hidden = [HIDDEN[(number + step) % len(HIDDEN)] for step in (0, 1, 5)]
        network = Network((9, 17, 4, 33, 2), hidden, loss="poisson", penalty=L2(0.1))
        point = calm_point(network, 130, number)
        for dtype in DTYPES:
            found.compare(network, point, dtype)
    assert found.worst < 1, found.where


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_deepest_network(dtype):
    network = Network((3,) * 65, "elu", loss="categorical_cross_entropy")
    point = draw(network, 40, 0)
    for layer in range(1, 65):
        point.parameters[f"W{layer}"] = np.eye(3) + point.parameters[f"W{layer}"] / 5
    want = reference(network, point)
    assert 1e-6 < np.linalg.norm(want["W1"]) < 1e6
    point = point.cast(dtype)
    for instruction_set in SETS:
        errors = differences(compiled(network, point, instruction_set), want)
        assert max(errors.values()) < {np.float64: 1e-12, np.float32: 1e-4}[dtype]


@pytest.mark.parametrize("dtype", DTYPES)
def test_one_engine_computes_one_batch_after_another(dtype):
    """Larger, smaller, sparse, weighted, dropped or not: nothing of the last one is left."""
    network = Network((31, 17, 3), "tanh", loss="squared_error")
    engine = CompiledEngine(network, dtype)
    for number, m in enumerate((7, 1000, 1, 300, 64)):
        point = draw(network, m, number, WEIGHTED[number % 3]).cast(dtype)
        sparse = replace(point, X=sp.csr_array(point.X))
        for given in (point, sparse):
            J, gradients = engine.cost_and_gradients(*given.batch)
            Z, A = engine.outputs(given.parameters, given.X)
            got = {"J": J, "Z": Z, "A": A, **gradients}
            assert max(differences(got, compiled(network, given)).values()) == 0
        engine.cost_and_gradients(*point.batch, dropout=[0.5], dropout_key=number)
