"""The smallest change that makes a wrong formula right: it names the mistake, and corrects it.

Every change that undoes a mistake people make is tried at every place of the formula: a sign, a
transpose, a layer, a factor. A change counts if the changed formula has the true value at every trial,
or a constant multiple of it, which is then a second mistake.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.edits import Edit, edits_of, flipped
from chainrule.doctor.formulas.scaling import Multiple, unscaled, written
from chainrule.doctor.formulas.tree import Assignment, Expression, Name
from chainrule.errors import FormulaError
from chainrule.nn.arrays import Array

__all__ = ["Known", "Repair", "Trial", "multiple_of", "repairs"]

TOLERANCE = 1e-7
MOST_EDITS = 3000
MOST_WORK = 60_000  # parts of formulas: what counts where a formula is long
PLAIN = (  # mistakes of which there may be two in one formula
    "missing_transpose",
    "wrong_weights",
    "activation_derivative_argument",
    "wrong_layer_derivative",
    "missing_activation_derivative",
    "elementwise_product",
    "off_by_one_input",
    "wrong_layer_gradient",
)
VAGUE = 6


class Trial(Protocol):
    """One point at which a formula is compared with the truth."""

    @property
    def truth(self) -> Array:
        """What the formula should give."""

    @property
    def m(self) -> int:
        """The number of observations."""

    def value(self, expression: Expression) -> Array:
        """Return what an expression gives, in the shape of the truth; raise a FormulaError if none."""


@dataclass(frozen=True)
class Repair:
    """A change that makes a formula right.

    Parameters
    ----------
    codes : tuple of str
        The mistakes that it undoes.
    expression : Expression or None
        The formula with them undone.
    sentences : tuple of str
        What was wrong, one for each code.
    details : dict
    """

    codes: tuple[str, ...]
    expression: Expression | None
    sentences: tuple[str, ...]
    details: dict[str, Any] = field(default_factory=dict, compare=False)
    rank: int = 0


@dataclass(frozen=True)
class Known:
    """The values that a mistake gives at every trial, and what is right (None: nothing is proposed)."""

    code: str
    sentence: str
    values: Sequence[Array]
    right: Expression | None = None


def multiple_of(values: Sequence[Array], trials: Sequence[Trial]) -> Multiple | None:
    """Return the multiple of the truth that the values are at every trial; None if they are none."""
    ratios = []
    for value, trial in zip(values, trials, strict=True):
        truth = trial.truth
        if value.shape != truth.shape or not np.isfinite(value).all():
            return None
        size = float(np.vdot(truth, truth).real)
        if size == 0:
            return None
        ratio = float(np.vdot(truth, value).real) / size
        error = np.linalg.norm(value - ratio * truth)
        if ratio == 0 or error > TOLERANCE * max(np.linalg.norm(value), np.sqrt(size) * 1e-3):
            return None
        ratios.append(ratio)
    counts = [trial.m for trial in trials]
    for power in (0, -1, 1, -2, 2):
        constants = [r / m**power for r, m in zip(ratios, counts, strict=True)]
        if np.ptp(constants) <= 1e-6 * abs(constants[0]):
            return Multiple(constants[0], power)
    return None


@np.errstate(all="ignore")
def repairs(
    assignment: Assignment,
    trials: Sequence[Trial],
    *,
    depth: int,
    extra: Sequence[Known] = (),
    penalty: tuple[Expression, Sequence[Array]] | None = None,
    reduction: str = "mean",
) -> list[Repair]:
    """Return the repairs of a wrong formula, the most likely first.

    Parameters
    ----------
    assignment : Assignment
    trials : sequence of Trial
        Where the formula is compared with the truth.
    depth : int
        The number of layers.
    extra : sequence of Known
        Values that mistakes give which no small change undoes.
    penalty : tuple of (Expression, sequence of ndarray), optional
        The derivative of the penalty, and its value at every trial, to be added where it is missing.
    reduction : {"mean", "sum"}
        Of the cost: of a sum a 1/m is a mistake of another name.

    Returns
    -------
    list of Repair
        Those with the fewest mistakes, and of these the first kinds; empty if there is none.
    """
    found: list[Repair] = []
    if penalty is not None and not speaks_of(assignment.expression, "lambda"):
        found += without_penalty(assignment, trials, depth, extra, penalty)
    elif penalty is not None:
        found += part_by_part(assignment, trials, depth, penalty)
    whole = value_everywhere(assignment.expression, trials)
    if whole is not None:
        multiple = multiple_of(whole, trials)
        if multiple is not None and not multiple.is_one:
            found.append(rescaled(assignment, Edit(assignment.expression, "", ""), multiple))
        found += known_mistakes(assignment, trials, whole, extra)
        found += of_terms(assignment, trials)
    work = 0
    for count, edit in enumerate(edits_of(assignment, depth)):
        work += edit.expression.size
        if count >= MOST_EDITS or work > MOST_WORK:
            break
        if is_circular(edit.expression, assignment):
            continue
        repair = repaired(assignment, edit, trials)
        if repair is not None:
            found.append(repair)
    if not found:
        found += in_two_steps(assignment, trials, depth)
    if not found:
        return []
    best = min((len(repair.codes), repair.rank) for repair in found)
    kept: list[Repair] = []
    for repair in sorted(found, key=lambda r: (len(r.codes), r.rank)):
        if kept and repair.rank >= VAGUE:
            continue  # to put the right factor in the place of a wrong one explains anything
        near = (len(repair.codes), repair.rank // 10) == (best[0], best[1] // 10)
        if near and repair.codes not in [other.codes for other in kept]:
            kept.append(repair)
    return kept if reduction == "mean" else [of_a_sum(repair) for repair in kept]


def in_two_steps(assignment: Assignment, trials: Sequence[Trial], depth: int) -> Iterator[Repair]:
    """Repair a formula whose shapes do not fit by two changes, the first of which makes them fit."""
    if value_everywhere(assignment.expression, trials[:1]) is not None:
        return
    work = 0
    for first in edits_of(assignment, depth):
        work += first.expression.size
        if work > MOST_WORK:
            return
        if first.code not in PLAIN or is_circular(first.expression, assignment):
            continue
        if value_everywhere(first.expression, trials[:1]) is None:
            continue
        changed = replace(assignment, expression=first.expression)
        for second in edits_of(changed, depth):
            work += second.expression.size
            if work > MOST_WORK:
                return
            if second.code not in PLAIN or second.code == first.code:
                continue
            repair = repaired(assignment, second, trials)
            if repair is not None and not is_circular(second.expression, assignment):
                yield replace(
                    repair,
                    codes=(first.code, *repair.codes),
                    sentences=(first.sentence, *repair.sentences),
                    rank=first.rank + repair.rank,
                )


def of_a_sum(repair: Repair) -> Repair:
    """Name a 1/m for what it is where the cost is a sum."""
    sentence = "a 1/m is there, and the cost is a sum over the observations"
    changed = [code == "double_mean" for code in repair.codes]
    return replace(
        repair,
        codes=tuple(
            "mean_for_sum" if new else code for new, code in zip(changed, repair.codes, strict=True)
        ),
        sentences=tuple(
            sentence if new else old for new, old in zip(changed, repair.sentences, strict=True)
        ),
    )


def is_circular(expression: Expression, assignment: Assignment) -> bool:
    """Say whether a formula would be given in terms of itself: dZ1 = dZ1."""
    target = assignment.target
    if not isinstance(target, Name) or assignment.is_update:
        return False
    same = (target.symbol, target.layer)
    return any((name.symbol, name.layer) == same for name in tree.names_of(expression))


def speaks_of(expression: Expression, symbol: str) -> bool:
    """Say whether a symbol is in an expression."""
    return any(name.symbol == symbol for name in tree.names_of(expression))


def without_penalty(
    assignment: Assignment,
    trials: Sequence[Trial],
    depth: int,
    extra: Sequence[Known],
    penalty: tuple[Expression, Sequence[Array]],
) -> Iterator[Repair]:
    """Repair a formula as that of the data term, and add the penalty's derivative."""
    addition, values = penalty
    data: list[Trial] = [
        Shifted(trial, trial.truth - value) for trial, value in zip(trials, values, strict=True)
    ]
    whole = value_everywhere(assignment.expression, data)
    multiple = None if whole is None else multiple_of(whole, data)
    if multiple is not None and multiple.is_one:
        found = [Repair((), assignment.expression, ())]
    else:
        found = repairs(assignment, data, depth=depth, extra=extra)
    for repair in found:
        yield replace(
            repair,
            codes=(*repair.codes, "penalty_missing"),
            expression=None
            if repair.expression is None
            else tree.Add((repair.expression, addition)),
            sentences=(*repair.sentences, "the derivative of the penalty is missing"),
        )


