"""Data frames as people have them: odd names, odd types, types of several libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from chainrule.data import DataWarning, Schema, TableEncoder, column_names, read_table
from chainrule.data.text.names import numbered

ROWS = 24
NUMBERS = [None if n % 6 == 5 else n * 1.5 for n in range(ROWS)]
WORDS = ["red", "blue", None] * 8


def test_names_are_numbered_where_they_come_again() -> None:
    assert numbered(["a", "b", "a", "a"]) == ["a", "b", "a_2", "a_3"]
    assert numbered(["a", "a_2", "a"]) == ["a", "a_2", "a_3"]
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "a", "b"])
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    for source, names in ((frame, ["a", "a_2", "b"]), (table, ["a", "a_2"])):
        assert column_names(source) == names
        with pytest.warns(DataWarning, match="columns with the name of another are called 'a_2'"):
            assert read_table(source).column_names == names


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"x": NUMBERS, "c": WORDS}),
        pd.DataFrame({"x": NUMBERS, "c": WORDS}).convert_dtypes(),
        pd.DataFrame({"x": NUMBERS, "c": WORDS}).convert_dtypes(dtype_backend="pyarrow"),
        pd.DataFrame({"x": NUMBERS, "c": pd.Categorical(WORDS)}),
        pd.DataFrame({"x": [None if n is None else str(n) for n in NUMBERS], "c": WORDS}),
        pl.DataFrame({"x": NUMBERS, "c": WORDS}),
        pl.DataFrame({"x": NUMBERS, "c": WORDS}, schema_overrides={"c": pl.Categorical}),
    ],
    ids=["numpy", "nullable", "arrow", "categories", "text", "polars", "polars categories"],
)
def test_all_types_of_columns_are_one(frame: Any) -> None:
    table = read_table(frame)
    encoder = TableEncoder().fit(table)
    assert encoder.feature_names == ["x", "x is missing", "c=red", "c is missing"]
    expected = TableEncoder().fit(pa.table({"x": NUMBERS, "c": WORDS}))
    np.testing.assert_array_equal(encoder.transform(table), expected.transform(table))


def test_a_column_of_mixed_types_is_read_as_it_would_be_written() -> None:
    mixed = [1, "2.5", 3.0, "n.d.", None, "$4"] * 4
    table = read_table(pd.DataFrame({"x": pd.Series(mixed, dtype=object)}))
    schema = Schema.of(table)
    assert schema.readings["x"].kind == "numeric"
    assert schema.read(table)["x"].to_pylist() == [1.0, 2.5, 3.0, None, None, 4.0] * 4
