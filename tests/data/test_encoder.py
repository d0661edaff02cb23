"""Encoding tables as matrices of numbers."""

from __future__ import annotations

import copy
import datetime as dt
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainrule.data import DataWarning, Findings, TableEncoder, iterate_batches, read_table
from chainrule.errors import DataError, ModelFileError, ParameterError

DAYS = [dt.date(2020, 1, 1), dt.date(2020, 7, 1), None, dt.date(2021, 3, 5)]
TABLE = pa.table(
    {
        "age": [1.0, 2.0, None, 6.0],
        "size": [1, 2, 3, 4],
        "grown": [True, False, None, True],
        "color": ["red", "blue", None, "red"],
        "seen": DAYS,
        "always": ["x", "x", "x", "x"],
    }
)


def reloaded(encoder: TableEncoder) -> TableEncoder:
    return TableEncoder.from_dict(json.loads(json.dumps(encoder.to_dict())))


def test_every_kind() -> None:
    encoder = TableEncoder().fit(TABLE)
    assert encoder.columns == ["age", "size", "grown", "color", "seen"]
    assert encoder.notices == ["column 'always' is left out: it is the same in every row"]
    assert encoder.feature_names == [
        "age", "age is missing", "size", "grown", "color=red", "color is missing",
        "seen: days", "seen: time of year (sin)", "seen: time of year (cos)",
        "seen: day of week (sin)", "seen: day of week (cos)", "seen is missing",
    ]  # fmt: skip
    matrix = encoder.transform(TABLE)
    assert matrix.flags.c_contiguous
    columns = dict(zip(encoder.feature_names, matrix.T, strict=True))
    filled = np.array([1, 2, 2, 6.0])  # the median takes the place of the missing one
    np.testing.assert_allclose(columns["age"], (filled - filled.mean()) / filled.std())
    np.testing.assert_array_equal(columns["age is missing"], [0, 0, 1, 0])
    np.testing.assert_allclose(columns["size"], np.array([-3, -1, 1, 3]) / np.sqrt(5))
    np.testing.assert_array_equal(columns["grown"], [1, -1, 0, 1])
    np.testing.assert_array_equal(columns["color=red"], [1, -1, 0, 1])  # of two: blue is −1
    np.testing.assert_array_equal(columns["color is missing"], [0, 0, 1, 0])
    since = np.array([18262, 18444, 18691.0])
    np.testing.assert_allclose(
        columns["seen: days"][[0, 1, 3]], (since - since.mean()) / since.std()
    )
    wednesday = 2 * np.pi * 2 / 7
    np.testing.assert_allclose(columns["seen: day of week (sin)"][:2], np.sin(wednesday))
    np.testing.assert_allclose(
        columns["seen: time of year (cos)"][1], np.cos(2 * np.pi * 182 / 365.25)
    )
    assert not matrix[2, 6:11].any()
    np.testing.assert_array_equal(columns["seen is missing"], [0, 0, 1, 0])


def test_only_what_varies_of_a_date_is_encoded() -> None:
    hours = [dt.datetime(2020, 1, 1, hour) for hour in (1, 5, 9)]
    assert TableEncoder().fit(pa.table({"t": hours})).feature_names == [
        "t: days", "t: time of day (sin)", "t: time of day (cos)",
    ]  # fmt: skip
    weeks = [dt.date(2020, 1, 1), dt.date(2020, 1, 8)]
    assert TableEncoder().fit(pa.table({"t": weeks})).feature_names == [
        "t: days", "t: time of year (sin)", "t: time of year (cos)",
    ]  # fmt: skip


def test_a_constant_column_with_missing_values_only_says_where_they_are() -> None:
    table = pa.table({"n": [7.0, None, 7.0], "d": [DAYS[0], None, DAYS[0]]})
    encoder = reloaded(TableEncoder().fit(table))
    assert encoder.feature_names == ["n is missing", "d is missing"]
    np.testing.assert_array_equal(encoder.transform(table), [[0, 0], [1, 1], [0, 0]])


