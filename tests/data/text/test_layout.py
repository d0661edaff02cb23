"""How the rows of a text are cut, and where the table in it is."""

from __future__ import annotations

from typing import Any

import pytest

from chainrule.data.text import Layout, find_layout
from chainrule.errors import DataError, ParameterError
from chainrule.files.reading import ReadingOptions


def layout(text: str, tabs: bool = False, **options: Any) -> Layout:
    return find_layout("t.csv", text, True, ReadingOptions(**options), tabs)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_each_delimiter_is_found(delimiter: str, newline: str) -> None:
    rows = [["a", "b b", "c"], ["1", "x y", "2.5"], ["2", "z", "3"]]
    found = layout(newline.join(delimiter.join(row) for row in rows))
    assert found.dialect.delimiter == delimiter
    assert (found.header, found.names) == (True, ("a", "b b", "c"))


def test_delimiters_inside_quotes_do_not_count() -> None:
    found = layout('"a,1";b\n"x,y,z";2\n"p\nq";3\n')
    assert found.dialect.delimiter == ";"
    assert found.names == ("a,1", "b")


def test_decimal_commas_do_not_win_over_semicolons() -> None:
    assert layout("1,5;2,5\n3,5;4,5\n").dialect.delimiter == ";"


@pytest.mark.parametrize(
    "text", ["height\n1\n2\n", "name\nJohn Smith\nAnn Bell\n", "full name\nJohn Smith\nAnn Bell\n"]
)
def test_a_single_column_is_legal(text: str) -> None:
    assert layout(text).names == (text.split("\n")[0],)


def test_a_file_of_tabs_has_tabs_even_if_commas_are_more_regular() -> None:
    assert layout("a, b\n1, 2\n", tabs=True).names == ("a, b",)


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("a,b\n1,2\n", True),
        ("a,b\nx,y\n", True),
        ("5.1,x\n4.9,y\n", False),
        ("a,1e5\nb,2\n", False),
        ("a,true\nb,false\n", False),
        ("a,2020-01-01\nb,2020-01-02\n", False),
        ("a,a\nb,c\n", False),
        ("a,\nb,c\n", False),
        ("a,inf\nb,1\n", False),
        ('a,"$1,200"\nb,"$900"\n', False),
        ("a,31.12.2024\nb,1.1.2025\n", False),
        ("a,2019,2020\nb,2019,2020\n", False),
        ("a,2019,2020\nb,1.5,7\n", True),
        (",a\n0,1\n", True),  # what pandas writes over an index
    ],
)
def test_header(text: str, header: bool) -> None:
    found = layout(text)
    assert found.header is header
    assert ("c1" in found.names) is not header


def test_what_is_said_is_not_found_out() -> None:
    assert layout("a,b\nc,d\n", header=False).names == ("c1", "c2")
    assert layout("1,2\n3,4\n", header=True).names == ("1", "2")
    assert layout("a,b;c\n1,2;3\n", delimiter=",").names == ("a", "b;c")
    assert layout("a,b;c\n1,2;3\n", delimiter="semicolon").names == ("a,b", "c")
    assert layout("x\na,b\n1,2\n", skip_rows=1).names == ("a", "b")


def test_the_data_starts_behind_blank_lines_and_the_header() -> None:
    found = layout("\n\n a ,b\n1,2\n")
    assert found.names == ("a", "b")
    assert found.start == len("\n\n a ,b\n")


def test_a_header_longer_than_the_sample() -> None:
    names = [f"column_{index:06d}" for index in range(90_000)]
    assert layout(",".join(names) + "\n" + ",".join(["1"] * 90_000) + "\n").names == tuple(names)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("\n \n", "empty"),
        ("a,b\n", "no row of data"),
        ("a;b;c\n\n", "no row of data"),
    ],
)
def test_what_is_no_table(text: str, words: str) -> None:
    with pytest.raises(DataError, match=words) as error:
        layout(text)
    assert "t.csv" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "option",
    [
        {"delimiter": ";;"},
        {"delimiter": '"'},
        {"skip_rows": -1},
        {"comment": " "},
        {"delimiter": ""},
    ],
)
def test_options_that_cannot_be(option: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        layout("a,b\n1,2\n", **option)


def test_rows_that_describe_the_columns() -> None:
    rows = "".join(f"2024-01-{day:02},{day},{'yes' if day % 2 else 'no'}\n" for day in range(1, 9))
    words = "Start Date,How many?,Will you renew?\n"
    keys = '"{""a"": 1}","{""b"": 2}","{""c"": 3}"\n'
    for below, count in ((words, 1), (words + keys, 2)):
        found = layout("day,n,renew\n" + below + rows)
        assert found.names == ("day", "n", "renew")
        assert len(found.rows) == 8
        assert any("describe" in note and "left out" in note for note in found.notes), count
    gaps = layout("day,n,renew\n2024-01-01,unknown,no\n" + rows)
    assert len(gaps.rows) == 9  # a row with a gap is one of data


def test_names_that_come_twice_above_labels() -> None:
    text = "Key,Labels,Labels\n" + "".join(f"P-{n},{'ab'[n % 2]},x\n" for n in range(20))
    assert layout(text).names == ("Key", "Labels", "Labels_2")
    assert not layout("b,x,x\n" + "".join(f"{'ab'[n % 2]},x,x\n" for n in range(20))).header


def test_many_lines_before_the_header() -> None:
    text = "".join(f"Parameter {n}: {n} V\n" for n in range(90))
    found = layout(text + "a,b\n" + "1,2\n" * 300)
    assert found.names == ("a", "b")
    assert "90 lines before the header are skipped" in found.notes
