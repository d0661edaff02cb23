"""The history goes to plain values and back, and refuses what is none."""

import json

import numpy as np
import pytest

from chainrule.errors import DataError
from chainrule.train import History, Plateau, train_lbfgs
from helpers.training import NET, columns, dataset, trainer


@pytest.fixture
def history():
    return trainer(plateau=Plateau(keep_best=True), monitor_validation=True).run(
        NET.init(0), dataset(), dataset(20, seed=1)
    )


def test_there_and_back(history):
    record = json.loads(json.dumps(history.to_dict()))
    assert History.from_dict(record) == history
    assert record["best_epoch"] == history.best_epoch
    assert len(history) == len(record["cost"]) == 5


def test_the_copy_goes_on(history):
    seconds = history.seconds[-1]
    copy = History.from_dict(history.to_dict())
    trainer(history=copy).run(NET.init(0), dataset())
    assert len(copy) == 10
    assert copy.seconds[5] > seconds


def test_epochs_with_and_without_validation_or_a_rate_are_told_apart():
    history, params = History(), NET.init(0)
    trainer(history=history, epochs=1).run(params, dataset())
    trainer(history=history, epochs=1).run(params, dataset(), dataset(20, seed=1))
    train_lbfgs(NET, params, dataset(), max_iterations=2, history=history)
    assert set(columns(history).values()) == {4}
    trainer(history=history, epochs=1).run(params, dataset(), dataset(20, seed=1))
    assert set(columns(history).values()) == {5}
    for column in (history.validation_cost, history.validation_score):
        assert np.isnan(column).tolist() == [True, False, True, True, False]
    assert np.isnan(history.learning_rate).tolist() == [False, False, True, True, False]


@pytest.mark.parametrize("name", History().to_dict())
def test_every_entry_is_needed_and_of_its_type(history, name):
    record = history.to_dict()
    del record[name]
    with pytest.raises(DataError, match=name):
        History.from_dict(record)
    for wrong in ({}, [[]], ["a"], 1.5, [True], b"x"):
        with pytest.raises(DataError, match=name):
            History.from_dict({**record, name: wrong})


def test_unknown_entries_are_refused(history):
    with pytest.raises(TypeError):
        History.from_dict({**history.to_dict(), "colour": 1})
