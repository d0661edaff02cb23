"""Explanations of networks whose layers multiply by something that W is a part of."""

from itertools import product

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ParameterError
from chainrule.nn import Parameters

H = 1e-30
KINDS = [(True, "ntk"), (True, "standard"), (False, "ntk")]
OUTPUTS = [
    ("sigmoid", "binary_cross_entropy"),
    ("softmax", "categorical_cross_entropy"),
    ("softmax", "half_squared_error"),
    ("exponential", "poisson"),
]


def subject(scale, parametrization, output="identity", loss=None, sizes=(3, 4, 2), members=1):
    network = cr.Network(
        sizes, hidden="mish", output=output, loss=loss, penalty=cr.L2(0.1, biases=True),
        input_scale=scale, parametrization=parametrization, members=members,
    )  # fmt: skip
    rng = np.random.RandomState(0)
    parameters = network.init(0, "normal")
    parameters.vector += 0.1 * rng.normal(size=parameters.vector.size)
    Y = np.eye(sizes[-1])[rng.randint(sizes[-1], size=5)]
    return network, parameters, rng.normal(size=(5, sizes[0])), Y


def by_complex_step(cost, vector):
    steps = (vector + 1j * H * unit for unit in np.eye(vector.size))
    return np.array([cost(step).imag / H for step in steps])


def close(value, exact):
    error = np.linalg.norm(np.ravel(value) - np.ravel(exact))
    return error <= 1e-12 * np.linalg.norm(exact)


@pytest.mark.parametrize(
    ("kind", "pair", "hidden"), list(product(KINDS, OUTPUTS, [(), (4,), (4, 3)]))
)
def test_every_derivative_is_that_of_the_cost(kind, pair, hidden):
    network, parameters, X, Y = subject(*kind, *pair, sizes=(3, *hidden, 2))
    trace = cr.explain(network, parameters, X, Y)
    exact = Parameters(
        parameters.layout,
        by_complex_step(
            lambda v: network.cost(Parameters(parameters.layout, v), X, Y), parameters.vector
        ),
    )
    for name in parameters:
        assert close(trace[f"d{name}"].value, exact[name])
    plain, weights = network.member(parameters, 0)
    free = cr.Network(**{**plain.to_dict(), "penalty": None})
    exact = Parameters(
        weights.layout,
        by_complex_step(lambda v: free.cost(Parameters(weights.layout, v), X, Y), weights.vector),
    )
    for layer in range(1, network.depth + 1):
        if f"V{layer}" in trace:
            np.testing.assert_array_equal(trace[f"V{layer}"].value, weights[f"W{layer}"])
            assert close(trace[f"dV{layer}"].value, exact[f"W{layer}"])


@pytest.mark.parametrize("kind", KINDS)
def test_formulas_and_where_they_are_needed(kind):
    scale, parametrization = kind
    trace = cr.explain(*subject(*kind))
    ntk = parametrization == "ntk"
    assert trace["Z1"].formula == "Z1 = X V1 + b1"
    assert trace["dV1"].formula == "dV1 = Xᵀ dZ1"
    kappa = "κ1 " if ntk else ""
    diagonal = "diag(s) " if scale else ""
    assert trace["V1"].formula == f"V1 = {kappa}{diagonal}W1"
    assert trace["dW1"].formula == f"dW1 = {kappa}{diagonal}dV1 + ∂R/∂W1"
    assert ("V2" in trace) == ntk
    if scale:
        inner = "(κ1 W1 ⊙ dV1)" if ntk else "(W1 ⊙ dV1)"
        assert trace["dscale"].formula == f"ds = rowsum{inner}ᵀ"
    if ntk:
        assert "1/√n0 = 1/√3 = 0.57735" in trace["V1"].says


@pytest.mark.parametrize("kind", KINDS)
def test_in_columns_all_is_turned(kind):
    arguments = subject(*kind)
    rows, columns = cr.explain(*arguments), cr.explain(*arguments, notation="columns")
    assert list(rows) == list(columns)
    for name in rows:
        value = np.asarray(rows[name].value)
        if rows[name].kind in ("batch", "weight", "bias"):
            np.testing.assert_array_equal(columns[name].value, value.T)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("entry", ["W1[2,3]", "W2[0,1]", "b1[1]"])
def test_the_paths_of_a_weight_add_up(kind, entry):
    network, parameters, X, Y = subject(*kind)
    chain = cr.explain(network, parameters, X, Y).chain(entry, paths=1000)
    assert len(chain.paths) == chain.count
    for path in chain.paths:
        assert path.product == pytest.approx(np.prod([f.value for f in path.factors]), rel=1e-14)
    total = sum(path.product for path in chain.paths) + chain.penalty
    assert total == pytest.approx(chain.value, rel=1e-12)


@pytest.mark.parametrize("form", ["text", "markdown", "latex", "html"])
def test_every_format_writes_them(form):
    text = cr.explain(*subject(True, "ntk")).to_text(form)
    assert ("κ" in text) or (r"\kappa" in text)


def test_an_update_moves_the_scale():
    network, parameters, X, Y = subject(True, "ntk")
    update = cr.explain(network, parameters, X, Y).update(0.01)
    assert update.costs[1] < update.costs[0]
    moved = parameters["scale"] - 0.01 * network.cost_and_gradients(parameters, X, Y)[1]["scale"]
    np.testing.assert_allclose(update.first["scale"], moved, rtol=1e-14)


def test_an_ensemble_is_explained_one_member_at_a_time():
    network, parameters, X, Y = subject(True, "ntk", members=3)
    with pytest.raises(ParameterError, match=r"one at a time: network\.member\(parameters, 0\)"):
        cr.explain(network, parameters, X, Y)
    outputs = []
    for index in range(3):
        one, own = network.member(parameters, index)
        trace = cr.explain(one, own, X, Y)
        outputs.append(trace["A2"].value)
    np.testing.assert_allclose(np.mean(outputs, axis=0), network.predict(parameters, X), rtol=1e-13)
    with pytest.raises(ParameterError, match="no member 3: the members of this network are 0 to 2"):
        network.member(parameters, 3)


def test_the_notes_know_nothing_of_it():
    network, parameters, X, Y = subject(True, "ntk", "sigmoid", "binary_cross_entropy", (3, 4, 2))
    with pytest.raises(ParameterError, match="the same function in plain weights"):
        cr.explain(network, parameters, X, Y, note="singh")