def test_identifiers_are_left_out_unless_declared() -> None:
    table = pa.table({"id": [f"u{n}" for n in range(21)], "n": range(21)})
    encoder = TableEncoder().fit(table)
    assert encoder.columns == ["n"]
    assert "--kind id=category" in encoder.notices[0]
    assert TableEncoder(categorical=["id"]).fit(table).columns == ["id", "n"]
    assert TableEncoder().fit(table.slice(0, 20)).columns == ["id", "n"]


def test_rare_categories_are_grouped() -> None:
    colors = ["red"] * 3 + ["blue"] * 2 + ["pink", "gray"]
    encoder = reloaded(TableEncoder(max_categories=3).fit(pa.table({"c": colors})))
    assert encoder.feature_names == ["c=blue", "c=gray", "c=red"]  # of equals the first by value
    assert not encoder.transform(pa.table({"c": ["pink", "teal"]})).any()  # and no warning
    (notice,) = TableEncoder(max_categories=3).fit(pa.table({"c": colors})).notices
    assert notice == (
        "column 'c': the 3 most frequent of 4 categories are told apart; the others, in 1 row, "
        "are not"
    )


def test_numbers_as_categories_are_in_the_order_of_numbers() -> None:
    encoder = TableEncoder(categorical=["n"]).fit(pa.table({"n": [10, 9, 2]}))
    assert encoder.feature_names == ["n=2", "n=9", "n=10"]
    for same in ([2, 10], [2.0, 10.0], ["2", "10.0"], ["02", "+10"]):
        np.testing.assert_array_equal(
            encoder.transform(pa.table({"n": same})), [[1, 0, 0], [0, 0, 1]]
        )
    missing = pd.DataFrame({"n": [2, None]})  # which makes 2.0 of it
    np.testing.assert_array_equal(encoder.transform(read_table(missing)), [[1, 0, 0], [0, 0, 0]])


def test_huge_values_stay_finite() -> None:
    values = np.array([1.7e308, -1.7e308, 1e308, 0.0])
    encoder = TableEncoder().fit(pa.table({"x": values}))
    matrix = encoder.transform(pa.table({"x": values}), dtype=np.float32)
    assert matrix.dtype == np.float32
    np.testing.assert_allclose(matrix.mean(), 0, atol=1e-6)
    np.testing.assert_allclose(matrix.std(), 1, rtol=1e-6)
    small = TableEncoder().fit(pa.table({"x": [1.0, 2.0]}))
    far = pa.table({"x": [1.5, 1e300]})
    with pytest.warns(DataWarning, match="far outside .*, 1 to 2: up to 1e"):
        assert np.isfinite(small.transform(far)).all()
    with pytest.raises(DataError, match=r"column 'x', row 12: 1e\+300 is too far .* float32"):
        small.transform(far, first_row=11, dtype=np.float32, findings=Findings())
    with pytest.raises(ParameterError, match="int64"):
        small.transform(far, dtype=np.int64)


@given(
    st.lists(
        st.floats(allow_nan=False, allow_infinity=False).map(lambda x: x if abs(x) > 1e-290 else 0),
        min_size=2,
        unique=True,
    )
)
def test_numeric_columns_are_standardized_whatever_their_size(values: list[float]) -> None:
    matrix = TableEncoder(numeric=["x"]).fit(pa.table({"x": values})).transform(
        pa.table({"x": values})
    )  # fmt: skip
    assert np.isfinite(matrix).all()
    np.testing.assert_allclose(matrix.std(), 1, rtol=1e-3)


def test_order_type_and_missing_cells_at_prediction_are_free() -> None:
    encoder = TableEncoder().fit(TABLE)
    expected = encoder.transform(TABLE)
    text = {name: [str(v) if v is not None else "NA" for v in TABLE[name].to_pylist()]
            for name in reversed(TABLE.column_names)}  # fmt: skip
    np.testing.assert_array_equal(encoder.transform(pa.table(text)), expected)
    np.testing.assert_array_equal(encoder.transform(TABLE.to_batches()[0]), expected)
    nothing = pa.table({name: pa.nulls(1) for name in TABLE.column_names})
    assert np.isfinite(encoder.transform(nothing)).all()


