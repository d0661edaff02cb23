"""What a fit does with its rows before the network: encoding, scaling, several networks, presets."""

import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.preprocessing import scale

import chainrule as cr
from chainrule.data.features import FeatureEncoder
from chainrule.errors import DataError, ParameterError
from chainrule.nn.parametrization import unfolded
from chainrule.settings import PRESETS, preset_settings
from chainrule.train import Callback
from helpers.training import Recorder
from helpers.trajectories import rows_of

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
SMALL = {"hidden_layer_sizes": (6,), "max_iter": 4, "random_state": 0, "batch_size": 32}
X2, y2 = load_breast_cancer(return_X_y=True)
X2, y2 = X2[::4, :7], y2[::4]
XR, yR = load_diabetes(return_X_y=True)
XR, yR = XR[::3] * 100, yR[::3]
X3, y3 = rows_of("multiclass")
KINDS = {"classifier": (cr.MLPClassifier, X2, y2), "regressor": (cr.MLPRegressor, XR, yR)}
each_kind = pytest.mark.parametrize("kind", KINDS)


def classifier(**settings):
    return cr.MLPClassifier(**{**SMALL, **settings})


def regressor(**settings):
    return cr.MLPRegressor(**{**SMALL, **settings})


def made(kind, **settings):
    """Return an estimator and its rows."""
    make, X, y = KINDS[kind]
    return make(**{**SMALL, **settings}), X, y


def bits(model):
    return model.parameters_.vector.tobytes()


# -------------------------------------------------------------------------------- scaling and encoding


@each_kind
@pytest.mark.parametrize("settings", [{"scaling": "robust"}, {"piecewise_linear": 4}], ids=str)
def test_the_encoding_is_learned_from_the_training_rows_alone(kind, settings):
    """Validation rows of 1e9, one's own or set aside, change nothing but their own figures."""
    model, X, y = made(kind, max_iter=2, **settings)
    twin = clone(model).fit(X, y)
    far = np.full((5, X.shape[1]), 1e9)
    model.fit(X, y, validation_data=(np.vstack([X[:5], far]), np.concatenate([y[:5], y[:5]])))
    assert bits(model) == bits(twin)
    assert model._features.to_dict() == twin._features.to_dict()
    wild = X.copy()
    stopped = {**settings, "early_stopping": True, "validation_fraction": 0.2}
    aside = made(kind, **stopped)[0].fit(X, y)
    assert not np.array_equal(aside._features.to_dict(), twin._features.to_dict())
    learned = aside._features
    rows = [i for i in range(len(X)) if not row_counts(X, i, learned, settings)]
    assert 0.15 * len(X) < len(rows) < 0.25 * len(X)
    wild[rows] = 1e9
    assert made(kind, **stopped)[0].fit(wild, y)._features.to_dict() == learned.to_dict()


def row_counts(X, row, learned, settings):
    """Say whether a row was among those that the encoding was learned from; it is set aside if not."""
    return row not in set_aside(len(X), learned, X, settings)


def set_aside(m, learned, X, settings):
    """Return the rows that are left when the encoding is learned from the others."""
    from sklearn.model_selection import train_test_split

    key = (m, id(learned))
    if key not in CACHE:
        for y in (y2, yR):
            if len(y) == m:
                kept, aside = train_test_split(
                    np.arange(m),
                    random_state=np.random.RandomState(0),
                    test_size=0.2,
                    stratify=y if y is y2 else None,
                )
        options = {"robust": "scaling" in settings, "bins": settings.get("piecewise_linear", 0)}
        assert FeatureEncoder.fit(X[kept], **options).to_dict() == learned.to_dict()
        CACHE[key] = set(aside)
    return CACHE[key]


CACHE = {}


