"""Numbers that are dressed up are the numbers that they are."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.data.forms.missing import TEXT
from chainrule.data.forms.numbers import NumberForm
from chainrule.data.forms.spelling import plainly_spelled

DRESSED = ('="{}"', '"{}"', "'{}", "'{}'", "[{}]", "\u200b{}", "{}\ufeff")
SCRIPTS = ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "๐๑๒๓๔๕๖๗๘๙", "０１２３４５６７８９")


def value(text: str, form: NumberForm | None = None) -> float | None:
    form = NumberForm() if form is None else form
    return form.read(pa.chunked_array([pa.array([text], TEXT)]))[0].as_py()  # type: ignore[no-any-return]


@given(st.decimals(-(10**6), 10**6, places=2), st.sampled_from(DRESSED))
def test_in_quotation_marks_and_brackets(number: object, dress: str) -> None:
    assert value(dress.format(number)) == float(str(number))


@given(st.decimals(0, 10**6, places=2), st.sampled_from(SCRIPTS))
def test_digits_of_other_scripts(number: object, digits: str) -> None:
    text = str(number).translate(str.maketrans("0123456789", digits))
    assert value(text) == float(str(number))


@given(st.integers(1, 999), st.integers(-20, 20))
def test_powers_of_ten(number: int, power: int) -> None:
    raised = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    for text in (f"{number}×10{raised}", f"{number} x 10^{power}", f"{number}·10^({power})"):
        assert value(text) == pytest.approx(float(f"{number}e{power}"))


@pytest.mark.parametrize(
    ("text", "form", "number"),
    [
        ("1.200,-", NumberForm(",", "."), 1200.0),
        ("1'200.–", NumberForm(".", "'"), 1200.0),
        ("12,--", NumberForm(","), 12.0),
        ("5½", NumberForm(), 5.5),
        ("21st", NumberForm(), 21.0),
        ("2 Mio. €", NumberForm(unit="€"), 2e6),
        ("$1.5 billion", NumberForm(currency="$"), 1.5e9),
        ("1.234,5-", NumberForm(",", "."), -1234.5),
    ],
)
def test_what_it_is_worth(text: str, form: NumberForm, number: float) -> None:
    assert value(text, form) == pytest.approx(number)


@given(st.text(max_size=20))
def test_any_text_stays_text(text: str) -> None:
    assert isinstance(plainly_spelled(pa.array([text], TEXT))[0].as_py(), str)


def test_a_cell_of_many_digits_takes_no_longer_than_its_length() -> None:
    text = "1" * 500_000 + "²"
    assert plainly_spelled(pa.array([text], TEXT))[0].as_py() == text
