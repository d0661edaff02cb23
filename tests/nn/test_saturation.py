"""Pre-activations up to 1e4: the cost and the gradients stay finite, and right."""

import numpy as np
import pytest

from chainrule.nn import ACTIVATIONS, LOSSES, Network, Parameters
from helpers import precise
from helpers.cases import HIDDEN, PAIRS
from helpers.gradients import relative_error

UNBOUNDED = ("identity", "relu", "leaky_relu", "elu", "selu", "softplus", "gelu", "silu", "mish")
# X is the unit matrix, so that these rows plus b1 are Z_1 itself, exactly, in either precision.
ROWS = np.array(
    [
        [8192.0, 0.5, -1.0],
        [-0.25, -8192.0, 1.5],
        [1.0, -0.5, 1024.0],
        [-40.0, 104.0, 0.75],
        [0.5, 0.25, -1.5],
    ]
)
W2 = np.array([[1.0, -2.0], [0.5, 1.0], [-1.0, 2.0]])
TARGETS = {
    "binary_cross_entropy": [[0, 1], [1, 0], [0.25, 1], [1, 1], [0, 0]],
    "categorical_cross_entropy": [[0, 1], [1, 0], [1, 0], [0.5, 0.5], [0, 1]],
    "poisson": [[0, 1], [2, 0], [1, 1], [3, 1], [1, 0]],
    "squared_error": [[0, 1], [1, 0.5], [-1, 2], [0.5, 1], [1, 0]],
}
TARGETS["half_squared_error"] = TARGETS["squared_error"]


def saturated(hidden, output, loss, dtype):
    """Return a network, parameters, X and Y with |Z_1| up to 8192 and |Z_2| up to 16384."""
    network = Network((5, 3, 2), hidden, output=output, loss=loss)
    scale = 1.0 if hidden in UNBOUNDED else 8192.0
    if output == "exponential":
        scale /= 1024  # it alone may overflow
    parameters = Parameters.from_arrays(
        {"W1": ROWS, "b1": [0.125, 0.125, -0.125], "W2": scale * W2, "b2": [0.5, -0.25]}
    )
    parameters = Parameters(network.sizes, parameters.vector.astype(dtype))
    return network, parameters, np.eye(5, dtype=dtype), np.array(TARGETS[loss], dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("output", "loss"), PAIRS)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_saturated_network_against_500_digits(hidden, output, loss, dtype):
    network, parameters, X, Y = saturated(hidden, output, loss, dtype)
    J, gradients = network.cost_and_gradients(parameters, X, Y)
    assert np.isfinite(J)
    assert np.isfinite(gradients.vector).all()
    want_J, wanted = precise.cost_and_gradients(hidden, output, loss, parameters, X, Y)
    tolerance = 1e-13 if dtype == np.float64 else 1e-5
    assert relative_error(J, float(want_J)) < tolerance
    for name, want in zip(gradients, wanted, strict=True):
        want = np.array(want, float)
        error = np.linalg.norm(gradients[name] - want)
        # Where the truth is e^−8000, 0 is right: the floor is one rounding of a single Ŷ − Y.
        floor = np.finfo(dtype).eps * max(1, np.abs(parameters["W2"]).max())
        assert error <= tolerance * np.linalg.norm(want) + floor, name


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_saturated_outputs_without_a_hidden_layer(output, loss, dtype):
    Z = np.array([[1e4, -1e4], [-1e4, 1e4], [1e4, 1e4], [-1e4, -1e4], [0.5, -100]], dtype)
    if output == "exponential":
        Z = np.minimum(Z, 20)
    network = Network((5, 2), output=output, loss=loss)
    parameters = Parameters.from_arrays({"W1": Z, "b1": np.zeros(2, dtype)})
    Y = np.array(TARGETS[loss], dtype)
    J, gradients = network.cost_and_gradients(parameters, np.eye(5, dtype=dtype), Y)
    rows = [
        precise.output_layer(output, loss, *(precise.decimals([row])[0] for row in pair))
        for pair in zip(Z, Y, strict=True)
    ]
    want_J = float(sum(each for each, _ in rows) / 5)
    dZ = np.array([[float(d / 5) for d in row] for _, row in rows])  # X is the unit matrix
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(J, want_J, rtol=20 * eps)
    np.testing.assert_allclose(gradients["W1"], dZ, rtol=50 * eps, atol=eps)


