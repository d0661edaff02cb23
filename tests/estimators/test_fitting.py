"""What the estimators have beyond scikit-learn's, and how they live among its tools."""

import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_breast_cancer, load_iris, make_multilabel_classification
from sklearn.ensemble import BaggingRegressor
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning, NotFittedError
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, scale
from sklearn.utils.class_weight import compute_sample_weight

import chainrule as cr
from chainrule.errors import ParameterError
from chainrule.optim import Adaptive, Constant, Cosine, InverseScaling, OneCycle, StepDecay
from chainrule.train import Callback
from helpers.training import At, Recorder, columns, interrupt
from helpers.trajectories import all_weights

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
SMALL = {"hidden_layer_sizes": (5,), "max_iter": 8, "random_state": 0, "learning_rate_init": 0.01}
X3, y3 = load_iris(return_X_y=True)
X3 = scale(X3)
X2, y2 = X3[50:], y3[50:] - 1  # two classes that overlap
XM, YM = make_multilabel_classification(80, 6, n_classes=3, random_state=0)
XM = scale(XM)


def classifier(**settings):
    return cr.MLPClassifier(**{**SMALL, **settings})


def regressor(**settings):
    return cr.MLPRegressor(**{**SMALL, **settings})


def same_weights(one, other):
    return all_weights(one).tobytes() == all_weights(other).tobytes()


# ------------------------------------------------------------------------------------------- weights


@pytest.mark.parametrize("class_weight", ["balanced", {0: 1, 1: 5.0, 2: 0.5}, {1: 3}, {0: 0, 1: 1}])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_class_weights_are_sample_weights(class_weight, solver):
    X, y = X3[20:130], y3[20:130]  # unequal classes
    by_class = classifier(class_weight=class_weight, solver=solver).fit(X, y)
    weight = compute_sample_weight(class_weight, y)
    by_row = classifier(solver=solver).fit(X, y, weight)
    assert same_weights(by_class, by_row)
    assert not same_weights(by_class, classifier(solver=solver).fit(X, y))


def test_class_and_sample_weights_multiply():
    own = np.random.RandomState(0).uniform(0.5, 2, 150)
    both = classifier(class_weight={0: 2, 1: 3, 2: 5}).fit(X3, y3, own)
    product = classifier().fit(X3, y3, own * np.array([2, 3, 5])[y3])
    assert same_weights(both, product)


def test_class_weights_by_name_and_of_many_labels():
    names = np.array(["low", "high", "none"])[y3]
    one = classifier(class_weight={"low": 2, "high": 3, "none": 5}).fit(X3, names)
    other = classifier().fit(X3, names, np.array([2, 3, 5])[y3])
    assert same_weights(one, other)
    balanced = classifier(class_weight="balanced").fit(XM, YM)
    assert same_weights(balanced, classifier().fit(XM, YM, compute_sample_weight("balanced", YM)))


def test_a_weight_of_zero_is_a_row_left_out():
    weight = np.ones(150)
    weight[100:] = 0
    settings = {"batch_size": 150, "shuffle": False}
    zero = classifier(**settings).fit(X3, y3, weight)
    cut = cr.MLPClassifier(**SMALL, batch_size=100, shuffle=False)
    cut.partial_fit(X3[:100], y3[:100], classes=[0, 1, 2])
    for _ in range(7):
        cut.partial_fit(X3[:100], y3[:100])
    np.testing.assert_allclose(all_weights(zero), all_weights(cut), rtol=1e-9)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (-np.ones(150), r"sample_weight\[0\] is negative"),
        (np.zeros(150), "zero for every observation"),
        (np.ones(149), r"sample_weight has shape \(149,\)"),
        (np.ones((150, 1)), "sample_weight has shape"),
        (np.full(150, np.nan), "sample_weight contains NaN"),
        (np.full(150, np.inf), "sample_weight contains infinity"),
    ],
)
def test_wrong_weights(weight, message):
    with pytest.raises(ValueError, match=message):
        classifier().fit(X3, y3, weight)


