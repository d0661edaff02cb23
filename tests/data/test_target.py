"""Tasks, targets and weights."""

from __future__ import annotations

import copy
import datetime as dt
import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.data import TargetCodec, infer_task, read_table, weights
from chainrule.errors import DataError, InputError, ModelFileError, ParameterError, ShapeError


@pytest.mark.parametrize(
    ("column", "task"),
    [
        (["no", "yes", "no"], "binary"),
        (["a", "b", "c"], "multiclass"),
        ([True, False], "binary"),
        ([0, 1], "binary"),
        ([0.0, 1.0, 2.0], "multiclass"),
        (list(range(20)), "multiclass"),
        (list(range(21)), "regression"),
        ([0.5, 1.0], "regression"),
        (["1", "2"], "binary"),
        (["1.5", "2"], "regression"),
        (pd.Categorical(list(range(30))), "multiclass"),
    ],
)
def test_task_of_one_target(column: Any, task: str) -> None:
    table = read_table(pd.DataFrame({"y": column}))
    assert infer_task(table, "y") == infer_task(table, ["y"]) == task
    assert TargetCodec.fit(table, "y").task == task


def test_task_of_several_targets() -> None:
    table = pa.table({"a": [0, 1, 1], "b": ["n", "y", "n"], "c": [1, 2, 3], "d": ["x", "y", "z"]})
    assert infer_task(table, ["a", "b"]) == "multilabel"
    assert infer_task(table, ["a", "c"]) == "regression"
    with pytest.raises(DataError, match="'d' is not"):
        infer_task(table, ["a", "d"])
    with pytest.raises(DataError, match="'b' is not"):
        infer_task(table, ["b", "c"])


def test_binary() -> None:
    codec = TargetCodec.fit(pa.table({"y": ["yes", "no"]}), "y")
    assert (codec.labels, codec.width) == (("no", "yes"), 1)
    encoded = codec.encode(pa.table({"y": ["no", " yes", "yes"]}))
    np.testing.assert_array_equal(encoded, [[0], [1], [1]])
    assert codec.decode(np.array([1, 0])).to_pylist() == ["yes", "no"]


def test_multiclass() -> None:
    codec = TargetCodec.fit(pa.table({"y": [10, 9, 2]}), "y")
    assert (codec.labels, codec.width) == ((2, 9, 10), 3)
    encoded = codec.encode(pa.table({"y": ["9.0", "10"]}))  # as a stream of text has them
    np.testing.assert_array_equal(encoded, [[0, 1, 0], [0, 0, 1]])
    assert encoded.flags.c_contiguous


def test_multilabel() -> None:
    table = pa.table({"a": [0, 1, 1], "b": ["n", "y", "n"]})
    codec = TargetCodec.fit(table, ["b", "a"])
    assert (codec.labels, codec.width) == ((("n", "y"), (0, 1)), 2)
    np.testing.assert_array_equal(codec.encode(table), [[0, 0], [1, 1], [0, 1]])
    assert codec.decode(np.array([1]), target="b").to_pylist() == ["y"]
    with pytest.raises(ParameterError, match="whose classes"):
        codec.decode(np.array([1]))
    with pytest.raises(ParameterError, match="unknown target"):
        codec.decode(np.array([1]), target="c")


def test_regression() -> None:
    table = pa.table({"a": [0.5, 1, 2], "b": ["3", "4", "5"]})
    codec = TargetCodec.fit(table, ["a", "b"])
    assert (codec.labels, codec.width) == ((), 2)
    np.testing.assert_array_equal(codec.encode(table), [[0.5, 3], [1, 4], [2, 5]])
    with pytest.raises(ParameterError, match="no classes"):
        codec.decode(np.array([0]))


def test_truth_values_may_come_in_any_form() -> None:
    codec = TargetCodec.fit(pa.table({"y": [True, False]}), "y")
    assert codec.labels == (False, True)
    for column in ([False, True], ["False", "TRUE"], [0, 1], ["no", "yes"]):
        np.testing.assert_array_equal(codec.encode(pa.table({"y": column})), [[0], [1]])
    assert codec.decode(np.array([1])).type == pa.bool_()


