"""The same networks in JAX: another forward pass, and derivatives by another program's autodiff."""

from functools import partial

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_disable_most_optimizations", True)  # to compile takes longer than to run

ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": partial(jax.nn.leaky_relu, negative_slope=0.01),
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
    "softplus": jax.nn.softplus,
    "gelu": partial(jax.nn.gelu, approximate=False),
    "silu": jax.nn.silu,
    "mish": jax.nn.mish,
    "softmax": jax.nn.softmax,
    "exponential": jnp.exp,
}


def losses(loss, z, a, y):
    """Return ℓ for each observation."""
    if loss == "binary_cross_entropy":
        each = -y * jax.nn.log_sigmoid(z) - (1 - y) * jax.nn.log_sigmoid(-z)
    elif loss == "categorical_cross_entropy":
        each = -y * jax.nn.log_softmax(z)
    elif loss == "poisson":
        each = a - y * z + jax.scipy.special.xlogy(y, y) - y
    else:
        each = (a - y) ** 2 * (0.5 if loss == "half_squared_error" else 1)
    return each.sum(axis=1)


def costs(arrays, x, w, targets, *, hidden, reduction, strength, scale, biases, smoothing):
    """Return J for each (output, loss) in `targets`, which holds Y; `arrays` is [(W1, b1), …]."""
    a = x
    for weights, bias in arrays[:-1]:
        a = ACTIVATIONS[hidden](jnp.dot(a, weights) + bias)
    z = jnp.dot(a, arrays[-1][0]) + arrays[-1][1]
    squares = sum((W * W).sum() + biases * (b * b).sum() for W, b in arrays)
    penalty = {"full": 1, "half": 1 / 2, "half_mean": 1 / 2 / w.sum()}[scale] * strength * squares
    J = {}
    for (output, loss), y in targets.items():
        if loss in ("binary_cross_entropy", "categorical_cross_entropy"):
            classes = y.shape[1] if loss == "categorical_cross_entropy" else 2
            y = (1 - smoothing) * y + smoothing / classes
        data = jnp.dot(w, losses(loss, z, ACTIVATIONS[output](z), y))
        J[f"{output} {loss}"] = data / (w.sum() if reduction == "mean" else 1) + penalty
    return J


def costs_and_gradients(parameters, X, w, targets, **options):
    """Return {pair: J} and {pair: [(∂J/∂W1, ∂J/∂b1), …]} as JAX has them."""
    arrays = [
        (parameters[f"W{layer}"], parameters[f"b{layer}"])
        for layer in range(1, parameters.depth + 1)
    ]
    J = partial(costs, x=X, w=w, targets=targets, **options)
    return J(arrays), jax.jacrev(J)(arrays)
