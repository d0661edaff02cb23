"""Which delimiter and which header a text table has."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from chainrule.data import Dialect, TextOptions, detect_dialect
from chainrule.errors import DataError, ParameterError


def detect(tmp_path: Path, text: str | bytes, name: str = "t.csv", **options: object) -> Dialect:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return detect_dialect(path, TextOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_each_delimiter_is_found(tmp_path: Path, delimiter: str, newline: str) -> None:
    rows = [["a", "b b", "c"], ["1", "x y", "2.5"], ["2", "z", "3"]]
    text = newline.join(delimiter.join(row) for row in rows)
    found = detect(tmp_path, text)
    assert (found.delimiter, found.header, found.names) == (delimiter, True, ("a", "b b", "c"))


def test_delimiters_inside_quotes_do_not_count(tmp_path: Path) -> None:
    found = detect(tmp_path, '"a,1";b\n"x,y,z";2\n"p\nq";3\n')
    assert found.delimiter == ";"
    assert found.names == ("a,1", "b")


def test_decimal_commas_do_not_win_over_semicolons(tmp_path: Path) -> None:
    assert detect(tmp_path, "1,5;2,5\n3,5;4,5\n").delimiter == ";"


def test_a_single_column_is_legal(tmp_path: Path) -> None:
    assert detect(tmp_path, "height\n1\n2\n").names == ("height",)


def test_a_tsv_file_has_tabs_even_if_commas_are_more_regular(tmp_path: Path) -> None:
    assert detect(tmp_path, "a, b\n1, 2\n", "t.tsv").names == ("a, b",)


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
        (",a\n0,1\n", True),  # what pandas writes over an index
    ],
)
def test_header(tmp_path: Path, text: str, header: bool) -> None:
    found = detect(tmp_path, text)
    assert found.header is header
    assert (found.names == ("c1", "c2")) is not header


def test_what_is_said_is_not_detected(tmp_path: Path) -> None:
    assert detect(tmp_path, "a,b\nc,d\n", header=False).names == ("c1", "c2")
    assert detect(tmp_path, "1,2\n3,4\n", header=True).names == ("1", "2")
    assert detect(tmp_path, "a,b;c\n1,2;3\n", delimiter=",").names == ("a", "b;c")


def test_byte_order_mark_and_blank_lines_before_the_header(tmp_path: Path) -> None:
    found = detect(tmp_path, b"\xef\xbb\xbf\n\n a ,b\n1,2\n")
    assert found.names == ("a", "b")
    assert found.skip == 3


def test_compressed_file_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    data = gzip.compress(b"a;b\n1;2\n")
    assert detect(tmp_path, data, "t.csv.gz").names == ("a", "b")
    assert detect(tmp_path, data, "t.csv").names == ("a", "b")


def test_a_header_longer_than_the_sample(tmp_path: Path) -> None:
    names = [f"column_{index:06d}" for index in range(90_000)]
    found = detect(tmp_path, ",".join(names) + "\n" + ",".join(["1"] * 90_000) + "\n")
    assert found.names == tuple(names)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"a,b\n", "no row of data"),
        (b"a,a\n1,2\n", "several columns are called 'a'"),
        (b"a,b\n1,\xe9\n", "--encoding latin-1"),
        ("a,b\n1,é\n".encode("utf-16"), "--encoding utf-16"),
        (b"a\0,b\n1,2\n", "zero bytes"),
    ],
)
def test_what_is_no_table(tmp_path: Path, text: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words) as error:
        detect(tmp_path, text)
    assert "t.csv" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("option", [{"delimiter": ";;"}, {"delimiter": '"'}, {"encoding": "nope"}])
def test_options_that_cannot_be(tmp_path: Path, option: dict[str, str]) -> None:
    with pytest.raises(ParameterError):
        detect(tmp_path, "a,b\n1,2\n", **option)
