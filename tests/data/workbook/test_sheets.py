"""Workbooks: which sheet is read, what its cells are, and what becomes of a broken one."""

from __future__ import annotations

import datetime as dt
import importlib.util
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from chainrule.data import column_names, iterate_batches, read_table
from chainrule.data.workbook import sheets
from chainrule.errors import DataError, MissingExtraError
from data.workbook.books import XLS, ods, xlsx, zipped

DAYS = [dt.date(2024, 1, day) for day in (1, 2, 3)]
ROWS = [["a", "b"], [1, "x"], [2, "y"], [3, "z"]]
TABLE = {"a": [1, 2, 3], "b": ["x", "y", "z"]}


def written(folder: Path, content: bytes, name: str = "t.xlsx") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def found(path: Path, **options: Any) -> tuple[dict[str, list[Any]], list[str]]:
    notes: list[str] = []
    table = read_table(path, notes=notes, **options)
    return table.to_pydict(), [note.removeprefix(f"{path.name}: ") for note in notes]


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(DataError) as error:
        read_table(path, **options)
    told = str(error.value)
    assert "\n" not in told
    assert path.name in told
    assert len(told) < 400
    return told


CELLS = [
    ("numbers keep their digits", [1.5e-12, 1 / 3, 2.5e18], [1.5e-12, 1 / 3, 2.5e18], ()),
    ("whole numbers", [1, 2, 300000], [1, 2, 300000], ()),
    ("words among numbers", [1e-12, "n.d.", 2], ["1e-12", "n.d.", "2"], ()),
    ("numbers as text", ["0501", "9411", "0007"], ["0501", "9411", "0007"], ()),
    ("long codes as text", ["12345678901234567890", "1", "2"], ["12345678901234567890", "1", "2"], ()),
    ("truth values", [True, False, None], [True, False, None], ()),
    ("days", DAYS, ["2024-01-01", "2024-01-02", "2024-01-03"], ()),
    ("moments", [dt.datetime(2024, 1, 1, 10, 30), *DAYS[1:]],
     ["2024-01-01 10:30:00", "2024-01-02 00:00:00", "2024-01-03 00:00:00"], ()),
    ("times", [dt.time(8), dt.time(23, 59, 1), dt.time(0)], ["08:00:00", "23:59:01", "00:00:00"], ()),
    ("durations", [dt.timedelta(hours=25), dt.timedelta(minutes=3), dt.timedelta(seconds=1.5)],
     [90000.0, 180.0, 1.5], ("durations are taken in seconds (column B of the sheet)",)),
    ("old dates are no durations", [dt.datetime(1900, 1, 5, 7), dt.datetime(1900, 2, 5), DAYS[0]],
     ["1900-01-05 07:00:00", "1900-02-05 00:00:00", "2024-01-01 00:00:00"], ()),
    ("errors", ["#DIV/0!", "#N/A", 3], [None, None, 3], ()),
    ("formulas that nobody computed", ["=1/2", "=A1", 3], [None, None, 3], ()),
    ("line ends, quotes and commas", ['a, "b"', "c\nd", "'e'"], ['a, "b"', "c\nd", "'e'"], ()),
    ("signs of comments", ["# 1", "# 2", "3"], ["# 1", "# 2", "3"], ()),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "values", "notes"), [row[1:] for row in CELLS],
                         ids=[row[0] for row in CELLS])  # fmt: skip
def test_cells(tmp_path: Path, cells: list[Any], values: list[Any], notes: tuple[str, ...]) -> None:
    """Below a name each column has a text and something else in it, and stays what it is."""
    rows = [["key", "value"], *([f"k{place}", cell] for place, cell in enumerate(cells))]
    table, told = found(written(tmp_path, xlsx({"S": rows})))
    assert table == {"key": ["k0", "k1", "k2"], "value": values}
    assert told == list(notes)


def test_percent_cells_are_their_values(tmp_path: Path) -> None:
    import openpyxl

    path = written(tmp_path, xlsx({"S": [["p", "q"], [0.125, 1], [0.5, 2]]}))
    book = openpyxl.load_workbook(path)
    for row in ("A2", "A3"):
        book.active[row].number_format = "0.0%"
    book.save(path)
    assert found(path)[0] == {"p": [0.125, 0.5], "q": [1, 2]}


def test_what_stands_around_a_table(tmp_path: Path) -> None:
    rows = [["Report"], [], [], *[[None, *row] for row in ROWS], [None, "Total", "6"], [], ["  "]]
    rows = [rows[0], *rows[3:]]
    table, told = found(written(tmp_path, xlsx({"S": [[None, "Report of 2024"], *rows[1:]]})))
    assert table == TABLE
    assert told == [
        "1 line before the header is skipped",
        "the last row, 'Total', is a total and is left out",
    ]


def test_merged_cells_are_the_first_of_them(tmp_path: Path) -> None:
    import openpyxl

    path = written(tmp_path, xlsx({"S": [["g", "x"], ["A", 1], [None, 2], ["B", 3], [None, 4]]}))
    book = openpyxl.load_workbook(path)
    for cells in ("A2:A3", "A4:A5"):
        book.active.merge_cells(cells)
    book.save(path)
    assert found(path)[0] == {"g": ["A", None, "B", None], "x": [1, 2, 3, 4]}


LONG = [["k", "v"], *([f"k{n}", n] for n in range(50))]


