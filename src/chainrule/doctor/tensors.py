"""One parameter's gradient: given = α (data term) + β (parameter), and which mistakes that means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chainrule.doctor.findings import Mistake
from chainrule.doctor.glimpse import FEWEST, Glimpse, spanned
from chainrule.doctor.multiples import (
    Multiple,
    identified,
    multiple_mistakes,
    multiples_of,
    power_text,
    scaled,
)
from chainrule.doctor.notation import Notation
from chainrule.doctor.values import Values, distance, norm, same_shapes

__all__ = ["Explanation", "Tensor", "confirmed", "explain", "plus"]


@dataclass(frozen=True)
class Explanation:
    """Mistakes that give the given values, with the distance that is left."""

    mistakes: tuple[Mistake, ...]
    distance: float
    values: Values

    @property
    def cost(self) -> int:
        """How many mistakes it takes."""
        return len(self.mistakes)


@dataclass(frozen=True)
class Tensor:
    """What is known about the gradient of one parameter.

    Parameters
    ----------
    name : str
        ``"dW1"`` or so.
    given : Values
    data : Values
        The right data term, from what is upstream.
    parameter : Values
        W_l or b_l.
    kappa : sequence of float
        κ of the penalty at each point; 0 if it does not cover the parameter.
    others : sequence of (int, Values)
        The parameters of other layers that have the same shape.
    counts : sequence of int
        m at each point.
    tolerance : float
    floors : sequence of float, optional
        The least scale of differences at each point.
    glimpse : Glimpse, optional
        The gradient at the first point where it was given.
    """

    name: str
    given: Values
    data: Values
    parameter: Values
    kappa: Sequence[float]
    others: Sequence[tuple[int, Values]]
    counts: Sequence[int]
    tolerance: float
    floors: Sequence[float] | None = None
    glimpse: Glimpse | None = None

    @property
    def is_right(self) -> bool:
        """Whether what was given follows rightly from what is upstream."""
        return distance(self.given, self.right, self.floors) <= self.tolerance

    @property
    def penalized(self) -> bool:
        """Whether the declared cost penalizes this parameter."""
        return any(self.kappa)

    def penalty(self, multiple: Multiple = (1.0, 0), of: Values | None = None) -> Values:
        """Return κ θ, or a multiple of it, or that of another layer's parameter."""
        theta = self.parameter if of is None else of
        with_kappa = tuple(
            None if V is None else k * V for k, V in zip(self.kappa, theta, strict=True)
        )
        return scaled(with_kappa, multiple, self.counts)

    @property
    def right(self) -> Values:
        """The right gradient, given what is upstream."""
        return plus(self.data, self.penalty())


def plus(left: Values, right: Values, sign: float = 1.0) -> Values:
    """Return left + sign · right at each point, None where the shapes do not go together."""
    return tuple(
        None if a is None or b is None or a.size != b.size else a + sign * b.reshape(a.shape)
        for a, b in zip(left, right, strict=True)
    )


def explain(
    notation: Notation, tensor: Tensor, variants: Sequence[tuple[Mistake, Values]], most: int = 2
) -> list[Explanation]:
    """Return the explanations of the given values that take the fewest mistakes; none if none does.

    Parameters
    ----------
    notation : Notation
    tensor : Tensor
    variants : sequence of (Mistake, Values)
        Wrong data terms.
    most : int
        The largest number of mistakes that are combined.
    """
    starts: list[tuple[tuple[Mistake, ...], Values]] = [((), tensor.data)]
    starts += [((mistake,), data) for mistake, data in variants if same_shapes(tensor.given, data)]
    starts = [start for start in starts if allowed(tensor, start[1])]
    found: list[Explanation] = []
    for mistakes, data in starts:
        for more, values in fits(notation, tensor, data):
            if len(mistakes) + len(more) > most:
                continue
            left = distance(tensor.given, values, tensor.floors)
            if left <= tensor.tolerance:
                found.append(Explanation(mistakes + more, left, values))
    found += transposes(notation, tensor)
    if not found:
        return []
    fewest = min(explanation.cost for explanation in found)
    return distinct([explanation for explanation in found if explanation.cost == fewest])


def allowed(tensor: Tensor, data: Values) -> bool:
    """Say whether a data term may explain what was given, at the first point where anything was."""
    if tensor.glimpse is None:
        return True
    at = next(k for k, V in enumerate(tensor.given) if V is not None)
    return tensor.glimpse.allows(data[at])


def distinct(explanations: list[Explanation]) -> list[Explanation]:
    """Return the explanations without repetitions, and without those that fit far worse."""
    best = min(explanation.distance for explanation in explanations)
    kept: dict[tuple[tuple[str, str], ...], Explanation] = {}
    for explanation in explanations:
        if explanation.distance <= max(100 * best, 1e-12):
            key = tuple((mistake.code, mistake.sentence) for mistake in explanation.mistakes)
            kept.setdefault(key, explanation)
    return list(kept.values())


def transposes(notation: Notation, tensor: Tensor) -> Iterator[Explanation]:
    """Yield the whole gradient, penalty included, transposed."""
    if tensor.name[1] != "W":
        return
    values = tuple(None if V is None else V.T for V in tensor.right)
    left = distance(tensor.given, values)
    if left <= tensor.tolerance and not tensor.is_right:
        name = tensor.name
        sentence = f"This is the transpose of {name}."
        mistake = Mistake("missing_transpose", name, sentence, notation.formula(name))
        yield Explanation((mistake,), left, values)


