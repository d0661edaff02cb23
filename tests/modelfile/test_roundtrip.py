"""What is saved comes back: predictions to the bit, settings, history, and the same file again."""

import builtins
import pickle
import warnings

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file
from sklearn.base import clone

import chainrule as cr
import chainrule.modelfile.container
from chainrule.errors import ParameterError
from chainrule.optim import Schedule
from helpers.models import MAKERS, fitted, put_together, taken_apart, tiny_model

each = pytest.mark.parametrize("name", MAKERS)


@each
def test_predictions_settings_and_attributes_come_back(name, tmp_path):
    model, X = fitted(name)
    cr.save(model, tmp_path / "model.safetensors")
    copy = cr.load(tmp_path / "model.safetensors")
    assert type(copy) is type(model)
    for method in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
        if hasattr(model, method):
            ours, theirs = getattr(model, method)(X), getattr(copy, method)(X)
            assert ours.dtype == theirs.dtype
            assert ours.tobytes() == theirs.tobytes() or ours.dtype == object
            np.testing.assert_array_equal(ours, theirs)
    expected = model.get_params()
    expected["callbacks"] = None
    if not isinstance(expected["random_state"], (int, np.integer)):
        expected["random_state"] = None
    for sequence in ("hidden_layer_sizes", "activation", "dropout"):
        if isinstance(expected[sequence], (list, np.ndarray)):
            expected[sequence] = tuple(expected[sequence])
    assert copy.get_params() == expected
    assert copy.network_ == model.network_
    assert copy.parameters_ == model.parameters_
    assert copy.parameters_.dtype == model.parameters_.dtype
    np.testing.assert_equal(copy.history_.to_dict(), model.history_.to_dict())  # NaN equals NaN
    for attribute in (
        "n_iter_",
        "t_",
        "loss_",
        "best_loss_",
        "best_validation_score_",
        "validation_scores_",
        "loss_curve_",
        "n_layers_",
        "n_outputs_",
        "n_features_in_",
        "out_activation_",
    ):
        np.testing.assert_equal(getattr(copy, attribute), getattr(model, attribute))
    if hasattr(model, "classes_"):
        assert copy.classes_.dtype == model.classes_.dtype
        np.testing.assert_array_equal(copy.classes_, model.classes_)
    assert hasattr(copy, "feature_names_in_") == name.startswith("feature names")
    if name.startswith("feature names"):
        np.testing.assert_array_equal(copy.feature_names_in_, model.feature_names_in_)
    clone(copy)


@each
def test_the_same_model_is_the_same_file(name, tmp_path):
    model, _ = fitted(name)
    first, second = tmp_path / "first", tmp_path / "second"
    cr.save(model, first)
    for _ in range(5):
        cr.save(model, second)
        assert second.read_bytes() == first.read_bytes()
    cr.save(cr.load(first), second)
    assert second.read_bytes() == first.read_bytes()


@each
def test_any_reader_of_safetensors_can_use_it(name, tmp_path):
    model, _ = fitted(name)
    path = tmp_path / "model.safetensors"
    cr.save(model, path)
    tensors = load_file(path)
    assert set(tensors) == set(model.parameters_)
    for key, V in tensors.items():
        np.testing.assert_array_equal(V, model.parameters_[key])
        assert V.dtype == model.parameters_.dtype
    with safe_open(path, "np") as file:
        assert set(file.metadata()) == {"chainrule", "sha256"}
    length = int.from_bytes(path.read_bytes()[:8], "little")
    assert length % 8 == 0  # the tensors are aligned
    # The format is what its description says, no more: a file written by other code is read.
    path.write_bytes(put_together(*taken_apart(path.read_bytes())))
    assert cr.load(path).parameters_ == model.parameters_


@each
def test_nothing_is_pickled_or_executed(name, tmp_path, monkeypatch):
    model, X = fitted(name)
    expected = model.predict(X)

    def refuse(*args, **options):
        raise AssertionError("something was executed")

    with monkeypatch.context() as patch:
        for module, function in (
            (pickle, "loads"),
            (pickle, "load"),
            (pickle, "dumps"),
            (pickle, "Unpickler"),
            (builtins, "eval"),
            (builtins, "exec"),
            (builtins, "compile"),
        ):
            patch.setattr(module, function, refuse)
        cr.save(model, tmp_path / "model")
        copy = cr.load(tmp_path / "model")
    np.testing.assert_array_equal(copy.predict(X), expected)
    content = (tmp_path / "model").read_bytes()
    for protocol in range(2, 6):
        assert bytes([0x80, protocol, 0x95]) not in content
    assert b"\x80\x04" not in content[: 8 + int.from_bytes(content[:8], "little")]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", ["multiclass", "regression", "poisson", "multilabel", "lbfgs"])
