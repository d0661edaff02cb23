"""Damaged, foreign and hostile files: a ModelFileError of one line, and nothing else ever."""

import io
import json
import os
import pickle
import re
import struct
import warnings
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save as serialize

import chainrule as cr
from chainrule.errors import ModelFileError
from helpers.models import fitted, put_together, taken_apart, tiny_model

MODEL, X = tiny_model()


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "model"
    cr.save(MODEL, path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("damaged") / "model"


def loaded(path, content):
    """Return the model that a file of this content holds, or the error in one line that says why not."""
    path.unlink(missing_ok=True)  # to overwrite a file may wait for the disk, to make one does not
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return cr.load(path)
        except ModelFileError as error:
            refusal = error
    assert "\n" not in str(refusal)
    assert repr(str(path)) in str(refusal)
    assert len(str(refusal)) < 600
    return refusal


def refused(path, content):
    """Assert that the file is refused; return what is said."""
    refusal = loaded(path, content)
    assert isinstance(refusal, ModelFileError)
    return str(refusal)


def same_or_refused(path, content):
    """Assert that the file is refused, or is the model as it was. Return whether it was read."""
    model = loaded(path, content)
    if isinstance(model, ModelFileError):
        return False
    assert model.parameters_ == MODEL.parameters_
    assert model.network_ == MODEL.network_
    np.testing.assert_array_equal(model.classes_, MODEL.classes_)
    np.testing.assert_array_equal(model.predict_proba(X), MODEL.predict_proba(X))
    return True


# ---------------------------------------------------------------------------------------------- damage


def test_cut_short_at_every_byte(content, path):
    for length in range(len(content)):
        refused(path, content[:length])


def test_every_byte_flipped(content, path):
    read = 0
    for place in range(len(content)):
        for mask in (0x01, 0x20, 0xFF):
            damaged = bytearray(content)
            damaged[place] ^= mask
            read += same_or_refused(path, bytes(damaged))
    assert read < 10


def test_bytes_added_at_the_end(content, path):
    for more in (b"\0", b"\0" * 8, content):
        refused(path, content + more)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_bytes_replaced_removed_and_put_in(content, path, data):
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(damaged) - 1))
        stop = data.draw(st.integers(start, min(start + 20, len(damaged))))
        damaged[start:stop] = data.draw(st.binary(max_size=20))
        damaged = damaged or bytearray(b"x")
    if bytes(damaged) != content:
        same_or_refused(path, bytes(damaged))


@settings(max_examples=150, deadline=None)
@given(garbage=st.binary(max_size=300))
def test_garbage(path, garbage):
    refused(path, garbage)


# --------------------------------------------------------------------------------------- foreign files


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("model.json", "{}")
    return buffer.getvalue()


def png():
    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


class Trap:
    """Raises if it is unpickled."""

    def __reduce__(self):
        return eval, ("1/0",)


FOREIGN = {
    "empty": b"",
    "CSV": b"length,width,kind\n1.0,2.0,a\n" * 50,
    "JSON": b'{"format": 1, "kind": "MLPClassifier"}',
    "PNG": png(),
    "ZIP": zipped(),
    "pickle": pickle.dumps(Trap()),
    "NumPy": b"\x93NUMPY\x01\x00" + b" " * 100,
    "zeros": bytes(1000),
    "ones": b"\xff" * 1000,
    "header of an enormous length": (2**63).to_bytes(8, "little") + b"{}",
    "header that is no object": (2).to_bytes(8, "little") + b"[]",
    "header that is empty": (2).to_bytes(8, "little") + b"{}",
    "deep header": (200_008).to_bytes(8, "little") + b'{"a":' * 40_000 + b"1" + b"}" * 7,
    "text that is not UTF-8": (8).to_bytes(8, "little") + b'{"\xff\xfe":1}',
}


@pytest.mark.parametrize("name", FOREIGN)
def test_files_of_other_kinds(name, path):
    message = refused(path, FOREIGN[name])
    assert "model file" in message or "not a chainrule model" in message


def test_a_safetensors_file_of_somebody_else(path):
    tensors = {"W1": np.ones((2, 2)), "b1": np.ones((1, 2))}
    assert "is a safetensors file, but not a chainrule model" in refused(path, serialize(tensors))
    other = serialize(tensors, metadata={"format": "pt"})
    assert "not a chainrule model" in refused(path, other)
    half = serialize(tensors, metadata={"chainrule": "{}"})
    assert "checksum" in refused(path, half)


