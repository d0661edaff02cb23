"""Whole trainings in the compiled engine, epoch by epoch as the reference trains."""

import os
import signal
import threading
import warnings
from dataclasses import asdict, replace
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning

import chainrule as cr
from chainrule.core import CompiledEngine
from chainrule.core.engine import _engine
from chainrule.errors import DivergenceError
from chainrule.nn import L2, Network
from chainrule.optim import (
    SCHEDULES,
    SGD,
    Adam,
    AdamW,
    Adaptive,
    Constant,
    Cosine,
    CosLog,
    InverseScaling,
    OneCycle,
    Optimizer,
    RMSprop,
    Schedule,
    StepDecay,
)
from chainrule.train import Callback, Dataset, Plateau, Trainer, get_metric, train_lbfgs
from helpers.cases import CROSS_ENTROPIES, HIDDEN, PAIRS
from helpers.engines import DTYPES, SETS, TOLERANCE, difference, weights_of
from helpers.product import PENALTIES
from helpers.training import Recorder, dataset

NET = Network(
    (4, 17, 5, 3), "tanh", loss="categorical_cross_entropy", penalty=L2(0.01, "half_mean")
)
# Layers of one vector and of several, full and not, and each stored this way round and that.
SHAPES = ((4, 17, 5, 3), (4, 100, 3), (4, 31, 1), (4, 5, 64, 2), (4, 9, 9))
OPTIMIZERS = {
    "plain": lambda: SGD(0.02),
    "momentum": lambda: SGD(0.01, 0.9),
    "nesterov": lambda: SGD(0.01, 0.9, nesterov=True),
    "rmsprop": lambda: RMSprop(0.01, 0.8),
    "adam": lambda: Adam(0.01, 0.8, 0.99),
    "adamw": lambda: AdamW(0.01, weight_decay=0.3),
}
# An `Adaptive` rate is lowered at the second plateau in a row; nothing improves by so much.
RATES = (
    StepDecay(2, 0.5),
    Cosine(0.1),
    OneCycle(),
    CosLog(2),
    InverseScaling(0.3),
    Adaptive(3),
    Constant(),
)
DROPOUT = (0.0, 0.3, (0.4, 0.0))
WEIGHTED = (None, "random", "with empty batches")


# Sixteen updates pass the rounding of each on, and some divide by the gradient's size.
CLOSE = {np.float64: TOLERANCE[np.float64], np.float32: 10 * TOLERANCE[np.float32]}


class LooksAtBatches(Callback):
    """Does nothing, batch by batch."""

    def on_batch_end(self, run, cost, gradients):
        assert np.isfinite(cost)


