"""The compiled engine beside the reference: points, and the comparison of every tensor.

float32 has its own trap. Where the terms of a sum cancel, or a slope is nearly 0, two right programs
differ by much more than a few units in the last place, and a bound that lets both pass lets a wrong one
pass too. So the points are chosen, and by the reference alone: `calm_point` makes in float64 the errors
that float32 makes, one of 2⁻²⁴ in every parameter, input, A and g', and takes the first point where none
of a few such noises moves a tensor by more than a quarter of the tolerance.

At a kink rounding decides the side. An observation with a pre-activation that close to one is exchanged
for another one, and counted.
"""

from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from chainrule.core import CompiledEngine, instruction_sets
from chainrule.nn import Parameters
from chainrule.nn.losses import smooth_targets
from chainrule.nn.parametrization import biases, effective_weights
from chainrule.nn.propagation import backward, cost, effective_m, forward
from chainrule.nn.weighting import observation_coefficients
from helpers.cases import random_targets

SETS = tuple(instruction_sets())
assert SETS, "the compiled engine is not there"

DTYPES = (np.float64, np.float32)
TOLERANCE = {np.float64: 1e-12, np.float32: 2e-6}
SIZES = (1, 2, 15, 16, 17, 31, 64, 65, 300)
ROWS = (1, 7, 64, 1000)
UNIT = 2.0**-24
NOISES = 2
WATCHED = 200  # rows that tell how calm a point is
TRIES = 25
CALM = TOLERANCE[np.float32] / 4
NEAR = 2.0**-20  # of a kink, as a part of |A| |W| + |b|
POOL = np.random.RandomState(0).choice([-UNIT, UNIT], 1 << 20)


@dataclass(frozen=True)
class Point:
    """Where a network is evaluated.

    `exchanged` counts the observations that were at a kink, `refused` the points that were not calm.
    """

    parameters: Parameters
    X: np.ndarray
    Y: np.ndarray
    weight: np.ndarray | None = None
    exchanged: int = 0
    refused: int = 0

    def cast(self, dtype):
        """Return the point in another precision."""
        return replace(
            self,
            parameters=Parameters(self.parameters.layout, self.parameters.vector.astype(dtype)),
            X=self.X.astype(dtype),
            Y=self.Y.astype(dtype),
            weight=None if self.weight is None else self.weight.astype(dtype),
        )

    def first(self, m):
        """Return the point with so many of its rows."""
        weight = None if self.weight is None else self.weight[:m]
        return replace(self, X=self.X[:m], Y=self.Y[:m], weight=weight)

    @property
    def batch(self):
        """The arguments of `cost_and_gradients`."""
        return self.parameters, self.X, self.Y, self.weight


def weights_of(kind, m, rng):
    """Draw observation weights: None, all positive ("random"), or some 0 ("with zeros")."""
    weight = rng.uniform(0.5, 2, m)
    if kind == "with zeros":
        weight[1::3] = 0
    return None if kind is None else weight


def draw(network, m, seed, weighted=None):
    """Draw a point whose pre-activations are of order 1, and whose sums seldom cancel."""
    rng = np.random.RandomState(seed)
    parameters = Parameters.zeros(network.layout)
    for name, V in parameters.items():
        n_in = V.shape[-2] if name[0] == "W" else 1
        ntk = n_in if network.parametrization == "ntk" else 1  # which the layer divides by
        parameters[name] = rng.normal(0, 0.6 * np.sqrt(ntk / n_in), V.shape)
        if name[0] in "sRS":  # both signs, and never near 0
            parameters[name] = rng.choice([-1, 1], V.shape) * rng.uniform(0.6, 1.4, V.shape)
    if network.output == "exponential":  # whose relative error is the absolute one of Z
        parameters[f"W{network.depth}"] *= 0.4
    X = rng.normal(1, 0.5, (m, network.sizes[0]))
    Y = random_targets(network.loss, m, network.sizes[-1], seed + 1)
    match network.loss:  # most residuals on one side of 0
        case "binary_cross_entropy":
            Y[rng.rand(*Y.shape) < 0.6] = 1
        case "poisson":
            Y *= rng.uniform(0.2, 5, Y.shape)
        case "squared_error" | "half_squared_error" if network.output != "softmax":
            Y -= 3
    return Point(parameters, X, Y, weights_of(weighted, m, rng))


