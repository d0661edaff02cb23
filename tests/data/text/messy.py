"""Files as people have them, and what a careful person reads in them.

Each row: its name, the file's name, its bytes, what is said of it, the table, and the lines that are
told (without the file's name before them).
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

__all__ = ["MESSY", "Messy", "zipped"]


@dataclass(frozen=True)
class Messy:
    """A messy file and its table."""

    name: str
    content: bytes
    table: dict[str, list[Any]]
    notes: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    file: str = "t.csv"


def messy(
    name: str,
    content: str | bytes,
    table: dict[str, list[Any]],
    *notes: str,
    file: str = "t.csv",
    **options: Any,
) -> Messy:
    data = content if isinstance(content, bytes) else content.encode()
    return Messy(name, data, table, notes, options, file)


def zipped(members: dict[str, bytes]) -> bytes:
    """Return the bytes of a ZIP file."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()


def zstandard(content: bytes) -> bytes:
    return pa.compress(content, codec="zstd", asbytes=True)


def said(encoding: str) -> str:
    return f"read as {encoding} (not UTF-8; --encoding says otherwise)"


CITIES = {"Stadt": ["Zürich", "Genève", "Köln"], "x": [1, 2, 3]}
CITIES_TEXT = "Stadt,x\nZürich,1\nGenève,2\nKöln,3\n"
POLISH = {"miasto": ["Łódź", "Gdańsk", "Święta Góra"], "x": [1, 2, 3]}
POLISH_TEXT = "miasto;x\nŁódź;1\nGdańsk;2\nŚwięta Góra;3\n"
RUSSIAN = {"город": ["Москва", "Казань"], "x": [1, 2]}
RUSSIAN_TEXT = "город;x\nМосква;1\nКазань;2\n"
JAPANESE = {"名前": ["東京", "大阪市"], "x": [1, 2]}
JAPANESE_TEXT = "名前,x\n東京,1\n大阪市,2\n"
CHINESE = {"姓名": ["北京", "上海", "广州市"], "x": [1, 2, 3]}
CHINESE_TEXT = "姓名,x\n北京,1\n上海,2\n广州市,3\n"
ARABIC = {"مدينة": ["القاهرة", "بغداد", "دمشق"], "x": [1, 2, 3]}
HEBREW_TEXT = "עיר,x\nתל אביב,1\nירושלים,2\nחיפה,3\n"
HEBREW = {"עיר": ["תל אביב", "ירושלים", "חיפה"], "x": [1, 2, 3]}
ARABIC_TEXT = "مدينة,x\nالقاهرة,1\nبغداد,2\nدمشق,3\n"
THAI = {"เมือง": ["กรุงเทพ", "เชียงใหม่", "ภูเก็ต"], "x": [1, 2, 3]}
THAI_TEXT = "เมือง,x\nกรุงเทพ,1\nเชียงใหม่,2\nภูเก็ต,3\n"
PLAIN = {"a": [1, 3, 5], "b": [2.5, 4.0, 6.0]}
PLAIN_TEXT = "a,b\n1,2.5\n3,4\n5,6\n"