def test_class_weights_that_leave_nothing():
    with pytest.raises(ValueError, match="zero for every observation"):
        classifier(class_weight={0: 0, 1: 0, 2: 0}).fit(X3, y3)
    with pytest.raises(ValueError, match="zero for every observation"):
        classifier(class_weight={0: 0}).fit(X3, y3, (y3 == 0).astype(float))


def test_a_validation_part_without_weight_is_told():
    weight = np.zeros(150)
    weight[0] = 1
    with pytest.raises(ValueError, match="every row of the validation set has weight 0"):
        classifier(early_stopping=True).fit(X3, y3, weight)


# ---------------------------------------------------------------------------- validation and metrics


@pytest.mark.parametrize(
    "metric", [None, "accuracy", "balanced_accuracy", "f1", "roc_auc", "log_loss", "cost"]
)
@pytest.mark.parametrize("own_rows", [False, True])
def test_early_stopping_on_every_metric(metric, own_rows):
    recorder = Recorder()
    model = classifier(early_stopping=True, metric=metric, max_iter=40, callbacks=[recorder])
    rows = {"validation_data": (X3[1::3], y3[1::3])} if own_rows else {}
    model.fit(X3[::3] if own_rows else X3, y3[::3] if own_rows else y3, **rows)
    scores = np.array(model.validation_scores_)
    assert len(scores) == model.n_iter_ == len(model.loss_curve_)
    lower = metric in ("log_loss", "cost")
    best = int(scores.argmin() if lower else scores.argmax())
    assert model.best_validation_score_ == scores[best]
    assert model.history_.best_epoch == best + 1
    assert model.parameters_ == recorder.of("epoch")[best][2]
    assert model.history_.metric == (metric or "accuracy")
    if own_rows and not lower and metric in (None, "accuracy"):
        assert model.score(X3[1::3], y3[1::3]) == scores[best]


@pytest.mark.parametrize("metric", [None, "r2", "rmse", "mae", "cost"])
def test_early_stopping_of_a_regression(metric):
    X, y = X3[:, :3], X3[:, 3]
    model = regressor(early_stopping=True, metric=metric, max_iter=30).fit(
        X[::2], y[::2], validation_data=(X[1::2], y[1::2])
    )
    error = model.predict(X[1::2]) - y[1::2]
    expected = {
        None: model.score(X[1::2], y[1::2]),
        "rmse": np.sqrt(np.mean(error**2)),
        "mae": np.mean(np.abs(error)),
        "cost": np.mean(error**2) / 2
        + SMALL.get("alpha", 1e-4) / 2 * sum((W**2).sum() for W in model.coefs_) / 75,
    }
    assert model.best_validation_score_ == pytest.approx(expected.get(metric, expected[None]))


def test_validation_rows_have_weights_of_their_own():
    weight = np.linspace(0.1, 1, 50)
    model = classifier().fit(X3[::3], y3[::3], validation_data=(X3[1::3], y3[1::3], weight))
    assert model.history_.validation_score[-1] == pytest.approx(
        model.score(X3[1::3], y3[1::3], weight)
    )
    assert model.validation_scores_ is None  # they were only looked at


@pytest.mark.parametrize("rows", [5, (X3,), (X3, y3, None, None), "rows"])
def test_validation_rows_of_another_form(rows):
    with pytest.raises(ParameterError, match="validation_data must be"):
        classifier().fit(X3, y3, validation_data=rows)


def test_validation_rows_that_do_not_fit():
    with pytest.raises(ValueError, match="3 features"):
        classifier().fit(X3, y3, validation_data=(X3[:, :3], y3))
    with pytest.raises(ValueError, match="classes that are not among"):
        classifier().fit(X3, y3, validation_data=(X3, y3 + 1))


# ------------------------------------------------------------------------------------------- options


def test_callbacks_hear_of_everything():
    log = []
    classifier(callbacks=[Recorder("a ", log), Recorder("b ", log)], max_iter=2).fit(X3, y3)
    hooks = ["begin", *(["batch", "epoch"] * 2), "end"]
    assert log == [f"{name} {hook}" for hook in hooks for name in "ab"]