def test_paths_that_are_no_file(tmp_path):
    with pytest.raises(ModelFileError, match=r"cannot read .*: No such file"):
        cr.load(tmp_path / "none")
    with pytest.raises(ModelFileError, match=r"cannot read .*: Is a directory"):
        cr.load(tmp_path)


# ---------------------------------------------------------------------- hostile files, checksum and all


def document_of(name, folder):
    model, _ = fitted(name)
    cr.save(model, folder / "saved")
    return taken_apart((folder / "saved").read_bytes())


def places(value, path=()):
    """Yield the path of every entry of nested dicts and lists; of long lists the first and the last."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield (*path, key)
            yield from places(entry, (*path, key))
    elif isinstance(value, list):
        for index in {0, len(value) - 1} if value else ():
            yield (*path, index)
            yield from places(value[index], (*path, index))


def edited(document, place, edit):
    """Return a copy of the document, edited at a place; `edit(container, key)` does it."""
    document = json.loads(json.dumps(document))
    container = document
    for key in place[:-1]:
        container = container[key]
    edit(container, place[-1])
    return document


def remove(container, key):
    del container[key]


def setter(value):
    def edit(container, key):
        container[key] = value

    return edit


def optional(place):
    """Say whether a file without this entry still holds the whole model."""
    return (
        place[0] == "versions"  # informs, and decides nothing
        or place[:2] == ("details", "settings")  # a parameter that is missing has its default
        or (place[:2] == ("details", "history") and len(place) > 3)  # a shorter list
        or place[:3] == ("details", "labels", "classes")  # one class alone is legal
    )


HOSTILE = ["binary", "class weights", "feature names", "StepDecay", "poisson", "early stopping"]


@pytest.mark.parametrize("name", HOSTILE)
def test_every_entry_removed(name, path, tmp_path):
    document, tensors = document_of(name, tmp_path)
    model, _ = fitted(name)
    count = 0
    for place in places(document):
        content = put_together(edited(document, place, remove), tensors)
        count += 1
        if optional(place):
            copy = loaded(path, content)
            if not isinstance(copy, ModelFileError):
                assert copy.parameters_ == model.parameters_
                assert copy.network_ == model.network_
        else:
            refused(path, content)
    assert count > 60


WRONG = [
    None,
    True,
    -1,
    0,
    3,
    10**30,
    0.5,
    -0.5,
    1e300,
    "",
    "x",
    "a\nb",
    [],
    {},
    [[]],
    [None],
    ["relu"] * 1000,
    {"float": "nan"},
    {"float": "x"},
    {"schedule": "none"},
    {"schedule": "step", "every": 0},
    {"schedule": "step", "colour": 1},
    {"schedule": ["step"]},
    {"pairs": [1]},
    {"pairs": [[[], {}]]},
    {"pairs": [[{"pairs": []}, 1]]},
    {"__class__": "os.system"},
    "<U1000000000",
    "V1000000000",
    "f8,f8",
]


@pytest.mark.parametrize("name", ["class weights", "StepDecay", "poisson"])
def test_every_entry_replaced(name, path, tmp_path, monkeypatch):
    """A model comes out only if the file says a legal one; it then is what the file says."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # thousands of files
    document, tensors = document_of(name, tmp_path)
    model, _ = fitted(name)
    results = {"refused": 0, "read": 0}
    for place in places(document):
        for value in WRONG:
            content = put_together(edited(document, place, setter(value)), tensors)
            copy = loaded(path, content)
            if isinstance(copy, ModelFileError):
                results["refused"] += 1
                continue
            results["read"] += 1
            assert type(copy).__name__ == taken_apart(content)[0]["kind"]
            assert copy.parameters_ == model.parameters_
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of feature names that are not there
                assert copy.predict(np.zeros((2, copy.n_features_in_))).shape[0] == 2
            cr.save(copy, path)  # what is read can be written, and read again
            assert repr(cr.load(path).get_params()) == repr(copy.get_params())
    assert results["refused"] > 1000
    assert results["read"] < 0.35 * results["refused"]