ENCODINGS = [
    messy("Windows-1252", CITIES_TEXT.encode("cp1252"), CITIES, said("Windows-1252")),
    messy(
        "Windows-1252 with its own signs",
        "preis,x\n10 €,1\n„zwölf“,2\n".encode("cp1252"),
        {"preis": ["10 €", "„zwölf“"], "x": [1, 2]},
        said("Windows-1252"),
    ),
    messy("Windows-1250", POLISH_TEXT.encode("cp1250"), POLISH, said("Windows-1250")),
    messy("Latin-2", POLISH_TEXT.encode("iso8859_2"), POLISH, said("Latin-2")),
    messy("Windows-1251", RUSSIAN_TEXT.encode("cp1251"), RUSSIAN, said("Windows-1251")),
    messy("KOI8-R", RUSSIAN_TEXT.encode("koi8_r"), RUSSIAN, said("KOI8-R")),
    messy("Shift-JIS", JAPANESE_TEXT.encode("shift_jis"), JAPANESE, said("Shift-JIS")),
    messy("EUC-JP", JAPANESE_TEXT.encode("euc_jp"), JAPANESE, said("EUC-JP")),
    messy("GB18030", CHINESE_TEXT.encode("gb18030"), CHINESE, said("GB18030")),
    messy("Arabic", ARABIC_TEXT.encode("cp1256"), ARABIC, said("Windows-1256")),
    messy("Hebrew", HEBREW_TEXT.encode("cp1255"), HEBREW, said("Windows-1255")),
    messy("Thai", THAI_TEXT.encode("cp874"), THAI, said("Windows-874")),
    messy("UTF-8 with a mark", b"\xef\xbb\xbf" + CITIES_TEXT.encode(), CITIES),
    messy("UTF-16 with a mark", CITIES_TEXT.encode("utf-16"), CITIES, "read as UTF-16"),
    messy("UTF-16-LE without one", CITIES_TEXT.encode("utf-16-le"), CITIES, "read as UTF-16"),
    messy("UTF-16-BE without one", CITIES_TEXT.encode("utf-16-be"), CITIES, "read as UTF-16"),
    messy("UTF-32 without a mark", CITIES_TEXT.encode("utf-32-le"), CITIES, "read as UTF-32"),
    messy("an encoding that is said", CITIES_TEXT.encode("cp437"), CITIES, encoding="cp437"),
    messy(
        "one byte that is not UTF-8",
        (CITIES_TEXT + "Łódź,4\nЖанна,5\n").encode() + b"caf\xe9,6\n",
        {"Stadt": [*CITIES["Stadt"], "Łódź", "Жанна", "café"], "x": [1, 2, 3, 4, 5, 6]},
        "bytes that are not UTF-8, first in line 7, are read as Windows-1252 (--encoding says "
        "otherwise)",
    ),
    messy("zero bytes", b"a,b\n1\0,2\n3,\0\0 4\n", {"a": [1, 3], "b": [2, 4]},
          "zero bytes in the text are left out"),
]  # fmt: skip

BEFORE = [
    messy(
        "a title and a date",
        "Sales report\nExported on 2024-05-01, 10:00\n\n" + PLAIN_TEXT,
        PLAIN,
        "2 lines before the header are skipped",
    ),
    messy(
        "a title in cells",
        "Report,,\nby,Bob,\n,,\nname,a,b\nx,1,2\ny,3,4\n",
        {"name": ["x", "y"], "a": [1, 3], "b": [2, 4]},
        "2 lines before the header are skipped",
    ),
    messy(
        "metadata of as many fields, and a blank line",
        "author,Bob\nyear,2024\n\n" + PLAIN_TEXT,
        PLAIN,
        "2 lines before the header are skipped",
    ),
    messy("lines to skip that are said", "a;b\nx,y\n1,2\n3,4\n", {"x": [1, 3], "y": [2, 4]},
          skip_rows=1),
    messy("blank lines", "\n \n\n" + PLAIN_TEXT, PLAIN),
    messy(
        "comments above and between",
        "# made by a program\n# on a day\na,b\n1,2\n# a pause\n3,4\n",
        {"a": [1, 3], "b": [2, 4]},
        "lines that begin with # are comments and are left out",
    ),
    messy(
        "comments of percent signs",
        "% a line\na;b\n1;2\n3;4\n",
        {"a": [1, 3], "b": [2, 4]},
        "lines that begin with % are comments and are left out",
    ),
    messy(
        "comments of slashes",
        "// a line, of words\na,b\n1,2\n3,4\n",
        {"a": [1, 3], "b": [2, 4]},
        "lines that begin with // are comments and are left out",
    ),
    messy("a comment that is said", "a,b\n!x\n1,2\n", {"a": [1], "b": [2]},
          "lines that begin with ! are comments and are left out", comment="!"),
    messy(
        "names in a comment",
        "# t x y\n0.5 1 2\n1.5 3 4\n2.5 5 6\n",
        {"t": [0.5, 1.5, 2.5], "x": [1, 3, 5], "y": [2, 4, 6]},
        "the names of the columns are those of the line that begins with #",
        "lines that begin with # are comments and are left out",
        file="t.txt",
    ),
    messy("colors", "color,v\n#ff0000,1\n#00ff00,2\nred,3\n",
          {"color": ["#ff0000", "#00ff00", "red"], "v": [1, 2, 3]}),
    messy("a column called #", "#,name\n1,A\n2,B\n", {"#": [1, 2], "name": ["A", "B"]}),
]  # fmt: skip