def test_a_callback_stops_a_fit():
    for solver in ("sgd", "lbfgs"):
        stop = At(lambda run: run.stop("enough"), epoch=3)
        model = classifier(callbacks=[stop], solver=solver, max_iter=50).fit(X3, y3)
        assert (model.n_iter_, model.history_.stopped) == (3, "enough")


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_an_interrupted_fit_is_a_fitted_model(solver, early_stopping):
    recorder = Recorder()
    model = classifier(
        solver=solver,
        early_stopping=early_stopping,
        callbacks=[recorder, At(interrupt, epoch=4)],
        max_iter=50,
    )
    with pytest.warns(UserWarning, match="training was interrupted by the user"):
        model.fit(X3, y3)
    assert model.n_iter_ == 4
    assert model.predict(X3).shape == (150,)
    assert model.history_.interrupted
    best = int(np.argmax(model.validation_scores_)) if model.validation_scores_ else 3
    assert model.parameters_ == recorder.of("epoch")[best][2]


def test_a_fit_interrupted_in_its_first_epoch():
    model = classifier(callbacks=[At(interrupt, batch=1)], batch_size=10)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(X3, y3)
    assert model.n_iter_ == 0
    assert np.isnan(model.loss_)
    assert columns(model.history_) == dict.fromkeys(columns(model.history_), 0)
    assert model.predict(X3).shape == (150,)


def test_one_activation_a_layer():
    mixed = classifier(hidden_layer_sizes=(4, 3), activation=["tanh", "relu"]).fit(X3, y3)
    assert mixed.network_.hidden == ("tanh", "relu")
    Z = np.tanh(X3 @ mixed.coefs_[0] + mixed.intercepts_[0])
    A = np.maximum(Z @ mixed.coefs_[1] + mixed.intercepts_[1], 0)
    logits = A @ mixed.coefs_[2] + mixed.intercepts_[2]
    np.testing.assert_allclose(mixed.decision_function(X3), logits, rtol=1e-12)
    twice = classifier(hidden_layer_sizes=(4, 3), activation=("tanh", "tanh")).fit(X3, y3)
    assert same_weights(twice, classifier(hidden_layer_sizes=(4, 3), activation="tanh").fit(X3, y3))


@pytest.mark.parametrize("data", [(X2, y2), (X3, y3), (XM, YM)])
def test_label_smoothing_is_the_cost_of_smoothed_targets(data):
    model = classifier(label_smoothing=0.2, max_iter=1, batch_size=200, alpha=0.0)
    model.fit(*data)  # a batch larger than the rows is all of them
    start = classifier(max_iter=1, alpha=0.0, learning_rate_init=1e-300).fit(*data)
    P = start.predict_proba(data[0])
    y = data[1]
    if y.ndim == 2:
        Y = 0.8 * y + 0.1
        cost = -(Y * np.log(P) + (1 - Y) * np.log(1 - P)).sum(axis=1).mean()
    else:
        K = P.shape[1]
        cost = -((0.8 * np.eye(K)[y] + 0.2 / K) * np.log(P)).sum(axis=1).mean()
    assert model.loss_ == pytest.approx(cost, rel=1e-12)


def test_dropout_trains_other_weights_and_predicts_with_all():
    model = classifier(dropout=0.5, max_iter=30).fit(X3, y3)
    assert not same_weights(model, classifier(max_iter=30).fit(X3, y3))
    np.testing.assert_array_equal(model.predict_proba(X3), model.predict_proba(X3))
    assert same_weights(model, classifier(dropout=[0.5], max_iter=30).fit(X3, y3))


def test_dropout_of_partial_fits_is_not_always_the_same():
    """The fixed seed must not drop the same units of the same rows in every call."""
    dropped = []

    class Watch(Callback):
        def on_batch_end(self, run, cost, gradients):
            dropped.append(tuple(~gradients["W1"].any(axis=0)))

    model = classifier(hidden_layer_sizes=(40,), dropout=0.5, callbacks=[Watch()], alpha=0.0)
    for _ in range(5):
        model.partial_fit(X3[:1], y3[:1], classes=[0, 1, 2])
    assert len(set(dropped)) == 5


