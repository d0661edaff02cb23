"""Initial parameters: scikit-learn's numbers, and the moments of the other distributions."""

import warnings
from itertools import pairwise

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from chainrule import Network
from chainrule.errors import ParameterError
from chainrule.nn import INITIALIZERS

SKLEARN = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}


@pytest.mark.parametrize("hidden", SKLEARN)
def test_the_documented_draws(hidden):
    """Uniform in ±√(6/(n_in + n_out)), ±√(2/…) for the sigmoid; W before b, layer by layer."""
    sizes = (7, 5, 4, 2)
    parameters = Network(sizes, hidden).init(seed=11)
    rng = np.random.RandomState(11)
    for layer, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
        bound = np.sqrt((2 if hidden == "sigmoid" else 6) / (n_in + n_out))
        W = rng.uniform(-bound, bound, (n_in, n_out))
        np.testing.assert_array_equal(parameters[f"W{layer}"], W)
        np.testing.assert_array_equal(parameters[f"b{layer}"][0], rng.uniform(-bound, bound, n_out))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("hidden", SKLEARN)
@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_scikit_learn_starts_from_the_same_numbers(estimator, hidden, dtype):
    """Fitted with a learning rate of 1e−300, scikit-learn's network is its initial one."""
    X = np.random.RandomState(0).normal(size=(20, 7)).astype(dtype)
    y = np.arange(20) % 2
    model = estimator(
        hidden_layer_sizes=(5, 4),
        activation=SKLEARN[hidden],
        solver="sgd",
        learning_rate_init=1e-300,
        max_iter=1,
        random_state=42,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y.astype(dtype) if estimator is MLPRegressor else y)
    parameters = Network((7, 5, 4, 1), hidden).init(seed=42, dtype=dtype)
    for layer in (1, 2, 3):
        assert model.coefs_[layer - 1].dtype == dtype
        np.testing.assert_array_equal(parameters[f"W{layer}"], model.coefs_[layer - 1])
        np.testing.assert_array_equal(parameters[f"b{layer}"][0], model.intercepts_[layer - 1])


@pytest.mark.parametrize(
    ("initializer", "variance"),
    [
        ("glorot_uniform", 2 / (300 + 200)),
        ("glorot_normal", 2 / (300 + 200)),
        ("he_normal", 2 / 300),
        ("lecun_normal", 1 / 300),
    ],
)
def test_moments(initializer, variance):
    parameters = Network((300, 200)).init(seed=0, initializer=initializer)
    W = parameters["W1"].ravel()  # 60,000 draws: the bounds are five standard errors or more
    assert abs(W.mean()) < 5 * np.sqrt(variance / W.size)
    assert W.var() / variance == pytest.approx(1, abs=5 * np.sqrt(2 / W.size))
    kurtosis = (W**4).mean() / W.var() ** 2
    assert kurtosis == pytest.approx(1.8 if initializer == "glorot_uniform" else 3.0, abs=0.1)
    if initializer == "glorot_uniform":
        assert np.abs(W).max() <= np.sqrt(6 / 500)
        assert parameters["b1"].var() / variance == pytest.approx(1, abs=0.5)
    else:
        assert not parameters["b1"].any()


def test_the_last_hidden_activation_decides_for_the_output_layer():
    sizes = (100, 100, 100)
    sigmoid, relu = Network(sizes, "sigmoid"), Network(sizes, "relu")
    thrice = sigmoid.init(0).vector * np.sqrt(3)
    np.testing.assert_allclose(thrice, relu.init(0).vector, rtol=0, atol=1e-15)
    mixed = Network((100, 100, 100, 100), ("relu", "sigmoid")).init(0)
    assert np.abs(mixed["W1"]).max() > np.sqrt(5 / 200)
    assert np.abs(mixed["W2"]).max() <= np.sqrt(2 / 200)
    assert np.abs(mixed["W3"]).max() <= np.sqrt(2 / 200)


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_the_seed_decides(initializer):
    network = Network((4, 3, 2))
    assert network.init(1, initializer) == network.init(1, initializer)
    assert network.init(1, initializer) != network.init(2, initializer)
    assert network.init(None, initializer) != network.init(None, initializer)
    state = np.random.RandomState(1)
    assert network.init(state, initializer) == network.init(1, initializer)
    assert network.init(state, initializer) != network.init(1, initializer)  # it has moved on
    one, other = (network.init(np.random.default_rng(1), initializer) for _ in range(2))
    assert one == other
    assert one != network.init(1, initializer)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("he_norml", "unknown initializer 'he_norml': did you mean 'he_normal'"),
        ("xyz", "unknown initializer 'xyz': The known ones are: glorot_uniform, glorot_normal"),
        (["he_normal"], "unknown initializer"),
        (None, "unknown initializer None"),
    ],
)
def test_an_unknown_initializer(given, message):
    with pytest.raises(ParameterError, match=message):
        Network((2, 1)).init(0, initializer=given)


@pytest.mark.parametrize("dtype", [int, bool, np.uint8])
def test_weights_are_not_rounded_to_whole_numbers(dtype):
    with pytest.raises(ParameterError, match="dtype must be float32 or float64, not"):
        Network((2, 1)).init(0, dtype=dtype)


@pytest.mark.parametrize("seed", ["a", -1, 2**40, 1.5])
def test_a_bad_seed_is_named(seed):
    with pytest.raises(ParameterError, match=f"a seed must be .* not {seed!r}"):
        Network((2, 1)).init(seed=seed)
