"""The loop: what an epoch costs, which rows a batch has, what the rate is, who is called when."""

import numpy as np
import pytest
import scipy.sparse as sp

from chainrule.errors import ParameterError
from chainrule.nn import L2, Network
from chainrule.optim import (
    SGD,
    Adam,
    AdamW,
    Adaptive,
    Clock,
    Cosine,
    InverseScaling,
    OneCycle,
    StepDecay,
)
from chainrule.train import Callback, Dataset, Plateau, get_metric
from helpers.training import NET, At, Recorder, columns, dataset, interrupt, trainer


def replay(network, data, batches, rate):
    """Train by plain gradient descent over given batches; return θ and the costs."""
    params = network.init(0)
    costs = []
    for index in batches:
        weight = None if data.weight is None else data.weight[index]
        J, grads = network.cost_and_gradients(params, data.X[index], data.Y[index], weight)
        params.vector[...] -= rate * grads.vector
        costs.append((float(J), len(index)))
    return params, costs


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("batch_size", [1, 7, 20, 40, 1000])
@pytest.mark.parametrize("penalty", [None, L2(0.3, scale="half_mean")])
def test_epochs_cost_the_mean_of_their_batches_weighted_by_rows(weighted, batch_size, penalty):
    network = Network((4, 6, 1), hidden="tanh", loss="binary_cross_entropy", penalty=penalty)
    weight = np.random.RandomState(5).uniform(0.1, 2, 40) if weighted else None
    data = dataset(weight=weight)
    params = network.init(0)
    history = trainer(network, SGD(0.1), batch_size=batch_size, shuffle=False, epochs=3).run(
        params, data
    )
    rows = np.arange(40)
    epoch = [rows[i : i + batch_size] for i in range(0, 40, batch_size)]
    expected, costs = replay(network, data, epoch * 3, 0.1)
    np.testing.assert_allclose(params.vector, expected.vector, rtol=1e-13)
    J, m = np.array(costs).reshape(3, len(epoch), 2).transpose(2, 0, 1)
    means = (J * m).sum(axis=1) / 40
    np.testing.assert_allclose(history.cost, means, rtol=1e-13)
    assert all(np.diff(history.seconds) >= 0)
    assert history.stopped == "all 3 epochs done"


class Watched(np.ndarray):
    """An array that writes down which rows were taken from it."""

    def __getitem__(self, index):
        if hasattr(self, "taken"):
            self.taken.append(np.arange(len(self))[index])
        return np.asarray(super().__getitem__(index))


def rows_taken(**options):
    data = dataset(43)
    X = data.X.view(Watched)
    X.taken = []
    trainer(**options).run(NET.init(0), Dataset(X, data.Y))
    return X.taken


def test_batches_without_shuffling(monkeypatch):
    monkeypatch.setenv("CHAINRULE_ENGINE", "reference")  # which takes its rows in Python
    taken = rows_taken(shuffle=False, epochs=2, batch_size=10)
    assert [len(rows) for rows in taken] == [10, 10, 10, 10, 3] * 2
    np.testing.assert_array_equal(np.concatenate(taken), [*range(43), *range(43)])


def test_shuffled_epochs_take_every_row_once_in_new_orders(monkeypatch):
    monkeypatch.setenv("CHAINRULE_ENGINE", "reference")  # which takes its rows in Python
    taken = rows_taken(epochs=3, batch_size=10)
    assert [len(rows) for rows in taken] == [10, 10, 10, 10, 3] * 3
    epochs = np.concatenate(taken).reshape(3, 43)
    np.testing.assert_array_equal(np.sort(epochs), np.tile(np.arange(43), (3, 1)))
    assert len({tuple(rows) for rows in epochs}) == 3
    # scikit-learn's order: each epoch permutes what the last one left.
    rng, order = np.random.RandomState(0), np.arange(43)
    for rows in epochs:
        permutation = np.arange(43)
        rng.shuffle(permutation)
        order = order[permutation]
        np.testing.assert_array_equal(rows, order)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_the_same_seed_gives_the_same_bits_and_another_another(dropout):
    def weights(seed):
        params = NET.init(0)
        trainer(seed=seed, dropout=dropout).run(params, dataset())
        return params.vector.tobytes()

    assert weights(1) == weights(1) == weights(np.random.RandomState(1))
    assert weights(1) != weights(2)
    assert weights(np.random.default_rng(1)) == weights(np.random.default_rng(1))