def test_missing_columns_are_all_named_with_hints() -> None:
    encoder = TableEncoder().fit(TABLE)
    given = TABLE.rename_columns(["Age", "sise", "grown", "color", "seen", "always"])
    with pytest.raises(DataError, match=r"'age' \(is it 'Age'\?\), 'size' \(is it 'sise'\?\)"):
        encoder.transform(given)


def test_cells_that_cannot_be_read_are_missing_and_said() -> None:
    encoder = reloaded(TableEncoder().fit(TABLE))
    empty = {name: TABLE.set_column(TABLE.column_names.index(name), name, pa.nulls(4))
             for name in ("age", "grown", "seen")}  # fmt: skip
    bad = {"age": ("old", "number"), "grown": ("perhaps", "truth value"), "seen": ("soon", "date")}
    for name, (cell, noun) in bad.items():
        place = TABLE.column_names.index(name)
        table = TABLE.set_column(place, name, pa.array([None, cell, "-", cell]))
        with pytest.warns(
            DataWarning, match=rf"'{name}': 2 cells are no {noun} .*: '{cell}' \(2\)$"
        ):
            matrix = encoder.transform(table, first_row=101)
        np.testing.assert_array_equal(matrix, encoder.transform(empty[name]))


def test_extra_columns_and_unseen_categories_warn() -> None:
    encoder = TableEncoder(drop=["size"]).fit(TABLE, exclude=["grown"])
    assert encoder.columns == ["age", "color", "seen"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encoder.transform(TABLE)  # what was there in training is not extra
        reloaded(encoder).transform(TABLE)
    with pytest.warns(DataWarning, match="ignored: 'new', 'more'"):
        encoder.transform(
            TABLE.append_column("new", TABLE["age"]).append_column("more", TABLE["age"])
        )
    colors = pa.table(
        {**TABLE.select(["age", "seen"]).to_pydict(), "color": ["tan", "tan", "sky", "red"]}
    )
    with pytest.warns(DataWarning, match=r"'color': 3 rows .*: 'tan' \(2\), 'sky' \(1\)$"):
        matrix = encoder.transform(colors)
    assert not matrix[:3, 2:4].any()
    assert matrix[3, 2] == 1


def test_a_stream_warns_once() -> None:
    encoder = TableEncoder().fit(pa.table({"c": ["a", "b"]}))
    findings = Findings()
    for batch in iterate_batches(pa.table({"c": list("acdefcgc"), "extra": range(8)}), rows=2):
        encoder.transform(batch, findings=findings)
    with pytest.warns(DataWarning) as caught:
        findings.warn()
    assert [str(warning.message) for warning in caught] == [
        "columns that the model does not use are ignored: 'extra'",
        "column 'c': 7 rows have categories that the training rows do not have, which count as no "
        "category: 'c' (3), 'd' (1), 'e' (1), …",
    ]
    assert caught[0].filename == __file__
    assert findings.messages() == []


def test_names_that_are_no_columns() -> None:
    for option in ("categorical", "numeric", "drop"):
        with pytest.raises(ParameterError, match="unknown column 'colour': did you mean 'color'"):
            TableEncoder(**{option: ["colour"]}).fit(TABLE)
    with pytest.raises(ParameterError, match="unknown column 'q'"):
        TableEncoder().fit(TABLE, exclude=["q"])
    with pytest.raises(ParameterError, match="both"):
        TableEncoder(categorical=["age"], numeric=["age"]).fit(TABLE)
    with pytest.raises(ParameterError, match="max_categories"):
        TableEncoder(max_categories=0).fit(TABLE)
    with pytest.raises(ParameterError, match="call fit"):
        TableEncoder().transform(TABLE)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pa.table({"a": pa.nulls(3)}), "'a' is left out: it has no value at all"),
        (pa.table({"a": [1, 1]}), "no column is left .*same in every row"),
        (pa.table({"a": pa.array([], pa.int64())}), "no rows"),
        (pa.table({"a": ["a", "b"]}).slice(0, 1), "same in every row"),
        (pa.Table.from_arrays([TABLE["age"]] * 2, names=["a", "a"]), "called 'a'"),
    ],
)
def test_tables_that_cannot_be_learned_from(table: pa.Table, words: str) -> None:
    with pytest.raises(DataError, match=words):
        TableEncoder().fit(table)


