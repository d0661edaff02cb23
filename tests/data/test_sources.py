"""Reading tables of every kind, at once and in batches."""

from __future__ import annotations

import gzip
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainrule.data import column_names, iterate_batches, read_table
from chainrule.data.columns import to_numeric
from chainrule.errors import DataError, ParameterError

TABLE = pa.table({"n": [1, 2, 3], "x": [0.5, None, -1.5], "s": ["a", "b", None]})


def written(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def save(table: pa.Table, path: Path) -> Path:
    if path.suffix == ".parquet":
        pa.parquet.write_table(table, path)
    elif path.suffix == ".feather":
        pa.feather.write_feather(table, path)
    elif path.suffix == ".arrow":
        with pa.ipc.new_stream(path, table.schema) as writer:
            writer.write_table(table)
    else:
        pa.csv.write_csv(table, path)
    return path


def streamed(source: object, **options: Any) -> pa.Table:
    return pa.Table.from_batches(list(iterate_batches(source, **options)))


def message(source: object, **options: Any) -> str:
    """Return the one line with which both ways of reading refuse a source."""
    texts = []
    for read in (read_table, streamed):
        with pytest.raises(DataError) as error:
            read(source, **options)
        texts.append(str(error.value))
    assert texts[0] == texts[1]
    assert "\n" not in texts[0]
    if isinstance(source, Path):
        assert source.name in texts[0]
    return texts[0]


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".feather", ".arrow"])
def test_file_formats_agree(tmp_path: Path, ending: str) -> None:
    path = save(TABLE, tmp_path / f"t{ending}")
    assert read_table(path).to_pydict() == TABLE.to_pydict()
    assert read_table(str(path), columns=["s", "n"]).to_pydict() == (
        TABLE.select(["s", "n"]).to_pydict()
    )
    assert column_names(path) == ["n", "x", "s"]
    assert streamed(path, columns=["x", "s"]).column_names == ["x", "s"]


@pytest.mark.parametrize("ending", [".parquet", ".feather", ".arrow"])
def test_binary_files_are_known_by_their_first_bytes(tmp_path: Path, ending: str) -> None:
    path = save(TABLE, tmp_path / f"t{ending}").rename(tmp_path / "unnamed")
    assert read_table(path).equals(TABLE)


def test_data_frames() -> None:
    expected = TABLE.to_pydict()
    index = [7, 8, 9]  # an index is no column
    frame = pd.DataFrame({"n": [1, 2, 3], "x": [0.5, None, -1.5], "s": ["a", "b", None]}, index)
    polars = pl.from_arrow(TABLE)
    assert isinstance(polars, pl.DataFrame)
    for source in (frame, polars, polars.lazy(), TABLE, TABLE.to_batches()[0]):
        assert read_table(source).to_pydict() == expected
        assert streamed(source, columns=["s", "n"]).column_names == ["s", "n"]
        assert column_names(source) == ["n", "x", "s"]


def test_data_frame_with_integers_beyond_64_bits() -> None:
    assert read_table(pd.DataFrame({"n": [10**30, 1]})).to_pydict() == {"n": [1e30, 1.0]}


def test_npz(tmp_path: Path) -> None:
    path = tmp_path / "t.npz"
    days = np.array(["2020-01-01", "NaT"], "M8[D]")
    np.savez(path, x=np.array([[1, 2], [3, 4]], ">i4"), s=np.array(["a", "b"]), d=days)
    table = read_table(path)
    assert table.column_names == ["x_0", "x_1", "s", "d"]
    assert table.column("x_1").to_pylist() == [2, 4]
    assert table.column("d").null_count == 1
    assert streamed(path, rows=1, columns=["s"]).to_pydict() == {"s": ["a", "b"]}


class Bomb:
    """An object whose unpickling is noticed."""

    exploded = False

    def __reduce__(self) -> tuple[Any, ...]:
        return (setattr, (Bomb, "exploded", True))


