"""The overview of a wide table is as short as that of a narrow one."""

import numpy as np
import pyarrow as pa

from chainrule.data import Schema, column_views, grouped_views


def rows_of(table, targets=()):
    return grouped_views(column_views(table, Schema.of(table, targets=targets), targets))


def test_a_row_for_each_column_of_a_narrow_table():
    table = pa.table({f"x{n}": [0.5 + n, 1.5, None] for n in range(100)})
    rows = rows_of(table)
    assert [row[0] for row in rows] == table.column_names
    assert rows[7] == ("x7", "number", "7.5, 1.5", "1", "2")


def test_a_row_for_each_kind_of_a_wide_table():
    cells = {"y": [0, 1, 0, 1]}
    for n in range(400):
        cells[f"x{n}"] = np.arange(4) / 8 if n % 2 else [None, 2.5, 2.5, 3.5]
        cells[f"word{n}"] = ["a", "b", "a", "b"]
    cells["nothing"] = pa.nulls(4)
    assert rows_of(pa.table(cells), ("y",)) == [
        ("y", "target, number", "0, 1", "0", "2"),
        ("x0, x1, x2 and 397 more", "number", "2.5, 3.5", "0 to 1", "2 to 4"),
        ("word0, word1, word2 and 397 more", "category", "a, b", "0", "2"),
        ("nothing", "left out", "", "4", "0"),
    ]


def test_examples_are_found_far_below():
    cells = [None] * 50 + ["7"] * 60 + ["8 "] * 500 + ["9"]
    (view,) = column_views(pa.table({"x": cells}), Schema.of(pa.table({"x": cells})))
    assert view.examples == ("7", "8", "9")
