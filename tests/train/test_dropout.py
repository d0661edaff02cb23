"""Dropout: the masks' statistics, where they apply, and that none are drawn without need."""

import numpy as np
import pytest

from chainrule.errors import ParameterError
from chainrule.nn import Network
from chainrule.nn.propagation import cost_and_gradients, forward
from chainrule.optim import SGD
from chainrule.train import Callback
from chainrule.train.dropout import DropoutMasks, checked_dropout
from helpers.training import NET, Recorder, dataset, trainer

DEEP = Network((4, 30, 20, 1), loss="binary_cross_entropy")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_mask_is_zero_or_the_inverse_of_what_is_kept(dtype):
    rates = (0.25, 0.6)
    masks = DropoutMasks.drawn_from(np.random.RandomState(0), DEEP, rates)
    m = 5000
    inputs, *hidden = masks.draw(m, np.dtype(dtype))
    assert inputs is None  # the inputs are never dropped
    for M, units, p in zip(hidden, (30, 20), rates, strict=True):
        assert M.shape == (m, units)
        assert M.dtype == dtype
        assert set(np.unique(M)) == {dtype(0), dtype(1) / dtype(1 - p)}
        n = m * units
        assert abs((M == 0).mean() - p) < 4 * np.sqrt(p * (1 - p) / n)
        assert abs(M.mean() - 1) < 4 * np.sqrt(p / (1 - p) / n)
        # Independent: neither rows nor units are dropped together.
        per_unit, per_row = (M == 0).mean(axis=0), (M == 0).mean(axis=1)
        assert np.abs(per_unit - p).max() < 5 * np.sqrt(p * (1 - p) / m)
        assert per_row.std() == pytest.approx(np.sqrt(p * (1 - p) / units), rel=0.1)
    again = masks.draw(m, np.dtype(dtype))[1]
    assert (again != hidden[0]).mean() > 0.3


def test_a_layer_may_drop_nothing():
    masks = DropoutMasks.drawn_from(np.random.RandomState(0), DEEP, (0.0, 0.5))
    assert masks.draw(3, np.dtype(float))[1] is None
    assert masks.draw(3, np.dtype(float))[2].shape == (3, 20)


def test_without_dropout_nothing_is_drawn():
    rng = np.random.RandomState(0)
    before = rng.get_state()[1].tobytes(), rng.get_state()[2]
    masks = DropoutMasks.drawn_from(rng, DEEP, (0.0, 0.0))
    assert masks.draw(3, np.dtype(float)) is None
    assert (rng.get_state()[1].tobytes(), rng.get_state()[2]) == before


def test_training_with_the_rate_0_is_training_without():
    plain, zero = NET.init(0), NET.init(0)
    rng = np.random.RandomState(1)
    trainer(seed=rng).run(plain, dataset())
    other = np.random.RandomState(1)
    trainer(seed=other, dropout=[0.0]).run(zero, dataset())
    assert plain.vector.tobytes() == zero.vector.tobytes()
    assert rng.randint(2**31) == other.randint(2**31)


def test_dropout_is_applied_to_the_updates_and_not_to_predictions():
    """The batch's cost is that of the masked network, with the masks of a twin stream."""
    recorder = Recorder()
    params = DEEP.init(0)
    it = trainer(DEEP, SGD(0.1), shuffle=False, dropout=0.5, epochs=1, callbacks=[recorder], seed=7)
    data = dataset()
    history = it.run(params, data, data)
    twin = DropoutMasks.drawn_from(np.random.RandomState(7), DEEP, (0.5, 0.5))
    theta = DEEP.init(0)
    for start, (cost, grads, after, _) in zip((0, 16, 32), recorder.of("batch"), strict=True):
        part = slice(start, start + 16)
        masks = twin.draw(len(data.Y[part]), np.dtype(float))
        J, expected = cost_and_gradients(DEEP, theta, data.X[part], data.Y[part], None, masks)
        assert cost == pytest.approx(J, rel=1e-13)
        assert cost != pytest.approx(DEEP.cost(theta, data.X[part], data.Y[part]), rel=1e-6)
        np.testing.assert_allclose(grads.vector, expected.vector, rtol=1e-12, atol=1e-15)
        theta = after
    # The validation rows see the whole network.
    assert history.validation_cost[0] == pytest.approx(DEEP.cost(params, data.X, data.Y), rel=1e-13)


class ZeroGradients(Callback):
    """Counts the hidden units whose weights got no gradient at all: those a row alone has dropped."""

    def __init__(self):
        self.dropped = []

    def on_batch_end(self, run, cost, gradients):
        self.dropped.append(tuple(np.flatnonzero(~gradients["W1"].any(axis=0))))


def test_every_batch_and_every_run_drops_other_units():
    """Also run after run of one trainer, each from a fresh stream of the same seed."""
    watch = ZeroGradients()
    it = trainer(DEEP, batch_size=1, epochs=2, dropout=[0.5, 0.0], callbacks=[watch], shuffle=False)
    params = DEEP.init(0)
    for _ in range(3):
        it.rng = np.random.RandomState(0)  # as a partial_fit with a fixed seed does
        it.run(params, dataset(10))
    assert len(watch.dropped) == 60
    assert len(set(watch.dropped)) == 60
    assert np.mean([len(units) for units in watch.dropped]) == pytest.approx(15, abs=1.5)


def test_the_mean_over_masks_is_the_whole_network_where_it_is_linear():
    linear = Network((4, 50, 1), hidden="identity")
    params = linear.init(0)
    X = np.random.RandomState(0).normal(size=(5, 4))
    masks = DropoutMasks.drawn_from(np.random.RandomState(1), linear, (0.3,))
    outputs = [
        forward(linear, params, X, masks.draw(5, np.dtype(float))).A[-1] for _ in range(4000)
    ]
    error = np.std(outputs, axis=0) / np.sqrt(4000)
    assert (np.abs(np.mean(outputs, axis=0) - linear.predict(params, X)) < 5 * error).all()


@pytest.mark.parametrize(
    ("dropout", "message"),
    [
        (1.0, "dropout must be .* not 1.0"),
        (-0.1, "dropout must be"),
        (np.nan, "dropout must be"),
        ("0.5", "dropout must be .* not '0.5'"),
        (None, "dropout must be"),
        (True, "dropout must be"),
        ([0.1, "x"], "dropout must be .* not 'x'"),
        ([0.1, 1.0], "dropout must be"),
        ([0.1], "dropout has 1 probabilities, the network 2 hidden layers"),
        ((0.1, 0.1, 0.1), "dropout has 3 probabilities"),
    ],
)
def test_a_wrong_rate_is_named(dropout, message):
    with pytest.raises(ParameterError, match=message):
        checked_dropout(dropout, DEEP)
    with pytest.raises(ParameterError, match=message):
        trainer(DEEP, dropout=dropout)


def test_networks_without_a_hidden_layer_have_nothing_to_drop():
    flat = Network((4, 1), loss="binary_cross_entropy")
    assert checked_dropout(0.5, flat) == ()
    plain, dropped = flat.init(0), flat.init(0)
    trainer(flat).run(plain, dataset())
    trainer(flat, dropout=0.5).run(dropped, dataset())
    assert plain == dropped
    with pytest.raises(ParameterError, match="dropout must be"):
        checked_dropout(2.0, flat)
