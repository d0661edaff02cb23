"""float32 through and through, and in agreement with float64."""

import numpy as np
import pytest

from chainrule.nn import INITIALIZERS, L2, Network, Parameters
from chainrule.nn.propagation import backward, cost, forward
from helpers.cases import CROSS_ENTROPIES, HIDDEN, PAIRS, SIZES, WEIGHT, network_of, point
from helpers.gradients import relative_error
from helpers.product import PENALTIES


def run(network, parameters, X, Y, weight, masks, dtype):
    """Return every array of a forward and a backward pass in `dtype`, by name."""
    parameters = Parameters(parameters.sizes, parameters.vector.astype(dtype))
    X, Y = X.astype(dtype), Y.astype(dtype)
    weight = None if weight is None else weight.astype(dtype)
    masks = None if masks is None else [None if M is None else M.astype(dtype) for M in masks]
    record = forward(network, parameters, X, masks)
    back = backward(network, parameters, record, Y, weight, input_gradient=True)
    arrays = {
        "J": cost(network, parameters, record.output, Y, weight),
        "vector": back.gradients.vector,
    }
    for kind, values in (("Z", record.Z), ("A", record.A), ("dZ", back.dZ), ("dA", back.dA)):
        arrays |= {f"{kind}{layer}": V for layer, V in enumerate(values) if V is not None}
    return arrays | {f"d{name}": V for name, V in back.gradients.items()}


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("output", "loss"), PAIRS)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_array_is_float32_and_right(hidden, output, loss, masked):
    # Float64 scalars among the options must not leak into the arrays either.
    smoothing = np.float64(0.1) if loss in CROSS_ENTROPIES else 0.0
    rng = np.random.RandomState(0)
    masks = [(rng.rand(5, n) < 0.8) / 0.8 for n in SIZES[2][:-1]] if masked else None
    start = HIDDEN.index(hidden) + PAIRS.index((output, loss))
    for number in (start, start + 1, start + 3):
        network = network_of(
            hidden,
            output,
            loss,
            2,
            penalty=PENALTIES[number % len(PENALTIES)],
            reduction=("mean", "sum")[number % 2],
            cost_scale=np.float64(0.5),
            label_smoothing=smoothing,
        )
        weight = WEIGHT if number % 3 else None
        args = (network, *point(network), weight, masks)
        single, double = run(*args, np.float32), run(*args, np.float64)
        assert {V.dtype for V in single.values()} == {np.dtype(np.float32)}
        assert {V.dtype for V in double.values()} == {np.dtype(np.float64)}
        assert relative_error(single["vector"], double["vector"]) < 3e-6
        for name, V in double.items():  # the terms of a db may cancel: one digit less
            assert relative_error(single[name], V) < 2e-5, name


def test_the_public_methods_cast_what_they_are_given():
    """Lists, integers and float64 arrays become float32 where the parameters are float32."""
    penalty = L2(np.float64(0.1), "half_mean", True)
    network = Network((2, 3, 1), loss="binary_cross_entropy", penalty=penalty)
    parameters = network.init(0, dtype=np.float32)
    X, Y, w = [[1, 2], [3, 4]], np.array([0, 1]), np.array([1.0, 2.0])
    J, gradients = network.cost_and_gradients(parameters, X, Y, w)
    assert J.dtype == gradients.dtype == network.cost(parameters, X, Y, w).dtype == np.float32
    assert {A.dtype for A in network.forward(parameters, X)} == {np.dtype(np.float32)}
    assert network.predict(parameters, X).dtype == np.float32


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_initial_parameters_are_those_of_float64_rounded(initializer):
    network = Network((5, 4, 3))
    single = network.init(3, initializer, np.float32)
    assert single.dtype == np.float32
    double = network.init(3, initializer)
    np.testing.assert_array_equal(single.vector, double.vector.astype(np.float32))
