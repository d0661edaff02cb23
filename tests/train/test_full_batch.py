"""Training by L-BFGS: the history, the callbacks, the ways in which it can end."""

import numpy as np
import pytest

from chainrule.nn import L2, Network
from chainrule.train import get_metric, train_lbfgs
from helpers.training import At, Recorder, columns, dataset, interrupt

NET = Network((4, 5, 1), loss="binary_cross_entropy", penalty=L2(0.1))


def test_an_iteration_is_an_epoch():
    params, recorder = NET.init(0), Recorder()
    data, held_out = dataset(weight=np.linspace(0.5, 2, 40)), dataset(20, seed=1)
    metric = get_metric("accuracy", classification=True)
    history, result = train_lbfgs(
        NET, params, data, held_out, metric=metric, callbacks=[recorder], tolerance=1e-4
    )
    assert result.converged
    assert len(history) == result.iterations > 5
    for (_, epoch, theta), cost, held_cost, score in zip(
        recorder.of("epoch"),
        history.cost,
        history.validation_cost,
        history.validation_score,
        strict=True,
    ):
        assert cost == pytest.approx(NET.cost(theta, data.X, data.Y, data.weight), rel=1e-12)
        assert held_cost == pytest.approx(NET.cost(theta, held_out.X, held_out.Y), rel=1e-12)
        right = (NET.predict(theta, held_out.X) > 0.5) == held_out.Y
        assert score == right.mean()
        assert epoch <= len(history)
    assert recorder.of("end")[0][1] == params
    assert not recorder.of("batch")
    _, grads = NET.cost_and_gradients(params, data.X, data.Y, data.weight)
    assert np.abs(grads.vector).max() < 1e-4
    assert history.stopped == result.message
    assert history.metric == "accuracy"


def test_a_limit_is_not_convergence():
    history, result = train_lbfgs(NET, NET.init(0), dataset(), max_iterations=3)
    assert (len(history), result.converged) == (3, False)
    _, result = train_lbfgs(NET, NET.init(0), dataset(), max_evaluations=4)
    assert not result.converged


def test_a_callback_can_stop_it():
    params = NET.init(0)
    recorder = Recorder()
    data = dataset()
    history, result = train_lbfgs(
        NET, params, data, callbacks=[At(lambda run: run.stop("good enough"), epoch=4), recorder]
    )
    assert (len(history), history.stopped, history.interrupted) == (4, "good enough", False)
    assert params == recorder.of("epoch")[3][2]
    assert result.cost == pytest.approx(history.cost[-1], rel=1e-12)
    assert result.message == "good enough"
    assert recorder.of("end")


@pytest.mark.parametrize("with_validation", [False, True])
def test_an_interruption_leaves_the_last_iteration(with_validation):
    params, recorder = NET.init(0), Recorder()
    history, result = train_lbfgs(
        NET,
        params,
        dataset(),
        dataset(20, seed=1) if with_validation else None,
        callbacks=[recorder, At(interrupt, epoch=3)],
    )
    assert history.interrupted
    assert history.stopped == "interrupted"
    assert params == recorder.of("epoch")[2][2]
    expected = {"cost": 3, "seconds": 3, "learning_rate": 0}
    expected |= dict.fromkeys(("validation_cost", "validation_score"), 3 * with_validation)
    assert columns(history) == expected
    assert result.cost == pytest.approx(history.cost[-1], rel=1e-12)
    assert recorder.of("end")


def test_it_goes_on_with_a_history():
    params = NET.init(0)
    history, _ = train_lbfgs(NET, params, dataset(), max_iterations=3)
    again, _ = train_lbfgs(NET, params, dataset(), max_iterations=3, history=history)
    assert again is history
    assert len(history) == 6
    assert (np.diff(history.cost) <= 0).all()
    assert (np.diff(history.seconds) >= 0).all()


def test_float32_and_the_same_bits():
    data = dataset()
    results = []
    for _ in range(2):
        params = NET.init(0, dtype=np.float32)
        train_lbfgs(NET, params, data.rows(slice(None)), tolerance=1e-3)
        results.append(params.vector.tobytes())
        assert params.dtype == np.float32
    assert results[0] == results[1]
