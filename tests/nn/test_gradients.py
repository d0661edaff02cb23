"""Every derivative that the backward pass reports, against the complex step."""

import numpy as np
import pytest

from chainrule.nn import ACTIVATIONS, L2, Network
from chainrule.nn.propagation import backward, forward
from helpers.cases import (
    HIDDEN,
    OFF_KINK,
    PAIRS,
    SIZES,
    WEIGHT,
    distance_to_kink,
    network_of,
    point,
    random_parameters,
    random_targets,
)
from helpers.gradients import TOLERANCE, check_gradients, complex_step, relative_error, two_point
from helpers.product import CONVENTIONS, PENALTIES, errors_of_case, some_conventions


def check_case(hidden, output, loss, depths, conventions, record_property):
    """Compare every tensor of the backward pass of a network with hidden layers."""
    found = [
        item
        for depth in depths
        for item in errors_of_case(hidden, output, loss, depth, conventions)
    ]
    error, tensor, network, weighted = max(found, key=lambda item: item[0])
    record_property("largest_relative_error", error)
    record_property("cases", len(found))
    assert error < TOLERANCE, f"{tensor} is off by {error:.2e}, weighted={weighted}, {network}"


@pytest.mark.parametrize(("output", "loss"), PAIRS)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_network(hidden, output, loss, record_property):
    """One to three hidden layers in turn, and so are reduction, penalty, weights and cost scale."""
    number = HIDDEN.index(hidden) + PAIRS.index((output, loss))
    depth = 1 + number % 3
    check_case(hidden, output, loss, [depth], some_conventions(number), record_property)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("output", "loss"), PAIRS)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_network_under_every_convention(hidden, output, loss, record_property):
    """Reduction × penalty × weights × smoothing × cost scale, one to three hidden layers."""
    check_case(hidden, output, loss, (1, 2, 3), CONVENTIONS, record_property)


@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_networks_without_a_hidden_layer(output, loss):
    found = list(errors_of_case("identity", output, loss, 0))
    assert max(error for error, *_ in found) < TOLERANCE


def test_the_product_is_complete():
    assert len(HIDDEN) == len(ACTIVATIONS) - 1
    assert len(PAIRS) == 3 + 2 * len(ACTIVATIONS)
    cases = len(list(errors_of_case("tanh", "sigmoid", "binary_cross_entropy", 1)))
    assert cases == 2 * 2 * 7 * 2 * 2  # smoothing, reduction, penalty, scale, weights


def test_what_is_taken_in_turn_meets_all_there_is():
    for place in range(len(PAIRS)):
        numbers = [place + number for number in range(len(HIDDEN))]
        met = [convention for number in numbers for convention in some_conventions(number)]
        assert {number % 3 for number in numbers} == {0, 1, 2}
        assert {penalty for _, penalty, *_ in met} == set(PENALTIES)
        rest = {(reduction, scale, weight is None) for reduction, _, scale, weight in met}
        assert len(rest) == 2 * 2 * 2


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_points_are_off_the_kinks(hidden, depth):
    network = network_of(hidden, "identity", "squared_error", depth)
    parameters, X, _ = point(network)
    record = forward(network, parameters, X)
    assert distance_to_kink(network, record) > OFF_KINK
    if ACTIVATIONS[hidden].kinks:  # … and on both sides of them
        Z = np.concatenate([Z.ravel() for Z in record.Z[1:-1]])
        assert Z.min() < 0 < Z.max()


@pytest.mark.parametrize("sizes", [(3, 4, 2, 5, 2), (1, 1, 1, 1, 1), (2, 3, 3, 3, 1)])
def test_each_layer_has_its_own_activation(sizes):
    hidden = ("softmax", "tanh", "gelu")
    network = Network(sizes, hidden, loss="binary_cross_entropy", penalty=L2(0.1))
    check_gradients(network, *point(network))


def test_the_public_methods_are_what_was_checked():
    network = Network(SIZES[2], "silu", loss="poisson", penalty=L2(0.2, "half_mean", True))
    parameters, X, Y = point(network)
    J, gradients = network.cost_and_gradients(parameters, X, Y, WEIGHT)
    assert network.cost(parameters, X, Y, WEIGHT) == J
    truth = complex_step(network, parameters, X, Y, WEIGHT)
    for name in parameters:
        assert relative_error(gradients[name], truth[name]) < TOLERANCE


@pytest.mark.parametrize("hidden", HIDDEN)
def test_two_point_differences_agree(hidden):
    network = Network(SIZES[2], hidden, loss="categorical_cross_entropy", penalty=L2(0.1))
    parameters, X, Y = point(network)
    _, gradients = network.cost_and_gradients(parameters, X, Y, WEIGHT)
    differences = two_point(network, parameters, X, Y, WEIGHT)
    for name in parameters:
        assert relative_error(differences[name], gradients[name]) < 1e-7