def part_by_part(
    assignment: Assignment,
    trials: Sequence[Trial],
    depth: int,
    penalty: tuple[Expression, Sequence[Array]],
) -> Iterator[Repair]:
    """Repair the data term by itself, and the penalty's by itself."""
    expression = assignment.expression
    if not isinstance(expression, tree.Add):
        return
    burdened = [term for term in expression.terms if speaks_of(term, "lambda")]
    free = [term for term in expression.terms if not speaks_of(term, "lambda")]
    if len(burdened) != 1 or not free:
        return
    right, values = penalty
    got = value_everywhere(burdened[0], trials)
    wanted = [Fixed(value, trial.m) for value, trial in zip(values, trials, strict=True)]
    multiple = None if got is None else multiple_of(got, wanted)
    if multiple is None:
        return
    more = list(term_codes(multiple))
    data = free[0] if len(free) == 1 else tree.Add(tuple(free))
    alone = replace(assignment, expression=data)
    addition = burdened[0] if multiple.is_one else right
    for repair in without_penalty(alone, trials, depth, (), (addition, values)):
        codes = (*repair.codes[:-1], *(code for code, _ in more))
        sentences = (*repair.sentences[:-1], *(sentence for _, sentence in more))
        if codes:
            yield replace(repair, codes=codes, sentences=sentences)


