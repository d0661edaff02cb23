"""The periodic embedding: its equations, its gradients by the complex step and by JAX, its start."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse as sp

import chainrule as cr
from chainrule.errors import ParameterError
from chainrule.nn import L2, Network, Parameters, PeriodicEmbedding
from chainrule.nn.embeddings import NAMES
from chainrule.nn.propagation import backward, forward, forward_output
from chainrule.optim import AdamW
from helpers.cases import WEIGHT
from helpers.embedded import CASES, SHAPES, embedded, embedding_of, own_cost, point
from helpers.gradients import H, complex_step, relative_error
from helpers.parametrized import PARAMETRIZATIONS, largest

each = pytest.mark.parametrize("case", CASES, ids=str)


def complex_slopes(function, V):
    """Return ∂function/∂V, number by number."""
    slopes = np.empty(V.size)
    for place in range(V.size):
        moved = V.astype(complex)
        moved.flat[place] += 1j * H
        slopes[place] = function(moved).imag / H
    return slopes.reshape(V.shape)


@each
def test_every_gradient_of_a_forward_pass_written_apart(case):
    network = embedded(case)
    parameters, X, Y = point(network)
    J, gradients = network.cost_and_gradients(parameters, X, Y, WEIGHT)
    named = dict(parameters.items())
    assert relative_error(J, own_cost(network, named, X, Y, WEIGHT)) < 1e-13
    errors = {}
    for name, V in named.items():
        truth = complex_slopes(
            lambda moved, name=name: own_cost(network, {**named, name: moved}, X, Y, WEIGHT), V
        )
        errors[name] = relative_error(gradients[name], truth)
    record = forward(network, parameters, X)
    back = backward(network, parameters, record, Y, WEIGHT, input_gradient=True)
    truth = complex_slopes(lambda moved: own_cost(network, named, moved, Y, WEIGHT), X)
    errors["X"] = relative_error(back.dA[0], truth)
    worst, name = largest(errors)
    assert worst < 1e-12, f"∂J/∂{name} is off by {worst:.1e}, {network}"
    assert all(np.abs(gradients[name]).max() > 1e-6 for name in NAMES)


@pytest.mark.parametrize("options", PARAMETRIZATIONS, ids=str)
def test_before_ensembles_and_other_parametrizations(options):
    if options["input_scale"]:
        with pytest.raises(ParameterError, match="learnable factors already"):
            Network((3, 2), embedding=PeriodicEmbedding(1, 2), **options)
        return
    network = Network((3, 4, 2), "tanh", embedding=PeriodicEmbedding(2, 3), **options)
    parameters, X, Y = point(network)
    _, gradients = network.cost_and_gradients(parameters, X, Y, WEIGHT)
    truth = complex_step(network, parameters, X, Y, WEIGHT)
    for name in parameters:
        assert relative_error(gradients[name], truth[name]) < 1e-12, name
    back = backward(
        network, parameters, forward(network, parameters, X), Y, WEIGHT, input_gradient=True
    )
    dX = complex_slopes(lambda moved: network.cost(parameters, moved, Y, WEIGHT), X)
    whole = back.dA[0] if network.members == 1 else back.dA[0].sum(axis=0)
    assert relative_error(whole, dX) < 1e-12
    means = np.zeros((len(X), 2))
    for index in range(network.members):
        one, own = network.member(parameters, index)
        assert one.members == 1
        assert one.embedding == network.embedding
        means += one.predict(own, X) / network.members
    np.testing.assert_allclose(means, network.predict(parameters, X), rtol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_against_jax(shape):
    jax.config.update("jax_enable_x64", True)
    network = Network((3, 4, 2), "tanh", embedding=PeriodicEmbedding(*shape))
    parameters, X, Y = point(network)
    k, F = shape

    def cost(named):
        x = X[:, :k, None]
        waves = jnp.cos(2 * jnp.pi * (named["phase"] + named["frequency"] * x))
        e = jnp.concatenate([x, waves], axis=-1)
        E = (named["amplitude"] * e + named["offset"]).reshape(len(X), k * F)
        A = jnp.tanh(jnp.hstack([E, X[:, k:]]) @ named["W1"] + named["b1"])
        return jnp.mean(jnp.sum((A @ named["W2"] + named["b2"] - Y) ** 2, axis=1)) / 2

    J, slopes = jax.value_and_grad(cost)({name: jnp.array(V) for name, V in parameters.items()})
    own, gradients = network.cost_and_gradients(parameters, X, Y)
    assert relative_error(own, float(J)) < 1e-13
    for name, V in gradients.items():
        assert relative_error(V, slopes[name]) < 1e-12, name


@each
def test_the_record(case):
    network = embedded(case)
    parameters, X, Y = point(network)
    record = forward(network, parameters, X)
    truth = embedding_of(network.embedding, parameters, X)
    np.testing.assert_allclose(record.embedded.E, truth, rtol=1e-12, atol=1e-14)
    assert truth.shape[1] == network.embedding.outputs(3) == network.layout.inputs(1)
    assert record.A[0] is X
    assert np.abs(record.embedded.t).max() <= 0.5
    for rows in (1, 2, 8192):
        np.testing.assert_allclose(
            forward_output(network, parameters, X, rows).A, record.A[-1], rtol=1e-13
        )
    sparse, _ = network.cost_and_gradients(parameters, sp.csr_array(X), Y)
    assert sparse == network.cost(parameters, X, Y)


def test_dropout_of_what_the_first_layer_receives():
    network = embedded(CASES[4])
    parameters, X, Y = point(network)
    mask = (np.random.RandomState(0).rand(5, network.layout.inputs(1)) < 0.6) / 0.6
    masks = [mask, *[None] * (network.depth - 1)]
    record = forward(network, parameters, X, masks)
    back = backward(network, parameters, record, Y)
    named = dict(parameters.items())

    def cost(moved):
        theta = Parameters(network.layout, moved)
        own = forward(network, theta, X, masks)
        return cr.nn.cost(network, theta, own.output, Y)

    assert relative_error(back.gradients.vector, complex_slopes(cost, parameters.vector)) < 1e-12
    assert set(named) == set(back.gradients)


def test_the_waves_of_many_turns_keep_their_digits():
    """Of 10⁶ turns a half: the cosine is −1, whatever π is rounded to."""
    network = Network((1, 1), embedding=PeriodicEmbedding(1, 2))
    for dtype, x in ((np.float64, 1e6 + 0.5), (np.float32, 2.0**20 + 0.5)):
        parameters = Parameters.zeros(network.layout, dtype)
        parameters["frequency"] = [[1.0]]
        parameters["amplitude"] = [[0.0, 1.0]]
        parameters["W1"] = [[0.0], [1.0]]
        assert network.predict(parameters, [[x]])[0, 0] == -1


# ------------------------------------------------------------------------------------------ the start


def test_the_start():
    network = Network((4, 5, 1), "relu", embedding=PeriodicEmbedding(3, 8))
    parameters = network.init(0, frequency_scale=0.5)
    for name in ("phase", "amplitude", "offset"):
        assert not parameters[name].any()
    assert parameters["frequency"].any()
    assert np.abs(parameters["frequency"]).max() <= 1.5
    plain = Network((network.layout.inputs(1), 5, 1), "relu").init(0)
    np.testing.assert_array_equal(parameters["W1"], plain["W1"])  # drawn before the frequencies
    scaled = network.init(0, frequency_scale=5)
    np.testing.assert_allclose(scaled["frequency"], 10 * parameters["frequency"], rtol=1e-15)


def test_frequencies_are_normal_and_cut():
    w = Network((50, 1), embedding=PeriodicEmbedding(50, 201)).init(0)["frequency"]
    assert 2.9 < np.abs(w).max() <= 3
    assert abs(w.mean()) < 0.03
    assert abs(w.std() - 0.9866) < 0.02  # of a normal cut at ±3


def test_gradients_flow_at_the_start():
    """da is not 0 where a is, so that the first update opens the way for dw and db."""
    network = Network((3, 6, 1), "relu", embedding=PeriodicEmbedding(3, 5))
    parameters = network.init(0)
    rng = np.random.RandomState(0)
    X = rng.normal(size=(200, 3))
    Y = np.sin(3 * X[:, 0])
    first, gradients = network.cost_and_gradients(parameters, X, Y)
    assert np.abs(gradients["amplitude"]).min() > 0
    assert not gradients["frequency"].any()
    optimizer = AdamW(0.01, weight_decay=0.0)
    for _ in range(300):
        last, gradients = network.cost_and_gradients(parameters, X, Y)
        optimizer.update(parameters.vector, gradients.vector)
    assert gradients["frequency"].any()
    assert gradients["phase"].any()
    assert last < first / 10


# ------------------------------------------------------------------------------------- all else of it


def test_the_penalty_leaves_it_alone():
    bare = Network((3, 4, 1), embedding=PeriodicEmbedding(2, 3))
    parameters, X, Y = point(bare)
    _, before = bare.cost_and_gradients(parameters, X, Y)
    network = replace(bare, penalty=L2(0.5, biases=True))
    _, after = network.cost_and_gradients(parameters, X, Y)
    for name in NAMES:
        np.testing.assert_array_equal(after[name], before[name])
    assert not np.array_equal(after["b1"], before["b1"])


def test_it_is_written_and_read(tmp_path):
    network = Network((3, 4, 1), embedding=PeriodicEmbedding(2, 3))
    assert Network.from_dict(network.to_dict()) == network
    parameters = network.init(0)
    cr.save((network, parameters), tmp_path / "model.safetensors")
    again, values = cr.load(tmp_path / "model.safetensors")
    assert again == network
    assert values == parameters


def test_precision_stays():
    network = Network((3, 4, 1), embedding=PeriodicEmbedding(2, 3))
    parameters, X, Y = point(network)
    truth = network.cost_and_gradients(parameters, X, Y)[1]
    single = Parameters(network.layout, parameters.vector.astype(np.float32))
    J, gradients = network.cost_and_gradients(single, X, Y)
    assert J.dtype == gradients.dtype == np.float32
    assert relative_error(gradients.vector, truth.vector) < 1e-5


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"columns": 0, "width": 3}, "an embedding's columns must be"),
        ({"columns": 2, "width": 1}, "an embedding's width must be"),
        ({"columns": 2, "width": 2.5}, "an embedding's width must be"),
        ({"columns": 4, "width": 3}, "the embedding is one of 4 inputs, the network has 3"),
    ],
)
def test_what_cannot_be(options, says):
    with pytest.raises(ParameterError, match=says):
        Network((3, 1), embedding=PeriodicEmbedding(**options))


def test_what_is_no_embedding():
    with pytest.raises(ParameterError, match="must be a PeriodicEmbedding or None"):
        Network((3, 1), embedding=8)
    with pytest.raises(ParameterError, match="frequency_scale"):
        Network((3, 1), embedding=PeriodicEmbedding(1, 2)).init(0, frequency_scale=-1)
