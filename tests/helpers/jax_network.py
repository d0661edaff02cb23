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


def data_costs(arrays, x, w, targets, *, hidden, reduction, smoothing):
    """Return the data term for each (output, loss) in `targets`; `arrays` is [(W1, b1), …]."""
    a = x
    for weights, bias in arrays[:-1]:
        a = ACTIVATIONS[hidden](jnp.dot(a, weights) + bias)
    z = jnp.dot(a, arrays[-1][0]) + arrays[-1][1]
    J = {}
    for (output, loss), y in targets.items():
        if loss in ("binary_cross_entropy", "categorical_cross_entropy"):
            classes = y.shape[1] if loss == "categorical_cross_entropy" else 2
            y = (1 - smoothing) * y + smoothing / classes
        data = jnp.dot(w, losses(loss, z, ACTIVATIONS[output](z), y))
        J[f"{output} {loss}"] = data / (w.sum() if reduction == "mean" else 1)
    return J


def costs(arrays, x, w, targets, *, strength, scale, biases, **options):
    """Return J for each (output, loss) in `targets`, which holds Y; `arrays` is [(W1, b1), …]."""
    squares = sum((W * W).sum() + biases * (b * b).sum() for W, b in arrays)
    penalty = {"full": 1, "half": 1 / 2, "half_mean": 1 / 2 / w.sum()}[scale] * strength * squares
    data = data_costs(arrays, x, w, targets, **options)
    return {pair: J + penalty for pair, J in data.items()}


def member_arrays(named, depth, e):
    """Return [(W1, b1), …] of one member; W is what its layer multiplies by, but for 1/√n_in."""
    arrays = []
    for layer in range(1, depth + 1):
        W = named[f"W{layer}"]
        W = W[e] if W.ndim == 3 else W
        if layer == 1 and "scale" in named:
            W = jnp.dot(jnp.diag(named["scale"][0]), W)
        if f"R{layer}" in named:
            W = jnp.outer(named[f"R{layer}"][e], named[f"S{layer}"][e]) * W
        arrays.append((W, named[f"b{layer}"][e : e + 1]))
    return arrays


def parametrized_costs(named, x, w, targets, *, members, ntk, strength, biases, **options):
    """Return the mean of the members' J for each pair; `named` holds the parameters by name."""
    depth = sum(name[0] == "W" for name in named)
    totals = {}
    for e in range(members):
        arrays = member_arrays(named, depth, e)
        if ntk:
            arrays = [(W / jnp.sqrt(1.0 * W.shape[0]), b) for W, b in arrays]
        for pair, J in data_costs(arrays, x, w, targets, **options).items():
            totals[pair] = totals.get(pair, 0) + J / members
    kinds = "Wb" if biases else "W"
    squares = sum((V * V).sum() for name, V in named.items() if name[0] in kinds)
    return {pair: J + strength / 2 * squares for pair, J in totals.items()}


def parametrized_gradients(parameters, X, w, targets, **options):
    """Return {pair: J} and {pair: {name: ∂J/∂V}} as JAX has them."""
    named = {name: jnp.asarray(V) for name, V in parameters.items()}
    J = partial(parametrized_costs, x=X, w=w, targets=targets, **options)
    return J(named), jax.jacrev(J)(named)


def costs_and_gradients(parameters, X, w, targets, **options):
    """Return {pair: J} and {pair: [(∂J/∂W1, ∂J/∂b1), …]} as JAX has them."""
    arrays = [
        (parameters[f"W{layer}"], parameters[f"b{layer}"])
        for layer in range(1, parameters.depth + 1)
    ]
    J = partial(costs, x=X, w=w, targets=targets, **options)
    return J(arrays), jax.jacrev(J)(arrays)
