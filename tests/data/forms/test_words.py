"""Words: missing values, truth values, labels."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from chainrule.data.forms.labels import LabelForm, find_spellings
from chainrule.data.forms.missing import MARKS, SPREADSHEET_ERRORS, TEXT, is_marked, is_vague
from chainrule.data.forms.truths import PAIRS, TruthForm, find_truths
from chainrule.errors import ModelFileError


def cells(*words: str | None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(words, TEXT)])


def ones(words: list[str]) -> np.ndarray:
    return np.ones(len(words), dtype=np.int64)


def test_marks_of_a_missing_value() -> None:
    marks = [*SPREADSHEET_ERRORS, *MARKS]
    assert all(is_marked(pa.array(marks, TEXT)).to_pylist())
    assert is_marked(pa.array(["-", "--", "x"], TEXT), signs=True).to_pylist() == [
        False,
        True,
        False,
    ]
    assert all(is_vague(pa.array([*marks, "UNKNOWN", "n.d.", "Inf"], TEXT)).to_pylist())
    assert not any(is_vague(pa.array(["red", "0", "no", "low"], TEXT)).to_pylist())


@pytest.mark.parametrize("pair", PAIRS)
def test_truths_in_any_case(pair: tuple[str, str]) -> None:
    words = [pair[0].upper(), pair[1].capitalize(), pair[0]]
    found = find_truths(pa.array(words, TEXT), ones(words))
    assert found is not None
    form = TruthForm.from_dict(json.loads(json.dumps(found[0].to_dict())))
    assert form.read(cells(*words, "perhaps", None)).to_pylist() == [False, True, False, None, None]


def test_what_counts_as_truth() -> None:
    assert TruthForm().read(cells("1", "0", "2")).to_pylist() == [True, False, None]
    assert TruthForm().read(pa.chunked_array([[1, 0, 5]])).to_pylist() == [True, False, None]
    assert TruthForm().read(pa.chunked_array([[True, None]])).to_pylist() == [True, None]
    for words in (["y", "z"], ["a", "b"], ["ja"], ["on"]):
        assert find_truths(pa.array(words, TEXT), ones(words)) is None


def test_spellings_of_one_label() -> None:
    spelled = find_spellings({"New York": 9, "new york": 2, "New  York": 1, "Rome": 3})
    assert spelled.joined == (("new york", "New York"), ("New  York", "New York"))
    assert find_spellings({"a": 5, "A": 5}).apart == (("A", "a"),)
    assert find_spellings({"a": 50, "A": 2}).joined == (("A", "a"),)
    assert find_spellings({"True": 3, "true": 2}).joined == ()


def test_labels() -> None:
    form = LabelForm((("YES", "yes"),), labels=("yes", "no"))
    form = LabelForm.from_dict(json.loads(json.dumps(form.to_dict())))
    read = form.read(cells("YES", "No", "n  o", "-", "#N/A", None, "other"))
    assert read.to_pylist() == ["yes", "no", "n  o", None, None, None, "other"]
    assert LabelForm(signs=True).read(cells("+", "-")).to_pylist() == ["+", "-"]
    assert LabelForm().read(pa.chunked_array([[1, 2]])).to_pylist() == [1, 2]
    assert pa.types.is_dictionary(LabelForm(listed=True).read(pa.chunked_array([[1, 2]])).type)


@pytest.mark.parametrize("value", [None, {}, {"false": ["a"], "true": ["a"]}, {"joined": []}])
def test_damaged_forms(value: object) -> None:
    for form in (TruthForm, LabelForm):
        with pytest.raises(ModelFileError, match="damaged"):
            form.from_dict(value)