FOOT = [
    messy(
        "a total and a source",
        "name,x,y\nA,1,2\nB,3,4\nC,5,6\nTotal,9,12\nSource: the office\n",
        {"name": ["A", "B", "C"], "x": [1, 3, 5], "y": [2, 4, 6]},
        "the last row, 'Total', is a total and is left out",
        "the last line, 'Source: the office', has one field and is left out",
    ),
    messy(
        "a German total over an average",
        "id;x\n1;1,5\n2;3,5\n3;4,0\nSumme;9,0\nDurchschnitt;3,0\n",
        {"id": [1, 2, 3], "x": ["1,5", "3,5", "4,0"]},
        "the last row, 'Summe', is a total and is left out",
        "the last row, 'Durchschnitt', is a total and is left out",
    ),
    messy(
        "sums without a name",
        "who,x,y\nA,1,2.5\nB,3,4\nC,5,6\n,9,12.5\n",
        {"who": ["A", "B", "C"], "x": [1, 3, 5], "y": [2.5, 4.0, 6.0]},
        "the last row holds the sums of the columns and is left out",
    ),
    messy(
        "a last row that is none of sums",
        "who,x,y\nA,1,2\nB,3,4\nC,5,6\n,9,13\n",
        {"who": ["A", "B", "C", None], "x": [1, 3, 5, 9], "y": [2, 4, 6, 13]},
    ),
    messy("a word that is a category", "k,x\nTotal,1\nPart,2\nTotal,3\nPart,5\nPart,7\nTotal,4\n",
          {"k": ["Total", "Part", "Total", "Part", "Part", "Total"], "x": [1, 2, 3, 5, 7, 4]}),
    messy("empty rows", "a,b,c\n1,2,3\n4,5,6\n,,\n,,\n", {"a": [1, 4], "b": [2, 5], "c": [3, 6]},
          "2 empty rows at the end are left out"),
    messy(
        "a note in the cells",
        "a,b,c\n1,2,3\n4,5,6\n7,8,9\n* without the islands,,\n",
        {"a": [1, 4, 7], "b": [2, 5, 8], "c": [3, 6, 9]},
        "the last row, '* without the islands', is a note and is left out",
    ),
]  # fmt: skip