def test_a_loaded_model_can_go_on(name, tmp_path):
    model, X = fitted(name)
    cr.save(model, tmp_path / "model")
    copy = cr.load(tmp_path / "model")
    copy.set_params(solver="adam", warm_start=True)
    if name == "multilabel":
        copy.set_params(class_weight=None)  # "balanced" needs all rows at once
    y = copy.predict(X) if name != "regression" else X[:, 0]
    before = copy.parameters_.copy()
    seconds = len(copy.history_)
    copy.partial_fit(X, y)
    assert copy.parameters_ != before
    assert len(copy.history_) == seconds + 1
    assert copy.t_ == model.t_ + len(X)
    if len(np.unique(y)) == len(getattr(copy, "classes_", np.unique(y))):
        copy.fit(X, y)
    clone(copy).fit(X, y)


def test_a_fresh_process_reads_it_without_a_warning(tmp_path):
    for name in ("interrupted", "validation on one class", "early stopping"):
        model, _ = fitted(name)
        cr.save(model, tmp_path / "model")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            cr.load(tmp_path / "model")


def test_paths_as_text(tmp_path):
    model, X = tiny_model()
    cr.save(model, str(tmp_path / "a b é.model"))
    np.testing.assert_array_equal(
        cr.load(str(tmp_path / "a b é.model")).predict(X), model.predict(X)
    )


# ------------------------------------------------------------------------------- what cannot be saved


def test_other_objects_are_refused_by_their_full_name(tmp_path):
    from sklearn.linear_model import LinearRegression
    from sklearn.neural_network import MLPClassifier

    class Mine(cr.MLPClassifier):
        pass

    for model in (LinearRegression(), MLPClassifier(), Mine(), None, "model", cr.MLPClassifier):
        with pytest.raises(
            ParameterError, match=r"cannot be saved: save one of TableModel, MLPClassifier"
        ):
            cr.save(model, tmp_path / "model")
    with pytest.raises(ParameterError, match=r"sklearn\.neural_network"):
        cr.save(MLPClassifier(), tmp_path / "model")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"alpha": -1}, "alpha"),
        ({"solver": "adm"}, "solver"),
        ({"hidden_layer_sizes": (0,)}, "hidden_layer_sizes"),
        ({"metric": "r2"}, "metric"),
        ({"class_weight": {(1, 2): 3, object(): 1}}, "cannot be saved"),
        ({"learning_rate": Schedule()}, "cannot be saved"),
        ({"learning_rate": type("Mine", (Schedule,), {})()}, "cannot be saved: .*set_params"),
    ],
)
def test_settings_that_would_not_load_are_not_saved(settings, message, tmp_path):
    model, _ = tiny_model()
    with pytest.raises(ParameterError, match=message):
        cr.save(model.set_params(**settings), tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_a_model_that_is_not_fitted(tmp_path):
    from sklearn.exceptions import NotFittedError

    with pytest.raises(NotFittedError):
        cr.save(cr.MLPClassifier(), tmp_path / "model")


@pytest.mark.parametrize("labels", [np.array(["2020-01-01", "2021-01-01"], dtype="M8[D]")])
def test_labels_that_json_does_not_know(labels, tmp_path):
    model, X = tiny_model()
    model.set_params(solver="lbfgs", max_iter=1000).fit(X, labels[np.arange(12) % 2])
    with pytest.raises(ParameterError, match=r"the class label .* cannot be saved"):
        cr.save(model, tmp_path / "model")


def test_the_format_is_the_one_documented(tmp_path):
    model, _ = tiny_model()
    cr.save(model, tmp_path / "model")
    document, tensors = taken_apart((tmp_path / "model").read_bytes())
    assert set(document) == {"format", "kind", "network", "details", "versions"}
    assert document["format"] == chainrule.modelfile.container.FORMAT == 1
    assert document["kind"] == "MLPClassifier"
    assert set(document["versions"]) == {"chainrule", "numpy", "python"}
    assert sorted(tensors) == ["W1", "W2", "b1", "b2"]
