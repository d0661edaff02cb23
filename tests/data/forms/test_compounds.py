"""Cells with two numbers, or with one behind a sign, are told; text marks are no part of a code."""

from __future__ import annotations

import pyarrow as pa
import pytest

from chainrule.data.column_options import ColumnOptions
from chainrule.data.inference import decide
from chainrule.data.profiles import Profile


def line_of(texts: list[str]) -> str:
    column = pa.chunked_array([pa.array(texts, pa.large_string())])
    return decide(Profile.of("c", column, ColumnOptions())).line


@pytest.mark.parametrize(
    "written",
    ["{0}/{1}", "{0}-{1}", "{0} - {1}", "±{0}", "#{0}", "{0} 1/2", "{0} to {1}", "{0},5-{1},9"],
)
@pytest.mark.parametrize("times", [1, 3])
def test_numbers_that_are_not_read_are_told(written: str, times: int) -> None:
    line = line_of([written.format(100 + i, 60 + i) for i in range(40)] * times)
    assert "numbers that are not read" in line
    assert written.format(100, 60) in line
    assert ("left out" in line) == (times == 1)


@pytest.mark.parametrize("written", ["v{0}-a", "model {0}/x", "{0}", "{0} kg"])
def test_labels_and_numbers_are_none_of_them(written: str) -> None:
    assert "not read" not in line_of([written.format(100 + i) for i in range(40)] * 3)


def test_a_few_that_repeat_are_categories_without_a_word() -> None:
    assert line_of(["0-9", "10-19", "20-29"] * 40) == ""


def test_numbers_to_call_are_none_of_them() -> None:
    assert "not read" not in line_of([f"555-{i:04d}" for i in range(180, 220)])


def test_codes_behind_a_text_mark_are_codes() -> None:
    line = line_of([f"'{i:05d}" for i in range(1001, 1041)] * 3)
    assert "are codes and taken as categories" in line
