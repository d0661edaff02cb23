"""Coursera "Machine Learning" (Ng), exercise 4: the tiny test case and `checkNNGradients`.

Sigmoid in both layers, binary cross-entropy summed over the outputs, a mean over m, and a penalty
(λ/2m) Σ W² without the biases. Theta_l is (n_l, n_{l−1} + 1), its first column the biases, and all is
unrolled column by column.
"""

import numpy as np
import pytest

from chainrule import L2, Network, Parameters


def parameters_of(*thetas):
    arrays = {}
    for layer, theta in enumerate(thetas, start=1):
        arrays |= {f"W{layer}": theta[:, 1:].T, f"b{layer}": theta[:, 0]}
    return Parameters.from_arrays(arrays)


def unrolled(parameters):
    thetas = (np.hstack([parameters[f"b{layer}"].T, parameters[f"W{layer}"].T]) for layer in (1, 2))
    return np.concatenate([theta.ravel(order="F") for theta in thetas])


def network_of(sizes, strength):
    penalty = L2(strength, scale="half_mean") if strength else None
    return Network(sizes, "sigmoid", loss="binary_cross_entropy", penalty=penalty)


# fmt: off
GRADIENT = np.array([
    0.766138370, 0.979896866, -0.027539616, -0.035844209, -0.024928783, -0.053861694,
    0.883417208, 0.568762345, 0.584667662, 0.598139237, 0.459313549, 0.344618183,
    0.256313331, 0.311885063, 0.478336623, 0.368920407, 0.259770622, 0.322330889,
])
PENALIZED = {  # λ = 4, by entry counted from 1; the rest is as it was
    3: [0.372460384, 0.497489124, 0.641737884, 0.746138306],
    11: [1.925980216, 1.944618183, 1.989646665, 2.178551730,
         2.478336623, 2.502253740, 2.526437289, 2.722330889],
}
# fmt: on


@pytest.mark.parametrize(("strength", "J"), [(0, 7.406969856), (4, 19.473636523)])
def test_the_tiny_case(strength, J):
    numbers = np.arange(1, 19) / 10
    parameters = parameters_of(
        numbers[:6].reshape((2, 3), order="F"), numbers[6:].reshape((4, 3), order="F")
    )
    X = np.cos([[1, 2], [3, 4], [5, 6]])
    Y = np.eye(4)[np.array([4, 2, 3]) - 1]
    cost, gradients = network_of((2, 2, 4), strength).cost_and_gradients(parameters, X, Y)
    assert cost == pytest.approx(J, abs=5.1e-10)
    want = GRADIENT.copy()
    if strength:
        for first, entries in PENALIZED.items():
            want[first - 1 : first - 1 + len(entries)] = entries
    np.testing.assert_allclose(unrolled(gradients), want, rtol=0, atol=5.1e-10)


@pytest.mark.parametrize(("strength", "J"), [(0, 2.100950570), (3, 2.146359815)])
def test_check_nn_gradients(strength, J):
    def filled(*shape):
        return (np.sin(np.arange(1, shape[0] * shape[1] + 1)) / 10).reshape(shape, order="F")

    parameters = parameters_of(filled(5, 4), filled(3, 6))
    Y = np.eye(3)[np.arange(1, 6) % 3]  # y = 1 + mod(1..m, 3)
    cost = network_of((3, 5, 3), strength).cost(parameters, filled(5, 3), Y)
    assert cost == pytest.approx(J, abs=5.1e-10)