def test_differences_across_a_kink_measure_nothing():
    network = Network((1, 1, 1), "relu")
    parameters = network.init(0)
    parameters.vector[...] = [1.0, 0.0, 1.0, 0.0]
    X, Y = np.array([[1e-7]]), np.array([[1.0]])  # Z1 = 1e-7, the step is 1e-6
    _, gradients = network.cost_and_gradients(parameters, X, Y)
    assert relative_error(two_point(network, parameters, X, Y)["b1"], gradients["b1"]) > 0.4
    assert relative_error(complex_step(network, parameters, X, Y)["b1"], gradients["b1"]) < 1e-15


@pytest.mark.parametrize(("output", "loss"), PAIRS)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_zero_weights_are_a_point_like_any_other(hidden, output, loss):
    """Every Z is exactly 0, where the branches of the stable formulas meet."""
    network = network_of(hidden, output, loss, 2)
    parameters, X, Y = point(network)
    parameters.vector[...] = 0
    _, gradients = network.cost_and_gradients(parameters, X, Y)
    truth = complex_step(network, parameters, X, Y)
    np.testing.assert_allclose(gradients.vector, truth.vector, rtol=1e-14, atol=1e-15)
    assert gradients["b3"].any() or output == "relu"


def test_the_gradient_for_the_inputs_is_only_computed_where_asked():
    network = network_of("tanh", "sigmoid", "binary_cross_entropy", 1)
    parameters, X, Y = point(network)
    record = forward(network, parameters, X)
    assert backward(network, parameters, record, Y).dA[0] is None
    back = backward(network, parameters, record, Y, input_gradient=True)
    assert back.dA[0].shape == X.shape
    assert back.dA[2] is None  # fused: ∂J/∂A_L is never formed
    assert back.dZ[0] is None


def test_the_record_of_the_forward_pass():
    network = network_of("tanh", "softmax", "categorical_cross_entropy", 2)
    parameters, X, _ = point(network)
    record = forward(network, parameters, X)
    assert record.Z[0] is None
    assert record.A[0] is X
    for layer in (1, 2, 3):
        Z = (
            np.einsum("ij,jk->ik", record.A[layer - 1], parameters[f"W{layer}"])
            + parameters[f"b{layer}"]
        )
        np.testing.assert_allclose(record.Z[layer], Z, rtol=1e-13)
        np.testing.assert_array_equal(
            record.A[layer], network.activations[layer - 1].value(record.Z[layer])
        )
    np.testing.assert_array_equal(network.predict(parameters, X), record.A[-1])


def test_backward_changes_nothing_it_was_given():
    network = Network(SIZES[2], "relu", loss="binary_cross_entropy", penalty=L2(0.1))
    parameters, X, Y = point(network)
    before = [V.copy() for V in (parameters.vector, X, Y, WEIGHT)]
    record = forward(network, parameters, X)
    kept = [V.copy() for V in (*record.Z[1:], *record.A)]
    backward(network, parameters, record, Y, WEIGHT, input_gradient=True)
    for now, then in zip((parameters.vector, X, Y, WEIGHT), before, strict=True):
        np.testing.assert_array_equal(now, then)
    for now, then in zip((*record.Z[1:], *record.A), kept, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize("masked_inputs", [False, True])
@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_dropout_masks(output, loss, masked_inputs):
    for hidden in HIDDEN:
        network = network_of(hidden, output, loss, 3, penalty=L2(0.1))
        parameters, X, Y = point(network)
        rng = np.random.RandomState(5)
        masks = [(rng.rand(5, n) < 0.7) / 0.7 for n in network.sizes[:-1]]
        masks[0] = masks[0] if masked_inputs else None
        masks[2] = None
        check_gradients(network, parameters, X, Y, WEIGHT, masks=masks)


def test_a_mask_of_ones_is_no_mask_and_a_mask_of_zeros_stops_the_gradient():
    network = network_of("tanh", "identity", "squared_error", 2)
    parameters, X, Y = point(network)
    ones = [np.ones((5, n)) for n in network.sizes[:-1]]
    plain = backward(network, parameters, forward(network, parameters, X), Y)
    same = backward(network, parameters, forward(network, parameters, X, ones), Y)
    assert same.gradients == plain.gradients
    none = [None, np.zeros((5, 4)), None]
    record = forward(network, parameters, X, none)
    stopped = backward(network, parameters, record, Y).gradients
    assert not stopped["W1"].any()
    assert not stopped["W2"].any()
    assert stopped["b2"].any()
    np.testing.assert_array_equal(record.A[1], forward(network, parameters, X).A[1])  # unmasked


def test_one_observation_one_unit():
    network = Network((1, 1), output="sigmoid")
    parameters = random_parameters((1, 1), 3)
    Y = random_targets(network.loss, 1, 1, 4)
    check_gradients(network, parameters, np.array([[0.7]]), Y)
