"""SciPy's L-BFGS over a vector in place."""

import numpy as np
import pytest

from chainrule.optim import minimize_lbfgs

A = np.diag([1.0, 4.0, 9.0]) + 0.3
b = np.array([1.0, -2.0, 0.5])


def quadratic(x):
    return x @ A @ x / 2 - b @ x, A @ x - b


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-7), (np.float32, 1e-4)])
def test_a_quadratic(dtype, tolerance):
    vector, asked = np.zeros(3, dtype), set()

    def evaluate(x):
        asked.add(x.dtype)
        J, g = quadratic(x.astype(np.float64))
        return dtype(J), g.astype(dtype)

    same = vector
    result = minimize_lbfgs(evaluate, vector, tolerance=tolerance / 10)
    assert vector is same
    assert asked == {np.dtype(dtype)}
    np.testing.assert_allclose(vector, np.linalg.solve(A, b), atol=tolerance)
    assert result.converged
    assert result.cost == pytest.approx(quadratic(vector.astype(float))[0], abs=tolerance)
    assert 0 < result.iterations <= result.evaluations


def test_the_callback_sees_every_iteration_and_the_vector_follows():
    vector = np.full(3, 5.0)
    seen = []

    def callback(x, cost):
        assert x is vector
        seen.append(cost)
        assert cost == pytest.approx(quadratic(vector)[0], rel=1e-12)

    result = minimize_lbfgs(quadratic, vector, callback=callback)
    assert len(seen) == result.iterations > 2
    assert (np.diff(seen) < 0).all()
    assert seen[-1] == result.cost


@pytest.mark.parametrize("limit", [{"max_iterations": 2}, {"max_evaluations": 2}])
def test_limits(limit):
    result = minimize_lbfgs(quadratic, np.full(3, 5.0), tolerance=0, **limit)
    assert not result.converged
    assert result.iterations <= 2
    assert result.message.startswith("all 2 ")


def test_an_interruption_leaves_the_last_iteration():
    vector, costs = np.full(3, 5.0), []

    def callback(x, cost):
        costs.append(cost)
        if len(costs) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        minimize_lbfgs(quadratic, vector, callback=callback)
    assert quadratic(vector)[0] == pytest.approx(costs[-1], rel=1e-12)
