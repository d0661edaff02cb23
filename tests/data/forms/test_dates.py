"""Dates and times as people write them."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.data.forms.date_marks import DateFinding, find_dates
from chainrule.data.forms.date_patterns import PATTERNS, pattern_of_format
from chainrule.data.forms.dates import DateForm
from chainrule.data.forms.missing import TEXT
from chainrule.data.forms.months import MONTHS
from chainrule.errors import ModelFileError, ParameterError

DAY = dt.datetime(2024, 12, 31)
NOON = dt.datetime(2024, 12, 31, 14, 30)


def read(form: DateForm, *cells: str | None) -> list[dt.datetime | None]:
    return form.read(pa.chunked_array([pa.array(cells, TEXT)])).to_pylist()


def found(*cells: str, **known: object) -> DateFinding:
    words = pa.array(dict.fromkeys(cells), TEXT)
    finding = find_dates(words, np.ones(len(words), dtype=np.int64), **known)
    assert finding is not None
    return finding


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2024-12-31", DAY),
        ("2024/12/31", DAY),
        ("2024.12.31 14:30", NOON),
        ("31.12.2024", DAY),
        ("31/12/2024", DAY),
        ("31-12-24", DAY),
        ("12/31/2024", DAY),
        ("12/31/24 2:30 PM", NOON),
        ("Tue 31/12/2024", DAY),
        ("20241231", DAY),
        ("20241231T1430", NOON),
        ("20241231143000", NOON),
        ("31 Dec 2024", DAY),
        ("31-Dec-24", DAY),
        ("31. Dezember 2024", DAY),
        ("31 décembre 2024", DAY),
        ("31 de diciembre de 2024", DAY),
        ("31 dicembre 2024", DAY),
        ("31/Dec/2024:14:30:00 +0000", NOON),
        ("Tue, 31 Dec 2024 14:30:00 GMT", NOON),
        ("December 31, 2024", DAY),
        ("Dec 31st, 2024 2:30pm", NOON),
        ("Tuesday, December 31, 2024", DAY),
        ("2024-Dec-31", DAY),
        ("Tue Dec 31 14:30:00 2024", NOON),
        ("2024-12-31T15:30:00+01:00", NOON),
        ("31.12.2024 15:30 CET", NOON),
        ("12/31/2024 09:30 EST", NOON),
        ("2024年12月31日", DAY),
        ("Dec 2024", dt.datetime(2024, 12, 1)),
        ("2024-12", dt.datetime(2024, 12, 1)),
        ("12/2024", dt.datetime(2024, 12, 1)),
        ("2024M12", dt.datetime(2024, 12, 1)),
        ("2024Q4", dt.datetime(2024, 10, 1)),
        ("Q4 2024", dt.datetime(2024, 10, 1)),
        ("4Q2024", dt.datetime(2024, 10, 1)),
        ("2024-W01", dt.datetime(2024, 1, 1)),
        ("2021-W01-1", dt.datetime(2021, 1, 4)),
        ("14:30", dt.datetime(1970, 1, 1, 14, 30)),
        ("2:30 p.m.", dt.datetime(1970, 1, 1, 14, 30)),
        ("2 pm", dt.datetime(1970, 1, 1, 14)),
        ("14h30", dt.datetime(1970, 1, 1, 14, 30)),
        ("2024-366", DAY),
        ("/Date(1735655400000)/", NOON),
        ("/Date(1735655400000+0100)/", NOON),
        ("31-DEC-24 02.30.00.000000 PM", NOON),
        ("31st of December, 2024", DAY),
    ],
)
def test_one_date(cell: str, moment: dt.datetime) -> None:
    finding = found(cell)
    assert read(finding.form, cell, None) == [moment, None]
    again = DateForm.from_dict(json.loads(json.dumps(finding.form.to_dict())))
    assert read(again, cell) == [moment]


@pytest.mark.parametrize(
    "cell",
    [
        "soon",
        "1.5",
        "123",
        "may",
        "31.2.2024",
        "2024-13-01",
        "25:00",
        "2024Q5",
        "1-2-3",
        "2023-366",
        "25h00",
    ],
)
def test_what_is_no_date(cell: str) -> None:
    assert find_dates(pa.array([cell], TEXT), np.ones(1, dtype=np.int64)) is None


def test_the_whole_column_tells_which_is_the_day() -> None:
    assert found("01/02/2024", "13/02/2024").form.patterns == ("dmy",)
    assert found("01/02/2024", "02/13/2024").form.patterns == ("mdy",)
    assert found("01/02/2024", "13/02/2024").shows == "dmy"
    doubtful = found("01/02/2024", "03/04/2024")
    assert (doubtful.form.patterns, doubtful.doubtful) == (("mdy",), "01/02/2024")
    assert found("01.02.2024", "03.04.2024").form.patterns == ("dmy",)
    known = found("01/02/2024", "03/04/2024", usual="dmy")
    assert (known.form.patterns, known.doubtful) == (("dmy",), "")
    assert found("01/02/2024", "03/04/2024", day_first=True).form.patterns == ("dmy",)
    # From row to row it rises in one order alone.
    assert found("01/02/2024", "01/03/2024", "02/03/2024").form.patterns == ("mdy",)
    assert found("05/01/2024", "01/02/2024", "03/03/2024").form.patterns == ("dmy",)


@pytest.mark.parametrize(
    ("years", "first", "last"),
    [
        (range(2016, 2024), 2016, 2023),
        (range(1932, 2005), 1932, 2004),  # nobody is born in 2032
        (range(1985, 2013), 1985, 2012),
        (range(2025, 2051), 2025, 2050),
        (range(1930, 1961), 1930, 1960),
        (range(1951, 2051), 1951, 2050),  # all hundred years
        ([2024], 2024, 2024),
    ],
)
def test_years_of_two_digits(years: list[int], first: int, last: int) -> None:
    cells = [f"31.12.{year % 100:02}" for year in years]
    finding = found(*cells)
    assert finding.short_years == (first, last)
    again = DateForm.from_dict(json.loads(json.dumps(finding.form.to_dict())))
    assert read(again, *cells) == [dt.datetime(year, 12, 31) for year in years]
    assert found("31.12.2024").short_years is None


def test_dates_of_several_hands() -> None:
    cells = ("2024-12-31", "12/31/2024", "31 Dec 2024")
    assert read(found(*cells).form, *cells) == [DAY] * 3


def test_counts_since_1970() -> None:
    moment = dt.datetime(2023, 11, 14, 22, 13, 20)
    for ticks, number in {"s": 1_700_000_000, "ms": 1_700_000_000_000}.items():
        form = DateForm(ticks=ticks)
        for column in (pa.array([number, None]), pa.array([str(number), "x"], TEXT)):
            assert form.read(pa.chunked_array([column])).to_pylist() == [moment, None]
        assert form.read(pa.chunked_array([[1e300, np.nan]])).to_pylist() == [None, None]
    compact = DateForm(("compact",))
    assert compact.read(pa.chunked_array([[20241231, 20241331]])).to_pylist() == [DAY, None]
    assert compact.read(pa.chunked_array([[20241231.0, np.nan]])).to_pylist() == [DAY, None]


@pytest.mark.parametrize(
    "text",
    ["%d|%m|%Y", "%d.%m.%y", "%Y%m%d", "%d %b %Y", "%B %d, %Y", "%m/%d/%Y %I:%M %p", "%F %T"],
)
def test_formats_of_strftime(text: str) -> None:
    moment = NOON if "%M" in text or "%T" in text else DAY
    assert read(DateForm(format=text), moment.strftime(text), "x") == [moment, None]


@pytest.mark.parametrize(
    ("text", "words"), [("%Q", "%Q"), ("day", "no year"), ("%Y %Y", "twice"), ("%", "not known")]
)
def test_odd_formats(text: str, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        pattern_of_format(text)


WRITTEN = {
    "ymd": "%Y/%m/%d %H:%M:%S",
    "dmy": "%d.%m.%Y %H:%M:%S",
    "mdy": "%m/%d/%Y %I:%M:%S %p",
    "dby": "%d %B %Y %H:%M:%S",
    "bdy": "%b %d, %Y %H:%M:%S",
    "ybd": "%Y-%b-%d %H:%M:%S",
    "ctime": "%a %b %d %H:%M:%S %Y",
    "compact": "%Y%m%d%H%M%S",
    "yj": "%Y-%j",
}


@given(
    st.sampled_from(sorted(WRITTEN)),
    st.lists(
        st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(2500, 1, 1)), min_size=1, max_size=9
    ),
)
def test_dates_read_back_the_same(pattern: str, moments: list[dt.datetime]) -> None:
    whole = [moment.replace(microsecond=0) for moment in moments]
    if "%H" not in WRITTEN[pattern] and "%I" not in WRITTEN[pattern]:
        whole = [dt.datetime.combine(moment.date(), dt.time()) for moment in whole]
    cells = [moment.strftime(WRITTEN[pattern]) for moment in whole]
    assert read(DateForm((pattern,)), *cells) == whole


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)))
def test_weeks_and_quarters_hold_the_day(day: dt.date) -> None:
    year, week, weekday = day.isocalendar()
    at = dt.datetime.combine(day, dt.time())
    assert read(DateForm(("yw",)), f"{year}-W{week:02}-{weekday}") == [at]
    quarter = (day.month + 2) // 3
    (start,) = read(DateForm(("yq",)), f"{day.year}Q{quarter}")
    assert start == dt.datetime(day.year, 3 * quarter - 2, 1)


@given(st.lists(st.text(max_size=15), min_size=1, max_size=20))
def test_any_text_is_read_without_an_error(cells: list[str]) -> None:
    form = DateForm(tuple(PATTERNS))
    assert len(read(form, *cells)) == len(cells)


def test_rows() -> None:
    assert set(MONTHS.values()) == set(range(1, 13))
    assert all(name == row.name for name, row in PATTERNS.items())


@pytest.mark.parametrize(
    "change", [{"patterns": ["x"]}, {"ticks": "h"}, {"format": "%Q"}, {"first_year": 0}]
)
def test_damaged_forms(change: dict[str, object]) -> None:
    with pytest.raises(ModelFileError, match="damaged"):
        DateForm.from_dict({**DateForm().to_dict(), **change})
