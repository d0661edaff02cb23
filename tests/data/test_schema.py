"""How the columns of a table are read: what is decided, said, kept and held to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from chainrule.data import (
    ColumnOptions,
    Findings,
    Schema,
    TableEncoder,
    TargetCodec,
    column_views,
    iterate_batches,
    options_of,
    read_table,
    rows_with_targets,
)
from chainrule.data.leaks import leak_line, leaks
from chainrule.data.plain import missing_count, plain_column
from chainrule.data.task import task_line
from chainrule.errors import DataError, ModelFileError, ParameterError
from data.messy import COLUMNS, SMALL, Column


def schema_of(columns: dict[str, Any], targets: Any = (), **options: Any) -> Schema:
    return Schema.of(pa.table(columns), options_of(**options), targets)


def again(schema: Schema) -> Schema:
    return Schema.from_dict(json.loads(json.dumps(schema.to_dict())))


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name or "no name")
def test_messy_columns(column: Column) -> None:
    table = pa.table({column.name: column.cells, "x": SMALL})
    schema = Schema.of(table)
    decision = next(one for one in schema.decisions if one.name == column.name)
    said = next((line for line in schema.notes if repr(column.name) in line), "")
    if column.kind == "left out":
        assert decision.left_out
    else:
        assert (decision.reading.kind, decision.left_out) == (column.kind, "")
    assert column.says in said
    assert bool(column.says) <= bool(said)
    assert sum(repr(column.name) in line for line in schema.notes) <= 1
    findings = Findings()
    read = again(schema).read(table, findings)
    values = plain_column(column.name, read.column(column.name))
    assert missing_count(values) == column.missing
    if column.first is not None:
        assert values[0].as_py() == pytest.approx(column.first)
    assert again(schema).read(read).equals(read)  # what was read stays as it is
    (view,) = column_views(table.select([column.name]), schema)
    assert view.missing == column.missing
    encoder = TableEncoder().fit(table, schema=schema)
    assert np.isfinite(encoder.transform(table)).all()


def test_a_table_is_read_alike_by_its_rows_in_any_order() -> None:
    columns = {column.name: column.cells for column in COLUMNS if column.kind != "date"}
    table = pa.table(columns)
    order = np.random.RandomState(0).permutation(table.num_rows)
    kinds = {name: one.kind for name, one in Schema.of(table).readings.items()}
    shuffled = Schema.of(table.take(pa.array(order)))
    assert {name: one.kind for name, one in shuffled.readings.items()} == kinds


def test_columns_without_a_value_are_left_out_at_once() -> None:
    empty = pa.nulls(3)
    schema = schema_of({"a": empty, "b": empty, "c": [1, 2, 3], "d": empty})
    assert schema.notes == ["columns 'a', 'b', 'd' are left out: they have no value at all"]


def test_points_between_thousands_and_before_decimals(tmp_path: Path) -> None:
    thousands = [f"{i}.{i * 37 % 1000:03}" for i in range(1, 58)]
    path = tmp_path / "t.csv"

    def first(cells: list[str], other: str, **options: Any) -> float:
        lines = [f"{cell};{other}{place}" for place, cell in enumerate(cells)]
        path.write_text("\n".join(["pay;other", *lines]))
        table = read_table(path)
        batches = pa.Table.from_batches(iterate_batches(path))
        schema = Schema.of(table, options_of(**options))
        read = schema.read(table)["pay"]
        assert schema.read(batches)["pay"].cast(pa.float64()).equals(read.cast(pa.float64()))
        return float(read[0].as_py())

    assert first([*thousands, "845", "31", "999"], "a") == 1037
    assert first([*thousands, "845", "31", "999"], "a", decimal=".") == 1.037
    assert first([*thousands, "845", "31", "999"], "0.5") == 1.037  # as the other column writes
    assert first([*thousands, "845", "31", "1000"], "a") == 1.037  # which would be 1.000
    assert first([*thousands, "845", "0.5"], "a") == 1.037
    assert first([*thousands, "2.25", "845"], "a") == 1.037
    assert first(thousands, "a") == 1.037  # where no number is below 1,000
    assert first(["1.037", "845"] * 3, "a") == 1.037  # of a few, nobody can tell


def test_what_one_column_cannot_tell_is_told_by_another() -> None:
    doubtful = ["1,234", "5,678", "2,345"]
    assert "nothing tells" in schema_of({"a": doubtful}).notes[0]
    point = schema_of({"a": doubtful, "b": ["1.5", "2.5", "$3.5"]})
    assert point.read(pa.table({"a": doubtful}))["a"].to_pylist() == [1234, 5678, 2345]
    assert not any("nothing tells" in line for line in point.notes)
    comma = schema_of({"a": doubtful, "b": ["1,5", "2,5", "3,5"]})
    assert comma.read(pa.table({"a": doubtful}))["a"].to_pylist() == [1.234, 5.678, 2.345]
    typed = schema_of({"a": doubtful, "b": [1.5, 2.5, 3.5]})
    assert not any("nothing tells" in line for line in typed.notes)
    dates = ["03/04/2024", "05/06/2024", "01/02/2024"]
    other = schema_of({"a": dates, "b": ["31/01/2024", "05/06/2024", "01/02/2024"]})
    assert other.read(pa.table({"a": dates}))["a"][0].as_py().month == 4


def test_options_decide() -> None:
    cells = {"a": ["1,234", "5,678"], "d": ["03/04/2024", "05/06/2024"], "n": [1.0, -1.0]}
    table = pa.table(cells)

    def read(**options: Any) -> dict[str, list[Any]]:
        return schema_of(cells, **options).read(table).to_pydict()

    assert read(decimal=",")["a"] == [1.234, 5.678]
    assert read(thousands=",")["a"] == [1234, 5678]
    assert read(day_first=True)["d"][0].month == 4
    assert read(day_first=False)["d"][0].month == 3
    assert read(date_format="%d/%m/%Y")["d"][0].month == 4
    assert read(missing=["-1"])["n"] == [1.0, None]
    assert read(missing=["5,678"])["a"] == [1234, None]
    assert read(kinds={"a": "category"})["a"] == cells["a"]
    assert "d" not in schema_of(cells, drop=["d"]).readings
    assert set(schema_of(cells, drop=["a,d"]).readings) == {"n"}
    with pytest.raises(DataError, match=r"in doubt: column 'a'.*--decimal .*1 more column"):
        schema_of(cells, strict=True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"decimal": ";"}, "must be . or ,"),
        ({"thousands": "-"}, "between thousands"),
        ({"decimal": ",", "thousands": ","}, "two marks"),
        ({"date_format": "%Q"}, "%Q"),
        ({"kinds": {"a": "colour"}}, "unknown kind 'colour'"),
        ({"kinds": {"a": "date"}, "numeric": ["a"]}, "both date and numeric"),
        ({"kinds": {"b": "date"}}, "unknown column 'b'"),
        ({"drop": ["a,b"]}, "unknown column 'b'"),
    ],
)
def test_odd_options(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        schema_of({"a": [1, 2]}, **options)


def test_declared_kinds_of_which_there_is_no_value() -> None:
    for kind in ("number", "date", "truth"):
        with pytest.raises(DataError, match=f"column 'a' was declared a {kind}, .* such as 'red'"):
            schema_of({"a": ["red", "blue"]}, kinds={"a": kind})
    assert schema_of({"a": [20241231, 5]}, kinds={"a": "date"}).readings["a"].kind == "date"
    assert schema_of({"a": [0, 1, 5]}, kinds={"a": "truth"}).readings["a"].kind == "boolean"


def test_what_is_new_is_missing_and_said() -> None:
    schema = schema_of(
        {"n": ["80 kg", "70 kg"], "b": ["yes", "no"], "d": ["2024-01-02", "2024-05-06"]}
    )
    findings = Findings()
    new = pa.table({"n": ["75 kg", "a lot", "3 m"], "b": ["maybe"] * 3, "d": ["soon", None, "-"]})
    read = again(schema).read(new, findings)
    assert read.to_pydict() == {"n": [75.0, None, None], "b": [None] * 3, "d": [None] * 3}
    assert findings.messages() == [
        "column 'n': 2 cells are no number as in the training rows, and missing: 'a lot' (1), "
        "'3 m' (1)",
        "column 'b': 3 cells are no truth value as in the training rows, and missing: 'maybe' (3)",
        "column 'd': 1 cell is no date as in the training rows, and missing: 'soon' (1)",
    ]


def test_inputs_far_outside_are_said_once() -> None:
    schema = again(schema_of({"age": [18, 90, 40]}))
    findings = Findings()
    for ages in ([20, 30], [4000, 50], [-300, 5000]):
        schema.read(pa.table({"age": ages}), findings)
    assert findings.messages() == [
        "column 'age': 3 rows lie far outside what the model was trained on, 18 to 90: up to 5000"
    ]


def test_a_rare_third_word_does_not_hang_on_the_split() -> None:
    flags = ["yes", "no"] * 50
    flags[9] = "unknown"
    table = pa.table({"flag": flags, "x": range(100)})
    schema = Schema.of(table)
    for rows in (range(50), range(50, 100), range(1, 100, 3)):
        encoder = TableEncoder().fit(table.take(list(rows)), schema=schema)
        assert encoder.feature_names == ["flag", "x"]
        assert np.isfinite(encoder.transform(table)).all()


# ------------------------------------------------------------------------------------------- targets


def codec_of(cells: Any, **options: Any) -> tuple[TargetCodec, Schema, pa.Table]:
    table = pa.table({"y": cells})
    schema = again(Schema.of(table, options_of(**options), "y"))
    rows, _ = rows_with_targets(schema.read(table), ["y"])
    return TargetCodec.fit(rows, "y"), schema, rows


@pytest.mark.parametrize(
    ("cells", "task", "labels"),
    [
        (["$1,200.50", "$80.00", "$95.25"], "regression", ()),
        (["1,5", "2,25", "-"], "regression", ()),
        (["yes", "no", "Yes"], "binary", ("no", "yes")),
        (["1", "2", "1"], "binary", ("1", "2")),
        (["007", "012", "007"], "binary", ("007", "012")),
        ([f"{n:03}" for n in range(30)], "multiclass", tuple(f"{n:03}" for n in range(30))),
        (["New York", "New  York", "Rome"], "binary", ("New York", "Rome")),
        ([True, False, None], "binary", (False, True)),
        ([1, 2, 3], "multiclass", (1, 2, 3)),
        ([20240101, 20240215, 20240310, 20240420, 20240530], "multiclass", None),
    ],
)
def test_targets(cells: list[Any], task: str, labels: Any) -> None:
    codec, _, _ = codec_of(cells)
    assert codec.task == task
    if labels is not None:
        assert codec.labels == labels


def test_a_kind_named_for_the_target() -> None:
    assert codec_of(list(range(30)))[0].task == "regression"
    assert codec_of(list(range(30)), kinds={"y": "category"})[0].task == "multiclass"


def test_labels_in_another_case_are_known() -> None:
    codec, schema, _ = codec_of(["yes", "no", "no"])
    read = schema.read(pa.table({"y": ["YES", " No"]}))
    np.testing.assert_array_equal(codec.encode(read), [[1], [0]])


def test_rows_without_a_target() -> None:
    table = pa.table({"y": [1.5, None, float("nan"), 2.0], "x": range(4)})
    rows, line = rows_with_targets(table, ["y"])
    assert rows["x"].to_pylist() == [0, 3]
    assert line == "2 rows are left out of 4: the target 'y' is missing there"
    assert rows_with_targets(rows, ["y"]) == (rows, "")
    with pytest.raises(DataError, match="missing in all 2 rows"):
        rows_with_targets(table.slice(1, 2), ["y"])


def test_whole_numbers_may_be_classes_or_numbers() -> None:
    def line(cells: list[Any]) -> str:
        codec, _, table = codec_of(cells)
        return task_line(table, ["y"], codec.task)

    assert line(list(range(25))) == (
        "target 'y': 25 different whole numbers, 0 to 24, are taken as numbers (--task multiclass "
        "for classes)"
    )
    assert line([1, 2, 3]).endswith("1 to 3, are taken as classes (--task regression for numbers)")
    for cells in ([0, 1], [0.5, 1.5, 2.0], ["a", "b", "c"], list(range(500))):
        assert line(cells) == ""


def test_columns_that_give_the_target_away() -> None:
    rng = np.random.RandomState(0)
    y = np.array(["no", "yes"] * 50)
    columns = {
        "noise": rng.normal(size=100),
        "x": np.where(y == "yes", 5.0, 1.0) + rng.rand(100),
        "word": np.where(y == "yes", "closed", rng.choice(["open", "new"], 100)),
        "when": pd.to_datetime(np.where(y == "yes", "2024-05-01", "2023-05-01")),
        "row": [f"u{n}" for n in range(100)],
        "y": y,
    }
    table = read_table(pd.DataFrame(columns))
    schema = Schema.of(table, None, "y")
    Y = TargetCodec.fit(table, "y").encode(table)
    names = list(columns)[:-1]
    assert leaks(table, schema, names, Y, "binary") == ["x", "word", "when"]
    assert leaks(table.slice(0, 20), schema, names, Y[:20], "binary") == []
    assert "(--drop x,word)" in leak_line(["x", "word"], "y")
    numbers = table.append_column("z", pa.array(np.exp(columns["noise"])))
    target = np.asarray(columns["noise"])[:, np.newaxis]
    found = leaks(numbers, Schema.of(numbers), ["x", "z", "word"], target, "regression")
    assert found == ["z"]
    assert leak_line(found, "y") == (
        "column 'z' alone gives the target 'y' away: if it is not known when you predict, leave it "
        "out (--drop z)"
    )


# -------------------------------------------------------------------------------------------- keeping


@pytest.mark.parametrize(
    "change",
    [
        {"missing": "x"},
        {"readings": None},
        {"readings": [{}]},
        {"more": 1},
    ],
    ids=str,
)
def test_damaged_schemas(change: dict[str, Any]) -> None:
    value = {**schema_of({"a": [1, 2]}).to_dict(), **change}
    with pytest.raises(ModelFileError, match="damaged"):
        Schema.from_dict(value)


def test_two_readings_of_one_column_are_damage() -> None:
    value = schema_of({"a": [1, 2]}).to_dict()
    value["readings"] *= 2
    with pytest.raises(ModelFileError, match="same name"):
        Schema.from_dict(value)


def test_options_are_plain_values() -> None:
    assert options_of() == ColumnOptions()
    assert options_of({"a": "number"}, categorical=["b"]).kinds == {
        "a": "numeric",
        "b": "categorical",
    }
