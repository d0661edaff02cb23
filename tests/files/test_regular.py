"""Regular files alone: what waits or never ends is refused at once, by every reader."""

import os
import socket
from pathlib import Path

import pytest

import chainrule as cr
from chainrule.data import column_names, iterate_batches, read_table
from chainrule.doctor import check_document
from chainrule.errors import InputError
from chainrule.files import open_regular, read_regular

READERS = {
    "read_table": read_table,
    "column_names": column_names,
    "iterate_batches": lambda path: list(iterate_batches(path)),
    "load": cr.load,
    "check_document": check_document,
}
ENDINGS = ("csv", "npz", "parquet", "arrow", "md", "py", "model")


def pipe(folder, ending):
    path = folder / f"pipe.{ending}"
    os.mkfifo(path)
    return path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_pipe_that_nobody_writes_to(reader, ending, tmp_path):
    path = pipe(tmp_path, ending)
    with pytest.raises(InputError, match="a pipe, a device or a socket") as caught:
        READERS[reader](path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no such device here")
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/urandom"])
def test_a_device_without_an_end(reader, device):
    with pytest.raises(InputError, match="a pipe, a device or a socket"):
        READERS[reader](device)


@pytest.mark.parametrize("reader", READERS)
def test_what_else_is_no_file(reader, tmp_path):
    for path in (tmp_path, tmp_path / "none.csv", "a\0b.csv", tmp_path / ("x" * 5000)):
        with pytest.raises(InputError) as caught:
            READERS[reader](path)
        assert "\n" not in str(caught.value)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no such sockets here")
def test_a_socket(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        with pytest.raises(OSError, match="a pipe, a device or a socket"):
            open_regular("socket")


def test_a_link_to_a_regular_file_is_one(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert read_regular(tmp_path / "link", 7) == b"content"


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(10**12)  # it takes no room
    with pytest.raises(OSError, match="larger than 1,000 bytes"):
        read_regular(path, 1000)
