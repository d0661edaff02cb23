"""`check_gradient`: any scalar function, by the complex step or by extrapolated differences."""

import json

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

import chainrule as cr
from chainrule.doctor.derivatives import complex_slope, extrapolated, ladder, noise_of, slope
from chainrule.errors import ParameterError, ShapeError

A = np.random.RandomState(0).normal(size=(4, 3))
POINT = np.array([0.3, -0.2, 0.9])


def f(x):
    return np.sum(np.tanh(A @ x) ** 2)


def gradient(x):
    T = np.tanh(A @ x)
    return A.T @ (2 * T * (1 - T * T))


def test_a_right_gradient():
    report = cr.check_gradient(f, gradient, POINT)
    assert report.ok
    assert report.error < 1e-14
    assert {c.slope.method for c in report.components} == {"complex step"}
    assert report.reasons == ()
    assert cr.check_gradient(f, gradient(POINT), POINT.tolist()).ok
    x = np.linspace(-1, 2, 10)
    assert cr.check_gradient(rosen, rosen_der, x).error < 1e-14


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (lambda x: -gradient(x), "sign"),
        (lambda x: 2 * gradient(x), "factor: it is 2 times"),
        (lambda x: 0 * x, "the gradient is zero"),
        (lambda x: gradient(x)[::-1], "in another order"),
    ],
)
def test_what_explains_a_wrong_one(wrong, reason):
    report = cr.check_gradient(f, wrong, POINT)
    assert not report.ok
    assert len(report.wrong) >= 2
    assert any(reason in text for text in report.reasons)
    assert reason in str(report)


def test_one_wrong_component_is_found():
    given = gradient(POINT)
    given[1] *= 1 + 2e-6
    report = cr.check_gradient(f, given, POINT)
    assert [c.index for c in report.wrong] == [(1,)]
    assert report.reasons == ()
    document = json.loads(json.dumps(report.to_dict()))
    assert [c["verdict"] for c in document["components"]] == ["right", "wrong", "right"]
    given[1] = gradient(POINT)[1] * (1 + 1e-7)
    assert cr.check_gradient(f, given, POINT).ok
    assert not cr.check_gradient(f, given, POINT, tolerance=1e-8).ok


def test_matrices_and_their_transpose():
    X = np.random.RandomState(1).normal(size=(3, 3))
    B = np.random.RandomState(2).normal(size=(3, 3))

    def trace(X):
        return np.trace(B @ X)

    assert cr.check_gradient(trace, B.T, X).ok
    report = cr.check_gradient(trace, B, X)
    assert any("missing_transpose" in text for text in report.reasons)


def test_code_that_takes_no_complex_numbers():
    def real_only(x):
        return float(np.sum(np.tanh(A @ x) ** 2))

    def modulus(x):  # takes them, and gives a wrong answer
        return np.sum(np.abs(x) ** 2)

    report = cr.check_gradient(real_only, gradient, POINT)
    assert report.ok
    assert {c.slope.method for c in report.components} == {"differences"}
    assert max(c.slope.uncertainty for c in report.components) < 1e-9
    assert cr.check_gradient(modulus, 2 * POINT, POINT).ok
    assert not cr.check_gradient(modulus, 2.001 * POINT, POINT).ok


def test_kinks_are_reported_and_are_no_errors():
    x = np.array([1.0, -2.0, 0.0])
    report = cr.check_gradient(lambda x: np.sum(np.abs(x)), np.sign, x)
    assert report.ok
    kink = report.components[2]
    assert kink.verdict == "kink"
    assert (kink.slope.left, kink.slope.right) == pytest.approx((-1, 1))
    assert "a kink: slope -1 on the left, 1 on the right" in str(report)
    assert not cr.check_gradient(lambda x: np.sum(np.abs(x)), -np.sign(x), x).ok


@pytest.mark.parametrize("factor", [1e-8, 1.0, 1e8])
def test_scale_changes_nothing(factor):
    assert cr.check_gradient(lambda x: factor * f(x), factor * gradient(POINT), POINT).ok
    wrong = factor * gradient(POINT) * np.array([1, 1, 1.001])
    assert not cr.check_gradient(lambda x: factor * f(x), wrong, POINT).ok