@each_kind
@pytest.mark.parametrize(
    "settings", [{}, {"early_stopping": True, "validation_fraction": 0.3}], ids=str
)
def test_encoded_rows_are_what_the_network_sees(kind, settings):
    """Scaling inside is scaling outside, where no row is set aside before."""
    model, X, y = made(kind, scaling="robust", piecewise_linear=3, **settings)
    model.fit(X, y)
    assert model.n_features_in_ == X.shape[1]
    assert model.network_.sizes[0] == model._features.inputs > X.shape[1]
    outside = clone(model).set_params(scaling=None, piecewise_linear=0)
    encoded = model.encode(X)
    assert encoded.shape == (len(X), model.network_.sizes[0])
    if not settings:
        outside.fit(FeatureEncoder.fit(X, robust=True, bins=3).transform(X), y)
        assert bits(outside) == bits(model)
        np.testing.assert_array_equal(outside.predict(encoded), model.predict(X))
    assert np.isfinite(
        model.predict(np.full((1, X.shape[1]), 1e30 if kind == "classifier" else 1.0))
    ).all()


@each_kind
def test_units_of_the_inputs_do_not_matter(kind):
    model, X, y = made(kind, scaling="robust")
    units = 2.0 ** np.arange(X.shape[1])  # exact in binary
    one, other = clone(model).fit(X, y), clone(model).fit(X * units, y)
    assert bits(one) == bits(other)
    np.testing.assert_array_equal(one.predict(X), other.predict(X * units))


@each_kind
@pytest.mark.parametrize("settings", [{"scaling": "robust"}, {"piecewise_linear": 3}], ids=str)
def test_sparse_rows_are_refused_in_words(kind, settings):
    model, X, y = made(kind, **settings)
    (name,) = settings
    with pytest.raises(
        DataError, match=f"{name} needs a dense X, and this one is sparse: give X.toarray"
    ) as refusal:
        model.fit(sp.csr_array(X), y)
    assert "\n" not in str(refusal.value)
    assert not hasattr(model, "parameters_")
    assert not model.__sklearn_tags__().input_tags.sparse
    assert made(kind)[0].__sklearn_tags__().input_tags.sparse
    model.fit(X, y)
    with pytest.raises(DataError, match="needs a dense X"):
        model.predict(sp.csr_array(X))


@each_kind
def test_partial_fit_keeps_the_first_batchs_encoding(kind):
    model, X, y = made(kind, scaling="robust", piecewise_linear=3)
    extra = {"classes": [0, 1]} if kind == "classifier" else {}
    model.partial_fit(X[:60], y[:60], **extra)
    learned = model._features.to_dict()
    assert learned == FeatureEncoder.fit(X[:60], robust=True, bins=3).to_dict()
    before = bits(model)
    model.partial_fit(X[60:90] * 1e3, y[60:90])
    assert model._features.to_dict() == learned
    assert bits(model) != before
    model.fit(X, y)  # which starts anew
    assert model._features.to_dict() != learned
    warm = clone(model).set_params(warm_start=True).fit(X, y)
    learned = warm._features.to_dict()
    warm.fit(X * 7, y)
    assert warm._features.to_dict() == learned


# ----------------------------------------------------------------------------------------- the targets


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_standardized_targets(solver):
    """It is as if y had been standardized, and what is predicted turned back."""
    inside = regressor(standardize_target=True, solver=solver).fit(XR, yR)
    mean, std = yR.mean(), yR.std()
    outside = regressor(solver=solver).fit(XR, (yR - mean) / std)
    np.testing.assert_allclose(inside.parameters_.vector, outside.parameters_.vector, rtol=1e-9)
    np.testing.assert_allclose(inside.predict(XR), outside.predict(XR) * std + mean, rtol=1e-9)
    assert inside.loss_ == pytest.approx(outside.loss_)


def test_standardized_targets_of_several_outputs_are_each_standardized():
    Y = np.column_stack([yR, 1e6 + 1e3 * XR[:, 2], np.full(len(yR), 3.0)])
    model = regressor(standardize_target=True, max_iter=200, learning_rate_init=0.01).fit(XR, Y)
    found = model.predict(XR)
    assert found.shape == Y.shape
    for column in (0, 1):
        assert np.corrcoef(found[:, column], Y[:, column])[0, 1] > 0.6
        assert abs(found[:, column].mean() - Y[:, column].mean()) < 0.3 * Y[:, column].std()
    assert np.abs(found[:, 2] - 3).max() < 3
    moved = regressor(standardize_target=True, max_iter=200, learning_rate_init=0.01).fit(XR, 8 * Y)
    # but for the constant column, which has no scale
    np.testing.assert_allclose(moved.predict(XR)[:, :2], 8 * found[:, :2], rtol=1e-6)


