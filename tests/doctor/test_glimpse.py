"""Tests of chainrule.doctor.glimpse: it never rules out what is a multiple, and rules out the rest."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.doctor.glimpse import glimpse_of, spanned

SHAPES = ((3, 2), (4, 4), (1, 3), (1, 1), (1, 7))
FACTORS = st.sampled_from((1.0, -1.0, 0.2, 5.0, 0.0, 1.7))


def drawn(shape, seed):
    rng = np.random.RandomState(seed)
    return tuple(rng.normal(size=shape) for _ in range(4))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SHAPES), st.integers(0, 50), FACTORS, st.sampled_from((0.0, 0.3)), st.data())
def test_whatever_explains_is_allowed(shape, seed, factor, kappa, data):
    term, theta, other, _ = drawn(shape, seed)
    penalty = data.draw(st.sampled_from((kappa * theta, -kappa * theta, 0 * theta, kappa * other)))
    glimpse = glimpse_of(factor * term + penalty, theta, kappa, [other], 1e-6, 0.0)
    assert glimpse.allows(term)


@pytest.mark.parametrize("kappa", [0.0, 0.3])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("multiple", [1.0, 2.5, -0.1])
def test_any_multiple_of_the_parameter_is_allowed(shape, multiple, kappa):
    term, theta, other, _ = drawn(shape, 1)
    assert glimpse_of(term + multiple * theta, theta, kappa, [other], 1e-6, 0.0).allows(term)
    whole = multiple * (term + kappa * theta)
    assert glimpse_of(whole, theta, kappa, [other], 1e-6, 0.0).allows(term)
    if theta.size >= 4:
        both = -3.0 * term + multiple * theta
        assert glimpse_of(both, theta, kappa, [other], 1e-6, 0.0).allows(term)


@pytest.mark.parametrize("kappa", [0.0, 0.3])
@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != (1, 1)])
def test_what_has_nothing_to_do_with_it_is_ruled_out(shape, kappa):
    for seed in range(50):
        term, theta, other, given_values = drawn(shape, seed)
        assert not glimpse_of(given_values, theta, kappa, [other], 1e-6, 0.0).allows(term)


def test_another_shape_is_ruled_out_and_rounding_is_not():
    term, theta, other, _ = drawn((3, 2), 0)
    glimpse = glimpse_of(term.astype(np.float32).astype(float), theta, 0.0, [other], 3e-4, 0.0)
    assert glimpse.allows(term)
    assert not glimpse.allows(term.T)
    assert not glimpse.allows(None)
    exact = glimpse_of(term * (1 + 1e-5), theta, 0.0, [], 1e-6, 0.0)
    assert exact.allows(term)
    assert not glimpse_of(term + 1e-5, theta, 0.0, [], 1e-6, 0.0).allows(term)
    assert glimpse_of(term + 1e-5, theta, 0.0, [], 1e-6, 100.0).allows(term)  # sums that cancel


def test_an_update_is_a_multiple_of_its_own_term():
    term, theta, delta, elsewhere = drawn((4, 3), 2)
    for kappa in (0.0, 0.4):
        glimpse = glimpse_of(term - 0.05 * delta + kappa * theta, theta, kappa, [], 1e-6, 0.0)
        assert glimpse.allows_update(term, delta)
        assert not glimpse.allows_update(term, elsewhere)
        assert not glimpse.allows_update(term[:2], delta)


def test_spanned_finds_both_multiples():
    d, p, _, _ = drawn((4, 3), 3)
    assert np.allclose(spanned(2 * d - 3 * p, d, p), (2, -3, 0), atol=1e-12)
    assert np.isnan(spanned(d, d, 2 * d)[2])