CELLS = {
    "n": st.integers(-(2**53), 2**53) | st.none(),
    "x": st.floats(-1e9, 1e9).map(lambda x: round(x, 3)) | st.none(),
    "b": st.booleans() | st.none(),
    "s": st.sampled_from(["red", "dark blue", 'q"uo,te', "é\nü"]) | st.none(),
    "k": st.sampled_from([1, 2, 30]) | st.none(),
    "d": st.dates(dt.date(1950, 1, 1), dt.date(2050, 1, 1)) | st.none(),
}
FIRST = {"n": 1, "x": 0.5, "b": True, "s": "red", "k": 2, "d": dt.date(2000, 1, 1)}


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.fixed_dictionaries(CELLS), min_size=2, max_size=12))
def test_all_sources_give_the_same_matrix(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    second = {"n": 2, "x": 1.5, "b": False, "s": "dark blue", "k": 1, "d": dt.date(2001, 2, 2)}
    table = pa.Table.from_pylist([FIRST, second, *rows])
    path = tmp_path / "t.csv"
    pa.csv.write_csv(table, path)
    pa.parquet.write_table(table, tmp_path / "t.parquet")
    frame = table.to_pandas()
    polars = pl.from_arrow(table)
    sources: list[object] = [path, tmp_path / "t.parquet", frame, polars, table]
    encoders = [TableEncoder(categorical=["k"]).fit(read_table(source)) for source in sources]
    expected = encoders[0].transform(read_table(path))
    for encoder, source in zip(encoders, sources, strict=True):
        assert encoder.feature_names == encoders[0].feature_names
        np.testing.assert_array_equal(reloaded(encoder).transform(read_table(source)), expected)
        parts = [encoders[0].transform(batch) for batch in iterate_batches(source, rows=3)]
        np.testing.assert_array_equal(np.concatenate(parts), expected)


SMALL = ["7", "+12", "-0", "0.5", "1e20", "0x1F"]
LONG = [
    *("8943000000000000012", "8943000000000000020", "+8943000000000000012", "-9007199254740993"),
    *("9007199254740992", "9007199254740993", "9007199254740993.0", "9223372036854775807"),
    *("9223372036854775808", "18446744073709551614", "18446744073709551615"),
    *("123456789012345678901234567890", "123456789012345678901234567891", "000" + "9" * 25),
]
HEXADECIMAL = ["0x1FFFFFFFFFFFFFFE", "0x1FFFFFFFFFFFFFFF", "0xFFFFFFFFFFFFFFFE", "0x20"]


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    codes=st.lists(st.sampled_from(SMALL + LONG), min_size=2, max_size=6)
    | st.lists(st.sampled_from([*HEXADECIMAL, "7", LONG[0]]), min_size=2, max_size=6)
)
def test_long_codes_are_encoded_alike_at_once_and_in_batches(
    tmp_path: Path, codes: list[str]
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("code,x\n" + "".join(f"{code},{i}\n" for i, code in enumerate(codes)))
    for encoder in (TableEncoder(categorical=["code"]), TableEncoder(numeric=["code"])):
        expected = encoder.fit(read_table(path)).transform(read_table(path))
        batches = list(iterate_batches(path, rows=2))
        np.testing.assert_array_equal(np.vstack([encoder.transform(b) for b in batches]), expected)
        streamed = pa.Table.from_batches(batches)
        again = TableEncoder(encoder.categorical, encoder.numeric).fit(streamed)
        assert again.to_dict() == encoder.to_dict()


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ([8943000000000000012, 8943000000000000020], pa.int64()),
        ([-(2**63), 1 - 2**63], pa.int64()),
        ([2**64 - 2, 2**64 - 1], pa.uint64()),
    ],
    ids=["long", "lowest", "unsigned"],
)
def test_long_codes_stay_apart_in_every_source(
    tmp_path: Path, codes: list[int], kind: pa.DataType
) -> None:
    table = pa.table({"code": pa.array([*codes, 9], kind), "x": [1.0, 2.0, 3.0]})
    pa.csv.write_csv(table, tmp_path / "t.csv")
    pa.parquet.write_table(table, tmp_path / "t.parquet")
    sources = [table, table.to_pandas(), pl.from_arrow(table), *tmp_path.iterdir()]
    for source in sources:
        encoder = TableEncoder(categorical=["code"]).fit(read_table(source))
        assert sorted(encoder.feature_names) == sorted([*(f"code={c}" for c in (*codes, 9)), "x"])
        for other in sources:
            batch = next(iterate_batches(other))
            np.testing.assert_array_equal(
                encoder.transform(batch), encoder.transform(read_table(source))
            )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda children: (
        st.lists(children, max_size=2) | st.dictionaries(st.text(max_size=4), children)
    ),
    max_leaves=4,
)


