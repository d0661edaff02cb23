"""Learning-rate schedules: a factor of the learning rate, read off the clock of a training.

A schedule that is read at every epoch's end leaves the rate alone within an epoch; one that is read at
every step moves it before each update. `Adaptive` does not read the clock at all: it lowers the rate
when the training asks it to, instead of stopping.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, log2, pi
from typing import ClassVar

from chainrule.checks import check_count, check_number
from chainrule.optim.optimizers import Optimizer

__all__ = [
    "SCHEDULES",
    "Adaptive",
    "Clock",
    "Constant",
    "CosLog",
    "Cosine",
    "InverseScaling",
    "OneCycle",
    "Schedule",
    "StepDecay",
]


@dataclass
class Clock:
    """How far a training has come.

    Attributes
    ----------
    epoch : int
        Epochs completed.
    step : int
        Updates made.
    observations : int
        Rows seen, over all epochs; scikit-learn's ``t_``.
    total_epochs, total_steps : int
        What was planned.
    """

    epoch: int = 0
    step: int = 0
    observations: int = 0
    total_epochs: int = 1
    total_steps: int = 1


class Schedule:
    """The base of all schedules, and the constant one in all but name.

    Attributes
    ----------
    read_at : {"step", "epoch", None}
        Whether `factor` is asked before each update, after each epoch, or never.
    """

    read_at: ClassVar[str | None] = None

    def factor(self, clock: Clock) -> float:
        """Return what the initial learning rate is to be multiplied with."""
        return 1.0

    def lower(self, optimizer: Optimizer) -> bool:
        """Answer a plateau: return True if the rate was lowered, and training is to go on."""
        return False


@dataclass(frozen=True)
class Constant(Schedule):
    """η_t = η."""


@dataclass(frozen=True)
class StepDecay(Schedule):
    """η_e = η γ^⌊e/k⌋: multiply by γ after every k epochs.

    Parameters
    ----------
    every : int
        k, at least 1.
    gamma : float
        γ, in (0, 1].
    """

    read_at = "epoch"
    every: int = 10
    gamma: float = 0.5

    def __post_init__(self) -> None:
        check_number("every", self.every, 1)
        check_number("gamma", self.gamma, 0, 1, low_open=True)

    def factor(self, clock: Clock) -> float:
        """Return γ^⌊e/k⌋."""
        return float(self.gamma ** (clock.epoch // self.every))


@dataclass(frozen=True)
class InverseScaling(Schedule):
    """η_t = η / (t + 1)^p, where t counts the observations seen; scikit-learn's "invscaling".

    Parameters
    ----------
    power : float
        p, at least 0.
    """

    read_at = "epoch"
    power: float = 0.5

    def __post_init__(self) -> None:
        check_number("power", self.power, 0)

    def factor(self, clock: Clock) -> float:
        """Return (t + 1)^−p."""
        return float((clock.observations + 1) ** -self.power)


@dataclass(frozen=True)
class Cosine(Schedule):
    """η_t = η (f + (1 − f)(1 + cos(π t/T))/2), over all T updates of the training.

    Parameters
    ----------
    final : float
        f, what the rate comes down to after T updates, as a part of the first; in [0, 1].

    References
    ----------
    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017, equation 5,
    without restarts.
    """

    read_at = "step"
    final: float = 0.0

    def __post_init__(self) -> None:
        check_number("final", self.final, 0, 1)

    def factor(self, clock: Clock) -> float:
        """Return the point of the cosine at this step."""
        return half_cosine(1.0, self.final, clock.step / max(clock.total_steps, 1))


@dataclass(frozen=True)
class OneCycle(Schedule):
    """From η/s up to η in the first part of the training, then down to η/(s f), on half cosines.

    Parameters
    ----------
    warmup : float
        The part of the training that rises, in (0, 1).
    start : float
        s: the first rate is η/s.
    final : float
        f: the rate comes down to η/(s f) after all updates.

    References
    ----------
    Smith and Topin, "Super-convergence: very fast training of neural networks using large learning
    rates", 2018.
    """

    read_at = "step"
    warmup: float = 0.3
    start: float = 25.0
    final: float = 1e4

    def __post_init__(self) -> None:
        check_number("warmup", self.warmup, 0, 1, low_open=True, high_open=True)
        check_number("start", self.start, 1)
        check_number("final", self.final, 1)

    def factor(self, clock: Clock) -> float:
        """Return the point of the cycle at this step."""
        done = clock.step / max(clock.total_steps, 1)
        low, end = 1 / self.start, 1 / (self.start * self.final)
        if done < self.warmup:
            return half_cosine(low, 1.0, done / self.warmup)
        return half_cosine(1.0, end, (done - self.warmup) / (1 - self.warmup))


@dataclass(frozen=True)
class CosLog(Schedule):
    """η_t = η (1 − cos(2π log₂(1 + (2^c − 1) t/T)))/2: c waves, each twice as long as the one before.

    Every wave begins and ends at 0, the last one after all T updates; the long ones let the network
    settle, the short ones at the start find where.

    Parameters
    ----------
    cycles : int
        c, at least 1; 4 is the "coslog4" of the source.

    References
    ----------
    Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees
    on tabular data", 2024, appendix A.
    """

    read_at = "step"
    cycles: int = 4

    def __post_init__(self) -> None:
        check_count("cycles", self.cycles, 1, 30)

    def factor(self, clock: Clock) -> float:
        """Return the point of the wave at this step."""
        done = min(clock.step / max(clock.total_steps, 1), 1.0)
        return (1 - cos(2 * pi * log2(1 + (2**self.cycles - 1) * done))) / 2


@dataclass(frozen=True)
class Adaptive(Schedule):
    """Divide the rate on a plateau instead of stopping there, until it is very small.

    Parameters
    ----------
    divisor : float
        The rate is divided by this, more than 1.
    minimum : float
        At or below this rate the training stops.
    """

    divisor: float = 5.0
    minimum: float = 1e-6

    def __post_init__(self) -> None:
        check_number("divisor", self.divisor, 1, low_open=True)
        check_number("minimum", self.minimum, 0)

    def lower(self, optimizer: Optimizer) -> bool:
        """Divide the rate; return False if it is too small already."""
        if optimizer.learning_rate <= self.minimum:
            return False
        optimizer.learning_rate /= self.divisor
        return True


SCHEDULES: dict[str, type[Schedule]] = {
    "constant": Constant,
    "step": StepDecay,
    "cosine": Cosine,
    "one_cycle": OneCycle,
    "coslog4": CosLog,
    "inverse_scaling": InverseScaling,
    "adaptive": Adaptive,
}


def half_cosine(start: float, end: float, part: float) -> float:
    """Go from `start` to `end` on half a cosine; `part` runs from 0 to 1."""
    return end + (start - end) * (1 + cos(pi * min(part, 1.0))) / 2
