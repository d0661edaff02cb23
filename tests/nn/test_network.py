"""Network: what it settles, what it refuses, what it accepts."""

import json
import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import scipy.sparse

from chainrule import L2, Network, Parameters
from chainrule.errors import ParameterError, ShapeError
from chainrule.nn.propagation import backward, cost, forward, forward_output
from helpers.cases import WEIGHT, network_of, point, random_parameters
from helpers.gradients import relative_error


@pytest.mark.parametrize(
    ("given", "output", "loss"),
    [
        ({}, "identity", "half_squared_error"),
        ({"loss": "binary_cross_entropy"}, "sigmoid", "binary_cross_entropy"),
        ({"loss": "categorical_cross_entropy"}, "softmax", "categorical_cross_entropy"),
        ({"loss": "poisson"}, "exponential", "poisson"),
        ({"loss": "squared_error"}, "identity", "squared_error"),
        ({"output": "sigmoid"}, "sigmoid", "binary_cross_entropy"),
        ({"output": "logistic"}, "sigmoid", "binary_cross_entropy"),
        ({"output": "softmax"}, "softmax", "categorical_cross_entropy"),
        ({"output": "exponential"}, "exponential", "poisson"),
        ({"output": "tanh"}, "tanh", "half_squared_error"),
        ({"output": "sigmoid", "loss": "squared_error"}, "sigmoid", "squared_error"),
    ],
)
def test_the_output_and_the_loss_settle_each_other(given, output, loss):
    network = Network((2, 1), **given)
    assert (network.output, network.loss) == (output, loss)
    assert network.loss_function.name == loss
    assert [g.name for g in network.activations] == [output]


def test_hidden_activations():
    assert Network((2, 3, 3, 1), "relu").hidden == ("relu", "relu")
    assert Network((2, 3, 3, 1), ["logistic", "tanh"]).hidden == ("sigmoid", "tanh")
    assert Network((2, 1), "relu").hidden == ()
    names = [g.name for g in Network((2, 3, 3, 1), ("elu", "gelu"), output="sigmoid").activations]
    assert names == ["elu", "gelu", "sigmoid"]
    assert Network((2, 3, 3, 1)).depth == 3


def test_it_is_a_value():
    network = Network([2, np.int64(3), 1], "logistic", loss="binary_cross_entropy")
    same = Network((2, 3, 1), ("sigmoid",), "sigmoid", cost_scale=1)
    assert network == same
    assert hash(network) == hash(same)
    assert network != replace(network, reduction="sum")
    assert network != replace(network, penalty=L2(0.1))
    assert network.activations  # cached, which must disturb neither equality nor the pickle
    assert network == same
    back = pickle.loads(pickle.dumps(replace(network, penalty=L2(0.1))))
    assert back == replace(network, penalty=L2(0.1))
    assert back.init(0) == network.init(0)
    assert type(network.sizes[1]) is int
    with pytest.raises(FrozenInstanceError):
        network.reduction = "sum"
    with pytest.raises(FrozenInstanceError):
        network.something = 1


