"""Where formulas are computed: points under a convention, and what is true there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.conventions import Convention, sizes_of
from chainrule.doctor.formulas.evaluate import Meaning, evaluate
from chainrule.doctor.formulas.indexed import OBSERVED, IndexedTrial, evaluate_indexed, is_indexed
from chainrule.doctor.formulas.program import concrete, key_of_target
from chainrule.doctor.formulas.repairs import Trial, multiple_of
from chainrule.doctor.formulas.scaling import Multiple
from chainrule.doctor.formulas.settings import LEARNING_RATE, meaning_at, without_constant
from chainrule.doctor.formulas.symbols import is_shared
from chainrule.doctor.formulas.tree import Assignment, Expression, Name
from chainrule.doctor.formulas.trials import MatrixTrial
from chainrule.doctor.points import Point, draw_points
from chainrule.doctor.reference import Reference, refer
from chainrule.errors import FormulaError

__all__ = ["Ground", "holds_at"]

SMOOTH = 1e-9


@dataclass
class Ground:
    """Points under conventions, and what formulas give there. Everything is computed once."""

    assignments: Sequence[Assignment] = ()
    references: dict[Any, list[Reference]] = field(default_factory=dict)
    meanings: dict[Any, Meaning] = field(default_factory=dict)
    points: dict[Any, list[Point]] = field(default_factory=dict)
    readings: dict[Any, tuple[Assignment, Any]] = field(default_factory=dict)

    @cached_property
    def output_is_stated(self) -> bool:
        """Whether the document says what the activation of the output is, apart from the others."""
        return any(states_output(assignment) for assignment in self.assignments)

    @cached_property
    def own(self) -> list[Assignment]:
        """The formulas that define names of the document's own."""
        return [
            a for a in self.assignments if isinstance(a.target, Name) and not is_shared(a.target)
        ]

    @cached_property
    def deviance_is_stated(self) -> bool:
        """Whether the document has a term y log y, which the deviance has and the likelihood has not."""
        return any(
            isinstance(node, tree.Function)
            and node.name == "log"
            and isinstance(node.operand, Name)
            and node.operand.symbol == "Y"
            for assignment in self.assignments
            for node in tree.walk(assignment.expression)
        )

    def at(self, convention: Convention, kind: str) -> list[Reference]:
        """Return the truth at the points of a kind: batch, one, scalar."""
        key = (replace(convention, layout="rows", one=False, turned=False), kind)
        if key not in self.references:
            sizes = sizes_at(convention, kind)
            network = convention.network(sizes)
            drawn = [replace(point, network=network) for point in self.drawn(convention, sizes)]
            if not convention.biased or convention.bare:
                drawn = [unbiased(point, convention) for point in drawn]
            if not kind.startswith("batch"):
                drawn = [single(point) for point in drawn]
            found = [refer(point) for point in drawn]
            if convention.per_observation and kind.startswith("batch"):
                found = [reference.per_observation() for reference in found]
            self.references[key] = found
        return self.references[key]

    def drawn(self, convention: Convention, sizes: tuple[int, ...] | None) -> list[Point]:
        """Return two points: the same for a sum and a mean, with a penalty and without."""
        plain = Convention(convention.depth, convention.hidden, convention.output, convention.loss)
        if (plain, sizes) not in self.points:
            self.points[plain, sizes] = [counted(p) for p in draw_points(plain.network(sizes), 2)]
        return self.points[plain, sizes]

    def meaning(self, convention: Convention, kind: str, number: int) -> Meaning:
        """Return what names stand for at one of the points."""
        key = (convention, kind, number)
        if key not in self.meanings:
            reference = self.at(convention, kind)[number]
            meaning = meaning_at(reference, convention.layout)
            if convention.loss == "poisson" and not self.deviance_is_stated:
                meaning = without_constant(meaning, reference)
            if convention.ascent:
                meaning = replace(meaning, values=ascending(meaning.values))
            self.meanings[key] = self.with_own(meaning, convention.depth)
        return self.meanings[key]

    def with_own(self, meaning: Meaning, depth: int) -> Meaning:
        """Add what the document defines for itself, in its order."""
        values = dict(meaning.values)
        for assignment in self.own:
            target = assignment.target
            if not isinstance(target, Name) or target.symbol in values:
                continue
            try:
                now = Meaning(values, meaning.activations, meaning.letters, meaning.columns)
                values[target.symbol] = evaluate(assignment.expression, now)
            except FormulaError:
                continue
        return replace(meaning, values=values)

    def trials(
        self,
        assignment: Assignment,
        convention: Convention,
        fewest: bool = False,
        kind: str | None = None,
    ) -> list[tuple[dict[str, int], list[Trial]]]:
        """Return where a formula is compared with the truth, for every layer that its letters are.

        Parameters
        ----------
        assignment : Assignment
        convention : Convention
        fewest : bool
            At one point alone.
        kind : str, optional
            The kind of points; found out by default.

        Raises
        ------
        FormulaError
            If there is no truth to compare it with.
        """
        found: list[tuple[dict[str, int], list[Trial]]] = []
        problem: FormulaError | None = None
        for letters in self.layers_of(assignment, convention):
            if convention.depth in letters.values() and self.is_for_hidden(assignment, convention):
                continue
            try:
                place = kind or self.kind_of(assignment, convention, letters)
                numbers = range(1 if fewest else 2)
                found.append(
                    (
                        letters,
                        [self.trial(assignment, convention, place, n, letters) for n in numbers],
                    )
                )
            except FormulaError as error:
                problem = problem or error
        if not found:
            raise problem or FormulaError("its layers are not those of one network")
        return found

    def read(self, key: Any, assignment: Assignment, compute: Callable[[], Any]) -> Any:
        """Return what a reading of a formula gives, from the last time if there was one."""
        found = self.readings.get(key)
        if found is None or found[0] is not assignment:
            found = self.readings[key] = assignment, compute()
        return found[1]

    def layers_of(self, assignment: Assignment, convention: Convention) -> list[dict[str, int]]:
        """Return the layers that the letters of a formula stand for, one after the other."""
        depth = convention.depth
        layers: list[dict[str, int]] = self.read(
            (id(assignment), depth),
            assignment,
            lambda: [letters for _, letters in concrete([assignment], depth)],
        )
        return layers

    def is_for_hidden(self, assignment: Assignment, convention: Convention) -> bool:
        """Say whether a formula for any layer is for the hidden ones: the output's is stated apart."""
        target = assignment.target
        if convention.output == "softmax" and any(
            isinstance(node, tree.Partial) and node.top.symbol == "A"
            for part in (target, assignment.expression)
            for node in tree.walk(part)
        ):
            return True  # a derivative element by element
        return (
            isinstance(target, Name)
            and target.symbol == "A"
            and target.layer is not None
            and target.layer.letter not in ("", "L", "K")
            and isinstance(assignment.expression, (tree.Apply, tree.Maximum, tree.Multiply))
            and (self.output_is_stated or not isinstance(assignment.expression, tree.Apply))
        )

    def kind_of(
        self, assignment: Assignment, convention: Convention, letters: dict[str, int]
    ) -> str:
        """Say at which kind of points a formula can be computed."""
        key = (id(assignment), convention.depth, convention.one, tuple(letters.values()))
        kind: str = self.read(
            key, assignment, lambda: self.kind_found(assignment, convention, letters)
        )
        return kind

    def kind_found(
        self, assignment: Assignment, convention: Convention, letters: dict[str, int]
    ) -> str:
        """Look at which kind of points a formula can be computed."""
        if is_indexed(assignment.target, assignment.expression):
            return indexed_kind(assignment)
        meaning = self.meaning(convention, "batch", 0)
        known = {**meaning.letters, **letters}
        for part in (assignment.target, assignment.expression):
            for node in tree.walk(part):
                if isinstance(node, tree.Partial):
                    top = replace(meaning, letters=known).key(node.top)
                    bottom = replace(meaning, letters=known).key(node.bottom)
                    if f"{top}/{bottom}" not in meaning.values:
                        return "scalar"
        return "one" if convention.one else "batch"

    def trial(
        self,
        assignment: Assignment,
        convention: Convention,
        kind: str,
        number: int,
        letters: dict[str, int],
    ) -> Trial:
        """Return one trial of a formula."""
        indexed = kind.startswith("indexed")
        place = kind.removeprefix("indexed ") if indexed else kind
        meaning = self.meaning(convention, place, number)
        meaning = replace(meaning, letters={**meaning.letters, **letters})
        target = assignment.target
        m = self.at(convention, place)[number].m
        if indexed:
            wanted = evaluate_indexed(target, meaning)
            truth = wanted.array
            if assignment.is_update and isinstance(target, Name):
                slope = evaluate_indexed(replace(target, symbol=f"d{target.symbol}"), meaning)
                step = -LEARNING_RATE if convention.ascent else LEARNING_RATE
                truth = truth - step * slope.along(wanted.letters)
            return IndexedTrial(np.asarray(truth), wanted.letters, meaning, m)
        if not isinstance(target, Name):
            return MatrixTrial(evaluate(target, meaning), m, meaning, "the left side")
        key = key_of_target(assignment, meaning.letters, convention.depth)
        if key.startswith("new_"):
            name = key.removeprefix("new_")
            if f"d{name}" not in meaning.values:
                raise FormulaError(f"{target.text or name} has no gradient here")
            step = -LEARNING_RATE if convention.ascent else LEARNING_RATE
            truth = meaning.values[name] - step * meaning.values[f"d{name}"]
        elif key in meaning.values and is_shared(target):
            truth = meaning.values[key]
        else:
            raise FormulaError(f"{target.text or key} is no quantity of a network")
        if convention.turned and target.symbol == "dW":
            truth = np.asarray(truth).T
        return MatrixTrial(np.asarray(truth), m, meaning, key)

    def holds(
        self, assignment: Assignment, convention: Convention, fewest: bool = False
    ) -> bool | None:
        """Say whether a formula gives the truth; None if it gives nothing."""
        try:
            every = self.trials(assignment, convention, fewest)
        except FormulaError:
            return None
        answers = [holds_at(assignment.expression, trials) for _, trials in every]
        if False in answers:
            return False
        return True if True in answers else None

    def nearly(self, assignment: Assignment, convention: Convention) -> bool:
        """Say whether a formula gives a multiple of the truth, as with a wrong sign."""
        try:
            every = self.trials(assignment, convention, fewest=True)
            return all(
                multiple_of([trials[0].value(assignment.expression)], trials) is not None
                for _, trials in every
            )
        except FormulaError:
            return False

    def multiple(self, assignment: Assignment, convention: Convention) -> Multiple | None:
        """Return the multiple of the truth that a formula gives, the same at all its points."""
        try:
            (_, trials), *_ = self.trials(assignment, convention)
            return multiple_of([trial.value(assignment.expression) for trial in trials], trials)
        except FormulaError:
            return None

    def fits(self, assignment: Assignment, convention: Convention) -> bool:
        """Say whether a formula gives something of the right shape."""
        try:
            for _, trials in self.trials(assignment, convention, fewest=True):
                trials[0].value(assignment.expression)
        except FormulaError:
            return False
        return True


