"""A row is enough: what is put into a table works in every room that the tables are for."""

import json
import warnings
from dataclasses import replace

import numpy as np
import pytest

import chainrule as cr
from chainrule import Network
from chainrule.doctor.notation import Notation
from chainrule.errors import ParameterError
from chainrule.explain.notes import NOTES, Note, NoteConvention, get_note
from chainrule.nn import ACTIVATIONS, LOSSES, Activation, Loss
from chainrule.nn.arrays import magnitude
from chainrule.notation.formula import Symbol
from chainrule.optim import OPTIMIZERS, Optimizer
from helpers.cases import point
from helpers.corrections import check_formulas_of
from helpers.explained import assert_by_complex_steps, assert_by_formulas
from helpers.gradients import check_gradients

SOFTSIGN = Activation(
    "softsign",
    "z/(1 + abs(z))",
    "1/(1 + abs(z))**2",
    lambda Z: Z / (1 + magnitude(Z)),
    lambda Z, A: 1 / (1 + magnitude(Z)) ** 2,
    by_output="(1 - abs(a))**2",
)
LOG_COSH = Loss(
    "log_cosh",
    "sum(log(cosh(a - y)))",
    "tanh(a - y)",
    lambda A, Y: np.log(np.cosh(A - Y)).sum(axis=-1),
    lambda A, Y: np.tanh(A - Y),
)
GAMMA = Loss(  # fused with its output, and its ∂ℓ/∂z is not ŷ − y
    "gamma",
    "sum(y/a + log(a))",
    "(a - y)/a**2",
    lambda A, Y: (Y / A + np.log(A)).sum(axis=-1),
    lambda A, Y: (A - Y) / A**2,
    "exponential",
    lambda Z, Y: (Y * np.exp(-Z) + Z).sum(axis=-1),
    lambda Z, A, Y: 1 - Y / A,
    "count",
    "1 - y/a",
)
CASES = (
    ("softsign", "identity", "half_squared_error"),
    ("softsign", "softmax", "categorical_cross_entropy"),
    ("tanh", "softsign", "squared_error"),
    ("tanh", "softsign", "log_cosh"),
    ("softsign", "softmax", "log_cosh"),
    ("softsign", "exponential", "gamma"),
)
each = pytest.mark.parametrize(("hidden", "output", "loss"), CASES)


class SignDescent(Optimizer):
    """θ ← θ − η sign(g), and a pull towards 0."""

    settings = ("weight_decay",)

    def __init__(self, learning_rate=0.01, weight_decay=0.0):
        super().__init__(learning_rate)
        self.weight_decay = weight_decay

    def _move(self, vector, gradient, rate):
        vector -= rate * (np.sign(gradient) + self.weight_decay * vector)


class Mine(NoteConvention):
    """One's own letters: H for what a layer gives."""

    def A(self, layer):
        return Symbol("H", str(layer)) if layer else super().A(layer)


MINE = Note(
    key="mine",
    title='A. Student, "My notes"',
    about="One observation a row, the mean of the losses.",
    differs="Nothing differs.",
    convention=Mine,
    sizes=(3, 4, 1),
    network={"hidden": "tanh", "loss": "binary_cross_entropy"},
    needs={"reduction": ("mean",)},
    slips=(),
)
Mine.note = MINE


@pytest.fixture
def rows(monkeypatch):
    """Put the new rows into their tables."""
    monkeypatch.setitem(ACTIVATIONS, "softsign", SOFTSIGN)
    monkeypatch.setitem(LOSSES, "log_cosh", LOG_COSH)
    monkeypatch.setitem(LOSSES, "gamma", GAMMA)
    monkeypatch.setitem(OPTIMIZERS, "sign", SignDescent)
    monkeypatch.setitem(NOTES, "mine", MINE)


def case(hidden, output, loss):
    """Return a network and a point of it; the targets of the gamma loss are above 0."""
    network = Network((3, 4, 3), hidden, output, loss)
    parameters, X, Y = point(network)
    return network, parameters, X, np.abs(Y) + 0.5 if loss == "gamma" else Y


