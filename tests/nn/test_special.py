"""The functions that NumPy lacks, against SciPy's."""

import numpy as np
import pytest
import scipy.special

from chainrule.nn import special

EDGES = [0.0, -0.0, 1e-300, 1e-20, 0.3, 1.0, 2.5, 1e20, 1e300, -0.5, np.inf, -np.inf, np.nan]
PAIRS = np.array([(x, y) for x in EDGES for y in EDGES])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ["xlogy", "xlog1py"])
def test_against_scipy(name, dtype):
    with np.errstate(over="ignore"):
        X, Y = PAIRS.T.astype(dtype)
    ours, theirs = getattr(special, name)(X, Y), getattr(scipy.special, name)(X, Y)
    assert ours.dtype == dtype
    np.testing.assert_allclose(ours, theirs, rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("name", ["xlogy", "xlog1py"])
def test_complex_numbers(name):
    rng = np.random.RandomState(0)
    X = np.append(rng.normal(size=50), 0.0)
    Y = np.append(rng.uniform(1e-12, 0.9, 50), 0.0) + 1e-30j
    ours, theirs = getattr(special, name)(X, Y), getattr(scipy.special, name)(X, Y)
    np.testing.assert_allclose(ours.real, theirs.real, rtol=1e-15)
    np.testing.assert_allclose(ours.imag, theirs.imag, rtol=1e-15)


@pytest.mark.parametrize("name", ["erf", "erfc", "expit", "ndtr"])
def test_what_is_scipys(name):
    X = np.linspace(-6, 6, 101)
    np.testing.assert_array_equal(getattr(special, name)(X), getattr(scipy.special, name)(X))
