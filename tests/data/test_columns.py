"""What columns are, and their conversions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.data import infer_kind, to_numeric
from chainrule.data.cells import TEXT, clean_text, date_cells, number_cells
from chainrule.data.columns import canonical_text, to_booleans, to_dates
from chainrule.errors import DataError

NOON = dt.datetime(2020, 5, 1, 12)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ([0, 1, None], "numeric"),
        ([0.5, 1], "numeric"),
        (["1", " 2.5 ", "1e5", "-.5", "+3", "inf", "?", None], "numeric"),
        ([True, None], "boolean"),
        (["true", "False", "YES", "no", ""], "boolean"),
        (["yes", "no", "maybe"], "categorical"),
        ([dt.date(2020, 1, 1), None], "date"),
        ([NOON], "date"),
        (["2020-01-01", "2020-02-02 10:30", "2020-02-02T10:30:59.5Z", "NA"], "date"),
        (["2020-01-01", "soon"], "categorical"),
        (["2020-13-01"], "categorical"),
        (["1"] * 8 + ["x"], "categorical"),  # 8 of 9 is less than 90 %
        ([dt.time(1, 2)], "date"),
        ([dt.timedelta(1)], "numeric"),
    ],
)
def test_kinds(column: list[Any], kind: str) -> None:
    assert infer_kind("c", pa.array(column)) == kind
    assert infer_kind("c", pa.chunked_array([pa.array(column), pa.array(column)])) == kind


def test_categories_of_a_data_frame_are_categorical() -> None:
    assert infer_kind("c", pa.Array.from_pandas(pd.Categorical([1, 2, 1]))) == "categorical"
    assert infer_kind("c", pa.array(["1", "2"]).dictionary_encode()) == "categorical"


def test_a_declared_kind_is_not_questioned() -> None:
    column = pa.array(["1", None, "2", "3", "4", "5", "6", "7", "8", "9", "1O"])
    assert infer_kind("c", column) == "numeric"
    assert infer_kind("c", column, "categorical") == "categorical"
    with pytest.raises(DataError, match=r"column 'c' was declared a number, but .* such as 'a'"):
        infer_kind("c", pa.array(["a", "b"]), "numeric")


def test_types_that_cannot_be_used() -> None:
    for column in (pa.array([[1]]), pa.array([{"a": 1}]), pa.array([b"\xff"])):
        with pytest.raises(DataError, match="column 'c' holds values of type"):
            infer_kind("c", column)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (pa.array([1, None], pa.int8()), [1, np.nan]),
        (pa.array([2**64 - 1], pa.uint64()), [2.0**64]),
        (pa.array([1.5, np.nan]), [1.5, np.nan]),
        (pa.array([1.5], pa.float16()), [1.5]),
        (pa.array([1, None], pa.decimal128(5, 2)), [1, np.nan]),
        (pa.array([True, False, None]), [1, 0, np.nan]),
        (pa.array([" 1", "2.50", "?", "0x1F", "+4"]), [1, 2.5, np.nan, 31, 4]),
        (pa.array(["1", "2", "1"]).dictionary_encode(), [1, 2, 1]),
        (pa.nulls(2), [np.nan, np.nan]),
        (pa.array([], pa.string()), []),
    ],
)
def test_to_numeric(column: pa.Array, values: list[float]) -> None:
    result = to_numeric(column, "c")
    assert result.dtype == np.float64
    np.testing.assert_array_equal(result, values)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (["1", "?", "two"], "row 103: 'two' is not a number"),
        ([1.0, np.inf], "row 102: inf is not a finite number"),
        (["1", "-Infinity"], "row 102: '-Infinity' is not a finite number"),
        (["1e400"], "row 101: '1e400' is not a finite number"),
        ([NOON], "holds dates"),
    ],
)
def test_what_is_no_number(column: list[Any], words: str) -> None:
    with pytest.raises(DataError, match=f"column 'c'.*{words}"):
        to_numeric(pa.array(column), "c", first_row=101)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none(), min_size=1))
def test_numbers_survive_being_written_as_text(values: list[float | None]) -> None:
    text = pa.array([None if value is None else repr(value) for value in values], pa.string())
    expected = to_numeric(pa.array(values, pa.float64()), "c")
    np.testing.assert_array_equal(to_numeric(text, "c"), expected)


@given(st.lists(st.text(max_size=8), min_size=1))
def test_both_ways_to_read_numbers_agree(cells: list[str]) -> None:
    text = clean_text(pa.chunked_array([pa.array(cells, TEXT)]))
    alone = [number_cells(text.slice(index, 1)).to_pylist()[0] for index in range(len(text))]
    assert number_cells(text).to_pylist() == alone


def test_booleans() -> None:
    for column in (["yes", "FALSE", "?"], ["1", "0", None], [1, 0, None], [1.0, 0.0, np.nan]):
        np.testing.assert_array_equal(to_booleans(pa.array(column), "c"), [1, 0, np.nan])
    for column in (["yes", "perhaps"], [1, 2], [None, NOON]):
        with pytest.raises(DataError, match=r"column 'c', row 6: .* is not true or false"):
            to_booleans(pa.array(column), "c", 5)


def test_dates_of_all_types_agree() -> None:
    moment = dt.datetime(2020, 5, 1, 10)
    for column in (
        pa.array(["2020-05-01T10:00", "?"]),
        pa.array(["2020-05-01 12:00:00+02:00", None]),
        pa.array([moment, None], pa.timestamp("ns")),
        pa.array([moment, None], pa.timestamp("s", "Europe/Berlin")),
    ):
        assert to_dates(column, "c").to_pylist() == [moment, None]
    assert to_dates(pa.nulls(1), "c").to_pylist() == [None]


def test_what_is_no_date() -> None:
    for column in (["2020-01-01", "2020-02-30"], [None, 7]):
        with pytest.raises(DataError, match=r"row 11: .* is not an ISO date"):
            to_dates(pa.array(column), "c", 10)


@given(st.lists(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1)), min_size=1))
def test_dates_survive_being_written_as_text(moments: list[dt.datetime]) -> None:
    cells = [moment.isoformat() for moment in moments]
    assert date_cells(pa.chunked_array([pa.array(cells, TEXT)])).to_pylist() == moments
    # One that is none makes every cell be looked at alone, with the same result.
    text = pa.chunked_array([pa.array([*cells, "2023-02-30"], TEXT)])
    assert date_cells(text).to_pylist() == [*moments, None]


def test_categories_are_compared_in_one_form() -> None:
    for column in (["3", "4"], ["3.0", "+04"], [3, 4], [3.0, 4.0]):
        assert canonical_text(pa.array(column), "c").to_pylist() == ["3", "4"]
    assert canonical_text(pa.array([3.0, np.nan]), "c").to_pylist() == ["3", None]
    assert canonical_text(pa.array([0.1], pa.float32()), "c").to_pylist() == ["0.1"]
    assert canonical_text(pa.array(["03", "a"]), "c").to_pylist() == ["03", "a"]
    assert canonical_text(pa.array([True]), "c").to_pylist() == ["true"]
    assert canonical_text(pa.array(["TRUE", "b"]), "c").to_pylist() == ["true", "b"]
    assert canonical_text(pa.array([dt.datetime(2020, 1, 1)]), "c").to_pylist() == ["2020-01-01"]
    large = [2**62, 2**62 + 1]
    assert canonical_text(pa.array(large), "c").to_pylist() == [str(n) for n in large]
    text = pa.array([str(n) for n in large])
    assert canonical_text(text, "c").to_pylist() == [str(n) for n in large]


@pytest.mark.parametrize("zone", ["", "Z"])
def test_nanoseconds_are_dates(zone):
    cells = pa.chunked_array([[f"2020-08-12 01:02:03.123456789{zone}", "2020-08-13"]])
    assert infer_kind("t", cells) == "date"