def places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the places of all values inside a value."""
    inner: Any = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        inner = enumerate(value)
    return [place, *(found for key, item in inner for found in places(item, (*place, key)))]


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_altered_dictionaries_raise_one_error_only(data: st.DataObject) -> None:
    altered = copy.deepcopy(TableEncoder().fit(TABLE).to_dict())
    place = data.draw(st.sampled_from([p for p in places(altered) if p]))
    parent: Any = altered
    for key in place[:-1]:
        parent = parent[key]
    if data.draw(st.booleans()):
        del parent[place[-1]]
    else:
        parent[place[-1]] = data.draw(JSON)
    try:
        encoder = TableEncoder.from_dict(altered)
    except ModelFileError:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        try:
            assert np.isfinite(encoder.transform(TABLE)).all()
        except DataError:
            return


@pytest.mark.parametrize(
    "change",
    [
        {"std": 0.0},
        {"std": -1.0},
        {"std": float("nan")},
        {"mean": float("inf")},
        {"median": 10**400},
        {"median": True},
        {"has_missing": 1},
        {"kind": "os.system"},
        {"name": "size"},
        {"extra": 1},
    ],
)
def test_odd_entries_of_a_numeric_column(change: dict[str, Any]) -> None:
    value = TableEncoder().fit(TABLE).to_dict()
    value["columns"][0].update(change)
    with pytest.raises(ModelFileError, match="damaged"):
        TableEncoder.from_dict(value)


@pytest.mark.parametrize(
    "change",
    [
        {"drop": "id"},
        {"drop": [1]},
        {"drop": ["id", "id"]},
        {"categorical": None},
        {"categorical": ["age"], "numeric": ["age"]},
        {"max_categories": 0},
        {"max_categories": 2.5},
        {"max_categories": True},
        {"extra": 1},
    ],
    ids=str,
)
def test_odd_options(change: dict[str, Any]) -> None:
    value = TableEncoder().fit(TABLE).to_dict()
    value["options"].update(change)
    with pytest.raises(ModelFileError, match="damaged"):
        TableEncoder.from_dict(value)


def test_options_come_back() -> None:
    encoder = TableEncoder(["s"], [], ["x", "x"], np.int64(7))
    table = pa.table({"s": ["a", "b"], "x": [1, 2], "y": [1, 2]})
    copied = reloaded(encoder.fit(table))
    assert (copied.categorical, copied.numeric, copied.drop) == (("s",), (), ("x",))
    assert copied.max_categories == 7
    assert copied.fit(table).to_dict() == encoder.to_dict()


@given(JSON)
def test_foreign_dictionaries(value: Any) -> None:
    with pytest.raises(ModelFileError):
        TableEncoder.from_dict(value)


@pytest.mark.parametrize(
    ("values", "noted"),
    [
        (list(range(30)), True),
        ([2 * i + 5 for i in range(30)], True),  # some rows were set aside
        (list(range(20)), False),
        ([0.5 * i for i in range(30)], False),
        ([*range(29), 3], False),
    ],
)
def test_a_column_that_numbers_the_rows_is_pointed_out(values, noted):
    encoder = TableEncoder().fit(pa.table({"visit": values, "x": np.arange(len(values)) % 3 + 0.5}))
    assert (
        any("'visit'" in notice and "--drop visit" in notice for notice in encoder.notices) == noted
    )
    assert "visit" in encoder.columns