CUT = [
    messy("semicolons", "a;b\n1;2\n3;4\n", {"a": [1, 3], "b": [2, 4]}),
    messy("tabs", "a\tb\n1\tx y\n3\tz\n", {"a": [1, 3], "b": ["x y", "z"]}, file="t.txt"),
    messy("pipes", "a|b\n1|2\n3|4\n", {"a": [1, 3], "b": [2, 4]}),
    messy(
        "blanks, any number of them",
        "x   z   y\n1.5  2     yes\n12.5   3 no\n-1 4 yes\n",
        {"x": [1.5, 12.5, -1.0], "z": [2, 3, 4], "y": ["yes", "no", "yes"]},
        file="t.txt",
    ),
    messy(
        "blanks and decimal commas",
        "x z\n1,5 2,5\n12,5   3,5\n2,5 4,5\n",
        {"x": ["1,5", "12,5", "2,5"], "z": ["2,5", "3,5", "4,5"]},
        file="t.txt",
    ),
    messy(
        "columns of a page",
        "name      city        age\nBob       New York     12\nAnn       Bern          7\n"
        "Cy        Rio         9\nDan Lee   San Juan     33\n",
        {"name": ["Bob", "Ann", "Cy", "Dan Lee"], "city": ["New York", "Bern", "Rio", "San Juan"],
         "age": [12, 7, 9, 33]},
        file="t.txt",
    ),
    messy("what Excel writes", "sep=;\na;b\n1,5;x\n2,5;y\n", {"a": ["1,5", "2,5"], "b": ["x", "y"]}),
    messy("line ends of every kind", "a,b\r\n1,2\n3,4\r5,6\r\n", {"a": [1, 3, 5], "b": [2, 4, 6]}),
    messy("line ends of old systems", "a,b\r1,2\r3,4\r", {"a": [1, 3], "b": [2, 4]}),
    messy(
        "quoted delimiters, quotes and line ends",
        'a,b\n"x, y",1\n"say ""hi""",2\n"two\nlines",3\n',
        {"a": ["x, y", 'say "hi"', "two\nlines"], "b": [1, 2, 3]},
    ),
    messy("quotes in the middle", 'a,b\n5" pipe,1\nthe "big" one,2\n',
          {"a": ['5" pipe', 'the "big" one'], "b": [1, 2]}),
    messy(
        "a quote that is not closed",
        'a,b,c\n"pipe,1,x\nrod,2,y\nbar,3,z\nnut,4,z\n',
        {"a": ['"pipe', "rod", "bar", "nut"], "b": [1, 2, 3, 4], "c": ["x", "y", "z", "z"]},
        "a quotation mark is not closed: they all are taken for signs like others",
    ),
    messy(
        "quotes behind a backslash",
        'a,b\n"say \\"hi\\", you",1\n"x",2\n"y",3\n',
        {"a": ['say "hi", you', "x", "y"], "b": [1, 2, 3]},
        "\\ before a quotation mark makes it one of the text",
    ),
    messy(
        "single quotes",
        "a,b\n'x, y',1\n'z',2\n'it''s',3\n",
        {"a": ["x, y", "z", "it's"], "b": [1, 2, 3]},
        "' is taken for the quotation mark",
    ),
    messy("apostrophes", "a,b\nit's,1\n'tis,2\n", {"a": ["it's", "'tis"], "b": [1, 2]}),
    messy("a delimiter that is named", "a b\n1 2\n3 4\n", {"a": [1, 3], "b": [2, 4]},
          delimiter="space"),
    messy("a delimiter at every end", "a,b,\n1,2,\n3,4,\n", {"a": [1, 3], "b": [2, 4]},
          "every row ends with a delimiter: the empty last column is left out"),
    messy("a delimiter at the end of the data", "a,b\n1,2,\n3,4,\n", {"a": [1, 3], "b": [2, 4]},
          "every row ends with a delimiter: the empty last column is left out"),
    messy("empty fields too many", "a,b\n1,2\n3,4,,\n5,6,\n", {"a": [1, 3, 5], "b": [2, 4, 6]},
          "in 2 rows the empty fields at the end are left out"),
]  # fmt: skip

