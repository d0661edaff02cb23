"""Numbers as people write them."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.data.forms.missing import TEXT
from chainrule.data.forms.number_marks import find_numbers
from chainrule.data.forms.numbers import DECIMALS, THOUSANDS, NumberForm
from chainrule.data.forms.units import CURRENCIES, UNITS, factor
from chainrule.errors import ModelFileError

MARKS = [(d, t) for d in DECIMALS for t in THOUSANDS if d != t]


def read(form: NumberForm, *cells: str | None) -> list[float | None]:
    return form.read(pa.chunked_array([pa.array(cells, TEXT)])).to_pylist()


def found(*cells: str, **known: str) -> NumberForm:
    words = pa.array(dict.fromkeys(cells), TEXT)
    finding = find_numbers(words, np.ones(len(words), dtype=np.int64), **known)
    assert finding is not None
    return finding.form


@pytest.mark.parametrize(
    ("form", "cell", "value"),
    [
        (NumberForm(), "1.5e3", 1500.0),
        (NumberForm(), "+7", 7.0),
        (NumberForm(), ".5", 0.5),
        (NumberForm(), "\u22125", -5.0),
        (NumberForm(), "5-", -5.0),
        (NumberForm(), "(5.25)", -5.25),
        (NumberForm(), "0x1F", 31.0),
        (NumberForm(), "\uff11\uff12", 12.0),
        (NumberForm(thousands=","), "1,234,567.5", 1234567.5),
        (NumberForm(thousands=","), "12,34,567", 1234567.0),
        (NumberForm(thousands="'"), "1\u2019000", 1000.0),
        (NumberForm(",", "."), "146.227,94", 146227.94),
        (NumberForm(",", " "), "146\u202f227,94", 146227.94),
        (NumberForm(",", " "), "1\u00a0000", 1000.0),
        (NumberForm(currency="$", thousands=","), "$1,234.50", 1234.5),
        (NumberForm(currency="$", thousands=","), "-$1,234.50", -1234.5),
        (NumberForm(currency="$", thousands=","), "$(1,234)", -1234.0),
        (NumberForm(currency="$"), "$ .5", 0.5),
        (NumberForm(unit="%"), "12.5 %", 12.5),
        (NumberForm(unit="€", decimal=","), "3,5€", 3.5),
        (NumberForm(unit="kg"), "500 g", 0.5),
        (NumberForm(unit="cm"), "1 m", 100.0),
        (NumberForm(), "1.2k", 1200.0),
        (NumberForm(), "3M", 3e6),
    ],
)
def test_reading(form: NumberForm, cell: str, value: float) -> None:
    assert read(form, None, cell) == [None, pytest.approx(value)]


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "x",
        "1,23",
        "(5",
        "5)",
        "--5",
        "-5-",
        "1 2 3 4",
        "1.2.3",
        "inf",
        "1e999",
        "12:30",
        "80 m",
    ],
)
def test_what_is_no_number(cell: str) -> None:
    assert read(NumberForm(thousands=",", unit="kg"), cell) == [None]


def test_numbers_of_other_types_stay_and_infinite_ones_are_missing() -> None:
    form = NumberForm()
    for column in (pa.array([1, 2, None]), pa.array([1.5, None]), pa.array([0.1], pa.float32())):
        assert form.read(pa.chunked_array([column])).chunk(0).equals(column)
    assert form.read(pa.chunked_array([[1.0, np.inf, -np.inf]])).to_pylist() == [1.0, None, None]
    assert form.read(pa.chunked_array([[True, None]])).to_pylist() == [1.0, None]
    assert form.read(pa.chunked_array([pa.array([0], pa.timestamp("us"))])).to_pylist() == [None]


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (("1.5", "2"), NumberForm()),
        (("1,5", "2"), NumberForm(",")),
        (("1,234", "1,234,567"), NumberForm(".", ",")),
        (("1.234", "1.234.567"), NumberForm(",", ".")),
        (("1,234", "12,5"), NumberForm(",")),
        (("0,123", "1,234"), NumberForm(",")),
        (("1.234,5", "2"), NumberForm(",", ".")),
        (("1 234", "5"), NumberForm(".", " ")),
        (("1 234,5", "5"), NumberForm(",", " ")),
        (("1'000.5", "5"), NumberForm(".", "'")),
        (("1_000", "5"), NumberForm(".", "_")),
        (("$5", "$6.50"), NumberForm(currency="$")),
        (("CHF 5", "CHF 6.50"), NumberForm(currency="CHF")),
        (("5 kg", "6 kg", "7 lb"), NumberForm(unit="kg")),
        (("5%", "6 %"), NumberForm(unit="%")),
        (("900", "1.2k", "3M"), NumberForm()),
    ],
)
def test_finding_the_form(cells: tuple[str, ...], form: NumberForm) -> None:
    assert found(*cells) == form
    assert found(*reversed(cells)) == form


def test_what_one_column_cannot_tell_is_told_by_the_others() -> None:
    assert found("1,234", "5,678") == NumberForm(".", ",")
    assert found("1,234", "5,678", usual=",") == NumberForm(",")
    assert found("1.234", "5.678") == NumberForm()
    assert found("1.234", "5.678", usual=",") == NumberForm(",", ".")
    assert found("1,234", "5,678", decimal=",") == NumberForm(",")
    words, counts = pa.array(["1,234"], TEXT), np.ones(1, dtype=np.int64)
    doubtful = find_numbers(words, counts)
    assert doubtful is not None
    assert doubtful.doubtful == "1,234"
    known = find_numbers(words, counts, usual=".")
    assert known is not None
    assert not known.doubtful


@pytest.mark.parametrize("cells", [("a", "b"), ("c1", "c2"), ("2024-01-02",)])
def test_columns_without_numbers(cells: tuple[str, ...]) -> None:
    finding = find_numbers(pa.array(cells, TEXT), np.ones(len(cells), dtype=np.int64))
    assert finding is None


def written(value: float, decimal: str, thousands: str, digits: int) -> str:
    """Return a number as a file with these marks has it."""
    text = f"{abs(value):,.{digits}f}".replace(".", "@").replace(",", thousands)
    return ("-" if value < 0 else "") + text.replace("@", decimal)


@given(
    st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=20),
    st.sampled_from(MARKS),
    st.integers(0, 6),
    st.sampled_from(["", "$", "€", "CHF "]),
    st.sampled_from(["", "%", " kg", " km/h"]),
)
def test_numbers_read_back_the_same(
    values: list[float], marks: tuple[str, str], digits: int, currency: str, unit: str
) -> None:
    form = NumberForm(*marks, currency.strip(), unit.strip())
    cells = [currency + written(value, *marks, digits) + unit for value in values]
    expected = [float(f"{value:.{digits}f}") for value in values]
    assert read(form, *cells) == expected
    again = NumberForm.from_dict(json.loads(json.dumps(form.to_dict())))
    assert read(again, *cells) == expected


@given(
    st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=20),
    st.sampled_from(MARKS),
    st.sampled_from([1, 2, 4, 5]),  # three decimals may be a thousand
)
def test_the_form_is_found_whatever_it_is(
    values: list[float], marks: tuple[str, str], digits: int
) -> None:
    cells = [written(value, *marks, digits) for value in values]
    assert read(found(*cells), *cells) == [float(f"{value:.{digits}f}") for value in values]


@given(st.lists(st.text(max_size=12), min_size=1, max_size=30))
def test_any_text_is_read_without_an_error(cells: list[str]) -> None:
    finding = find_numbers(pa.array(cells, TEXT), np.ones(len(cells), dtype=np.int64))
    form = NumberForm() if finding is None else finding.form
    assert len(read(form, *cells)) == len(cells)


def test_units_are_converted_within_a_quantity_alone() -> None:
    assert factor("g", "kg") == pytest.approx(1e-3)
    assert factor("lb", "kg") == pytest.approx(0.45359237)
    assert factor("m", "kg") is None
    assert factor("€", "$") is None
    for unit in UNITS:
        for spelling in unit.spellings:
            assert factor(spelling, spelling) == 1
    assert len(set(CURRENCIES)) == len(CURRENCIES)


@pytest.mark.parametrize(
    "change", [{"decimal": ";"}, {"thousands": "."}, {"unit": 1}, {"currency": "X"}, {"more": 1}]
)
def test_damaged_forms(change: dict[str, object]) -> None:
    with pytest.raises(ModelFileError, match="damaged"):
        NumberForm.from_dict({**NumberForm().to_dict(), **change})