def test_clipping_bounds_the_gradient():
    recorder = Recorder()
    classifier(clip_norm=0.01, callbacks=[recorder]).fit(X3, y3)
    norms = [np.linalg.norm(grads.vector) for _, grads, *_ in recorder.of("batch")]
    np.testing.assert_allclose(norms, 0.01, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "schedule"),
    [
        ("constant", Constant()),
        ("step", StepDecay()),
        ("cosine", Cosine()),
        ("one_cycle", OneCycle()),
        ("invscaling", InverseScaling()),
        ("inverse_scaling", InverseScaling()),
        ("adaptive", Adaptive()),
    ],
)
def test_schedules_by_name_and_as_objects(name, schedule):
    settings = {"solver": "sgd", "max_iter": 25, "n_iter_no_change": 2}
    settings["tol"] = 0.1 if name == "adaptive" else 0.001
    named = classifier(learning_rate=name, **settings).fit(X3, y3)
    given = classifier(learning_rate=schedule, **settings).fit(X3, y3)
    assert same_weights(named, given)
    assert named.history_.learning_rate == given.history_.learning_rate
    assert (len(set(named.history_.learning_rate)) > 1) == (name != "constant")


def test_schedules_with_parameters_of_their_own_and_other_solvers():
    model = classifier(learning_rate=StepDecay(2, 0.1), solver="adam", max_iter=5).fit(X3, y3)
    np.testing.assert_allclose(
        model.history_.learning_rate, [0.01, 0.01, 0.001, 0.001, 0.0001], rtol=1e-12
    )
    # A name that scikit-learn gives to sgd alone; the object is meant as it stands.
    assert len(set(classifier(learning_rate="invscaling").fit(X3, y3).history_.learning_rate)) == 1
    steep = classifier(learning_rate=InverseScaling()).fit(X3, y3)
    assert len(set(steep.history_.learning_rate)) == 8


@pytest.mark.parametrize("solver", ["sgd", "adam", "rmsprop", "adamw", "lbfgs"])
def test_every_solver_learns(solver):
    rate = 0.1 if solver == "sgd" else 0.02
    model = classifier(
        solver=solver, max_iter=60, learning_rate_init=rate, hidden_layer_sizes=(16,)
    ).fit(X3, y3)
    assert model.score(X3, y3) > 0.93
    assert model.loss_curve_[-1] < model.loss_curve_[0] / 2


def test_the_solvers_own_parameters_reach_them():
    base = classifier(solver="rmsprop").fit(X3, y3)
    assert not same_weights(base, classifier(solver="rmsprop", decay=0.5).fit(X3, y3))
    assert not same_weights(base, classifier(solver="rmsprop", epsilon=0.1).fit(X3, y3))
    base = classifier(solver="adamw").fit(X3, y3)
    assert not same_weights(base, classifier(solver="adamw", weight_decay=0.5).fit(X3, y3))
    none = classifier(solver="adamw", weight_decay=0.0).fit(X3, y3)
    assert same_weights(none, classifier(solver="adam").fit(X3, y3))


# ------------------------------------------------------------------------------- scikit-learn's tools


@pytest.mark.parametrize("make", [classifier, regressor])
def test_params_clone_and_repr(make):
    schedule = StepDecay(3)
    model = make(learning_rate=schedule, dropout=[0.1], alpha=0.5)
    copy = clone(model)
    assert copy is not model
    assert copy.get_params() == model.get_params()
    assert copy.get_params()["learning_rate"] == schedule
    assert "alpha=0.5" in repr(model)
    assert model.set_params(alpha=2).alpha == 2
    with pytest.raises(ValueError, match="Invalid parameter"):
        model.set_params(aplha=2)
    X, y = (X3, y3) if make is classifier else (X3, X3[:, 0])
    html = model.fit(X, y)._repr_html_()
    assert type(model).__name__ in html
    assert "alpha" in html


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_a_pickled_model_predicts_and_goes_on_to_the_bit(solver):
    settings = {"solver": solver, "dropout": 0.2, "learning_rate": "cosine"}
    model = classifier(**settings).fit(X3, y3)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict_proba(X3), model.predict_proba(X3))
    for both in (model, copy):
        with pytest.warns(UserWarning, match="planned for max_iter=8 calls of partial_fit"):
            both.partial_fit(X3[:70], y3[:70]).partial_fit(X3[70:], y3[70:])
    assert same_weights(model, copy)
    assert copy.loss_curve_ == model.loss_curve_
    assert copy.t_ == model.t_ == 150 * 9
    assert copy.history_.cost is copy.loss_curve_
    assert clone(copy).get_params() == clone(model).get_params()


