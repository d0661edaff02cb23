"""The elementary functions of the compiled engine, over the numbers that float32 has.

``python -m helpers.float32s``, from the folder of the tests, goes through every float32 between 2⁻¹³ and
128 on either side of 0, and prints the largest errors and where they are; names of functions may follow.
It takes a minute for each; `WORST` is what it found.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from chainrule.core.engine import _engine

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805
UNIT = {np.float32: 2.0**-24, np.float64: 2.0**-53}


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z > 0, 1, e) / (1 + e)


def softplus(z):
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def below(z):
    return np.minimum(z, 0)


def sech2(z):
    return np.cosh(np.minimum(np.abs(z), 350)) ** -2.0


@dataclass(frozen=True)
class Function:
    """g and g' in float64, and what float32 is held to.

    `ulps` bounds the error of g in units in the last place where |x| ≤ `range`; None bounds it by
    4 · 2⁻²⁴ · max(1, |x|). The derivative is held to that everywhere.
    """

    value: Callable
    derivative: Callable
    ulps: float | None = 4
    range: float = np.inf


FUNCTIONS = {
    "identity": Function(lambda z: z, np.ones_like, 0),
    "sigmoid": Function(sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "tanh": Function(np.tanh, sech2),
    "relu": Function(lambda z: np.maximum(z, 0), lambda z: 1.0 * (z > 0), 0),
    "leaky_relu": Function(
        lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1, 0.01), 1
    ),
    "elu": Function(
        lambda z: np.where(z > 0, z, np.expm1(below(z))),
        lambda z: np.exp(below(z)),
    ),
    "selu": Function(
        lambda z: SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * np.expm1(below(z))),
        lambda z: SELU_SCALE * np.where(z > 0, 1, SELU_ALPHA * np.exp(below(z))),
    ),
    "softplus": Function(softplus, sigmoid),
    "gelu": Function(
        lambda z: z * ndtr(z),
        lambda z: ndtr(z) + z * np.exp(-z * z / 2) / np.sqrt(2 * np.pi),
        None,
    ),
    "silu": Function(
        lambda z: z * sigmoid(z), lambda z: sigmoid(z) * (1 + z * sigmoid(-z)), range=80
    ),
    "mish": Function(
        lambda z: z * np.tanh(softplus(z)),
        lambda z: np.tanh(softplus(z)) + z * sigmoid(z) * sech2(softplus(z)),
        range=80,
    ),
    "exponential": Function(np.exp, np.exp),
}

# Where the largest errors over all numbers were, of a value or a derivative, for one instruction set or
# another, now or in formulas that have been given up for them.
WORST = {
    "sigmoid": (-4.157294, 1.0254254, 1.0358568, 8.662722),
    "tanh": (0.22721204, 0.5488183, 0.86789477, 0.88054514, 5.930846, 8.791893),
    "elu": (-0.34965816, -0.28700212, -0.34596267, -0.34625706),
    "selu": (-0.3243768, -0.3309536, -0.998463),
    "softplus": (-2.0209563, -0.33731565, 0.011409848),
    "gelu": (1.1464951, 1.1734754, 0.034174677, 0.0359857),
    "silu": (-5.955036, -6.8076844, 1.0074832, 0.9988729),
    "mish": (-13.802742, -13.802856, -6.783012, 0.9851209, 0.9195857, 0.93173486),
}
# Where the formulas change, and where what they compute leaves the normal numbers.
CORNERS = (
    2.0**-126,
    0.5,
    1,
    2,
    4,
    9.02,
    16.6,
    17.3,
    20,
    30,
    80,
    87.34,
    88,
    88.73,
    89,
    103.97,
    104,
    128,
    1e4,
)


def activate(name, instruction_set, Z):
    """Return g(Z) and g'(Z) by the compiled engine, for any number of numbers."""
    padded = np.zeros(-(-len(Z) // 16) * 16, Z.dtype)
    padded[: len(Z)] = Z
    D = np.ones_like(padded)
    _engine.activate(instruction_set, name, padded, D)
    return padded[: len(Z)], D[: len(Z)]


def numbered(patterns):
    """Return the finite float32s of some bit patterns."""
    numbers = np.asarray(patterns).astype(np.uint32).view(np.float32)
    return numbers[np.isfinite(numbers)]


def pattern(x):
    return int(np.float32(x).view(np.uint32))


def sample():
    """Return every 2003rd float32, every 251st between 2⁻¹³ and 128, and all around the corners."""
    around = np.arange(-300, 301)
    positive = [np.arange(pattern(2.0**-13), pattern(128), 251), np.arange(3000)]
    positive += [pattern(x) + around for x in CORNERS]
    positive += [pattern(abs(x)) + around for points in WORST.values() for x in points]
    positive += [pattern(np.finfo(np.float32).max) - np.arange(3000)]
    half = np.concatenate(positive)
    return numbered(np.concatenate([np.arange(0, 2**32, 2003), half, half + 2**31]))


def ulp_of(value):
    """Return the unit in the last place of the float32 nearest to each value."""
    with np.errstate(over="ignore", under="ignore"):
        size = np.minimum(np.abs(value), 2.0**127).astype(np.float32)
    return np.spacing(size).astype(np.float64)


def errors(name, instruction_set, Z, truth=None):
    """Return the errors of the value and of the derivative, as parts of what is allowed.

    A NaN is an infinite error, and so is an infinity where float32 has the number. A value that
    rounds to infinity must be infinite, and its derivative is not looked at.
    """
    function = FUNCTIONS[name]
    value, slope = true(name, Z) if truth is None else truth
    got, got_slope = activate(name, instruction_set, Z)
    absolute = 4 * UNIT[np.float32] * np.maximum(1, np.abs(Z.astype(np.float64)))
    allowed = absolute
    if function.ulps is not None:
        allowed = np.where(np.abs(Z) <= function.range, function.ulps * ulp_of(value), absolute)
    if name == "exponential":  # whose derivative grows as it does
        absolute = allowed
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        beyond = np.isinf(value.astype(np.float32))
        off = np.where(got == value, 0, np.abs(got - value) / allowed)
        off[beyond] = np.where(got[beyond] == np.sign(value[beyond]) * np.inf, 0, np.inf)
        slope_off = np.where(beyond, 0, np.abs(got_slope - slope) / absolute)
    return tuple(np.where(np.isnan(V), np.inf, V) for V in (off, slope_off))


def true(name, Z):
    """Return g(Z) and g'(Z) in float64."""
    function = FUNCTIONS[name]
    z = Z.astype(np.float64)
    with np.errstate(over="ignore", under="ignore"):
        return function.value(z), function.derivative(z)


def main():
    least, most, step = pattern(2.0**-13), pattern(128), 1 << 22
    for name in sys.argv[1:] or FUNCTIONS:
        worst = {}
        for sign in (0, 2**31):
            for start in range(least, most, step):
                Z = numbered(np.arange(start, min(start + step, most)) + sign)
                truth = true(name, Z)
                for instruction_set in _engine.available():
                    found = errors(name, instruction_set, Z, truth)
                    for kind, off in zip(("g", "g'"), found, strict=True):
                        at = int(off.argmax())
                        key = kind, instruction_set
                        worst[key] = max(worst.get(key, (0.0, 0.0)), (float(off[at]), float(Z[at])))
        for (kind, instruction_set), (off, z) in sorted(worst.items()):
            print(f"{name:12}{kind:3} {instruction_set:9} {off:.3f} of what is allowed, at {z!r}")


if __name__ == "__main__":
    main()
