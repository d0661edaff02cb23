"""Wide tables: the work grows with the number of columns, not with its square."""

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from chainrule.data import TableEncoder, TargetCodec, read_table, sources, weights
from chainrule.errors import DataError, nearest_name
from chainrule.files import bounds
from helpers.counted import CountedName, CountedTable, at_most

WIDE = 1000  # a search through a list would compare names half a million times
EACH = 20  # comparisons of a name that hashing may need

RNG = np.random.RandomState(0)
TABLE = pa.table({f"x{place}": RNG.rand(4) for place in range(WIDE)})


def named(table=TABLE):
    return [CountedName(name) for name in table.column_names]


def test_the_count_sees_a_search_through_a_list():
    names = named()
    with pytest.raises(AssertionError), at_most(EACH * WIDE):
        assert [name for name in names if CountedName(name) not in list(names)] == []


def test_reading_names():
    with at_most(EACH * WIDE):
        sources._checked_names(None, named(), named())


@pytest.mark.parametrize("option", [None, "categorical", "numeric", "drop"])
def test_the_encoder(option):
    declared = {option: named()[: WIDE // 2]} if option else {}
    with at_most(EACH * WIDE):
        encoder = TableEncoder(**declared).fit(CountedTable(TABLE), exclude=named()[-100:])
        encoder._check_consistent()
    with at_most(EACH * WIDE):
        encoder.transform(CountedTable(TABLE))
    with at_most(EACH * WIDE):
        TableEncoder.from_dict(encoder.to_dict())


def test_the_encoder_of_another_table():
    encoder = TableEncoder().fit(TABLE)
    other = CountedTable(pa.table({f"y{place}": [1.0] for place in range(WIDE)}))
    with at_most(EACH * WIDE), pytest.raises(DataError, match=r"missing: .* and 990 more"):
        encoder.transform(other)


def test_targets_and_weights():
    table = CountedTable(TABLE)
    with at_most(EACH * WIDE):
        codec = TargetCodec.fit(table, named(), "regression")
        codec.encode(table)
        weights(table, "x7")


def test_a_name_is_compared_with_a_bounded_number_of_others():
    calls = []

    class Seen(str):
        def casefold(self):
            calls.append(self)
            return str.casefold(self)

    nearest_name("x", [Seen(f"name {place}") for place in range(100_000)])
    assert len(calls) < 110_000
    assert nearest_name("PRICE", [*map(str, range(100_000)), "price"]) == "price"
    assert nearest_name("x" * 10**6, ["x" * 10**6 + "y"]) is None


def test_a_million_columns(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"x{place}" for place in range(10**6)) + "\n")
    with pytest.raises(DataError, match="1,000,000 columns: at most 500,000"):
        read_table(path)


def test_what_does_not_fit_into_memory_is_refused_before_it_is_read(tmp_path, monkeypatch):
    csv, parquet, arrow = (tmp_path / f"table.{ending}" for ending in ("csv", "parquet", "arrow"))
    table = pa.table({"x": np.arange(20_000.0), "y": np.arange(20_000.0)})
    pa.csv.write_csv(table, csv)
    pa.parquet.write_table(table, parquet)
    with pa.OSFile(str(arrow), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, 1000)
    for path in (csv, parquet, arrow):
        assert read_table(path).num_rows == 20_000
        monkeypatch.setattr(bounds, "memory", lambda: 200_000)
        with pytest.raises(DataError, match=r"do not fit|larger than the memory") as caught:
            read_table(path)
        assert str(path) in str(caught.value)
        monkeypatch.undo()
