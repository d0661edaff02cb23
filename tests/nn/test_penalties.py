"""The L2 penalty in its three scales."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from chainrule import L2, Parameters
from chainrule.errors import ParameterError
from helpers.cases import random_parameters

H = 1e-30


@pytest.mark.parametrize("biases", [False, True])
@pytest.mark.parametrize("scale", ["full", "half", "half_mean"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_value_and_gradient(scale, biases, dtype):
    parameters = random_parameters((2, 3, 1), 0, dtype=dtype)
    penalty = L2(0.3, scale, biases)
    m = 7.5
    squares = sum((V**2).sum() for name, V in parameters.items() if biases or name[0] == "W")
    factor = {"full": 0.3, "half": 0.3 / 2, "half_mean": 0.3 / (2 * 7.5)}[scale]
    value = penalty.value(parameters, m)
    assert value.dtype == dtype
    np.testing.assert_allclose(value, factor * squares, rtol=1e-6 if dtype == np.float32 else 1e-14)

    gradients = Parameters.zeros((2, 3, 1), dtype)
    gradients.vector[...] = 1
    penalty.add_gradient(gradients, parameters, m)
    for p in range(parameters.vector.size):
        theta = parameters.vector.astype(complex)
        theta[p] += 1j * H
        slope = penalty.value(Parameters((2, 3, 1), theta), m).imag / H
        assert gradients.vector[p] == pytest.approx(1 + slope, rel=1e-6)
    untouched = parameters.mask(("b1", "b2"))
    assert (gradients.vector[untouched] == 1).all() != biases
    assert penalty.covers("W2")
    assert penalty.covers("b2") == biases


@pytest.mark.parametrize(("scale", "factor"), [("full", 0.6), ("half", 0.3), ("half_mean", 0.1)])
def test_gradient_factor(scale, factor):
    assert L2(0.3, scale).gradient_factor(3) == pytest.approx(factor, rel=1e-15)


def test_no_strength_is_no_penalty():
    parameters = random_parameters((2, 1), 0)
    assert L2(0).value(parameters, 3) == 0


@pytest.mark.parametrize("strength", [-0.1, np.nan, np.inf, "a", None, True, 1j, [0.1]])
def test_bad_strengths(strength):
    with pytest.raises(
        ParameterError, match="penalty's strength must be a finite number of at least 0"
    ):
        L2(strength)


@pytest.mark.parametrize("scale", ["halve", None, ["half"]])
def test_unknown_scales(scale):
    with pytest.raises(ParameterError, match=r"unknown penalty scale .* full, half, half_mean"):
        L2(0.1, scale)


def test_it_is_a_value():
    assert L2(0.1) == L2(0.1, "half", False) != L2(0.1, "full")
    assert hash(L2(0.1)) == hash(L2(0.1))
    with pytest.raises(FrozenInstanceError):
        L2(0.1).strength = 1


@pytest.mark.parametrize("biases", ["yes", None, 1])
def test_biases_is_a_truth_value(biases):
    with pytest.raises(ParameterError, match="biases must be True or False"):
        L2(0.1, biases=biases)