def test_half_of_a_surrogate_pair_can_be_written_again(path, tmp_path):
    document, tensors = document_of("class weights", tmp_path)
    text = json.dumps(document).replace('"schedule"', r'"\ud800"')
    copy = loaded(path, put_together(text, tensors))
    assert "\ud800" in copy.classes_.tolist() + list(copy.class_weight)
    cr.save(copy, path)
    again = cr.load(path)
    assert again.classes_.tolist() == copy.classes_.tolist()
    assert again.class_weight == copy.class_weight


def replaced(document, **entries):
    """Return the document with entries such as ``network__sizes`` replaced."""
    for name, value in entries.items():
        document = edited(document, tuple(name.split("__")), setter(value))
    return document


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"format": 2}, "in a newer format: upgrade chainrule"),
        ({"format": 10**9, "versions__chainrule": "9.9"}, "written by chainrule '9.9', in a newer"),
        ({"format": 0}, "its format is 0"),
        ({"format": "1"}, "its format is '1'"),
        ({"kind": "Pipeline"}, "holds a 'Pipeline', which this version does not know"),
        ({"kind": "os.system"}, "does not know"),
        ({"kind": "MLPRegressor"}, "unknown parameter 'binary_output'"),
        ({"kind": 3}, "its kind is not a name"),
        ({"network__penalty": {"strength": 0.1}}, "not described in full"),
        ({"network__hidden": ["logistic"]}, "not described in full"),
        ({"network__sizes": [30, -4, 1]}, r"sizes\[1\] must be a positive whole number"),
        ({"network__sizes": [30, 10**12, 1]}, ""),
        ({"network__sizes": [30, 5, 1]}, r"W1 has shape \(30, 4\), not \(30, 5\)"),
        ({"network__sizes": 10**9}, "sizes must be a sequence"),
        ({"network__hidden": ["sigmiod"]}, "did you mean 'sigmoid'"),
        ({"network__hidden": ["relu", "relu"]}, "2 hidden activations for 1"),
        ({"network__output": "softmax"}, "binary_cross_entropy' needs output 'sigmoid'"),
        ({"network__output": "softmax", "network__loss": "categorical_cross_entropy"}, "labels"),
        ({"network__output": "identity", "network__loss": "squared_error"}, "labels do not fit"),
        ({"network__colour": 3}, "colour"),
        ({"details__settings__aplha": 1}, "did you mean 'alpha'"),
        ({"details__settings__callbacks": ["x"]}, "callbacks"),
        ({"details__settings__callbacks": []}, "callbacks do not come out of a file"),
        ({"details__settings__solver": "os.system"}, "unknown solver"),
        ({"details__settings__alpha": -1}, "alpha must be"),
        ({"details__settings__random_state": -1}, "random_state"),
        ({"details__settings__hidden_layer_sizes": [10**30]}, "than any memory can hold"),
        ({"details__labels__kind": "multiclass"}, "labels do not fit"),
        ({"details__labels__kind": "other"}, "'other' are not known"),
        ({"details__labels__dtype": "<U1000000000"}, ""),
        ({"details__labels__dtype": "<U100000000"}, "labels of dtype"),
        ({"details__labels__dtype": "M8[D]"}, "labels of dtype"),
        ({"details__labels__dtype": "i8,i8"}, "labels of dtype"),
        ({"details__labels__dtype": "V8"}, "labels of dtype"),
        ({"details__labels__dtype": "int1"}, ""),
        ({"details__labels__dtype": "|i1", "details__labels__classes": [0, 300]}, ""),
        ({"details__labels__classes": [0, 2**70]}, ""),
        ({"details__labels__classes": [1, 0]}, "in order"),
        ({"details__labels__classes": [1, 1]}, "differ"),
        ({"details__labels__classes": [0, 1, 2]}, "not binary"),
        ({"details__labels__classes": [0, "a"]}, ""),
        ({"details__labels__classes": [0, None]}, "numbers or strings"),
        ({"details__labels__classes": []}, "numbers or strings"),
        ({"details__labels__classes": "01"}, "numbers or strings"),
        ({"details__feature_names": ["a"]}, "feature names do not fit"),
        ({"details__feature_names": list(range(30))}, "feature names do not fit"),
        ({"details__feature_names": "a" * 30}, "feature names do not fit"),
        ({"details__published__t_": 1.5}, "t_ cannot be 1.5"),
        ({"details__published__loss_": "low"}, "loss_ cannot be 'low'"),
        ({"details__history__cost": ["a"]}, "'cost' of the training's history"),
        ({"details__history": []}, "not a usable model file"),
        ({"details": []}, "not a usable model file"),
    ],
)
def test_what_is_said_of_hostile_values(entries, message, path, tmp_path):
    document, tensors = document_of("binary", tmp_path)
    content = put_together(replaced(document, **entries), tensors)
    said = refused(path, content)
    assert re.search(message, said)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "1",
        "{}",
        "not JSON",
        "[" * 100_000,
        '{"format": 1, "network": ' + '{"a": ' * 50_000,
        '{"format": ' + "[" * 400 + "]" * 400 + "}",
        '{"format": NaN}',
        '{"format": Infinity}',
        '{"format": ' + "9" * 5000 + "}",
        '{"format": 1, "kind": "MLPClassifier", "network": null, "details": {}}',
    ],
    ids=range(13),
)
def test_documents_that_are_none(text, path, tmp_path):
    _, tensors = document_of("binary", tmp_path)
    refused(path, put_together(text, tensors))


