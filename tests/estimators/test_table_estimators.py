"""TableClassifier and TableRegressor on tables as people have them, and among scikit-learn's tools."""

import inspect
import pickle

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.inspection import permutation_importance
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import chainrule as cr
from chainrule.data import READING_OPTIONS
from chainrule.errors import DataError, ModelFileError, ParameterError
from chainrule.settings import ClassifierSettings, RegressorSettings
from chainrule.settings.rows import rows_of

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
SMALL = {"hidden_layer_sizes": (16,), "max_iter": 30, "random_state": 0}
CLASSIFIER, REGRESSOR = cr.TableClassifier(**SMALL), cr.TableRegressor(**SMALL)
M = 160


@pytest.fixture(scope="module")
def X():
    rng = np.random.RandomState(0)
    frame = pd.DataFrame(
        {
            "size": 10 + 3 * rng.normal(size=M),
            "kind": rng.choice(list("abc"), M),
            "when": pd.date_range("2020-01-01", periods=M),
            "flag": rng.uniform(size=M) > 0.5,
            "level": pd.Categorical(rng.choice(["low", "high"], M)),
        }
    )
    frame.loc[::9, "size"] = np.nan
    return frame


@pytest.fixture(scope="module")
def number(X):
    return (2 * X["size"].fillna(9) + 3 * (X["kind"] == "a")).rename("number")


@pytest.fixture(scope="module")
def label(number):
    return pd.Series(np.where(number > 19.5, "pos", "neg"), name="result")


@pytest.fixture(scope="module")
def classifier(X, label):
    return clone(CLASSIFIER).fit(X, label)


@pytest.fixture(scope="module")
def regressor(X, number):
    return clone(REGRESSOR).fit(X, number)


# ------------------------------------------------------------------------------------- parameters


@pytest.mark.parametrize(
    ("kind", "settings"),
    [(cr.TableClassifier, ClassifierSettings), (cr.TableRegressor, RegressorSettings)],
)
def test_every_setting_and_column_option_is_a_parameter(kind, settings):
    names = set(kind().get_params())
    assert set(rows_of(settings)) - names == {"warm_start"} | (
        {"standardize_target"} & set(rows_of(settings))
    )
    options = set(inspect.signature(cr.TableModel).parameters) - {"dtype", "settings"}
    assert options | set(READING_OPTIONS) <= names
    for name in rows_of(settings).keys() & names:
        assert f"\n    {name} : " in kind.__doc__


def test_what_a_preset_decides_can_be_said(X, label):
    plain = clone(CLASSIFIER).set_params(preset="plain").fit(X, label)
    assert plain.model_.fitted.network.sizes[-1] == 1
    assert plain.model_.fitted.parameters.dtype == np.float64
    own = clone(CLASSIFIER).set_params(precision="float64", binary_output="sigmoid")
    model = own.fit(X, label).model_
    assert model.fitted.network.sizes[-1] == 1
    assert model.fitted.parameters.dtype == np.float64
    assert model.settings["binary_output"] == "sigmoid"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"preset": "realmpl"}, "realmlp"),
        ({"solver": "adma"}, "adam"),
        ({"learning_rate_init": -1.0}, "learning_rate_init must be"),
        ({"categorical": [7]}, "there is no column 7, they are numbered from 0 to 4"),
        ({"drop": ["knd"]}, "kind"),
        ({"class_weight": {"posi": 2.0}}, "class_weight has 'posi', which is no class of y"),
    ],
    ids=str,
)
def test_parameters_that_make_no_sense(X, label, parameters, message):
    with pytest.raises(ParameterError, match=message):
        clone(CLASSIFIER).set_params(**parameters).fit(X, label)


def test_columns_by_name_and_number(X, label):
    by_name = clone(CLASSIFIER).set_params(drop=["when"], categorical=["flag"]).fit(X, label)
    by_number = clone(CLASSIFIER).set_params(drop=(2,), categorical=[3]).fit(X, label)
    assert list(by_name.get_feature_names_out()) == list(by_number.get_feature_names_out())
    assert "when" not in by_name.model_.encoder.columns


