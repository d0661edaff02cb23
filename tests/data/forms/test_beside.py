"""What says that a number is not exact is left out, and nothing else."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.data.forms.beside import AFTER, BEFORE, mark_beside, without_marks
from chainrule.data.forms.missing import TEXT


def bare(text: str) -> str:
    return str(without_marks(pa.array([text], TEXT))[0][0].as_py())


@pytest.mark.parametrize("mark", BEFORE)
@pytest.mark.parametrize("number", ["15", "1.234,5", "-3", "$20", ".5", "20 kg"])
def test_before_a_number(mark: str, number: str) -> None:
    texts = [f"{mark} {number}", f"{mark.upper()} {number}"]
    texts += [] if mark[-1].isalpha() else [f"{mark}{number}"]
    for text in texts:
        assert bare(text) == number
        assert mark_beside(text, number).lower() == mark


@pytest.mark.parametrize("mark", AFTER)
def test_behind_a_number(mark: str) -> None:
    assert bare(f"15 {mark}") == "15"
    assert mark_beside(f"15 {mark}", "15") == mark


@pytest.mark.parametrize(
    "text", ["15", "red", "under", "over the top", "C++", "about you", "a+", "~", ""]
)
def test_what_has_no_mark(text: str) -> None:
    assert bare(text) == text


@given(st.text(max_size=20))
def test_any_text_stays_text(text: str) -> None:
    words, marked = without_marks(pa.array([text], TEXT))
    assert marked[0] == (words[0].as_py() != text)
