"""What is decided of many columns at once is what is decided of each."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from chainrule.data import ColumnOptions, Findings, Schema
from chainrule.data.block_decisions import decide_plain
from chainrule.data.inference import decide
from chainrule.data.profiles import Profile
from helpers.number_columns import each_alone, number_table

OPTIONS = {
    "none": ColumnOptions(),
    "strict off, missing": ColumnOptions(missing=("7", "x")),
    "declared": ColumnOptions({"day": "numeric", "bits": "categorical", "counts": "numeric"}),
}


@pytest.mark.parametrize("rows", [1, 2, 3, 20, 21, 300])
@pytest.mark.parametrize("seed", range(3))
def test_the_decision_is_that_of_each_column(rows, seed):
    table = number_table(seed, rows)
    columns = [*zip(table.column_names, table.columns, strict=True)]
    decided = decide_plain(columns, ColumnOptions())
    assert len(decided) > 5
    for place, decision in decided.items():
        assert repr(decision) == repr(decide(Profile.of(*columns[place], ColumnOptions())))


def test_more_rows_than_are_looked_at_for_classes():
    values = {"late third": np.r_[np.zeros(10_000, int), 1, 2], "late": np.arange(10_002) % 21}
    table = pa.table({name: pa.array(one) for name, one in values.items()})
    for place, decision in decide_plain(
        [*zip(table.column_names, table.columns, strict=True)], ColumnOptions()
    ).items():
        name = table.column_names[place]
        assert decision == decide(Profile.of(name, table.column(name), ColumnOptions()))


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("seed", range(2))
def test_the_schema_and_what_it_reads(options, seed, monkeypatch):
    table, other = number_table(seed, 60), number_table(seed + 10, 40)
    other = other.select(table.column_names)
    for name in ("half", "near", "counts", "bits"):
        far = pc.multiply(pc.add(other.column(name), 1), 100)
        other = other.set_column(other.column_names.index(name), name, far)

    def all_of_it():
        schema = Schema.of(table, options, "plain")
        findings = Findings()
        read = [schema.read(table), schema.read(other, findings)]
        return schema.decisions, schema.notes, read, findings.messages()

    decisions, notes, read, lines = all_of_it()
    each_alone(monkeypatch)
    expected = all_of_it()
    assert repr(decisions) == repr(expected[0])
    assert (notes, lines) == (expected[1], expected[3])
    assert len(lines) > 1
    for one, two in zip(read, expected[2], strict=True):
        assert one.schema == two.schema
        for name in one.column_names:
            assert repr(one.column(name).to_pylist()) == repr(two.column(name).to_pylist()), name
