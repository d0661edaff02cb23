"""A failure in the middle leaves the old file, and nothing beside it."""

import os
import stat
import sys
from pathlib import Path

import pytest

import chainrule as cr
from chainrule.errors import ModelFileError
from chainrule.modelfile import replacing, write_atomically
from helpers.models import tiny_model


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"the old one")
    return path


def untouched(path):
    return path.read_bytes() == b"the old one" and list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("function", ["replace", "fsync", "chmod"])
@pytest.mark.parametrize(
    ("failure", "raised"),
    [
        (OSError(28, "No space left on device"), ModelFileError),
        (OSError("of another kind"), ModelFileError),
        (KeyboardInterrupt(), KeyboardInterrupt),
        (MemoryError(), MemoryError),
    ],
)
def test_a_failure_leaves_the_old_file(path, monkeypatch, function, failure, raised):
    def fail(*args, **options):
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(os, function, fail)
        with pytest.raises(raised) as caught:
            cr.save(tiny_model()[0], path)
    assert untouched(path)
    if raised is ModelFileError:
        assert str(path) in str(caught.value)
        assert str(failure.strerror or failure) in str(caught.value)


def test_a_disk_that_fills_while_writing(path, monkeypatch):
    write = Path.write_bytes

    def half(self, content):
        write(self, content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", half)
        with pytest.raises(ModelFileError, match="No space left on device"):
            cr.save(tiny_model()[0], path)
    assert untouched(path)


def test_a_block_that_raises(path):
    with pytest.raises(UnicodeDecodeError), replacing(path) as temporary:
        (temporary.write_bytes(b"\xff"), temporary.read_text("utf-8"))
    assert untouched(path)


def test_a_model_that_cannot_be_taken_apart_leaves_the_old_file(path):
    model, _ = tiny_model()
    model.history_.cost.append(float("nan"))
    model._fitted.cost = object()
    with pytest.raises(ValueError, match="cannot be saved"):
        cr.save(model, path)
    assert untouched(path)


def test_the_new_file_takes_the_old_ones_place(path):
    cr.save(tiny_model()[0], path)
    assert cr.load(path).n_iter_ == 2
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002, 0o000])
def test_the_mode_is_the_umasks(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "file", b"content")
        assert os.umask(umask) == umask  # reading it has not changed it
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o666 & ~umask


def test_a_file_keeps_its_mode(path):
    path.chmod(0o640)
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def interrupted_at(step, path):
    """Write, and press Ctrl-C at the step-th line of Python from there on; say whether it came to it."""
    lines = 0

    def trace(frame, event, argument):
        nonlocal lines
        if "contextlib" in frame.f_code.co_filename or frame.f_code.co_name == "unlink":
            return None  # where the cleaning up has begun
        if event == "line":
            lines += 1
            if lines == step:
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        write_atomically(path, b"new")
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


# Python's own file object may be what the signal hits: it closes itself a moment later.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_at_every_line_of_the_write(path):
    """The file is the old one or the new one, whole, and there is nothing beside it."""
    seen = set()
    step = 1
    while interrupted_at(step, path):
        seen.add(path.read_bytes())
        assert list(path.parent.iterdir()) == [path], step
        path.write_bytes(b"the old one")
        step += 1
    assert step > 10
    assert seen == {b"the old one", b"new"}


def test_a_name_as_long_as_may_be(tmp_path):
    name = "ü" * 127
    write_atomically(tmp_path / name, b"new")
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_folder_that_is_gone(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(ModelFileError, match="cannot write 'file': No such file"):
        write_atomically(Path("file"), b"new")


def test_a_missing_folder(tmp_path):
    with pytest.raises(ModelFileError, match=r"cannot write '.*no/model': No such file"):
        cr.save(tiny_model()[0], tmp_path / "no" / "model")


def test_a_folder_in_the_files_place(tmp_path):
    (tmp_path / "model").mkdir()
    with pytest.raises(ModelFileError, match="cannot write"):
        cr.save(tiny_model()[0], tmp_path / "model")
    assert [p.name for p in tmp_path.iterdir()] == ["model"]