def test_a_pickled_warm_start_goes_on():
    model = classifier(warm_start=True, early_stopping=True).fit(X3, y3)
    copy = pickle.loads(pickle.dumps(model))
    assert same_weights(model.fit(X3, y3), copy.fit(X3, y3))
    assert copy.validation_scores_ == model.validation_scores_
    assert len(copy.validation_scores_) == 16


@pytest.mark.parametrize("make", [classifier, regressor])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_model_mapped_from_a_file_can_be_fitted_on(tmp_path, make, solver):
    """What joblib maps is read-only: it is copied when it is to be written."""
    model = make(solver=solver, warm_start=True, scaling="robust").fit(X3, y3)
    joblib.dump(model, tmp_path / "m.joblib")
    before = (tmp_path / "m.joblib").read_bytes()

    def mapped():
        return joblib.load(tmp_path / "m.joblib", mmap_mode="r")

    assert not mapped().parameters_.vector.flags.writeable
    np.testing.assert_array_equal(mapped().predict(X3), model.predict(X3))
    assigned = mapped()
    assigned.coefs_ = [0 * W for W in model.coefs_]
    assert not np.any(assigned.coefs_[0])
    if solver == "adam":
        twin = pickle.loads(pickle.dumps(model))
        assert same_weights(mapped().partial_fit(X3, y3), twin.partial_fit(X3, y3))
    assert same_weights(mapped().fit(X3, y3), model.fit(X3, y3))
    assert (tmp_path / "m.joblib").read_bytes() == before


def test_a_grid_search_over_a_pipeline():
    pipeline = make_pipeline(StandardScaler(), classifier(max_iter=15))
    grid = {
        "mlpclassifier__alpha": [1e-4, 10.0],
        "mlpclassifier__learning_rate": ["step", Cosine()],
    }
    search = GridSearchCV(pipeline, grid, cv=2).fit(*load_iris(return_X_y=True))
    assert search.best_score_ > 0.6
    assert search.best_params_["mlpclassifier__alpha"] == 1e-4


def test_cross_validation_and_ensembles():
    X, y = load_breast_cancer(return_X_y=True)
    assert cross_val_score(classifier(), scale(X), y, cv=3).mean() > 0.9
    bag = BaggingRegressor(regressor(max_iter=20), n_estimators=2, random_state=0)
    assert bag.fit(X3[:, 1:], X3[:, 0]).score(X3[:, 1:], X3[:, 0]) > 0.1
    with pytest.raises(NotFittedError):
        classifier().predict(X3)
    with pytest.raises(NotFittedError):
        regressor().predict(X3)


def test_a_table_of_text_and_numbers():
    frame = pd.DataFrame({"size": X3[:, 0], "kind": np.array(["a", "b", "c"])[y3]})
    encode = make_column_transformer(
        (OneHotEncoder(), ["kind"]),
        (StandardScaler(), make_column_selector(dtype_include=float)),
    )
    model = make_pipeline(encode, classifier(max_iter=100)).fit(frame, y3)
    assert model.score(frame, y3) == 1


def test_not_fitted_attributes():
    for name in ("coefs_", "intercepts_", "out_activation_", "classes_", "history_"):
        assert not hasattr(classifier(), name)


# -------------------------------------------------------------------------------------- what comes in


