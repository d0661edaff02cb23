"""Which numbers stand for none: how far they lie, how often they come, and what is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from chainrule.data import Schema, options_of
from chainrule.data.sentinels import SENTINELS, date_sentinels, find_sentinels
from chainrule.errors import DataError

RANDOM = np.random.RandomState(0)
TEMPERATURES = RANDOM.uniform(-14, 33, 200).round(1)
PRICES = (10 ** RANDOM.uniform(0.5, 2.8, 200)).round(2)
COUNTS = RANDOM.randint(0, 30, 200)


def missing(values: Any, **options: Any) -> tuple[float, ...]:
    schema = Schema.of(pa.table({"x": values, "y": range(len(values))}), options_of(**options))
    return schema.readings["x"].sentinels


def among(values: Any, number: float, rows: int) -> Any:
    return np.concatenate([values, np.full(rows, number, np.asarray(values).dtype)])


@pytest.mark.parametrize(
    ("values", "number", "rows", "taken"),
    [
        (TEMPERATURES, -9999, 10, True),
        (TEMPERATURES, -999, 3, True),
        (TEMPERATURES, -999, 1, False),
        (TEMPERATURES, 999, 10, True),
        (TEMPERATURES, -99, 10, True),
        (COUNTS, 999, 180, True),  # days since the last call, 999 where there was none
        (COUNTS, 99, 30, False),  # far, though not that far: a count may be 99
        (RANDOM.randint(1, 6, 200), 99, 30, True),
        (RANDOM.randint(0, 99, 200), 99, 30, False),
        (PRICES, 999, 10, False),  # a price
        (PRICES, -999, 10, True),
        (RANDOM.randint(0, 10**6, 200), -1, 20, True),
        (RANDOM.randint(0, 10**6, 200), -1, 1, False),
        (RANDOM.randint(-5, 5, 200), -1, 20, False),
        (RANDOM.randint(0, 2, 200), -1, 50, False),
    ],
)
def test_numbers_that_stand_for_none(values: Any, number: float, rows: int, taken: bool) -> None:
    column = among(values, number, rows)
    assert missing(column) == ((number,) if taken else ())
    assert missing(pa.array(column.astype(float))) == ((number,) if taken else ())
    assert missing([f"{value} kg" for value in column]) == ((number,) if taken else ())
    assert missing(column, kinds={"x": "number"}) == ()


def test_several_at_once() -> None:
    column = among(among(RANDOM.randint(1, 6, 200), 99, 20), 98, 15)
    assert set(missing(column)) == {98, 99}
    assert missing(np.full(30, -999)) == ()


def test_what_is_taken_as_missing_stays_so_and_can_be_kept() -> None:
    table = pa.table({"x": among(TEMPERATURES, -999, 10)})
    schema = Schema.from_dict(Schema.of(table).to_dict())
    assert schema.readings["x"].lowest == TEMPERATURES.min()
    assert schema.read(pa.table({"x": [-999, 5]}))["x"].to_pylist() == [None, 5]
    (line,) = Schema.of(table).notes
    assert line.startswith("column 'x': -999 (in 10 rows), apart from the others, -13.")
    assert line.endswith("is taken as missing (--kind x=number keeps it)")
    with pytest.raises(DataError, match=r"may stand for a missing value \(--missing -999\)"):
        Schema.of(table, options_of(strict=True))
    for said in ({"missing": ["-999"]}, {"kinds": {"x": "number"}}):
        assert Schema.of(table, options_of(strict=True, **said)).notes == []


def test_a_target_keeps_its_numbers() -> None:
    table = pa.table({"y": among(TEMPERATURES, -999, 10)})
    schema = Schema.of(table, targets="y")
    assert schema.readings["y"].sentinels == ()
    assert "may stand for a missing value" in schema.notes[0]


def test_every_row_is_found_where_it_lies_far_enough() -> None:
    for row in SENTINELS:
        others = np.arange(1.0, 12.0) if np.isinf(row.spans) else np.array([1.0, 2.0, 3.0])
        values = np.concatenate([others, np.full(row.rows, row.number)])
        (found,) = find_sentinels(values.min(), values.max(), pa.chunked_array([values]))
        assert (found.number, found.sure) == (row.number, True)


def test_moments_beyond_pythons_years_are_looked_at_all_the_same() -> None:
    ticks = pa.array([2**62, -(2**62), 0, None], pa.int64())
    moments = pa.chunked_array([ticks.cast(pa.timestamp("us"))])
    assert date_sentinels(moments) == []
    schema = Schema.of(pa.table({"when": moments}))
    assert schema.readings["when"].kind == "date"