@np.errstate(all="ignore")
def holds_at(expression: Expression, trials: Sequence[Trial]) -> bool | None:
    """Say whether an expression gives the truth at every trial; None if it gives nothing."""
    values = []
    for trial in trials:
        try:
            values.append(trial.value(expression))
        except FormulaError:
            return None
        value, truth = values[-1], trial.truth
        if value.shape != truth.shape or not np.isfinite(value).all():
            return False
        size = float(np.linalg.norm(truth))
        if size < SMOOTH:
            if np.linalg.norm(value) > SMOOTH:
                return False
        elif np.linalg.norm(value - truth) > 1e-7 * size:
            return False
    return True


def sizes_at(convention: Convention, kind: str) -> tuple[int, ...] | None:
    """Return the sizes of the network at points of a kind; None for the usual ones."""
    if kind == "scalar":
        return (1,) * (convention.depth + 1)
    return (*sizes_of(convention.depth)[:-1], 1) if kind.endswith("unit") else None


def indexed_kind(assignment: Assignment) -> str:
    """Say where a formula with indices of units is computed.

    At many observations if all that it speaks of has an index for them, else at one; with one unit at
    the output if weights have one index alone, ``w_j``.
    """
    every = [*tree.names_of(assignment.target), *tree.names_of(assignment.expression)]
    data = [name for name in every if name.symbol in OBSERVED]
    many = bool(data) and all(name.observation for name in data)
    unit = any(name.symbol in ("W", "dW") and len(name.indices) == 1 for name in every)
    return f"indexed {'batch' if many else 'one'}{' unit' * unit}"