NAMES = ["length", "width", "height", "depth"]


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_data_frames_and_their_names(frame):
    X = frame(dict(zip(NAMES, X3.T, strict=True)))
    y = np.array(["a", "b", "c"])[y3]
    target = pd.Series(y) if frame is pd.DataFrame else pl.Series(y)
    model = classifier().fit(X, target)
    assert model.feature_names_in_.tolist() == NAMES
    assert model.n_features_in_ == 4
    plain = classifier().fit(X3, y)
    assert same_weights(model, plain)
    np.testing.assert_array_equal(model.predict(X), plain.predict(X3))
    with pytest.raises(ValueError, match="feature names"):
        model.predict(X[NAMES[::-1]])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(X3)
    assert not hasattr(plain, "feature_names_in_")


@pytest.mark.parametrize("form", [sp.csr_matrix, sp.csc_matrix, sp.coo_array, sp.csr_array])
def test_sparse_rows(form):
    X = np.where(np.abs(X3) > 0.5, X3, 0)
    sparse, dense = classifier(dropout=0.1).fit(form(X), y3), classifier(dropout=0.1).fit(X, y3)
    np.testing.assert_allclose(all_weights(sparse), all_weights(dense), rtol=1e-10)
    np.testing.assert_allclose(sparse.predict_proba(form(X)), dense.predict_proba(X), rtol=1e-10)
    sparse.partial_fit(form(X), y3)
    held = classifier(early_stopping=True).fit(form(X), y3, validation_data=(form(X), y3))
    assert held.best_validation_score_ == held.score(X, y3)


def test_sparse_indicator_matrices():
    sparse, dense = classifier().fit(XM, sp.csr_array(YM)), classifier().fit(XM, YM)
    assert same_weights(sparse, dense)


@pytest.mark.parametrize(
    ("model", "X", "y"),
    [
        (classifier(), X2, y2),
        (classifier(solver="lbfgs"), X3, y3),
        (classifier(dropout=0.1, clip_norm=1.0), XM, YM),
        (regressor(), X3, X3[:, 0]),
        (regressor(loss="poisson", early_stopping=True), X3, y3),
    ],
    ids=str,
)
def test_float32_stays_float32_and_leaves_in_float64(model, X, y):
    weight = np.linspace(0.1, 1, len(X))
    model = clone(model).fit(X.astype(np.float32), y, weight)
    assert model.parameters_.dtype == np.float32
    assert {V.dtype for V in (*model.coefs_, *model.intercepts_)} == {np.dtype(np.float32)}
    prediction = model.predict(X.astype(np.float32))
    assert prediction.dtype == (np.float64 if isinstance(model, cr.MLPRegressor) else y.dtype)
    if isinstance(model, cr.MLPClassifier):
        P = model.predict_proba(X.astype(np.float32))
        assert P.dtype == model.predict_log_proba(X).dtype == np.float64
        if y.ndim == 1:
            np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-14)
            log_loss(y, P)  # which warns of probabilities that do not sum to 1
    exact = clone(model).fit(X.astype(np.float32).astype(float), y, weight)
    assert exact.parameters_.dtype == np.float64
    if model.solver != "lbfgs":
        np.testing.assert_allclose(all_weights(model), all_weights(exact), rtol=1e-3, atol=1e-4)
        again = model.set_params(warm_start=True).fit(X, y)  # what was fitted first decides
        assert again.parameters_.dtype == np.float32


@pytest.mark.parametrize("data", [(X2, y2), (X3, y3), (XM, YM)])
def test_probabilities_logarithms_and_decisions_belong_together(data):
    model = classifier(max_iter=30).fit(*data)
    X = data[0]
    P, log_P, Z = model.predict_proba(X), model.predict_log_proba(X), model.decision_function(X)
    np.testing.assert_allclose(np.exp(log_P), P, rtol=1e-12)
    if data[1].ndim == 2:
        np.testing.assert_allclose(P, 1 / (1 + np.exp(-Z)), rtol=1e-12)
        np.testing.assert_array_equal(model.predict(X), (Z > 0).astype(int))
        return
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_array_equal(model.predict(X), model.classes_[P.argmax(axis=1)])
    if len(model.classes_) == 2:
        assert Z.shape == (len(X),)
        np.testing.assert_allclose(P[:, 1], 1 / (1 + np.exp(-Z)), rtol=1e-12)
    else:
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        np.testing.assert_allclose(P, E / E.sum(axis=1, keepdims=True), rtol=1e-12)