def rows(m, dtype, weighted=None, network=NET, seed=0):
    """Return a dataset; "with empty batches" has stretches of weights 0, the first and the last one."""
    rng = np.random.RandomState(seed)
    data = dataset(m, seed, network=network)
    weight = weights_of(weighted and "random", m, rng)
    if weighted == "with empty batches":
        weight[: m // 4] = weight[-m // 4 :] = 0
    return Dataset(*(V if V is None else V.astype(dtype) for V in (data.X, data.Y, weight)))


def train(monkeypatch, engine, data, network=NET, validation=None, optimizer=None, **options):
    """Train by one engine; return everything that a training leaves, by name, and the trainer."""
    monkeypatch.setenv("CHAINRULE_ENGINE", engine)
    options = {"batch_size": 16, "epochs": 4, "seed": 0} | options
    if "plateau" in options:
        options["plateau"] = replace(options["plateau"])  # it counts
    it = Trainer(network, optimizer or SGD(0.1), **options)
    params = network.init(0, dtype=data.Y.dtype)
    history = it.run(params, data, validation)
    return state_of(it, params, history)


def state_of(it, params, history):
    """Return what must be the same to rounding, and what must be the same."""
    close = {
        "θ": params.vector,
        **{name: V for name, V in params.items() if name[0] == "W"},
        **it.optimizer.state,
        "cost": history.cost,
        "validation cost": history.validation_cost,
        "validation score": history.validation_score,
    }
    same = {
        "clock": asdict(it.clock),
        "step": it.optimizer.step,
        "rate": it.optimizer.learning_rate,
        "rates": history.learning_rate,
        "masks": asdict(it.masks),
        "stopped": history.stopped,
        "best epoch": history.best_epoch,
        "epochs": len(history),
        "interrupted": history.interrupted,
        "metric": history.metric,
        "ran out": it.ran_out,
        "next number": it.rng.randint(2**31),
        "dtypes": {params.dtype, *(V.dtype for V in it.optimizer.state.values())},
    }
    return close, same


def check(found, want, dtype, where=""):
    """Assert that two trainings left the same."""
    (close, same), (want_close, want_same) = found, want
    assert same == want_same, where
    assert set(close) == set(want_close), where
    for name, V in want_close.items():
        off = difference(close[name], V)
        assert off < CLOSE[dtype], f"{name} is off by {off:.2e}, {where}"


# ----------------------------------------------------------------------------------------- the product


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_setting_of_a_training(name, dtype, monkeypatch):
    """Optimizer × schedule × dropout × clipping × weights; the network and the rest change with them."""
    settings = product(RATES, DROPOUT, (None, 0.05), WEIGHTED)
    for number, (schedule, dropout, clip_norm, weighted) in enumerate(settings):
        hidden, shape = HIDDEN[number % len(HIDDEN)], SHAPES[number % len(SHAPES)]
        loss = ("squared_error", "binary_cross_entropy", "poisson")[number % 7 % 3]
        network = Network(shape, hidden, loss=loss, penalty=PENALTIES[number % len(PENALTIES)])
        data = rows(60, dtype, weighted, network)
        several = isinstance(dropout, tuple)
        options = {
            "network": network,
            "schedule": schedule,
            "dropout": (*dropout, 0.2)[: network.depth - 1] if several else dropout,
            "clip_norm": clip_norm,
            "frozen": ("W1", "b2") if number % 5 == 1 else (),
            "shuffle": number % 4 < 2,
            "drop_last": number % 3 == 1,
            "rate_factors": ({"b": 0.1, "W1": 3}, None)[number % 5 > 1],
        }
        if isinstance(schedule, Adaptive):
            options["plateau"] = Plateau(patience=1, tolerance=1e9)

        def by(engine, callbacks=(), data=data, options=options):
            it = OPTIMIZERS[name]()
            return train(monkeypatch, engine, data, optimizer=it, callbacks=callbacks, **options)

        want = by("reference")
        where = f"weights {weighted}, {options}"
        check(by(SETS[number % len(SETS)]), want, dtype, where)
        if number % 3 == 0:
            check(by("auto", [LooksAtBatches()]), want, dtype, f"batch by batch, {where}")


def test_the_product_is_complete():
    assert {type(schedule) for schedule in RATES} == set(SCHEDULES.values())
    assert {schedule.read_at for schedule in RATES} == {"step", "epoch", None}
    known = {kind for name, kind in cr.optim.OPTIMIZERS.items() if name in _engine.settings}
    assert {type(make()) for make in OPTIMIZERS.values()} == known


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_output_and_loss_with_every_penalty(penalty, dtype, monkeypatch):
    for number, (output, loss) in enumerate(PAIRS):
        network = Network(
            (4, 7, 2),
            "sigmoid",
            output,
            loss,
            penalty=penalty,
            reduction=("mean", "sum")[number % 2],
            cost_scale=(0.5, 1.0)[number % 3 > 0],
            label_smoothing=0.1 if loss in CROSS_ENTROPIES else 0.0,
        )
        data = rows(50, dtype, WEIGHTED[number % 3], network)
        data.X[...] += 0.5
        want, got = (
            train(monkeypatch, engine, data, network, optimizer=SGD(0.003, 0.5))
            for engine in ("reference", SETS[number % len(SETS)])
        )
        check(got, want, dtype, network)


@pytest.mark.parametrize("other", [o for o in OPTIMIZERS if o != "momentum"])
def test_another_optimizer_is_far_away(other, monkeypatch):
    """The comparison can fail."""
    data = rows(60, np.float64)
    want = train(monkeypatch, "reference", data, optimizer=OPTIMIZERS["momentum"]())
    got = train(monkeypatch, "auto", data, optimizer=OPTIMIZERS[other]())
    assert difference(got[0]["θ"], want[0]["θ"]) > 1e-3


SETTINGS = [
    {"schedule": Cosine(0.1)},
    {"dropout": 0.3},
    {"dropout": (0.3, 0.0)},
    {"clip_norm": 0.05},
    {"frozen": ("b3",)},
    {"batch_size": 15},
    {"shuffle": False},
    {"drop_last": True},
    {"rate_factors": {"b": 0.1}},
    {"rate_factors": {"W2": 0}},
    {"seed": 1},
]


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_every_setting_makes_a_difference(setting, monkeypatch):
    data = rows(60, np.float64)
    plain, other = (train(monkeypatch, "auto", data, **it) for it in ({}, setting))
    assert difference(other[0]["θ"], plain[0]["θ"]) > 1e-6


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("batch_size", [1, 3, 59, 60, 61, 1000, 2**62, 2**63 - 1, 10**30])
def test_every_size_of_a_batch(batch_size, dtype, monkeypatch):
    data = rows(60, dtype, "with empty batches")
    options = {"batch_size": batch_size, "dropout": 0.2, "optimizer": None, "schedule": OneCycle()}
    want, got = (
        train(monkeypatch, engine, data, **{**options, "optimizer": Adam(0.01)})
        for engine in ("reference", "auto")
    )
    check(got, want, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_batches_of_many_shards(dtype, monkeypatch):
    """A batch of 1500 rows is cut, as one of 16 is not."""
    data = rows(4000, dtype, "random")
    options = {"batch_size": 1500, "dropout": 0.2, "clip_norm": 0.1, "frozen": ("W2",)}
    want = train(monkeypatch, "reference", data, optimizer=AdamW(0.01), **options)
    for instruction_set, n_threads in zip(SETS, (1, 2, 3), strict=False):
        got = train(
            monkeypatch,
            instruction_set,
            data,
            optimizer=AdamW(0.01),
            n_threads=n_threads,
            **options,
        )
        check(got, want, dtype)


@pytest.mark.parametrize("form", [sp.csr_array, sp.csr_matrix])
@pytest.mark.parametrize("dtype", DTYPES)
def test_sparse_rows(form, dtype, monkeypatch):
    data = rows(60, dtype, "random")
    sparse = replace(data, X=form(np.where(np.abs(data.X) > 0.7, data.X, 0)))
    options = {"dropout": 0.2, "batch_size": 13}
    want, got = (train(monkeypatch, engine, sparse, **options) for engine in ("reference", "auto"))
    check(got, want, dtype)
    dense = train(monkeypatch, "auto", replace(data, X=sparse.X.toarray()), **options)
    check(got, dense, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_rows_that_all_weigh_nothing(dtype, monkeypatch):
    data = replace(rows(30, dtype), weight=np.zeros(30, dtype))
    options = {"schedule": Cosine(), "dropout": 0.5}
    want, got = (
        train(monkeypatch, engine, data, optimizer=Adam(0.1), **options)
        for engine in ("reference", "auto")
    )
    assert got[1] == want[1]
    assert got[1]["step"] == got[1]["clock"]["step"] == 0
    assert got[1]["clock"]["observations"] == 120
    np.testing.assert_array_equal(got[0].pop("θ"), NET.init(0, dtype=dtype).vector)
    assert got[0]["cost"] == want[0]["cost"] == [0.0] * 4
    assert not any(got[0][name].any() for name in ("first_moment", "second_moment"))


# ------------------------------------------------------------------------------- what ends a training


METRICS = {name: get_metric(name, classification=True) for name in ("accuracy", "log_loss")}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("keep_best", [False, True])
@pytest.mark.parametrize("monitor", ["training", "cost", *METRICS])
def test_early_stopping(monitor, keep_best, dtype, monkeypatch):
    options = {
        "plateau": Plateau(patience=3, tolerance=0.004, keep_best=keep_best),
        "monitor_validation": monitor != "training",
        "metric": METRICS.get(monitor),
        "validation": rows(40, dtype, seed=1),
        "epochs": 200,
        "schedule": Adaptive(2, 0.1),
        "dropout": 0.1,
    }
    data = rows(60, dtype)
    want, got = (
        train(monkeypatch, engine, data, optimizer=SGD(0.2), **options)
        for engine in ("reference", "auto")
    )
    assert "did not improve" in want[1]["stopped"]
    assert len(set(want[1]["rates"])) > 1
    assert (want[1]["best epoch"] is not None) == keep_best
    assert got[1] == want[1]
    for name, V in want[0].items():  # dozens of epochs multiply the rounding of the first
        assert difference(got[0][name], V) < 20 * CLOSE[dtype], name


def numbers_apart(message):
    """Return a message without its numbers, and those."""
    words, numbers = [], []
    for word in message.replace(":", " ").replace(",", " ").replace(")", " ").split():
        try:
            numbers.append(float(word))
        except ValueError:
            words.append(word)
    return words, numbers


DIVERGENCES = {
    "before the first update": (SGD(0.1), 1e200, {}),
    "within the first epoch": (SGD(1e90), 1.0, {"batch_size": 5}),
    "the first epoch took the cost": (SGD(300.0), 1.0, {"batch_size": 20}),
    "in epoch": (SGD(1.5), 1.0, {"batch_size": 40, "epochs": 500}),
    "with momentum, in epoch": (SGD(0.4, 0.95), 1.0, {"batch_size": 40, "epochs": 500}),
    "by schedule, in epoch": (
        SGD(2.0),
        1.0,
        {"batch_size": 20, "epochs": 60, "schedule": OneCycle()},
    ),
    "with dropout, in epoch": (SGD(1.3), 1.0, {"batch_size": 40, "epochs": 500, "dropout": 0.1}),
    "the last update left": (SGD(1e308), 1e3, {"batch_size": 40, "epochs": 1}),
}


@pytest.mark.parametrize("case", DIVERGENCES)
def test_divergence_is_found_at_the_same_update(case, monkeypatch):
    """The same words, update and state; and the parameters are those of the start."""
    optimizer, scale, options = DIVERGENCES[case]
    network = Network((4, 6, 1), "identity")
    data = rows(40, np.float64, network=network)
    data.X[...] *= scale
    left = []
    for engine, callbacks in (("reference", ()), ("auto", ()), ("auto", [Callback()])):
        if callbacks:
            callbacks[0].on_batch_end = lambda run, cost, gradients: None
        monkeypatch.setenv("CHAINRULE_ENGINE", engine)
        made = SGD(optimizer.initial_learning_rate, optimizer.momentum)
        it = Trainer(network, made, callbacks=callbacks, **{"batch_size": 16, "seed": 0} | options)
        params = network.init(0)
        with pytest.raises(DivergenceError) as caught:
            it.run(params, data)
        assert case.split(", ")[-1] in str(caught.value) or case == "within the first epoch"
        np.testing.assert_array_equal(params.vector, network.init(0).vector)
        left.append((numbers_apart(str(caught.value)), state_of(it, params, it.history)[1]))
    (words, numbers), state = left[0]
    for (other_words, other_numbers), other_state in left[1:]:
        assert other_words == words
        np.testing.assert_allclose(other_numbers, numbers, rtol=1e-4)
        assert other_state == state


def test_float32_overflows_where_the_reference_does(monkeypatch):
    """A sum of costs beyond float32 is infinite, whoever adds it up."""
    network = Network((1, 1), reduction="sum")
    data = Dataset(*(np.full((100, 1), x, np.float32) for x in (0.0, 1e19)))
    for engine, callbacks in (("reference", ()), ("auto", [LooksAtBatches()]), ("auto", ())):
        monkeypatch.setenv("CHAINRULE_ENGINE", engine)
        it = Trainer(network, SGD(1e-30), batch_size=100, epochs=2, callbacks=callbacks)
        with pytest.raises(DivergenceError, match="the cost is inf before the first update"):
            it.run(network.init(0, dtype=np.float32), data)


# --------------------------------------------------------------------- who goes batch by batch, and how


@pytest.fixture
def calls(monkeypatch):
    """Count the calls of the engine by name."""
    counts = {"epoch": 0, "cost_and_gradients": 0}

    def counted(name):
        method = getattr(CompiledEngine, name)

        def call(self, *args, **kwargs):
            counts[name] += 1
            return method(self, *args, **kwargs)

        return call

    for name in counts:
        monkeypatch.setattr(CompiledEngine, name, counted(name))
    return counts


class LooksAtEpochs(Callback):
    def __init__(self):
        self.seen = []

    def on_epoch_end(self, run):
        self.seen.append(
            (run.clock.step, run.optimizer.step, run.history.cost[-1], run.parameters.copy())
        )


def test_epochs_run_whole_unless_a_callback_looks_at_batches(calls, monkeypatch):
    data = rows(60, np.float64)
    watch = LooksAtEpochs()
    whole = train(monkeypatch, "auto", data, callbacks=[watch], optimizer=Adam(0.01))
    assert calls == {"epoch": 4, "cost_and_gradients": 0}
    assert [seen[:2] for seen in watch.seen] == [(4, 4), (8, 8), (12, 12), (16, 16)]
    assert [seen[2] for seen in watch.seen] == whole[0]["cost"]
    recorder = Recorder()
    parts = train(monkeypatch, "auto", data, callbacks=[recorder], optimizer=Adam(0.01))
    assert calls == {"epoch": 4, "cost_and_gradients": 16}
    check(parts, whole, np.float64)
    for (_, _, _, params), (_, _, then) in zip(watch.seen, recorder.of("epoch"), strict=True):
        assert difference(params.vector, then.vector) < 1e-12


def test_a_hook_that_is_set_on_the_callback_itself_counts(calls, monkeypatch):
    callback = Callback()
    costs = []
    callback.on_batch_end = lambda run, cost, gradients: costs.append(cost)
    train(monkeypatch, "auto", rows(60, np.float64), callbacks=[LooksAtEpochs(), callback])
    assert calls == {"epoch": 0, "cost_and_gradients": 16}
    assert len(costs) == 16


class Meddler(Callback):
    """Changes what a training goes on with, between its epochs."""

    def on_epoch_end(self, run):
        run.parameters.vector[::7] *= 0.9
        run.optimizer.learning_rate *= 0.7
        run.optimizer.momentum = 0.2
        run.optimizer.state["velocity"][...] *= 0.5
        if run.clock.epoch == 3:
            run.stop("enough")


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_a_callback_changes_between_epochs_is_heeded(dtype, monkeypatch):
    data = rows(60, dtype)
    options = {"callbacks": [Meddler()], "epochs": 9}
    want, got = (
        train(monkeypatch, engine, data, optimizer=SGD(0.1, 0.9), **options)
        for engine in ("reference", "auto")
    )
    check(got, want, dtype)
    assert got[1]["stopped"] == "enough"
    assert got[1]["epochs"] == 3


class SignDescent(Optimizer):
    """θ ← θ − η sign(g), and a memory of its own kind."""

    slots = ("total",)

    def _move(self, vector, gradient, rate):
        self.state["total"] += gradient
        vector -= rate * np.sign(gradient)


class Damped(Adam):
    def _move(self, vector, gradient, rate):
        super()._move(vector, 0.5 * gradient, rate)


@pytest.mark.parametrize("kind", [SignDescent, Damped])
@pytest.mark.parametrize("dtype", DTYPES)
def test_an_optimizer_of_the_users_own(kind, dtype, calls, monkeypatch):
    data = rows(60, dtype, "with empty batches")
    options = {"dropout": 0.2, "clip_norm": 0.5, "frozen": ("b1",), "shuffle": False}
    want, got = (
        train(monkeypatch, engine, data, optimizer=kind(0.01), **options)
        for engine in ("reference", "auto")
    )
    assert calls == {"epoch": 0, "cost_and_gradients": 4 * 3}  # one batch of four is empty
    check(got, want, dtype)


class EveryOther(Schedule):
    """A schedule of the user's own, which reads every entry of the clock."""

    read_at = "step"

    def factor(self, clock):
        share = (1 + clock.step + clock.observations / 100 + clock.epoch) / clock.total_steps
        return 1.0 if clock.step % 2 else min(share, 1.0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_schedule_of_the_users_own(dtype, monkeypatch):
    data = rows(60, dtype, "with empty batches")
    for shuffle in (False, True):
        want, got = (
            train(monkeypatch, engine, data, schedule=EveryOther(), shuffle=shuffle, batch_size=7)
            for engine in ("reference", "auto")
        )
        check(got, want, dtype)


def test_a_training_that_goes_on_may_change_its_engine(monkeypatch):
    """State, clock and masks are the trainer's own: two epochs here and two there are four."""
    data = rows(60, np.float64)
    whole = train(monkeypatch, "reference", data, optimizer=Adam(0.01), dropout=0.2, shuffle=False)
    it = Trainer(
        NET,
        Adam(0.01),
        batch_size=16,
        epochs=1,
        planned_epochs=4,
        dropout=0.2,
        shuffle=False,
        seed=0,
    )
    params = NET.init(0)
    for engine in (SETS[0], "reference", SETS[-1], SETS[0]):
        monkeypatch.setenv("CHAINRULE_ENGINE", engine)
        history = it.run(params, data)
    close, same = state_of(it, params, history)
    assert same["masks"] == whole[1]["masks"]
    assert same["step"] == whole[1]["step"] == 16
    assert difference(close["θ"], whole[0]["θ"]) < 1e-12
    assert difference(close["cost"], whole[0]["cost"]) < 1e-12


@pytest.mark.parametrize("dtype", DTYPES)
def test_lbfgs_takes_its_gradients_from_the_engine(dtype, calls, monkeypatch):
    data, validation = rows(60, dtype, "random"), rows(40, dtype, seed=1)
    found = []
    for engine in ("reference", "auto"):
        monkeypatch.setenv("CHAINRULE_ENGINE", engine)
        params = NET.init(0, dtype=dtype)
        history, result = train_lbfgs(NET, params, data, validation, max_iterations=6)
        found.append((history, result, params))
    (want, _, theta), (got, result, other) = found
    assert calls["cost_and_gradients"] == result.evaluations > 6
    tolerance = {np.float64: 1e-9, np.float32: 1e-3}[dtype]
    assert difference(got.cost, want.cost) < tolerance
    assert difference(got.validation_cost, want.validation_cost) < tolerance
    assert difference(other.vector, theta.vector) < 10 * tolerance


# ------------------------------------------------------------------------------------------ estimators


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("solver", ["sgd", "adam", "rmsprop", "adamw"])
@pytest.mark.parametrize("kind", [cr.MLPClassifier, cr.MLPRegressor])
def test_partial_fit(kind, solver, dtype, monkeypatch):
    data = rows(90, dtype, "random", Network((4, 2)))
    y = (data.Y[:, 0] > 0).astype(int) if kind is cr.MLPClassifier else data.Y
    models = []
    for engine in ("reference", "auto"):
        monkeypatch.setenv("CHAINRULE_ENGINE", engine)
        model = kind(
            hidden_layer_sizes=(9,),
            activation="tanh",
            solver=solver,
            batch_size=8,
            learning_rate="cosine",
            max_iter=6,
            dropout=0.2,
            random_state=0,
        )
        for start in (0, 30, 60, 0, 30, 60):
            part = slice(start, start + 30)
            extra = {"classes": [0, 1]} if kind is cr.MLPClassifier else {}
            model.partial_fit(data.X[part], y[part], sample_weight=data.weight[part], **extra)
        models.append(model)
    want, got = models
    assert got.t_ == want.t_ == 180
    assert got._state.optimizer.step == want._state.optimizer.step == 24
    assert asdict(got._state.clock) == asdict(want._state.clock)
    assert asdict(got._state.masks) == asdict(want._state.masks)
    assert difference(got.loss_curve_, want.loss_curve_) < CLOSE[dtype]
    assert difference(got.parameters_.vector, want.parameters_.vector) < CLOSE[dtype]
    assert got.parameters_.dtype == dtype


@pytest.mark.parametrize("dtype", DTYPES)
def test_fit_and_predict(dtype, monkeypatch):
    data = rows(200, dtype)
    y = data.Y.argmax(axis=1)
    found = []
    for engine in ("reference", *SETS):
        monkeypatch.setenv("CHAINRULE_ENGINE", engine)
        model = cr.MLPClassifier((16,), max_iter=15, early_stopping=True, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(data.X, y)
        found.append((model, model.predict_proba(data.X), model.predict(data.X)))
    want, probabilities, labels = found[0]
    for model, others, other_labels in found[1:]:
        assert difference(model.loss_curve_, want.loss_curve_) < CLOSE[dtype]
        assert difference(others, probabilities) < CLOSE[dtype]
        assert model.validation_scores_ == want.validation_scores_
        np.testing.assert_array_equal(other_labels, labels)
        assert others.dtype == np.float64  # whatever it was computed in
        assert model.parameters_.dtype == dtype


# ---------------------------------------------------------------------------------------- interruption


@pytest.fixture
def ctrl_c():
    """Return a function that sends this process a Ctrl-C after some seconds."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timers = []

    def after(seconds):
        timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
        timers.append(timer)
        timer.start()

    yield after
    for timer in timers:
        timer.cancel()
        timer.join()
    signal.signal(signal.SIGINT, before)


def test_an_interruption_within_an_epoch(ctrl_c):
    """A long epoch ends there, after a whole update, and not when it would have ended."""
    network = Network((64, 512, 64), "tanh")
    X = np.tile(np.random.RandomState(0).normal(size=(1000, 64)).astype(np.float32), (200, 1))
    it = Trainer(network, Adam(1e-4), batch_size=500, epochs=1000, dropout=0.1, seed=0)
    params = network.init(0, dtype=np.float32)
    ctrl_c(0.25)
    history = it.run(params, Dataset(X, X))
    assert history.interrupted
    assert history.stopped == "interrupted"
    assert it.clock.step % 400 > 0  # in the midst of an epoch
    assert it.clock.step == it.optimizer.step == it.masks.drawn
    assert it.clock.observations == 500 * it.clock.step
    assert np.isfinite(params.vector).all()
    assert (it.optimizer.state["second_moment"] > 0).any()


def after_updates(data, count, **options):
    """Return the parameters after so many updates, batch by batch."""
    kept = []

    class Keep(Callback):
        def on_batch_end(self, run, cost, gradients):
            if run.clock.step == count:
                kept.append(run.parameters.copy())
                run.stop("there")

    Trainer(NET, Adam(0.001), callbacks=[Keep()], **options).run(NET.init(0), data)
    return kept[0]


def test_what_an_interruption_leaves_belongs_together(ctrl_c):
    """The parameters are those after as many updates as the clock and the optimizer have counted.

    The signal comes while the engine computes: Python hears of it when the epoch is over.
    """
    data = rows(20_000, np.float64)
    for number in range(6):
        options = {"batch_size": 200, "epochs": 10_000, "dropout": 0.1, "seed": number}
        it = Trainer(NET, Adam(0.001), **options)
        params = NET.init(0)
        ctrl_c(0.05 + 0.013 * number)
        assert it.run(params, data).interrupted
        assert it.clock.step == it.optimizer.step == it.masks.drawn > 0
        want = after_updates(data, it.clock.step, **options)
        assert difference(params.vector, want.vector) < 1e-9
