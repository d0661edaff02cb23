"""Explanations of networks with an embedding: every derivative, every format, the paths."""

from html import unescape

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ParameterError
from chainrule.nn.embeddings import NAMES
from chainrule.notation.plain import plain
from helpers.embedded import CASES, embedded, point
from helpers.gradients import complex_step, relative_error


@pytest.mark.parametrize("case", CASES[::2], ids=str)
def test_every_derivative_is_that_of_the_cost(case):
    network = embedded(case)
    parameters, X, Y = point(network)
    trace = cr.explain(network, parameters, X, Y)
    truth = complex_step(network, parameters, X, Y)
    for name in parameters:
        assert relative_error(trace[f"d{name}"].value, truth[name]) < 1e-12
        np.testing.assert_array_equal(trace[name].value, parameters[name])
    for step in trace.steps:
        assert np.shape(step.value) == step.shape, step.name
    np.testing.assert_allclose(
        trace["E"].value @ parameters["W1"] + parameters["b1"], trace["Z1"].value, rtol=1e-12
    )


def subject():
    network = cr.Network((3, 4, 2), embedding=cr.PeriodicEmbedding(2, 3))
    return (network, *point(network))


def test_the_formulas():
    trace = cr.explain(*subject())
    for name, formula in {
        "t": "t[i] = b0 + w0 ⊙ X[i, :k]ᵀ",
        "e": "e[i] = concat(X[i, :k]ᵀ, cos(2 π t[i]))",
        "E": "E = a0 ⊙ e + c0",
        "Z1": "Z1 = E W1 + b1",
        "dW1": "dW1 = Eᵀ dZ1",
        "dE": "dE = dZ1 W1ᵀ",
        "dt": "dt[i] = −2 π sin(2 π t[i]) ⊙ a0 ⊙ dE[i]",
        "dfrequency": "dw0 = Σ_i X[i, :k]ᵀ ⊙ dt[i]",
        "dphase": "db0 = Σ_i dt[i]",
        "damplitude": "da0 = Σ_i dE[i] ⊙ e[i]",
        "doffset": "dc0 = Σ_i dE[i]",
    }.items():
        assert trace[name].formula == formula


def test_the_chains_of_derivatives():
    trace = cr.explain(*subject())
    for name, text in {
        "dE": "dE = ∂J/∂Z1 · ∂Z1/∂E = dZ1 W1ᵀ",
        "dt": "dt[i] = ∂J/∂E · ∂E/∂e · ∂e/∂t = −2 π sin(2 π t[i]) ⊙ a0 ⊙ dE[i]",
        "dfrequency": "dw0 = ∂J/∂t · ∂t/∂w0 = Σ_i X[i, :k]ᵀ ⊙ dt[i]",
        "damplitude": "da0 = ∂J/∂E · ∂E/∂a0 = Σ_i dE[i] ⊙ e[i]",
    }.items():
        assert plain(trace[name].equation) == text


def test_in_columns_the_batches_are_turned():
    arguments = subject()
    rows, columns = cr.explain(*arguments), cr.explain(*arguments, notation="columns")
    assert list(rows) == list(columns)
    for name in ("E", "dE", "dX", "W1"):
        np.testing.assert_array_equal(columns[name].value, rows[name].value.T)
    for name in ("t", "e", "dt", *NAMES):
        np.testing.assert_array_equal(columns[name].value, rows[name].value)


def test_the_numbers_are_those_of_the_formulas():
    network, parameters, X, Y = subject()
    trace = cr.explain(network, parameters, X, Y)
    t, e, dE, dt = (trace[name].value for name in ("t", "e", "dE", "dt"))
    own = dE[:, :6].reshape(5, 2, 3)
    np.testing.assert_allclose(e[:, :, 1:], np.cos(2 * np.pi * t), rtol=1e-14)
    slopes = -2 * np.pi * np.sin(2 * np.pi * t) * parameters["amplitude"][:, 1:] * own[:, :, 1:]
    np.testing.assert_allclose(dt, slopes, rtol=1e-12)
    np.testing.assert_allclose(trace["damplitude"].value, (own * e).sum(axis=0), rtol=1e-12)


@pytest.mark.parametrize("entry", ["W1[4,1]", "W1[6,0]", "W2[0,1]", "b1[1]"])
def test_the_paths_of_a_weight_add_up(entry):
    network, parameters, X, Y = subject()
    chain = cr.explain(network, parameters, X, Y).chain(entry, paths=1000)
    assert sum(path.product for path in chain.paths) == pytest.approx(chain.value, rel=1e-12)


@pytest.mark.parametrize("form", ["text", "markdown", "latex", "html"])
def test_every_format_writes_it(form):
    text = unescape(cr.explain(*subject()).to_text(form))
    assert ("π" in text) or (r"\pi" in text)


def test_an_update_moves_it():
    network, parameters, X, Y = subject()
    update = cr.explain(network, parameters, X, Y).update(0.01, too_early=True)
    assert update.costs[1] < update.costs[0]
    _, gradients = network.cost_and_gradients(parameters, X, Y)
    for name in NAMES:
        np.testing.assert_allclose(
            update.first[name], parameters[name] - 0.01 * gradients[name], rtol=1e-14
        )
        assert not np.array_equal(update.too_early.first[name], parameters[name])


def test_the_notes_know_nothing_of_it():
    network = cr.Network((3, 4, 1), output="sigmoid", embedding=cr.PeriodicEmbedding(2, 3))
    parameters, X, Y = point(network)
    with pytest.raises(ParameterError, match="the lecture notes know no embedding"):
        cr.explain(network, parameters, X, Y, note="singh")