def test_steep_and_flat_functions():
    x = np.array([0.5, -1.0])
    assert cr.check_gradient(lambda x: np.exp(20 * x).sum(), 20 * np.exp(20 * x), x).ok
    assert cr.check_gradient(lambda x: 3.0, np.zeros(2), x).ok
    assert cr.check_gradient(lambda x: float(np.exp(20 * x[0])), [20 * np.exp(10), 0], x).ok


def test_float32_gradients():
    given = gradient(POINT).astype(np.float32)
    assert cr.check_gradient(f, given, POINT).ok
    assert not cr.check_gradient(f, given * np.float32(1.001), POINT).ok


@pytest.mark.parametrize(
    ("function", "grad", "x", "error", "words"),
    [
        (lambda x: x, lambda x: x, [1.0, 2.0], ParameterError, "one finite number"),
        (lambda x: np.nan, lambda x: x, [1.0], ParameterError, "one finite number"),
        (lambda x: 1 / 0, lambda x: x, [1.0], ParameterError, "f\\(x\\) raised ZeroDivisionError"),
        (f, lambda x: 1 / 0, POINT, ParameterError, "grad\\(x\\) raised"),
        (f, [1.0], POINT, ShapeError, "1 components, x has 3"),
        (f, ["a", "b", "c"], POINT, ParameterError, "the gradient must hold"),
        (f, gradient, ["a"], ParameterError, "x must hold"),
        (f, gradient, [], ParameterError, "x must hold"),
        (3, gradient, POINT, ParameterError, "f must be a function"),
    ],
)
def test_what_cannot_be_checked(function, grad, x, error, words):
    with pytest.raises(error, match=words):
        cr.check_gradient(function, grad, x)


def test_extrapolated_differences():
    value, uncertainty = extrapolated(np.sin, ladder(1.0, 0.0), noise_of(np.sin, 1.0))
    assert abs(value - 1) <= uncertainty < 1e-12
    noise = np.random.RandomState(0)
    assert noise_of(lambda t: t + 1e-3 * noise.normal(), 1.0) == pytest.approx(1e-3, rel=0.7)


W = 10.0 ** np.arange(-3, 4)


@pytest.mark.parametrize(
    ("f", "derivative", "points"),
    [
        (np.sin, np.cos, np.array([-900.0, -0.3, 1e-9, 2.0, 1e4])),
        (np.tanh, lambda x: (1 - np.tanh(x)) * (1 + np.tanh(x)), np.array([-4.0, 0.3])),
        (np.log, lambda x: 1 / x, np.array([1e-10, 1e-3, 0.05, 2.0, 1e8])),
        (np.sqrt, lambda x: 0.5 / np.sqrt(x), np.array([1e-12, 0.02, 3.0])),
        (np.abs, np.sign, np.array([1e-6, -1e-4, 0.002, -0.01, 0.05, 7.0])),
        (lambda x: np.exp(-((x / 1e-4) ** 2)), None, np.array([5e-5, -1e-4])),
    ],
)
def test_differences_are_as_good_as_they_say(f, derivative, points):
    if derivative is None:  # a peak that a large step passes over

        def derivative(x):
            return -2e8 * x * f(x)

    checked = 0
    for x in points:
        for w in W if f in (np.sin, np.tanh, np.abs) else W[3:4]:
            true = float(w * derivative(w * x))
            if abs(true) < 1e-12 or abs(w * x) > 1e6:
                continue  # a saturated tanh keeps no digits; nor does a sine of 10⁷
            with np.errstate(invalid="ignore"):  # the logarithm beside zero
                found = slope(lambda v, w=w: float(f(w * v[0].real)), np.array([x]), (0,))
            assert found.method == "differences", (x, w)
            assert abs(found.value - true) <= found.uncertainty + 1e-15 * abs(true), (x, w)
            assert found.uncertainty <= 1e-5 * abs(true), (x, w)
            checked += 1
    assert checked >= 2


