"""Any table, written in any dialect, is read back; damaged files are read or refused in one line."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainrule.data import iterate_batches, read_table
from chainrule.errors import DataError
from data.text.messy import zipped, zstandard

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": lambda content: content,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard,
    ".zip": lambda content: zipped({"inner.csv": content}),
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252")
# Words as a table has them: letters, among them some beyond ASCII, with every sign that must be quoted.
WORDS = st.text("abcdeäöüéß .,;|\t\"'-_/()&\n", min_size=2, max_size=12).map(
    lambda text: f"w{text.strip()}q"
)
ROWS = st.lists(
    st.tuples(WORDS, st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6).map(lambda x: x + 0.5)),
    min_size=4,
    max_size=12,
)
DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t|"),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
        "lineterminator": st.sampled_from(["\n", "\r\n"]),
    }
)
AROUND = st.fixed_dictionaries(
    {
        "before": st.sampled_from(["", "Report of the year\n\n", "# made by a program\n"]),
        "after": st.sampled_from(["", "\n\n", "Source: the office\n"]),
    }
)
QUIET = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def text_of(rows: list[tuple[Any, ...]], dialect: dict[str, Any], around: dict[str, str]) -> str:
    sink = io.StringIO(newline="")
    write = csv.writer(sink, **dialect)
    write.writerow(["label", "count", "size"])
    write.writerows(rows)
    end = dialect["lineterminator"]
    return (
        around["before"].replace("\n", end) + sink.getvalue() + around["after"].replace("\n", end)
    )


@QUIET
@given(
    rows=ROWS,
    dialect=DIALECTS,
    around=AROUND,
    encoding=st.sampled_from(ENCODINGS),
    packing=st.sampled_from(sorted(PACKED)),
)
def test_a_table_is_read_as_it_was_written(
    tmp_path: Path,
    rows: list[tuple[Any, ...]],
    dialect: dict[str, Any],
    around: dict[str, str],
    encoding: str,
    packing: str,
) -> None:
    path = tmp_path / f"t.csv{packing}"
    content = text_of(rows, dialect, around).encode(encoding)
    path.write_bytes(PACKED[packing](content))
    said = {"encoding": encoding} if encoding == "cp1252" else {}
    table = read_table(path, **said)
    assert table.column_names == ["label", "count", "size"]
    assert table["label"].to_pylist() == [row[0] for row in rows]
    assert [int(count) for count in table["count"].to_pylist()] == [row[1] for row in rows]
    assert [float(size) for size in table["size"].to_pylist()] == [row[2] for row in rows]
    batches = pa.Table.from_batches(list(iterate_batches(path, rows=3, **said)))
    assert batches["label"].to_pylist() == table["label"].to_pylist()


PIECES = st.sampled_from(
    [b'"', b"\n", b"\r", b",", b";", b"\0", b"\xff", b"\xef\xbb\xbf", b"#", b"|", b"---", b"'", b"\\",
     b"\x1a", b"a" * 300, b"\n" * 50, b'"' * 51, b"9" * 40, b"label,count,size\n"]
)  # fmt: skip


@QUIET
@given(
    rows=ROWS,
    dialect=DIALECTS,
    around=AROUND,
    damages=st.lists(
        st.tuples(st.floats(0, 1), PIECES, st.integers(0, 40)), min_size=1, max_size=4
    ),
)
def test_a_damaged_table_is_read_or_refused_in_one_line(
    tmp_path: Path,
    rows: list[tuple[Any, ...]],
    dialect: dict[str, Any],
    around: dict[str, str],
    damages: list[tuple[float, bytes, int]],
) -> None:
    content = text_of(rows, dialect, around).encode()
    for where, piece, length in damages:
        place = int(where * len(content))
        content = content[:place] + piece + content[place + length :]
    path = tmp_path / "t.csv"
    path.write_bytes(content or b" ")
    tables = []
    for read in (read_table, lambda path: pa.Table.from_batches(list(iterate_batches(path)))):
        try:
            tables.append(read(path))
        except DataError as error:
            tables.append(str(error))
    one, other = tables
    if isinstance(one, str):
        assert one == other
        assert "\n" not in one
    else:
        assert one.column_names == other.column_names
        assert one.num_rows == other.num_rows > 0