def test_standardized_targets_know_nothing_of_validation_rows():
    model = regressor(standardize_target=True)
    twin = clone(model).fit(XR, yR)
    model.fit(XR, yR, validation_data=(XR[:4], np.full(4, 1e9)))
    assert bits(model) == bits(twin)
    assert model._scaling.to_dict() == twin._scaling.to_dict()


def test_standardized_counts_are_refused():
    with pytest.raises(ParameterError, match="standardize_target makes no counts: loss='poisson'"):
        cr.MLPRegressor("poisson", standardize_target=True, **SMALL).fit(XR, yR)


# ------------------------------------------------------------------------------ two classes, two outputs


@pytest.mark.parametrize("names", [[0, 1], ["no", "yes"], [False, True], [7.0, 8.0]], ids=str)
def test_two_softmax_outputs(names):
    y = np.array(names)[y2]
    model = classifier(binary_output="softmax", scaling="robust", max_iter=30).fit(X2, y)
    assert model.network_.sizes[-1] == 2
    assert model.network_.loss == "categorical_cross_entropy"
    assert model.out_activation_ == "softmax"
    assert model.classes_.tolist() == names
    D, P = model.decision_function(X2), model.predict_proba(X2)
    assert D.shape == (len(X2),)
    assert P.shape == (len(X2), 2)
    np.testing.assert_allclose(P.sum(axis=1), 1)
    np.testing.assert_allclose(P[:, 1], 1 / (1 + np.exp(-D)), rtol=1e-9)
    np.testing.assert_allclose(model.predict_log_proba(X2), np.log(P), rtol=1e-7, atol=1e-12)
    np.testing.assert_array_equal(model.predict(X2), np.array(names)[(D > 0).astype(int)])
    assert model.score(X2, y) > 0.8
    assert classifier().fit(X2, y).network_.sizes[-1] == 1


def test_two_outputs_are_for_two_classes_alone():
    assert classifier(binary_output="softmax").fit(X3, y3).network_.sizes[-1] == 3
    Y = np.column_stack([y2, 1 - y2])
    labels = classifier(binary_output="softmax").fit(X2, Y)
    assert labels.network_.output == "sigmoid"
    one = classifier(binary_output="softmax").fit(X2, np.zeros(len(X2)))
    assert one.predict(X2).tolist() == [0] * len(X2)
    later = classifier(binary_output="softmax")
    later.partial_fit(X2[:20], np.zeros(20), classes=[0, 1])
    assert later.predict_proba(X2).shape == (len(X2), 2)
    assert later.network_.sizes[-1] == 2


def test_class_weights_of_two_outputs():
    usual = classifier(binary_output="softmax").fit(X2, y2, np.where(y2 == 1, 3.0, 1.0))
    named = classifier(binary_output="softmax", class_weight={1: 3}).fit(X2, y2)
    assert bits(usual) == bits(named)


# ----------------------------------------------------------------------------------- several networks


def members_of(model):
    """Return the members as estimators of one network each."""
    network, weights = unfolded(model.network_, model.parameters_)
    for e in range(network.members):
        plain = type(network)(
            network.sizes, network.hidden, network.output, network.loss, penalty=network.penalty
        )
        own = {n: V[e] if V.ndim == 3 or n[0] == "b" else V for n, V in weights.items()}
        yield lambda X, plain=plain, own=own: plain.predict(cr.Parameters.from_arrays(own), X)