@dataclass
class Shifted:
    """A trial with another truth."""

    trial: Trial
    truth: Array

    @property
    def m(self) -> int:
        """The number of observations."""
        return self.trial.m

    def value(self, expression: Expression) -> Array:
        """Return what an expression gives."""
        return self.trial.value(expression)


def value_everywhere(expression: Expression, trials: Sequence[Trial]) -> list[Array] | None:
    """Return the value at every trial; None if there is none at one of them."""
    try:
        return [trial.value(expression) for trial in trials]
    except FormulaError:
        return None


def repaired(assignment: Assignment, edit: Edit, trials: Sequence[Trial]) -> Repair | None:
    """Return the repair that an edit is, if it is one."""
    try:
        first = [trials[0].value(edit.expression)]
        if multiple_of(first, trials[:1]) is None:
            return None
        values = first + [trial.value(edit.expression) for trial in trials[1:]]
    except FormulaError:
        return None
    multiple = multiple_of(values, trials)
    if multiple is None:
        return None
    vague = edit.code == "wrong_local_derivative" and abs(abs(multiple.constant) - 1) > 1e-6
    return None if vague else rescaled(assignment, edit, multiple)


def rescaled(assignment: Assignment, edit: Edit, multiple: Multiple) -> Repair:
    """Return a repair: an edit, and what undoes the multiple that is left."""
    codes = [edit.code] if edit.code else []
    sentences = [edit.sentence] if edit.code else []
    expression = edit.expression
    more = multiple_codes(multiple, assignment)
    for code, sentence in more:
        codes.append(code)
        sentences.append(sentence)
    expression = tree.rewritten(unscaled(expression, multiple), turned_product)
    details = {"factor": multiple.constant} if "factor" in codes else {}
    return Repair(
        tuple(codes), expression, tuple(sentences), {**edit.details, **details}, edit.rank
    )


