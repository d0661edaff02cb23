"""Muon: its update by another program, AdamW for what is no matrix, and whole trainings."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

import chainrule as cr
from chainrule.errors import ParameterError
from chainrule.nn import Network, PeriodicEmbedding
from chainrule.nn.parameters import Parameters
from chainrule.notices import EngineWarning
from chainrule.optim import OPTIMIZERS, AdamW, Muon
from chainrule.train import Trainer
from helpers.training import dataset

A, B, C = 3.4445, -4.7750, 2.0315


def step_of(G):
    """Return U p⁵(σ/‖σ‖) Vᵀ of one matrix."""
    U, sigma, Vt = np.linalg.svd(G, full_matrices=False)
    sigma = sigma / np.linalg.norm(sigma)
    for _ in range(5):
        sigma = A * sigma + B * sigma**3 + C * sigma**5
    return U * sigma @ Vt


NETWORKS = [
    Network((3, 8, 4, 2)),
    Network((3, 8, 4, 2), embedding=PeriodicEmbedding(2, 4)),
    Network((3, 5, 2), members=2, shared_weights=False),
    Network((3, 5, 4, 2), members=2, input_scale=True),
    Network((3, 2)),
]


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: f"{n.sizes} {n.members}")
def test_the_update(network):
    """The matrices of hidden layers by Muon, matrix by matrix; all else exactly as AdamW has it."""
    settings = {"beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-7, "weight_decay": 0.3}
    muon = Muon(0.01, **settings, matrix_rate=5.0, matrix_momentum=0.9)
    adamw = AdamW(0.01, **settings)
    muon.bind(network.layout)
    hidden = [f"W{layer}" for layer in range(1, network.depth)]
    assert [place.name for place in muon.matrices] == hidden
    theta = network.init(0)
    other, want = theta.copy(), theta.copy()
    momentum = Parameters.zeros(network.layout)
    rng = np.random.RandomState(1)
    for _ in range(4):
        G = Parameters(network.layout, rng.normal(size=theta.vector.size))
        muon.update(theta.vector, G.vector)
        adamw.update(other.vector, G.vector)
        for name in hidden:
            momentum[name][...] = 0.9 * momentum[name] + 0.1 * G[name]
            ahead = 0.1 * G[name] + 0.9 * momentum[name]
            shape = (-1, *ahead.shape[-2:])
            steps = np.array([step_of(one) for one in ahead.reshape(shape)]).reshape(ahead.shape)
            scale = np.sqrt(max(1, ahead.shape[-1] / ahead.shape[-2]))
            want[name][...] = (1 - 0.05 * 0.3) * want[name] - 0.05 * scale * steps
    for name in theta:
        if name in hidden:
            np.testing.assert_allclose(theta[name], want[name], rtol=1e-10, atol=1e-12)
        else:
            np.testing.assert_array_equal(theta[name], other[name])


def test_rates_of_their_own_and_frozen_matrices():
    network = Network((3, 6, 5, 2))
    start = network.init(0)
    G = Parameters(network.layout, np.random.RandomState(0).normal(size=start.vector.size))
    moved = []
    for factor in (1.0, 0.5):
        muon, theta = Muon(0.01, weight_decay=0.0), start.copy()
        muon.bind(network.layout)
        names = {name: factor if name == "W1" else 1.0 for name in theta}
        muon.update(theta.vector, G.vector, theta.mask(("W2",)), theta.spread(names))
        moved.append(theta["W1"] - start["W1"])
        np.testing.assert_array_equal(theta["W2"], start["W2"])
    np.testing.assert_allclose(moved[1], moved[0] / 2, rtol=1e-12)


def test_unbound_it_is_adamw():
    theta, other = np.linspace(-1, 1, 12), np.linspace(-1, 1, 12)
    muon, adamw = Muon(0.01), AdamW(0.01)
    for seed in range(3):
        g = np.random.RandomState(seed).normal(size=12)
        muon.update(theta, g)
        adamw.update(other, g)
    assert muon.matrices == []
    np.testing.assert_array_equal(theta, other)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_training_binds_it_and_lowers_the_cost(dtype, monkeypatch):
    monkeypatch.setenv("CHAINRULE_ENGINE", "reference")
    network = Network((4, 16, 16, 1), "relu", loss="binary_cross_entropy")
    data = dataset(200, network=network)
    theta = network.init(0, dtype=dtype)
    muon = Muon(0.002)
    history = Trainer(network, muon, batch_size=32, epochs=20, seed=0).run(theta, data)
    assert [place.name for place in muon.matrices] == ["W1", "W2"]
    assert history.cost[-1] < history.cost[0] / 2
    assert theta.dtype == dtype


def test_the_estimators_have_it(monkeypatch):
    """Both engines; the compiled one says once that Python makes the updates."""
    monkeypatch.setattr("chainrule.core.choice._said", set())
    rng = np.random.RandomState(0)
    X = rng.normal(size=(150, 4))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    settings = {"solver": "muon", "max_iter": 60, "random_state": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        with pytest.warns(EngineWarning, match="does not know the optimizer 'muon'"):
            compiled = cr.MLPClassifier((16, 16), **settings).fit(X, y)
        monkeypatch.setenv("CHAINRULE_ENGINE", "reference")
        reference = cr.MLPClassifier((16, 16), **settings).fit(X, y)
        first = cr.MLPClassifier((16, 16), **{**settings, "solver": "adamw"}).fit(X, y)
    np.testing.assert_allclose(compiled.loss_curve_, reference.loss_curve_, rtol=1e-6)
    assert reference.loss_curve_[-1] < reference.loss_curve_[0] / 2
    assert reference.loss_curve_[-1] < first.loss_curve_[-1]
    assert OPTIMIZERS["muon"] is Muon


@pytest.mark.parametrize(
    ("name", "value"), [("matrix_rate", -1.0), ("matrix_momentum", 1.0), ("matrix_momentum", -0.1)]
)
def test_a_wrong_value_is_named_and_shown(name, value):
    with pytest.raises(ParameterError, match=rf"{name} must be .*{value!r}"):
        Muon(**{name: value})
