"""Networks from scikit-learn and PyTorch: the same outputs, costs and gradients."""

import warnings
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier, MLPRegressor

import chainrule as cr
from chainrule.errors import ParameterError

X, y = load_iris(return_X_y=True)
X = X / 8


def fitted(model, target):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(X, target)


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("classes", [2, 3])
def test_a_fitted_classifier(activation, classes):
    model = fitted(MLPClassifier((4, 3), activation, max_iter=5, random_state=0, alpha=0.1),
                   y % classes)  # fmt: skip
    network, parameters = cr.from_sklearn(model)
    A = network.predict(parameters, X)
    wanted = model.predict_proba(X)
    np.testing.assert_allclose(A, wanted[:, 1:] if classes == 2 else wanted, rtol=1e-12)
    labels = y % classes
    Y = labels[:, np.newaxis] if classes == 2 else np.eye(3)[labels]
    J, gradients = network.cost_and_gradients(parameters, X, Y)
    assert_gradient_of_sklearn(model, gradients, Y, J)


def test_a_fitted_regressor_with_two_outputs():
    Y = np.column_stack([y, X[:, 0]]).astype(float)
    model = fitted(MLPRegressor(hidden_layer_sizes=(4,), max_iter=5, random_state=0, alpha=0.1), Y)
    network, parameters = cr.from_sklearn(model)
    np.testing.assert_allclose(network.predict(parameters, X), model.predict(X), rtol=1e-12)
    _, gradients = network.cost_and_gradients(parameters, X, Y)
    assert_gradient_of_sklearn(model, gradients, Y, None)


def assert_gradient_of_sklearn(model, gradients, Y, J):
    """Compare with the gradient that scikit-learn's own backward pass computes."""
    sizes = [X.shape[1], *model.hidden_layer_sizes, Y.shape[1]]
    pairs = list(pairwise(sizes))
    activations = [X] + [np.empty((len(X), n)) for n in sizes[1:]]
    deltas = [np.empty_like(A) for A in activations[1:]]
    by_W = [np.empty(shape) for shape in pairs]
    by_b = [np.empty(n) for n in sizes[1:]]
    activations = model._forward_pass(activations)
    loss, by_W, by_b = model._backprop(X, Y, None, activations, deltas, by_W, by_b)
    for layer, (W, b) in enumerate(zip(by_W, by_b, strict=True), start=1):
        np.testing.assert_allclose(gradients[f"W{layer}"], W, rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(gradients[f"b{layer}"][0], b, rtol=1e-9, atol=1e-15)
    if J is not None:
        assert pytest.approx(loss, rel=1e-12) == J


def test_our_own_estimators_bring_their_own():
    model = cr.MLPClassifier((3,), max_iter=2, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, y)
    network, parameters = cr.from_sklearn(model)
    assert network is model.network_
    assert parameters == model.parameters_
    assert parameters.vector is not model.parameters_.vector


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (MLPClassifier(), "not fitted"),
        (cr.MLPClassifier(), "not fitted"),
        (object(), "no multilayer perceptron"),
    ],
)
def test_what_is_refused(model, words):
    with pytest.raises(ParameterError, match=words):
        cr.from_sklearn(model)


# ------------------------------------------------------------- PyTorch, or what walks and quacks so


class Tensor(np.ndarray):
    """As much of a tensor as is read."""

    def detach(self):
        return self

    def cpu(self):
        return self

    def numpy(self):
        return np.asarray(self)


def module(name, **attributes):
    return type(name, (SimpleNamespace,), {})(**attributes)


def linear(n_in, n_out, bias=True, seed=0):
    rng = np.random.default_rng(seed)
    weight = rng.normal(size=(n_out, n_in)).view(Tensor)
    return module(
        "Linear", weight=weight, bias=rng.normal(size=n_out).view(Tensor) if bias else None
    )


class Sequential(list):
    """A sequence of modules."""


def test_a_sequence_of_layers():
    first, second, third = linear(3, 4), linear(4, 5, bias=False, seed=1), linear(5, 2, seed=2)
    model = Sequential([
        module("Flatten"), first, module("Tanh"), module("Dropout", p=0.5),
        Sequential([second, module("GELU", approximate="none")]), third,
    ])  # fmt: skip
    network, parameters = cr.from_torch(model, module("MSELoss", reduction="mean"))
    assert network == cr.Network((3, 4, 5, 2), ("tanh", "gelu"), "identity", "squared_error",
                                 cost_scale=0.5)  # fmt: skip
    np.testing.assert_array_equal(parameters["W1"], first.weight.T)
    np.testing.assert_array_equal(parameters["b1"][0], first.bias)
    np.testing.assert_array_equal(parameters["b2"][0], np.zeros(5))