@each
@pytest.mark.usefixtures("rows")
def test_the_network_computes_it(hidden, output, loss):
    network, parameters, X, Y = case(hidden, output, loss)
    check_gradients(network, parameters, X, Y)
    assert Network.from_dict(json.loads(json.dumps(network.to_dict()))) == network


@each
@pytest.mark.usefixtures("rows")
def test_it_is_explained(hidden, output, loss):
    """Every formula gives the value beside it, and every value is the derivative."""
    network, parameters, X, Y = case(hidden, output, loss)
    for notation in ("rows", "columns"):
        trace = cr.explain(network, parameters, X, Y, notation=notation)
        assert_by_formulas(trace)
        if notation == "rows":
            document = json.loads(json.dumps(trace.to_dict()))
            assert_by_complex_steps(document, network, parameters, X, Y, None)
        assert all(trace.to_text(format) for format in ("text", "markdown", "latex", "html"))


@pytest.mark.usefixtures("rows")
def test_the_formulas_that_are_shown():
    network, parameters, X, Y = case("softsign", "exponential", "gamma")
    trace = cr.explain(network, parameters, X, Y)
    assert trace["A1"].concrete_formula == "A1 = Z1/(1 + abs(Z1))"
    assert trace["g1'"].concrete_formula == "g1'(Z1) = 1/(1 + abs(Z1))²"
    assert trace["dA2"].concrete_formula == "dA2 = (1/m) (A2 − Y)/A2²"
    assert trace["dZ2"].concrete_formula == "dZ2 = (1/m) (1 − Y/A2)"


@pytest.mark.usefixtures("rows")
def test_a_fused_loss_without_a_text_is_explained_by_its_two_factors(monkeypatch):
    silent = Loss(*(getattr(GAMMA, name) for name in list(GAMMA.__dataclass_fields__)[:-1]))
    monkeypatch.setitem(LOSSES, "gamma", silent)
    network, parameters, X, Y = case("softsign", "exponential", "gamma")
    trace = cr.explain(network, parameters, X, Y)
    assert trace["dZ2"].formula == "dZ2 = dA2 ⊙ g2'(Z2)"
    assert trace["dZ2"].concrete_formula == trace["dZ2"].formula
    assert_by_formulas(trace)
    formula = Notation(network).formula("dZ2")
    assert formula == "dZ2 = (A2 - Y) / A2**2 / m * A2"
    check_formulas_of(network)


def gradient_of(network, wrong=False):
    """Return a gradient function of one's own; `wrong` leaves the hidden slope out."""
    g, h, loss = network.activations[0], network.activations[1], network.loss_function

    def mine(W1, b1, W2, b2, X, Y):
        m = len(X)
        Z1 = X @ W1 + b1
        A1 = g.value(Z1)
        Z2 = A1 @ W2 + b2
        A2 = h.value(Z2)
        dZ2 = h.jacobian_product(Z2, A2, loss.derivative(A2, Y)) / m
        dZ1 = dZ2 @ W2.T * (1 if wrong else g.derivative(Z1, A1))
        return {"dW2": A1.T @ dZ2, "db2": dZ2.sum(0), "dW1": X.T @ dZ1, "db1": dZ1.sum(0)}

    return mine


@each
@pytest.mark.usefixtures("rows")
def test_the_doctor_checks_gradients_with_it(hidden, output, loss):
    network = Network((3, 4, 3), hidden, output, loss)
    report = cr.check_gradients(network, gradient_of(network))
    assert report.ok, str(report)
    report = cr.check_gradients(network, gradient_of(network, wrong=True))
    assert report.codes == ("missing_activation_derivative",), str(report)
    check_formulas_of(network)


@each
@pytest.mark.usefixtures("rows")
def test_the_doctor_checks_formulas_with_it(hidden, output, loss):
    network = Network((3, 4, 3), hidden, output, loss)
    right = [Notation(network).formula(name) for name in ("dZ2", "dW2", "db2", "dZ1", "dW1", "db1")]
    if ACTIVATIONS[output].is_elementwise or LOSSES[loss].fused_formula:
        assert cr.check_formulas(network, "\n".join(right)).ok, right
    [mistake] = cr.check_formulas(network, {"dZ1": "dZ2 @ W2.T"}).mistakes
    assert mistake.code == "missing_activation_derivative"
    assert cr.check_formulas(network, mistake.corrected).ok, mistake.corrected
    by_name = {"dZ1": f"(dZ2 @ W2.T) * {hidden}_prime(Z1)"}
    assert cr.check_formulas(network, by_name).ok
    latex = {"dZ1": rf"dZ_1 = (dZ_2 W_2^\top) \odot \operatorname{{{hidden}}}'(Z_1)"}
    assert cr.check_formulas(network, latex["dZ1"]).ok


