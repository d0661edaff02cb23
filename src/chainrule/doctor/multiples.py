"""Multiples: of given values that are a candidate's times a number, the number, and what it means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chainrule.doctor.findings import Mistake
from chainrule.doctor.notation import Notation
from chainrule.doctor.values import Values, dot, norm, squeezed

__all__ = ["Multiple", "multiple_mistakes", "multiples_of", "power_text", "scaled"]

Multiple = tuple[float, int]
"""(c, a): the number c mᵃ, with m the number of observations at each point."""

POWERS = (0, 1, -1, 2, -2)
NICE = (1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 0.0)


def multiples_of(
    given: Values, candidate: Values, counts: Sequence[int], tolerance: float
) -> Iterator[Multiple]:
    """Yield the (c, a) with which given = c mᵃ candidate at all points, by least squares.

    Parameters
    ----------
    given, candidate : Values
    counts : sequence of int
        m at each point.
    tolerance : float
        How far the numbers of different points may be apart, relatively.
    """
    factors, ms = [], []
    for a, b, m in zip(given, candidate, counts, strict=True):
        if a is None:
            continue
        if b is None:
            return
        if a.shape != b.shape:
            a, b = squeezed(a), squeezed(b)
        size = norm(b)
        if a.shape != b.shape or not size > 0:
            return
        factor = dot(b, a) / size**2
        if norm(a - factor * b) > 10 * tolerance * max(norm(a), size):
            return  # no multiple at all
        factors.append(factor)
        ms.append(m)
    yield from identified(factors, ms, tolerance)


def identified(
    factors: Sequence[float], counts: Sequence[int], tolerance: float
) -> Iterator[Multiple]:
    """Yield each (c, a) with c mᵃ equal to the factors; powers of m only where they are simple.

    At one point alone c = m and a = 1 cannot be told apart, and the power is preferred.
    """
    if not factors:
        return
    if max(abs(factor) for factor in factors) < tolerance:
        yield 0.0, 0
        return
    found: list[Multiple] = []
    for a in POWERS:
        constants = [factor / m**a for factor, m in zip(factors, counts, strict=True)]
        c = sorted(constants)[len(constants) // 2]
        if max(abs(constant - c) for constant in constants) <= 10 * tolerance * abs(c):
            found.append((snapped(c, tolerance), a))
    plain = [(c, a) for c, a in found if abs(c) == 1]
    yield from plain or found[:1]


def snapped(c: float, tolerance: float) -> float:
    """Return the simple number that c is meant to be, or c itself."""
    for nice in NICE:
        if abs(c - nice) <= 10 * tolerance * max(abs(nice), tolerance):
            return nice
    return c


def scaled(values: Values, multiple: Multiple, counts: Sequence[int]) -> Values:
    """Return c mᵃ times the values."""
    c, a = multiple
    return tuple(
        None if V is None else c * float(m) ** a * V for V, m in zip(values, counts, strict=True)
    )


def multiple_mistakes(notation: Notation, place: str, multiple: Multiple) -> tuple[Mistake, ...]:
    """Return what c mᵃ times the right value means at `place`: no mistake, one, or two."""
    c, a = multiple
    mistakes: list[Mistake] = []

    def add(code: str, sentence: str, **details: object) -> None:
        mistakes.append(Mistake(code, place, sentence, notation.formula(place), details))

    mean = notation.network.reduction == "mean"
    if a == 1 and mean:
        note = f"The 1/m of the mean is missing in {place}"
        right_for = ": it would be right for reduction='sum'." if place[1] in "AZ" else "."
        add("missing_mean", note + right_for)
    elif a == -1 and place[1] == "b":
        add("bias_mean_for_sum", f"{place} is a mean over the observations, and must be a sum.")
    elif a == -1 and mean:
        add("double_mean", f"The 1/m of the mean is there twice in {place}.")
    elif a == -1:
        add(
            "mean_for_sum",
            f"{place} is divided by m, and the declared cost is a sum: it would be right for "
            "reduction='mean'.",
        )
    elif a:
        add("factor", f"{place} is m{power_text(a)} times the right one.", factor=1.0, power=a)
    if c == -1:
        add("sign", f"The sign of {place} is the opposite one.")
    elif c != 1:
        add("factor", factor_sentence(notation, place, c), factor=c, power=0)
    return tuple(mistakes)


def power_text(a: int) -> str:
    """Return a as an exponent, nothing for 1."""
    return "" if a == 1 else str(a).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def factor_sentence(notation: Notation, place: str, c: float) -> str:
    """Say by which factor it is off, and what that factor may come from."""
    if c == 0:
        return f"{place} is zero."
    network = notation.network
    sentence = f"{place} is {c:.6g} times the right one"
    n = network.sizes[-1]
    sources = (
        (1 / network.cost_scale, f"the constant {network.cost_scale:g} before the cost is missing"),
        (1 / n, f"1/{n} is that of a mean over the {n} outputs; the loss sums over them"),
        (2.0, "as if the square had no ½ before it" if "half" in str(network.loss) else ""),
        (0.5, "as if the square had a ½ before it" if network.loss == "squared_error" else ""),
    )
    for value, source in sources:
        if source and value != 1 and abs(c - value) < 1e-6 * value:
            return f"{sentence}: {source}."
    return f"{sentence}."
