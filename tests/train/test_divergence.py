"""A training that leaves the finite numbers ends with advice, and without a NumPy warning."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.exceptions import ConvergenceWarning

from chainrule import MLPRegressor
from chainrule.errors import DivergenceError
from chainrule.nn import Network
from chainrule.optim import SGD, Adam
from chainrule.train import Callback, Dataset, Plateau, train_lbfgs
from helpers.training import NET, At, dataset, trainer

RELU = Network((4, 6, 1), hidden="relu")
ADVICE = r"lower the learning rate \(now {}\), clip the gradient \(clip_norm=1\), or standardize"


def rows(scale=1.0, y=1.0, m=40):
    data = dataset(m, network=RELU)
    return Dataset(data.X * scale, data.Y * y)


def test_too_large_a_rate_says_to_lower_it():
    with pytest.raises(DivergenceError, match=ADVICE.format("100")) as caught:
        trainer(RELU, SGD(100.0), epochs=50).run(RELU.init(0), rows())
    assert "\n" not in str(caught.value)


def test_gradient_descent_that_explodes_is_stopped_long_before_infinity():
    """On a quadratic each step multiplies the error by −2, say: it takes 1000 steps to infinity."""
    linear = Network((4, 1))
    X = np.eye(4) * 2
    costs = []

    class Watch(Callback):
        def on_batch_end(self, run, cost, gradients):
            costs.append(cost)

    it = trainer(linear, SGD(3.0), batch_size=4, epochs=2000, callbacks=[Watch()], shuffle=False)
    with pytest.raises(DivergenceError, match=r"training diverged: the cost is .* in epoch"):
        it.run(linear.init(0), Dataset(X, np.ones((4, 1))))
    assert max(costs) < 1e9 * (1 + costs[0])
    assert len(costs) < 100


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_cost_that_is_not_finite_before_any_update_blames_the_data(bad):
    data = rows()
    data.Y[3] = bad
    with pytest.raises(DivergenceError, match=r"before the first update: standardize the inputs"):
        trainer(RELU, batch_size=40).run(RELU.init(0), data)


def test_an_overflow_before_any_update_blames_the_data():
    with pytest.raises(DivergenceError, match=r"the cost is inf before the first update"):
        trainer(RELU).run(RELU.init(0), rows(scale=1e200))


def test_weights_that_break_in_the_middle():
    def break_one(run):
        run.parameters["W1"][0, 0] = np.nan

    with pytest.raises(DivergenceError, match="the cost is nan in epoch 2, update 5: "):
        trainer(callbacks=[At(break_one, batch=4)]).run(NET.init(0), dataset())


def test_weights_that_break_without_a_trace_in_the_cost():
    """tanh(∞) is 1, and the cost stays finite."""

    def break_one(run):
        run.parameters["W1"][0, 0] = np.inf

    with pytest.raises(DivergenceError, match="left the finite numbers"):
        trainer(callbacks=[At(break_one, batch=4)]).run(NET.init(0), dataset())


def test_the_last_update_is_looked_at_too():
    """No batch follows it that could show a cost."""
    with pytest.raises(DivergenceError, match="the last update left the finite numbers"):
        trainer(RELU, SGD(1e308), batch_size=40, epochs=1).run(RELU.init(0), rows(scale=1e3))


def test_float32_overflows_earlier_and_says_the_same():
    data = rows(scale=1e15, y=1e15)
    data = Dataset(data.X.astype(np.float32), data.Y.astype(np.float32))
    with pytest.raises(DivergenceError):
        trainer(RELU, SGD(1.0)).run(RELU.init(0, dtype=np.float32), data)


def test_outliers_in_one_batch_are_no_divergence():
    """Claims: nearly all of them 0, and a few in the millions."""
    data = rows()
    data.Y[...] = 0
    data.Y[33] = 1e6
    history = trainer(RELU, Adam(1e-4), shuffle=False, epochs=4).run(RELU.init(0), data)
    assert len(history) == 4
    assert history.cost[0] > 1e10


def test_a_large_cost_that_falls_is_no_divergence():
    history = trainer(RELU, Adam(0.01), epochs=3).run(RELU.init(0), rows(scale=1e6, y=1e6))
    assert len(history) == 3


def test_lbfgs_on_numbers_that_overflow():
    with pytest.raises(DivergenceError, match="standardize the inputs and the targets"):
        train_lbfgs(RELU, RELU.init(0), rows(scale=1e200))
    data = rows()
    data.Y[3] = np.nan
    with pytest.raises(DivergenceError, match="the cost is nan"):
        train_lbfgs(RELU, RELU.init(0), data)


def test_an_explosion_within_the_first_epoch_is_found():
    """One epoch of raw, large inputs: the cost settles at 1e30 and would look like a plateau."""
    X, y = load_breast_cancer(return_X_y=True)
    model = MLPRegressor(activation="relu", solver="sgd", learning_rate_init=1.0, random_state=0)
    with pytest.raises(DivergenceError, match="diverged") as caught:
        model.partial_fit(X, y)
    assert "lower the learning rate" in str(caught.value)


def test_a_training_that_diverges_keeps_the_weights_it_began_with():
    """And not those of its best epoch, which are on their way to infinity."""
    plateau = Plateau(patience=100, keep_best=True)
    it = trainer(
        RELU, SGD(0.2), batch_size=10, epochs=500, plateau=plateau, monitor_validation=True
    )
    parameters = RELU.init(0)
    with pytest.raises(DivergenceError):
        it.run(parameters, rows(scale=3.0), rows(scale=3.0))
    assert plateau.best_epoch is not None
    assert parameters == RELU.init(0)


def test_outliers_beyond_the_first_batch_are_no_explosion():
    """The first batch is mild, the rest is not: large, but so it was before the first update."""
    X = np.linspace(-1, 1, 400)[:, None]
    y = np.where(np.arange(400) < 200, 0.0, 1e6)
    model = MLPRegressor(hidden_layer_sizes=(4,), shuffle=False, max_iter=3, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    assert len(model.loss_curve_) == 3
