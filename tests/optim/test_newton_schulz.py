"""The Newton–Schulz iterations against the singular value decomposition."""

import numpy as np
import pytest

from chainrule.optim.newton_schulz import CUBIC, QUINTIC, newton_schulz

SHAPES = [(1, 1), (1, 6), (6, 1), (3, 5), (5, 3), (16, 16), (128, 40), (2, 3, 7), (3, 7, 3)]


def matrix(shape, seed=0, dtype=np.float64):
    return np.random.RandomState(seed).normal(size=shape).astype(dtype)


def by_singular_values(G, steps, coefficients):
    """Return U p(σ/‖σ‖) Vᵀ, p being the polynomial taken so many times: another program of the same."""
    a, b, c = coefficients
    U, sigma, Vt = np.linalg.svd(G, full_matrices=False)
    sigma = sigma / np.linalg.norm(sigma, axis=-1, keepdims=True)
    for _ in range(steps):
        sigma = a * sigma + b * sigma**3 + c * sigma**5
    return (U * sigma[..., np.newaxis, :]) @ Vt


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("coefficients", [QUINTIC, CUBIC])
def test_the_polynomial_acts_on_the_singular_values_alone(shape, coefficients):
    G = matrix(shape)
    for steps in (0, 1, 5):
        want = by_singular_values(G, steps, coefficients)
        np.testing.assert_allclose(newton_schulz(G, steps, coefficients), want, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_five_steps_bring_them_near_1(shape):
    for seed in range(5):
        G = matrix(shape, seed)
        sigma = np.linalg.svd(newton_schulz(G), compute_uv=False)
        start = np.linalg.svd(G, compute_uv=False) / np.sqrt((G**2).sum((-2, -1)))[..., np.newaxis]
        assert sigma.max() < 1.21
        assert sigma[start > 0.01].min() > 0.65  # 3.4⁵ is nearly 500


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != (16, 16)])
def test_the_cubic_converges_to_the_polar_factor(shape):
    G = matrix(shape)
    U, _, Vt = np.linalg.svd(G, full_matrices=False)
    np.testing.assert_allclose(newton_schulz(G, 60, CUBIC), U @ Vt, atol=1e-12)


def test_the_size_does_not_matter():
    G = matrix((4, 6))
    want = newton_schulz(G)
    for size in (1e-300, 1e-12, 1e12, 1e300):
        np.testing.assert_allclose(newton_schulz(size * G), want, rtol=1e-12)
    transposed = newton_schulz(G.T)
    np.testing.assert_allclose(transposed, want.T, rtol=1e-12)


def test_zeros_stay_zeros():
    assert not newton_schulz(np.zeros((3, 4))).any()
    G = np.zeros((2, 3, 3))
    G[1] = matrix((3, 3))
    got = newton_schulz(G)
    assert not got[0].any()
    np.testing.assert_allclose(got[1], newton_schulz(G[1]), rtol=1e-14)


def test_float32_stays_float32():
    G = matrix((20, 30), dtype=np.float32)
    got = newton_schulz(G)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, newton_schulz(G.astype(float)), atol=1e-4)