def turned_product(node: Expression) -> Expression:
    """Write the transpose of a product as a product: (Aᵀ B)ᵀ = Bᵀ A."""
    if not (isinstance(node, tree.Transpose) and isinstance(node.operand, tree.MatMul)):
        return node
    return tree.MatMul(flipped(node.operand.right), flipped(node.operand.left))


def multiple_codes(multiple: Multiple, assignment: Assignment) -> Iterator[tuple[str, str]]:
    """Name the mistakes that a multiple of the truth is."""
    constant = multiple.constant
    if multiple.power > 0:
        yield "missing_mean", "the 1/m of the mean is missing"
    elif multiple.power < 0:
        target = assignment.target
        if isinstance(target, Name) and target.symbol == "db":
            yield (
                "bias_mean_for_sum",
                "it is averaged over the observations where it is to be summed",
            )
        else:
            yield "double_mean", "the 1/m of the mean is there twice"
    if constant < 0:
        yield "sign", "the sign is the opposite one"
    size = abs(constant)
    if abs(size - 1) > 1e-6:
        yield "factor", f"it is {written(size)} times what it should be"


def known_mistakes(
    assignment: Assignment,
    trials: Sequence[Trial],
    whole: Sequence[Array],
    extra: Sequence[Known],
) -> Iterator[Repair]:
    """Compare with the values that known mistakes give."""
    for known in extra:
        wrong = [Fixed(value, trial.m) for value, trial in zip(known.values, trials, strict=True)]
        multiple = multiple_of(whole, wrong)
        if multiple is None:
            continue
        more = list(multiple_codes(multiple, assignment))
        codes = (known.code, *(code for code, _ in more))
        sentences = (known.sentence, *(sentence for _, sentence in more))
        yield Repair(codes, known.right, sentences, {}, 5)


@dataclass
class Fixed:
    """A trial whose truth is some other array."""

    truth: Array
    m: int

    def value(self, expression: Expression) -> Array:
        """Nothing is computed here."""
        raise FormulaError("no value")


def of_terms(assignment: Assignment, trials: Sequence[Trial]) -> Iterator[Repair]:
    """Find one term of a sum that is a multiple of what it should be: a penalty's factor, say."""
    expression = assignment.expression
    if not isinstance(expression, tree.Add):
        return
    for place, term in enumerate(expression.terms):
        rest = (*expression.terms[:place], *expression.terms[place + 1 :])
        other = rest[0] if len(rest) == 1 else tree.Add(rest)
        try:
            values = [trial.value(term) for trial in trials]
            wanted = [Fixed(trial.truth - trial.value(other), trial.m) for trial in trials]
        except (FormulaError, ValueError):
            continue
        multiple = multiple_of(values, wanted)
        if multiple is None:
            continue
        mended = list(expression.terms)
        new = unscaled(term, multiple)
        mended[place] = new
        penalty = speaks_of(term, "lambda")
        codes = list(term_codes(multiple) if penalty else multiple_codes(multiple, assignment))
        yield Repair(
            tuple(code for code, _ in codes),
            tree.Add(tuple(mended)),
            tuple(sentence for _, sentence in codes),
            {"factor": multiple.constant},
            0 if penalty else 3,
        )


def term_codes(multiple: Multiple) -> Iterator[tuple[str, str]]:
    """Name the mistakes in the derivative of the penalty."""
    if multiple.constant < 0:
        yield "penalty_sign", "the derivative of the penalty has the opposite sign"
    if multiple.power or abs(abs(multiple.constant) - 1) > 1e-6:
        times = (
            written(abs(multiple.constant))
            + {-2: "/m²", -1: "/m", 0: "", 1: "·m", 2: "·m²"}[multiple.power]
        )
        yield "penalty_factor", f"the derivative of the penalty is {times} times what it should be"