def fits(
    notation: Notation, tensor: Tensor, data: Values
) -> Iterator[tuple[tuple[Mistake, ...], Values]]:
    """Yield (mistakes, values) for multiples of a data term and of the penalty that may fit."""
    name, counts, tolerance = tensor.name, tensor.counts, tensor.tolerance
    penalized = tensor.penalized
    shaped = same_shapes(tensor.given, tensor.parameter)
    right = plus(data, tensor.penalty()) if penalized and shaped else data
    yield (), right
    if penalized and shaped:
        for multiple in multiples_of(tensor.given, right, counts, tolerance):
            yield multiple_mistakes(notation, name, multiple), scaled(right, multiple, counts)
    for extra, mistakes in penalties(notation, tensor, data) if shaped else [(None, ())]:
        if mistakes:
            yield mistakes, data if extra is None else plus(data, extra)
        rest = tensor.given if extra is None else plus(tensor.given, extra, -1)
        for multiple in multiples_of(rest, data, counts, tolerance):
            values = scaled(data, multiple, counts)
            yield (
                (*multiple_mistakes(notation, name, multiple), *mistakes),
                values if extra is None else plus(values, extra),
            )
    if shaped:
        yield from both(notation, tensor, data)


def penalties(
    notation: Notation, tensor: Tensor, data: Values
) -> Iterator[tuple[Values | None, tuple[Mistake, ...]]]:
    """Yield penalty terms, and what is wrong about them: nothing, or the sign, the factor, the layer."""
    counts, tolerance = tensor.counts, tensor.tolerance
    if not tensor.penalized:
        yield None, ()
    else:
        yield tensor.penalty(), ()
        yield None, penalty_mistakes(notation, tensor, (0.0, 0))
        yield tensor.penalty((-1.0, 0)), penalty_mistakes(notation, tensor, (-1.0, 0))
    rest = plus(tensor.given, data, -1)
    base = tensor.penalty() if tensor.penalized else tensor.parameter
    for multiple in multiples_of(rest, base, counts, tolerance):
        if multiple[0] not in (0.0, 1.0) or multiple[1]:
            yield scaled(base, multiple, counts), penalty_mistakes(notation, tensor, multiple)
    if tensor.penalized:
        letter = tensor.name[1]
        for k, theta in tensor.others:
            sentence = (
                f"The penalty's derivative in {tensor.name} has {letter}{k}, not its own parameter."
            )
            mistake = Mistake(
                "penalty_wrong_layer",
                tensor.name,
                sentence,
                notation.formula(tensor.name),
                {"layer": k},
            )
            yield tensor.penalty(of=theta), (mistake,)


def both(
    notation: Notation, tensor: Tensor, data: Values
) -> Iterator[tuple[tuple[Mistake, ...], Values]]:
    """Yield the least-squares fit of both multiples, where the array has numbers enough."""
    alphas, betas, ms = [], [], []
    for g, d, p, k, m in zip(
        tensor.given, data, tensor.parameter, tensor.kappa, tensor.counts, strict=True
    ):
        if g is None:
            continue
        if d is None or p is None or g.size < FEWEST or d.size != g.size:
            return
        alpha, beta, left = spanned(g, d.reshape(g.shape), p.reshape(g.shape))
        if not left <= 10 * tensor.tolerance * norm(g):
            return
        alphas.append(alpha)
        betas.append(beta / k if k else beta)
        ms.append(m)
    base = tensor.penalty() if tensor.penalized else tensor.parameter
    for a in identified(alphas, ms, 10 * tensor.tolerance):
        for b in identified(betas, ms, 10 * tensor.tolerance):
            mistakes = multiple_mistakes(notation, tensor.name, a)
            if b != (1.0, 0) or not tensor.penalized:
                mistakes += penalty_mistakes(notation, tensor, b)
            yield (
                mistakes,
                plus(scaled(data, a, tensor.counts), scaled(base, b, tensor.counts)),
            )


def confirmed(tensor: Tensor) -> bool:
    """Say whether the data term is right up to its multiple and the penalty: dZ_l is what it seems."""
    for g, d, p in zip(tensor.given, tensor.data, tensor.parameter, strict=True):
        if g is None:
            continue
        if d is None or p is None or {d.size, p.size} != {g.size} or g.size < 3 or not g.any():
            return False  # two numbers are a combination of any two others, and zeros of anything
        if not spanned(g, d.reshape(g.shape), p.reshape(g.shape))[2] <= tensor.tolerance * norm(g):
            return False
    return True


def penalty_mistakes(notation: Notation, tensor: Tensor, multiple: Multiple) -> tuple[Mistake, ...]:
    """Return what a multiple of the penalty's derivative means; without a penalty, of the parameter."""
    name, (c, a) = tensor.name, multiple
    own = name[1:]
    corrected = notation.formula(name)
    if c == 0:
        if not tensor.penalized:
            return ()
        sentence = f"The derivative of the penalty, a multiple of {own}, is missing in {name}."
        return (Mistake("penalty_missing", name, sentence, corrected),)
    amount = f"{c:.6g}" + (f" m{power_text(a)}" if a else "")
    details = {"factor": c, "power": a}
    if not tensor.penalized:
        biases = name[1] == "b"
        declared = notation.network.penalty is not None
        why = (
            "the declared penalty is on the weights alone"
            if biases and declared
            else ("the declared cost has no penalty")
        )
        code = "penalty_on_biases" if biases else "penalty_factor"
        return (Mistake(code, name, f"{name} holds {amount} · {own}; {why}.", corrected, details),)
    if (c, a) == (-1.0, 0):
        sentence = f"The derivative of the penalty has the opposite sign in {name}."
        return (Mistake("penalty_sign", name, sentence, corrected),)
    sentence = f"The derivative of the penalty in {name} is {amount} times the declared one."
    return (Mistake("penalty_factor", name, sentence, corrected, details),)
