"""Networks from elsewhere: scikit-learn's fitted MLPs and PyTorch's sequences of linear layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import ParameterError, unknown_name
from chainrule.nn import L2, LOSSES, Network, Parameters

__all__ = ["from_sklearn", "from_torch"]

OF_SKLEARN = {"logistic": "sigmoid"}
# The modules of torch.nn without parameters of their own, by the name of their class.
OF_TORCH = {
    "Identity": "identity", "Sigmoid": "sigmoid", "Tanh": "tanh", "ReLU": "relu",
    "LeakyReLU": "leaky_relu", "ELU": "elu", "SELU": "selu", "Softplus": "softplus",
    "GELU": "gelu", "SiLU": "silu", "Mish": "mish", "Softmax": "softmax",
}  # fmt: skip
# Torch's losses that take logits, and what they are here; NLLLoss belongs to LogSoftmax.
LOSSES_OF_TORCH = {
    "BCELoss": "binary_cross_entropy", "BCEWithLogitsLoss": "binary_cross_entropy",
    "CrossEntropyLoss": "categorical_cross_entropy", "MSELoss": "squared_error",
    "PoissonNLLLoss": "poisson",
}  # fmt: skip
ON_LOGITS = ("BCEWithLogitsLoss", "CrossEntropyLoss", "PoissonNLLLoss")


def from_sklearn(model: Any) -> tuple[Network, Parameters]:
    """Return the network and the parameters of a fitted scikit-learn MLP.

    The cost is the one whose gradient scikit-learn follows: the mean loss plus (α/2m) Σ W². (For
    several outputs scikit-learn reports a squared error that it has divided by their number; its
    gradient is not.)

    Parameters
    ----------
    model : sklearn.neural_network.MLPClassifier or MLPRegressor
        A fitted one; or one of this library's, whose own network and parameters come back.

    Returns
    -------
    network : Network
    parameters : Parameters
        Copies of ``coefs_`` and ``intercepts_``.

    Raises
    ------
    ParameterError
        If it is no such model, or is not fitted.

    Examples
    --------
    >>> from sklearn.neural_network import MLPRegressor
    >>> model = MLPRegressor(hidden_layer_sizes=(2,), solver="lbfgs", random_state=0)
    >>> model = model.fit([[0.0], [1.0]], [0.0, 2.0])
    >>> network, params = from_sklearn(model)
    >>> network.sizes, network.hidden, network.loss
    ((1, 2, 1), ('relu',), 'half_squared_error')
    """
    if hasattr(model, "network_") and hasattr(model, "parameters_"):
        return model.network_, model.parameters_.copy()
    name = type(model).__name__
    if not hasattr(model, "hidden_layer_sizes") or not hasattr(model, "activation"):
        raise ParameterError(f"a {name} is no multilayer perceptron of scikit-learn")
    if not hasattr(model, "coefs_"):
        raise ParameterError(f"this {name} is not fitted yet: call fit first")
    sizes = (model.coefs_[0].shape[0], *(W.shape[1] for W in model.coefs_))
    output = {"logistic": "sigmoid", "exp": "exponential"}.get(
        model.out_activation_, model.out_activation_
    )
    loss = {"sigmoid": "binary_cross_entropy", "softmax": "categorical_cross_entropy"}.get(
        output, "poisson" if output == "exponential" else "half_squared_error"
    )
    network = Network(
        sizes,
        OF_SKLEARN.get(model.activation, model.activation),
        output,
        loss,
        penalty=L2(float(model.alpha), scale="half_mean") if model.alpha else None,
    )
    return network, parameters_of(zip(model.coefs_, model.intercepts_, strict=True))


def from_torch(
    model: Any, loss: Any = None, *, reduction: str = "mean"
) -> tuple[Network, Parameters]:
    """Return the network and the parameters of a ``torch.nn.Sequential``.

    It may hold linear layers and known activations; dropout and flattening are left out, as in
    evaluation. A loss that takes logits (``BCEWithLogitsLoss``, ``CrossEntropyLoss``) makes its sigmoid
    or softmax the output.

    Parameters
    ----------
    model : torch.nn.Sequential
    loss : str or torch.nn.Module, optional
        One of this library's names, or a loss module of PyTorch. By default the one that belongs to
        the output, else half the squared error.
    reduction : {"mean", "sum"}
        Over the observations; a loss module brings its own, with its mean over the outputs.

    Returns
    -------
    network : Network
    parameters : Parameters
        Copies; W is the transpose of PyTorch's weight. A layer without biases gets zeros.

    Raises
    ------
    ParameterError
        If a module has no counterpart here; the message names it.
    """
    layers: list[tuple[Any, Any]] = []
    activations: list[str | None] = []
    for place, module in enumerate(flattened(model)):
        name = type(module).__name__
        if name == "Linear":
            bias = module.bias
            W = as_numpy(module.weight).T
            b = np.zeros(W.shape[1], W.dtype) if bias is None else as_numpy(bias)
            layers.append((W, b))
            activations.append(None)
        elif name in OF_TORCH:
            if not activations or activations[-1] is not None:
                raise ParameterError(f"module {place}, {name}, does not follow a linear layer")
            check_settings(place, module, name)
            activations[-1] = OF_TORCH[name]
        elif name not in ("Dropout", "Flatten"):
            known = ["Linear", *OF_TORCH, "Dropout", "Flatten"]
            raise unknown_name(f"module {place} in this network,", name, known)
    if not layers:
        raise ParameterError("the network has no linear layer")
    output, own_loss = output_of(activations[-1], loss)
    sizes = (layers[0][0].shape[0], *(W.shape[1] for W, _ in layers))
    hidden = tuple(name or "identity" for name in activations[:-1])
    conventions = conventions_of(loss, reduction, sizes[-1])
    return Network(sizes, hidden, output, own_loss, **conventions), parameters_of(layers)


def flattened(model: Any) -> list[Any]:
    """Return the modules of a sequence, those of sequences inside it too."""
    if type(model).__name__ == "Linear":
        return [model]
    if type(model).__name__ != "Sequential":
        raise ParameterError(f"model must be a torch.nn.Sequential, not a {type(model).__name__}")
    out: list[Any] = []
    for module in model:
        out += flattened(module) if type(module).__name__ == "Sequential" else [module]
    return out


def check_settings(place: int, module: Any, name: str) -> None:
    """Raise a ParameterError if an activation has other constants than ours."""
    wanted: dict[str, dict[str, Any]] = {
        "LeakyReLU": {"negative_slope": 0.01},
        "ELU": {"alpha": 1.0},
        "Softplus": {"beta": 1},
        "GELU": {"approximate": "none"},
        "Softmax": {"dim": (1, -1)},
    }
    for setting, value in wanted.get(name, {}).items():
        found = getattr(module, setting, None)
        allowed = value if isinstance(value, tuple) else (value,)
        if found not in allowed:
            raise ParameterError(
                f"module {place}, {name}: {setting} is {found!r}, and only {allowed[0]!r} is known"
            )


def output_of(activation: str | None, loss: Any) -> tuple[str | None, str | None]:
    """Return the output activation and the loss."""
    if loss is None or isinstance(loss, str):
        if loss in LOSSES and activation is None:
            return LOSSES[str(loss)].output, loss
        return activation, loss
    name = type(loss).__name__
    if name not in LOSSES_OF_TORCH:
        raise unknown_name("loss of PyTorch", name, [*LOSSES_OF_TORCH, *LOSSES])
    own = LOSSES_OF_TORCH[name]
    if name in ON_LOGITS:
        if activation is not None:
            raise ParameterError(f"{name} takes logits, but the network ends in {activation}")
        return LOSSES[own].output, own
    return activation, own


def conventions_of(loss: Any, reduction: str, outputs: int) -> dict[str, Any]:
    """Return how a loss of PyTorch averages: all but the cross-entropy over the outputs too."""
    if loss is None or isinstance(loss, str):
        return {"reduction": reduction}
    name = type(loss).__name__
    for setting in ("weight", "pos_weight"):
        if getattr(loss, setting, None) is not None:
            raise ParameterError(f"{name} with {setting} is not known")
    if name == "PoissonNLLLoss" and not loss.log_input:
        raise ParameterError("PoissonNLLLoss is known with log_input=True alone")
    if loss.reduction not in ("mean", "sum"):
        raise ParameterError(f"{name} has reduction={loss.reduction!r}: a cost is one number")
    by_outputs = loss.reduction == "mean" and name != "CrossEntropyLoss"
    return {
        "reduction": loss.reduction,
        "cost_scale": 1 / outputs if by_outputs else 1.0,
        "label_smoothing": getattr(loss, "label_smoothing", 0.0),
    }


def parameters_of(layers: Any) -> Parameters:
    arrays: dict[str, Any] = {}
    for place, (W, b) in enumerate(layers, start=1):
        arrays[f"W{place}"], arrays[f"b{place}"] = W, b
    return Parameters.from_arrays(arrays)


def as_numpy(tensor: Any) -> Any:
    return tensor.detach().cpu().numpy()
