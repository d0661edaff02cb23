"""Amounts of two units, and clocks beyond a day, are one number, however they are written."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.data.forms.amounts import are_long_clocks, in_one_unit
from chainrule.data.forms.missing import TEXT
from chainrule.data.forms.number_marks import find_numbers

TIMES = (
    "{h}h {m}m",
    "{h} h {m} min",
    "{h} hours, {m} minutes",
    "{h}hr{m}min",
    "PT{h}H{m}M",
    "{h} Std. {m} min",
)


def amount(text: str) -> str:
    return str(in_one_unit(pa.array([text], TEXT))[0][0].as_py())


@given(st.integers(0, 10_000), st.integers(0, 59), st.sampled_from(TIMES))
def test_hours_and_minutes(hours: int, minutes: int, written: str) -> None:
    assert amount(written.format(h=hours, m=minutes)) == f"{60 * hours + minutes} min"


@given(st.integers(0, 10_000), st.integers(0, 59), st.integers(0, 59))
def test_clocks(hours: int, minutes: int, seconds: int) -> None:
    total = 3600 * hours + 60 * minutes + seconds
    assert amount(f"{hours}:{minutes:02}:{seconds:02}") == f"{total} s"


@given(st.integers(0, 100), st.integers(0, 11))
def test_feet_and_inches(feet: int, inches: int) -> None:
    for text in (
        f"{feet}'{inches}\"",
        f"{feet} ft {inches} in",
        f"{feet}′ {inches}″",
        f"{feet}'{inches}''",
    ):
        assert amount(text) == f"{12 * feet + inches} in"


@pytest.mark.parametrize(
    "text",
    ["1'234", "1'234'567", "12", "5 kg", "12:3", "h m", "", "1d" + " " * 100_000 + "x", "9" * 5000],
)
def test_what_is_no_amount_stays(text: str) -> None:
    assert amount(text) == text


@given(st.text(max_size=20))
def test_any_text_stays_text(text: str) -> None:
    assert isinstance(amount(text), str)


@pytest.mark.parametrize(
    ("cells", "long"),
    [
        (["23:59", "0:10"], False),
        (["23:59", "24:10"], True),
        (["30:20:48", "1:00:00"], True),
        (["30:20:48", "red", "blue"], False),
        (["a"], False),
    ],
)
def test_clocks_beyond_a_day(cells: list[str], long: bool) -> None:
    counts = np.ones(len(cells), dtype=np.int64)
    assert are_long_clocks(pa.array(cells, TEXT), counts) == long


def test_a_few_amounts_of_two_units_are_words() -> None:
    cells = pa.array([*map(str, range(20)), "1h 20m"], TEXT)
    finding = find_numbers(cells, np.ones(len(cells), dtype=np.int64))
    assert finding is not None
    assert not finding.form.joined