@pytest.mark.parametrize("loss", [name for name, loss in LOSSES.items() if loss.logit_derivative])
def test_the_unfused_product_fails_where_the_fused_one_holds(loss):
    """(ŷ − y)/(ŷ(1 − ŷ)) · ŷ(1 − ŷ) is 0/0 at a saturated unit."""
    function = LOSSES[loss]
    g = ACTIVATIONS[function.output]
    Z = np.array([[-1e4, 20.0 if loss == "poisson" else 1e4]])
    Y = np.array([[0.0, 1.0]])
    A = g.value(Z)
    with np.errstate(all="ignore"):
        unfused = g.jacobian_product(Z, A, function.derivative(A, Y))
        cost = function.value(A, 1 - Y)
    assert np.isnan(unfused).any()
    assert np.isinf(cost).all()
    assert np.isfinite(function.logit_derivative(Z, A, Y)).all()
    assert np.isfinite(function.value_from_logits(Z, 1 - Y)).all()


LOGITS = {np.float64: (10.0, 20.0, 37.0, 60.0, 300.0), np.float32: (5.0, 10.0, 17.0, 40.0, 80.0)}


@pytest.mark.parametrize("dtype", LOGITS)
@pytest.mark.parametrize(
    ("output", "loss", "rows"),
    [
        ("sigmoid", "binary_cross_entropy", [([1], [1]), ([1], [0]), ([-1], [0]), ([-1], [1])]),
        ("softmax", "categorical_cross_entropy", [([1, 0], [1, 0]), ([1, 0], [0, 1])]),
        ("softmax", "categorical_cross_entropy", [([1, 0, -0.5], y) for y in np.eye(3).tolist()]),
        ("softmax", "categorical_cross_entropy", [([0, 1, 0.5], [0.2, 0.7, 0.3])]),
        ("softmax", "half_squared_error", [([1, 0], [0, 1]), ([1, 0, -0.5], [0, 0, 1])]),
    ],
)
def test_certain_outputs_keep_the_digits_of_what_is_small(output, loss, rows, dtype):
    """No floor: a cost of e^−60 and its gradient are as right as one of 60."""
    for direction, target in rows:
        for size in LOGITS[dtype]:
            Z = np.array([direction], dtype) * dtype(size)
            network = Network((1, Z.shape[1]), output=output, loss=loss)
            parameters = Parameters.from_arrays({"W1": Z, "b1": np.zeros(Z.shape[1], dtype)})
            Y = np.array([target], dtype)
            J, gradients = network.cost_and_gradients(parameters, np.ones((1, 1), dtype), Y)
            want_J, want_dZ = precise.output_layer(
                output, loss, precise.decimals(Z)[0], precise.decimals(Y)[0]
            )
            eps = np.finfo(dtype).eps
            np.testing.assert_allclose(float(J), float(want_J), rtol=20 * eps)
            wanted = np.array([float(d) for d in want_dZ])
            normal = np.abs(wanted) > np.finfo(dtype).tiny  # below it digits are lost by definition
            np.testing.assert_allclose(gradients["W1"][0][normal], wanted[normal], rtol=60 * eps)


def test_a_perfect_poisson_prediction_of_a_large_count_costs_what_it_should():
    """exp(z) − y z + y log y − y is a difference of 2·10¹⁰ in float32; the cost is y d²/2."""
    Y = np.array([[1e9, 1e4, 0.0]], np.float32)
    Z = np.array([[np.log(1e9), np.log(1e4), -3.0]], np.float32)
    cost = LOSSES["poisson"].value_from_logits(Z, Y)
    d = Z[0, :2].astype(float) - np.log([1e9, 1e4])
    wanted = (Y[0, :2] * (np.expm1(d) - d)).sum() + np.exp(-3.0)
    assert 0 <= cost[0] < 1e-3 + np.exp(-3.0)
    np.testing.assert_allclose(cost[0], wanted, atol=1e-3)
