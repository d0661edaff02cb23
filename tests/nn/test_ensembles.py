"""What an ensemble predicts: the mean of its members, in Z and in A alike."""

from dataclasses import replace
from decimal import Decimal, localcontext

import numpy as np
import pytest

from chainrule.nn import Network, Parameters
from chainrule.nn.activations import get_activation
from chainrule.nn.ensembles import combined_outputs
from chainrule.nn.propagation import forward_output, prediction
from helpers.cases import PAIRS, SIZES, point
from helpers.parametrized import member

INVERTIBLE = ("sigmoid", "softmax", "exponential", "identity")


def of_output(output, loss, members=3):
    """Return a network of one layer."""
    return Network((2, 3), output=output, loss=loss, members=members)


@pytest.mark.parametrize(("output", "loss"), PAIRS)
@pytest.mark.parametrize("shared", [True, False])
def test_the_mean_of_what_the_members_predict(output, loss, shared):
    network = Network(
        SIZES[2], "tanh", output, loss, members=3, shared_weights=shared, parametrization="ntk"
    )
    parameters, X, _ = point(network)
    plain = [member(network, parameters, e) for e in range(3)]
    mean = np.mean([own.predict(theta, X) for own, theta in plain], axis=0)
    np.testing.assert_allclose(network.predict(parameters, X), mean, rtol=1e-12, atol=1e-15)
    output = prediction(network, forward_output(network, parameters, X))
    np.testing.assert_array_equal(output.A, network.predict(parameters, X))
    assert output.Z.shape == output.A.shape == (5, 3)


@pytest.mark.parametrize("output", INVERTIBLE)
def test_z_gives_back_a(output):
    """… through the output activation, whatever the members say."""
    loss = {"sigmoid": "binary_cross_entropy", "softmax": "categorical_cross_entropy"}.get(output)
    network = of_output(output, loss or ("poisson" if output == "exponential" else "squared_error"))
    rng = np.random.RandomState(0)
    for size in (0.1, 1, 10, 30):
        Z = rng.normal(0, size, (3, 50, 3))
        g = get_activation(output)
        mean_Z, A = combined_outputs(network, Z, g.value(Z))
        np.testing.assert_allclose(g.value(mean_Z), A, rtol=1e-12)
        np.testing.assert_allclose(A, g.value(Z).mean(axis=0), rtol=1e-14)


@pytest.mark.parametrize("output", ["tanh", "relu", "gelu"])
def test_another_output_has_the_mean_of_both(output):
    network = of_output(output, "squared_error")
    Z = np.random.RandomState(0).normal(size=(3, 7, 3))
    g = get_activation(output)
    mean_Z, A = combined_outputs(network, Z, g.value(Z))
    np.testing.assert_array_equal(mean_Z, Z.mean(axis=0))
    np.testing.assert_array_equal(A, g.value(Z).mean(axis=0))


def exact_logits(output, Z):
    """Return Z of the mean prediction, computed in so many digits that none is lost; `Z` is (k, n)."""
    with localcontext(prec=60 + int(np.abs(Z).max())):
        rows = [[Decimal(float(z)) for z in row] for row in Z]
        if output == "sigmoid":
            shares = [[1 / (1 + (-z).exp()) for z in row] for row in rows]
        elif output == "softmax":
            shares = [[z.exp() / sum(v.exp() for v in row) for z in row] for row in rows]
        else:
            shares = [[z.exp() for z in row] for row in rows]
        means = [sum(column) / len(rows) for column in zip(*shares, strict=True)]
        return [float((p / (1 - p) if output == "sigmoid" else p).ln()) for p in means]


@pytest.mark.parametrize(
    ("output", "loss"),
    [
        ("sigmoid", "binary_cross_entropy"),
        ("softmax", "categorical_cross_entropy"),
        ("exponential", "poisson"),
    ],
)
def test_certain_members_keep_their_digits(output, loss):
    """Probabilities that round to 0 or 1 still have their log-odds."""
    network = of_output(output, loss)
    g = get_activation(output)
    rng = np.random.RandomState(1)
    cases = [
        np.array([[40.0, -40.0, 3.0], [50.0, -60.0, 3.0], [45.0, -39.0, 3.0]]),
        np.array([[700.0, -700.0, 0.0], [650.0, -690.0, 0.0], [660.0, -701.0, 1.0]]),
        np.array([[90.0, -90.0, 1e-9], [-90.0, 90.0, 0.0], [90.0, -90.0, 0.0]]),
        *(rng.normal(0, 20, (3, 3)) for _ in range(20)),
    ]
    for Z in cases:
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            found, _ = combined_outputs(network, Z[:, np.newaxis], g.value(Z[:, np.newaxis]))
        np.testing.assert_allclose(found[0], exact_logits(output, Z), rtol=1e-13, atol=1e-13)


def test_one_member_is_left_as_it_is():
    network = of_output("softmax", "categorical_cross_entropy", members=1)
    Z = np.ones((4, 3))
    A = Z / 3
    found = combined_outputs(network, Z, A)
    assert found[0] is Z
    assert found[1] is A


def test_members_that_agree_are_one():
    for output in INVERTIBLE:
        loss = {"sigmoid": "binary_cross_entropy", "softmax": "categorical_cross_entropy"}.get(
            output
        )
        network = of_output(
            output, loss or "squared_error" if output != "exponential" else "poisson"
        )
        z = np.random.RandomState(0).normal(size=(9, 3))
        Z = np.repeat(z[np.newaxis], 3, axis=0)
        g = get_activation(output)
        mean_Z, A = combined_outputs(network, Z, g.value(Z))
        np.testing.assert_allclose(A, g.value(z), rtol=1e-14)
        if output == "softmax":  # logits are logits but for a constant
            mean_Z, z = (V - V.mean(axis=1, keepdims=True) for V in (mean_Z, z))
        np.testing.assert_allclose(mean_Z, z, rtol=1e-12, atol=1e-14)


def test_the_cost_is_the_mean_of_the_members_costs_and_not_that_of_the_mean():
    network = Network((2, 1), loss="squared_error", members=2)
    parameters = Parameters.zeros(network.layout)
    parameters["b1"] = [[1.0], [-1.0]]
    X, Y = np.zeros((3, 2)), np.zeros((3, 1))
    assert network.cost(parameters, X, Y) == 1
    np.testing.assert_array_equal(network.predict(parameters, X), 0)
    alone = replace(network, members=1)
    assert alone.cost(Parameters(alone.sizes, np.zeros(3)), X, Y) == 0