DRAWN = [
    messy(
        "Markdown",
        "| name | x |\n|:-----|--:|\n| A | 1 |\n| B | 2 |\n",
        {"name": [" A ", " B "], "x": [1, 2]},
        "every row begins and ends with a delimiter: the empty first and last columns are left out",
    ),
    messy(
        "what a database prints",
        "+----+------+\n| id | name |\n+----+------+\n|  1 | A    |\n|  2 | B    |\n+----+------+\n"
        "2 rows in set (0.00 sec)\n",
        {"id": [1, 2], "name": [" A    ", " B    "]},
        "every row begins and ends with a delimiter: the empty first and last columns are left out",
        "the last line, '2 rows in set (0.00 sec)', has one field and is left out",
        file="t.txt",
    ),
    messy(
        "a line below the names",
        "name       x     y\n---------- ----- -----\nA B        1     2\nC          3     4\n"
        "D E        5     6\nF          7     8\n",
        {"name": ["A B", "C", "D E", "F"], "x": [1, 3, 5, 7], "y": [2, 4, 6, 8]},
        file="t.txt",
    ),
    messy("dashes for missing values", "a;b\n-----;1\nx;-----\ny;2\n",
          {"a": ["-----", "x", "y"], "b": ["1", "-----", "2"]}),
    messy(
        "the names again",
        "a,b\n1,2\na,b\n3,4\n\ufeffa,b\n5,6\n",
        {"a": [1, 3, 5], "b": [2, 4, 6]},
        "2 rows between the others repeat the names of the columns: left out",
    ),
    messy(
        "blanks before quotation marks",
        'a, b, c\n1, "x, y", 2\n3, "z", 4\n',
        {"a": [1, 3], "b": ["x, y", "z"], "c": [2, 4]},
    ),
    messy("carets", "a^b\n1^x\n2^y\n", {"a": [1, 2], "b": ["x", "y"]}),
    messy("the delimiter of Hive", "a\x01b\n1\x01x\n2\x01y\n", {"a": [1, 2], "b": ["x", "y"]}),
    messy("tabs and blanks", "x\t y\t z\n1\t 2   3\n4\t 5   6\n",
          {"x": [1, 4], "y": [2, 5], "z": [3, 6]}, file="t.txt"),
]  # fmt: skip

NAMES = [
    messy(
        "groups above the names",
        "city,Sales,,Costs,\n,Q1,Q2,Q1,Q2\nBern,1,2,3,4\nBasel,5,6,7,8\nGenf,9,1,2,3\n",
        {"city": ["Bern", "Basel", "Genf"], "Sales Q1": [1, 5, 9], "Sales Q2": [2, 6, 1],
         "Costs Q1": [3, 7, 2], "Costs Q2": [4, 8, 3]},
        "two rows of names are joined: 'city', 'Sales Q1', 'Sales Q2' and 2 more",
    ),
    messy(
        "groups that repeat",
        "in,in,out\na,b,a\n1,2,3\n4,5,6\n7,8,9\n",
        {"in a": [1, 4, 7], "in b": [2, 5, 8], "out a": [3, 6, 9]},
        "two rows of names are joined: 'in a', 'in b', 'out a'",
    ),
    messy(
        "groups above names that are different",
        "in,in,out\na,b,c\n1,2,3\n4,5,6\n7,8,9\n",
        {"a": [1, 4, 7], "b": [2, 5, 8], "c": [3, 6, 9]},
        "the header row above the names groups them ('in', 'in', 'out') and is left out",
    ),
    messy(
        "units below the names",
        "length,mass,kind\ncm,kg,\n1.5,2,a\n2.5,3,b\n3.5,3,a\n",
        {"length": [1.5, 2.5, 3.5], "mass": [2, 3, 3], "kind": ["a", "b", "a"]},
        "the row below the names holds units ('cm', 'kg') and is left out",
    ),
    messy(
        "units in brackets",
        "t;v\n[s];[m/s]\n1;2\n2;3\n3;4\n",
        {"t": [1, 2, 3], "v": [2, 3, 4]},
        "the row below the names holds units ('[s]', '[m/s]') and is left out",
    ),
    messy("no names", "1,x\n2,y\n", {"c1": [1, 2], "c2": ["x", "y"]}),
    messy("names that are said to be none", "a,b\nc,d\n", {"c1": ["a", "c"], "c2": ["b", "d"]},
          header=False),
    messy("years for names", "land,2019,2020\nA,1.5,2\nB,3,4\n",
          {"land": ["A", "B"], "2019": [1.5, 3.0], "2020": [2, 4]}),
    messy("an index", ",a\n0,x\n1,y\n2,z\n", {"a": ["x", "y", "z"]},
          "the first column has no name and counts the rows: it is left out"),
    messy("an index that pandas named", "Unnamed: 0,a\n7,x\n3,y\n", {"a": ["x", "y"]},
          "the first column has no name and counts the rows: it is left out"),
    messy(
        "names of rows without a name over them",
        '"mpg","cyl"\n"Mazda",21,6\n"Datsun",22,4\n"Fiat",30,4\n',
        {"c1": ["Mazda", "Datsun", "Fiat"], "mpg": [21, 22, 30], "cyl": [6, 4, 4]},
        "columns without a name are called 'c1'",
    ),
    messy("a name twice", "a,b,a\n1,2,3\n4,5,6\n", {"a": [1, 4], "b": [2, 5], "a_2": [3, 6]},
          "columns with the name of another are called 'a_2'"),
    messy("an empty name", "a,,b\n1,2,3\n4,5,6\n", {"a": [1, 4], "c2": [2, 5], "b": [3, 6]},
          "columns without a name are called 'c2'"),
    messy("blanks and signs that cannot be seen", "\u00a0a\u00a0b ,\u200bc\ufeff\n1,2\n3,4\n",
          {"a b": [1, 3], "c": [2, 4]}),
]  # fmt: skip