@pytest.mark.parametrize("depth", [200, 450, 900])
def test_settings_nested_deep(depth, path, tmp_path):
    document, tensors = document_of("binary", tmp_path)
    nested = 1
    for _ in range(depth):
        nested = [nested]
    refused(path, put_together(replaced(document, details__settings__class_weight=nested), tensors))


@pytest.mark.parametrize("name", ["inf", "-inf", "nan"])
def test_numbers_that_json_does_not_have(name, path, tmp_path):
    document, tensors = document_of("binary", tmp_path)
    bad = replaced(document, details__published__loss_=float(name))
    refused(path, put_together(bad, tensors))


def tensors_with(tensors, **changes):
    changed = {**tensors, **changes}
    return {name: V for name, V in changed.items() if V is not None}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"W1": None}, "the parameters are W1, b1, W2, b2; got W2, b1, b2"),
        ({"b2": None}, "the parameters are W1, b1, W2, b2; got W1, W2, b1"),
        ({"W1": None, "b1": None}, "the parameters are W1, b1, W2, b2; got W2, b2"),
        ({"W3": np.ones((1, 1)), "b3": np.ones((1, 1))}, "the parameters are W1, b1, W2, b2; got"),
        ({"W9": np.ones((1, 1))}, "the parameters are W1, b1, W2, b2; got"),
        ({"scale": np.ones((1, 30))}, "the parameters are W1, b1, W2, b2; got"),
        ({"W1": np.ones((30, 5))}, "W1"),
        ({"W1": np.ones((4, 30))}, "W1"),
        ({"W1": np.ones(120)}, "W1 has shape (120,), not (30, 4)"),
        ({"W1": np.ones((30, 4, 1))}, "W1 has shape (30, 4, 1), not (30, 4)"),
        ({"b1": np.ones((4, 1))}, "b1"),
        ({"b1": np.ones((1, 1))}, "b1"),
        ({"b1": np.array(1.0)}, "b1"),
        ({"W1": np.ones((0, 4))}, "W1 has shape (0, 4), not (30, 4)"),
        ({"W1": np.ones((30, 0))}, "W1"),
        ({"W1": np.full((30, 4), np.nan)}, "NaN or infinite"),
        ({"W1": np.full((30, 4), np.inf)}, "NaN or infinite"),
        ({"W1": np.ones((30, 4), np.float32)}, "all float32, or all float64"),
        ({"W1": np.ones((30, 4), np.int64)}, "all float32, or all float64"),
        ({"W1": np.ones((30, 4), np.float16)}, "all float32, or all float64"),
    ],
)
def test_tensors_that_do_not_fit(changes, message, path, tmp_path):
    document, tensors = document_of("binary", tmp_path)
    assert message in refused(path, put_together(document, tensors_with(tensors, **changes)))


@pytest.mark.parametrize("dtype", [np.float16, np.int32, np.uint8, np.bool_])
def test_tensors_all_of_another_type(dtype, path, tmp_path):
    document, tensors = document_of("binary", tmp_path)
    other = {name: V.astype(dtype) for name, V in tensors.items()}
    assert "all float32, or all float64" in refused(path, put_together(document, other))


def test_no_tensors_at_all(path, tmp_path):
    document, _ = document_of("binary", tmp_path)
    refused(path, put_together(document, {}))
