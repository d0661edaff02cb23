"""What is said of many columns takes few lines."""

import numpy as np
import pandas as pd
import pytest

from chainrule.data import Findings, Schema, TableEncoder, read_table
from chainrule.data.messages import condensed

COLUMNS = 50
MOST = 12  # lines: a few for each of a few things that are said of these columns
# A kind of column, and how a row of it is written, by the numbers of row and column.
KINDS = {
    "sentinels": lambda row, column: -999 if row % 9 == 1 else (row * 7 + column) % 50,
    "amounts": lambda row, column: f"${row + column},{100 + row}.50",
    "marks": lambda row, column: "-" if row % 7 == column % 7 else f"{row}.{column}",
    "identifiers": lambda row, column: f"id{row}x{column}",
    "codes": lambda row, column: f"00{row % 8}{column}",
    "counting": lambda row, column: row + column,
    "few": lambda row, column: (row + column) % 5,
    "empty": lambda row, column: None,
    "constant": lambda row, column: column,
    "infinite": lambda row, column: np.inf if row % 30 == 3 else row / 7 + column,
    "rare": lambda row, column: f"label {row % 30 if row % 2 else 1}",
}


def table_of(kind, names="my column {}"):
    rows = 80
    cells = {names.format(n): [KINDS[kind](row, n) for row in range(rows)] for n in range(COLUMNS)}
    cells["x"] = [row / 3 for row in range(rows)]
    return read_table(pd.DataFrame(cells))


@pytest.mark.parametrize("names", ["{} (a: it's)", "long " * 30 + "{}"])
@pytest.mark.parametrize("kind", KINDS)
def test_columns_of_one_kind(kind, names):
    table = table_of(kind, names)
    assert len(Schema.of(table).notes) <= MOST
    assert len(TableEncoder(max_categories=5).fit(table).notices) <= MOST


@pytest.mark.parametrize("other", KINDS)
@pytest.mark.parametrize("kind", ["counting"])
def test_warnings_of_other_rows(kind, other):
    encoder = TableEncoder(drop=["x"]).fit(table_of(kind))
    findings = Findings()
    encoder.transform(table_of(other), findings=findings)
    assert len(findings.messages()) <= MOST


def test_few_lines_stay_and_others_keep_their_place():
    lines = [f"column 'x{n}': {n} is {n / 2}" for n in range(20)]
    assert condensed(lines) == lines
    more = ["first", *lines, "between", "column 'y': other", "column 'x20': 20 is 10.0", "last"]
    assert condensed(more) == [
        "first",
        *lines[:3],
        "the same is said of 18 more columns: 'x3', 'x4', 'x5', …",
        "between",
        "column 'y': other",
        "last",
    ]
    assert condensed(condensed(more)) == condensed(more)