BAD_NETWORKS = [
    ({"sizes": 3}, "sizes must be a sequence such as"),
    ({"sizes": (3,)}, "sizes needs at least the inputs and the outputs"),
    ({"sizes": ()}, "sizes needs at least"),
    ({"sizes": (3, 0, 1)}, r"sizes\[1\] must be a positive whole number, not 0"),
    ({"sizes": (3, 2, -1)}, r"sizes\[2\] must be a positive whole number, not -1"),
    ({"sizes": (3.0, 2, 1)}, r"sizes\[0\] must be a positive whole number, not 3.0"),
    ({"sizes": (3, True, 1)}, r"sizes\[1\] must be a positive whole number, not True"),
    ({"sizes": "341"}, r"sizes\[0\] must be a positive whole number, not '3'"),
    ({"hidden": "sigmiod"}, "unknown activation 'sigmiod': did you mean 'sigmoid'"),
    ({"sizes": (2, 1), "hidden": "rellu"}, "unknown activation 'rellu': did you mean 'relu'"),
    ({"hidden": ("tanh", "tanh")}, "2 hidden activations for 1 hidden layers"),
    ({"hidden": ()}, "0 hidden activations for 1 hidden layers"),
    ({"hidden": ("tahn",)}, "unknown activation 'tahn': did you mean 'tanh'"),
    ({"hidden": (3,)}, "unknown activation 3"),
    ({"hidden": None}, "hidden must be a name or a sequence of names, not None"),
    ({"hidden": 3}, "hidden must be a name or a sequence of names, not 3"),
    ({"hidden": "exponential"}, "'exponential' is an output activation, not a hidden one"),
    ({"output": "sofmax"}, "unknown activation 'sofmax': did you mean 'softmax'"),
    ({"output": 3}, "unknown activation 3"),
    ({"loss": "squared_eror"}, "unknown loss 'squared_eror': did you mean 'squared_error'"),
    ({"output": "tanh", "loss": "mse"}, "unknown loss 'mse'"),
    (
        {"output": "tanh", "loss": "binary_cross_entropy"},
        "'binary_cross_entropy' needs output 'sigmoid', not 'tanh'; with 'tanh' take 'half_squared",
    ),
    (
        {"output": "softmax", "loss": "binary_cross_entropy"},
        "needs output 'sigmoid', not 'softmax'; with 'softmax' take 'categorical_cross_entropy'",
    ),
    ({"output": "sigmoid", "loss": "categorical_cross_entropy"}, "needs output 'softmax'"),
    ({"output": "identity", "loss": "poisson"}, "'poisson' needs output 'exponential'"),
    ({"reduction": "avg"}, "unknown reduction 'avg': .*The known ones are: mean, sum"),
    ({"reduction": None}, "unknown reduction None"),
    ({"penalty": 0.1}, "penalty must be an L2 or None, not 0.1"),
    ({"parametrization": "nkt"}, "unknown parametrization 'nkt': did you mean 'ntk'"),
    ({"parametrization": None}, "unknown parametrization None"),
    ({"parametrization": ["ntk"]}, "unknown parametrization"),
    ({"input_scale": 1}, "input_scale must be True or False, not 1"),
    ({"input_scale": "yes"}, "input_scale must be True or False, not 'yes'"),
    ({"shared_weights": None}, "shared_weights must be True or False, not None"),
    ({"members": 0}, "members must be a whole number of at least 1, not 0"),
    ({"members": -1}, "members must be a whole number of at least 1, not -1"),
    ({"members": 2.0}, "members must be a whole number of at least 1, not 2.0"),
    ({"members": True}, "members must be a whole number of at least 1, not True"),
    ({"members": "2"}, "members must be a whole number of at least 1, not '2'"),
    ({"cost_scale": 0}, "cost_scale must be a finite number above 0, not 0"),
    ({"cost_scale": -1.0}, "cost_scale must be a finite number above 0"),
    ({"cost_scale": np.inf}, "cost_scale must be a finite number above 0, not inf"),
    ({"cost_scale": np.nan}, "cost_scale must be a finite number above 0, not nan"),
    ({"cost_scale": "2"}, "cost_scale must be a finite number above 0, not '2'"),
    ({"cost_scale": True}, "cost_scale must be a finite number above 0, not True"),
    (
        {"loss": "binary_cross_entropy", "label_smoothing": 1.0},
        "label_smoothing must be a number",
    ),
    (
        {"loss": "binary_cross_entropy", "label_smoothing": -0.1},
        "label_smoothing must be a number",
    ),
    (
        {"loss": "binary_cross_entropy", "label_smoothing": None},
        "label_smoothing must be a number",
    ),
    ({"loss": "poisson", "label_smoothing": 0.1}, "label_smoothing needs a cross-entropy; .*poiss"),
]


@pytest.mark.parametrize(("given", "message"), BAD_NETWORKS)
def test_what_is_no_network(given, message):
    with pytest.raises(ParameterError, match=message):
        Network(**({"sizes": (3, 4, 1)} | given))