def test_pickled_objects_are_refused_and_not_executed(tmp_path: Path) -> None:
    path = tmp_path / "t.npz"
    with zipfile.ZipFile(path, "w") as archive, archive.open("x.npy", "w") as member:
        np.lib.format.write_array(member, np.array([Bomb()], dtype=object), allow_pickle=True)
    assert "pickled objects" in message(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", pickle.dumps(Bomb()))
    message(path)
    assert not Bomb.exploded


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": np.ones(2), "y": np.ones(3)}, "same number"),
        ({"x": np.ones((2, 2, 2))}, r"\(2, 2, 2\)"),
        ({"x": np.array(1.0)}, r"\(\)"),
        ({"x": np.ones(2, complex)}, "complex128"),
        ({"x_0": np.ones(2), "x": np.ones((2, 1))}, "several columns"),
        ({"x": np.ones(0)}, "no rows"),
        ({}, "no array"),
    ],
)
def test_npz_that_is_no_table(tmp_path: Path, arrays: dict[str, Any], words: str) -> None:
    path = tmp_path / "t.npz"
    np.savez(path, **arrays)
    with pytest.raises(DataError, match=words):
        read_table(path)
    message(path)


def test_missing_cells_and_infinities(tmp_path: Path) -> None:
    words = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?"]
    rows = [f'"{word}",{word},1' for word in words] + ["x,1.5,1", "y,inf,1", "z,-Infinity,2"]
    table = read_table(written(tmp_path, "t.csv", "s,x,n\n" + "\n".join(rows)))
    assert table.column("s").to_pylist() == [None] * 9 + ["x", "y", "z"]
    assert table.column("x").to_pylist() == [None] * 9 + [1.5, np.inf, -np.inf]