def test_how_columns_are_read_can_be_said(X, label, tmp_path):
    said = {"kinds": {"flag": "category", 0: "number"}, "missing": ("b",), "day_first": True}
    model = clone(CLASSIFIER).set_params(max_iter=2, **said).fit(X, label)
    names = list(model.get_feature_names_out())
    assert "flag=True" in names or "flag=true" in names
    assert "kind is missing" in names
    cr.save(model, tmp_path / "m")
    assert cr.load(tmp_path / "m").get_params() == model.get_params()
    with pytest.raises(ParameterError, match="number"):
        clone(CLASSIFIER).set_params(kinds={"flag": "nmber"}).fit(X, label)


def test_it_is_the_table_model(X, label, number, classifier, regressor):
    """The same rows, the same settings: the same network, to the bit."""
    for fitted, y in ((classifier, label), (regressor, number)):
        frame = X.assign(**{y.name: y})
        task = "binary" if fitted is classifier else "regression"
        model = cr.TableModel(preset="realmlp", **SMALL).fit(frame, y.name, task=task)
        assert model.fitted.parameters == fitted.model_.fitted.parameters
        got = fitted.model_.predict(X)["prediction"].to_pylist()
        assert got == model.predict(X)["prediction"].to_pylist() == fitted.predict(X).tolist()
        assert fitted.model_.evaluate(frame) == model.evaluate(frame)


# ------------------------------------------------------------------------------ rows in every form


def forms(X):
    records = X.to_dict("records")
    return {
        "polars": pl.from_pandas(X),
        "arrow": pa.Table.from_pandas(X),
        "rows": records,
        "columns": {name: X[name] for name in reversed(X.columns)},
        "objects": X.astype({"kind": object, "level": object}),
    }


@pytest.mark.parametrize("form", ["polars", "arrow", "rows", "columns", "objects"])
def test_rows_in_every_form(X, label, classifier, form):
    given = forms(X)[form]
    want = classifier.predict_proba(X)
    np.testing.assert_array_equal(classifier.predict_proba(given), want)
    if form != "columns":  # which come in another order
        np.testing.assert_array_equal(clone(CLASSIFIER).fit(given, label).predict_proba(X), want)


@pytest.mark.parametrize("row", [0, 9])
def test_one_row(X, classifier, row):
    want = classifier.predict(X[row : row + 1])
    assert classifier.predict(X.iloc[row].to_dict()) == want
    assert classifier.predict(X.iloc[row]) == want


def test_a_column_that_is_missing(X, classifier):
    with pytest.raises(DataError, match="kind"):
        classifier.predict({"size": 1.0})
    with pytest.raises(ValueError, match="kind"):
        classifier.predict(X.drop(columns="kind"))


def test_columns_that_are_numbered(label):
    numbers = pd.DataFrame(np.random.RandomState(1).normal(size=(M, 3)))
    model = clone(CLASSIFIER).fit(numbers, label)
    assert model.column_names_ == ("0", "1", "2")
    assert not hasattr(model, "feature_names_in_")
    want = model.predict_proba(numbers)
    np.testing.assert_array_equal(model.predict_proba(numbers[[2, 0, 1]]), want)
    np.testing.assert_array_equal(model.predict_proba(numbers.to_numpy()), want)
    frame = numbers.assign(y=label)
    for target in (3, "3"):
        table = cr.TableModel(**SMALL).fit(frame.set_axis(range(4), axis=1), target)
        assert table.target.targets == ("3",)


