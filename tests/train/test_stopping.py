"""Plateaus: of the training cost, of a validation score whichever way is up, of the validation cost."""

import numpy as np
import pytest

from chainrule.nn import Network, Parameters
from chainrule.optim import SGD
from chainrule.train import METRICS, Plateau, get_metric
from helpers.training import NET, Recorder, dataset, trainer

SOFTMAX = Network((4, 6, 3), loss="categorical_cross_entropy")
NUMBERS = Network((4, 6, 2), loss="half_squared_error")
CASES = [(NET, name) for name, metric in METRICS.items() if metric.classification]
CASES += [(SOFTMAX, name) for name, metric in METRICS.items() if metric.classification]
CASES += [(NUMBERS, name) for name, metric in METRICS.items() if not metric.classification]
CASES += [(network, None) for network in (NET, SOFTMAX, NUMBERS)]


@pytest.mark.parametrize(("network", "name"), CASES, ids=str)
def test_the_best_epoch_of_every_metric_is_kept(network, name):
    metric = name and get_metric(name, classification=network is not NUMBERS)
    recorder = Recorder()
    params = network.init(0)
    rate = 0.25 if network is NUMBERS else 4.0  # so large that the scores go up and down
    history = trainer(
        network,
        SGD(rate),
        metric=metric,
        monitor_validation=True,
        plateau=Plateau(patience=6, tolerance=0.0, keep_best=True),
        callbacks=[recorder],
        epochs=200,
    ).run(params, dataset(60, network=network), dataset(40, seed=1, network=network))
    scores = np.array(history.validation_score)
    lower_is_better = name in (None, "log_loss", "rmse", "mae")
    best = int(scores.argmin() if lower_is_better else scores.argmax())  # the first of equals
    assert history.best_epoch == best + 1
    assert history.metric == (name or "cost")
    assert params == recorder.of("epoch")[best][2]
    assert f"the validation {name or 'cost'} did not improve by 0 in 7 epochs" in history.stopped
    assert len(scores) < 200
    if name is None:
        assert history.validation_score == history.validation_cost


def test_without_monitoring_the_training_cost_is_what_counts():
    history = trainer(plateau=Plateau(patience=3, tolerance=0.05), epochs=300).run(
        NET.init(0), dataset(), dataset(20, seed=1)
    )
    assert history.stopped == "the training cost did not improve by 0.05 in 4 epochs"
    best, count = np.inf, 0
    for epoch, cost in enumerate(history.cost, start=1):  # scikit-learn's own rule
        count = count + 1 if cost > best - 0.05 else 0
        best = min(best, cost)
        assert (count > 3) == (epoch == len(history))
    assert history.best_epoch is None  # nothing was kept


def fed(plateau, scores):
    params = Parameters.zeros((1, 1))
    for epoch, score in enumerate(scores, start=1):
        params.vector[...] = epoch
        plateau.update(score, epoch, params)
    return params


@pytest.mark.parametrize(
    ("scores", "count", "best"),
    [
        ([1, 2, 3], 0, 3),
        ([1, 1.05, 1.09], 2, 3),  # better, but by less than the tolerance of 0.1 each
        ([1, 1.1], 0, 2),  # by just the tolerance is enough
        ([3, 2, 1], 2, 1),
        ([np.nan, np.nan], 2, None),
        ([1, np.nan, 2], 0, 3),
        ([-np.inf, -np.inf], 0, None),
        ([2, 2, 2], 2, 1),  # the first of equals
    ],
)
def test_counting(scores, count, best):
    plateau = Plateau(tolerance=0.1, keep_best=True)
    params = fed(plateau, scores)
    assert plateau.best_epoch == best
    assert plateau.count == count
    plateau.restore(params)
    assert params.vector[0] == (best or len(scores))


def test_the_patience_is_borne_and_one_more_is_a_plateau():
    for patience in (1, 3):
        plateau = Plateau(patience=patience, tolerance=0)
        fed(plateau, [5, *[1] * patience])
        assert not plateau.reached
        fed(plateau, [1])
        assert plateau.reached


def fed_both(plateau, scores, costs):
    """The epoch at which the plateau is reached, or None."""
    params = Parameters.zeros((1, 1))
    for epoch, (score, cost) in enumerate(zip(scores, costs, strict=True), start=1):
        plateau.update(score, epoch, params, cost)
        if plateau.reached:
            return epoch
    return None


def test_patience_grows_with_the_epochs_up_to_the_last_improvement():
    for improving in (1, 5, 12):
        scores = [*range(improving), *[0] * 100]
        plateau = Plateau(patience=6, growth=2, tolerance=0.5)
        assert fed_both(plateau, scores, scores) == improving + max(6, 2 * improving) + 1


@pytest.mark.parametrize(("both", "end"), [(False, 1 + 3 + 1), (True, 9 + 3 + 1)])
def test_a_cost_that_falls_is_an_improvement_where_both_count(both, end):
    scores = [0.9] * 40
    costs = [1.0, np.nan, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, *[0.3 - 1e-9] * 31]
    assert fed_both(Plateau(patience=3, both=both, tolerance=1e-4), scores, costs) == end


def test_costs_do_not_choose_the_best_epoch():
    plateau = Plateau(both=True)
    fed_both(plateau, [0.5, 0.9, 0.8], [3.0, 2.0, 1.0])
    assert plateau.best_epoch == 2


@pytest.mark.parametrize(("epochs", "patience"), [(256, 34), (1000, 133), (20, 20)])
def test_the_adaptive_plateau(epochs, patience):
    plateau = Plateau.adaptive(epochs, tolerance=0.5, keep_best=True)
    assert (plateau.patience, plateau.growth, plateau.both) == (patience, 2, True)
    assert (plateau.tolerance, plateau.keep_best) == (0.5, True)


def test_what_was_counted_outlives_a_change_of_the_rules():
    plateau = Plateau(patience=10)
    fed_both(plateau, [1.0, 0.0, 0.0], [1.0] * 3)
    plateau.obey(Plateau(patience=1, growth=0.5, both=True, tolerance=0.1))
    assert (plateau.best, plateau.count) == (1.0, 2)
    assert plateau.reached


def test_the_reason_says_that_both_were_watched():
    def history(metric):
        return trainer(
            metric=metric,
            monitor_validation=True,
            plateau=Plateau(patience=2, both=True, tolerance=1e9),
            epochs=40,
        ).run(NET.init(0), dataset(), dataset(20, seed=1))

    accuracy = get_metric("accuracy", classification=True)
    end = "did not improve by 1e+09 in 3 epochs"
    assert history(accuracy).stopped == f"the validation accuracy or cost {end}"
    assert history(None).stopped == f"the validation cost {end}"


def test_infinite_patience():
    history = trainer(
        plateau=Plateau(patience=np.inf, tolerance=1e9), epochs=30, batch_size=40
    ).run(NET.init(0), dataset())
    assert len(history) == 30


def test_nothing_is_copied_that_is_not_kept():
    plateau = Plateau()
    params = fed(plateau, [1, 2])
    assert plateau.best_vector is None
    plateau.restore(params)
    assert params.vector[0] == 2
