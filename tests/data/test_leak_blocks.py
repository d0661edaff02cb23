"""The first look for leaks rules out no column that gives the target away."""

import numpy as np
import pyarrow as pa
import pytest

from chainrule.data import Schema
from chainrule.data import leak_blocks as blocks
from chainrule.data.leaks import leaks
from helpers.number_columns import each_alone, number_table


def columns_near(target, rng):
    """Return columns that follow a target closely, or less closely, upward and downward."""
    spread = np.ptp(target) or 1.0
    noise = rng.standard_normal(len(target)) * spread
    found = {f"near {share}": target + share * noise for share in (0, 1e-4, 1e-3, 0.01, 0.03, 1)}
    found |= {f"down {name}": -values for name, values in found.items()}
    found["coarse"] = np.round(target / spread * 4)
    found["cubed"] = (target / spread) ** 3
    swapped = np.sort(target)[np.argsort(np.argsort(target))]
    one, two = rng.choice(len(target), 2)
    swapped[[one, two]] = swapped[[two, one]]
    found["two swapped"] = swapped
    return found


def targets(rng, rows):
    score = rng.standard_normal(rows)
    return {
        "regression": score,
        "ties": np.floor(score * 2),
        "mostly one": np.where(score > 1.5, score, 0.0),
        "binary": (score > 0).astype(float),
        "multiclass": np.digitize(score, [-1, 0, 0.5]).astype(float),
        "rare class": (np.argsort(score) < 3).astype(float),
        "one class": np.zeros(rows),
    }


@pytest.mark.parametrize("rows", [20, 31, 200, 2500])
@pytest.mark.parametrize("kind", list(targets(np.random.default_rng(0), 30)))
def test_the_same_leaks(rows, kind, monkeypatch):
    rng = np.random.default_rng(rows)
    y = targets(rng, rows)[kind]
    table = number_table(rows, rows)
    for name, values in columns_near(y, rng).items():
        table = table.append_column(name, pa.chunked_array([values]))
    task = "regression" if kind in ("regression", "ties", "mostly one") else "binary"
    Y = y[:, None]
    if kind == "multiclass":
        task, Y = "multiclass", np.eye(4)[y.astype(int)]
    schema = Schema.of(table)
    read = schema.read(table)
    found = leaks(read, schema, read.column_names, Y, task)
    each_alone(monkeypatch)
    assert found == leaks(read, schema, read.column_names, Y, task)
    if rows < 30 or kind in ("rare class", "one class"):
        assert found == []
    elif rows >= 200:
        assert {"near 0", "down near 0"} <= set(found)


@pytest.mark.parametrize("task", ["regression", "binary"])
def test_what_has_no_order_is_ruled_out_without_being_sorted(task):
    rng = np.random.default_rng(3)
    score = rng.standard_normal(2000)
    y = score if task == "regression" else (score > 0).astype(float)
    table = pa.table(
        {f"x{place}": rng.standard_normal(2000) for place in range(300)} | {"y": score}
    )
    given = (table.column_names, table.columns, Schema.of(table), y)
    ruled_out = blocks.without_order(*given, 0.9999 if task == "regression" else None)
    assert ruled_out == set(table.column_names) - {"y"}