@pytest.mark.parametrize(
    ("column", "task", "words"),
    [
        (["a", "b", "c"], "binary", "3 distinct values .* needs two"),
        (["a", "b"], "regression", "row 1: 'a' is not a number"),
        (["a", "b"], "clustering", "unknown task"),
        (["a", "b", "c"], "multilabel", "3 distinct values"),
        (["a", "a"], None, "one class only, 'a'"),
        ([1, 1], "multiclass", "one class only, 1"),
        (["a", None, None], None, "missing in 2 of 3 rows, first in row 2"),
        ([1.5, float("nan")], "regression", "missing in 1 of 2 rows, first in row 2"),
        ([1.5, float("inf")], None, "row 2: inf is not a finite number"),
        ([f"u{n}" for n in range(1001)], None, "1,001 classes"),
        ([dt.date(2020, 1, 1), dt.date(2020, 1, 2)], None, "holds dates"),
        (["2020-01-01", "2020-01-02"], "multiclass", "holds dates"),
    ],
)
def test_targets_that_do_not_fit(column: list[Any], task: str | None, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        TargetCodec.fit(pa.table({"y": column}), "y", task)
    assert "\n" not in str(error.value)


def test_named_tasks() -> None:
    table = pa.table({"y": [1, 2, 2], "z": [1, 2, 3]})
    assert TargetCodec.fit(table, "y", "multiclass").width == 2
    assert TargetCodec.fit(table, "y", "classification").task == "binary"
    assert TargetCodec.fit(table, "z", "classification").task == "multiclass"
    assert TargetCodec.fit(table, "y", "multilabel").width == 1
    with pytest.raises(ParameterError, match="one target, not 2"):
        TargetCodec.fit(table, ["y", "z"], "multiclass")


def test_names_of_targets() -> None:
    table = pa.table({"label": ["a", "b"]})
    with pytest.raises(ParameterError, match="did you mean 'label'"):
        TargetCodec.fit(table, "lable")
    with pytest.raises(ParameterError, match="no target column"):
        TargetCodec.fit(table, [])
    with pytest.raises(ParameterError, match="twice"):
        TargetCodec.fit(table, ["label", "label"])
    with pytest.raises(DataError, match=r"'label' is missing \(is it 'lable'\?\)"):
        TargetCodec.fit(table, "label").encode(pa.table({"lable": ["a"]}))


def test_unknown_class_at_evaluation() -> None:
    codec = TargetCodec.fit(pa.table({"y": ["a", "b"]}), "y")
    with pytest.raises(DataError, match=r"column 'y', row 12: 'c' is none .*'a', 'b'"):
        codec.encode(pa.table({"y": ["a", "c"]}), first_row=11)
    with pytest.raises(DataError, match="first in row 11"):
        codec.encode(pa.table({"y": [None, "a"]}), first_row=11)


@pytest.mark.parametrize(
    "numbers", [np.array([2]), np.array([-1]), np.array([[0]]), np.array([0.0])]
)
def test_numbers_that_are_no_classes(numbers: Any) -> None:
    codec = TargetCodec.fit(pa.table({"y": ["a", "b"]}), "y")
    with pytest.raises(ShapeError):
        codec.decode(numbers)


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5).filter(
    lambda word: word.strip() == word and word.lower() not in ("true", "false", "na", "nan", "?")
)


@given(
    st.one_of(
        st.lists(st.integers(-(2**63), 2**63 - 1), min_size=2, unique=True),
        st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, unique=True),
        st.lists(WORDS.map(lambda word: f"-{word}"), min_size=2, unique=True),
        st.just([True, False]),
    ),
    st.randoms(),
)
def test_labels_survive_encoding_and_saving(labels: list[Any], random: Any) -> None:
    rows = labels + [random.choice(labels) for _ in range(5)]
    codec = TargetCodec.fit(pa.table({"y": rows}), "y", "multiclass")
    codec = TargetCodec.from_dict(json.loads(json.dumps(codec.to_dict())))
    encoded = codec.encode(pa.table({"y": rows}))
    np.testing.assert_array_equal(encoded.sum(axis=1), 1)
    assert codec.decode(encoded.argmax(axis=1)).to_pylist() == rows
    assert [type(label) for label in codec.labels] == [type(labels[0])] * len(labels)
    assert list(codec.labels) == sorted(labels)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda children: (
        st.lists(children, max_size=2) | st.dictionaries(st.text(max_size=4), children)
    ),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_altered_dictionaries_raise_one_error_only(data: st.DataObject) -> None:
    table = pa.table({"a": [0, 1, 1], "b": ["n", "y", "n"]})
    value = copy.deepcopy(TargetCodec.fit(table, ["a", "b"]).to_dict())
    parent = data.draw(st.sampled_from([value, *value["classes"]]))
    key = data.draw(st.sampled_from(sorted(parent)))
    if data.draw(st.booleans()):
        parent[key] = data.draw(JSON)
    else:
        del parent[key]
    try:
        codec = TargetCodec.from_dict(value)
    except ModelFileError:
        return
    try:
        assert codec.encode(table).shape == (3, codec.width)
    except DataError:
        return


@pytest.mark.parametrize(
    "change",
    [
        {"task": "binary"},
        {"task": "regression"},
        {"task": ["multilabel"]},
        {"targets": ["a"]},
        {"targets": ["b", "a"]},
        {"classes": []},
        {"more": 1},
    ],
)
def test_entries_that_do_not_belong_together(change: dict[str, Any]) -> None:
    table = pa.table({"a": [0, 1, 1], "b": ["n", "y", "n"]})
    value = TargetCodec.fit(table, ["a", "b"]).to_dict()
    with pytest.raises(ModelFileError, match="damaged"):
        TargetCodec.from_dict({**value, **change})


@pytest.mark.parametrize(
    ("kind", "values"),
    [("int", [0, 0]), ("int", [1, True]), ("int", [0, 2**63]), ("float", [0.0, float("nan")]),
     ("text", ["a", "NA"]), ("text", ["a", "a "]), ("bool", [0, 1]), ("int", [1]), ("x", [1, 2])],
)  # fmt: skip
def test_odd_labels(kind: str, values: list[Any]) -> None:
    value = TargetCodec.fit(pa.table({"y": [0, 1]}), "y").to_dict()
    value["classes"][0].update(kind=kind, values=values)
    with pytest.raises(ModelFileError, match="damaged"):
        TargetCodec.from_dict(value)


def test_weights() -> None:
    table = pa.table({"w": ["0", "2.5"], "negative": [1, -1], "zero": [0, 0], "gap": [1, None],
                      "huge": [1.0, np.inf]})  # fmt: skip
    result = weights(table, "w")
    assert result.dtype == np.float64
    np.testing.assert_array_equal(result, [0, 2.5])
    for name, words in {
        "negative": "is negative in row 12",
        "zero": "zero in every row",
        "gap": "is missing in row 12",
        "huge": "row 12: inf",
    }.items():
        with pytest.raises(DataError, match=words):
            weights(table, name, first_row=11)
    with pytest.raises(ParameterError, match="unknown weight column"):
        weights(table, "weight")
