"""`check_gradient`: any scalar function, by the complex step or by Ridders' differences."""

import json

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

import chainrule as cr
from chainrule.doctor.derivatives import complex_slope, ridders, slope
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


def test_ridders():
    value, uncertainty = ridders(np.sin, 0.1)
    assert value == pytest.approx(1, abs=1e-11)
    assert abs(value - 1) <= max(uncertainty, 1e-13)
    assert uncertainty < 1e-8


def test_the_complex_step_alone():
    x = np.array([0.3])
    assert complex_slope(lambda x: np.sin(x[0]), x, (0,)) == pytest.approx(np.cos(0.3), rel=1e-15)
    assert complex_slope(lambda x: float(x[0]), x, (0,)) is None
    assert complex_slope(lambda x: 3.0, x, (0,)) is None
    assert slope(lambda x: np.abs(x[0]) ** 3, x, (0,)).method == "differences"
