"""Streams of Python in the hands of Arrow's threads."""

import io
import threading
import time

import pyarrow.csv
import pytest

from chainrule.files import lending, lent_to_arrow


def test_a_stream_is_back_when_the_table_is_there():
    stream = io.BytesIO(b"a,b\n1,2\n")
    with lent_to_arrow(stream) as opened:
        table = pyarrow.csv.read_csv(opened())
    assert table.to_pydict() == {"a": [1], "b": [2]}
    assert not stream.closed


def test_whoever_still_holds_the_stream_is_waited_for():
    given_back = []

    def keep(files):
        time.sleep(0.2)
        given_back.append(True)
        files.clear()

    with lent_to_arrow(io.BytesIO(b"a\n1\n")) as opened:
        files = [opened()]
        keeper = threading.Thread(target=keep, args=(files,))
        keeper.start()
        assert not given_back
    assert given_back
    keeper.join()


def test_an_error_of_the_stream_is_raised():
    class Broken:
        def read(self, size):
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"), lent_to_arrow(Broken()) as opened:
        pyarrow.csv.read_csv(opened())


def test_an_error_of_the_stream_does_not_keep_it(monkeypatch):
    """The traceback of an error has the frames of the stream's own methods in it, and no loan."""
    waited = []

    class Recorded(threading.Event):
        def wait(self, timeout=None):
            waited.append(self.is_set())
            return super().wait(0)

    class Broken:
        def read(self, size):
            raise ValueError("broken")

    monkeypatch.setattr(lending, "Event", Recorded)
    with pytest.raises(ValueError, match="broken"), lent_to_arrow(Broken()) as opened:
        pyarrow.csv.read_csv(opened())
    assert waited == [True]
