"""Each schedule's formula at points computed by hand, and what holds of all."""

from math import cos, pi, sqrt

import numpy as np
import pytest

from chainrule.errors import ParameterError
from chainrule.optim import (
    SCHEDULES,
    SGD,
    Adaptive,
    Clock,
    Constant,
    Cosine,
    CosLog,
    InverseScaling,
    OneCycle,
    Schedule,
    StepDecay,
)


def at(**values):
    return Clock(**{"total_epochs": 10, "total_steps": 100, **values})


@pytest.mark.parametrize(
    ("schedule", "clock", "factor"),
    [
        (Constant(), at(step=70, epoch=7), 1.0),
        (Adaptive(), at(step=70, epoch=7), 1.0),
        (StepDecay(every=3, gamma=0.1), at(epoch=0), 1.0),
        (StepDecay(every=3, gamma=0.1), at(epoch=2), 1.0),
        (StepDecay(every=3, gamma=0.1), at(epoch=3), 0.1),
        (StepDecay(every=3, gamma=0.1), at(epoch=8), 0.01),
        (StepDecay(), at(epoch=30), 0.125),
        (InverseScaling(), at(observations=0), 1.0),
        (InverseScaling(), at(observations=99), 0.1),
        (InverseScaling(power=2), at(observations=9), 0.01),
        (InverseScaling(power=0), at(observations=9), 1.0),
        (Cosine(), at(step=0), 1.0),
        (Cosine(), at(step=25), (2 + sqrt(2)) / 4),
        (Cosine(), at(step=50), 0.5),
        (Cosine(), at(step=100), 0.0),
        (Cosine(), at(step=250), 0.0),  # beyond the plan: it stays at the end
        (Cosine(final=0.2), at(step=50), 0.6),
        (Cosine(final=0.2), at(step=100), 0.2),
        (OneCycle(), at(step=0), 1 / 25),
        (OneCycle(), at(step=15), (1 + 1 / 25) / 2),
        (OneCycle(), at(step=30), 1.0),
        (OneCycle(), at(step=65), (1 + 1 / 25e4) / 2),
        (OneCycle(), at(step=100), 1 / 25e4),
        (OneCycle(), at(step=101), 1 / 25e4),
        (OneCycle(warmup=0.5, start=10, final=10), at(step=25), 0.55),
        (OneCycle(warmup=0.5, start=10, final=10), at(step=75), (1 + 0.01) / 2),
        (Cosine(), at(step=0, total_steps=0), 1.0),
        (CosLog(), at(step=0), 0.0),
        (CosLog(1), at(step=50), (1 - cos(2 * pi * 0.5849625007211562)) / 2),  # log2(1.5)
        (CosLog(2), at(step=100 / 3, total_steps=100), 0.0),  # the end of the first wave of 2
        (CosLog(), at(step=100), 0.0),
        (CosLog(), at(step=250), 0.0),
        (CosLog(), at(step=0, total_steps=0), 0.0),
    ],
)
def test_the_formulas(schedule, clock, factor):
    assert schedule.factor(clock) == pytest.approx(factor, rel=1e-12, abs=1e-16)


def test_the_cosine_is_one():
    factors = [Cosine(final=0.1).factor(at(step=t)) for t in range(101)]
    expected = [0.1 + 0.9 * (1 + cos(pi * t / 100)) / 2 for t in range(101)]
    np.testing.assert_allclose(factors, expected, rtol=1e-12)