def states_output(assignment: Assignment) -> bool:
    """Say whether a formula is the output's activation, written with L or as ŷ."""
    target = assignment.target
    stated = (tree.Apply, tree.Maximum, Name)
    if not isinstance(target, Name) or not isinstance(assignment.expression, stated):
        return False
    last = target.layer is not None and target.layer.letter == "L" and not target.layer.offset
    return target.symbol == "Yhat" or (target.symbol == "A" and last)


def single(point: Point) -> Point:
    """Return a point with its first observation alone."""
    return replace(point, X=point.X[:1], Y=point.Y[:1])


def ascending(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what names stand for where the cost is minus ours."""
    return {
        key: -value if key in ("J", "loss") or (key[0] == "d" and "/" not in key) else value
        for key, value in values.items()
    }


def counted(point: Point) -> Point:
    """Return a point without counts of 0, where a text may write y log y for what is 0 then."""
    of_counts = point.network.loss_function.targets == "count"
    return replace(point, Y=np.maximum(point.Y, 1)) if of_counts else point


def unbiased(point: Point, convention: Convention) -> Point:
    """Return a point whose biases are zero, in the layers that have none."""
    zero = {f"b{layer}" for layer in convention.bare}
    parameters = point.parameters.copy()
    for name, view in parameters.items():
        if name in zero or (name.startswith("b") and not convention.biased):
            view[...] = 0
    return replace(point, parameters=parameters)
