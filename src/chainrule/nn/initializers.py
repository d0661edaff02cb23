"""Initial weights and biases, drawn layer by layer: W1, b1, W2, b2 and so on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt

import numpy as np
from numpy.typing import DTypeLike

from chainrule.errors import ParameterError, unknown_name
from chainrule.nn.arrays import Array
from chainrule.nn.parameters import Parameters

__all__ = ["INITIALIZERS", "RandomGenerator", "initialize", "random_generator"]

RandomGenerator = np.random.RandomState | np.random.Generator
LayerInitializer = Callable[[RandomGenerator, int, int, "str | None"], tuple[Array, Array]]


def glorot_uniform(
    rng: RandomGenerator, n_in: int, n_out: int, activation: str | None
) -> tuple[Array, Array]:
    # Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    # 2010, equation 16; with 2 in place of 6 for the sigmoid, and for the biases too, as
    # scikit-learn draws them.
    bound = sqrt((2 if activation == "sigmoid" else 6) / (n_in + n_out))
    return rng.uniform(-bound, bound, (n_in, n_out)), rng.uniform(-bound, bound, n_out)


def glorot_normal(
    rng: RandomGenerator, n_in: int, n_out: int, activation: str | None
) -> tuple[Array, Array]:
    # Var(w) = 2/(n_in + n_out), the same paper's equation 12.
    return rng.normal(0, sqrt(2 / (n_in + n_out)), (n_in, n_out)), np.zeros(n_out)


def he_normal(
    rng: RandomGenerator, n_in: int, n_out: int, activation: str | None
) -> tuple[Array, Array]:
    # He et al., "Delving deep into rectifiers", 2015, equation 10: for relu and its relatives.
    return rng.normal(0, sqrt(2 / n_in), (n_in, n_out)), np.zeros(n_out)


def lecun_normal(
    rng: RandomGenerator, n_in: int, n_out: int, activation: str | None
) -> tuple[Array, Array]:
    # LeCun et al., "Efficient BackProp", 1998, equation 16: for tanh; selu needs this one.
    return rng.normal(0, sqrt(1 / n_in), (n_in, n_out)), np.zeros(n_out)


INITIALIZERS: dict[str, LayerInitializer] = {
    "glorot_uniform": glorot_uniform,
    "glorot_normal": glorot_normal,
    "he_normal": he_normal,
    "lecun_normal": lecun_normal,
}


def random_generator(seed: int | RandomGenerator | None) -> RandomGenerator:
    """Return `seed` if it is a generator, else a RandomState seeded with it.

    The legacy RandomState is meant: its stream is frozen for good (NumPy's NEP 19), so that a seed
    gives the same numbers in every version, and the same as scikit-learn's.

    Raises
    ------
    ParameterError
        If the seed is neither a generator nor a whole number that RandomState takes.
    """
    if isinstance(seed, (np.random.RandomState, np.random.Generator)):
        return seed
    try:
        return np.random.RandomState(seed)
    except (TypeError, ValueError):
        raise ParameterError(
            f"a seed must be a whole number from 0 to 2³² − 1, a generator, or None; not {seed!r}"
        ) from None


def initialize(
    sizes: Sequence[int],
    hidden: Sequence[str],
    seed: int | RandomGenerator | None,
    initializer: str = "glorot_uniform",
    dtype: DTypeLike = np.float64,
) -> Parameters:
    """Draw the initial parameters of a network.

    Parameters
    ----------
    sizes : sequence of int
        n_0 … n_L.
    hidden : sequence of str
        The activation of each hidden layer; the last one also decides for the output layer.
    seed : int, RandomState, Generator or None
        Where the numbers come from; None means fresh ones from the operating system.
    initializer : {"glorot_uniform", "glorot_normal", "he_normal", "lecun_normal"}
        The distribution. All but the first start with zero biases.
    dtype : dtype
        Drawn in float64, then rounded to this.

    Returns
    -------
    parameters : Parameters
        W1, b1, W2, b2 and so on, of the sizes' shapes.

    Raises
    ------
    ParameterError
        If the initializer is unknown, or the dtype is not one of floating-point numbers.
    """
    if not isinstance(initializer, str) or initializer not in INITIALIZERS:
        raise unknown_name("initializer", initializer, INITIALIZERS)
    if np.dtype(dtype).kind not in "fc":
        raise ParameterError(f"dtype must be float32 or float64, not {np.dtype(dtype)}")
    rng = random_generator(seed)
    parameters = Parameters.zeros(tuple(sizes), dtype)
    for layer in range(1, parameters.depth + 1):
        n_in, n_out = sizes[layer - 1], sizes[layer]
        activation = hidden[min(layer, len(hidden)) - 1] if hidden else None
        W, b = INITIALIZERS[initializer](rng, n_in, n_out, activation)
        parameters[f"W{layer}"] = W
        parameters[f"b{layer}"] = b
    return parameters