def test_a_matrix_of_numbers(label):
    A = np.random.RandomState(1).randint(3, size=(M, 3))
    model = clone(CLASSIFIER).fit(A, label)
    assert list(model.get_feature_names_out()) == ["x0", "x1", "x2"]  # and no categories
    names = list(
        clone(CLASSIFIER).set_params(categorical=[1]).fit(A, label).get_feature_names_out()
    )
    assert names == ["x0", "x1=0", "x1=1", "x1=2", "x2"]


# ------------------------------------------------------------------------------------------ targets


@pytest.mark.parametrize(
    "given",
    [
        lambda y: y.to_numpy(),
        lambda y: y.tolist(),
        lambda y: y.astype("string"),
        lambda y: y.astype("category"),
        lambda y: pl.Series("result", y.tolist()),
        lambda y: pa.chunked_array([y.tolist()]),
        lambda y: y.to_frame(),
    ],
)
def test_targets_in_every_form(X, label, classifier, given):
    model = clone(CLASSIFIER).fit(X, given(label))
    assert model.classes_.tolist() == ["neg", "pos"]
    np.testing.assert_array_equal(model.predict_proba(X), classifier.predict_proba(X))


@pytest.mark.parametrize(
    "labels",
    [
        (False, True),
        (0.0, 2.0),
        (-1, 7),
        ("yes", "Yes"),  # which a file may take for one
        ("a", " a"),
        ("1", "01"),
        ("", "NA"),  # which a file may take for missing
        ("ja", "nein", "vielleicht"),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:y has classes that differ by case:chainrule.data.DataWarning")
def test_labels_come_back_as_they_were(X, labels, tmp_path):
    y = np.array(labels)[np.arange(M) % len(labels)]
    model = clone(CLASSIFIER).set_params(max_iter=3).fit(X, y)
    assert model.classes_.dtype == y.dtype
    assert set(model.predict(X).tolist()) <= set(np.unique(y).tolist())
    cr.save(model, tmp_path / "m")
    np.testing.assert_array_equal(cr.load(tmp_path / "m").predict(X), model.predict(X))


def test_labels_that_a_file_cannot_hold(X, tmp_path):
    y = np.array(["2020-01-01", "2021-01-01"], dtype="datetime64[D]")[np.arange(M) % 2]
    model = clone(CLASSIFIER).set_params(max_iter=3).fit(X, y)
    assert model.predict(X).dtype == y.dtype
    with pytest.raises(ParameterError, match=r"the class label .* cannot be saved"):
        cr.save(model, tmp_path / "m")


def test_many_labels_and_many_numbers(X, number, label):
    Y = pd.DataFrame({"large": number > 20, "flagged": X["flag"]})
    many = clone(CLASSIFIER).fit(X, Y)
    assert many.model_.target.targets == ("large", "flagged")
    assert many.predict_proba(X).shape == many.predict(X).shape == (M, 2)
    assert many.score(X, Y) > 0.5
    two = clone(REGRESSOR).fit(X, pd.DataFrame({"a": number, "size": -number}))
    assert two.model_.target.targets == ("a", "size_")
    assert two.predict(X).shape == (M, 2)
    assert two.score(X, np.c_[number, -number]) > 0.7


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "requires y to be passed"),
        (["a", None] * (M // 2), r"y\[1\] is missing, one of 80"),
        (np.r_[np.nan, np.ones(M - 1)], "Input y contains NaN"),
        (["a"] * M, "one class only, 'a'"),
        (["a", "b"] * 3, "inconsistent numbers of samples"),
        (np.array([["a", "b"]] * M), "several columns of classes"),
    ],
    ids=["none", "lacking", "nan", "one class", "few", "several"],
)
def test_targets_that_are_none(X, y, message):
    with pytest.raises(ValueError, match=message):
        clone(CLASSIFIER).fit(X, y)


def test_class_weights_are_of_labels(X, label):
    weighted = clone(CLASSIFIER).set_params(class_weight={"pos": 3.0, "neg": 1.0}).fit(X, label)
    rows = np.where(label == "pos", 3.0, 1.0)
    same = clone(CLASSIFIER).fit(X, label, sample_weight=rows)
    np.testing.assert_array_equal(weighted.predict_proba(X), same.predict_proba(X))


def test_validation_rows_of_ones_own(X, label):
    model = clone(CLASSIFIER)
    model.fit(X[:100], label[:100], validation_data=(X[100:], label[100:]))
    table = cr.TableModel(preset="realmlp", **SMALL)
    frame = X.assign(result=label)
    table.fit(frame[:100], "result", validation=frame[100:])
    assert model.history_.validation_score == table.fitted.history.validation_score
    assert model.n_iter_ == 30


# ------------------------------------------------------------------------- among scikit-learn's tools


def test_the_tools_of_scikit_learn(X, label, classifier):
    steps = make_pipeline(FunctionTransformer(lambda d: d.assign(z=d["size"])), clone(CLASSIFIER))
    assert steps.fit(X, label).score(X, label) > 0.8
    grid = {"hidden_layer_sizes": [(4,), (8,)], "preset": ["plain"]}
    assert GridSearchCV(CLASSIFIER, grid, cv=2).fit(X, label).best_params_["preset"] == "plain"
    assert cross_val_predict(CLASSIFIER, X, label, cv=3, method="predict_proba").shape == (M, 2)
    calibrated = CalibratedClassifierCV(CLASSIFIER, cv=2).fit(X, label)
    assert calibrated.predict_proba(X).shape == (M, 2)
    importance = permutation_importance(classifier, X, label, n_repeats=2, random_state=0)
    assert importance.importances_mean.argmax() == 0


def test_the_encoding_as_a_data_frame(X, label, classifier):
    frame = clone(CLASSIFIER).set_output(transform="pandas").fit(X, label).transform(X)
    assert list(frame.columns) == list(classifier.get_feature_names_out())
    np.testing.assert_array_equal(frame.to_numpy(), classifier.transform(X))


def test_pickle_and_joblib(X, classifier, regressor, tmp_path):
    for model in (classifier, regressor):
        joblib.dump(model, tmp_path / "m")
        for copy in (
            pickle.loads(pickle.dumps(model)),
            joblib.load(tmp_path / "m"),
            joblib.load(tmp_path / "m", mmap_mode="r"),
        ):
            np.testing.assert_array_equal(copy.predict(X), model.predict(X))


# ------------------------------------------------------------------------------------------- files


def test_files(X, classifier, regressor, tmp_path):
    for model in (classifier, regressor):
        cr.save(model, tmp_path / "m")
        loaded = cr.load(tmp_path / "m")
        assert type(loaded) is type(model)
        assert loaded.get_params() == model.get_params()
        np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
        assert list(loaded.feature_names_in_) == list(model.feature_names_in_)
        cr.save(model.model_, tmp_path / "t")
        table = cr.load(tmp_path / "t").predict(X)
        assert table["prediction"].to_pylist() == model.predict(X).tolist()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("columns", ["size"]),
        ("columns", ["size", "kind", "when", "flag", "level", "level"]),
        ("columns", "size"),
        ("named", 1),
        ("notes", [1]),
        ("labels", {"kind": "binary", "dtype": "<U3", "classes": ["a"]}),
        ("labels", {"kind": "multiclass", "dtype": "<U3", "classes": ["a", "b", "c"]}),
        ("parameters", {"callbacks": [1]}),
        ("parameters", {"hiden": 1}),
        ("model", {}),
    ],
    ids=str,
)
def test_files_that_hold_something_else(classifier, name, value, tmp_path):
    record = classifier.to_record()
    record.details[name] = value

    class Altered(cr.TableClassifier):
        def to_record(self):
            return record

    altered = Altered()
    altered.__class__ = cr.TableClassifier  # saved as one
    altered.to_record = lambda: record
    cr.save(altered, tmp_path / "m")
    with pytest.raises(ModelFileError, match="is not a usable model file"):
        cr.load(tmp_path / "m")