def at_kink(network, parameters, X):
    """Say which observations have a pre-activation so near to a kink that rounding may decide."""
    found = np.zeros(len(X), bool)
    if any(g.kinks for g in network.activations):
        record = forward(network, parameters, X)
        for layer, g in enumerate(network.activations, start=1):
            V, b = effective_weights(network, parameters, layer), biases(network, parameters, layer)
            scale = np.abs(record.layer_input(layer - 1)) @ np.abs(V) + np.abs(b)
            for kink in g.kinks:
                near = np.abs(record.Z[layer] - kink) <= NEAR * scale
                found |= near.reshape(-1, *near.shape[-2:]).any(axis=(0, 2))
    return found


def off_kinks(network, point, seed):
    """Exchange the observations at a kink until there are none."""
    X, exchanged = point.X, 0
    for again in count(seed + 50_000):
        found = at_kink(network, point.parameters, X)
        if not found.any():
            return replace(point, X=X, exchanged=exchanged)
        exchanged += int(found.sum())
        X = np.where(found[:, np.newaxis], draw(network, len(X), again).X, X)
    raise AssertionError("unreachable")


class Noise:
    """The errors of float32, made in float64."""

    def __init__(self, seed):
        self.rng = np.random.RandomState(seed)

    def __call__(self, scale):
        """Return errors of 2⁻²⁴ of the scale at most."""
        start = self.rng.randint(len(POOL) - scale.size)
        return scale * POOL[start : start + scale.size].reshape(scale.shape)

    def product(self, A, B):
        """Return A B. The error of a sum: some of its terms', some of its own from each addition."""
        C = A @ B
        return C + self(np.abs(A) @ np.abs(B)) / 2 + self(np.sqrt(len(B)) * np.abs(C)) / 4

    def gradients(self, network, point):
        """Return Z_L, A_L and the gradients, from nn/propagation's equations."""
        theta, X, Y, weight = point.batch
        Z, A = [None], [X + self(X)]
        for layer, g in enumerate(network.activations, start=1):
            W, b = theta[f"W{layer}"], theta[f"b{layer}"]
            Z.append(self.product(A[-1], W + self(W)) + b)
            value = g.value(Z[-1])
            A.append(value if certain(g, value) else value + self(value))
        loss = network.loss_function
        Y = smooth_targets(Y, loss, network.label_smoothing)
        c = observation_coefficients(len(X), weight, network.reduction, network.cost_scale)
        gradients = Parameters.zeros(network.sizes)
        dA = c * loss.derivative(A[-1], Y) if loss.logit_derivative is None else None
        for layer in range(network.depth, 0, -1):
            g = network.activations[layer - 1]
            if dA is None:
                dZ = c * loss.logit_derivative(Z[-1], A[-1], Y)
            else:
                dZ = g.jacobian_product(Z[layer], A[layer], dA)
                if g.name != "softmax":
                    dZ += self(dA)
                elif not certain(g, dZ):
                    terms = np.abs(dA * A[layer])
                    total = np.sqrt(terms.shape[1]) / 4 * terms.sum(axis=1, keepdims=True)
                    dZ += self(terms) + A[layer] * self(total)
            gradients[f"W{layer}"] = self.product(A[layer - 1].T, dZ)
            gradients[f"b{layer}"] = dZ.sum(axis=0) + self(np.abs(dZ).sum(axis=0))
            dA = self.product(dZ, theta[f"W{layer}"].T)
        if network.penalty is not None:
            network.penalty.add_gradient(gradients, theta, effective_m(Y, weight))
        return {"Z": Z[-1], "A": A[-1], **gradients}


def certain(g, A):
    """Say whether there is no error to make: one class alone has the probability 1."""
    return g.name == "softmax" and A.shape[1] == 1


