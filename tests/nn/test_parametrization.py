"""Networks whose weights are made of others: input scale, NTK parametrization and ensembles."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp

from chainrule.nn import L2, Network, Parameters
from chainrule.nn.parametrization import (
    add_weight_gradients,
    biases,
    effective_weights,
    unfolded,
    weight_factor,
)
from chainrule.nn.propagation import backward, cost_and_gradients, forward, forward_output
from helpers.cases import CROSS_ENTROPIES, HIDDEN, PAIRS, SIZES, WEIGHT, point, random_targets
from helpers.gradients import TOLERANCE, complex_step, relative_error, two_point
from helpers.parametrized import (
    PARAMETRIZATIONS,
    errors_by_layer,
    errors_in_theta,
    largest,
    mean_losses,
    member,
    name_of,
    parametrized,
    theta_slopes,
)
from helpers.product import CONVENTIONS, SMOOTHINGS, some_conventions

each = pytest.mark.parametrize("options", PARAMETRIZATIONS, ids=name_of)


def conventions_of(network, number):
    """Yield (network, weight) for each reduction and every other setting in turn."""
    for reduction, penalty, scale, weight in some_conventions(number):
        yield replace(network, reduction=reduction, penalty=penalty, cost_scale=scale), weight


@each
def test_every_output_and_loss_under_every_convention(options, record_property):
    """Output/loss × smoothing; the hidden layers, one to three, and the conventions in turn."""
    worst = (0.0, "", "")
    first = PARAMETRIZATIONS.index(options)
    for number, (output, loss) in enumerate(PAIRS, start=first):
        depth = 1 + number % 3
        hidden = HIDDEN[number % len(HIDDEN)]
        base = parametrized(options, hidden, output, loss, depth)
        parameters, X, Y = point(base)
        for smoothing in SMOOTHINGS if loss in CROSS_ENTROPIES else SMOOTHINGS[:1]:
            smoothed = replace(base, label_smoothing=smoothing)
            slopes = theta_slopes(smoothed, parameters, X, Y)
            for network, weight in conventions_of(smoothed, number):
                errors = errors_in_theta(network, parameters, X, Y, weight, slopes=slopes)
                worst = max(worst, (*largest(errors), str(network)))
    record_property("largest_relative_error", worst[0])
    assert worst[0] < TOLERANCE, f"{worst[1]} is off by {worst[0]:.2e}, {worst[2]}"


def test_the_product_is_complete():
    assert len(PARAMETRIZATIONS) == 2 * 2 * 5 - 1
    met = set()
    for number in range(len(PAIRS)):
        for network, weight in conventions_of(Network((1, 1)), number):
            met.add((network.reduction, network.penalty, network.cost_scale, weight is None))
    assert len(met) == len(CONVENTIONS)


@each
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_every_layer_of_every_member(options, depth):
    """Every dZ and dA, and ∂J/∂X as the sum over the members; a third of the outputs and losses."""
    for number in range((PARAMETRIZATIONS.index(options) + depth) % 3, len(PAIRS), 3):
        output, loss = PAIRS[number]
        network = parametrized(options, HIDDEN[number % len(HIDDEN)], output, loss, depth)
        parameters, X, Y = point(network)
        worst, tensor = largest(errors_by_layer(network, parameters, X, Y, WEIGHT))
        assert worst < TOLERANCE, f"{tensor} is off by {worst:.2e}, {network}"
        worst, tensor = largest(errors_in_theta(network, parameters, X, Y, WEIGHT))
        assert worst < TOLERANCE, f"{tensor} is off by {worst:.2e}, {network}"


@each
def test_dropout_masks(options):
    """A mask for each member, or one for all of them, on hidden layers and inputs."""
    rng = np.random.RandomState(5)
    for number, hidden in enumerate(HIDDEN):
        network = parametrized(options, hidden, *PAIRS[number], depth=3, penalty=L2(0.1))
        parameters, X, Y = point(network)
        k = network.members
        of_members = [(k, 5, n) if k > 1 else (5, n) for n in network.sizes[:-1]]
        for shapes in (of_members, [(5, n) for n in network.sizes[:-1]]):
            masks = [(rng.rand(*shape) < 0.7) / 0.7 for shape in shapes]
            masks[number % 3] = None
            errors = errors_in_theta(network, parameters, X, Y, WEIGHT, masks)
            errors |= errors_by_layer(network, parameters, X, Y, WEIGHT, masks)
            worst, tensor = largest(errors)
            assert worst < TOLERANCE, f"{tensor} is off by {worst:.2e}, {network}"


@each
@pytest.mark.parametrize("form", [sp.csr_array, sp.csc_array, sp.coo_array])
def test_sparse_rows(options, form):
    network = parametrized(options, "tanh", "softmax", "categorical_cross_entropy", 2)
    parameters, X, Y = point(network)
    X = np.where(np.abs(X) > 0.5, X, 0)
    J, gradients = network.cost_and_gradients(parameters, X, Y, WEIGHT)
    J_sparse, sparse = network.cost_and_gradients(parameters, form(X), Y, WEIGHT)
    assert relative_error(J_sparse, J) < 1e-14
    for name in gradients:
        assert relative_error(sparse[name], gradients[name]) < 1e-13
    np.testing.assert_allclose(
        network.predict(parameters, form(X)), network.predict(parameters, X), rtol=1e-13
    )


@each
def test_the_public_methods_are_what_was_checked(options):
    network = parametrized(
        options, "silu", "identity", "squared_error", 2, penalty=L2(0.2, biases=True)
    )
    parameters, X, Y = point(network)
    J, gradients = network.cost_and_gradients(parameters, X, Y, WEIGHT)
    assert network.cost(parameters, X, Y, WEIGHT) == J
    truth = complex_step(network, parameters, X, Y, WEIGHT)
    differences = two_point(network, parameters, X, Y, WEIGHT)
    for name in parameters:
        assert relative_error(gradients[name], truth[name]) < TOLERANCE
        assert relative_error(differences[name], gradients[name]) < 1e-7
    k, A = network.members, network.forward(parameters, X)
    assert A[0].shape == X.shape
    for layer, n in enumerate(network.sizes[1:], start=1):
        assert A[layer].shape == ((k, 5, n) if k > 1 else (5, n))
    assert network.predict(parameters, X).shape == (5, 3)
    for rows in (1, 2, 5):
        output = forward_output(network, parameters, X, rows)
        np.testing.assert_allclose(output.A, A[-1], rtol=1e-13)


def test_backward_changes_nothing_it_was_given():
    network = parametrized(PARAMETRIZATIONS[-2], "tanh", "identity", "squared_error", 2)
    assert network.members == 3
    assert network.shared_weights
    parameters, X, Y = point(network)
    before = [V.copy() for V in (parameters.vector, X, Y)]
    backward(network, parameters, forward(network, parameters, X), Y, input_gradient=True)
    for now, then in zip((parameters.vector, X, Y), before, strict=True):
        np.testing.assert_array_equal(now, then)


# ------------------------------------------------------------------- the same function, said in two ways


@each
def test_unfolded_is_the_same_function(options):
    for depth in (0, 1, 2):
        network = parametrized(options, "gelu", "sigmoid", "binary_cross_entropy", depth)
        parameters, X, Y = point(network)
        plain, weights = unfolded(network, parameters)
        assert (plain.input_scale, plain.parametrization) == (False, "standard")
        assert plain.members == network.members
        assert not plain.shared_weights
        assert not {name[0] for name in weights} - {"W", "b"}
        np.testing.assert_allclose(
            plain.predict(weights, X), network.predict(parameters, X), rtol=1e-13
        )
        J = network.cost(parameters, X, Y)
        assert relative_error(plain.cost(weights, X, Y), J) < 1e-14
        for e in range(network.members):
            own = member(network, parameters, e)[1]
            for layer in range(1, depth + 2):
                W = weights[f"W{layer}"]
                W = W[e] if network.members > 1 else W
                np.testing.assert_allclose(W, own[f"W{layer}"], rtol=1e-14)
                np.testing.assert_array_equal(weights[f"b{layer}"][e], own[f"b{layer}"][0])
        again = unfolded(plain, weights)
        assert again[0] == plain
        assert again[1] == weights
        assert not np.shares_memory(weights.vector, parameters.vector)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_ntk_is_the_standard_network_of_larger_weights(hidden):
    """With W √n_in the functions are the same, and dW is that of the standard one over √n_in."""
    standard = Network(SIZES[3], hidden, loss="categorical_cross_entropy")
    parameters, X, Y = point(standard)
    ntk = replace(standard, parametrization="ntk")
    larger = parameters.copy()
    for layer, n_in in enumerate(ntk.sizes[:-1], start=1):
        larger[f"W{layer}"] *= np.sqrt(n_in)
        assert weight_factor(ntk, layer) == 1 / np.sqrt(n_in)
        assert weight_factor(standard, layer) == 1
    J, gradients = standard.cost_and_gradients(parameters, X, Y)
    J_ntk, by_ntk = ntk.cost_and_gradients(larger, X, Y)
    assert relative_error(J_ntk, J) < 1e-14
    for layer, n_in in enumerate(ntk.sizes[:-1], start=1):
        dW, db = gradients[f"W{layer}"], gradients[f"b{layer}"]
        assert relative_error(by_ntk[f"W{layer}"] * np.sqrt(n_in), dW) < 1e-13
        assert relative_error(by_ntk[f"b{layer}"], db) < 1e-13


@pytest.mark.parametrize("members", [2, 3])
@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_members_that_are_all_alike_are_the_plain_network(output, loss, members):
    """R = S = 1 and equal heads and biases: the members' gradients add up to the plain network's."""
    plain = Network(SIZES[2], "tanh", output, loss, label_smoothing=0.1 * (loss in CROSS_ENTROPIES))
    parameters, X, Y = point(plain)
    J, gradients = plain.cost_and_gradients(parameters, X, Y, WEIGHT)
    for shared in (True, False):
        network = replace(plain, members=members, shared_weights=shared)
        alike = Parameters.zeros(network.layout)
        for name, V in alike.items():
            V[...] = 1 if name[0] in "RS" else parameters[name]
        J_ensemble, found = network.cost_and_gradients(alike, X, Y, WEIGHT)
        assert relative_error(J_ensemble, J) < 1e-14
        np.testing.assert_allclose(
            network.predict(alike, X), plain.predict(parameters, X), rtol=1e-14
        )
        for name, V in gradients.items():
            total = found[name]
            if total.shape != V.shape:
                total = total.sum(axis=0).reshape(V.shape)
            assert relative_error(total, V) < 1e-12, name
        for layer in (1, 2) if shared else ():
            W, dW = parameters[f"W{layer}"], gradients[f"W{layer}"]
            for e in range(members):
                R, S = found[f"R{layer}"][e], found[f"S{layer}"][e]
                assert relative_error(R, (W * dW).sum(axis=1) / members) < 1e-12
                assert relative_error(S, (W * dW).sum(axis=0) / members) < 1e-12


def test_an_input_scale_is_columns_times_numbers():
    network = Network(SIZES[2], "tanh", loss="squared_error", input_scale=True)
    parameters, X, Y = point(network)
    plain = replace(network, input_scale=False)
    own = Parameters(plain.sizes, parameters.vector[3:])
    scaled = X * parameters["scale"]
    assert relative_error(network.cost(parameters, X, Y), plain.cost(own, scaled, Y)) < 1e-14
    record = forward(plain, own, scaled)
    dX = backward(plain, own, record, Y, input_gradient=True).dA[0]
    _, gradients = network.cost_and_gradients(parameters, X, Y)
    np.testing.assert_allclose(gradients["scale"][0], (dX * X).sum(axis=0), rtol=1e-12)
    for name in own:
        assert (
            relative_error(gradients[name], plain.cost_and_gradients(own, scaled, Y)[1][name])
            < 1e-13
        )


def test_batch_ensemble_is_its_papers_equation():
    """Wen, Tran and Ba, equation 5: φ(((X ∘ R) W) ∘ S), for every member."""
    network = Network((3, 4, 2), "tanh", members=2)
    parameters, X, _ = point(network)
    record = forward(network, parameters, X)
    for e in range(2):
        Z = ((X * parameters["R1"][e]) @ parameters["W1"]) * parameters["S1"][e]
        np.testing.assert_allclose(record.Z[1][e], Z + parameters["b1"][e], rtol=1e-13)


def test_the_penalty_leaves_scales_and_factors_alone():
    options = {"input_scale": True, "parametrization": "ntk", "members": 3}
    bare = Network(SIZES[2], "tanh", **options)
    parameters, X, Y = point(bare)
    _, before = bare.cost_and_gradients(parameters, X, Y)
    for scale, with_biases in product(("full", "half", "half_mean"), (False, True)):
        network = replace(bare, penalty=L2(0.3, scale, with_biases))
        J, after = network.cost_and_gradients(parameters, X, Y)
        k = {"full": 0.6, "half": 0.3, "half_mean": 0.06}[scale]
        squares = 0.0
        for name, V in parameters.items():
            factor = k * (name[0] == "W" or (with_biases and name[0] == "b"))
            np.testing.assert_allclose(after[name] - before[name], factor * V, atol=1e-14)
            squares += factor / 2 * (V**2).sum()
        assert relative_error(J, bare.cost(parameters, X, Y) + squares) < 1e-14


def test_complex_parameters_stay_complex_and_float32_stays_float32():
    network = Network((3, 4, 2), "tanh", input_scale=True, parametrization="ntk", members=2)
    parameters, X, Y = point(network)
    for dtype in (np.float32, np.complex128):
        cast = Parameters(network.layout, parameters.vector.astype(dtype))
        J, gradients = network.cost_and_gradients(cast, X, Y)
        assert gradients.dtype == dtype
        assert network.predict(cast, X).dtype == dtype
        assert np.asarray(J).dtype == dtype


def test_float32_is_close():
    for options in PARAMETRIZATIONS:
        network = parametrized(options, "tanh", "softmax", "categorical_cross_entropy", 2)
        parameters, X, Y = point(network)
        _, truth = network.cost_and_gradients(parameters, X, Y)
        single = Parameters(network.layout, parameters.vector.astype(np.float32))
        _, found = network.cost_and_gradients(single, X, Y)
        assert relative_error(found.vector, truth.vector) < 1e-5


@each
def test_no_gradient_is_always_zero(options):
    """Every number that is trained matters: else its gradient would be right by chance."""
    network = parametrized(options, "tanh", "softmax", "categorical_cross_entropy", 3)
    parameters, X, Y = point(network)
    Y = random_targets(network.loss, 5, 3, 0)
    _, gradients = network.cost_and_gradients(parameters, X, Y)
    assert (np.abs(gradients.vector) > 1e-9).all()
    losses = mean_losses(network, parameters, X, Y)
    assert relative_error(network.cost(parameters, X, Y), losses.mean()) < 1e-14


def test_the_parts_fit_each_other():
    network = Network((3, 4, 2), "tanh", input_scale=True, members=2)
    parameters, X, Y = point(network)
    assert effective_weights(network, parameters, 1).shape == (2, 3, 4)
    assert effective_weights(network, parameters, 2).shape == (2, 4, 2)
    assert biases(network, parameters, 1).shape == (2, 1, 4)
    alone = Network((3, 4, 2), "tanh", parametrization="ntk")
    theta = alone.init(0)
    assert effective_weights(alone, theta, 1).shape == (3, 4)
    assert biases(alone, theta, 1).shape == (1, 4)
    plain = Network((3, 4, 2), "tanh")
    assert effective_weights(plain, theta, 1) is theta["W1"]  # nothing is copied
    gradients = Parameters.zeros(network.layout)
    add_weight_gradients(network, parameters, 2, np.ones((2, 4, 2)), gradients)
    np.testing.assert_array_equal(gradients["W2"], 1)
    assert not any(gradients[name].any() for name in ("scale", "W1", "R1", "S1", "b1", "b2"))
    assert cost_and_gradients(network, parameters, X, Y)[1].layout == network.layout