def test_whole_numbers_beyond_64_bits_keep_their_digits(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", "n,x\n99999999999999999999999,1e23\n3,0.5\n")
    table = read_table(path)
    assert table.column("n").to_pylist() == ["99999999999999999999999", "3"]
    assert table.column("x").to_pylist() == [1e23, 0.5]
    for part in (table, streamed(path)):
        np.testing.assert_array_equal(to_numeric(part.column("n"), "n"), [1e23, 3.0])


def test_text_that_first_appears_after_megabytes(tmp_path: Path) -> None:
    rows = 3_500_000  # beyond the first block of 16 MB
    path = written(tmp_path, "t.csv", b"a,b\n" + b"1,22\n" * rows + b"1,x\n")
    table = read_table(path)
    assert table.schema.types == [pa.int64(), pa.string()]
    assert table.column("b")[rows].as_py() == "x"
    assert table.column("b")[0].as_py() == "22"
    last = None
    for batch in iterate_batches(path):
        last = batch
        assert batch.num_rows <= 65536
        assert batch.nbytes < 2_000_000
    assert last is not None
    assert last.column("b")[-1].as_py() == "x"


def test_dates_stay_as_written(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", "n,d,t\n1,2020-01-01T10:00,10:00\n2,2020-01-02T11:00,11:30\n")
    table = read_table(path)
    assert table.column_names == ["n", "d", "t"]
    assert table.column("d").to_pylist() == ["2020-01-01T10:00", "2020-01-02T11:00"]
    assert table.select(["d", "t"]).equals(streamed(path, columns=["d", "t"]))


def test_quotes_newlines_crlf_bom_and_encoding(tmp_path: Path) -> None:
    text = '\ufeff"a\n1";b\r\n"x\r\ny;";"say ""hé"""\r\nz;w\r\n'
    expected = {"a\n1": ["x\r\ny;", "z"], "b": ['say "hé"', "w"]}
    path = written(tmp_path, "t.csv", text)
    assert read_table(path).to_pydict() == streamed(path).to_pydict() == expected
    for encoding in ("latin-1", "utf-16"):
        path = written(tmp_path, "t.csv", text.lstrip("\ufeff").encode(encoding))
        assert read_table(path, encoding=encoding).to_pydict() == expected
        assert streamed(path, encoding=encoding).to_pydict() == expected


def test_compressed_text(tmp_path: Path) -> None:
    data = gzip.compress(b"a,b\n" + b"1,2\n" * 2000)
    assert read_table(written(tmp_path, "t.csv.gz", data)).num_rows == 2000
    assert streamed(written(tmp_path, "t.tsv.gz", gzip.compress(b"a\tb\n1\t2\n"))).num_rows == 1
    assert "complete" in message(written(tmp_path, "t.csv.gz", data[:-15]))


@pytest.mark.parametrize(("row", "found"), [("3", 1), ("3,4,5", 3)])
def test_ragged_row_is_named(tmp_path: Path, row: str, found: int) -> None:
    text = f'a,b\n1,2\n\n"x\ny",2\n{row}\n5,6\n'
    told = message(written(tmp_path, "t.csv", text))
    assert "row 3" in told
    assert f"2 fields are expected, {found} found" in told


def test_ragged_and_undecodable_rows_after_megabytes(tmp_path: Path) -> None:
    start = b"a,b\n" + b"11,22\n" * 400_000
    assert "row 400001: 2 fields" in message(written(tmp_path, "t.csv", start + b"1\n"))
    path = written(tmp_path, "t.csv", start + b"1,\xe9\n")
    told = message(path, encoding="utf-8")
    assert "line 400002: not text in UTF-8" in told
    assert "leave --encoding out" in told
    notes: list[str] = []
    assert read_table(path, notes=notes).column("b")[-1].as_py() == "é"
    assert notes == [
        "t.csv: from line 400,002 on read as Windows-1252 (not UTF-8; --encoding says otherwise)"
    ]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.csv", b"", "empty"),
        ("t.parquet", b"", "empty"),
        ("t.parquet", b"PAR1 and so on", "Parquet"),
        ("t.parquet", b"a,b\n1,2\n", "Parquet"),
        ("t.feather", b"ARROW1\0\0 and so on", "Arrow"),
        ("t.arrow", b"\xff\xff\xff\xff\x10\0\0\0", "Arrow"),
        ("t.npz", b"PK\3\4 and so on", "NPZ"),
        ("t.xyz", b"a,b\n1,2\n", "known are .csv"),
        ("t", b"a,b\n1,2\n", "known are .csv"),
    ],
)
def test_broken_files(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    assert words in message(written(tmp_path, name, content))


def test_what_is_no_file(tmp_path: Path) -> None:
    assert "no such file" in message(tmp_path / "t.csv")
    assert "directory" in message(tmp_path)
    with pytest.raises(DataError, match="t\\.csv"):
        iterate_batches(tmp_path / "t.csv")  # at once, not with the first batch
    for source in (5, None, np.zeros((2, 2)), pd.Series([1])):
        assert "cannot be made of" in message(source)


def test_tables_without_rows_or_with_one_name_twice(tmp_path: Path) -> None:
    for ending in (".parquet", ".feather", ".arrow"):
        assert "no rows" in message(save(TABLE.slice(0, 0), tmp_path / f"t{ending}"))
        twice = pa.Table.from_arrays([TABLE["n"], TABLE["x"]], names=["a", "a"])
        assert "called 'a'" in message(save(twice, tmp_path / f"u{ending}"))
    assert "no rows" in message(pd.DataFrame({"a": []}))
    assert "mixes types" in message(pd.DataFrame({"a": [1, "x", [2]]}))


def test_unknown_column_and_batch_size(tmp_path: Path) -> None:
    path = save(TABLE, tmp_path / "t.csv")
    for read in (read_table, iterate_batches):
        with pytest.raises(ParameterError, match="did you mean 'xylo'"):
            read(TABLE.rename_columns(["n", "xylo", "s"]), columns=["xylos"])
        with pytest.raises(ParameterError, match="unknown column"):
            read(path, columns=["q"])
    with pytest.raises(ParameterError, match="at least one row"):
        iterate_batches(path, rows=0)


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".feather", ".arrow"])
def test_batches_keep_the_order_of_the_rows(tmp_path: Path, ending: str) -> None:
    path = save(pa.table({"n": range(1000)}), tmp_path / f"t{ending}")
    batches = list(iterate_batches(path, rows=300))
    assert max(batch.num_rows for batch in batches) <= 300
    assert [int(n.as_py()) for batch in batches for n in batch.column(0)] == list(range(1000))


MAGIC = st.sampled_from(
    [b"", b"a,b\n1,2\n", b"PAR1", b"ARROW1\0\0", b"\xff\xff\xff\xff", b"PK\3\4"]
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(start=MAGIC, noise=st.binary(max_size=200), end=MAGIC)
def test_noise_is_a_data_error_or_a_table(
    tmp_path: Path, start: bytes, noise: bytes, end: bytes
) -> None:
    for name in ("t.csv", "t.csv.gz", "t.parquet", "t.feather", "t.npz", "t"):
        path = written(tmp_path, name, start + noise + end)
        for read in (read_table, streamed):
            try:
                assert read(path).num_rows > 0
            except DataError:
                continue


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), ending=st.sampled_from([".parquet", ".feather", ".arrow", ".npz"]))
def test_a_damaged_file_is_a_data_error_or_a_table(
    tmp_path: Path, data: st.DataObject, ending: str
) -> None:
    path = tmp_path / f"t{ending}"
    if ending == ".npz":
        np.savez(path, x=np.arange(6.0).reshape(3, 2), s=np.array(["a", "b", "c"]))
    else:
        save(TABLE, path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        table = read_table(path)
    except DataError:
        return
    table.validate(full=True)