@pytest.mark.usefixtures("rows")
def test_an_ensemble_asks_the_row_of_the_output(monkeypatch):
    """Without a form for the mean's Z, a loss of Z would be that of another prediction."""
    row = replace(ACTIVATIONS["exponential"], name="exponential", pooled=None)
    monkeypatch.setitem(ACTIVATIONS, "exponential", row)
    with pytest.raises(ParameterError, match="can be pooled, not 'exponential'"):
        Network((2, 1), output="exponential", loss="gamma", members=2)
    assert Network((2, 1), output="exponential", loss="squared_error", members=2).members == 2


@pytest.mark.usefixtures("rows")
def test_an_optimizer_is_built_from_an_estimators_parameters():
    parameters = {"weight_decay": 0.5, "momentum": 0.9, "epsilon": 1e-8}
    optimizer = OPTIMIZERS["sign"].from_parameters(0.1, parameters)
    assert isinstance(optimizer, SignDescent)
    theta = np.array([1.0, -2.0])
    optimizer.update(theta, np.array([3.0, -0.2]))
    np.testing.assert_allclose(theta, [0.85, -1.8])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_takes_its_settings_by_the_estimators_names(name):
    kind = OPTIMIZERS[name]
    names = {setting: kind.names_in_estimators.get(setting, setting) for setting in kind.settings}
    model = cr.MLPClassifier().get_params()
    assert set(names.values()) <= set(model)  # so that none is left at a default of its own
    optimizer = kind.from_parameters(0.25, model)
    assert type(optimizer) is kind
    assert optimizer.learning_rate == 0.25
    assert {setting: getattr(optimizer, setting) for setting in kind.settings} == {
        setting: model[other] for setting, other in names.items()
    }


@pytest.mark.usefixtures("rows")
def test_a_note_is_written_in():
    assert get_note("mine") is MINE
    assert get_note(f"N{len(NOTES)}") is MINE
    network, parameters, X, Y = case("softsign", "identity", "half_squared_error")
    trace = cr.explain(network, parameters, X, Y, note="mine")
    assert trace["H1"].concrete_formula == "H1 = Z1/(1 + abs(Z1))"
    assert "H1ᵀ dZ2" in trace["dW2"].formula
    for name in ("dW1", "dW2", "db1", "db2"):
        np.testing.assert_array_equal(trace[name].value, trace.gradients[name[1:]])


@pytest.mark.parametrize(
    ("given", "nearest"), [({"hidden": "sotfsign"}, "softsign"), ({"loss": "logcosh"}, "log_cosh")]
)
@pytest.mark.usefixtures("rows")
def test_messages_name_the_new_rows(given, nearest):
    with pytest.raises(cr.errors.ParameterError, match=f"did you mean '{nearest}'"):
        Network((3, 4, 1), **given)


@pytest.mark.usefixtures("rows")
def test_an_estimator_trains_with_it():
    """On the reference engine, which is said once, and by the new optimizer's own update."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(200, 3))
    y = (X[:, 0] > X[:, 1] ** 2).astype(int)
    model = cr.MLPClassifier(
        (16,), activation="softsign", solver="sign", learning_rate_init=0.01, weight_decay=0.1,
        max_iter=60, n_iter_no_change=60, random_state=0,
    )  # fmt: skip
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        model.fit(X, y)
    assert ["softsign" in str(one.message) for one in said].count(True) == 1
    assert model.network_.hidden == ("softsign",)
    assert model.loss_ < 0.5 * model.loss_curve_[0]
    with pytest.raises(cr.errors.ParameterError, match="did you mean 'sign'"):
        cr.MLPClassifier(solver="sgin").fit(X, y)
