"""Rows as Python has them: dictionaries of columns, one row, lists of rows."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from chainrule.data import iterate_batches, read_table
from chainrule.errors import DataError


@pytest.mark.parametrize(
    "source",
    [
        {"a": [1.0, None], "b": ["x", "y"]},
        {"a": np.array([1.0, np.nan]), "b": np.array(["x", "y"], dtype=object)},
        {"a": pd.Series([1.0, np.nan]), "b": pa.array(["x", "y"])},
        [{"a": 1.0, "b": "x"}, {"b": "y"}],
        ({"b": "x", "a": 1.0}, {"b": "y", "a": float("nan")}),
    ],
    ids=["lists", "arrays", "series", "records", "tuple"],
)
def test_columns_and_rows(source):
    table = read_table(source)
    assert table.select(["a", "b"]).to_pydict() == {"a": [1.0, None], "b": ["x", "y"]}


def test_one_row():
    assert read_table({"a": 1, 2: "x", "c": None}).to_pydict() == {
        "a": [1],
        "2": ["x"],
        "c": [None],
    }
    assert [batch.num_rows for batch in iterate_batches({"a": 1.5})] == [1]


def test_values_of_mixed_types_are_text():
    assert read_table({"a": [1, "x", None, float("nan")]})["a"].to_pylist() == [
        "1",
        "x",
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({}, "the dictionary is empty"),
        ({"a": [1, 2], "b": [1]}, "column 'b' has 1 values and column 'a' 2: all columns need"),
        ([{"a": 1}, 3], "row 2 is 3, where the first one is a dictionary"),
    ],
    ids=str,
)
def test_what_is_no_table(source, message):
    with pytest.raises(DataError, match=message):
        read_table(source)