def test_logarithms_far_from_the_boundary_stay_finite():
    for X, y in ((X2, y2), (X3, y3), (XM, YM)):
        model = classifier(max_iter=20, hidden_layer_sizes=()).fit(X, y)
        far = 1e5 * X
        log_P = model.predict_log_proba(far)
        assert np.isfinite(log_P).all()
        assert log_P.min() < -1e4
        assert (model.predict_proba(far) == 0).any()


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["no", "yes"]),
        np.array(["no", "yes"], dtype=object),
        np.array([False, True]),
        np.array([-1, 1]),
        np.array([2.0, 3.0]),
        np.array([5, 7], dtype=np.uint8),
    ],
)
def test_labels_of_every_type_come_back(labels):
    y = labels[y2]
    model = classifier(max_iter=30).fit(X2, y)
    assert model.classes_.dtype == labels.dtype
    np.testing.assert_array_equal(model.classes_, labels)
    assert model.predict(X2).dtype == labels.dtype
    assert set(model.predict(X2)) <= set(labels)
    assert model.score(X2, y) > 0.6


def test_a_column_vector_is_flattened_with_a_warning():
    with pytest.warns(DataConversionWarning):
        model = classifier().fit(X3, y3[:, None])
    assert model.predict(X3).shape == (150,)


def test_one_class_alone():
    model = classifier().fit(X3, np.full(150, "only"))
    assert model.classes_.tolist() == ["only"]
    assert set(model.predict(X3)) == {"only"}
    assert model.score(X3, np.full(150, "only")) == 1


@pytest.mark.parametrize("make", [classifier, regressor])
def test_rows_that_cannot_be_used(make):
    y = y3 if make is classifier else X3[:, 0]
    for bad in (np.nan, np.inf):
        X = X3.copy()
        X[3, 1] = bad
        with pytest.raises(ValueError, match=r"NaN|infinity"):
            make().fit(X, y)
        with pytest.raises(ValueError, match=r"NaN|infinity"):
            make().fit(X3, y).predict(X)
    for X in (X3[:, 0], X3[None], X3[:10], X3[:, :0], X3[:0]):
        with pytest.raises(ValueError, match=r"2D|dim|sample|feature"):
            make().fit(X, y)
    with pytest.raises(ValueError, match="3 features"):
        make().fit(X3, y).predict(X3[:, :3])
    with pytest.raises(ValueError, match=r"NaN|Unknown label type|continuous"):
        make().fit(X3, np.where(np.arange(150) == 3, np.nan, y))
    with pytest.raises(ValueError, match="could not convert"):
        make().fit(np.array([["a", "b"]] * 150), y)


def test_targets_that_cannot_be_used():
    with pytest.raises(ValueError, match="Unknown label type"):
        classifier().fit(X3, X3[:, 0])
    with pytest.raises(ValueError, match="several columns of classes"):
        classifier().fit(X3, np.column_stack([y3, y3]))
    with pytest.raises(ValueError, match=r"y\[2\] is negative: loss='poisson'"):
        regressor(loss="poisson").fit(X3, np.where(np.arange(150) == 2, -1, y3))
    with pytest.raises(ValueError, match="could not convert"):
        regressor().fit(X3, np.array(["a", "b", "c"])[y3])


# ---------------------------------------------------------------------------- going on with a training


def test_the_rules_of_partial_fits_classes():
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        classifier().partial_fit(X3, y3)
    model = classifier().partial_fit(X3[:60], y3[:60], classes=[2, 0, 1])
    assert model.classes_.tolist() == [0, 1, 2]
    model.partial_fit(X3[100:], y3[100:]).partial_fit(X3, y3, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="is not the same as on the last call"):
        model.partial_fit(X3, y3, classes=[0, 1])
    with pytest.raises(ValueError, match=r"not among \[.*0.*\]: \[.*5.*\]"):
        model.partial_fit(X3, np.where(y3 == 2, 5, y3))
    with pytest.raises(ValueError, match="does not support early_stopping"):
        classifier(early_stopping=True).partial_fit(X3, y3, classes=[0, 1, 2])
    assert not hasattr(classifier(solver="lbfgs"), "partial_fit")
    assert not hasattr(regressor(solver="lbfgs"), "partial_fit")


