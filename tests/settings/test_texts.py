"""Values of options: what is written is read back."""

import pytest

from chainrule.errors import ParameterError
from chainrule.settings import ClassifierSettings, rows_of
from chainrule.settings.texts import FACTORS, NAMES, PROBABILITIES, SCALING, SIZES, written


@pytest.mark.parametrize(
    ("codec", "text", "value"),
    [
        (SIZES, "64,32", (64, 32)),
        (SIZES, "100", (100,)),
        (SIZES, "none", ()),
        (NAMES, "tanh", "tanh"),
        (NAMES, "tanh,relu", ["tanh", "relu"]),
        (PROBABILITIES, "0.2", 0.2),
        (PROBABILITIES, "0.1,0.3", (0.1, 0.3)),
        (FACTORS, "scale=6,b=0.1", {"scale": 6.0, "b": 0.1}),
        (FACTORS, "none", None),
        (SCALING, "robust", "robust"),
        (SCALING, "standard", None),
    ],
)
def test_a_text_is_read_and_written(codec, text, value):
    assert codec.read("--x", text) == value
    assert codec.write(value) == text


@pytest.mark.parametrize("row", [r for r in rows_of(ClassifierSettings).values() if r.presets])
def test_what_help_says_of_a_preset_can_be_given(row):
    if row.option is None or row.option.codec is None:
        return
    value = row.in_preset("realmlp", classification=True)
    assert row.option.codec.read(row.flag, row.option.codec.write(value)) == value


def test_numbers_and_switches_in_words():
    values = [True, False, None, 0.0, 0.0001, 100, float("inf"), "adam"]
    assert [written(v) for v in values] == [
        "yes",
        "no",
        "none",
        "0",
        "0.0001",
        "100",
        "no end",
        "adam",
    ]


@pytest.mark.parametrize("codec", [SIZES, PROBABILITIES, FACTORS])
def test_what_cannot_be_read_is_told_with_the_option(codec):
    with pytest.raises(ParameterError, match=r"^--x must be .* got '1e3x'$"):
        codec.read("--x", "1e3x")
