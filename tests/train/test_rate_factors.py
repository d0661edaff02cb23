"""Learning rates of their own for some parameters, and epochs without the rows that are left over."""

from dataclasses import replace

import numpy as np
import pytest

from chainrule.errors import ParameterError
from chainrule.nn import L2, Network
from chainrule.optim import SGD, Adam, AdamW, CosLog, RMSprop
from chainrule.train import Dataset, Plateau
from chainrule.train.rate_factors import named_factors
from helpers.training import NET, Recorder, dataset, trainer

ENGINES = ("auto", "reference")
ALL = Network((3, 4, 5, 2), input_scale=True, members=2)


@pytest.mark.parametrize(
    ("given", "want"),
    [
        ({"b": 0.1}, {"b1": 0.1, "b2": 0.1, "b3": 0.1}),
        ({"b": 0.1, "b2": 3}, {"b1": 0.1, "b2": 3, "b3": 0.1}),
        ({"scale": 6.0}, {"scale": 6.0}),
        ({"W": 0, "R": 2, "S2": 5}, {"W1": 0, "W2": 0, "W3": 0, "R1": 2, "R2": 2, "S2": 5}),
        ({"S": 0.5}, {"S1": 0.5, "S2": 0.5}),
    ],
)
def test_names_and_letters(given, want):
    names = [name for name, _ in ALL.layout.shapes()]
    assert named_factors(given, ALL) == {name: want.get(name, 1.0) for name in names}


def test_nothing_to_multiply():
    for given in (None, {}, {"b": 1}, {"W1": 1.0, "scale": 1}):
        assert named_factors(given, ALL) is None
    for given in ({"scale": 6}, {"R": 2}, {"S": 0}):  # a plain network has none of these
        assert named_factors(given, NET) is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"c": 1},
            "there is no parameter 'c' to learn at a rate of its own: scale, frequency, phase, "
            "amplitude, offset, W, R, S, b, W1",
        ),
        ({"W3": 1}, "no parameter 'W3' .* W1, b1, W2, b2$"),
        ({"R1": 1}, "no parameter 'R1'"),
        ({3: 1}, "no parameter 3"),
        (
            {"b": -0.1},
            "the learning rate's factor of b must be a finite number of at least 0, not -0.1",
        ),
        ({"b": np.nan}, "factor of b must be .* not nan"),
        ({"b": np.inf}, "factor of b must be .* not inf"),
        ({"b": "x"}, "factor of b must be .* not 'x'"),
        ({"b": None}, "factor of b must be .* not None"),
        ({"b": True}, "factor of b must be .* not True"),
        ("b", "must be a dict such as .* not 'b'"),
        ([("b", 1)], "must be a dict such as"),
    ],
)
def test_factors_that_make_no_sense(given, message):
    with pytest.raises(ParameterError, match=message):
        trainer(rate_factors=given)


def steps_seen(**options):
    """Return the rows of every batch, as the reference takes them, and the history."""
    batches = []

    class Watched(np.ndarray):
        def __getitem__(self, index):
            batches.append(np.arange(len(self))[index])
            return np.asarray(np.asarray(self)[index])

    data = dataset(43)
    it = trainer(**options)
    history = it.run(NET.init(0), Dataset(data.X.view(Watched), data.Y))
    return batches, history, it


@pytest.mark.parametrize("shuffle", [True, False])
def test_the_rows_left_over_are_never_seen(shuffle, monkeypatch):
    monkeypatch.setenv("CHAINRULE_ENGINE", "reference")  # which takes its rows in Python
    batches, history, it = steps_seen(batch_size=10, epochs=5, drop_last=True, shuffle=shuffle)
    assert [len(rows) for rows in batches] == [10] * 20
    epochs = np.concatenate(batches).reshape(5, 40)
    for rows in epochs:
        assert len(set(rows)) == 40
    if shuffle:
        assert len({frozenset(rows) for rows in epochs}) == 5  # others are left out each time
    else:
        np.testing.assert_array_equal(epochs, np.tile(np.arange(40), (5, 1)))
    assert (it.clock.step, it.clock.observations, it.clock.total_steps) == (20, 200, 20)
    assert len(history) == 5


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("looking", [False, True])
def test_rows_left_over_may_hold_anything(engine, looking, monkeypatch):
    """Whole epochs and batch by batch: without shuffling the last rows have no say."""
    monkeypatch.setenv("CHAINRULE_ENGINE", engine)
    data = dataset(43)
    wild = replace(data, X=data.X.copy())
    wild.X[40:] = 1e6

    def left_by(rows, **options):
        params = NET.init(0)
        callbacks = [Recorder()] if looking else []
        it = trainer(
            optimizer=Adam(0.01), batch_size=10, shuffle=False, callbacks=callbacks, **options
        )
        history = it.run(params, rows)
        return params.vector.tobytes(), history.cost, it.clock.step, it.clock.observations

    want = left_by(Dataset(data.X[:40], data.Y[:40]))
    assert left_by(wild, drop_last=True) == want
    assert left_by(data, drop_last=True) == want
    assert left_by(data)[0] != want[0]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("batch_size", [43, 44, 1000, 1])