CELLS = [
    messy("codes", "zip,x\n00501,1\n01010,2\n94110,3\n",
          {"zip": ["00501", "01010", "94110"], "x": [1, 2, 3]}),
    messy("codes in quotes", 'zip,x,zero\n"0501",1,0\n"9411",2,0\n',
          {"zip": ["0501", "9411"], "x": [1, 2], "zero": [0, 0]}),
    messy("points beside decimal commas", "a;b\n1,5;1.000\n2,5;2.500\n",
          {"a": ["1,5", "2,5"], "b": ["1.000", "2.500"]}),
    messy("whole numbers of 19 digits", "n,x\n4611686018427387905,0.5\n4611686018427387907,inf\n",
          {"n": [4611686018427387905, 4611686018427387907], "x": [0.5, float("inf")]}),
    messy("dates", "d,t\n2024-01-01,10:00\n2024-01-02,08:30\n",
          {"d": ["2024-01-01", "2024-01-02"], "t": ["10:00", "08:30"]}),
]  # fmt: skip

PACKED = [
    messy("gzip", gzip.compress(PLAIN_TEXT.encode()), PLAIN, file="t.csv.gz"),
    messy("gzip under another name", gzip.compress(PLAIN_TEXT.encode()), PLAIN),
    messy("gzip twice in a row", gzip.compress(b"a,b\n1,2.5\n3,4\n") + gzip.compress(b"5,6\n"), PLAIN),
    messy("bzip2", bz2.compress(PLAIN_TEXT.encode()), PLAIN, file="t.csv.bz2"),
    messy("xz", lzma.compress(PLAIN_TEXT.encode()), PLAIN, file="t.xz"),
    messy("Zstandard", zstandard(PLAIN_TEXT.encode()), PLAIN, file="t.csv.zst"),
    messy("ZIP", zipped({"__MACOSX/._x": b"?", "x/data.csv": PLAIN_TEXT.encode()}), PLAIN, file="t.zip"),
    messy("ZIP of Windows-1252", zipped({"data.txt": CITIES_TEXT.encode("cp1252")}), CITIES,
          said("Windows-1252"), file="t.csv.zip"),
    messy("records on lines", '{"a": 1, "b": "x"}\n{"a": 2.5, "c": true}\n',
          {"a": [1.0, 2.5], "b": ["x", None], "c": [None, True]}, file="t.jsonl"),
    messy("records in an array", '[{"a": 1, "b": "x"}, {"a": "?", "b": "y"}]',
          {"a": ["1", "?"], "b": ["x", "y"]}, file="t.json"),
    messy("records in Windows-1252", '{"s": "Zürich"}\n{"s": "Köln"}\n'.encode("cp1252"),
          {"s": ["Zürich", "Köln"]}, said("Windows-1252"), file="t.jsonl"),
    messy("records packed", gzip.compress(b'{"a": 1}\n{"a": 2}\n'), {"a": [1, 2]}, file="t.json.gz"),
]  # fmt: skip

MESSY = [*ENCODINGS, *BEFORE, *FOOT, *CUT, *DRAWN, *NAMES, *CELLS, *PACKED]