@pytest.mark.parametrize(
    ("last", "loss", "output", "own"),
    [
        ([], None, "identity", "half_squared_error"),
        ([module("Sigmoid")], None, "sigmoid", "binary_cross_entropy"),
        ([module("Softmax", dim=-1)], None, "softmax", "categorical_cross_entropy"),
        ([], "categorical_cross_entropy", "softmax", "categorical_cross_entropy"),
        ([module("Sigmoid")], "half_squared_error", "sigmoid", "half_squared_error"),
        ([module("Sigmoid")], module("BCELoss", reduction="sum"), "sigmoid", "binary_cross_entropy"),
        ([], module("BCEWithLogitsLoss", reduction="sum"), "sigmoid", "binary_cross_entropy"),
        ([], module("CrossEntropyLoss", reduction="mean"), "softmax", "categorical_cross_entropy"),
        ([], module("PoissonNLLLoss", reduction="mean", log_input=True), "exponential", "poisson"),
    ],
)  # fmt: skip
def test_outputs_and_losses(last, loss, output, own):
    network, _ = cr.from_torch(Sequential([linear(3, 2), *last]), loss)
    assert (network.output, network.loss) == (output, own)


@pytest.mark.parametrize(
    ("modules", "loss", "words"),
    [
        ([linear(3, 2), module("Tahn")], None, "did you mean 'Tanh'"),
        ([module("Tanh")], None, "does not follow a linear layer"),
        ([linear(3, 2), module("Tanh"), module("ReLU")], None, "does not follow"),
        ([], None, "no linear layer"),
        ([linear(3, 2), module("LeakyReLU", negative_slope=0.2)], None, "negative_slope is 0.2"),
        ([linear(3, 2), module("GELU", approximate="tanh")], None, "approximate is 'tanh'"),
        ([linear(3, 2)], module("HingeLoss"), "unknown loss of PyTorch"),
        ([linear(3, 2), module("Sigmoid")], module("BCEWithLogitsLoss"), "takes logits"),
        ([linear(3, 2)], module("MSELoss", reduction="none"), "one number"),
        ([linear(3, 2)], module("CrossEntropyLoss", reduction="mean", weight=1), "weight"),
        ([linear(3, 2), linear(3, 2)], None, "has 2 columns"),
    ],
)
def test_what_of_pytorch_is_refused(modules, loss, words):
    with pytest.raises(cr_errors, match=words):
        cr.from_torch(Sequential(modules), loss)


cr_errors = (ParameterError, ValueError)


def test_against_pytorch_itself():
    torch = pytest.importorskip("torch")
    from torch import nn

    torch.manual_seed(0)
    X = torch.randn(6, 3, dtype=torch.float64)
    cases = [
        (nn.CrossEntropyLoss(label_smoothing=0.1), torch.tensor([0, 1, 1, 0, 1, 0])),
        (nn.BCEWithLogitsLoss(), torch.rand(6, 2, dtype=torch.float64)),
        (nn.MSELoss(), torch.randn(6, 2, dtype=torch.float64)),
        (nn.MSELoss(reduction="sum"), torch.randn(6, 2, dtype=torch.float64)),
    ]
    for activation in (nn.Tanh(), nn.GELU(), nn.LeakyReLU(), nn.Mish(), nn.SELU(), nn.Softmax(1)):
        for loss, Y in cases:
            model = nn.Sequential(nn.Linear(3, 4), activation, nn.Linear(4, 2)).double()
            network, parameters = cr.from_torch(model, loss)
            model.zero_grad()
            value = loss(model(X), Y)
            value.backward()
            targets = np.eye(2)[Y.numpy()] if Y.ndim == 1 else Y.numpy()
            J, gradients = network.cost_and_gradients(parameters, X.numpy(), targets)
            assert float(J) == pytest.approx(value.item(), rel=1e-12)
            for place, layer in ((1, model[0]), (2, model[2])):
                got, want = gradients[f"W{place}"], layer.weight.grad.numpy().T
                np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-14)