def test_where_nothing_is_left_over_all_rows_are_taken(engine, batch_size, monkeypatch):
    """A batch that holds all the rows, or more, is no part of a batch that is dropped."""
    monkeypatch.setenv("CHAINRULE_ENGINE", engine)
    left = []
    for drop_last in (False, True):
        params = NET.init(0)
        it = trainer(batch_size=batch_size, drop_last=drop_last, epochs=2)
        it.run(params, dataset(43))
        left.append((params.vector.tobytes(), it.clock.step, it.clock.observations))
    assert left[0] == left[1]
    assert left[0][2] == 86


@pytest.mark.parametrize("engine", ENGINES)
def test_a_schedule_ends_with_the_last_whole_batch(engine, monkeypatch):
    """CosLog is 0 after all updates; one that counted the left-over rows would not get there."""
    monkeypatch.setenv("CHAINRULE_ENGINE", engine)
    recorder = Recorder()
    it = trainer(batch_size=10, drop_last=True, epochs=3, schedule=CosLog(2), callbacks=[recorder])
    it.run(NET.init(0), dataset(43))
    rates = [call[3] for call in recorder.of("batch")]
    want = [0.1 * CosLog(2).factor(replace(it.clock, step=t)) for t in range(12)]
    np.testing.assert_allclose(rates, want, rtol=1e-12, atol=1e-18)
    assert it.clock.total_steps == 12


OPTIMIZERS = {
    "sgd": lambda rate: SGD(rate),
    "momentum": lambda rate: SGD(rate, 0.9),
    "nesterov": lambda rate: SGD(rate, 0.9, nesterov=True),
    "rmsprop": lambda rate: RMSprop(rate),
    "adam": lambda rate: Adam(rate),
    "adamw": lambda rate: AdamW(rate, weight_decay=0.5),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("looking", [False, True])
def test_two_optimizers_of_two_rates_are_one_with_factors(name, engine, looking, monkeypatch):
    """Biases learn at a tenth of the rate, W2 at twice, and W1 not at all."""
    monkeypatch.setenv("CHAINRULE_ENGINE", engine)
    network = replace(NET, penalty=L2(0.1, "half_mean"))
    factors = {"b": 0.1, "W2": 2.0, "W1": 0.0}
    data = dataset(40)
    params = network.init(0)
    trainer(
        network,
        OPTIMIZERS[name](0.02),
        batch_size=10,
        epochs=3,
        shuffle=False,
        rate_factors=factors,
        callbacks=[Recorder()] if looking else [],
    ).run(params, data)

    apart = network.init(0)
    own = {key: OPTIMIZERS[name](0.02 * f) for key, f in (("W2", 2.0), ("b1", 0.1), ("b2", 0.1))}
    for step in range(12):
        rows = slice(step % 4 * 10, step % 4 * 10 + 10)
        _, gradients = network.cost_and_gradients(apart, data.X[rows], data.Y[rows])
        for key, optimizer in own.items():
            V = apart[key].ravel()
            optimizer.update(V, gradients[key].ravel())
    np.testing.assert_allclose(params.vector, apart.vector, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(params["W1"], network.init(0)["W1"])


def test_frozen_and_factors_go_together():
    params, start = NET.init(0), NET.init(0)
    trainer(frozen=("b1",), rate_factors={"b": 100.0, "W1": 0.0}).run(params, dataset())
    for name in params:
        assert (params[name] == start[name]).all() == (name in ("W1", "b1"))


def test_the_last_of_equals_is_kept():
    for keep_last, best in ((False, 2), (True, 4)):
        plateau = Plateau(tolerance=0, keep_best=True, keep_last=keep_last)
        params = NET.init(0)
        for epoch, score in enumerate((1, 3, 2, 3, np.nan, 2.5), start=1):
            params.vector[...] = epoch
            plateau.update(score, epoch, params)
        assert plateau.best_epoch == best
        assert plateau.best == 3
        plateau.restore(params)
        assert (params.vector == best).all()


def test_equals_bear_on_the_patience_as_ever():
    counts = []
    for keep_last in (False, True):
        plateau = Plateau(tolerance=0.1, keep_last=keep_last)
        for epoch in range(1, 6):
            plateau.update(1.0, epoch, NET.init(0))
        counts.append(plateau.count)
    assert counts == [4, 4]


def test_the_reference_and_the_engine_leave_the_same(monkeypatch):
    network = Network((4, 9, 2), input_scale=True, parametrization="ntk", members=3)
    data = dataset(43, network=network)
    left = []
    for engine, callbacks in (("reference", []), ("auto", []), ("auto", [Recorder()])):
        monkeypatch.setenv("CHAINRULE_ENGINE", engine)
        params = network.init(0)
        it = trainer(
            network,
            Adam(0.02),
            batch_size=10,
            drop_last=True,
            rate_factors={"scale": 6.0, "b": 0.1, "R": 0.5},
            dropout=0.2,
            callbacks=callbacks,
        )
        it.run(params, data, data)
        left.append(params.vector)
    for other in left[1:]:
        np.testing.assert_allclose(other, left[0], rtol=1e-10, atol=1e-13)
