"""Observation weights: what they must mean, whatever the network."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.nn import L2, Network
from helpers.cases import HIDDEN, PAIRS, random_parameters, random_targets
from helpers.gradients import check_gradients

REDUCTIONS = ("mean", "sum")
PENALTIES = st.one_of(
    st.none(),
    st.builds(
        L2, st.floats(0.01, 1), st.sampled_from(["full", "half", "half_mean"]), st.booleans()
    ),
)


@st.composite
def problems(draw):
    """A network of any legal kind and shape, with parameters, X and Y."""
    output, loss = draw(st.sampled_from(PAIRS))
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=7).map(tuple))
    count = len(sizes) - 2
    network = Network(
        sizes,
        hidden=draw(st.lists(st.sampled_from(HIDDEN), min_size=count, max_size=count)),
        output=output,
        loss=loss,
        reduction=draw(st.sampled_from(REDUCTIONS)),
        penalty=draw(PENALTIES),
        cost_scale=draw(st.sampled_from([1.0, 0.5, 3.0])),
    )
    m, seed = draw(st.integers(1, 6)), draw(st.integers(0, 1000))
    X = np.random.RandomState(seed).normal(size=(m, sizes[0]))
    return network, random_parameters(sizes, seed), X, random_targets(loss, m, sizes[-1], seed)


def assert_same(one, other):
    (J, gradients), (K, others) = one, other
    np.testing.assert_allclose(J, K, rtol=1e-11, atol=1e-13)
    scale = 1 + np.abs(gradients.vector).max()
    np.testing.assert_allclose(gradients.vector, others.vector, rtol=1e-10, atol=1e-13 * scale)


@given(problems(), st.data())
@settings(max_examples=150, deadline=None)
def test_whole_weights_are_repeated_rows(problem, data):
    """Two of a row, or none: the same cost and gradients, with the m of the penalty too."""
    network, parameters, X, Y = problem
    counts = data.draw(st.lists(st.integers(0, 3), min_size=len(X), max_size=len(X)).filter(any))
    repeated = (np.repeat(X, counts, axis=0), np.repeat(Y, counts, axis=0))
    assert_same(
        network.cost_and_gradients(parameters, X, Y, counts),
        network.cost_and_gradients(parameters, *repeated),
    )


@given(problems())
@settings(max_examples=60, deadline=None)
def test_equal_weights_change_nothing_in_a_mean_without_m(problem):
    network, parameters, X, Y = problem
    ones = np.ones(len(X))
    plain = network.cost_and_gradients(parameters, X, Y)
    assert_same(plain, network.cost_and_gradients(parameters, X, Y, ones))
    if network.reduction == "mean" and (network.penalty is None or network.penalty.scale == "half"):
        assert_same(plain, network.cost_and_gradients(parameters, X, Y, 7.5 * ones))


@given(problems(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_observations_does_not_matter(problem, random):
    network, parameters, X, Y = problem
    weight = np.array([random.uniform(0.1, 3) for _ in X])
    order = list(range(len(X)))
    random.shuffle(order)
    assert_same(
        network.cost_and_gradients(parameters, X, Y, weight),
        network.cost_and_gradients(parameters, X[order], Y[order], weight[order]),
    )


@given(problems(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_gradients_of_any_shape(problem, weighted):
    """One unit, one observation, no hidden layer, five of them."""
    network, parameters, X, Y = problem
    weight = np.random.RandomState(0).uniform(0.1, 2, len(X)) if weighted else None
    # Deep chains of single units can shrink a gradient until rounding shows: hence 1e−10 here.
    check_gradients(network, parameters, X, Y, weight, tolerance=1e-10)


@pytest.mark.parametrize("scale", ["full", "half", "half_mean"])
def test_the_mean_is_the_sum_over_m_in_the_data_term_alone(scale):
    X, Y = np.random.RandomState(0).normal(size=(5, 2)), np.eye(3)[[0, 1, 2, 0, 1]]
    weight = np.array([1.0, 0.5, 0.0, 2.0, 3.0])
    costs = {}
    for reduction in REDUCTIONS:
        for penalty in (None, L2(0.4, scale)):
            network = Network(
                (2, 4, 3), loss="categorical_cross_entropy", reduction=reduction, penalty=penalty
            )
            parameters = random_parameters(network.sizes, 1)
            J, gradients = network.cost_and_gradients(parameters, X, Y, weight)
            costs[reduction, penalty is not None] = np.array([J, *gradients.vector])
    np.testing.assert_allclose(costs["mean", False], costs["sum", False] / 6.5, rtol=1e-12)
    added = {
        reduction: costs[reduction, True] - costs[reduction, False] for reduction in REDUCTIONS
    }
    np.testing.assert_allclose(added["mean"], added["sum"], rtol=1e-9, atol=1e-14)
    factor = {"full": 0.4, "half": 0.2, "half_mean": 0.2 / 6.5}[scale]
    squares = (parameters["W1"] ** 2).sum() + (parameters["W2"] ** 2).sum()
    np.testing.assert_allclose(added["mean"][0], factor * squares, rtol=1e-12)


def test_a_weight_of_zero_removes_the_row_even_where_it_is_saturated():
    network = Network((1, 1), loss="binary_cross_entropy", penalty=L2(0.3, "half_mean"))
    parameters = random_parameters((1, 1), 0)
    X, Y = np.array([[1.0], [-0.5], [1e4]]), np.array([1.0, 0.0, 0.5])
    assert_same(
        network.cost_and_gradients(parameters, X, Y, [1, 2, 0]),
        network.cost_and_gradients(parameters, X[:2], Y[:2], [1, 2]),
    )
