"""Scaling and encoding of numeric features: the published rules, edges, extremes, and hostile files."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from chainrule.data.features import FeatureEncoder, PiecewiseLinear, RobustScale, check_dense
from chainrule.errors import DataError, ModelFileError

Matrix = NDArray[np.float64]


def rows(m: int = 200, seed: int = 0) -> Matrix:
    """Return columns of many kinds: normal, long-tailed, of two values, mostly 0, constant, of ties."""
    rng = np.random.RandomState(seed)
    return np.column_stack(
        [
            rng.normal(5, 2, m),
            rng.lognormal(0, 2, m),
            rng.randint(0, 2, m),
            np.where(rng.rand(m) < 0.9, 0, rng.normal(size=m)),
            np.full(m, 7.5),
            rng.randint(0, 5, m),
        ]
    )


# ----------------------------------------------------------------------------------------- robust scale


def published(X: Matrix, column: Matrix) -> Matrix:
    """Return a column scaled as the source says, one case after another."""
    q25, q50, q75 = (np.quantile(X, q) for q in (0.25, 0.5, 0.75))
    if q75 > q25:
        s = 1 / (q75 - q25)
    elif X.max() > X.min():
        s = 2 / (X.max() - X.min())
    else:
        s = 0.0
    z = s * (column - q50)
    return z / np.sqrt(1 + (z / 3) ** 2)


def test_the_published_rule() -> None:
    X, new = rows(), rows(50, 1)
    scale = RobustScale.fit(X)
    for column in range(X.shape[1]):
        for given_rows in (X, new):
            want = published(X[:, column], given_rows[:, column])
            np.testing.assert_allclose(scale.apply(given_rows)[:, column], want, rtol=1e-12)
    quarters = np.quantile(X[:, 3], (0.25, 0.75))
    assert quarters[0] == quarters[1]  # this column has no interquartile range
    assert not scale.apply(X)[:, 4].any()
    assert not scale.apply(new + 1)[:, 4].any()  # what says nothing says nothing of new rows


def test_the_clip_is_smooth_and_stays_within_three() -> None:
    scale = RobustScale(np.zeros(1), np.ones(1))
    z = np.linspace(-50, 50, 2001)[:, np.newaxis]
    clipped = scale.apply(z)
    assert (np.diff(clipped[:, 0]) > 0).all()
    assert np.abs(clipped).max() < 3
    np.testing.assert_allclose(clipped, -scale.apply(-z))
    np.testing.assert_allclose(scale.apply(z * 1e-6), z * 1e-6, rtol=1e-9)


def test_values_beyond_all_measure() -> None:
    scale = RobustScale.fit(rows())
    for value in (1e300, np.finfo(float).max, np.inf):
        for sign in (1, -1):
            found = scale.apply(np.full((1, 6), sign * value))
            np.testing.assert_allclose(found[0, [0, 1, 2, 3, 5]], sign * 3.0, rtol=1e-12)
            assert found[0, 4] == 0


@pytest.mark.parametrize("size", [1e300, 1e-300, 1e-310])
def test_columns_of_extreme_sizes(size: float) -> None:
    X = np.array([[-1.0], [-0.5], [0.0], [0.5], [1.0]]) * size
    scale = RobustScale.fit(X)
    if size > 1e-308:
        np.testing.assert_allclose(scale.apply(X), published(X / size, X / size), rtol=1e-12)
    assert np.isfinite(scale.apply(X)).all()
    assert np.isfinite(scale.median).all()
    assert np.isfinite(scale.factor).all()


@given(
    st.floats(-1e3, 1e3),
    st.floats(1e-3, 1e3),
    st.integers(0, 100),
)
def test_affine_invariance(shift: float, factor: float, seed: int) -> None:
    """Units and origin of a column do not matter."""
    X = np.random.RandomState(seed).normal(size=(30, 2))
    X[:, 1] = np.where(X[:, 1] > 1, X[:, 1], 0)
    moved = X * factor + shift
    np.testing.assert_allclose(
        RobustScale.fit(moved).apply(moved), RobustScale.fit(X).apply(X), rtol=1e-6, atol=1e-6
    )
    turned = RobustScale.fit(-X).apply(-X)
    np.testing.assert_allclose(turned, -RobustScale.fit(X).apply(X), rtol=1e-9, atol=1e-12)


# ------------------------------------------------------------------------------------ piecewise linear


def test_values_at_the_edges_and_between() -> None:
    X = np.array([[0.0], [1.0], [3.0], [7.0], [8.0]])
    encoder = PiecewiseLinear.fit(X, 4)
    np.testing.assert_array_equal(encoder.edges[0], [0, 1, 3, 7, 8])
    assert encoder.widths == [4]
    np.testing.assert_array_equal(encoder.apply(X), np.tri(5, 4, -1))
    np.testing.assert_allclose(
        encoder.apply(np.array([[0.25], [2.0], [4.0], [7.5]])),
        [[0.25, 0, 0, 0], [1, 0.5, 0, 0], [1, 1, 0.25, 0], [1, 1, 1, 0.5]],
    )
    np.testing.assert_allclose(  # beyond the ends straight lines go on
        encoder.apply(np.array([[-2.0], [10.0]])), [[-2, 0, 0, 0], [1, 1, 1, 3]]
    )


def test_edges_are_quantiles_and_ties_are_one_edge() -> None:
    X = rows()
    encoder = PiecewiseLinear.fit(X, 8)
    np.testing.assert_array_equal(encoder.edges[0], np.quantile(X[:, 0], np.linspace(0, 1, 9)))
    ties = np.array([[0, 0, 0, 0, 1, 1, 1, 2, 2, 5, 5, 5.0]]).T
    np.testing.assert_array_equal(PiecewiseLinear.fit(ties, 11).edges[0], [0, 1, 2, 5])
    assert [len(edges) for edges in encoder.edges[2:5:2]] == [0, 0]  # of two values, of one
    assert encoder.widths == [8, 8, 1, len(encoder.edges[3]) - 1, 1, len(encoder.edges[5]) - 1]
    assert all((np.diff(edges) > 0).all() for edges in encoder.edges)
    found = encoder.apply(X)
    np.testing.assert_array_equal(found[:, 16], X[:, 2])  # untouched


@given(st.integers(2, 40), st.integers(0, 50))
def test_it_rises_and_can_be_turned_back(bins: int, seed: int) -> None:
    """Σ_t width_t e_t(x) + the first edge is x, everywhere; each part rises with x."""
    rng = np.random.RandomState(seed)
    X = np.round(rng.normal(size=(60, 1)), seed % 3 + 1)
    encoder = PiecewiseLinear.fit(X, bins)
    x = np.sort(rng.normal(0, 3, 80))[:, np.newaxis]
    parts = encoder.apply(x)
    assert (np.diff(parts, axis=0) >= 0).all()
    edges = encoder.edges[0]
    np.testing.assert_allclose(parts @ np.diff(edges) + edges[0], x[:, 0], atol=1e-12)
    assert (parts[:, 1:] >= 0).all()
    assert (parts[:, :-1] <= 1).all()


# --------------------------------------------------------------------------------------- both, and files


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("robust", "bins"), [(True, 0), (False, 6), (True, 6), (False, 0)])
def test_both_steps(robust: bool, bins: int, dtype: Any) -> None:
    X = rows().astype(dtype)
    encoder = FeatureEncoder.fit(X, robust=robust, bins=bins)
    found = encoder.transform(X)
    assert found.dtype == dtype
    assert found.shape == (200, encoder.inputs)
    want = X.astype(float)
    if robust:
        want = RobustScale.fit(X).apply(X)
    if bins:
        want = PiecewiseLinear.fit(want, bins).apply(want)
    np.testing.assert_array_equal(found, want.astype(dtype))
    again = FeatureEncoder.from_dict(json.loads(json.dumps(encoder.to_dict())))
    assert again.inputs == encoder.inputs
    assert again.transform(X).tobytes() == found.tobytes()
    assert again.to_dict() == encoder.to_dict()


def test_new_rows_change_nothing() -> None:
    X = rows()
    encoder = FeatureEncoder.fit(X, robust=True, bins=4)
    before = encoder.to_dict()
    one = encoder.transform(X[:1])
    together = encoder.transform(np.vstack([X[:1], np.full((1, 6), 1e9)]))
    np.testing.assert_array_equal(together[0], one[0])
    assert encoder.to_dict() == before


NUMBERS = [None, True, "1", [], {}, float("nan"), float("inf"), 10**400]


def odd_entries() -> list[tuple[str, Any]]:
    good = FeatureEncoder.fit(rows(), robust=True, bins=4).to_dict()
    cases: list[tuple[str, Any]] = [(str(value), value) for value in (None, 3, "x", [], {})]

    def add(name: str, change: Any) -> None:
        entries = copy.deepcopy(good)
        change(entries)
        cases.append((name, entries))

    add("more", lambda e: e.update(other=1))
    for key in good:
        add(f"no {key}", lambda e, key=key: e.pop(key))
    for value in (*NUMBERS, 5, 7, 1.5, -6):
        add(f"columns {value!r:.20}", lambda e, v=value: e.update(columns=v))
    for part in ("median", "factor"):
        add(f"no {part}", lambda e, p=part: e["robust"].pop(p))
        add(f"short {part}", lambda e, p=part: e["robust"][p].pop())
        for value in NUMBERS:
            add(
                f"{part} {value!r:.20}", lambda e, p=part, v=value: e["robust"][p].__setitem__(1, v)
            )
    add("bins of one column too few", lambda e: e["piecewise"].pop())
    for value in NUMBERS:
        add(f"edge {value!r:.20}", lambda e, v=value: e["piecewise"][0].__setitem__(1, v))
    for edges in ([1.0], [1.0, 2.0], [1.0, 1.0, 2.0], [3.0, 2.0, 1.0], list(range(1026)), "123", 3):
        add(f"edges {edges!r:.20}", lambda e, v=edges: e["piecewise"].__setitem__(0, v))
    return cases


@pytest.mark.parametrize(
    "entries", [c for _, c in odd_entries()], ids=[n for n, _ in odd_entries()]
)
def test_a_damaged_dictionary_is_refused_in_words(entries: Any) -> None:
    with pytest.raises(ModelFileError) as refusal:
        FeatureEncoder.from_dict(entries)
    assert "\n" not in str(refusal.value)
    assert "the model file is damaged" in str(refusal.value)
    assert len(str(refusal.value)) < 300


def test_sparse_rows_are_refused() -> None:
    import scipy.sparse as sp

    with pytest.raises(
        DataError, match=r"scaling needs a dense X, .* sparse: give X.toarray\(\), or"
    ):
        check_dense(sp.csr_array((2, 2)), "scaling")
    check_dense(np.zeros((2, 2)), "scaling")


@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize(
    "column",
    [
        [-1.7e308, 0.0, 1.0, 1.7e308],
        [-1.7e308, -1.7e308, 1.7e308, 1.7e308],
        [0.0, 5e-324, 1e-323, 3.0],
    ],
)
def test_numbers_at_the_ends_of_the_range(column, robust):
    X = np.array(column)[:, np.newaxis]
    encoder = FeatureEncoder.fit(X, robust=robust, bins=3)
    encoded = encoder.transform(np.vstack([X, [[1.0]]]))
    assert np.isfinite(encoded).all()
    again = FeatureEncoder.from_dict(json.loads(json.dumps(encoder.to_dict())))
    np.testing.assert_array_equal(again.transform(X), encoder.transform(X))