@pytest.mark.parametrize("schedule", [StepDecay(4, 0.7), InverseScaling(), Cosine(), Cosine(0.3)])
def test_the_rate_never_rises(schedule):
    factors = [schedule.factor(at(step=t, epoch=t // 10, observations=32 * t)) for t in range(130)]
    assert (np.diff(factors) <= 0).all()
    assert factors[0] == 1 > factors[-1]


def test_one_cycle_rises_then_falls_without_a_jump():
    factors = np.array([OneCycle(0.4).factor(at(step=t)) for t in range(101)])
    assert factors.argmax() == 40
    assert (np.diff(factors[:41]) > 0).all()
    assert (np.diff(factors[40:]) < 0).all()
    assert np.abs(np.diff(factors)).max() < 0.05


@pytest.mark.parametrize("cycles", [1, 2, 3, 4, 7])
def test_waves_each_twice_as_long_as_the_one_before(cycles):
    """η_t/η = (1 − cos(2π log₂(1 + (2^c − 1) t/T)))/2, of Holzmüller et al., appendix A."""
    T = 1000 * (2**cycles - 1)
    schedule = CosLog(cycles)

    def factor(t):
        return schedule.factor(at(step=t, total_steps=T))

    for wave in range(cycles + 1):  # they begin and end at (2^w − 1)/(2^c − 1) of the way
        assert factor(1000 * (2**wave - 1)) == pytest.approx(0, abs=1e-18)
        if wave < cycles:  # and are highest where log₂ is halfway
            assert factor(1000 * (2 ** (wave + 0.5) - 1)) == pytest.approx(1, rel=1e-12)
    for t in np.linspace(0, T, 37):
        exact = (1 - np.cos(2 * np.pi * np.log2(1 + (2**cycles - 1) * t / T))) / 2
        assert factor(t) == pytest.approx(exact, rel=1e-9, abs=1e-12)
        assert 0 <= factor(t) <= 1
    factors = np.array([factor(t) for t in range(0, T + 1, 25)])
    turns = np.count_nonzero(np.diff(np.sign(np.diff(factors))))
    assert turns == 2 * cycles - 1


def test_the_name_says_four_waves():
    assert SCHEDULES["coslog4"]() == CosLog(4)


def test_when_they_are_read():
    when = {name: kind.read_at for name, kind in SCHEDULES.items()}
    assert when == {
        "constant": None,
        "adaptive": None,
        "step": "epoch",
        "inverse_scaling": "epoch",
        "cosine": "step",
        "one_cycle": "step",
        "coslog4": "step",
    }


def test_adaptive_divides_until_the_rate_is_small():
    optimizer, schedule = SGD(1.0), Adaptive(divisor=10, minimum=0.01)
    lowered = [schedule.lower(optimizer) for _ in range(4)]
    assert lowered == [True, True, False, False]
    assert optimizer.learning_rate == pytest.approx(0.01)


@pytest.mark.parametrize("schedule", [Schedule(), *(kind() for kind in SCHEDULES.values())])
def test_only_adaptive_answers_a_plateau(schedule):
    optimizer = SGD(1.0)
    assert schedule.lower(optimizer) == isinstance(schedule, Adaptive)
    assert optimizer.learning_rate == (0.2 if isinstance(schedule, Adaptive) else 1.0)


@pytest.mark.parametrize("kind", SCHEDULES.values())
def test_schedules_are_values(kind):
    assert kind() == kind()
    assert hash(kind()) == hash(kind())


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (StepDecay, "every", 0),
        (StepDecay, "every", "ten"),
        (StepDecay, "gamma", 0.0),
        (StepDecay, "gamma", 1.5),
        (InverseScaling, "power", -1),
        (Cosine, "final", -0.1),
        (Cosine, "final", 1.1),
        (OneCycle, "warmup", 0.0),
        (OneCycle, "warmup", 1.0),
        (OneCycle, "start", 0.5),
        (OneCycle, "final", 0.5),
        (OneCycle, "final", np.inf),
        (CosLog, "cycles", 0),
        (CosLog, "cycles", 31),
        (CosLog, "cycles", "four"),
        (CosLog, "cycles", None),
        (Adaptive, "divisor", 1.0),
        (Adaptive, "minimum", -1e-9),
        (Adaptive, "minimum", None),
    ],
)
def test_a_wrong_value_is_named(kind, name, value):
    with pytest.raises(ParameterError, match=f"^{name} must be"):
        kind(**{name: value})
