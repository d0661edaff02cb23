"""The targets that table estimators take: labels and numbers as people write them, and weights."""

import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.base import clone

import chainrule as cr
from chainrule.data import DataWarning
from chainrule.errors import DataError
from chainrule.estimators.table_targets import alike, as_known

SMALL = {"hidden_layer_sizes": (4,), "preset": "plain", "solver": "lbfgs", "random_state": 0}
CLASSIFIER = cr.TableClassifier(max_iter=20, **SMALL)
REGRESSOR = cr.TableRegressor(max_iter=20, **SMALL)
M = 60
RNG = np.random.RandomState(0)
X = pd.DataFrame({"size": RNG.normal(size=M), "kind": list("abc") * 20})
LABELS = np.where(X["size"] + RNG.normal(size=M) > 0, "Yes", "No")
NUMBERS = np.round(1000 + 300 * X["size"] + 50 * RNG.normal(size=M), 2).to_numpy()
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def said(action):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = action()
    return result, [str(one.message) for one in caught if one.category is DataWarning]


# ------------------------------------------------------------------------------------------ numbers


@pytest.mark.parametrize(
    "written",
    [
        [f"${number:,.2f}" for number in NUMBERS],
        [f"{number:.2f} kg".replace(".", ",") for number in NUMBERS],
        pd.Series([str(number) for number in NUMBERS], dtype="string"),
        np.array([str(number) for number in NUMBERS]),
        pa.array([f"{number:.2f}" for number in NUMBERS]).cast(pa.decimal128(12, 2)),
        list(NUMBERS),
    ],
    ids=["dollars", "kilograms", "strings", "texts", "decimal", "list"],
)
def test_numbers_as_they_are_written(written):
    want = clone(REGRESSOR).fit(X, NUMBERS)
    model = clone(REGRESSOR).fit(X, written)
    np.testing.assert_allclose(model.predict(X), want.predict(X), rtol=1e-9)
    assert model.score(X, written) == pytest.approx(want.score(X, NUMBERS))
    assert model.score(X, NUMBERS) == pytest.approx(want.score(X, NUMBERS))


def test_text_of_a_target_is_said_and_read_from_files(tmp_path):
    written = pd.Series([f"${number:,.2f}" for number in NUMBERS], name="price")
    model = clone(REGRESSOR).fit(X, written, validation_data=(X[:9], written[:9]))
    assert any(note.startswith("column 'price': numbers in $") for note in model.notes_)
    cr.save(model, tmp_path / "m")
    X.assign(price=written).to_csv(tmp_path / "rows.csv", index=False)
    results = cr.load(tmp_path / "m").model_.evaluate(tmp_path / "rows.csv")
    assert results["r2"] == pytest.approx(model.score(X, written))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (LABELS, "y is text, such as '(No|Yes)', where numbers are needed: TableClassifier"),
        (["1.5", "sold"] * 30, r"y\[1\] is 'sold', which is no number, one of 30"),
        (["$1.50"] * 59 + ["sold"], r"y\[59\] is 'sold', which is no number, one of 1"),
        (pd.date_range("2020", periods=M), "y holds dates or times"),
        (pd.to_timedelta(np.arange(M), unit="h"), "y holds dates or times"),
        ("price", r"y is the text 'price': give the column itself, as X.pop\('price'\)"),
        (pd.Series([pd.NA, 1] * 30, dtype=object), r"y\[0\] is missing, one of 30"),
        (pa.array([1.0, None] * 30), r"y\[1\] is missing, one of 30"),
    ],
    ids=["labels", "half", "one", "dates", "times", "name", "missing", "null"],
)
def test_what_is_no_number(y, message):
    with pytest.raises(DataError, match=message):
        clone(REGRESSOR).fit(X, y)


def test_several_numbers_as_text():
    frame = pd.DataFrame({"a": [f"${n:.2f}" for n in NUMBERS], "b": NUMBERS})
    model = clone(REGRESSOR).fit(X, frame)
    want = clone(REGRESSOR).fit(X, np.c_[NUMBERS, NUMBERS])
    np.testing.assert_array_equal(model.predict(X), want.predict(X))
    assert model.score(X, frame) == want.score(X, np.c_[NUMBERS, NUMBERS])


# ------------------------------------------------------------------------------------------- labels


