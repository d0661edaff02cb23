"""Texts that are no tables are refused with what they are."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from chainrule.data import read_table
from chainrule.data.text.foreign import refuse_foreign
from chainrule.errors import DataError


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("<!DOCTYPE html>\n<html><body>1,2</body></html>", "an HTML page"),
        ("\ufeff\n <html>", "an HTML page"),
        ("<!-- saved -->\n<table><tr><td>1</td></tr></table>", "an HTML page"),
        ('<?xml version="1.0"?>\n<html>', "an HTML page"),
        ('<?xml version="1.0"?>\n<rows/>', "XML"),
        ('{"error": "not found, or gone"}', "JSON"),
        ('[{"a": 1},\n{"a": 2}]', "JSON"),
        ('["a", "b"]', "JSON"),
        ("{\\rtf1\\ansi", "RTF"),
        ("%PDF-1.7\n", "a PDF"),
        ("%!PS-Adobe", "PostScript"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "a pointer of Git LFS"),
        ("\\documentclass{article}\n", "LaTeX"),
        ("-- dump\nINSERT INTO t VALUES (1, 2);", "a script of SQL"),
        ("% made by hand\n@relation iris\n", "ARFF"),
    ],
)
def test_what_is_no_table(tmp_path: Path, text: str, called: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=f"it is {called}.*, not a table: ") as error:
        read_table(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "[id],[name]\n1,a\n",
        "{id},x\n1,2\n",
        "<1,>5\n1,2\n",
        "html,json\n1,2\n",
        "create,table\n1,2\n",
        "version,size\n1,2\n",
        "table;x\n1;2\n",
    ],
)
def test_what_is_one(text: str) -> None:
    refuse_foreign("t.csv", text)


@pytest.mark.parametrize(
    ("start", "called"),
    [
        (b"RDX3\nX\n", "a file of R"),
        (b"<stata_dta><header>", "a file of Stata"),
        (b"$FL2@(#) SPSS DATA FILE", "a file of SPSS"),
        (bytes(12) + b"\xc2\xea\x81\x60\xb3\x14", "a file of SAS"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"SQLite format 3\0", "a database of SQLite"),
        (b"\x93NUMPY\1\0", "an array of NumPy"),
        (b"\x80\4\x95\0", "a pickle of Python"),
        (b"t.csv".ljust(257, b"\0") + b"ustar\0", "a tar archive"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_binary_files_under_the_ending_of_text(
    tmp_path: Path, start: bytes, called: str, packed: bool
) -> None:
    content = start + bytes(200)
    path = tmp_path / "t.csv"
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(DataError, match=f"it is {called}, not a table: ") as error:
        read_table(path)
    assert "\n" not in str(error.value)
