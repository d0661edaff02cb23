"""A fit that diverges begins again with a smaller learning rate, or says what to do."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

import chainrule as cr
from chainrule.errors import DivergenceError
from chainrule.train import Callback

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X, y = load_diabetes(return_X_y=True)
X = scale(X)
C, c = load_breast_cancer(return_X_y=True)
C = scale(C)


class Looks(Callback):
    """Sees each batch, so that Python runs them one by one."""

    def on_batch_end(self, run, cost, gradients):
        pass


def regressor(rate, **settings):
    usual = {"hidden_layer_sizes": (9,), "solver": "sgd", "max_iter": 12, "random_state": 3}
    return cr.MLPRegressor(**{**usual, "learning_rate_init": rate, **settings})


@pytest.mark.parametrize("engine", ["auto", "reference"])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"early_stopping": True},
        {"dropout": 0.2},
        {"callbacks": [Looks()]},
        {"learning_rate": "coslog4"},
        {"scaling": "robust", "precision": "float32", "early_stopping": True},
    ],
    ids=lambda settings: "-".join(settings) or "plain",
)
def test_it_is_the_fit_with_the_smaller_rate_to_the_bit(engine, settings, monkeypatch):
    monkeypatch.setenv("CHAINRULE_ENGINE", engine)
    with pytest.warns(UserWarning, match="diverged at a learning rate of 10 and began again at"):
        recovered = regressor(10, **settings).fit(X, y)
    used = recovered._state.optimizer.initial_learning_rate
    assert used in (1, 0.1, 0.01, 0.001, 0.0001)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.filterwarnings("ignore", category=ConvergenceWarning)
        direct = regressor(used, **settings).fit(X, y)
    assert recovered.parameters_ == direct.parameters_
    assert recovered.loss_curve_ == direct.loss_curve_
    assert recovered.n_iter_ == direct.n_iter_ == len(recovered.history_)
    assert recovered.t_ == direct.t_
    assert recovered.learning_rate_init == 10  # what the user set stays


def test_a_random_state_of_ones_own_goes_on_as_after_the_fit_that_worked():
    rng, other = np.random.RandomState(5), np.random.RandomState(5)
    with pytest.warns(UserWarning, match="began again at"):
        used = regressor(10, random_state=rng).fit(X, y)._state.optimizer.initial_learning_rate
    regressor(used, random_state=other).fit(X, y)
    assert rng.randint(2**31) == other.randint(2**31)


def test_it_predicts_well():
    with pytest.warns(UserWarning, match=r"of 1000 and began again at 1; a larger rate may do if"):
        model = cr.MLPClassifier(
            (10,), solver="sgd", learning_rate_init=1000, max_iter=30, random_state=0
        ).fit(C, c)
    assert model.score(C, c) > 0.97


def test_each_network_of_a_bag_begins_again_by_itself():
    with pytest.warns(UserWarning, match="began again at"):
        bag = regressor(10, bagging=3).fit(X, y)
    assert np.isfinite(bag.predict(X)).all()


def test_huge_targets_and_inputs_end_with_advice():
    rng = np.random.RandomState(0)
    inputs = rng.randn(300, 5) * 1e4
    with pytest.raises(DivergenceError) as caught:
        regressor(1.0).fit(inputs, inputs[:, 0] * 1e6)
    assert str(caught.value) == (
        "training diverged at each learning rate from 1 down to 1e-05: standardize the inputs "
        '(scaling="robust") and the target (standardize_target=True) or clip the gradient (clip_norm=1)'
    )
    model = regressor(1.0, scaling="robust", standardize_target=True, clip_norm=1.0, max_iter=50)
    assert model.fit(inputs, inputs[:, 0] * 1e6).score(inputs, inputs[:, 0] * 1e6) > 0.8


def test_the_advice_names_only_what_is_left_to_do():
    with pytest.raises(DivergenceError) as caught:
        regressor(1e30, standardize_target=True).fit(X, y)
    assert str(caught.value).endswith(": clip the gradient (clip_norm=1)")


def test_it_is_not_tried_again_where_no_rate_was_used_yet():
    begun = []

    class Counts(Callback):
        def on_train_begin(self, run):
            begun.append(run)

    with pytest.raises(DivergenceError, match="before the first update"):
        regressor(0.1, callbacks=[Counts()]).fit(X * 1e200, y)
    assert len(begun) == 1


def test_what_goes_on_is_not_begun_again():
    model = regressor(1e-4).fit(X, y)
    before = model.parameters_.copy()
    model.set_params(learning_rate_init=1e6, warm_start=True)
    with pytest.raises(DivergenceError, match="lower the learning rate"):
        model.fit(X, y)
    assert model.parameters_ == before
    with pytest.raises(DivergenceError, match="lower the learning rate"):
        regressor(1e6).partial_fit(X, y).partial_fit(X, y)
