"""The intervals of figures of few rows: against the formulas, and how often they hold."""

import numpy as np
import pytest

from chainrule.estimators.intervals import bootstrap, wilson


@pytest.mark.parametrize("m", [1, 10, 85, 1000])
def test_the_ends_of_wilsons_interval_solve_its_equation(m):
    for right in {0, 1, m // 3, m}:
        low, high = wilson(right / m, m)
        assert 0 <= low <= right / m <= high <= 1
        for p in (low, high):
            distance = abs(right / m - p)
            assert distance == pytest.approx(1.959963985 * np.sqrt(p * (1 - p) / m), abs=1e-8)


def test_published_intervals():
    """Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I, method 3."""
    for right, m, ends in (
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ):
        assert wilson(right / m, m) == pytest.approx(ends, abs=5e-5)


def drawn(rng, m, outputs=1):
    Y = rng.randn(m, outputs)
    return Y, 0.8 * Y + 0.5 * rng.randn(m, outputs)


def test_the_intervals_of_a_regression_hold_in_most_samples():
    rng = np.random.RandomState(0)
    Y, A = drawn(rng, 400_000)
    truth = {
        "r2": 1 - ((Y - A) ** 2).sum() / ((Y - Y.mean()) ** 2).sum(),
        "rmse": np.sqrt(((Y - A) ** 2).mean()),
    }
    held = dict.fromkeys(truth, 0)
    for _ in range(200):
        for name, (low, high) in bootstrap(*drawn(rng, 60)).items():
            held[name] += low <= truth[name] <= high
    assert all(170 <= count <= 198 for count in held.values())


def test_the_same_rows_have_the_same_interval_in_all_units():
    Y, A = drawn(np.random.RandomState(1), 50, outputs=2)
    first = bootstrap(Y, A)
    assert first == bootstrap(Y, A)
    for factor, offset in ((2.0**600, 0), (2.0**-600, 0), (4.0, 2.0**20)):
        other = bootstrap(factor * Y + offset, factor * A + offset)
        assert other["r2"] == pytest.approx(first["r2"], rel=1e-6)
        assert other["rmse"] == pytest.approx(
            tuple(factor * end for end in first["rmse"]), rel=1e-6
        )


def test_rows_that_have_no_interval():
    Y, A = drawn(np.random.RandomState(1), 30)
    assert np.isnan(bootstrap(Y[:19], A[:19])["r2"]).all()
    A[3] = np.inf
    assert np.isnan(bootstrap(Y, A)["rmse"]).all()
    constant = np.ones((30, 1))
    assert bootstrap(constant, constant) == {"r2": (1.0, 1.0), "rmse": (0.0, 0.0)}
    assert bootstrap(constant, constant + 1) == {"r2": (0.0, 0.0), "rmse": (1.0, 1.0)}
