"""Clipping keeps the direction, whatever the size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chainrule.optim import clip_by_norm


@given(
    arrays(np.float64, st.integers(1, 8), elements=st.floats(-1e3, 1e3)),
    st.floats(1e-3, 1e3),
)
def test_the_norm_and_the_direction(g, limit):
    before = g.copy()
    norm = clip_by_norm(g, limit)
    assert norm == pytest.approx(np.linalg.norm(before), rel=1e-12)
    if norm <= limit:
        np.testing.assert_array_equal(g, before)
    else:
        np.testing.assert_allclose(g, before * (limit / norm), rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("part", [1.0, 1e-30])
def test_huge_gradients(dtype, part):
    """Their squares overflow, and of the largest even the norm does."""
    largest = np.finfo(dtype).max
    g = np.array([largest * dtype(part), -largest * dtype(part), 0], dtype)
    clip_by_norm(g, 2.0)
    assert g.dtype == dtype
    np.testing.assert_allclose(g, [np.sqrt(2), -np.sqrt(2), 0], rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tiny_gradients_stay_as_they_are(dtype):
    g = np.full(3, np.finfo(dtype).tiny, dtype)
    kept = g.copy()
    assert clip_by_norm(g, 1.0) == pytest.approx(np.sqrt(3) * np.finfo(dtype).tiny, rel=1e-6)
    np.testing.assert_array_equal(g, kept)


def test_zero_and_empty():
    g = np.zeros(4)
    assert clip_by_norm(g, 1.0) == 0
    assert not g.any()
    assert clip_by_norm(np.zeros(0), 1.0) == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_left_for_the_check_of_the_cost(bad):
    g = np.array([1.0, bad])
    assert not np.isfinite(clip_by_norm(g, 1.0))
    np.testing.assert_array_equal(g, [1.0, bad])
