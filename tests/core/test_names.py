"""The tables are the truth: a row that the compiled engine does not know by name is the reference's."""

import warnings

import numpy as np
import pytest

from chainrule.core import choice, engine_for, forward_output, gradient_function
from chainrule.core.engine import _engine, obstacle
from chainrule.nn import ACTIVATIONS, L2, LOSSES, Network
from chainrule.nn.activations import Activation
from chainrule.nn.losses import Loss
from chainrule.notices import EngineWarning
from chainrule.optim import OPTIMIZERS, SGD, Adam, Optimizer
from chainrule.train import Callback, Trainer, train_lbfgs
from helpers.engines import SETS, difference, differences, draw, reference
from helpers.training import NET, dataset, trainer

SOFTSIGN = Activation(
    "softsign",
    "z/(1 + abs(z))",
    "1/(1 + abs(z))**2",
    lambda Z: Z / (1 + np.abs(Z)),
    lambda Z, A: 1 / (1 + np.abs(Z)) ** 2,
)
LOG_COSH = Loss(
    "log_cosh",
    "sum(log(cosh(a - y)))",
    "tanh(a - y)",
    lambda A, Y: np.log(np.cosh(A - Y)).sum(axis=-1),
    lambda A, Y: np.tanh(A - Y),
)


class Lion(Optimizer):
    """θ ← θ − η sign(β m + (1 − β) g), and m goes towards g."""

    slots = ("momentum",)
    settings = ("beta",)

    def __init__(self, learning_rate=0.01, beta=0.9):
        super().__init__(learning_rate)
        self.beta = beta

    def _move(self, vector, gradient, rate):
        m = self.state["momentum"]
        vector -= rate * np.sign(self.beta * m + (1 - self.beta) * gradient)
        m *= self.beta
        m += (1 - self.beta) * gradient


class Watching(Callback):
    """Makes a training go batch by batch."""

    def on_batch_end(self, run, cost, gradients):
        pass


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch):
    monkeypatch.delenv("CHAINRULE_ENGINE", raising=False)
    monkeypatch.setattr(choice, "_said", set())


@pytest.fixture
def table():
    """Return a function that gives a table new rows, in their order, until the test is over."""
    kept = []

    def changed(rows, into):
        kept.append((into, dict(into)))
        into.clear()
        into.update(rows)

    yield changed
    for into, rows in reversed(kept):
        into.clear()
        into.update(rows)


def inserted(rows, name, row, before):
    """Return the rows of a table with one more, in front of another."""
    found = {}
    for other, value in rows.items():
        if other == before:
            found[name] = row
        found[other] = value
    assert len(found) == len(rows) + 1
    return found


def says(what):
    """Expect a warning that the engine does not know something."""
    return pytest.warns(EngineWarning, match=f"the compiled engine does not know {what}")


def trained(network, optimizer=None, engine=None, **options):
    """Return the parameters and the history of a training."""
    with pytest.MonkeyPatch.context() as context:
        if engine is not None:
            context.setenv("CHAINRULE_ENGINE", engine)
        params = network.init(0)
        it = Trainer(
            network, optimizer or SGD(0.1, 0.5), batch_size=16, epochs=3, seed=0, **options
        )
        history = it.run(params, dataset(60, network=network))
        return params, history


def agrees(network):
    """Say that costs, gradients, outputs and a training are the reference's."""
    point = draw(network, 40, 0, "random")
    J, gradients = gradient_function(network, np.float64)(*point.batch)
    output = forward_output(network, point.parameters, point.X)
    got = {"J": J, "Z": output.Z, "A": output.A, **gradients}
    assert max(differences(got, reference(network, point)).values()) < 1e-12
    got, want = trained(network), trained(network, engine="reference")
    assert difference(got[0].vector, want[0].vector) < 1e-12
    assert difference(got[1].cost, want[1].cost) < 1e-12


# ------------------------------------------------------------------------------------------- new rows


def with_softsign(table):
    table(inserted(ACTIVATIONS, "softsign", SOFTSIGN, before="softmax"), ACTIVATIONS)


def test_a_new_activation(table):
    """The rows after it have other places now, and are what they were."""
    with_softsign(table)
    network = Network((4, 6, 5, 3), ("softsign", "relu"), loss="categorical_cross_entropy")
    with says("the activation 'softsign'"):
        assert engine_for(network, np.float64) is None
    agrees(network)
    known = Network((4, 6, 3), "softmax", loss="categorical_cross_entropy")
    assert engine_for(known, np.float64) is not None
    agrees(known)


def test_a_new_loss(table):
    table(inserted(LOSSES, "log_cosh", LOG_COSH, before="poisson"), LOSSES)
    network = Network((4, 6, 2), loss="log_cosh")
    with says("the loss 'log_cosh'"):
        assert engine_for(network, np.float64) is None
    agrees(network)
    for loss in ("poisson", "half_squared_error"):
        known = Network((4, 6, 2), loss=loss)
        assert engine_for(known, np.float64) is not None
        agrees(known)