def test_a_second_run_goes_on_where_the_first_ended():
    whole, parts = NET.init(0), NET.init(0)
    trainer(epochs=6, dropout=0.2).run(whole, dataset())
    both = trainer(epochs=3, dropout=0.2, shuffle=False)
    long = trainer(epochs=6, dropout=0.2, shuffle=False)
    long.run(whole := NET.init(0), dataset())
    both.run(parts, dataset())
    history = both.run(parts, dataset())
    assert whole.vector.tobytes() == parts.vector.tobytes()
    assert history.cost == long.history.cost
    assert (both.clock.epoch, both.clock.step, both.clock.observations) == (6, 18, 240)


@pytest.mark.parametrize("form", [sp.csr_array, sp.csr_matrix])
@pytest.mark.parametrize("weighted", [False, True])
def test_sparse_rows_train_as_dense_ones(form, weighted):
    data = dataset(weight=np.linspace(0.1, 1, 40) if weighted else None)
    X = np.where(np.abs(data.X) > 0.7, data.X, 0)
    dense, sparse = NET.init(0), NET.init(0)
    one = trainer(dropout=0.2).run(dense, Dataset(X, data.Y, data.weight))
    other = trainer(dropout=0.2).run(
        sparse, Dataset(form(X), data.Y, data.weight), Dataset(form(X), data.Y)
    )
    np.testing.assert_allclose(sparse.vector, dense.vector, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(one.cost, other.cost, rtol=1e-12)


@pytest.mark.parametrize("optimizer", [SGD(0.1, 0.9), Adam(0.1), AdamW(0.1, weight_decay=0.5)])
def test_frozen_parameters_keep_their_bits(optimizer):
    params = NET.init(0)
    before = params.copy()
    trainer(optimizer=optimizer, frozen=("W1", "b2"), dropout=0.2).run(params, dataset())
    for name in params:
        same = params[name].tobytes() == before[name].tobytes()
        assert same == (name in ("W1", "b2"))


def test_a_frozen_name_must_be_one():
    with pytest.raises(ParameterError, match="did you mean 'W1'"):
        trainer(frozen=("W11",)).run(NET.init(0), dataset())


def test_clipping_bounds_every_update():
    recorder = Recorder()
    trainer(optimizer=SGD(0.1), clip_norm=0.05, callbacks=[recorder]).run(NET.init(0), dataset())
    norms = [np.linalg.norm(grads.vector) for _, grads, *_ in recorder.of("batch")]
    np.testing.assert_allclose(norms, 0.05, rtol=1e-12)  # so small that all of them were clipped
    free = Recorder()
    trainer(optimizer=SGD(0.1), callbacks=[free]).run(NET.init(0), dataset())
    assert free.of("batch")[0][0] == recorder.of("batch")[0][0]
    direction = free.of("batch")[0][1].vector
    np.testing.assert_allclose(
        recorder.of("batch")[0][1].vector, 0.05 * direction / np.linalg.norm(direction), rtol=1e-12
    )
    moves = np.diff(
        [NET.init(0).vector] + [params.vector for _, _, params, _ in recorder.of("batch")], axis=0
    )
    np.testing.assert_allclose(np.linalg.norm(moves, axis=1), 0.1 * 0.05, rtol=1e-10)


@pytest.mark.parametrize("schedule", [Cosine(), Cosine(0.2), OneCycle()])
def test_a_schedule_of_steps_sets_the_rate_before_every_update(schedule):
    recorder = Recorder()
    history = trainer(schedule=schedule, epochs=4, callbacks=[recorder]).run(NET.init(0), dataset())
    rates = [rate for *_, rate in recorder.of("batch")]
    assert len(rates) == 12
    clock = Clock(total_steps=12)
    for step, rate in enumerate(rates):
        clock.step = step
        assert rate == 0.1 * schedule.factor(clock)
    assert history.learning_rate == rates[2::3]
    moves = np.diff([p.vector for _, _, p, _ in recorder.of("batch")], axis=0)
    assert np.linalg.norm(moves[-1]) < np.linalg.norm(moves[5])  # and the updates heed it


@pytest.mark.parametrize("schedule", [StepDecay(2, 0.5), InverseScaling(0.5)])
def test_a_schedule_of_epochs_leaves_the_rate_alone_within_one(schedule):
    recorder = Recorder()
    history = trainer(schedule=schedule, epochs=5, callbacks=[recorder]).run(NET.init(0), dataset())
    rates = np.reshape([rate for *_, rate in recorder.of("batch")], (5, 3))
    for epoch, row in enumerate(rates):
        factor = schedule.factor(Clock(epoch=epoch, observations=40 * epoch))
        np.testing.assert_array_equal(row, 0.1 * factor)
    assert history.learning_rate == [row[0] for row in rates]


def test_the_planned_epochs_are_what_a_schedule_counts_on():
    recorder = Recorder()
    trainer(schedule=Cosine(), epochs=1, planned_epochs=10, callbacks=[recorder]).run(
        NET.init(0), dataset()
    )
    assert recorder.of("batch")[-1][-1] > 0.095


def test_an_adaptive_rate_is_lowered_on_a_plateau_and_then_ends_the_training():
    plateau = Plateau(patience=1, tolerance=1e9)  # nothing ever improves by so much
    history = trainer(schedule=Adaptive(divisor=10, minimum=0.002), epochs=50, plateau=plateau).run(
        NET.init(0), dataset()
    )
    np.testing.assert_allclose(
        history.learning_rate, [0.1] * 3 + [0.01] * 2 + [0.001] * 2, rtol=1e-12
    )
    assert "did not improve by 1e+09 in 2 epochs" in history.stopped


# ----------------------------------------------------------------------------------------- callbacks


def test_callbacks_are_called_in_order():
    log = []
    first, second = Recorder("1 ", log), Recorder("2 ", log)
    trainer(epochs=2, callbacks=[first, second], batch_size=30).run(NET.init(0), dataset())
    hooks = ["begin", *(["batch", "batch", "epoch"] * 2), "end"]
    assert log == [f"{name} {hook}" for hook in hooks for name in (1, 2)]
    assert first.of("begin") == [(0,)]
    assert [call[:2] for call in first.of("epoch")] == [(1, 1), (2, 2)]
    assert first.of("end")[0][0] is None


def test_the_batchs_cost_and_gradients_are_those_before_its_update():
    recorder = Recorder()
    data = dataset()
    trainer(optimizer=SGD(0.1), shuffle=False, epochs=1, callbacks=[recorder]).run(
        NET.init(0), data
    )
    params = NET.init(0)
    for start, (cost, grads, after, _) in zip((0, 16, 32), recorder.of("batch"), strict=True):
        part = slice(start, start + 16)
        J, expected = NET.cost_and_gradients(params, data.X[part], data.Y[part])
        assert cost == pytest.approx(J, rel=1e-13)
        np.testing.assert_allclose(grads.vector, expected.vector, rtol=1e-12, atol=1e-15)
        params = after


def test_run_stop_ends_after_the_epoch_and_says_why():
    stop = At(lambda run: run.stop("enough is enough"), batch=4)  # the first batch of epoch 2
    recorder = Recorder()
    it = trainer(callbacks=[stop, recorder], epochs=9)
    history = it.run(NET.init(0), dataset())
    assert history.stopped == "enough is enough"
    assert len(history) == 2
    assert len(recorder.of("batch")) == 6
    assert recorder.of("end")[0][0] == "enough is enough"
    assert not it.ran_out
    assert not history.interrupted


def test_a_callback_may_change_the_parameters():
    class Constrain(Callback):
        def on_batch_end(self, run, cost, gradients):
            np.clip(run.parameters.vector, -0.1, 0.1, out=run.parameters.vector)

    params = NET.init(0)
    trainer(callbacks=[Constrain()]).run(params, dataset())
    assert np.abs(params.vector).max() == 0.1


# -------------------------------------------------------------------------------------- interruption


@pytest.mark.parametrize("where", [{"epoch": 3}, {"batch": 8}, {"batch": 1}])
@pytest.mark.parametrize("with_validation", [False, True])
def test_an_interruption_keeps_what_there_is(where, with_validation):
    recorder = Recorder()
    it = trainer(callbacks=[At(interrupt, **where), recorder], epochs=9)
    params = NET.init(0)
    history = it.run(params, dataset(), dataset(20, seed=1) if with_validation else None)
    whole = where.get("epoch", where.get("batch", 0) // 3)
    assert len(history) == whole
    expected = dict.fromkeys(columns(history), whole)
    if not with_validation:
        expected |= {"validation_cost": 0, "validation_score": 0}
    assert columns(history) == expected
    assert history.interrupted
    assert history.stopped == "interrupted"
    assert not it.ran_out
    assert recorder.of("end")  # it is called all the same
    assert np.isfinite(params.vector).all()


def test_an_interruption_gives_the_best_weights_back_if_the_plateau_keeps_them():
    recorder = Recorder()
    params = NET.init(0)
    history = trainer(
        # The rate is so large that the costs go up and down.
        optimizer=SGD(8.0),
        plateau=Plateau(keep_best=True),
        monitor_validation=True,
        callbacks=[recorder, At(interrupt, batch=29)],
        epochs=20,
    ).run(params, dataset(), dataset(30, seed=1))
    best = int(np.argmin(history.validation_score))
    assert len(history) == 9
    assert best < 8, "the last epoch would be restored by chance"
    assert history.best_epoch == best + 1
    assert params == recorder.of("epoch")[best][2]
    assert recorder.of("end")[0][1] == params  # restored before on_train_end


def test_a_run_after_an_interruption_goes_on():
    at = At(interrupt, epoch=2)
    it = trainer(callbacks=[at])
    params = NET.init(0)
    assert it.run(params, dataset()).interrupted
    history = it.run(params, dataset())
    assert not history.interrupted
    assert len(history) == 7


# ------------------------------------------------------------------------------------------- weights


def test_batches_without_any_weight_are_skipped():
    weight = np.ones(40)
    weight[16:32] = 0
    data = dataset(weight=weight)
    recorder = Recorder()
    params = NET.init(0)
    history = trainer(optimizer=SGD(0.1), shuffle=False, callbacks=[recorder], epochs=2).run(
        params, data
    )
    expected, costs = replay(NET, data, [np.arange(16), np.arange(32, 40)] * 2, 0.1)
    np.testing.assert_allclose(params.vector, expected.vector, rtol=1e-13)
    assert len(recorder.of("batch")) == 4
    assert history.cost[0] == pytest.approx((costs[0][0] * 16 + costs[1][0] * 8) / 24, rel=1e-13)


def test_epochs_without_any_weight_change_nothing():
    params = NET.init(0)
    it = trainer(schedule=Cosine(), plateau=Plateau())
    history = it.run(params, dataset(weight=np.zeros(40)))
    assert params == NET.init(0)
    assert history.cost == [0.0] * 5
    assert it.clock.step == 0


def test_weights_scale_out_of_the_cost():
    one, ten = NET.init(0), NET.init(0)
    weight = np.random.RandomState(0).uniform(0.5, 2, 40)
    trainer().run(one, dataset(weight=weight))
    trainer().run(ten, dataset(weight=10 * weight))
    np.testing.assert_allclose(one.vector, ten.vector, rtol=1e-10)


# ---------------------------------------------------------------------------------------- validation


def test_validation_rows_are_costed_and_scored_after_every_epoch():
    recorder = Recorder()
    held_out = dataset(20, seed=1, weight=np.linspace(0.1, 1, 20))
    history = trainer(metric=get_metric("accuracy", classification=True), callbacks=[recorder]).run(
        NET.init(0), dataset(), held_out
    )
    for (_, _, params), cost, score in zip(
        recorder.of("epoch"), history.validation_cost, history.validation_score, strict=True
    ):
        J = NET.cost(params, held_out.X, held_out.Y, held_out.weight)
        assert cost == pytest.approx(J, rel=1e-13)
        right = (NET.predict(params, held_out.X) > 0.5) == held_out.Y
        assert score == pytest.approx(np.average(right[:, 0], weights=held_out.weight), rel=1e-13)
    assert history.metric == "accuracy"


def test_validation_leaves_the_training_alone():
    alone, watched = NET.init(0), NET.init(0)
    trainer(dropout=0.2).run(alone, dataset())
    trainer(dropout=0.2).run(watched, dataset(), dataset(20, seed=1))
    assert alone.vector.tobytes() == watched.vector.tobytes()


# -------------------------------------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_size", 0),
        ("epochs", 0),
        ("clip_norm", 0.0),
        ("clip_norm", -1.0),
        ("clip_norm", np.nan),
    ],
)
def test_a_wrong_option_is_named(name, value):
    with pytest.raises(ParameterError, match=name):
        trainer(**{name: value})


def test_float32_stays_float32():
    data = dataset()
    params = NET.init(0, dtype=np.float32)
    recorder = Recorder()
    rows = Dataset(data.X.astype(np.float32), data.Y.astype(np.float32))
    trainer(dropout=0.2, clip_norm=0.5, callbacks=[recorder]).run(params, rows, rows)
    assert params.dtype == np.float32
    assert {grads.dtype for _, grads, *_ in recorder.of("batch")} == {np.dtype(np.float32)}