@pytest.mark.parametrize(
    "settings", [{"ensemble": 3}, {"bagging": 3}, {"ensemble": 2, "bagging": 2}], ids=str
)
@pytest.mark.parametrize("data", ["binary", "softmax", "many", "numbers"])
def test_several_predict_the_mean_of_what_each_predicts(settings, data):
    options = {**settings, "input_scale": True, "parametrization": "ntk", "initializer": "normal"}
    if data == "numbers":
        model, X, y = regressor(standardize_target=True, **options), XR, yR
    elif data == "many":
        model, X, y = classifier(**options), X3, y3
    else:
        output = "softmax" if data == "softmax" else "sigmoid"
        model, X, y = classifier(scaling="robust", binary_output=output, **options), X2, y2
    model.fit(X, y)
    assert model.network_.members == settings.get("ensemble", 1) * settings.get("bagging", 1)
    each = np.array([predict(model.encode(X)) for predict in members_of(model)])
    assert np.std(each, axis=0).max() > 1e-3  # they differ
    mean = each.mean(axis=0)
    if data == "numbers":
        np.testing.assert_allclose(model.predict(X), mean[:, 0] * yR.std() + yR.mean(), rtol=1e-9)
    elif data == "binary":
        np.testing.assert_allclose(model.predict_proba(X)[:, 1], mean[:, 0], rtol=1e-9)
        odds = np.log(mean[:, 0] / (1 - mean[:, 0]))
        np.testing.assert_allclose(model.decision_function(X), odds, rtol=1e-6, atol=1e-9)
    else:
        np.testing.assert_allclose(model.predict_proba(X), mean, rtol=1e-9)
        np.testing.assert_array_equal(model.predict(X), model.classes_[mean.argmax(axis=1)])
        log = model.predict_log_proba(X)
        np.testing.assert_allclose(log, np.log(mean), rtol=1e-6, atol=1e-9)


BAG = {"bagging": 3, "early_stopping": True, "validation_fraction": 0.2, "dropout": 0.1}


@each_kind
def test_a_bag_does_not_depend_on_the_number_of_threads(kind):
    model, X, y = made(kind, **BAG)
    fitted = [clone(model).set_params(n_threads=n).fit(X, y) for n in (None, 1, 2, 5)]
    assert len({bits(it) for it in fitted}) == 1
    assert len({tuple(it.history_.cost) for it in fitted}) == 1
    again = clone(model).set_params(random_state=1).fit(X, y)
    assert bits(again) != bits(fitted[0])


@each_kind
def test_the_networks_of_a_bag(kind):
    """The same rows, other beginnings, an epoch of its own for each; the first one's history."""
    model, X, y = made(kind, **BAG)
    model.fit(X, y)
    assert len(model.bag_histories_) == 3
    assert model.history_ is model.bag_histories_[0]
    assert len({tuple(history.cost) for history in model.bag_histories_}) == 3
    assert model.n_iter_ == len(model.history_)
    assert model.loss_ == model.history_.cost[-1]
    assert model.best_validation_score_ == max(model.history_.validation_score)
    assert model.network_.is_plain is False
    assert len({V.tobytes() for V in model.parameters_["W1"]}) == 3
    alone = clone(model).set_params(bagging=1).fit(X, y)
    assert alone.network_.sizes == model.network_.sizes


def test_what_a_bag_refuses():
    for settings in ({"warm_start": True}, {}):
        model = classifier(bagging=2, **settings)
        call = model.fit if settings else model.partial_fit
        extra = {} if settings else {"classes": [0, 1]}
        with pytest.raises(ParameterError, match="no warm_start and no partial_fit"):
            call(X2, y2, **extra)
    with pytest.raises(ParameterError, match="bagging needs a solver that takes steps"):
        classifier(bagging=2, solver="lbfgs").fit(X2, y2)


def test_callbacks_see_the_first_network_of_a_bag():
    recorder = Recorder()
    classifier(bagging=3, callbacks=[recorder]).fit(X2, y2)
    assert len(recorder.of("epoch")) == 4
    assert len(recorder.of("begin")) == 1


def test_one_network_of_a_bag_that_fails_ends_all():
    class Broken(Callback):
        def on_epoch_end(self, run):
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        classifier(bagging=3, max_iter=10_000, tol=0.0, callbacks=[Broken()]).fit(X2, y2)


# ------------------------------------------------------------------------- precision, rates, best epoch


@each_kind
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision(kind, precision, dtype):
    model, X, y = made(kind, precision=precision)
    model.fit(X.astype(dtype), y)
    assert model.parameters_.dtype == precision
    assert {V.dtype for V in model._state.optimizer.state.values()} == {np.dtype(precision)}
    assert np.isfinite(model.predict(X)).all()
    assert made(kind)[0].fit(X.astype(dtype), y).parameters_.dtype == dtype


