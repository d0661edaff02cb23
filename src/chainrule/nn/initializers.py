"""Initial weights and biases, drawn layer by layer: W1, b1, W2, b2 and so on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt

import numpy as np
from numpy.typing import DTypeLike

from chainrule.checks import check_number
from chainrule.errors import ParameterError, unknown_name
from chainrule.nn.arrays import Array
from chainrule.nn.layout import Layout
from chainrule.nn.parameters import Parameters

__all__ = ["INITIALIZERS", "RandomGenerator", "initialize", "random_generator"]

RandomGenerator = np.random.RandomState | np.random.Generator
Shape = tuple[int, ...]
LayerInitializer = Callable[[RandomGenerator, Shape, Shape, "str | None"], tuple[Array, Array]]


def glorot_uniform(
    rng: RandomGenerator, W: Shape, b: Shape, activation: str | None
) -> tuple[Array, Array]:
    # Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    # 2010, equation 16; with 2 in place of 6 for the sigmoid, and for the biases too, as
    # scikit-learn draws them.
    bound = sqrt((2 if activation == "sigmoid" else 6) / (W[-2] + W[-1]))
    return rng.uniform(-bound, bound, W), rng.uniform(-bound, bound, b)


def glorot_normal(
    rng: RandomGenerator, W: Shape, b: Shape, activation: str | None
) -> tuple[Array, Array]:
    # Var(w) = 2/(n_in + n_out), the same paper's equation 12.
    return rng.normal(0, sqrt(2 / (W[-2] + W[-1])), W), np.zeros(b)


def he_normal(
    rng: RandomGenerator, W: Shape, b: Shape, activation: str | None
) -> tuple[Array, Array]:
    # He et al., "Delving deep into rectifiers", 2015, equation 10: for relu and its relatives.
    return rng.normal(0, sqrt(2 / W[-2]), W), np.zeros(b)


def lecun_normal(
    rng: RandomGenerator, W: Shape, b: Shape, activation: str | None
) -> tuple[Array, Array]:
    # LeCun et al., "Efficient BackProp", 1998, equation 16: for tanh; selu needs this one.
    return rng.normal(0, sqrt(1 / W[-2]), W), np.zeros(b)


def fan_in_uniform(
    rng: RandomGenerator, W: Shape, b: Shape, activation: str | None
) -> tuple[Array, Array]:
    # LeCun et al., "Efficient BackProp", 1998: a spread by 1/√n_in, here as the bound, of biases too.
    bound = sqrt(1 / W[-2])
    return rng.uniform(-bound, bound, W), rng.uniform(-bound, bound, b)


def normal(rng: RandomGenerator, W: Shape, b: Shape, activation: str | None) -> tuple[Array, Array]:
    # Weights and biases of N(0, 1): for the NTK parametrization, which divides by √n_in itself.
    return rng.standard_normal(W), rng.standard_normal(b)


INITIALIZERS: dict[str, LayerInitializer] = {
    "glorot_uniform": glorot_uniform,
    "glorot_normal": glorot_normal,
    "he_normal": he_normal,
    "lecun_normal": lecun_normal,
    "fan_in_uniform": fan_in_uniform,
    "normal": normal,
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
    layout: Layout | Sequence[int],
    hidden: Sequence[str],
    seed: int | RandomGenerator | None,
    initializer: str = "glorot_uniform",
    dtype: DTypeLike = np.float64,
    *,
    zero_output: bool = False,
    frequency_scale: float = 1.0,
) -> Parameters:
    """Draw the initial parameters of a network.

    Parameters
    ----------
    layout : Layout or sequence of int
        Which parameters there are; n_0 … n_L alone stand for a plain network.
    hidden : sequence of str
        The activation of each hidden layer; the last one also decides for the output layer.
    seed : int, RandomState, Generator or None
        Where the numbers come from; None means fresh ones from the operating system.
    initializer : {"glorot_uniform", "glorot_normal", "he_normal", "lecun_normal", "normal"}
        The distribution. "normal" is N(0, 1) for weights and biases, and belongs to the NTK
        parametrization; all but the first and the last start with zero biases.
    dtype : dtype
        Drawn in float64, then rounded to this.
    zero_output : bool
        Whether the output layer starts at 0, so that the network's first word is the same for all
        inputs.
    frequency_scale : float
        What the frequencies of an embedding are: this times numbers of N(0, 1) that are cut at ±3.

    Returns
    -------
    parameters : Parameters
        The scale of the inputs is 1. The members of an ensemble that share weights begin with factors
        of 1, but for those of the inputs, which are +1 or −1 at random, so that the members differ.
        The phases, amplitudes and offsets of an embedding are 0: `chainrule.nn.embeddings` says why.

    Raises
    ------
    ParameterError
        If the initializer is unknown, the dtype is not one of floating-point numbers, or the
        frequencies' scale is not a number of at least 0.

    References
    ----------
    Gorishniy, Kotelnikov and Babenko, "TabM", 2025, section 3.3, for the members' factors.
    """
    if not isinstance(initializer, str) or initializer not in INITIALIZERS:
        raise unknown_name("initializer", initializer, INITIALIZERS)
    if np.dtype(dtype).kind not in "fc":
        raise ParameterError(f"dtype must be float32 or float64, not {np.dtype(dtype)}")
    check_number("frequency_scale", frequency_scale, 0)
    rng = random_generator(seed)
    parameters = Parameters.zeros(layout, dtype)
    L = parameters.depth
    for layer in range(1, L + 1):
        activation = hidden[min(layer, len(hidden)) - 1] if hidden else None
        shapes = parameters[f"W{layer}"].shape, parameters[f"b{layer}"].shape
        W, b = INITIALIZERS[initializer](rng, *shapes, activation)
        if not (zero_output and layer == L):
            parameters[f"W{layer}"] = W
            parameters[f"b{layer}"] = b
        if parameters.layout.shares(layer):
            parameters[f"R{layer}"][...] = 1
            parameters[f"S{layer}"][...] = 1
    if parameters.layout.input_scale:
        parameters["scale"][...] = 1
    if parameters.layout.shares(1):
        parameters["R1"] = np.where(rng.uniform(size=parameters["R1"].shape) < 0.5, -1, 1)
    if parameters.layout.embedding is not None:
        shape = parameters["frequency"].shape
        parameters["frequency"] = frequency_scale * cut_normal(rng, shape)
    return parameters


def cut_normal(rng: RandomGenerator, shape: Shape, limit: float = 3.0) -> Array:
    """Return numbers of N(0, 1), drawn again where they are beyond ±limit."""
    numbers = rng.standard_normal(shape)
    while (beyond := np.abs(numbers) > limit).any():
        numbers[beyond] = rng.standard_normal(int(beyond.sum()))
    return numbers