def test_features_that_large_steps_do_not_see():
    def ramp(x):  # a kink beside x[0], none at it
        return np.sum(5 * np.maximum(x - 0.3005, 0) + x**2)

    def right(x):
        return 2 * x + 5 * (x > 0.3005)

    assert cr.check_gradient(ramp, right, POINT).ok
    assert cr.check_gradient(lambda x: float(ramp(x)), right, POINT).ok
    lasso = np.array([0.05, -0.01, 0.002])
    assert cr.check_gradient(lambda x: np.abs(x).sum(), np.sign, lasso).ok
    assert (
        len(cr.check_gradient(lambda x: np.abs(x).sum(), 1.001 * np.sign(lasso), lasso).wrong) == 3
    )
    assert cr.check_gradient(
        lambda x: np.sin(1000 * x).sum(), 1000 * np.cos(1000 * lasso), lasso
    ).ok


def test_functions_that_fail_beside_x():
    def picky(x):
        if (np.real(x) <= 0).any():
            raise ValueError("x must be positive")
        return np.log(x).sum()

    x = np.array([1e-5, 0.5])
    assert cr.check_gradient(picky, 1 / x, x).error < 1e-14
    assert cr.check_gradient(lambda x: float(picky(x.real)), 1 / x, x).ok
    assert not cr.check_gradient(lambda x: float(picky(x.real)), 1.001 / x, x).ok
    edge = np.array([0.0, 1.0])
    report = cr.check_gradient(np.sqrt, [0.0], edge[:1])
    assert [c.verdict for c in report.components] == ["unsure"]
    assert "no finite values on both sides" in str(report)
    document = json.dumps(report.to_dict(), allow_nan=False)
    assert json.loads(document)["components"][0]["true"] is None


def test_noise_is_uncertainty():
    rng = np.random.RandomState(3)
    for noise in (1e-8, 1e-3, 0.1):

        def noisy(x, noise=noise):
            return float((x.real**2).sum()) + noise * rng.uniform()

        report = cr.check_gradient(noisy, 2 * POINT, POINT)
        assert report.ok
        assert {c.verdict for c in report.components} <= {"right", "unsure"}
        for c in report.components:
            assert abs(c.slope.value - c.given) <= 2 * c.slope.uncertainty
    assert not cr.check_gradient(lambda x: noisy(x, 1e-5), 4 * POINT, POINT).ok

    def single(x):
        return np.float32((np.real(x).astype(np.float32) ** 2).sum())

    report = cr.check_gradient(single, 2 * POINT, POINT)
    assert report.ok
    assert all(c.slope.uncertainty < 1e-3 for c in report.components)
    assert len(cr.check_gradient(single, 2.1 * POINT, POINT).wrong) == 3
    offset = cr.check_gradient(lambda x: 1e12 + float((x.real**2).sum()), 2 * POINT, POINT)
    assert offset.ok
    assert {c.verdict for c in offset.components} == {"unsure"}


def test_jumps_are_not_called_kinks():
    report = cr.check_gradient(lambda x: float(np.floor(x.real).sum()), [0.0, 0.0], [1.0, 0.5])
    assert [c.verdict for c in report.components] == ["kink", "right"]
    assert "x[0]: kink; a jump, or a vertical slope: slope inf on the left, 0 on the right" in str(
        report
    )
    tiny = cr.check_gradient(lambda x: 1e-12 * np.abs(x).sum(), [0.0, 1e-12], [0.0, 1.0])
    assert [c.verdict for c in tiny.components] == ["kink", "right"]


def test_arrays_of_one_element_are_numbers():
    assert cr.check_gradient(lambda x: np.array([[np.sum(x**2)]]), 2 * POINT, POINT).ok
    assert cr.check_gradient(lambda x: [float(x[0]) ** 2], [6.0], [3.0]).ok


def test_the_complex_step_alone():
    x = np.array([0.3])
    assert complex_slope(lambda x: np.sin(x[0]), x, (0,)) == pytest.approx(np.cos(0.3), rel=1e-15)
    assert complex_slope(lambda x: float(x[0]), x, (0,)) is None
    assert complex_slope(lambda x: 3.0, x, (0,)) is None
    assert slope(lambda x: np.abs(x[0]) ** 3, x, (0,)).method == "differences"