def test_a_value_that_float32_cannot_hold_is_told():
    X = X2.copy()
    X[3, 0] = 1e300
    with pytest.raises(DataError, match="row 3 that float32, the model's precision, cannot"):
        classifier(precision="float32").fit(X, y2)
    classifier(precision="float32", scaling="robust").fit(X, y2)  # scaled, it can


@each_kind
def test_learning_rate_factors(kind):
    model, X, y = made(kind, learning_rate_factors={"W1": 0.0, "b": 0.0})
    start = clone(model).set_params(learning_rate_init=1e-300).fit(X, y).parameters_
    model.fit(X, y)
    for name, V in model.parameters_.items():
        assert (start[name] == V).all() == (name != "W2")
    for factors in ({"W9": 1}, {"c": 1}, {"b": -1}, {"b": np.nan}, {"b": "x"}, 3, ["b"]):
        with pytest.raises(ParameterError) as refusal:
            made(kind, learning_rate_factors=factors)[0].fit(X, y)
        assert "\n" not in str(refusal.value)
    usual, same = made(kind)[0].fit(X, y), made(kind, learning_rate_factors={"b": 1.0})[0].fit(X, y)
    assert bits(usual) == bits(same)


def test_the_best_epoch_is_the_first_or_the_last_of_equals():
    settings = {
        "early_stopping": True,
        "metric": "accuracy",
        "max_iter": 60,
        "n_iter_no_change": np.inf,
    }
    first, last = (
        classifier(**settings, scaling="robust", best_epoch=which).fit(X2, y2)
        for which in ("first", "last")
    )
    scores = np.array(first.history_.validation_score)
    assert scores.tolist() == last.history_.validation_score
    at_best = np.flatnonzero(scores == scores.max())
    assert len(at_best) > 1
    assert first.history_.best_epoch == at_best[0] + 1
    assert last.history_.best_epoch == at_best[-1] + 1
    assert bits(first) != bits(last)


def test_a_batch_larger_than_the_rows_says_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*has not converged")
        large, whole = (classifier(batch_size=n).fit(scale(X2), y2) for n in (10_000, len(X2)))
    assert bits(large) == bits(whole)


@pytest.mark.parametrize("changed", [{"input_scale": True}, {"ensemble": 2}], ids=str)
def test_a_warm_start_cannot_change_the_parameters_there_are(changed):
    model = classifier(warm_start=True).fit(X2, y2)
    with pytest.raises(ParameterError, match=r"other kinds of parameters .*: fit anew"):
        model.set_params(**changed).fit(X2, y2)


# --------------------------------------------------------------------------------------------- presets


@each_kind
@pytest.mark.parametrize("preset", PRESETS)
def test_an_estimator_from_a_preset(kind, preset):
    make, X, y = KINDS[kind]
    model = make.from_preset(preset, hidden_layer_sizes=(5,), max_iter=3, random_state=0)
    chosen = preset_settings(preset, classification=kind == "classifier")
    for name, value in {**chosen, "hidden_layer_sizes": (5,), "max_iter": 3}.items():
        assert getattr(model, name) == value
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert model.fit(X, y).n_iter_ == 3
    assert bits(copy.fit(X, y)) == bits(model)
    assert model.parameters_.dtype == (np.float64 if preset == "plain" else np.float32)


@each_kind
def test_an_unknown_preset(kind):
    for name in ("relmlp", None, 3):
        if name is None:
            assert KINDS[kind][0].from_preset(None).get_params() == KINDS[kind][0]().get_params()
            continue
        with pytest.raises(ParameterError, match="unknown preset"):
            KINDS[kind][0].from_preset(name)
    with pytest.raises(ParameterError, match="did you mean 'realmlp'"):
        KINDS[kind][0].from_preset("relmlp")


def test_what_was_fitted_counts_and_not_what_is_set_afterwards():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(60, 3))
    y = 100 + 10 * X[:, 0]
    model = cr.MLPRegressor(
        hidden_layer_sizes=(8,), max_iter=50, standardize_target=True, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, y)
    before = model.predict(X)
    np.testing.assert_array_equal(model.set_params(standardize_target=False).predict(X), before)
