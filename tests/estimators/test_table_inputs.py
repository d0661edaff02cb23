"""The rows that table estimators take: frames of every make, with odd names, types and values."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import chainrule as cr
from chainrule.data import DataWarning
from chainrule.errors import DataError

MODEL = cr.TableClassifier(
    hidden_layer_sizes=(4,), preset="plain", solver="lbfgs", max_iter=20, random_state=0
)
M = 60
X = pd.DataFrame(
    {"size": [1.0, 2.0, None, 4.0, 5.0] * 12, "kind": list("abc") * 20, "two": [3, 1] * 30}
)
Y = np.array(["no", "no", "yes", "yes"] * 15)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def fitted():
    return clone(MODEL).fit(X, Y)


@pytest.mark.parametrize(
    "given",
    [
        X.convert_dtypes(),
        X.convert_dtypes(dtype_backend="pyarrow"),
        X.astype({"kind": "category"}),
        X.astype({"kind": object, "two": "Int8"}),
        pl.from_pandas(X),
        pl.from_pandas(X).lazy(),
        pa.RecordBatch.from_pandas(X),
        X.to_records(index=False),
    ],
    ids=["nullable", "arrow", "category", "object", "polars", "lazy", "batch", "records"],
)
def test_frames_of_every_make(fitted, given):
    want = fitted.predict_proba(X)
    np.testing.assert_array_equal(fitted.predict_proba(given), want)
    again = clone(MODEL).fit(given, Y)
    np.testing.assert_array_equal(again.predict_proba(given), want)
    assert list(again.feature_names_in_) == list(X.columns)


@pytest.mark.parametrize(
    ("names", "columns", "learned"),
    [
        (["a", "b", "a"], ("a", "b", "a_2"), ["a", "b", "a_2"]),
        ([0, "b", 0], ("0", "b", "0_2"), ["0", "b", "0_2"]),
        ([0, "b", 2.5], ("0", "b", "2.5"), ["0", "b", "2.5"]),
        ([2, 0, 1], ("2", "0", "1"), None),
        ([("a", 1), ("a", 2), ("b", "")], ("a 1", "a 2", "b"), None),
    ],
    ids=str,
)
def test_odd_names(fitted, names, columns, learned):
    frame = X.copy()
    frame.columns = pd.Index(names, tupleize_cols=True)
    model = clone(MODEL).fit(frame, Y)
    assert model.column_names_ == columns
    assert model.n_features_in_ == 3
    assert getattr(model, "feature_names_in_", np.array([])).tolist() == (learned or [])
    np.testing.assert_array_equal(model.predict_proba(frame), fitted.predict_proba(X))
    numbered = any(name.endswith("_2") for name in columns)
    assert any("columns with the name of another" in note for note in model.notes_) == numbered


def test_names_of_arrow_that_come_twice(fitted):
    table = pa.table([pa.array(X[name], from_pandas=True) for name in X], names=["a", "b", "a"])
    model = clone(MODEL).fit(table, Y)
    np.testing.assert_array_equal(model.predict_proba(table), fitted.predict_proba(X))


def test_columns_of_odd_types():
    intervals = pd.cut(X["size"], 3)
    frame = X.assign(
        mixed=[1, "two", None, 3.5, "two"] * 12,
        group=intervals,
        length=pd.to_timedelta(np.arange(M) % 7, unit="h"),
        month=pd.period_range("2020-01", periods=M, freq="M"),
        few=pd.arrays.SparseArray([0, 1, 1] * 20),
    )
    names = list(clone(MODEL).fit(frame, Y).get_feature_names_out())
    for name in (
        "mixed=two",
        f"group={intervals.cat.categories[-1]}",
        "length",
        "month: days",
        "few",
    ):
        assert name in names


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("train.csv", "X is 'train.csv': give a table"),
        (X[[]], "X has no column"),
        (X[:0], "there are no rows"),
        (X.assign(z=1j), "column 'z' of the data frame holds complex numbers"),
        (X.assign(z=[[1], [2]] * 30), "column 'z' holds values of type list"),
        (scipy.sparse.csr_array((M, 2_000_000)), "at most 500,000 are read"),
    ],
    ids=["path", "no column", "no row", "complex", "lists", "wide"],
)
def test_what_is_no_table(given, message):
    with pytest.raises(DataError, match=message):
        clone(MODEL).fit(given, Y)


def test_sparse_rows():
    rng = np.random.RandomState(0)
    A = scipy.sparse.random_array((M, 6), density=0.4, rng=np.random.default_rng(0), format="csr")
    y = rng.randint(2, size=M)
    model = clone(MODEL).fit(A, y)
    for form in ("csc", "coo", "lil"):
        np.testing.assert_array_equal(
            model.predict_proba(A.asformat(form)), model.predict_proba(A.toarray())
        )
    many = pd.DataFrame({"word": [f"w{n % 30}" for n in range(M)]})
    encoded = make_pipeline(ColumnTransformer([("one", OneHotEncoder(), ["word"])]), clone(MODEL))
    assert encoded.fit(many, Y).n_features_in_ == 1


def said(action):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        action()
    caught = [one for one in caught if one.category is not ConvergenceWarning]
    assert all(one.category is DataWarning for one in caught)
    assert {one.filename for one in caught} <= {__file__}
    return [str(one.message) for one in caught]


def test_what_is_new_at_prediction_is_said(fitted):
    new = X.assign(size=X["size"] * 1000, kind=X["kind"].str.upper())
    assert said(lambda: fitted.predict(new)) == [
        "column 'kind': spelled otherwise than in the training rows, and taken as the same: "
        "'A' as 'a', 'B' as 'b', 'C' as 'c'",
        "column 'size': 48 rows lie far outside what the model was trained on, 1 to 5: up to 5000",
    ]
    new = X.assign(size=["old", "2"] * 30, kind="z")
    assert said(lambda: fitted.predict_proba(new)) == [
        "column 'kind': 60 rows have categories that the training rows do not have, which count "
        "as no category: 'z' (60)",
        "column 'size': 30 cells are no number as in the training rows, and missing: 'old' (30)",
    ]
    assert said(lambda: fitted.predict({"size": 3.0, "kind": "b", "two": 1})) == []


def test_what_is_decided_is_kept_and_what_is_in_doubt_is_said(capsys, tmp_path):
    frame = X.assign(
        day=["01/02/2024", "03/04/2024", "05/06/2024"] * 20,
        price=[f"${n % 9},000" for n in range(M)],
        told=np.where(Y == "yes", "sold", "open"),
    )
    doubt = (
        "column 'day': dates, and nothing tells whether day or month is first: '01/02/2024' is "
        "taken as 2024-01-02 (day_first=True for the other)"
    )
    leak = (
        "column 'told' alone gives the target 'y' away: if it is not known when you predict, "
        "leave it out (drop=['told'])"
    )
    model = clone(MODEL)
    assert said(lambda: model.fit(frame, Y)) == [doubt, leak]
    assert model.notes_[-2:] == [doubt, leak]
    assert any("numbers in $" in note for note in model.notes_)
    cr.save(model, tmp_path / "m")
    loaded = cr.load(tmp_path / "m")
    assert loaded.notes_ == model.notes_
    assert doubt.split(" (")[0].replace("'", "&#x27;") in loaded._repr_html_()
    model.set_params(verbose=True, max_iter=2).fit(frame, Y)
    printed = capsys.readouterr().out.splitlines()
    assert printed[: len(model.notes_)] == model.notes_
    with pytest.raises(DataError, match="in doubt: column 'day'"):
        clone(MODEL).set_params(strict=True).fit(frame, Y)
    assert clone(MODEL).set_params(day_first=True, drop=["told"]).fit(frame, Y).notes_[0] == (
        "column 'day': dates (day first): '01/02/2024' is 2024-02-01"
    )


def test_what_gives_a_target_away_by_chance_is_not_said():
    rare = np.where(X.index == 7, "rare", "usual")
    numbers = X.assign(first=-X.index, other=np.where(X.index == 7, 9.0, X["two"]))
    assert said(lambda: clone(MODEL).fit(numbers, rare)) == []
    regressor = cr.TableRegressor(hidden_layer_sizes=(4,), preset="plain", max_iter=2)
    assert not any("gives" in line for line in said(lambda: regressor.fit(numbers, np.ones(M))))