NETWORK = Network((3, 4, 2), loss="binary_cross_entropy")
X, Y = np.ones((5, 3)), np.zeros((5, 2))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"X": np.ones(3)}, ShapeError, r"X must have two dimensions.*not shape \(3,\)"),
        ({"X": np.ones((5, 3, 1))}, ShapeError, "X must have two dimensions"),
        ({"X": 1.0}, ShapeError, r"X must have two dimensions.*not shape \(\)"),
        ({"X": np.ones((5, 4))}, ShapeError, "X has 4 columns, the network has 3 inputs"),
        ({"X": np.ones((3, 5))}, ShapeError, "X has 5 columns, the network has 3 inputs"),
        ({"X": np.ones((0, 3))}, ShapeError, "X has no rows"),
        ({"X": [[1, 2, 3], [1]]}, ShapeError, "X is not an array: its rows differ in length"),
        ({"X": [["a", "b", "c"]] * 5}, ParameterError, "X must hold numbers alone.*'a'"),
        ({"X": [[1, None, {}]] * 5}, ParameterError, "X must hold numbers alone"),
        ({"Y": np.zeros(5)}, ShapeError, r"Y has shape \(5,\); 5 .* 2 outputs need \(5, 2\)"),
        ({"Y": np.zeros((4, 2))}, ShapeError, r"Y has shape \(4, 2\); 5 observations"),
        ({"Y": np.zeros((2, 5))}, ShapeError, r"Y has shape \(2, 5\)"),
        ({"Y": np.zeros((5, 1))}, ShapeError, r"Y has shape \(5, 1\)"),
        ({"Y": 0.0}, ShapeError, r"Y has shape \(\)"),
        ({"Y": [[1, 0], [1]]}, ShapeError, "Y is not an array: its rows differ in length"),
        ({"Y": [["yes", "no"]] * 5}, ParameterError, "Y must hold numbers alone.*'yes'"),
        ({"Y": np.full((5, 2), 2.0)}, ParameterError, r"Y\[0, 0\] is 2.0: targets of binary_cross"),
        ({"Y": np.full((5, 2), np.nan)}, ParameterError, r"Y\[0, 0\] is nan: .*in \[0, 1\]"),
        ({"w": np.ones(4)}, ShapeError, r"observation_weight has shape \(4,\); 5 .* need \(5,\)"),
        ({"w": np.ones((5, 1))}, ShapeError, r"observation_weight has shape \(5, 1\)"),
        ({"w": 1.0}, ShapeError, r"observation_weight has shape \(\)"),
        ({"w": [1, 1, -1, 1, 1]}, ParameterError, r"observation_weight\[2\] is -1.0: it must be"),
        ({"w": [1, 1, 1, np.nan, 1]}, ParameterError, r"observation_weight\[3\] is nan"),
        ({"w": [1, np.inf, 1, 1, 1]}, ParameterError, r"observation_weight\[1\] is inf.*finite"),
        ({"w": ["a"] * 5}, ParameterError, "observation_weight must hold numbers alone"),
        ({"w": np.zeros(5)}, ParameterError, "every observation weight is 0"),
        ({"parameters": random_parameters((3, 5, 2), 0)}, ShapeError, r"\(3, 5, 2\), this one has"),
    ],
)
def test_what_does_not_fit_the_network(change, error, message):
    given = {"parameters": NETWORK.init(0), "X": X, "Y": Y, "w": None} | change
    for method in (NETWORK.cost, NETWORK.cost_and_gradients):
        with pytest.raises(error, match=message):
            method(*given.values())


def test_prediction_checks_the_inputs_and_the_parameters():
    with pytest.raises(ShapeError, match="X has 4 columns"):
        NETWORK.predict(NETWORK.init(0), np.ones((5, 4)))
    with pytest.raises(ShapeError, match="belong to a network of sizes"):
        NETWORK.forward(Network((3, 2)).init(0), X)
    assert NETWORK.predict(NETWORK.init(0), np.ones((0, 3))).shape == (0, 2)


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "poisson", "squared_error"])
def test_a_column_of_targets_may_be_flat_and_never_broadcasts(loss):
    network = Network((3, 4, 1), loss=loss)
    parameters = random_parameters(network.sizes, 0)
    X = np.random.RandomState(0).normal(size=(5, 3))
    y = np.array([0.0, 1, 1, 0, 1])
    flat, column = (network.cost_and_gradients(parameters, X, Y) for Y in (y, y[:, np.newaxis]))
    assert flat[0].shape == ()
    assert flat[0] == column[0]
    assert flat[1] == column[1]
    assert flat[0] == network.cost(parameters, X, y.tolist())
    A = network.predict(parameters, X)
    assert A.shape == (5, 1)
    losses = network.loss_function.value(A, y[:, np.newaxis])
    assert losses.shape == (5,)
    assert flat[0] == pytest.approx(losses.mean(), rel=1e-13)
    with pytest.raises(ShapeError, match=r"Y has shape \(1, 5\)"):
        network.cost(parameters, X, y[np.newaxis])


