"""Each activation and its derivative against 500 digits, over the whole range, in every dtype."""

import numpy as np
import pytest

from chainrule.errors import ParameterError
from chainrule.nn import ACTIVATIONS, get_activation
from chainrule.nn.activations import log_softmax
from helpers import precise

ELEMENTWISE = tuple(name for name in ACTIVATIONS if name != "softmax")
SIZES = (1e-12, 1e-8, 1e-3, 0.1, 0.5, 1.0, 1.5, 3.3, 7.0, 12.0, 17.5, 20.0, 26.0, 30.0, 36.9, 40.0)
FAR = (87.0, 104.0, 300.0, 708.0, 745.0, 1000.0, 1e4)
H = 1e-30


def points(name, dtype):
    limit = (80 if dtype == np.float32 else 700) if name == "exponential" else 1e4
    spread = 4 * np.random.RandomState(0).normal(size=20)
    Z = np.array([sign * z for z in (*SIZES, *FAR) for sign in (1, -1)] + list(spread))
    return Z[limit >= Z].astype(np.float32).astype(dtype)  # the same numbers in either dtype


def precise_values(function, name, Z):
    """Return what `function` gives at each z, as the nearest float64."""
    return np.array([float(function(name, float(z))) for z in Z])


def allowance(value, slope, Z, dtype, ulps):
    """Return the error that `ulps` roundings of z and of g(z) explain, down to the underflow."""
    info = np.finfo(dtype)
    scale = np.maximum(np.abs(value), np.abs(Z.astype(float) * slope))
    return ulps * info.eps * scale + info.tiny * (1 + np.abs(Z.astype(float)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_value(name, dtype):
    Z = points(name, dtype)
    A = ACTIVATIONS[name].value(Z)
    want = precise_values(precise.value, name, Z)
    slope = precise_values(precise.slope, name, Z)
    assert A.dtype == dtype
    assert np.isfinite(A).all()
    assert (np.abs(A - want) <= allowance(want, slope, Z, dtype, 4)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_derivative(name, dtype):
    g = ACTIVATIONS[name]
    Z = points(name, dtype)
    derivative = g.derivative(Z, g.value(Z))
    want = precise_values(precise.slope, name, Z)
    curvature = precise_values(precise.curvature, name, Z)
    assert derivative.dtype == dtype
    assert derivative.shape == Z.shape
    assert (np.abs(derivative - want) <= allowance(want, curvature, Z, dtype, 8)).all()


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_complex_step(name):
    """The real part is the value, the imaginary part the derivative: erfc and log1p included."""
    Z = points(name, np.float64)
    A = ACTIVATIONS[name].value(Z + 1j * H)
    value = precise_values(precise.value, name, Z)
    slope = precise_values(precise.slope, name, Z)
    curvature = precise_values(precise.curvature, name, Z)
    assert A.dtype == np.complex128
    # NumPy's complex log1p rounds 1 + z first, so that the real part is only good to an absolute ulp.
    assert (np.abs(A.real - value) <= 2e-16 * (1 + np.abs(Z)) + 1e-13 * np.abs(value)).all()
    error = np.abs(A.imag / H - slope)
    assert (error <= allowance(slope, curvature, Z, np.float64, 40) + 1e-16 * np.abs(Z)).all()


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_derivative_takes_complex_numbers(name):
    """So that a second derivative can be taken by the complex step."""
    g = ACTIVATIONS[name]
    Z = points(name, np.float64)
    Z = Z[np.abs(Z) < 30]
    derivative = g.derivative(Z + 1j * H, g.value(Z + 1j * H))
    assert derivative.dtype == np.complex128
    np.testing.assert_allclose(derivative.real, g.derivative(Z, g.value(Z)), rtol=1e-12, atol=1e-15)
    curvature = precise_values(precise.curvature, name, Z)
    np.testing.assert_allclose(derivative.imag / H, curvature, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nothing_overflows_or_warns_far_out(name):
    g = ACTIVATIONS[name]
    for dtype in (np.float32, np.float64):
        Z = np.array([[-1e4, -1e3, -104.0, 0.0], [1e4, 104.0, 745.0, -0.0]], dtype)
        if name == "exponential":
            Z = np.minimum(Z, 80)
        A = g.value(Z)
        assert np.isfinite(A).all()
        assert np.isfinite(g.derivative(Z, A)).all()
        dZ = g.jacobian_product(Z, A, np.ones_like(Z))
        assert np.isfinite(dZ).all()
        assert A.dtype == dZ.dtype == dtype


def test_the_exponential_grows_to_infinity_without_a_warning():
    assert ACTIVATIONS["exponential"].value(np.array([1000.0])) == np.inf


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nan_stays_nan(name):
    """A missing number must not be turned into an ordinary one on its way through the network."""
    A = ACTIVATIONS[name].value(np.array([[np.nan, 1.0]]))
    assert np.isnan(A[0, 0])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_kinks_are_declared(name):
    """g' jumps at the declared kinks and nowhere else."""
    g = ACTIVATIONS[name]
    if name == "softmax":
        assert g.kinks == ()
        return
    grid = np.arange(-800, 801) / 100
    near = 1e-9
    left, right = (g.derivative(grid + s, g.value(grid + s)) for s in (-near, near))
    jumps = grid[np.abs(right - left) > 1e-3 * np.maximum(1, np.abs(right))]
    assert tuple(jumps) == g.kinks


@pytest.mark.parametrize(
    ("name", "slope"), [("relu", 0.0), ("leaky_relu", 0.01), ("selu", 1.7580993408473766)]
)
def test_at_the_kink_itself_the_left_slope_is_taken(name, slope):
    g = ACTIVATIONS[name]
    for zero in (0.0, -0.0):
        Z = np.array([zero])
        np.testing.assert_allclose(g.derivative(Z, g.value(Z)), slope, rtol=1e-15)
        np.testing.assert_allclose(g.value(Z + 1j * H).imag / H, slope, rtol=1e-15)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_at_zero_the_two_routes_agree(name):
    g = ACTIVATIONS[name]
    for zero in (0.0, -0.0):
        Z = np.array([zero])
        step = g.value(Z + 1j * H).imag / H
        np.testing.assert_allclose(step, g.derivative(Z, g.value(Z)), rtol=1e-15)


def test_identities():
    Z = np.random.RandomState(1).normal(0, 3, 200)
    g = {name: activation.value(Z) for name, activation in ACTIVATIONS.items()}
    np.testing.assert_allclose(g["tanh"], 2 * ACTIVATIONS["sigmoid"].value(2 * Z) - 1, atol=1e-15)
    np.testing.assert_allclose(g["sigmoid"] + ACTIVATIONS["sigmoid"].value(-Z), 1, rtol=1e-15)
    np.testing.assert_allclose(g["softplus"] - ACTIVATIONS["softplus"].value(-Z), Z, rtol=1e-13)
    np.testing.assert_allclose(g["gelu"] - ACTIVATIONS["gelu"].value(-Z), Z, rtol=1e-13)
    np.testing.assert_allclose(g["silu"], Z * g["sigmoid"], rtol=1e-15)
    np.testing.assert_allclose(g["relu"] - ACTIVATIONS["relu"].value(-Z), Z, rtol=1e-15)
    np.testing.assert_allclose(g["selu"][Z > 0], 1.0507009873554805 * Z[Z > 0], rtol=1e-15)
    pair = ACTIVATIONS["softmax"].value(np.column_stack([Z, np.zeros_like(Z)]))
    np.testing.assert_allclose(pair[:, 0], g["sigmoid"], rtol=1e-14)


def jacobian(row):
    """Return ∂a_k/∂z_j at [k, j], from the definition."""
    a = np.array([float(p) for p in precise.softmax([float(z) for z in row])])
    return np.diag(a) - np.outer(a, a)


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("size", [1.0, 30.0, 1e4])
def test_softmax_jacobian(n, size):
    rng = np.random.RandomState(n)
    Z, dA = size * rng.normal(size=(6, n)), rng.normal(size=(6, n))
    g = ACTIVATIONS["softmax"]
    A = g.value(Z)
    want = [precise.softmax([float(z) for z in row]) for row in Z]
    np.testing.assert_allclose(A, np.array(want, float), rtol=1e-14, atol=1e-300)
    products = np.array([jacobian(z).T @ d for z, d in zip(Z, dA, strict=True)])
    np.testing.assert_allclose(g.jacobian_product(Z, A, dA), products, atol=2e-15)
    diagonals = np.array([np.diag(jacobian(z)) for z in Z])
    np.testing.assert_allclose(g.derivative(Z, A), diagonals, atol=1e-15)
    if n > 1 and size == 1:
        assert not np.allclose(products, dA * diagonals, rtol=1e-2)


def test_softmax_is_blind_to_a_shift_and_log_softmax_is_its_logarithm():
    Z = np.random.RandomState(0).normal(size=(4, 3))
    softmax = ACTIVATIONS["softmax"].value
    np.testing.assert_allclose(softmax(Z + 1e3), softmax(Z), rtol=1e-12)
    np.testing.assert_allclose(log_softmax(Z), np.log(softmax(Z)), rtol=1e-14)
    np.testing.assert_allclose(softmax(Z).sum(axis=1), 1, rtol=1e-15)
    extreme = np.array([[0.0, -1e4, 1e4]])
    np.testing.assert_array_equal(log_softmax(extreme), [[-1e4, -2e4, 0]])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_lookup(name):
    g = get_activation(name)
    assert g.name == name
    assert g.formula in repr(g)
    assert name in repr(g)
    assert g.derivative_formula


def test_logistic_is_sigmoid():
    assert get_activation("logistic") is ACTIVATIONS["sigmoid"]


@pytest.mark.parametrize(
    ("given", "nearest"), [("sigmiod", "sigmoid"), ("rleu", "relu"), ("soft_max", "softmax")]
)
def test_a_wrong_name_is_answered_with_the_nearest(given, nearest):
    with pytest.raises(ParameterError, match=f"activation '{given}': did you mean '{nearest}'"):
        get_activation(given)


@pytest.mark.parametrize("given", ["qqqq", None, 3, ["tanh"]])
def test_what_is_no_name_at_all(given):
    with pytest.raises(ParameterError, match=r"unknown activation .* The known ones are: identity"):
        get_activation(given)
