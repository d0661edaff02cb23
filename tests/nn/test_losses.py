"""Losses: values and derivatives from the definitions, fused against unfused, coefficients."""

from decimal import Decimal

import numpy as np
import pytest

from chainrule.errors import ParameterError
from chainrule.nn import ACTIVATIONS, LOSSES, get_loss
from chainrule.nn.losses import smooth_targets
from helpers import precise
from helpers.cases import random_targets

H = 1e-30
FUSED = tuple(name for name, loss in LOSSES.items() if loss.logit_derivative is not None)


def test_which_losses_are_fused():
    assert {name: LOSSES[name].output for name in FUSED} == {
        "binary_cross_entropy": "sigmoid",
        "categorical_cross_entropy": "softmax",
        "poisson": "exponential",
    }


def outputs_for(name, m=6, n=3):
    """Return Z, A = g(Z) of the output that fits, and targets."""
    Z = np.random.RandomState(7).normal(size=(m, n))
    g = ACTIVATIONS[LOSSES[name].output or "identity"]
    return Z, g.value(Z), random_targets(name, m, n, seed=8)


@pytest.mark.parametrize("name", LOSSES)
def test_value_from_the_definition(name):
    _, A, Y = outputs_for(name)
    want = [
        precise.loss(name, [Decimal(p) for p in a], [Decimal(q) for q in y])
        for a, y in zip(A.tolist(), Y.tolist(), strict=True)
    ]
    losses = LOSSES[name].value(A, Y)
    assert losses.shape == (6,)
    np.testing.assert_allclose(losses, np.array(want, float), rtol=1e-14)