def unrest(network, point, seed):
    """Return the largest relative change of a tensor under the errors of float32.

    Of a network whose weights are made of others: those that the reference itself makes, and what its
    tensors change where parameters and inputs have an error.
    """
    point = point.first(WATCHED)
    still = reference(network, point)
    del still["J"]  # a sum of positive terms
    if not network.is_plain:
        found = [reference(network, point.cast(np.float32))]
        for number in range(NOISES):
            noise, theta = Noise(seed + number), point.parameters.copy()
            theta.vector += noise(theta.vector)
            found.append(
                reference(network, replace(point, parameters=theta, X=point.X + noise(point.X)))
            )
        return max(difference(lost[name], V) for lost in found for name, V in still.items())
    worst = 0.0
    for number in range(NOISES):
        moved = Noise(seed + number).gradients(network, point)
        worst = max(worst, *differences(moved, still).values())
        if worst > CALM:
            break
    return worst


def calm_point(network, m, seed, weighted=None):
    """Return the first calm point, or the calmest of the first `TRIES`."""
    best = (np.inf, None)
    for refused in range(TRIES):
        tried = seed + 100_000 * refused
        point = off_kinks(network, draw(network, m, tried, weighted), tried)
        found = unrest(network, point, tried)
        if found < best[0]:
            best = found, replace(point, refused=refused)
        if found <= CALM:
            break
    return best[1]


def reference(network, point):
    """Return J, Z_L, A_L and every gradient by name."""
    theta, X, Y, weight = point.batch
    record = forward(network, theta, X)
    return {
        "J": cost(network, theta, record.output, Y, weight),
        "Z": record.Z[-1],
        "A": record.A[-1],
        **backward(network, theta, record, Y, weight).gradients,
    }


def compiled(network, point, instruction_set=None, n_threads=1):
    """Return the same by the compiled engine."""
    engine = CompiledEngine(network, point.parameters.dtype, n_threads, instruction_set)
    J, gradients = engine.cost_and_gradients(*point.batch)
    Z, A = engine.outputs(point.parameters, point.X)
    return {"J": J, "Z": Z, "A": A, **gradients}


def difference(got, want):
    """Return ‖got − want‖/‖want‖; infinity if what should be 0 is not, or is no number."""
    got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
    assert got.shape == want.shape
    if not np.isfinite(got).all():
        return np.inf
    size = np.vdot(want, want)
    if not 1e-200 < size < 1e200:  # nothing, or squares beyond the normal numbers
        top = np.abs(want).max(initial=0)
        if top == 0:
            return np.inf if got.any() else 0.0
        got, want = got / top, want / top
        size = np.vdot(want, want)
    far = got - want
    return float(np.sqrt(np.vdot(far, far) / size))


def differences(got, want):
    """Return the relative difference of each tensor."""
    assert set(got) == set(want)
    return {name: difference(got[name], V) for name, V in want.items()}


@dataclass
class Agreement:
    """The comparisons made, and the worst of them as a part of its tolerance."""

    worst: float = 0.0
    where: str = ""
    tensors: int = 0
    rough: int = 0

    def note(self, found, dtype, where):
        """Take in the differences of one comparison, by tensor."""
        for name, value in found.items():
            self.tensors += 1
            if value / TOLERANCE[dtype] > self.worst:
                self.worst = value / TOLERANCE[dtype]
                self.where = f"{name} is off by {value:.2e} in {np.dtype(dtype)}, {where}"

    def compare(self, network, point, dtype, sets=SETS):
        """Compare each instruction set's engine with the reference, at a point in float64.

        In float32 the truth is the reference in float64 at the rounded numbers. The one in float32
        has errors of its own, the sum of a thousand rows first of all: a tensor of which it has lost
        half the tolerance is `rough`, and compared with the truth alone.
        """
        point = point.cast(dtype)
        wants = [reference(network, point)]
        if dtype is np.float32:
            truth = reference(network, point.cast(np.float64))
            lost = differences(wants[0], truth)
            rough = [name for name, value in lost.items() if value > TOLERANCE[dtype] / 2]
            self.rough += len(rough)
            wants = [truth, {name: V for name, V in wants[0].items() if name not in rough}]
        for instruction_set in sets:
            got = compiled(network, point, instruction_set)
            assert {np.asarray(V).dtype for V in got.values()} == {np.dtype(dtype)}
            for want in wants:
                found = differences({name: got[name] for name in want}, want)
                self.note(found, dtype, f"{instruction_set}, m = {point.X.shape[0]}, {network}")
