"""Where gradients are checked: points at which wrong ones differ from right ones.

At small weights and zero biases a wrong gradient can pass every tolerance: with weights of 0.01 the
pre-activations are so small that tanh'(Z) and tanh'(A) agree to six digits. So the doctor draws its own
points: weights of order 1, biases that are not zero, as many observations as no layer has units, a
different number at each point, and pre-activations that are off the kinks and not saturated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import count, islice

import numpy as np

from chainrule.checks import check_count
from chainrule.nn import Network, Parameters
from chainrule.nn.arrays import Array
from chainrule.nn.propagation import backward, forward

__all__ = ["Point", "draw_points", "observation_counts"]

FEWEST_OBSERVATIONS = 5
TRIES = 60
OFF_KINK = 2e-3
ONE_SIDED = 100.0
LARGEST_Z = 5.0  # beyond it a sigmoid is flat, and what hangs on its slope is lost
LARGEST_LOGIT = 3.0  # code that adds 1e-8 to A(1 − A), so as not to divide by zero, is right too


@dataclass(frozen=True)
class Point:
    """A network, its parameters, and a batch.

    Parameters
    ----------
    network : Network
    parameters : Parameters
        In float64; drawn points hold numbers that float32 has too.
    X : ndarray of shape (m, n_0)
    Y : ndarray of shape (m, n_L)
    """

    network: Network
    parameters: Parameters
    X: Array
    Y: Array

    @property
    def m(self) -> int:
        """The number of observations."""
        return int(self.X.shape[0])


def draw_points(network: Network, count: int = 3, seed: int = 0) -> list[Point]:
    """Draw points of different m, all different from every layer's size.

    Parameters
    ----------
    network : Network
    count : int
        How many.
    seed : int
        The same seed gives the same points.

    Returns
    -------
    list of Point

    Raises
    ------
    ParameterError
        If the seed is no whole number from 0 to 2³² − 1.

    Examples
    --------
    >>> [point.m for point in draw_points(Network((3, 6, 1)), 3)]
    [5, 7, 8]
    """
    check_count("seed", seed, 0, 2**32 - 1)
    counts = observation_counts(network, count)
    return [draw_point(network, m, seed, place) for place, m in enumerate(counts)]


def observation_counts(network: Network, number: int) -> list[int]:
    """Return the first numbers of observations, from 5 on, that no layer has as its size."""
    free = (m for m in count(FEWEST_OBSERVATIONS) if m not in network.sizes)
    return list(islice(free, number))


def draw_point(network: Network, m: int, seed: int, place: int) -> Point:
    """Return a point of one's own, of m observations; `place` tells points of one seed apart."""
    point = drawn(network, m, seed, place)
    return Point(network, point.parameters.copy(), point.X.copy(), point.Y.copy())


@lru_cache(maxsize=64)
def drawn(network: Network, m: int, seed: int, place: int) -> Point:
    """Draw points until nothing speaks against one; the best of them if none is free of faults."""
    rng = np.random.RandomState([seed, place])
    best, least = None, np.inf
    for _ in range(TRIES):
        point = Point(network, draw_parameters(network, rng), *draw_batch(network, m, rng))
        bad = faults(point)
        if bad < least:
            best, least = point, bad
        if bad == 0:
            break
    assert best is not None
    return best


def draw_parameters(network: Network, rng: np.random.RandomState) -> Parameters:
    """Draw weights of order 1, less in wide layers, and biases at least 0.1 off zero."""
    parameters = Parameters.zeros(network.layout)
    for name, view in parameters.items():
        if name.startswith("W"):
            view[...] = rng.normal(0, min(0.9, 1.8 / np.sqrt(view.shape[0])), view.shape)
        else:
            view[...] = rng.choice([-1, 1], view.shape) * rng.uniform(0.1, 0.8, view.shape)
    # Numbers of float32, so that code which computes in float32 is asked the same question.
    parameters.vector[...] = parameters.vector.astype(np.float32)
    return parameters


def draw_batch(network: Network, m: int, rng: np.random.RandomState) -> tuple[Array, Array]:
    """Draw inputs and legal targets: hard labels, for code may read them as classes."""
    X = rng.normal(size=(m, network.sizes[0])).astype(np.float32).astype(np.float64)
    n = network.sizes[-1]
    match network.loss_function.targets:
        case "probability":
            Y = (rng.uniform(size=(m, n)) < 0.5).astype(float)
            Y[0], Y[1] = 0, 1
        case "distribution":
            Y = np.eye(n)[rng.permutation(np.arange(m) % n)]
        case "count":
            Y = rng.poisson(1.5, (m, n)).astype(float)
        case _:
            Y = rng.normal(size=(m, n)).astype(np.float32).astype(np.float64)
    return X, Y


def faults(point: Point) -> float:
    """Count what could hide a mistake at this point: kinks, dead units, saturation, tiny gradients."""
    network = point.network
    record = forward(network, point.parameters, point.X)
    bad = 0.0
    for g, Z in zip(network.activations, record.Z[1:], strict=True):
        bad += float((np.abs(Z) > LARGEST_Z).sum())
        for kink in g.kinks:
            # The distance that can be had goes down with the number of pre-activations.
            bad += 10.0 * float((np.abs(Z - kink) < OFF_KINK / max(1, Z.size / 100)).sum())
            above = (kink < Z).mean(axis=0)
            one_sided = (above == 0) | (above == 1)
            # Where all units are, the derivative is a constant, and a mistake in it may not show.
            bad += float(one_sided.sum()) + ONE_SIDED * float(one_sided.all())
    if network.loss_function.output is not None:
        bad += float((np.abs(record.Z[-1]) > LARGEST_LOGIT).sum())
    elif not network.activations[-1].kinks:  # the derivatives of other losses divide by the output
        bad += float((np.abs(record.A[-1]) < OFF_KINK).sum())
    back = backward(network, point.parameters, record, point.Y)
    for layer in range(1, network.depth + 1):
        scale = np.abs(back.dZ[layer]).max(initial=0.0)
        bad += float(not np.isfinite(scale)) * 1e6 + float(scale * point.m < 1e-2) * 10
    return bad