@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize(
    "form", ["csr_matrix", "csr_array", "csc_array", "coo_array", "coo_matrix"]
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_sparse_inputs_give_the_same_results(form, dtype, weight):
    network = network_of("relu", "softmax", "categorical_cross_entropy", 2, penalty=L2(0.1))
    parameters, X, Y = point(network)
    X = np.where(np.abs(X) > 0.5, np.round(4 * X) / (1 if dtype == np.int64 else 4), 0)
    sparse = getattr(scipy.sparse, form)(X.astype(dtype))
    J, gradients = network.cost_and_gradients(parameters, sparse, Y, weight)
    K, truth = network.cost_and_gradients(parameters, X, Y, weight)
    assert pytest.approx(K, rel=1e-14) == J
    np.testing.assert_allclose(gradients.vector, truth.vector, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(
        network.predict(parameters, sparse), network.predict(parameters, X), rtol=1e-13
    )
    with pytest.raises(ShapeError, match="X has 5 columns"):
        network.predict(parameters, sparse.T)


@pytest.mark.parametrize("form", ["csr_matrix", "csr_array"])
def test_sparse_inputs_with_dropout(form):
    """As many rows as columns, so that a matrix product in place of ⊙ would go unnoticed."""
    network = network_of("tanh", "sigmoid", "binary_cross_entropy", 1)
    parameters, X, Y = point(network, m=3)
    masks = [np.array([[2.0, 0, 2], [0, 2, 2], [2, 2, 0]]), None]
    dense, sparse = (
        backward(network, parameters, forward(network, parameters, inputs, masks), Y).gradients
        for inputs in (X, getattr(scipy.sparse, form)(X))
    )
    np.testing.assert_allclose(sparse.vector, dense.vector, rtol=1e-13)


def test_many_rows_are_predicted_in_blocks():
    network = network_of("softmax", "sigmoid", "binary_cross_entropy", 2, penalty=L2(0.1))
    parameters, X, Y = point(network, m=23)
    whole = forward(network, parameters, X).output
    for inputs in (X, scipy.sparse.csr_array(X), scipy.sparse.csr_matrix(X)):
        for rows in (1, 5, 23, 24):
            output = forward_output(network, parameters, inputs, rows=rows)
            np.testing.assert_allclose(output.Z, whole.Z, rtol=1e-12, atol=1e-14)
            np.testing.assert_allclose(output.A, whole.A, rtol=1e-12, atol=1e-14)
            J = cost(network, parameters, output, Y)
            assert pytest.approx(cost(network, parameters, whole, Y), rel=1e-13) == J


def test_a_network_as_plain_values():
    network = Network(
        (2, 3, 1),
        "relu",
        loss="binary_cross_entropy",
        penalty=L2(np.float32(0.5), "full", True),
        cost_scale=np.float32(2),
        label_smoothing=0.1,
    )
    for each in (network, Network((np.int64(2), 1))):
        text = json.dumps(each.to_dict())
        assert Network.from_dict(json.loads(text)) == each
    with pytest.raises(ParameterError, match="unknown loss 'mse'"):
        Network.from_dict(network.to_dict() | {"loss": "mse"})


def test_a_missing_input_shows_in_the_cost():
    network = Network((2, 3, 1), "relu", loss="binary_cross_entropy")
    assert np.isnan(network.cost(network.init(0), [[1.0, np.nan]], [1.0]))


def test_reduction_and_scale_never_touch_the_penalty():
    parameters, X, Y = point(Network((3, 4, 1)))
    plain = Network((3, 4, 1), penalty=L2(0.3))
    J = {s: replace(plain, cost_scale=s).cost(parameters, X, Y) for s in (1.0, 3.0)}
    data = Network((3, 4, 1)).cost(parameters, X, Y)
    assert relative_error(J[3.0] - J[1.0], 2 * data) < 1e-13
    total = replace(plain, reduction="sum").cost(parameters, X, Y)
    assert relative_error(total - J[1.0], 4 * data) < 1e-13


def test_the_activations_are_returned_in_order():
    network = Network((3, 4, 2), "tanh")
    parameters, X, Y = point(network)
    A = network.forward(parameters, X)
    assert [a.shape for a in A] == [(5, 3), (5, 4), (5, 2)]
    np.testing.assert_array_equal(A[-1], network.predict(parameters, X))
    record = forward(network, parameters, X)
    assert network.cost(parameters, X, Y) == cost(network, parameters, record.output, Y)


def test_parameters_of_the_wrong_type():
    with pytest.raises(ParameterError, match="parameters must be a Parameters, not a dict"):
        NETWORK.predict(dict(NETWORK.init(0)), X)
    assert isinstance(NETWORK.init(0), Parameters)


def test_a_network_says_what_its_weights_are_made_of():
    assert Network((2, 3, 1)).is_plain
    for options in ({"input_scale": True}, {"parametrization": "ntk"}, {"members": 2}):
        network = Network((2, 3, 1), **options)
        assert not network.is_plain
        assert Network.from_dict(json.loads(json.dumps(network.to_dict()))) == network
        assert network != Network((2, 3, 1))
        back = pickle.loads(pickle.dumps(network))
        assert back.layout == network.layout
    settled = Network((2, 3, 1), input_scale=np.bool_(True), members=np.int64(2))
    assert settled == Network((2, 3, 1), input_scale=True, members=2)
    assert type(settled.members) is int
    assert type(settled.input_scale) is bool


def test_parameters_of_another_layout_are_refused():
    plain, scaled = Network((2, 1)), Network((2, 1), input_scale=True)
    with pytest.raises(
        ShapeError, match="the parameters are W1, b1; this network has scale, W1, b1"
    ):
        scaled.predict(plain.init(0), [[1.0, 2.0]])
    with pytest.raises(
        ShapeError, match="the parameters are scale, W1, b1; this network has W1, b1"
    ):
        plain.cost(scaled.init(0), [[1.0, 2.0]], [1.0])
    two, three = (Network((2, 1), members=k) for k in (2, 3))
    with pytest.raises(ShapeError, match="the parameters are W1, b1"):
        two.predict(three.init(0), [[1.0, 2.0]])
