"""The engine's own exponential, and what is made of it: every activation over the whole range."""

from decimal import Decimal, localcontext
from itertools import product

import numpy as np
import pytest
from scipy.special import log_softmax

from chainrule.core import CompiledEngine
from chainrule.nn import ACTIVATIONS, Network, Parameters
from helpers import precise
from helpers.engines import DTYPES, SETS
from helpers.float32s import FUNCTIONS, UNIT, WORST, activate, errors, sample, true

LIMITS = {  # at −∞ and ∞; None where the reference, too, makes a NaN of −∞ · 0
    "identity": (-np.inf, np.inf),
    "sigmoid": (0, 1),
    "tanh": (-1, 1),
    "relu": (0, np.inf),
    "leaky_relu": (-np.inf, np.inf),
    "elu": (-1, np.inf),
    "selu": (-1.7580993408473766, np.inf),
    "softplus": (0, np.inf),
    "gelu": (None, np.inf),
    "silu": (None, np.inf),
    "mish": (None, np.inf),
    "exponential": (0, np.inf),
}


def test_every_activation_but_softmax_is_here():
    assert set(FUNCTIONS) == set(LIMITS) == set(ACTIVATIONS) - {"softmax"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_truth_is_true(name):
    """The formulas in float64 against 500 digits: their errors are nothing to float32."""
    Z = np.array([-700, -104, -40.5, -5, -1.25, -0.01, -1e-9, 0, 1e-9, 0.03, 0.5, 1, 3, 30, 88.5])
    with np.errstate(under="ignore"):
        value, slope = FUNCTIONS[name].value(Z), FUNCTIONS[name].derivative(Z)
    for z, got, got_slope in zip(Z, value, slope, strict=True):
        want = float(precise.value(name, z))
        assert got == pytest.approx(want, rel=1e-13, abs=1e-300)
        if z not in ACTIVATIONS[name].kinks:
            assert got_slope == pytest.approx(float(precise.slope(name, z)), rel=1e-13, abs=1e-16)


# ---------------------------------------------------------------------------------------------- float32


@pytest.fixture(scope="module")
def numbers():
    return sample()


def test_the_sample_covers_float32(numbers):
    sizes = np.abs(numbers)
    exponents = np.unique(np.frexp(sizes[sizes > 0])[1])
    np.testing.assert_array_equal(exponents, np.arange(-148, 129))
    limits = np.finfo(np.float32)
    assert np.isin([0, limits.smallest_subnormal, limits.tiny, limits.max], sizes).all()
    assert np.count_nonzero((sizes > 2.0**-13) & (sizes < 128)) > 1_300_000
    for points in WORST.values():
        assert np.isin(np.float32(points), numbers).all()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_float32_over_the_whole_range(name, numbers, record_property):
    """The value in units in the last place, the derivative absolute; see `Function`."""
    truth = true(name, numbers)
    for instruction_set in SETS:
        for kind, off in zip(
            ("g", "g'"), errors(name, instruction_set, numbers, truth), strict=True
        ):
            at = off.argmax()
            record_property(f"{kind}, {instruction_set}, part of what is allowed", float(off[at]))
            assert off[at] <= 1, (kind, instruction_set, float(numbers[at]), float(off[at]))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_measure_sees_an_error(name, numbers, monkeypatch):
    """Five units in the last place, a NaN, a lost subnormal: each is more than is allowed."""
    import helpers.float32s as measure

    Z = np.float32([-1.5, 0.75, 2.0])
    honest = measure.activate

    def off_by(change):
        monkeypatch.setattr(measure, "activate", lambda *args: change(*honest(*args)))
        value, slope = measure.errors(name, SETS[0], Z)
        return value.max(), slope.max()

    assert max(off_by(lambda A, D: (A, D))) <= 1
    assert off_by(lambda A, D: (A + np.float32(5 * 2.0**-22), D))[0] > 1
    assert off_by(lambda A, D: (A * np.nan, D))[0] == np.inf
    assert off_by(lambda A, D: (A, D * np.nan))[1] == np.inf
    assert off_by(lambda A, D: (A, D + np.float32(2.0**-18)))[1] > 1
    assert off_by(lambda A, D: (A + np.inf, D))[0] == np.inf


# ---------------------------------------------------------------------------------------------- float64

GRID = np.concatenate(
    [
        np.linspace(-45, 45, 91),
        *(sign * 10.0 ** np.linspace(-18, 1.5, 30) for sign in (-1, 1)),
        [x for corner in (708.3, 709.7, 40.2, 36.7, 19.9, 8.5) for x in (-corner, corner)],
    ]
)


def exact(name, z):
    """Return g(z), from as many digits as its smallness takes away."""
    with localcontext(prec=100 if abs(z) < 45 else 500):
        return float(precise.FORMULAS[name](Decimal(z)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_float64_in_a_hundred_digits(name):
    want = np.array([exact(name, z) for z in GRID])
    allowed = 4 * np.spacing(np.abs(want))
    if name == "gelu":
        allowed = 4 * UNIT[np.float64] * np.maximum(1, np.abs(GRID))
    for instruction_set in SETS:
        got, _ = activate(name, instruction_set, GRID)
        off = np.abs(got - want) / allowed
        assert off.max() <= 1, (instruction_set, GRID[off.argmax()], off.max())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_float64_against_the_reference(name):
    """Densely, values and derivatives: both have errors of some units in the last place."""
    rng = np.random.RandomState(0)
    Z = np.concatenate(
        [rng.normal(0, 3, 100_000), rng.uniform(-700, 700, 50_000), rng.normal(0, 1e-4, 10_000)]
    )
    reference = ACTIVATIONS[name]
    with np.errstate(under="ignore"):
        A = reference.value(Z)
        D = reference.derivative(Z, A)
    absolute = 8 * UNIT[np.float64] * np.maximum(1, np.abs(Z))
    for instruction_set in SETS:
        got, got_slope = activate(name, instruction_set, Z)
        near = np.abs(got - A) <= (absolute if name == "gelu" else 8 * np.spacing(np.abs(A)))
        assert near.all(), (instruction_set, Z[~near][:3])
        allowed = 8 * np.spacing(np.abs(D)) if name == "exponential" else absolute
        near = np.abs(got_slope - D) <= allowed
        assert near.all(), (instruction_set, Z[~near][:3])


# ------------------------------------------------------------------------------------- either precision


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_derivative_is_that_of_the_function_computed(name, dtype):
    """Between any two ends the integral of g', by Gauss and Legendre, is the difference of g."""
    ends = np.linspace(-30, 30, 121)  # the kinks are at ends
    nodes, weights = np.polynomial.legendre.leggauss(16)
    half = np.diff(ends)[:, np.newaxis] / 2
    at = (ends[:-1, np.newaxis] + half * (1 + nodes)).astype(dtype)
    ends = ends.astype(dtype)
    for instruction_set in SETS:
        A, _ = activate(name, instruction_set, ends)
        _, slopes = activate(name, instruction_set, at.ravel())
        integrals = (slopes.reshape(at.shape).astype(np.float64) * weights * half).sum(axis=1)
        scale = np.maximum(1, np.abs(A[1:].astype(np.float64)))
        off = np.abs(integrals - np.diff(A.astype(np.float64))) / scale
        assert off.max() < 16 * UNIT[dtype], (instruction_set, ends[off.argmax()])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_infinities_have_their_limits(name, dtype):
    for instruction_set in SETS:
        got, _ = activate(name, instruction_set, np.array([-np.inf, np.inf], dtype))
        for value, limit in zip(got, LIMITS[name], strict=True):
            if limit is None:
                assert np.isnan(value)
            else:
                assert value == dtype(limit) or abs(value / dtype(limit) - 1) < 4 * UNIT[dtype]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_nan_stays_one_and_disturbs_no_neighbor(name, dtype):
    Z = np.linspace(-3, 3, 64).astype(dtype)
    for instruction_set in SETS:
        plain, slopes = activate(name, instruction_set, Z)
        for bad in (np.nan, -np.nan, np.inf, -np.inf):
            for place in range(0, 64, 3):
                spoiled = Z.copy()
                spoiled[place] = bad
                A, D = activate(name, instruction_set, spoiled)
                assert np.isnan(A[place]) or np.isinf(bad)
                others = np.arange(64) != place
                np.testing.assert_array_equal(A[others], plain[others])
                np.testing.assert_array_equal(D[others], slopes[others])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_lane_computes_the_same(name, dtype):
    Z = np.random.RandomState(0).normal(0, 5, 640).astype(dtype)
    for instruction_set in SETS:
        A, D = activate(name, instruction_set, Z)
        for shift in range(1, 16):
            moved = activate(name, instruction_set, np.roll(Z, shift))
            assert np.roll(moved[0], -shift).tobytes() == A.tobytes()
            assert np.roll(moved[1], -shift).tobytes() == D.tobytes()


# ---------------------------------------------------------------------------------------------- softmax


def softmax_of(instruction_set, Z):
    """Return softmax(Z) by a network that does nothing else."""
    n = Z.shape[1]
    network = Network((n, n), output="softmax")
    parameters = Parameters.zeros((n, n), Z.dtype)
    parameters["W1"] = np.eye(n)
    logits, A = CompiledEngine(network, Z.dtype, 1, instruction_set).outputs(parameters, Z)
    np.testing.assert_array_equal(logits, Z)
    return A


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 2, 3, 16, 65, 300])
def test_softmax(n, dtype, record_property):
    """Within 4 · 2⁻²⁴ (2⁻⁵³ in float64) of e^z/Σe^z: near and far apart, large and tied."""
    rng = np.random.RandomState(n)
    rows = [rng.normal(0, scale, (200, n)) for scale in (1e-3, 1, 10, 100, 1e4, 1e30)]
    rows += [np.zeros((1, n)), np.full((1, n), -3e38), rng.randint(0, 2, (50, n)) * 50.0]
    rows += [rng.normal(0, 1, (50, n)) + shift for shift in (-1e3, 1e3, 87, -104)]
    Z = np.concatenate(rows).astype(dtype)
    with np.errstate(over="ignore", under="ignore"):
        want = np.exp(log_softmax(Z.astype(np.longdouble), axis=1))
    for instruction_set in SETS:
        A = softmax_of(instruction_set, Z)
        off = float(np.abs(A - want).max() / UNIT[dtype])
        record_property(f"{instruction_set}, units of 2⁻²⁴ or 2⁻⁵³", off)
        assert off < 4, instruction_set
        assert ((A >= 0) & (A <= 1)).all()
        np.testing.assert_allclose(A.sum(axis=1, dtype=np.float64), 1, atol=4 * n * UNIT[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_row_of_nan_is_a_softmax_of_nan(dtype):
    network = Network((1, 5), output="softmax")
    for row, instruction_set in product((0, 3, 17, 39), SETS):
        X = np.zeros((40, 1), dtype)
        X[row] = np.nan
        engine = CompiledEngine(network, dtype, 1, instruction_set)
        _, A = engine.outputs(Parameters.zeros((1, 5), dtype), X)
        assert np.isnan(A[row]).all()
        np.testing.assert_allclose(np.delete(A, row, axis=0), 0.2, rtol=4 * UNIT[dtype])
