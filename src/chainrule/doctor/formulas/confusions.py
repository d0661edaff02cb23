"""Symbols that stand for two things, and costs that compare a thing with itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from chainrule.doctor.findings import Mistake, Verdict
from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.conventions import Convention
from chainrule.doctor.formulas.formula_finding import FormulaFinding
from chainrule.doctor.formulas.graphs import Graph
from chainrule.doctor.formulas.ground import Ground, holds_at
from chainrule.doctor.formulas.letter import letter_in
from chainrule.doctor.formulas.spelling import Spelling
from chainrule.doctor.formulas.symbols import is_shared
from chainrule.doctor.formulas.tree import Assignment, Expression, Layer, Name
from chainrule.errors import FormulaError

__all__ = ["Confusions"]

MOST_NAMES = 8  # in a cost: so many are tried in all ways


@dataclass(frozen=True)
class Confusions:
    """Finds what a document calls by the wrong name.

    Parameters
    ----------
    convention : Convention
    ground : Ground
    graph : Graph or None
        The nodes that the document defines for itself.
    spelling : Spelling
    """

    convention: Convention
    ground: Ground
    graph: Graph | None
    spelling: Spelling

    def symbol(self, settled: Assignment, given: Assignment, label: str) -> FormulaFinding | None:
        """Find a letter that stands for two things."""
        return self.clash(given, label) or self.called_bias(settled, label)

    def clash(self, given: Assignment, label: str) -> FormulaFinding | None:
        """Find a parameter that is differentiated: then its letter stands for something else."""
        for node in tree.walk(given.expression):
            if isinstance(node, tree.Partial) and node.top.is_parameter:
                letter = node.top.text or node.top.symbol
                sentence = f"{letter} is a parameter, and here a node that depends on others."
                corrected = self.renamed(given, node.top)
                mistake = Mistake("symbol_clash", label, sentence, corrected, {"symbol": letter})
                return FormulaFinding(label, Verdict.WRONG, mistakes=(mistake,))
        return None

    def renamed(self, given: Assignment, name: Name) -> str:
        """Return the formula with the node that is meant, if one makes it right."""
        if self.graph is None:
            return ""
        for node in self.graph.names.values():
            if node.symbol not in ("Z", "A", "X") or node.layer is not None:
                continue

            def change(part: Expression, other: Name = node) -> Expression:
                return other if part == name else part

            expression = tree.rewritten(given.expression, change)
            try:
                trials = self.graph.trials(replace(given, expression=expression))
            except FormulaError:
                continue
            if holds_at(expression, trials):
                return self.spelling.written(given.target, expression)
        return ""

    def called_bias(self, settled: Assignment, label: str) -> FormulaFinding | None:
        """Find a pre-activation that is called like its bias."""
        target = settled.target
        if not is_sum_called_bias(settled) or not isinstance(target, Name):
            return None
        letter = target.text or target.symbol
        sentence = f"{letter} is the bias, and here the sum that it is added to."
        corrected = self.spelling.written(replace(target, symbol="Z", text=""), settled.expression)
        mistake = Mistake("symbol_clash", label, sentence, corrected, {"symbol": letter})
        return FormulaFinding(label, Verdict.WRONG, mistakes=(mistake,))

    def cost(self, settled: Assignment, label: str) -> FormulaFinding | None:
        """Find a cost that compares the prediction, or the target, with itself."""
        missing = lacking(settled, self.convention)
        if missing is None:
            return None
        instead = Name("Y") if missing == "target" else self.prediction
        meant = not_degenerate(settled, self.convention, self.ground, instead)
        text = "" if meant is None else self.spelling.written(settled.target, meant)
        sentence = f"The cost does not depend on the {missing}."
        mistake = Mistake("degenerate_cost", label, sentence, text, {"missing": missing})
        return FormulaFinding(label, Verdict.WRONG, mistakes=(mistake,))

    @property
    def prediction(self) -> Name:
        """The name that the document has for ŷ."""
        targets = (name for a in self.ground.assignments for name in tree.names_of(a.target))
        called = any(name.symbol == "Yhat" for name in targets)
        return Name("Yhat") if called else Name("A", Layer("", self.convention.depth))


def is_sum_called_bias(assignment: Assignment) -> bool:
    """Say whether a formula is b = W a + b: a pre-activation that is called like its bias."""
    target = assignment.target
    if not isinstance(target, Name) or target.symbol != "b":
        return False
    names = list(tree.names_of(assignment.expression))
    symbols = {name.symbol for name in names}
    itself = any(name.symbol == "b" and name.layer == target.layer for name in names)
    step = symbols & {"eta", "dW", "db", "dZ", "dA"}
    return itself and "W" in symbols and bool(symbols & {"X", "A"}) and not step


def lacking(assignment: Assignment, convention: Convention) -> str | None:
    """Return what a cost does not depend on, "prediction" or "target"; None if it is no such cost.

    The cost is compared with nothing, or with itself: Σ (ŷ − ŷ)², Σ y log y.
    """
    target = assignment.target
    if not isinstance(target, Name) or target.symbol not in ("J", "loss"):
        return None
    if any(isinstance(node, tree.Partial) for node in tree.walk(assignment.expression)):
        return None
    if any(not is_shared(name) for name in tree.names_of(assignment.expression)):
        return None  # what a name of the document's own depends on is not known
    names = list(places(assignment.expression, convention.depth))
    targets = [name.symbol == "Y" for name in names]
    letters = {letter_in(name.text).lower() for name in names} - {""}
    if len(letters) > 1 and len(set(targets)) == 1:
        return None  # two letters, y and t, are two things
    if len(names) < 2 or (any(targets) and not all(targets)):
        return None
    return "prediction" if all(targets) else "target"


def places(expression: Expression, depth: int) -> Iterator[Name]:
    """Yield the names of predictions and targets, in order."""
    for name in tree.names_of(expression):
        layer = name.layer
        last = layer is not None and (layer.letter, layer.offset) in (("L", 0), ("", depth))
        if name.symbol in ("Y", "Yhat") or (name.symbol in ("A", "Z") and last):
            yield name


def not_degenerate(
    assignment: Assignment, convention: Convention, ground: Ground, instead: Name
) -> Expression | None:
    """Return the cost that is meant: with some of its names replaced, it is the declared one.

    Parameters
    ----------
    assignment : Assignment
        A degenerate cost.
    convention : Convention
    ground : Ground
    instead : Name
        What the cost lacks.
    """
    wrong = set(places(assignment.expression, convention.depth))
    count = sum(node in wrong for node in tree.walk(assignment.expression))
    if count > MOST_NAMES:
        return None
    for size in range(1, count):
        for chosen in combinations(range(count), size):
            expression = replaced(assignment.expression, wrong, set(chosen), instead)
            if ground.holds(replace(assignment, expression=expression), convention):
                return expression
    return None


def replaced(
    expression: Expression, wrong: set[Name], chosen: set[int], instead: Name
) -> Expression:
    """Return an expression with the chosen ones of its wrong names replaced."""
    seen = -1

    def change(node: Expression) -> Expression:
        nonlocal seen
        if not isinstance(node, Name) or node not in wrong:
            return node
        seen += 1
        if seen not in chosen:
            return node
        return replace(instead, indices=node.indices, observation=node.observation)

    return tree.rewritten(expression, change)
