"""Which columns are plain, and how they are taken together."""

import numpy as np
import pyarrow as pa
import pytest

from chainrule.data.number_blocks import number_blocks
from helpers.number_columns import number_table

PLAIN = {
    "float": [1.5, -2.0],
    "zero": [0.0, -0.0],
    "huge": [1.7e308, -1.7e308],
    "subnormal": [5e-324, 0.0],
    "whole": [3, -4],
    "largest whole": [2**53 - 1, 1 - 2**53],
}
OTHER = {
    "null": [1.0, None],
    "nan": [1.0, np.nan],
    "infinite": [1.0, -np.inf],
    "too large to be exact": [1, 2**53],
    "truth": [True, False],
    "text": ["1", "2"],
}


def places(columns):
    return [place for block in number_blocks(enumerate(columns)) for place in block.places]


def test_plain_columns():
    columns = [pa.chunked_array([cells]) for cells in (*OTHER.values(), *PLAIN.values())]
    assert places(columns) == [*range(len(OTHER), len(columns))]
    assert places([]) == places([pa.array([], pa.float64())]) == []


@pytest.mark.parametrize("rows", [1, 2, 1000, 1 << 17, 1 << 20])
def test_blocks_are_bounded_and_in_order(rows):
    column = pa.chunked_array([np.arange(float(rows))])
    blocks = list(number_blocks(enumerate([column] * 5)))
    assert [place for block in blocks for place in block.places] == [*range(5)]
    assert all(block.values.size <= max(rows, 1 << 18) for block in blocks)


def test_values_and_ends():
    table = number_table(1, 60, copies=3)
    seen = 0
    for block in number_blocks(enumerate(table.columns)):
        for place, values, low, high, whole in zip(
            block.places, block.values, block.lowest, block.highest, block.is_integer, strict=True
        ):
            column = table.column(place)
            np.testing.assert_array_equal(values, column.to_numpy())
            assert (low, high) == (values.min(), values.max())
            assert whole == pa.types.is_integer(column.type)
            seen += 1
    assert seen > 60