@pytest.mark.parametrize(
    "given",
    [
        pa.array(LABELS).dictionary_encode(),
        pa.chunked_array([LABELS[:20], LABELS[20:]]),
        pa.table({"y": LABELS}),
        pd.Categorical(LABELS),
        pd.Series(LABELS, dtype="string[pyarrow]"),
    ],
    ids=["dictionary", "chunks", "table", "categorical", "arrow strings"],
)
def test_labels_in_every_form(given):
    model = clone(CLASSIFIER).fit(X, given)
    assert model.classes_.tolist() == ["No", "Yes"]
    want = clone(CLASSIFIER).fit(X, LABELS)
    np.testing.assert_array_equal(model.predict_proba(X), want.predict_proba(X))


def test_labels_that_are_spelled_otherwise(tmp_path):
    y = pd.Series(LABELS, name="sold")
    model = clone(CLASSIFIER).fit(X, y)
    score, lines = said(lambda: model.score(X, y.str.upper()))
    assert score == model.score(X, y)
    assert lines == [
        "column 'sold': spelled otherwise than in the training rows, and taken as the same: "
        + ", ".join(f"{word.upper()!r} as {word!r}" for word in dict.fromkeys(y))
    ]
    score, lines = said(lambda: model.score(X, np.where(y == "Yes", "maybe", "No")))
    assert score == ((model.predict(X) == y) & (y == "No")).mean()
    assert lines == [
        f"column 'sold': in {(y == 'Yes').sum()} of 60 rows it has labels that the training rows "
        "do not have, where no prediction is right: 'maybe'"
    ]
    other, lines = said(lambda: clone(CLASSIFIER).fit(X, y, validation_data=(X, y.str.lower())))
    assert len(lines) == 1
    same = clone(CLASSIFIER).fit(X, y, validation_data=(X, y))
    np.testing.assert_array_equal(other.predict_proba(X), same.predict_proba(X))
    cr.save(model, tmp_path / "m")
    X.assign(sold=y.str.lower()).to_csv(tmp_path / "rows.csv", index=False)
    loaded = cr.load(tmp_path / "m").model_
    results, lines = said(lambda: loaded.evaluate(tmp_path / "rows.csv"))
    assert results["accuracy"] == pytest.approx(model.score(X, y))
    assert len(lines) == 1
    assert "'yes' as 'Yes'" in lines[0]


def test_labels_that_differ_by_case_alone():
    y = np.where(np.arange(M) % 3 == 0, "yes", LABELS)
    model, lines = said(lambda: clone(CLASSIFIER).fit(X, y))
    assert model.classes_.tolist() == ["No", "Yes", "yes"]
    assert lines == [
        "y has classes that differ by case or blanks alone, 'Yes' and 'yes': they are told apart"
    ]
    assert lines[0] in model.notes_
    assert "and 1 more" in alike(np.array(["a b", "a  b", "c", "C"]))
    assert alike(np.array([1, 2])) == ""
    _, lines = said(lambda: as_known("y", np.array(["YES"]), model.classes_))
    assert "no prediction is right" in lines[0]


def test_labels_of_numbers_stay_numbers():
    y = np.arange(M) % 2
    model = clone(CLASSIFIER).fit(X, y)
    assert said(lambda: model.score(X, y.astype(float)))[1] == []
    assert said(lambda: model.score(X, y + 1))[1] == [
        "column 'y': in 30 of 60 rows it has labels that the training rows do not have, where no "
        "prediction is right: 2"
    ]


# ------------------------------------------------------------------------------------------ weights


def test_a_row_of_weight_0_is_not_there():
    weight = np.where(np.arange(M) < 40, 2.0, 0.0)
    for kind, y in ((CLASSIFIER, LABELS), (REGRESSOR, NUMBERS)):
        model = clone(kind).fit(X, y, sample_weight=weight)
        want = clone(kind).fit(X[:40], y[:40], sample_weight=weight[:40])
        np.testing.assert_array_equal(model.predict(X), want.predict(X))
        np.testing.assert_array_equal(model.transform(X), want.transform(X))


def test_one_number_weighs_every_row():
    model = clone(CLASSIFIER).fit(X, LABELS, sample_weight=2)
    want = clone(CLASSIFIER).fit(X, LABELS, sample_weight=np.full(M, 2.0))
    np.testing.assert_array_equal(model.predict_proba(X), want.predict_proba(X))


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.zeros(M), "zero for every observation"),
        (-np.ones(M), "negative"),
        (np.r_[0.0, -1.0, np.ones(M - 2)], "negative"),
        (np.ones(3), "shape"),
        (np.where(LABELS == "No", 0.0, 1.0), "one class only, 'Yes'"),
    ],
    ids=["zero", "negative", "one negative", "few", "one class"],
)
def test_weights_that_make_no_sense(weight, message):
    with pytest.raises(DataError, match=message):
        clone(CLASSIFIER).fit(X, LABELS, sample_weight=weight)