def test_partial_fits_of_many_labels():
    model = classifier().partial_fit(XM[:40], YM[:40])  # the columns are the classes
    model.partial_fit(XM[40:], YM[40:])
    assert model.predict(XM).shape == YM.shape
    with pytest.raises(ValueError, match="indicator matrix with 3 columns"):
        model.partial_fit(XM, YM[:, :2])
    with pytest.raises(ValueError, match="of 0 and 1 alone"):
        model.partial_fit(XM, 2 * YM)
    with pytest.raises(ValueError, match="one class a row"):
        classifier().fit(X3, y3).partial_fit(X3, np.eye(3, dtype=int)[y3])


def test_a_partial_fit_that_failed_leaves_no_trace_in_the_next_fit():
    model = classifier()
    with pytest.raises(ValueError, match="NaN"):
        model.partial_fit(np.full((3, 4), np.nan), [0, 1, 2], classes=[0, 1, 2])
    names = np.array(["a", "b", "c"])[y3]
    assert same_weights(model.fit(X3, names), classifier().fit(X3, names))
    assert model.classes_.tolist() == ["a", "b", "c"]


def test_partial_fits_are_a_fit_of_as_many_epochs():
    parts = classifier(shuffle=False, solver="sgd")
    for _ in range(8):
        parts.partial_fit(X3, y3, classes=[0, 1, 2])
    whole = classifier(shuffle=False, solver="sgd").fit(X3, y3)
    assert same_weights(parts, whole)
    assert parts.loss_curve_ == whole.loss_curve_
    assert (parts.t_, parts.n_iter_) == (whole.t_, 1)


def test_a_warm_start_must_fit():
    model = classifier(warm_start=True).fit(X3, y3)
    with pytest.raises(ValueError, match="same classes as in the previous call"):
        model.fit(X3[:100], y3[:100])
    with pytest.raises(ValueError, match="classes"):
        model.fit(X3, y3 + 1)
    with pytest.raises(ValueError, match="features"):
        model.fit(X3[:, :2], y3)
    with pytest.raises(ValueError, match="fit anew with warm_start=False"):
        model.set_params(hidden_layer_sizes=(6,)).fit(X3, y3)
    numbers = regressor(warm_start=True).fit(X3, X3[:, 0])
    with pytest.raises(ValueError, match="fit anew with warm_start=False"):
        numbers.fit(X3, X3[:, :2])


def test_a_fit_without_a_warm_start_forgets():
    model = classifier().fit(X2, y2)
    model.fit(X3, y3)
    assert same_weights(model, classifier().fit(X3, y3))
    assert len(model.loss_curve_) == 8


# ------------------------------------------------------------------------------------------- warnings


def test_what_is_warned_of_and_what_is_not():
    with pytest.warns(ConvergenceWarning, match="8 epochs of max_iter are done") as caught:
        classifier().fit(X3, y3)
    assert caught[0].filename == __file__
    with pytest.warns(ConvergenceWarning, match="lbfgs failed to converge after 8"):
        classifier(solver="lbfgs", tol=0.0).fit(X3, y3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classifier(max_iter=500, n_iter_no_change=1, tol=0.1).fit(X3, y3)
        classifier(callbacks=[At(lambda run: run.stop("now"), epoch=8)]).fit(X3, y3)
        classifier().partial_fit(X3, y3, classes=[0, 1, 2])
        classifier(solver="lbfgs", max_iter=2000, alpha=1.0).fit(X3, y3)


def test_verbose_prints_a_line_an_epoch(capsys):
    classifier(verbose=True, max_iter=2).fit(X3, y3, validation_data=(X3, y3))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("epoch 1: cost 1.")
    assert "validation accuracy 0." in lines[1]
    assert lines[2] == "training ended: all 2 epochs done"
