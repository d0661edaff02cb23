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
        ("normal", 1.0),
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
    if initializer in ("glorot_uniform", "normal"):
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


# ------------------------------------------------------------- scales, ensembles, output layers of zero

SIZES = (6, 5, 4, 3)


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_an_input_scale_draws_nothing(initializer):
    """The scale is 1, and the rest is what the plain network starts from."""
    plain = Network(SIZES).init(3, initializer)
    for parametrization in ("standard", "ntk"):
        network = Network(SIZES, input_scale=True, parametrization=parametrization)
        parameters = network.init(3, initializer)
        assert (parameters["scale"] == 1).all()
        np.testing.assert_array_equal(parameters.vector[6:], plain.vector)
        assert parameters == network.init(3, initializer)


@pytest.mark.parametrize("initializer", INITIALIZERS)
@pytest.mark.parametrize("options", [{}, {"input_scale": True}, {"members": 3}], ids=str)
def test_an_output_layer_of_zero(initializer, options):
    """W_L and b_L are 0; nothing else is, and the stream of numbers goes on as it would."""
    network = Network(SIZES, **options)
    rng, twin = np.random.RandomState(5), np.random.RandomState(5)
    usual, zero = network.init(rng, initializer), network.init(twin, initializer, zero_output=True)
    for name in usual:
        if name in ("W3", "b3"):
            assert not zero[name].any()
        else:
            np.testing.assert_array_equal(zero[name], usual[name])
    assert usual["W3"].all()
    assert rng.randint(2**31) == twin.randint(2**31)
    X = np.random.RandomState(0).normal(size=(9, 6))
    for record in (network.forward(zero, X)[-1], network.predict(zero, X)):
        assert not record.any()  # the output is the identity
    linear = Network((4, 2), **options).init(0, initializer, zero_output=True)
    assert not any(linear[name].any() for name in linear if name[0] in "Wb")


@pytest.mark.parametrize("scale", [False, True])
def test_members_that_share_weights_differ_by_signs(scale):
    """Factors of 1, but for those of the inputs: +1 or −1, both equally likely."""
    network = Network((400, 5, 4, 3), members=50, input_scale=scale)
    parameters = network.init(0)
    for name, V in parameters.items():
        if name[0] in "RS" and name != "R1":
            assert (V == 1).all(), name
    signs = parameters["R1"]
    assert (np.abs(signs) == 1).all()
    assert abs(signs.mean()) < 5 / np.sqrt(signs.size)
    assert len({tuple(row) for row in signs}) == 50
    assert np.abs(signs.mean(axis=0)).max() < 1  # no input has one sign for all
    heads = parameters["W3"]
    assert heads.shape == (50, 4, 3)
    assert len({V.tobytes() for V in heads}) == 50
    biases = network.init(0, "normal")["b1"]
    assert biases.shape == (50, 5)
    assert len({V.tobytes() for V in biases}) == 50
    assert not (network.init(1)["R1"] == signs).all()


def test_members_that_share_nothing_are_drawn_each_by_itself():
    network = Network((300, 200), members=3, shared_weights=False)
    for initializer, variance in (
        ("he_normal", 2 / 300),
        ("glorot_uniform", 2 / 500),
        ("normal", 1),
    ):
        W = network.init(0, initializer)["W1"]
        assert W.shape == (3, 300, 200)
        for own in W:  # the fan is that of one member
            assert own.var() / variance == pytest.approx(1, abs=5 * np.sqrt(2 / own.size))
        assert abs(np.corrcoef(W.reshape(3, -1))[0, 1]) < 5 / np.sqrt(60_000)


def test_ntk_with_normal_weights_has_outputs_of_order_one():
    """Of any width: Var(Z) = 1 + E[A²], which is 1.6 or so for tanh; without the NTK it is n."""
    X = np.random.RandomState(0).normal(size=(400, 50))
    for width in (10, 1000):
        network = Network((50, width, 1), "tanh", parametrization="ntk")
        Z = [network.forward(network.init(seed, "normal"), X)[-1] for seed in range(40)]
        assert 1 < np.var(np.hstack(Z)) < 2.5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_parametrization_starts_in_the_precision_asked_for(dtype):
    network = Network(SIZES, input_scale=True, parametrization="ntk", members=2)
    parameters = network.init(0, "normal", dtype, zero_output=True)
    assert parameters.dtype == dtype
    assert parameters.layout == network.layout
    rounded = network.init(0, "normal", zero_output=True).vector.astype(dtype)
    np.testing.assert_array_equal(parameters.vector, rounded)
