"""The legal networks, and points at which their gradients can be told from wrong ones.

A point has weights of order 1, biases that are not zero, five observations, square and non-square
layers, and pre-activations off every kink.
"""

from itertools import count

import numpy as np

from chainrule.nn import ACTIVATIONS, LOSSES, Network, Parameters
from chainrule.nn.propagation import forward

HIDDEN = tuple(name for name, g in ACTIVATIONS.items() if not g.output_only)
PAIRS = tuple(
    (output, loss.name)
    for loss in LOSSES.values()
    for output in ACTIVATIONS
    if loss.output in (None, output)
)
CROSS_ENTROPIES = ("binary_cross_entropy", "categorical_cross_entropy")
SIZES = {0: (3, 3), 1: (3, 4, 3), 2: (3, 4, 4, 3), 3: (3, 4, 4, 2, 3)}
WEIGHT = np.array([0.5, 2.0, 0.0, 1.25, 3.0])
OFF_KINK = 1e-3


def random_parameters(layout, seed, scale=0.7, dtype=np.float64):
    """Draw weights of order 1, biases that are not zero, and factors around 1; `layout` may be sizes."""
    parameters = Parameters.zeros(layout, dtype)
    parameters.vector[...] = np.random.RandomState(seed).normal(0, scale, parameters.vector.size)
    for name, V in parameters.items():
        if name[0] in "sRS":
            V += 1
    return parameters


def random_targets(loss, m, n, seed):
    """Draw legal targets: hard and soft labels, counts with a 0, rows that do not sum to 1."""
    rng = np.random.RandomState(seed)
    if loss == "binary_cross_entropy":
        return np.where(rng.uniform(size=(m, n)) < 0.5, rng.randint(0, 2, (m, n)), rng.rand(m, n))
    if loss == "categorical_cross_entropy":
        Y = np.eye(n)[rng.randint(0, n, m)]
        Y[1::3] = rng.dirichlet(np.ones(n), len(Y[1::3]))
        Y[2::3] *= 1.5
        return Y
    if loss == "poisson":
        return rng.poisson(1.5, (m, n)).astype(float)
    return rng.normal(size=(m, n))


def distance_to_kink(network, record):
    """Return the least distance of a pre-activation to a kink of its activation."""
    distances = [
        np.abs(Z - kink).min()
        for g, Z in zip(network.activations, record.Z[1:], strict=True)
        for kink in g.kinks
    ]
    return min(distances, default=np.inf)


def point(network, m=5):
    """Return parameters, X and Y at the first seed whose pre-activations are off every kink."""
    n_in, n_out = network.sizes[0], network.sizes[-1]
    for seed in count():
        parameters = random_parameters(network.layout, seed)
        for name, V in parameters.items():
            if name[0] == "W" and network.parametrization == "ntk":
                V *= np.sqrt(V.shape[-2])  # which the layer divides by
        X = np.random.RandomState(seed + 1000).normal(size=(m, n_in))
        record = forward(network, parameters, X)
        if distance_to_kink(network, record) > OFF_KINK:
            return parameters, X, random_targets(network.loss, m, n_out, seed + 2000)
    raise AssertionError("unreachable")


def depth_cases():
    """Yield (hidden, output, loss, depth) for every legal network of 0 to 3 hidden layers."""
    for output, loss in PAIRS:
        yield "identity", output, loss, 0
        for hidden in HIDDEN:
            for depth in (1, 2, 3):
                yield hidden, output, loss, depth


def network_of(hidden, output, loss, depth, **options):
    """Build the network of a case."""
    return Network(SIZES[depth], hidden=hidden, output=output, loss=loss, **options)
