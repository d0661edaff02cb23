"""The scalar chain of one weight: every path, by brute force, and the largest without it."""

from itertools import product

import numpy as np
import pytest

from chainrule import L2, Network
from chainrule.errors import ParameterError
from chainrule.explain import explain
from chainrule.notation.plain import plain
from helpers.cases import WEIGHT, point, random_parameters, random_targets

NETWORKS = [
    Network((3, 4, 2), "tanh", loss="binary_cross_entropy"),
    Network((2, 3, 3, 2), ("gelu", "sigmoid"), loss="categorical_cross_entropy", reduction="sum"),
    Network((2, 3, 2, 2), ("softmax", "tanh"), loss="squared_error", penalty=L2(0.3, biases=True)),
    Network((2, 2, 2), "relu", output="softmax", loss="half_squared_error", cost_scale=0.5),
    Network((3, 1), loss="poisson"),
]


def jacobian(trace, layer, i):
    """Return ∂a_k/∂z_j by complex steps, [k, j]."""
    Z, g = trace.numbers.record.Z[layer][i], trace.network.activations[layer - 1]
    steps = Z + 1e-30j * np.eye(len(Z))
    return g.value(steps).imag.T / 1e-30


def brute_force(trace, layer, row, unit):
    """Return the products of all paths, one at a time."""
    network, L = trace.network, trace.network.depth
    out = []
    sizes = network.sizes
    for i in range(trace.numbers.m):
        start = 1.0 if row is None else trace.numbers.record.A[layer - 1][i, row]
        jacobians = {at: jacobian(trace, at, i) for at in range(layer, L + 1)}
        fused = trace.numbers.back.dA[L] is None
        # z of each layer from the next on, and the a between them; the output's a where not fused.
        nodes = []
        for at in range(layer, L + 1):
            if at > layer:
                nodes.append(("z", at))
            if at < L or not fused:
                nodes.append(("a", at))
        for units in product(*(range(sizes[at]) for _, at in nodes)):
            here, value = unit, start
            skipped = False
            for (kind, at), to in zip(nodes, units, strict=True):
                if kind == "z":
                    value *= trace.parameters[f"W{at}"][here, to]
                else:
                    if network.activations[at - 1].name != "softmax" and to != here:
                        skipped = True  # no path: an element-wise unit acts on itself
                        break
                    value *= jacobians[at][to, here]
                here = to
            if not skipped:
                end = trace.numbers.back.dZ[L] if fused else trace.numbers.back.dA[L]
                out.append(value * end[i, here])
    return np.array(out)


@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: "-".join(map(str, network.sizes)))
def test_all_paths_of_every_parameter(network, weight):
    parameters, X, Y = point(network)
    trace = explain(network, parameters, X, Y, weight)
    for name, V in parameters.items():
        for row, unit in np.ndindex(V.shape):
            bias = name[0] == "b"
            entry = f"{name}[{unit}]" if bias else f"{name}[{row},{unit}]"
            chain = trace.chain(entry, paths=10**6)
            want = brute_force(trace, int(name[1:]), None if bias else row, unit)
            got = np.array([path.product for path in chain.paths])
            assert chain.count == len(want) == len(got)
            assert (np.abs(got[:-1]) >= np.abs(got[1:])).all()
            np.testing.assert_allclose(np.sort(got), np.sort(want), rtol=1e-11, atol=1e-18)
            assert chain.remainder == 0
            assert chain.value == trace.gradients[name][row, unit]
            assert got.sum() + chain.penalty == pytest.approx(chain.value, rel=1e-11, abs=1e-15)
            for most in (1, 4):
                few = trace.chain(entry, paths=most)
                sizes = [abs(path.product) for path in few.paths]
                np.testing.assert_allclose(sizes, np.abs(got[:most]), rtol=1e-12)
                listed = sum(path.product for path in few.paths)
                assert listed + few.remainder + few.penalty == pytest.approx(chain.value, abs=1e-15)


def test_the_factors_of_a_path():
    network = NETWORKS[0]
    parameters, X, Y = point(network)
    trace = explain(network, parameters, X, Y)
    chain = trace.chain("W1[2,3]", 100)
    assert plain(chain.equation) == (
        "∂J/∂W1[2,3] = Σ_i Σ_j ∂J/∂Z2[i,j] · ∂Z2[i,j]/∂A1[i,3] · ∂A1[i,3]/∂Z1[i,3] · "
        "∂Z1[i,3]/∂W1[2,3]"
    )
    for path in chain.paths:
        i, (first, second) = path.observation, path.units
        assert first == 3
        assert [plain(part.form) for part in path.factors] == [
            f"dZ2[{i},{second}]", f"W2[3,{second}]", f"g1'(Z1[{i},3])", f"X[{i},2]",
        ]  # fmt: skip
        values = [part.value for part in path.factors]
        assert values[0] == trace["dZ2"].value[i, second]
        assert values[1] == parameters["W2"][3, second]
        assert values[2] == trace["g1'"].value[i, 3]
        assert values[3] == X[i, 2]
        assert path.product == np.prod(values)


def test_very_many_paths():
    sizes = (6, 40, 40, 40, 5)
    network = Network(sizes, "tanh", loss="categorical_cross_entropy")
    parameters = random_parameters(sizes, 0, scale=0.3)
    X = np.random.RandomState(1).normal(size=(20, 6))
    trace = explain(network, parameters, X, random_targets(network.loss, 20, 5, 2))
    chain = trace.chain("W1[5,39]")
    assert chain.count == 20 * 40 * 40 * 5
    assert len(chain.paths) == 10
    listed = sum(path.product for path in chain.paths)
    assert listed + chain.remainder == pytest.approx(chain.value, rel=1e-12)
    assert abs(chain.paths[0].product) > 0


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("W1", "names no weight"),
        ("W1[a,b]", "names no weight"),
        ("", "names no weight"),
        ("W1[0]", "needs a row and a column: W1 is 3 × 4"),
        ("W1[3,0]", "there is no W1\\[3,0\\]: W1 is 3 × 4"),
        ("W1[0,4]", "there is no"),
        ("b1[4]", "b1 is 1 × 4"),
        ("W7[0,0]", "unknown parameter 'W7'"),
        ("W1[-1,0]", "names no weight"),
    ],
)
def test_entries_that_are_not(entry, words):
    network = NETWORKS[0]
    parameters, X, Y = point(network)
    with pytest.raises(ParameterError, match=words):
        explain(network, parameters, X, Y).chain(entry)


def test_at_least_one_path():
    network = NETWORKS[0]
    parameters, X, Y = point(network)
    with pytest.raises(ParameterError, match="at least 1 path"):
        explain(network, parameters, X, Y).chain("b1[0]", paths=0)
