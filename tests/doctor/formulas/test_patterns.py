"""The patterns of the formulas' readers: twice the text is twice the work, counted in steps."""

import importlib
import re

import pytest

from helpers.regex_steps import Matcher, attacks

MODULES = ("document", "macros", "surface", "equations")
# Those that are tried on a text of a bounded length alone, or at one place of it.
ELSEWHERE = ("REAL", "BESIDE", "DEFINED_BEFORE", "CONTINUED", "MARGIN")
VARIANTS = 2
FEW, MORE = 16, 64
MOST = 7.0  # where linear work is 4 times as much, and that of a square 16


def patterns():
    for name in MODULES:
        module = importlib.import_module(f"chainrule.doctor.formulas.{name}")
        for key, value in vars(module).items():
            if isinstance(value, re.Pattern) and key not in ELSEWHERE:
                yield pytest.param(value, id=f"{name}.{key}")


def growth(pattern):
    """Return how much more work four times the text is, at worst, and that text."""
    matcher = Matcher(pattern)
    texts = zip(*(attacks(matcher.nodes, VARIANTS, times) for times in (FEW, MORE)), strict=True)
    return max(
        ((matcher.count(long) / (matcher.count(short) + 20), short) for short, long in texts),
        default=(0, ""),
    )


@pytest.mark.parametrize("pattern", list(patterns()))
def test_the_work_is_linear(pattern):
    ratio, text = growth(pattern)
    assert ratio < MOST, text


@pytest.mark.parametrize(
    "pattern", [r"\^\s*\{?\s*x", r"\\\\\[[^\]]*\]", r"a\s*(?:&|\s)*b", r"(`+)(?!`)[^\n]*?\1(?!`)"]
)
def test_a_square_is_seen(pattern):
    assert growth(re.compile(pattern))[0] > MOST


@pytest.mark.parametrize("pattern", list(patterns()))
def test_the_matcher_finds_what_python_finds(pattern):
    """It must be the pattern whose steps are counted."""
    matcher = Matcher(pattern)
    for text in list(attacks(matcher.nodes, VARIANTS, 2)):
        for place in range(len(text)):
            found = pattern.match(text, place)
            assert next(matcher.ends(matcher.nodes, text, place, {}), None) == (
                found and found.end()
            )
