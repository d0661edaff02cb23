"""Single values: what passes, what is refused, and in which words."""

import numpy as np
import pytest

from chainrule.checks import check_count, check_number, check_switch
from chainrule.errors import ParameterError

OPEN = {"low_open": True, "high_open": True}


@pytest.mark.parametrize("value", [0, 1, 0.5, np.float32(0.5), np.int8(1), -0.0])
def test_numbers_between_two_bounds(value):
    check_number("x", value, 0, 1)


@pytest.mark.parametrize(
    ("value", "bounds", "options", "wanted"),
    [
        (1.5, (0, 1), {}, "a number from 0 to 1, not 1.5"),
        (0, (0, 1), OPEN, "a number above 0 and below 1, not 0"),
        (1, (0, 1), {"high_open": True}, "a number of at least 0 and below 1, not 1"),
        (0.0, (0, 1), {"low_open": True}, "a number above 0 and at most 1, not 0.0"),
        (0, (0,), {"low_open": True}, "a finite number above 0, not 0"),
        (np.inf, (0,), {}, "a finite number of at least 0, not inf"),
        (np.inf, (), {}, "a finite number, not inf"),
        (-np.inf, (), {}, "a finite number, not -inf"),
        (np.nan, (), {}, "a finite number, not nan"),
        (np.nan, (0, 1), {}, "a number from 0 to 1, not nan"),
        (True, (0, 1), {}, "a number from 0 to 1, not True"),
        ("1", (0, 1), {}, "a number from 0 to 1, not '1'"),
        (None, (0, 1), {}, "a number from 0 to 1, not None"),
        (1j, (0, 1), {}, "a number from 0 to 1, not 1j"),
    ],
)
def test_numbers_that_are_refused(value, bounds, options, wanted):
    with pytest.raises(ParameterError) as refusal:
        check_number("x", value, *bounds, **options)
    assert str(refusal.value) == f"x must be {wanted}"


@pytest.mark.parametrize("value", [1, 3, np.int64(2), 10**30])
def test_counts(value):
    check_count("n", value)


@pytest.mark.parametrize("value", [0, -1, 2.0, True, "2", None, np.nan, np.bool_(True)])
def test_counts_that_are_refused(value):
    with pytest.raises(ParameterError, match=r"^n must be a whole number of at least 1, not "):
        check_count("n", value)
    with pytest.raises(ParameterError, match=r"^n must be a whole number from 4 to 9, not "):
        check_count("n", value, 4, 9)


@pytest.mark.parametrize("value", [True, False, np.bool_(True), np.False_])
def test_switches(value):
    check_switch("biases", value)


@pytest.mark.parametrize("value", [0, 1, None, "yes", np.array([True]), np.int8(1)])
def test_switches_that_are_refused(value):
    with pytest.raises(ParameterError, match=r"^biases must be True or False, not "):
        check_switch("biases", value)
