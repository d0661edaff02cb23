"""NPZ files: what an array's header says is checked before a byte is allocated for it."""

import io
import zipfile

import numpy as np
import pytest

from chainrule.data import read_table
from chainrule.errors import DataError
from chainrule.files import bounds
from chainrule.files.npz import read_npz_arrays


def member(dtype, shape, data=b"", version=(1, 0)):
    """Return an array's file of any header, whatever data there is."""
    text = f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (63 - (10 + len(text)) % 64) + "\n"
    start = (
        b"\x93NUMPY" + bytes(version) + len(text).to_bytes(2 if version == (1, 0) else 4, "little")
    )
    return start + text.encode() + data


def write(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)


HOSTILE = {
    "a billion texts of no characters": (member("<U0", "(1000000000,)"), "holds nothing"),
    "no rows of a billion columns": (member("<f8", "(0, 1000000000)"), "holds nothing"),
    "a billion rows of no columns": (member("<f8", "(1000000000, 0)"), "holds nothing"),
    "a square of texts of no characters": (member("<U0", "(1000000, 1000000)"), "holds nothing"),
    "more than there is": (member("<f8", "(1000000000000,)", bytes(800)), "fewer than its shape"),
    "a text of a terabyte": (member("<U250000000000", "(1,)", bytes(8)), "broken"),
    "a product beyond 64 bits": (member("<f8", "(4294967296, 4294967296)"), "fewer than its shape"),
    "a negative axis": (member("<f8", "(-1,)", bytes(8)), "fewer|the shape|broken"),
    "objects": (member("|O", "(2,)", bytes(16)), "pickled objects"),
    "fields": (member("<f8,<i8", "(2,)", bytes(32)), "broken|only numbers"),
    "a header that is a call": (
        b"\x93NUMPY\x01\0\x20\0" + b"__import__('os').system('true')\n",
        "broken",
    ),
    "an unknown version": (member("<f8", "(1,)", bytes(8), (3, 0)), "plain numbers"),
    "no array": (b"text", "is none"),
    "three axes": (member("<f8", "(1, 1, 1)", bytes(8)), r"\(m,\) and \(m, k\)"),
    "no axis": (member("<f8", "()", bytes(8)), r"\(m,\) and \(m, k\)"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_arrays(name, tmp_path, monkeypatch):
    content, words = HOSTILE[name]
    path = tmp_path / "table.npz"
    write(path, a=content)
    with pytest.raises(DataError, match=words) as caught:
        read_table(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_an_array_of_a_million_columns_is_refused_as_a_table(tmp_path):
    path = tmp_path / "table.npz"
    write(path, a=member("<f8", "(1, 1000000)", bytes(8_000_000)))
    with pytest.raises(DataError, match="1,000,000 columns: at most 500,000"):
        read_table(path)


def test_a_bomb_is_known_by_the_sizes_that_the_archive_declares(tmp_path, monkeypatch):
    path = tmp_path / "table.npz"
    write(
        path,
        a=member("<f8", "(1000000,)", bytes(8_000_000)),
        b=member("<f8", "(1000000,)", bytes(8_000_000)),
    )
    assert path.stat().st_size < 50_000
    assert read_table(path).num_rows == 1_000_000
    monkeypatch.setattr("chainrule.files.npz.memory", lambda: 30_000_000)
    with pytest.raises(DataError, match="do not fit into the memory"):
        read_npz_arrays(path)


def test_an_archive_in_an_archive_is_no_array(tmp_path):
    inner = io.BytesIO()
    np.savez(inner, x=np.zeros(3))
    path = tmp_path / "table.npz"
    write(path, inner=inner.getvalue())
    with pytest.raises(DataError, match="is none"):
        read_table(path)


def test_a_name_that_is_there_twice(tmp_path):
    path = tmp_path / "table.npz"
    content = member("<f8", "(1,)", bytes(8))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", content)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("x.npy", content)
    with pytest.raises(DataError, match="twice"):
        read_table(path)


def test_memory_is_known():
    assert 2**26 < bounds.memory() < 2**60