@pytest.mark.parametrize(
    ("content", "hidden", "name"),
    [
        ({"One": ROWS, "Two": LONG[:9]}, (), "One"),
        ({"Cover": [["Sales"], ["Bob", 2024]], "Data": LONG}, (), "Data"),
        ({"Empty": [], "Data": ROWS}, (), "Data"),
        ({"Lists": LONG, "Data": ROWS}, ("Lists",), "Data"),
        ({"Lists": ROWS, "Data": []}, ("Lists",), "Lists"),
    ],
)
def test_which_sheet_is_read(
    tmp_path: Path, content: dict[str, Any], hidden: tuple[str, ...], name: str
) -> None:
    path = written(tmp_path, xlsx(content, hidden))
    table, told = found(path)
    assert list(table) == content[name][0]
    assert told == [f"of 2 sheets {name!r} is read (--sheet says otherwise)"]


def test_a_sheet_that_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, xlsx({"One": LONG, "2": ROWS, "Three": [["z", "y"], [1, 2]]}))
    assert found(path, sheet="2") == (TABLE, [])
    assert list(found(path, sheet="1")[0]) == ["k", "v"]
    assert list(found(path, sheet=3)[0]) == ["z", "y"]
    assert "no sheet '4': the sheets are 'One', '2', 'Three'" in refusal(path, sheet=4)


def test_batches_and_options(tmp_path: Path) -> None:
    path = written(tmp_path, xlsx({"S": [["old", "names"], *ROWS]}))
    assert column_names(path, skip_rows=1) == ["a", "b"]
    assert column_names(path, header=False) == ["c1", "c2"]
    batches = list(iterate_batches(path, rows=1, skip_rows=1))
    assert [batch.to_pydict() for batch in batches] == [
        {"a": [str(a)], "b": [b]} for a, b in ROWS[1:]
    ]


def test_a_sheet_of_many_rows(tmp_path: Path) -> None:
    rows = [["n", "text"], *([n, f"t{n}\nx"] for n in range(25_000))]
    table = read_table(written(tmp_path, xlsx({"S": rows})))
    assert table["n"].to_pylist() == list(range(25_000))
    assert table["text"][24_999].as_py() == "t24999\nx"


@pytest.mark.parametrize(("name", "zeros"), [("t.xls", "00501"), ("t.ods", "00501")])
def test_other_formats(tmp_path: Path, name: str, zeros: str) -> None:
    rows = [["day", "x", "zip"], [DAYS[0], 1.5, zeros], [DAYS[1], 2.5e-12, "94110"]]
    content = XLS if name == "t.xls" else ods([*rows, [DAYS[2], None, "10001"]])
    table, told = found(written(tmp_path, content, name))
    table.pop("ok", None)
    assert table == {
        "day": ["2024-01-01", "2024-01-02", "2024-01-03"],
        "x": [1.5, 2.5e-12, None],
        "zip": [zeros, "94110", "10001"],
    }
    assert told == []


def test_a_workbook_under_another_name(tmp_path: Path) -> None:
    content = xlsx({"S": ROWS})
    assert found(written(tmp_path, content, "export"))[0] == TABLE
    assert found(written(tmp_path, content, "t.xls"))[0] == TABLE
    assert found(written(tmp_path, b"a\tb\n1\tx\n2\ty\n3\tz\n", "t.xls"))[0] == TABLE


def members(content: bytes, folder: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(written(folder, content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("place", [b"XFD1048576", b"ZZZZZZZ9999999999999", b"A0", b"\xff"])
def test_a_cell_at_an_odd_place(tmp_path: Path, place: bytes, capfd: Any) -> None:
    parts = members(xlsx({"S": ROWS}), tmp_path)
    parts[SHEET] = parts[SHEET].replace(b"A4", place)
    assert re.search("memory|broken", refusal(written(tmp_path, zipped(parts))))
    assert capfd.readouterr() == ("", "")


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = members(xlsx({"S": ROWS}), tmp_path)
    parts["xl/media/image.png"] = b"\0" * 40_000_000
    path = written(tmp_path, zipped(parts))
    assert path.stat().st_size < 100_000
    with monkeypatch.context() as patched:
        patched.setattr("chainrule.files.bounds.memory", lambda: 20_000_000)
        assert "larger than the memory" in refusal(path)
    assert "memory" in refusal(written(tmp_path, ods([["a", *[1.0] * 200]], 999_999), "t.ods"))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\3\4 and so on", "t.xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on", "t.xls"),
        (zipped({"content.xml": b"<a/>"}), "t.ods"),
        (zipped({"xl/workbook.bin": b"\0\1\2"}), "t.xlsb"),
        (zipped({"xl/workbook.xml": b"<workbook/>"}), "t.xlsx"),
        (xlsx({"S": ROWS})[:2000], "t.xlsx"),
    ],
)
def test_what_is_no_workbook(tmp_path: Path, content: bytes, name: str, capfd: Any) -> None:
    assert "workbook" in refusal(written(tmp_path, content, name))
    assert capfd.readouterr() == ("", "")


def test_a_workbook_with_nothing_in_it(tmp_path: Path) -> None:
    told = refusal(written(tmp_path, xlsx({"One": [], "Two": [["  "]]})))
    assert "nothing in the workbook (its sheets: 'One', 'Two')" in told
    assert "no row of data" in refusal(written(tmp_path, xlsx({"One": [["a", "b"]]})))


def test_the_missing_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, xlsx({"S": ROWS}))
    find = importlib.util.find_spec
    monkeypatch.setattr(
        sheets.importlib.util, "find_spec", lambda name: None if name == "fastexcel" else find(name)
    )
    with pytest.raises(MissingExtraError, match=r"pip install 'chainrule\[excel\]'") as error:
        read_table(path)
    assert "\n" not in str(error.value)
