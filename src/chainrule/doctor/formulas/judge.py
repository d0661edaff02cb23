"""The verdict on every formula of a document, under the conventions that it follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.doctor.findings import Mistake, Verdict
from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.confusions import Confusions
from chainrule.doctor.formulas.conventions import Convention
from chainrule.doctor.formulas.formula_finding import FormulaFinding
from chainrule.doctor.formulas.graphs import Graph
from chainrule.doctor.formulas.ground import Ground, holds_at
from chainrule.doctor.formulas.local import LocalDerivatives
from chainrule.doctor.formulas.mending import TURNED, Mender, shows_layout
from chainrule.doctor.formulas.opinion import LOOSE, preferred, second_opinion
from chainrule.doctor.formulas.readings import Readings, is_of_one, totals
from chainrule.doctor.formulas.repairs import Repair, repairs
from chainrule.doctor.formulas.rivals import gone_on
from chainrule.doctor.formulas.settings import in_rows
from chainrule.doctor.formulas.shapes import wrong_shape
from chainrule.doctor.formulas.spelling import Spelling
from chainrule.doctor.formulas.stated import stated_activations
from chainrule.doctor.formulas.symbols import is_shared
from chainrule.doctor.formulas.tree import (
    Assignment,
    Expression,
    Name,
    ShapeNote,
    Unreadable,
)
from chainrule.doctor.formulas.write import Notation, to_text
from chainrule.errors import FormulaError

__all__ = ["FormulaFinding", "Judge"]

LAYOUT_WORDS = {
    "rows": "rows, Z = A W + b",
    "rows_transposed": "rows, Z = A Wᵀ + b",
    "columns": "columns, Z = W A + b",
    "columns_transposed": "columns, Z = Wᵀ A + b",
}


MOST_SEARCHED = 100
MOST_GROUNDS = 20


@dataclass
class Judge:
    """Judges formulas in order.

    A wrong one is remembered: a later formula that is right given it *follows* from it. `units` says
    that the document writes of single units: w, x and z, and no matrices; `declared`, that the hidden
    activation was declared.
    """

    convention: Convention
    ground: Ground
    graph: Graph | None
    notation: Notation
    wrong: list[tuple[str, Ground]] = field(default_factory=list)
    known_findings: dict[Any, FormulaFinding] = field(default_factory=dict)
    searched: int = 0
    units: bool = False
    declared: bool = False

    @cached_property
    def mender(self) -> Mender:
        """What finds the repairs."""
        return Mender(self.convention, self.ground)

    @cached_property
    def spelling(self) -> Spelling:
        """What writes the corrections."""
        return Spelling(self.convention, self.notation, self.declared)

    @cached_property
    def confusions(self) -> Confusions:
        """What finds names that stand for two things."""
        return Confusions(self.convention, self.ground, self.graph, self.spelling)

    @cached_property
    def readings(self) -> Readings:
        """What tries other meanings."""
        return Readings(self.convention, self.ground)

    @cached_property
    def local(self) -> LocalDerivatives:
        """What judges single factors of the chain rule."""
        return LocalDerivatives(self.convention, self.ground, self.spelling)

    def verdict(self, settled: Assignment, given: Assignment) -> FormulaFinding:
        """Judge a formula: in the document's numbering, and as it was given."""
        label = label_of(given.target)
        plain = (
            replace(given, source="", line=0),
            replace(settled, source="", line=0),
            (self.readings.is_unpenalized(settled), is_of_one(settled)),
        )
        if plain not in self.known_findings:
            self.known_findings[plain] = self.judged(settled, given, label)
        finding = self.known_findings[plain]
        shape = wrong_shape(settled, self.convention)
        if shape is not None and settled.note is not None:
            noted = " × ".join(settled.note)
            sentence = f"The shape noted beside it, {noted}, should be {shape}."
            mistake = Mistake("wrong_shape_note", label, sentence)
            finding = replace(finding, verdict=Verdict.WRONG, mistakes=(*finding.mistakes, mistake))
        return replace(finding, source=given.source, line=given.line)

    def judged(self, settled: Assignment, given: Assignment, label: str) -> FormulaFinding:
        """Try the answers one after the other, the friendliest first."""
        clash = self.confusions.symbol(settled, given, label)
        if clash is not None:
            return clash
        held = self.ground.holds(settled, self.convention)
        if held:
            note = ""
            inner = isinstance(settled.target, Name) and settled.target.symbol in ("dA", "dZ")
            if self.convention.per_observation and inner:
                note = "m times the derivative of the mean"
            return FormulaFinding(label, Verdict.CONVENTION if note else Verdict.RIGHT, note=note)
        if totals(settled):
            note = "a cost in terms of another: nothing to compare it with"
            return FormulaFinding(label, Verdict.NOT_GIVEN, note=note)
        if defines_own(settled):
            note = "a name of the document's own: nothing to compare it with"
            return FormulaFinding(label, Verdict.NOT_GIVEN, note=note)
        return (
            self.readings.finding(settled, label)
            or (self.in_units(settled, label) if self.units else None)
            or self.elsewhere(settled, label)
            or self.by_graph(given, label)
            or self.following(settled, label)
            or self.confusions.cost(settled, label)
            or self.called(settled, label)
            or self.local.finding(settled, label)
            or self.of_units(settled, label, held)
            or self.unexplained(settled, label, held)
        )

    def elsewhere(self, settled: Assignment, label: str) -> FormulaFinding | None:
        """Try other layouts, and networks of fewer layers: there it may be right."""
        convention = self.convention
        forward = isinstance(settled.target, Name) and settled.target.symbol in (
            "Z",
            "A",
            "Yhat",
            "J",
        )
        turned = (TURNED[convention.layout],) if forward or shows_layout(settled) else ()
        for layout in (convention.layout, *turned):
            for one in dict.fromkeys((convention.one, False)):
                other = replace(
                    convention, layout=layout, one=one, turned=convention.turned and one
                )
                if other != convention and self.ground.holds(settled, other):
                    note = f"in another layout: {LAYOUT_WORDS[layout]}"
                    if layout == convention.layout:
                        note = "for many observations"
                    return FormulaFinding(label, Verdict.CONVENTION, note=note)
        for depth in range(convention.depth - 1, 0, -1):
            other = replace(convention, depth=depth)
            if self.contradicts(other) or is_blind(settled, other):
                continue
            if self.ground.holds(settled, other):
                note = f"for a network of {depth} layer{'s' * (depth > 1)}"
                return FormulaFinding(label, Verdict.CONVENTION, note=note)
        return None

    def contradicts(self, other: Convention) -> bool:
        """Say whether the document states another activation for a layer than a convention has."""
        stated = stated_activations(self.ground.assignments, self.convention.depth)
        activations = enumerate(other.network().activations, start=1)
        return any(stated.get(layer, g.name) != g.name for layer, g in activations)

    def by_graph(self, given: Assignment, label: str) -> FormulaFinding | None:
        """Judge a formula among numbers that the document defines itself."""
        if self.graph is None:
            return None
        prepared = self.graph.prepared(given)
        target = given.target
        if isinstance(target, Name) and target.symbol in self.graph.nodes and target.layer is None:
            note = "a node of the document's own"
            return FormulaFinding(label, Verdict.NOT_GIVEN, note=note)
        try:
            trials = self.graph.trials(prepared)
            held = holds_at(prepared.expression, trials)
        except FormulaError:
            return None
        if held:
            return FormulaFinding(label, Verdict.RIGHT, note="through the document's own nodes")
        return None

    def following(self, settled: Assignment, label: str) -> FormulaFinding | None:
        """Say whether a formula is right for a gradient that the document has wrong."""
        for source, ground in reversed(self.wrong[-MOST_GROUNDS:]):
            if ground.holds(settled, self.convention):
                return FormulaFinding(label, Verdict.FOLLOWS, follows_from=(source,))
        return None

    def called(self, settled: Assignment, label: str) -> FormulaFinding | None:
        """Name the mistake, by the smallest change or by what the formula gives."""
        if self.searched >= MOST_SEARCHED:
            return None
        mended = self.mended(settled, label)
        if mended is not None and not set(mended.codes) <= LOOSE:
            return mended
        opinion = second_opinion(settled, self.convention, self.ground, self.notation)
        if opinion is None:
            return mended
        if mended is None:
            self.remember(settled, label)
            return FormulaFinding(
                label,
                Verdict.WRONG,
                mistakes=opinion.mistakes,
                ties=opinion.ties,
                note=self.otherwise(settled),
            )
        if not preferred(mended.codes, opinion):
            return mended
        text = mended.mistakes[0].corrected
        mistakes = tuple(replace(m, corrected=text or m.corrected) for m in opinion.mistakes)
        return replace(mended, mistakes=mistakes, ties=opinion.ties)

    def mended(self, settled: Assignment, label: str) -> FormulaFinding | None:
        """Name the mistake by the smallest change that makes the formula right."""
        if self.mender.has_unknown_names(settled):
            return None
        self.searched += 1
        every = self.mender.trials_of(settled)
        found: list[Repair] | None = None
        for letters, trials in every:
            if found is None:
                found = self.mender.repairs_at(settled, letters, trials)
                continue
            # The same change must do for every layer.
            same = [r for r in found if r.expression and holds_at(r.expression, trials)]
            if not same:
                codes = [
                    repair.codes for repair in self.mender.repairs_at(settled, letters, trials)
                ]
                same = [repair for repair in found if repair.codes in codes]
            found = same
        return self.named(settled, label, found) if found else None

    def named(self, settled: Assignment, label: str, found: Sequence[Repair]) -> FormulaFinding:
        """Return the finding for a formula that repairs make right, the first of them the likeliest."""
        first, *others = found
        text = (
            ""
            if first.expression is None
            else self.spelling.written(settled.target, first.expression)
        )
        mistakes = tuple(
            Mistake(code, label, f"In {label} {sentence}.", text, first.details)
            for code, sentence in zip(first.codes, first.sentences, strict=True)
        )
        ties = tuple(
            tuple(
                Mistake(code, label, f"In {label} {sentence}.", "", other.details)
                for code, sentence in zip(other.codes, other.sentences, strict=True)
            )
            for other in others
        )
        self.remember(settled, label)
        return FormulaFinding(
            label, Verdict.WRONG, mistakes=mistakes, ties=ties, note=self.otherwise(settled)
        )

    def in_units(self, settled: Assignment, label: str) -> FormulaFinding | None:
        """Judge a formula of a document that has one unit in every layer."""
        try:
            every = self.ground.trials(settled, self.convention, kind="scalar")
        except FormulaError:
            return None
        answers = [holds_at(settled.expression, trials) for _, trials in every]
        if None in answers:
            return None
        if False in answers:
            return self.of_units(settled, label, None)
        return FormulaFinding(label, Verdict.RIGHT, note="where every layer has one unit")

    def of_units(self, settled: Assignment, label: str, held: bool | None) -> FormulaFinding | None:
        """Mend a formula whose shapes do not fit where every layer has one unit."""
        if (
            held is not None
            or self.mender.has_unknown_names(settled)
            or self.searched >= MOST_SEARCHED
        ):
            return None
        try:
            every = self.ground.trials(settled, self.convention, kind="scalar")
        except FormulaError:
            return None
        if any(holds_at(settled.expression, trials) is not False for _, trials in every):
            return None
        _, trials = every[0]
        found = repairs(settled, trials, depth=self.convention.depth)
        return self.named(settled, label, found) if found else None

    def otherwise(self, settled: Assignment) -> str:
        """Say under which other reading a wrong formula would be right."""
        convention = self.convention
        found = []
        if not convention.one:
            alone = replace(convention, one=True, per_observation=False, reduction="sum")
            if self.ground.holds(settled, alone):
                found.append("it holds for one observation")
            if convention.reduction == "mean":
                total = replace(convention, reduction="sum", per_observation=False)
                if self.ground.holds(settled, total):
                    found.append("it holds for the sum over the observations")
        return "; ".join(found)

    def unexplained(self, settled: Assignment, label: str, held: bool | None) -> FormulaFinding:
        """Say that a formula is wrong without a name for it, or that it cannot be compared."""
        if held is False:
            self.remember(settled, label)
            sentence = (
                f"{label} is wrong, and no single change that the doctor knows makes it right."
            )
            mistake = Mistake("unknown", label, sentence)
            note = ""
            if self.searched >= MOST_SEARCHED:
                note = (
                    f"only the first {MOST_SEARCHED} wrong formulas are searched for their mistake"
                )
            return FormulaFinding(label, Verdict.WRONG, mistakes=(mistake,), note=note)
        return FormulaFinding(label, Verdict.UNREADABLE, note=self.reason(settled))

    def reason(self, settled: Assignment) -> str:
        """Say why a formula gives nothing that can be compared."""
        try:
            for _, trials in self.ground.trials(settled, self.convention):
                for trial in trials:
                    trial.value(settled.expression)
        except FormulaError as error:
            return str(error)
        return "it gives nothing that can be compared"

    def remember(self, settled: Assignment, label: str) -> None:
        """Keep a wrong gradient, so that what is computed from it can be told from what is wrong."""
        target = settled.target
        if not isinstance(target, Name) or target.symbol not in ("dZ", "dA"):
            return
        convention = self.convention
        try:
            every = self.ground.trials(settled, convention)
        except FormulaError:
            return
        kind = "one" if convention.one else "batch"
        for letters, trials in every:
            known = {"L": convention.depth, "K": convention.depth - 1, **letters}
            layer = None if target.layer is None else target.layer.at(known)
            if layer is None or layer < 1:
                continue
            references = []
            for reference, trial in zip(self.ground.at(convention, kind), trials, strict=True):
                try:
                    value = trial.value(settled.expression)
                except FormulaError:
                    return
                value = -value if convention.ascent else value
                if value.ndim == 1:
                    value = value.reshape(1, -1)
                else:
                    value = in_rows("dZ", value, convention.layout)
                if value.shape != reference.Z[layer].shape or not np.isfinite(value).all():
                    return
                references.append(gone_on(reference, target.symbol, layer, value))
            key = (replace(convention, layout="rows", one=False, turned=False), kind)
            ground = Ground(self.ground.assignments, references={key: references})
            self.wrong.append((label, ground))

    def unreadable(self, formula: Unreadable) -> FormulaFinding:
        """Return the finding for what could not be read."""
        return FormulaFinding(
            "formula",
            Verdict.UNREADABLE,
            note=formula.reason,
            source=formula.source,
            line=formula.line,
        )

    def shape_finding(self, note: ShapeNote) -> FormulaFinding:
        """Judge a shape that is stated by itself."""
        label = label_of(note.target)
        shape = wrong_shape(note, self.convention)
        if shape is None:
            found = FormulaFinding(label, Verdict.RIGHT, note="its shape")
        else:
            sentence = f"The shape of {label} is noted as {' × '.join(note.shape)}; it is {shape}."
            mistake = Mistake("wrong_shape_note", label, sentence)
            found = FormulaFinding(label, Verdict.WRONG, mistakes=(mistake,))
        return replace(found, source=note.source, line=note.line)


def is_blind(assignment: Assignment, convention: Convention) -> bool:
    """Say whether g' is 1 at the output, so that any argument would do."""
    nodes = tree.walk(assignment.expression)
    sloped = any(isinstance(node, tree.Apply) and node.derivative for node in nodes)
    return sloped and convention.output == "identity"


def defines_own(assignment: Assignment) -> bool:
    """Say whether a formula defines a name of the document's own."""
    return isinstance(assignment.target, Name) and not is_shared(assignment.target)


def label_of(target: Expression) -> str:
    """Return a short name for what a formula gives: dW2, ∂a/∂z, J."""
    if isinstance(target, Name):
        layer = "" if target.layer is None else str(target.layer)
        return target.symbol + (layer if layer.isdecimal() or not layer else f"_{layer}")
    if isinstance(target, tree.Partial):
        return f"∂{label_of(target.top)}/∂{label_of(target.bottom)}"
    return to_text(target)
