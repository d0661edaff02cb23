"""Small files of large tables are refused before the memory is gone, whatever their format."""

import gzip
import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from chainrule.data import TableEncoder, dictionaries, iterate_batches, read_table
from chainrule.errors import DataError, InputError
from chainrule.files import bounds

MEMORY = 20_000_000


@pytest.fixture
def little_memory(monkeypatch):
    for place in (bounds, dictionaries):
        monkeypatch.setattr(place, "memory", lambda: MEMORY)


@pytest.mark.parametrize("line", [b"1,2\n", b'"a b",c\n', b"x" * 1000 + b",1\r\n"])
def test_gzip(line, tmp_path, little_memory):
    path = tmp_path / "bomb.csv.gz"
    text = b"a,b\n" + line * (60_000_000 // len(line))
    path.write_bytes(gzip.compress(text, 1))
    assert path.stat().st_size < 1_000_000
    with pytest.raises(DataError, match=r"larger than the memory|do not fit"):
        read_table(path)
    batch = next(iterate_batches(path, rows=10))  # that takes no memory
    assert batch.num_rows == 10


def test_one_line_without_an_end(tmp_path):
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"x" * 20_000_000, 1))
    with pytest.raises(DataError, match="not a table of text"):
        read_table(path)


def test_gzip_in_gzip_is_no_text(tmp_path):
    path = tmp_path / "nested.csv.gz"
    path.write_bytes(gzip.compress(gzip.compress(b"x,y\n1,2\n")))
    with pytest.raises(DataError, match="a compressed file within a compressed file"):
        read_table(path)


def repeated():
    """A long text once, and a place for it in each of many rows."""
    numbers = pa.array(np.zeros(100_000, np.int32))
    text = pa.DictionaryArray.from_arrays(numbers, pa.array(["a" * 10_000]))
    return pa.table({"text": text, "x": np.arange(100_000.0)})


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd"])
def test_a_text_of_parquet_in_every_row(compression, tmp_path, little_memory):
    path = tmp_path / "bomb.parquet"
    pa.parquet.write_table(repeated(), path, store_schema=False, compression=compression)
    assert path.stat().st_size < 2_000_000
    with pytest.raises(DataError, match=r"column 'text' holds texts of .* bytes in all"):
        read_table(path)


@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
def test_a_text_of_arrow_in_every_row(compression, tmp_path, little_memory):
    path = tmp_path / "bomb.arrow"
    options = pa.ipc.IpcWriteOptions(compression=compression)
    table = repeated()
    with pa.ipc.new_file(str(path), table.schema, options=options) as writer:
        writer.write_table(table)
    with pytest.raises(DataError, match=r"column 'text' holds texts of .* bytes in all"):
        TableEncoder().fit(read_table(path))


def test_rows_that_a_short_file_declares(tmp_path, little_memory):
    path = tmp_path / "bomb.parquet"
    numbers = pa.array(np.zeros(3_000_000))
    pa.parquet.write_table(pa.table({"x": numbers, "y": numbers}), path, compression="zstd")
    assert path.stat().st_size < 100_000
    with pytest.raises(DataError, match="3,000,000 rows of 2 columns do not fit"):
        read_table(path)


ODD = {
    "zero bytes": b"x,y\n1,2\n\0,3\n",
    "a byte order mark alone": b"\xef\xbb\xbf",
    "half a surrogate": b"x,y\n\xed\xa0\x80,1\n2,3\n",
    "a cell of ten megabytes": b"x,y\n" + b"a" * 10_000_000 + b",1\n",
    "an open quote before ten megabytes": b'x,y\n"' + b"a,1\n" * 2_500_000,
    "rows of all lengths": b"".join(b"," * k + b"1\n" for k in range(1000)),
    "a name ten thousand times": b",".join([b"x"] * 10_000)
    + b"\n"
    + b",".join([b"1"] * 10_000)
    + b"\n",
    "names of a megabyte": b"a" * 1_000_000 + b"," + b"b" * 100_000 + b"\n1,2\n",
    "line ends alone": b"\n" * 1_000_000,
    "delimiters alone": b"," * 1_000_000 + b"\n",
    "quotes alone": b'"' * 1_000_001,
    "carriage returns": b"x,y\r1,2\r3,4\r",
    "enormous whole numbers": b"x,y\n" + b"9" * 100_000 + b",1\n1,2\n",
    "numbers beyond a float": b"x,y\n1e999,1\n-1e999,2\n",
    "dates out of range": b"x,y\n99999-01-01,1\n0000-00-00,2\n-0001-12-31,3\n",
    "dates at the ends": b"x,y\n0001-01-01,1\n9999-12-31T23:59:59.999999,2\n1970-01-01,3\n",
    "control characters": b"x,y\n\x1b[31mred,1\n\x07,2\n",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_text(name, tmp_path):
    """It is read, or it is refused in one short line; what is read can be encoded or is refused too."""
    path = tmp_path / "odd.csv"
    path.write_bytes(ODD[name])
    refusal = None
    try:
        table = read_table(path)
        X = TableEncoder().fit(table).transform(table)
    except InputError as error:
        refusal = str(error)
    assert np.isfinite(X).all() if refusal is None else len(refusal) < 3000
    assert refusal is None or "\n" not in refusal


def test_text_of_parquet_that_is_none(tmp_path):
    sink = io.BytesIO()
    pa.parquet.write_table(pa.table({"s": ["Zürich", "Bern"]}), sink, use_dictionary=False)
    path = tmp_path / "table.parquet"
    path.write_bytes(sink.getvalue().replace("ü".encode(), b"\xff\xff"))
    with pytest.raises(DataError, match=r"table\.parquet"):
        read_table(path)


def test_categories_of_a_data_frame_stay_what_they_are(tmp_path):
    path = tmp_path / "table.parquet"
    table = pa.table({"code": pa.array(["1", "2"]).dictionary_encode(), "text": ["a", None]})
    large = pa.array(["x", "y"], pa.large_string())
    table = table.append_column("large", large).append_column("bytes", pa.array([b"x", None]))
    pa.parquet.write_table(table, path)
    found = read_table(path)
    assert pa.types.is_dictionary(found.schema.field("code").type)
    assert found.schema.field("text").type == pa.string()
    assert found.schema.types == table.schema.types
    assert found.to_pydict() == table.to_pydict()
