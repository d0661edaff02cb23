"""The same networks in JAX: another forward pass, and derivatives by another program's autodiff.

JAX takes longer to compile a network than to run it: one program serves all networks of a depth, with
any activations and losses, any parametrization and up to `MEMBERS` members.
"""

from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_disable_most_optimizations", True)  # to compile takes longer than to run

MEMBERS = 3
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


LOSSES = {
    "binary_cross_entropy": lambda z, a, y: (
        -y * jax.nn.log_sigmoid(z) - (1 - y) * jax.nn.log_sigmoid(-z)
    ),
    "categorical_cross_entropy": lambda z, a, y: -y * jax.nn.log_softmax(z),
    "poisson": lambda z, a, y: a - y * z + jax.scipy.special.xlogy(y, y) - y,
    "squared_error": lambda z, a, y: (a - y) ** 2,
    "half_squared_error": lambda z, a, y: (a - y) ** 2 / 2,
}


def member_cost(own, x, w, hidden, ntk, output, loss, y):
    """Return the sum of w ℓ; `own` is one member's part of `full`, the functions are numbers."""
    depth = sum(name[0] == "W" for name in own)
    a = x * own["scale"]
    for layer in range(1, depth + 1):
        W = jnp.outer(own[f"R{layer}"], own[f"S{layer}"]) * own[f"W{layer}"]
        z = jnp.dot(a, W) / jnp.where(ntk, jnp.sqrt(1.0 * len(W)), 1.0) + own[f"b{layer}"]
        chosen = hidden if layer < depth else output
        a = jax.lax.switch(chosen, list(ACTIVATIONS.values()), z)
    return jnp.dot(w, jax.lax.switch(loss, list(LOSSES.values()), z, a, y)).sum()


def cost(arrays, shares, *rest):
    """Return the members' costs, added up by their shares."""
    of_members = jax.vmap(member_cost, in_axes=(0, *[None] * len(rest)))(arrays, *rest)
    return jnp.dot(shares, of_members)


# For many outputs and losses at once, each with its Y.
costs_and_slopes = jax.jit(
    jax.vmap(jax.value_and_grad(cost), in_axes=(*[None] * 6, *[0] * 3)),
)


def smoothed(loss, Y, smoothing):
    """Return the targets of a loss as it is given them."""
    if not loss.endswith("cross_entropy"):
        return Y
    classes = Y.shape[1] if loss == "categorical_cross_entropy" else 2
    return (1 - smoothing) * Y + smoothing / classes


def full(parameters):
    """Return every array with a row for each member; what members share is there for each."""
    sizes = parameters.layout.sizes
    named = {"scale": np.ones((1, sizes[0]))}
    for layer, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
        named |= {f"R{layer}": np.ones((1, n_in)), f"S{layer}": np.ones((1, n_out))}
    for name, V in parameters.items():
        named[name] = V[np.newaxis] if name[0] == "W" and V.ndim == 2 else V
    return {name: V[np.arange(MEMBERS) % len(V)] for name, V in named.items()}


def own_gradient(V, rows):
    """Return ∂J/∂V of a parameter, from the derivatives of what `full` made of it."""
    k = len(V) if V.ndim == rows.ndim else 1
    return np.reshape(rows[:k] if k > 1 else rows.sum(axis=0), V.shape)


def squares(named, penalty, total):
    """Return what the penalty adds to J; `total` is the sum of the observations' weights."""
    factor = {"full": 1, "half": 1 / 2, "half_mean": 1 / 2 / total}[penalty.scale]
    covered = "Wb" if penalty.biases else "W"
    sums = [(V * V).sum() for name, V in named.items() if name[0] in covered]
    return factor * penalty.strength * sum(sums)


def costs_and_gradients(network, parameters, X, w, targets, smoothing):
    """Return {pair: J} and {pair: {name: ∂J/∂V}} as JAX has them.

    The pairs of output and loss are those of `targets`, which holds Y for each; all else is as the
    network has it.
    """
    shares = (np.arange(MEMBERS) < network.members) / network.members
    shares = shares / w.sum() if network.reduction == "mean" else shares
    hidden = list(ACTIVATIONS).index(network.hidden[0]) if network.depth > 1 else 0
    ntk = network.parametrization == "ntk"
    outputs = np.array([list(ACTIVATIONS).index(output) for output, _ in targets])
    losses = np.array([list(LOSSES).index(loss) for _, loss in targets])
    Y = np.array([smoothed(loss, Y, smoothing) for (_, loss), Y in targets.items()])
    J, gradients = jax.device_get(
        costs_and_slopes(full(parameters), shares, X, w, hidden, ntk, outputs, losses, Y)
    )
    added, slopes = jax.device_get(
        jax.value_and_grad(squares)(dict(parameters.items()), network.penalty, w.sum())
    )
    return dict(zip(targets, J + added, strict=True)), {
        pair: {
            name: own_gradient(V, gradients[name][place]) + slopes[name]
            for name, V in parameters.items()
        }
        for place, pair in enumerate(targets)
    }
