"""Matt Mazur, "A Step by Step Backpropagation Example": every number of it.

2-2-2, sigmoid in both layers, ½ Σ (target − out)², η = 0.5, one observation. The biases are not
updated. Two of the published numbers come from hidden gradients computed with output weights that had
been updated already; here they are reproduced that way, and only that way.
"""

import numpy as np
import pytest

from chainrule import Network, Parameters
from chainrule.nn.propagation import backward, forward

NETWORK = Network((2, 2, 2), "sigmoid", "sigmoid", "half_squared_error")
X, Y = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]])
ETA = 0.5


def start():
    """w1, w2 go into h1; w3, w4 into h2; w5, w6 into o1; w7, w8 into o2."""
    return Parameters.from_arrays(
        {
            "W1": [[0.15, 0.25], [0.20, 0.30]],
            "b1": [0.35, 0.35],
            "W2": [[0.40, 0.50], [0.45, 0.55]],
            "b2": [0.60, 0.60],
        }
    )


def train(steps, moving=("W1", "W2")):
    parameters = start()
    mask = parameters.mask(moving)
    for _ in range(steps):
        _, gradients = NETWORK.cost_and_gradients(parameters, X, Y)
        parameters.vector -= ETA * gradients.vector * mask
    return parameters


def train_with_updated_weights(steps):
    """Make the mistake: the hidden gradients see the output weights of the next step."""
    parameters = start()
    for _ in range(steps):
        record = forward(NETWORK, parameters, X)
        back = backward(NETWORK, parameters, record, Y)
        parameters["W2"] -= ETA * back.gradients["W2"]
        dZ1 = back.dZ[2] @ parameters["W2"].T * record.A[1] * (1 - record.A[1])
        parameters["W1"] -= ETA * X.T @ dZ1
    return parameters


def assert_nine_digits(got, want):
    np.testing.assert_allclose(np.ravel(got), want, rtol=0, atol=5.1e-10)


def test_forward():
    record = forward(NETWORK, start(), X)
    assert_nine_digits(record.A[1], [0.593269992, 0.596884378])
    assert_nine_digits(record.A[2], [0.751365070, 0.772928465])
    assert_nine_digits(NETWORK.cost(start(), X, Y), [0.298371109])


def test_backward():
    parameters = start()
    back = backward(NETWORK, parameters, forward(NETWORK, parameters, X), Y)
    assert_nine_digits(back.dZ[2], [0.138498562, -0.038098237])
    assert_nine_digits(back.dZ[1], [0.008771355, 0.009954255])
    assert_nine_digits(back.gradients["W2"][0, 0], [0.082167041])
    assert_nine_digits(back.gradients["W1"][0, 0], [0.000438568])


def test_one_step():
    parameters = train(1)
    w5_to_w8 = [0.358916480, 0.408666186, 0.511301270, 0.561370121]
    assert_nine_digits(parameters["W2"].T, w5_to_w8)
    w1_to_w4 = [0.149780716, 0.199561432, 0.249751144, 0.299502287]
    assert_nine_digits(parameters["W1"].T, w1_to_w4)
    assert_nine_digits(NETWORK.cost(parameters, X, Y), [0.291027774])


def test_ten_thousand_steps():
    parameters = train(10_000)
    assert NETWORK.cost(parameters, X, Y) == pytest.approx(3.510188e-5, abs=5e-12)
    assert_nine_digits(NETWORK.predict(parameters, X), [0.015913620, 0.984064274])


def test_one_step_with_a_bias_for_each_unit():
    parameters = train(1, moving=tuple(start()))
    assert_nine_digits(NETWORK.cost(parameters, X, Y), [0.280471447])


def test_one_step_with_one_bias_shared_by_the_units_of_a_layer():
    parameters = start()
    _, gradients = NETWORK.cost_and_gradients(parameters, X, Y)
    for name in ("b1", "b2"):
        gradients[name][...] = gradients[name].sum()
    parameters.vector -= ETA * gradients.vector
    assert_nine_digits(NETWORK.cost(parameters, X, Y), [0.285750887])


def test_the_published_numbers_come_from_weights_updated_too_early():
    published_cost, published_outputs = 0.291027924, [0.015912196, 0.984065734]
    assert_nine_digits(NETWORK.cost(train_with_updated_weights(1), X, Y), [published_cost])
    assert NETWORK.cost(train(1), X, Y) != pytest.approx(published_cost, abs=1e-7)
    outputs = NETWORK.predict(train_with_updated_weights(10_000), X)
    assert_nine_digits(outputs, published_outputs)
    assert np.abs(outputs - [0.015913620, 0.984064274]).min() > 1e-6
