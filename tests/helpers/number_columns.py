"""Columns of numbers of every sort that a block may hold, drawn at random."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from chainrule.data import number_blocks

ENDS = (5e-324, 1e-308, 1e-300, 1.0, 1e300, 1.7e308)


def each_alone(monkeypatch):
    """Let no column be plain: each is looked at by itself, as a careful reader does."""
    monkeypatch.setattr(number_blocks, "_may_be_plain", lambda column: False)


def number_columns(rng, rows):
    """Return arrays of `rows` numbers, by name: plain ones, and such as only seem so."""
    normal = rng.standard_normal(rows)
    whole = rng.integers(0, 1000, rows)
    columns = {
        "plain": normal,
        "half": normal.astype(np.float32),
        "near": 1e9 + normal,
        "nearly constant": np.where(rng.random(rows) < 0.5, 1.0, 1.0 + 2**-52),
        "constant": np.full(rows, 7.5),
        "zeros": np.zeros(rows),
        "signed zeros": np.where(rng.random(rows) < 0.5, 0.0, -0.0),
        "counts": whole,
        "small": rng.integers(0, 3, rows).astype(np.int8),
        "classes": rng.integers(-1, 6, rows),
        "bits": rng.integers(0, 2, rows),
        "whole floats": rng.integers(0, 9, rows).astype(float),
        "few far apart": rng.choice([1, 500, 10**6], rows),
        "store_id": rng.integers(1, 6, rows),
        "zip code": rng.integers(1, 9, rows).astype(float),
        "sensor type": rng.integers(0, 4, rows) / 2,
        "number": np.arange(rows),
        "grows": np.cumsum(rng.integers(1, 9, rows)).astype(float),
        "Unnamed: 0": np.arange(rows),
        "day": rng.choice([20240101, 20240315, 20241231, 20230704, 20220228, 20200229], rows),
        "created": 1_700_000_000 + rng.integers(0, 10**6, rows),
        "clock": 1_700_000_000.5 + whole,
        "unsigned": rng.integers(0, 2**64, rows, dtype=np.uint64),
        "exact no more": 2**60 + whole,
        "unlikely": rng.choice([-1, 5, 8], rows),
    }
    for number in (-999, -99, -9, -1, 99, 9999):
        columns[f"sentinel {number}"] = np.where(rng.random(rows) < 0.2, number, normal * 2 + 3)
        columns[f"whole sentinel {number}"] = np.where(rng.random(rows) < 0.2, number, whole % 20)
    for end in ENDS:
        columns[f"up to {end}"] = rng.uniform(-1, 1, rows) * end
    for odd in (np.inf, -np.inf, np.nan):
        columns[f"with {odd}"] = np.where(rng.random(rows) < 0.2, odd, normal)
    arrays = {name: pa.array(values) for name, values in columns.items()}
    arrays["with nulls"] = pa.array([None if one < -0.5 else one for one in normal])
    arrays["whole with nulls"] = pa.array([None if one < 5 else int(one) for one in whole])
    arrays["null"] = pa.nulls(rows)
    arrays["no value"] = pa.nulls(rows, pa.float64())
    arrays["truth"] = pa.array(whole > 500)
    arrays["word"] = pa.array([f"w{one % 5}" for one in whole])
    arrays["written"] = pa.array([f"{one / 8:.3f}".replace(".", ",") for one in whole])
    arrays["written thousands"] = pa.array([f"{one / 1000:.3f}" for one in whole + 1000])
    return arrays


def number_table(seed, rows, copies=1):
    """Return a table of such columns, in an order of chance, in one chunk or in two."""
    rng = np.random.default_rng(seed)
    columns = {}
    for copy in range(copies):
        for name, array in number_columns(rng, rows).items():
            columns[name if copy == 0 else f"{name} {'abc'[copy]}"] = array
    table = pa.table({name: columns[name] for name in rng.permutation(list(columns)).tolist()})
    cut = rows // 3
    return pa.concat_tables([table.slice(0, cut), table.slice(cut)]) if seed % 2 else table