@pytest.mark.parametrize("name", LOSSES)
def test_derivative_by_complex_step(name):
    """One column at a time, so that a derivative in the wrong place is seen."""
    _, A, Y = outputs_for(name)
    derivative = LOSSES[name].derivative(A, Y)
    for j in range(A.shape[1]):
        step = np.zeros(A.shape[1])
        step[j] = H
        slopes = LOSSES[name].value(A + 1j * step, Y).imag / H
        np.testing.assert_allclose(derivative[:, j], slopes, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("name", FUSED)
def test_the_two_ways_to_the_value_agree(name):
    Z, A, Y = outputs_for(name)
    loss = LOSSES[name]
    np.testing.assert_allclose(loss.value_from_logits(Z, Y), loss.value(A, Y), rtol=1e-13)


@pytest.mark.parametrize("name", FUSED)
def test_the_fused_derivative_is_the_product_of_the_two(name):
    Z, A, Y = outputs_for(name)
    loss = LOSSES[name]
    g = ACTIVATIONS[loss.output]
    product = g.jacobian_product(Z, A, loss.derivative(A, Y))
    np.testing.assert_allclose(loss.logit_derivative(Z, A, Y), product, rtol=1e-13, atol=1e-15)


def test_the_fused_softmax_needs_the_row_sums_of_the_targets():
    Z, A, Y = outputs_for("categorical_cross_entropy")
    assert not np.allclose(Y.sum(axis=1), 1)
    loss = LOSSES["categorical_cross_entropy"]
    product = ACTIVATIONS["softmax"].jacobian_product(Z, A, loss.derivative(A, Y))
    off = ~np.isclose(Y.sum(axis=1), 1)
    assert (np.abs(A - Y - product)[off] > 1e-2).all()
    np.testing.assert_allclose((A - Y)[~off], product[~off], rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("z", [-1e4, -745.0, -100.0, -37.0, -1.0, 0.0, 1.0, 37.0, 100.0, 1e4])
@pytest.mark.parametrize("y", [0.0, 0.25, 1.0])
def test_binary_cross_entropy_from_logits(z, y, dtype):
    """A certain and right output costs its true 1e−20, a certain and wrong one |z|."""
    loss = LOSSES["binary_cross_entropy"]
    got = loss.value_from_logits(np.array([[z]], dtype), np.array([[y]], dtype))
    z, y = Decimal(z), Decimal(y)
    softplus = max(z, 0) if abs(z) > 1000 else (1 + z.exp()).ln()  # the tail is below e^−1000
    want = softplus - y * z
    assert got.dtype == dtype
    tiny = np.finfo(dtype).tiny
    np.testing.assert_allclose(got, float(want), rtol=4 * np.finfo(dtype).eps, atol=tiny)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("spread", [1.0, 40.0, 800.0, 1e4])
def test_categorical_cross_entropy_from_logits(spread, dtype):
    loss = LOSSES["categorical_cross_entropy"]
    Z = np.array([[spread, 0.0, -spread], [0.5, 0.25, spread]], dtype)
    Y = np.array([[0.0, 0.25, 0.75], [1.0, 0.0, 0.0]], dtype)
    want = [
        sum(
            Decimal(y) * (sum(Decimal(p).exp() for p in z).ln() - Decimal(q))
            for q, y in zip(z, row, strict=True)
        )
        for z, row in zip(Z.tolist(), Y.tolist(), strict=True)
    ]
    got = loss.value_from_logits(Z, Y)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, np.array(want, float), rtol=4 * np.finfo(dtype).eps)


def test_poisson_is_zero_at_the_perfect_prediction_and_takes_a_count_of_zero():
    Y = np.array([[0.5, 1.0, 7.0]])
    np.testing.assert_allclose(LOSSES["poisson"].value_from_logits(np.log(Y), Y), 0, atol=1e-14)
    zero = LOSSES["poisson"].value_from_logits(np.array([[-1e4, 0.0]]), np.zeros((1, 2)))
    np.testing.assert_array_equal(zero, [1.0])


def test_a_probability_of_zero_costs_nothing_where_it_is_right():
    certain = np.array([[0.0, 1.0]])
    for name in ("binary_cross_entropy", "categorical_cross_entropy"):
        np.testing.assert_array_equal(LOSSES[name].value(certain, certain), [0])


@pytest.mark.parametrize("name", FUSED)
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_complex_step_where_the_branches_meet(name, zero):
    """At z = 0 exactly: the branches of the stable formula must be taken together."""
    loss, g = LOSSES[name], ACTIVATIONS[LOSSES[name].output]
    Z, Y = np.full((1, 2), zero), np.array([[0.3, 0.6]])
    for j in range(2):
        step = np.zeros(2)
        step[j] = H
        slope = loss.value_from_logits(Z + 1j * step, Y).imag / H
        np.testing.assert_allclose(slope, loss.logit_derivative(Z, g.value(Z), Y)[:, j], rtol=1e-14)


def test_smooth_targets():
    Y = np.array([[1.0, 0.0, 0.0, 0.0]])
    assert smooth_targets(Y, LOSSES["binary_cross_entropy"], 0.0) is Y
    categorical = smooth_targets(Y, LOSSES["categorical_cross_entropy"], 0.2)
    np.testing.assert_allclose(categorical, [[0.85, 0.05, 0.05, 0.05]], rtol=1e-15)
    binary = smooth_targets(Y, LOSSES["binary_cross_entropy"], 0.2)
    np.testing.assert_allclose(binary, [[0.9, 0.1, 0.1, 0.1]], rtol=1e-15)
    np.testing.assert_array_equal(Y, [[1, 0, 0, 0]])


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("binary_cross_entropy", 1.001),
        ("binary_cross_entropy", -0.001),
        ("categorical_cross_entropy", -1e-9),
        ("poisson", -1.0),
        *((name, value) for name in LOSSES for value in (np.nan, np.inf, -np.inf)),
    ],
)
def test_illegal_targets_are_named(name, bad):
    Y = np.full((3, 2), 0.5)
    LOSSES[name].check_targets(Y)
    Y[2, 1] = bad
    with pytest.raises(ParameterError, match=rf"Y\[2, 1\] is {bad}: targets of {name} must be fin"):
        LOSSES[name].check_targets(Y)


@pytest.mark.parametrize("name", LOSSES)
def test_lookup(name):
    assert get_loss(name).name == name
    assert name in repr(get_loss(name))
    assert get_loss(name).formula in repr(get_loss(name))


@pytest.mark.parametrize("given", ["cross_entropy", None, 3, ["poisson"]])
def test_an_unknown_loss(given):
    with pytest.raises(
        ParameterError, match=r"unknown loss .* The known ones are: binary_cross_en"
    ):
        get_loss(given)


def test_the_nearest_loss_is_named():
    with pytest.raises(ParameterError, match="unknown loss 'poison': did you mean 'poisson'"):
        get_loss("poison")
