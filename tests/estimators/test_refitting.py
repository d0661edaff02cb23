"""Fits that go on, change their mind, diverge, or are given what they cannot take."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import scale

import chainrule as cr
from chainrule.errors import DataError, DivergenceError, ParameterError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
SMALL = {"hidden_layer_sizes": (5,), "max_iter": 8, "random_state": 0, "learning_rate_init": 0.01}
X3, y3 = load_iris(return_X_y=True)
X3 = scale(X3)


def classifier(**settings):
    return cr.MLPClassifier(**{**SMALL, **settings})


def regressor(**settings):
    return cr.MLPRegressor(**{**SMALL, **settings})


def test_another_score_begins_another_plateau():
    """A cost is not compared with an accuracy, and the best weights of one are not the other's."""
    model = classifier(early_stopping=True, warm_start=True, learning_rate_init=0.01).fit(X3, y3)
    before = model.parameters_.copy()
    model.set_params(early_stopping=False).fit(X3, y3)
    assert model.n_iter_ > 1
    assert model.parameters_ != before
    assert model.best_validation_score_ is None
    before = model.parameters_.copy()
    model.set_params(warm_start=False).partial_fit(X3, y3)
    assert model.parameters_ != before
    model.set_params(early_stopping=True, metric="log_loss", warm_start=True).fit(X3, y3)
    assert model.n_iter_ > 1
    assert 0 < model.best_validation_score_ < 2
    assert model.history_.best_epoch is not None


def test_a_fit_that_diverges_leaves_what_was_there():
    X, y = load_diabetes(return_X_y=True)
    model = regressor(solver="sgd", activation="relu", warm_start=True, max_iter=30).fit(X, y)
    before = model.parameters_.copy()
    with pytest.raises(DivergenceError):
        model.set_params(learning_rate_init=1e6).fit(X, y)
    assert model.parameters_ == before
    assert model.history_.stopped == "diverged"
    model.set_params(learning_rate_init=1e-5).fit(X, y)  # the advice helps
    with pytest.raises(DivergenceError):
        model.set_params(learning_rate_init=1e6, warm_start=False).fit(X, y)
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_balanced_weights_are_those_of_the_training_rows():
    """The validation rows are weighed as the training rows are, however many of a class they hold."""
    rows = np.r_[0:50, 50:60]
    model = classifier(class_weight="balanced", learning_rate_init=1e-12)
    model.fit(X3[rows], y3[rows], validation_data=(X3[:100], y3[:100]))
    weight = np.where(y3[:100] == 0, 60 / 100, 60 / 20)
    plain = classifier(learning_rate_init=1e-12)
    plain.fit(X3[rows], y3[rows], validation_data=(X3[:100], y3[:100], weight))
    assert model.history_.validation_cost[0] == pytest.approx(plain.history_.validation_cost[0])
    with pytest.raises(ParameterError, match="'balanced' needs all rows at once"):
        classifier(class_weight="balanced").partial_fit(X3, y3, classes=[0, 1, 2])


def test_an_undefined_score_is_no_reason_to_stop():
    with pytest.raises(DataError, match="roc_auc is not defined on the validation rows"):
        classifier(early_stopping=True, metric="roc_auc").fit(
            X3[:100], y3[:100], validation_data=(X3[:20], y3[:20])
        )


def test_inputs_beyond_the_models_precision_are_named():
    model = classifier().fit(X3.astype(np.float32), y3)
    beyond = X3.copy()
    beyond[7, 1] = 1e39
    with pytest.raises(DataError, match="in row 7 that float32"):
        model.predict(beyond)


@pytest.mark.parametrize("weight", [1e307, 1e-320])
def test_weights_whose_sum_is_no_divisor_are_refused(weight):
    with pytest.raises(ParameterError, match=r"sample_weight sums to .*: scale it"):
        classifier().fit(X3, y3, sample_weight=np.full(len(X3), weight))


def test_weights_and_biases_can_be_assigned():
    model = classifier().fit(X3, y3)
    other = classifier(random_state=5).fit(X3, y3)
    model.coefs_, model.intercepts_ = other.coefs_, other.intercepts_
    np.testing.assert_array_equal(model.predict_proba(X3), other.predict_proba(X3))


def test_lbfgs_says_what_it_does_without():
    with pytest.warns(UserWarning, match="solver='lbfgs' does without dropout"):
        classifier(solver="lbfgs", dropout=0.5, max_iter=2000, alpha=1.0).fit(X3, y3)