def test_a_new_optimizer(table):
    """The engine gives the gradients, and Python makes the updates."""
    table(inserted(OPTIMIZERS, "lion", Lion, before="adam"), OPTIMIZERS)
    with says("the optimizer 'lion': Python makes its updates"):
        got = trained(NET, Lion(0.02))
    want = trained(NET, Lion(0.02), engine="reference")
    assert difference(got[0].vector, want[0].vector) < 1e-12
    batch_by_batch = trained(NET, Adam(0.02), callbacks=[Watching()])
    assert difference(trained(NET, Adam(0.02))[0].vector, batch_by_batch[0].vector) < 1e-12


@pytest.mark.parametrize("settings", [("momentum", "decay"), ("momentum",), ()], ids=str)
def test_a_new_setting_of_a_known_optimizer(settings, table):
    """Its equations are no longer those that the engine has."""
    kind = type("SGD", (SGD,), {"settings": settings})
    table(OPTIMIZERS | {"sgd": kind}, OPTIMIZERS)
    with says("the optimizer 'sgd'"):
        trained(NET, kind(0.1))


class L2Twice(L2):
    """Counts double."""

    def gradient_factor(self, m):
        return 2 * super().gradient_factor(m)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("reduction", "median", "the reduction 'median'"),
        ("parametrization", "mup", "the parametrization 'mup'"),
        ("penalty", L2Twice(0.1), "the penalty L2Twice"),
    ],
)
def test_other_things_that_are_new(field, value, said):
    network = Network((4, 6, 1))
    object.__setattr__(network, field, value)
    with says(said):
        assert engine_for(network, np.float64) is None


def test_a_new_scale_of_the_penalty():
    penalty = L2(0.1)
    object.__setattr__(penalty, "scale", "third")
    with says("the penalty scale 'third'"):
        assert engine_for(Network((4, 6, 1), penalty=penalty), np.float64) is None


def test_what_is_too_large_for_the_engine():
    for network, said in (
        (Network((2**31, 1)), "more than 2,147,483,392 units in a layer"),
        (Network((2, 1), members=2**31), "more than 2,147,483,392 members"),
    ):
        with says(said):
            assert engine_for(network, np.float64) is None


# --------------------------------------------------------------------------------- the order of the rows


def test_the_order_of_the_rows_is_nobodys_concern(table):
    for rows in (ACTIVATIONS, LOSSES, OPTIMIZERS):
        table(dict(reversed(rows.items())), rows)
    for name, activation in ACTIVATIONS.items():
        if not activation.output_only:
            network = Network((4, 5, 3), name, loss="squared_error")
            assert engine_for(network, np.float64) is not None
            agrees(network)
    for loss, row in LOSSES.items():
        agrees(Network((4, 5, 3), "tanh", row.output or "identity", loss))
    for kind in (kind for name, kind in OPTIMIZERS.items() if name in _engine.settings):
        got, want = trained(NET, kind(0.02)), trained(NET, kind(0.02), engine="reference")
        assert difference(got[0].vector, want[0].vector) < 1e-11


def test_the_engine_knows_no_name_that_no_row_has():
    """Else a name was misspelled on one side, and a fast twin is never used."""
    for kind, rows in (
        ("activation", ACTIVATIONS),
        ("loss", LOSSES),
        ("optimizer", OPTIMIZERS),
    ):
        assert set(_engine.names[kind]) <= set(rows)
    assert set(_engine.settings) == set(_engine.names["optimizer"])
    for name, settings in _engine.settings.items():
        assert set(settings) == set(OPTIMIZERS[name].settings)


# ----------------------------------------------------------------------------------------------- said


def everything(network):
    """Train and predict in every way."""
    data = dataset(network=network)
    for watching in ([], [Watching()]):
        trainer(network, epochs=1, callbacks=watching).run(network.init(0), data, data)
    train_lbfgs(network, network.init(0), data, max_iterations=2)
    forward_output(network, network.init(0), data.X)


def test_a_fallback_is_said_once(table):
    with_softsign(table)
    table(OPTIMIZERS | {"lion": Lion}, OPTIMIZERS)
    network = Network((4, 6, 1), "softsign", loss="binary_cross_entropy")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            everything(network)
            trained(NET, Lion())
    said = [str(warning.message) for warning in caught]
    assert len(said) == 2
    assert all("\n" not in text for text in said)
    assert "'softsign'" in said[0]
    assert "'lion'" in said[1]
    assert {warning.category for warning in caught} == {EngineWarning}


def test_whoever_asks_for_the_reference_is_told_nothing(table, monkeypatch):
    with_softsign(table)
    monkeypatch.setenv("CHAINRULE_ENGINE", "reference")
    everything(Network((4, 6, 1), "softsign"))
    assert obstacle(NET) is None
    assert SETS
