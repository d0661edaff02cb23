"""Many columns encoded at once: the same bits, notes and errors as each alone."""

import numpy as np
import pyarrow as pa
import pytest

from chainrule.data import Findings, TableEncoder
from chainrule.errors import DataError
from helpers.number_columns import each_alone, number_table


def outcome(table, other, dtype):
    encoder = TableEncoder().fit(table)
    findings = Findings()
    encoded = [encoder.transform(table, dtype=dtype, findings=findings)]
    try:
        encoded.append(encoder.transform(other, 5, dtype, findings))
    except DataError as error:
        findings.add_line(str(error))
    return repr(encoder.to_dict()), encoder.notices, encoded, findings.messages()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("rows", [2, 3, 20, 21, 129, 600])
@pytest.mark.parametrize("seed", range(3))
def test_the_same_bits(rows, seed, dtype, monkeypatch):
    table = number_table(seed, rows, copies=1 + 2 * (rows == 129))
    if dtype == np.float32:  # which cannot hold what is huge among its own
        table = table.drop_columns([name for name in table.column_names if "1e+30" in name])
    other = number_table(seed + 7, 30, copies=3).select(table.column_names)
    if seed == 2:
        other = other.combine_chunks().to_batches()[0]
    found = outcome(table, other, dtype)
    each_alone(monkeypatch)
    expected = outcome(table, other, dtype)
    assert found[0] == expected[0]
    assert found[1] == expected[1]
    assert found[3] == expected[3]
    for one, two in zip(found[2], expected[2], strict=True):
        assert one.flags.c_contiguous
        assert one.dtype == two.dtype
        assert one.tobytes() == two.tobytes()


def test_the_first_column_that_cannot_be_encoded_is_named(monkeypatch):
    table = pa.table({"b": [0.0, 1e-300, 0.0], "a": [0.0, 1e-300, 0.0], "c": ["x", "y", "x"]})
    other = pa.table({"a": [0.0, 1e300], "b": [1e300, 0.0], "c": ["x", "y"]})
    encoder = TableEncoder().fit(table)
    messages = []
    for careful in (False, True):
        if careful:
            each_alone(monkeypatch)
        with pytest.raises(DataError, match="too far") as caught:
            encoder.transform(other, findings=Findings())
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    assert "column 'b', row 1" in messages[0]
