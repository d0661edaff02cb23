r"""Other readings of a formula that does not hold as it was read first.

A differential, ``dZ = X\,dW``; a statement of what g is; another cost than the first, or one without
the penalty; an output of one unit, whose weights are a vector.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from chainrule.doctor.findings import Verdict
from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.conventions import Convention
from chainrule.doctor.formulas.formula_finding import FormulaFinding
from chainrule.doctor.formulas.ground import Ground, holds_at
from chainrule.doctor.formulas.infer import is_cost, pairs_with
from chainrule.doctor.formulas.letter import letter_in
from chainrule.doctor.formulas.settings import LAYOUTS
from chainrule.doctor.formulas.symbols import is_shared
from chainrule.doctor.formulas.tree import Assignment, Expression, Layer, Name
from chainrule.errors import FormulaError
from chainrule.nn.activations import ACTIVATIONS

__all__ = ["Readings", "is_of_one", "totals"]

MOST_TRIED = 300
MOST_COSTS = 10
SCALES = (("mean", 1.0), ("sum", 1.0), ("mean", 0.5), ("sum", 0.5))
OF_ONE = re.compile(
    r"(?:\\partial|\bd|\})\s*(?:\\(?:ell|mathcal\s*\{?\s*L\s*\}?)|[lLJEC])\s*"
    r"(?:_\s*\{?\s*[in]\s*\}?|\^\s*\{?\s*\(\s*[in]\s*\)\s*\}?)"
)
VECTORS = ("w", "v", "u", "beta", "theta")
OBSERVED = ("X", "A", "Z")


@dataclass
class Readings:
    """Tries what else a formula may mean, where the document gives reason to.

    Parameters
    ----------
    convention : Convention
    ground : Ground
    """

    convention: Convention
    ground: Ground
    tried: int = 0

    def finding(self, settled: Assignment, label: str) -> FormulaFinding | None:
        """Return what is said of a formula in another sense; None if it has none."""
        if is_differential(settled):
            note = "a differential: only derivatives are compared"
            return FormulaFinding(label, Verdict.UNREADABLE, note=note)
        self.tried += 1
        if self.tried > MOST_TRIED:
            return None
        note = (
            self.of_an_activation(settled)
            or self.bias_as_column(settled)
            or self.of_one_observation(settled)
            or self.without_penalty(settled)
            or self.of_another_cost(settled)
            or self.with_one_output(settled)
        )
        return FormulaFinding(label, Verdict.CONVENTION, note=note) if note else None

    def of_an_activation(self, settled: Assignment) -> str:
        """Say of which activation a statement about g, or g', is true, in whatever letter."""
        target = settled.target
        if not isinstance(target, tree.Apply):
            return ""
        variable = target.operand

        def change(node: Expression) -> Expression:
            return Name("Z", Layer("", 1)) if node == variable else node

        if isinstance(variable, Name) and not is_shared(variable):
            inner = tree.rewritten(settled.expression, change)
            settled = replace(settled, target=tree.rewritten(target, change), expression=inner)
        for name in (target.activation,) if target.activation else ACTIVATIONS:
            if name == "softmax":
                continue
            other = replace(self.convention, hidden=(name,), output=name, loss="half_squared_error")
            if self.ground.holds(settled, other):
                return f"for {name}"
        return ""

    def of_one_observation(self, settled: Assignment) -> str:
        r"""Say whether a derivative of ``\ell_i`` holds for one observation."""
        if self.convention.one or not is_of_one(settled):
            return ""
        for layout in self.layouts_for(settled):
            other = replace(
                self.convention, layout=layout, one=True, reduction="sum", per_observation=False
            )
            if self.ground.holds(settled, other) or (
                self.vectors and self.holds_with_one(settled, other)
            ):
                return "for one observation"
        return ""

    def layouts_for(self, settled: Assignment) -> Sequence[str]:
        """Return the layouts in which a formula may be meant: one, if it shows hidden weights."""
        hidden = any(
            name.symbol == "W" and not self.is_output(name)
            for name in tree.names_of(settled.expression)
        )
        return (self.convention.layout,) if hidden else LAYOUTS

    def bias_as_column(self, settled: Assignment) -> str:
        """Say whether the derivative by a bias is right as a column, where others are rows."""
        target = settled.target
        if not isinstance(target, Name) or target.symbol != "db" or target.indices:
            return ""
        turned = replace(settled, expression=tree.Transpose(settled.expression))
        if not self.convention.one and self.ground.holds(turned, self.convention):
            return "the bias being a column"
        return ""

    def without_penalty(self, settled: Assignment) -> str:
        """Say whether a formula is of the cost that another one adds a penalty to."""
        plain = replace(self.convention, penalty=None)
        if self.is_unpenalized(settled) and self.ground.holds(settled, plain):
            return "for the cost without the penalty"
        return ""

    def is_unpenalized(self, settled: Assignment) -> bool:
        """Say whether a formula speaks of a cost that another one adds a penalty to."""
        target = settled.target
        if self.convention.penalty is None or not isinstance(target, Name):
            return False
        if any(name.symbol == "lambda" for name in tree.names_of(settled.expression)):
            return False
        text = bare(settled.source.partition("=")[0])
        return any(
            settled.is_update or (whole not in text and part in text)
            for whole, part in self.penalized
        )

    @cached_property
    def penalized(self) -> list[tuple[str, str]]:
        """How the costs with a penalty are written, and those that it is added to."""
        found = []
        for assignment in self.ground.assignments:
            if isinstance(assignment.target, Name) and totals(assignment):
                assert isinstance(assignment.expression, tree.Add)
                inner = [t for t in assignment.expression.terms if t == Name("J")]
                speaks = any(n.symbol == "lambda" for n in tree.names_of(assignment.expression))
                if speaks and isinstance(inner[0], Name):
                    left = assignment.source.partition("=")[0]
                    found.append((bare(left), bare(inner[0].text)))
        return found

    def of_another_cost(self, settled: Assignment) -> str:
        """Say for which loss a formula holds, where it is of the second cost of two."""
        left = bare(settled.source.partition("=")[0])
        spoken = [cost for cost in self.costs if cost in left]
        cost = max(spoken, key=len, default="")
        for other in self.meant_by.get(cost, ()):
            one = self.vectors and self.holds_with_one(settled, other)
            if one or self.ground.holds(settled, other):
                return f"for the loss {other.loss}"
        return ""

    @cached_property
    def meant_by(self) -> dict[str, list[Convention]]:
        """The conventions in which each cost but the first is what it is stated to be."""
        found: dict[str, list[Convention]] = {}
        for cost, stated in list(self.costs.items())[1:MOST_COSTS]:
            for (output, loss), (reduction, scale) in product(pairs_with(), SCALES):
                other = replace(self.convention, loss=loss, reduction=reduction, cost_scale=scale)
                if output == self.convention.output and self.ground.holds(stated, other):
                    found.setdefault(cost, []).append(other)
        return found

    @cached_property
    def costs(self) -> dict[str, Assignment]:
        """The costs that the document states, by the left side of what states them."""
        found: dict[str, Assignment] = {}
        for assignment in self.ground.assignments:
            if is_cost(assignment) and not totals(assignment):
                found.setdefault(bare(assignment.source.partition("=")[0]), assignment)
        return found

    def with_one_output(self, settled: Assignment) -> str:
        """Say whether a formula holds where the output has one unit, and its weights are a vector."""
        if not self.vectors:
            return ""
        plain = (None,) if self.is_unpenalized(settled) else ()
        penalties = (self.convention.penalty, *plain)
        layouts = self.layouts_for(settled)
        for expression, layout, penalty in product(self.as_vectors(settled), layouts, penalties):
            other = replace(self.convention, layout=layout, penalty=penalty)
            if self.holds_with_one(expression, other):
                return "for one unit at the output"
        return ""

    def holds_with_one(self, settled: Assignment, convention: Convention) -> bool:
        """Say whether a formula holds where the output has one unit."""
        target = settled.target
        forward = isinstance(target, Name) and target.symbol in ("Z", "A", "Yhat")
        kinds = ["one unit"] if convention.one else ["batch unit", *(["one unit"] * forward)]
        for kind in kinds:
            with suppress(FormulaError):
                every = self.ground.trials(settled, convention, kind=kind)
                answers = [holds_at(settled.expression, trials) for _, trials in every]
                if True in answers and False not in answers:
                    return True
        return False

    @cached_property
    def vectors(self) -> bool:
        """Whether the weights of the output are written in a small letter, and no others are."""
        last: set[bool] = set()
        others: set[bool] = set()
        for assignment in self.ground.assignments:
            for name in (*tree.names_of(assignment.target), *tree.names_of(assignment.expression)):
                if name.symbol != "W" or name.layer is None or name.indices:
                    continue
                (last if self.is_output(name) else others).add(letter_in(name.text) in VECTORS)
        return last == {True} and True not in others

    def is_output(self, node: Expression) -> bool:
        """Say whether a name is of the last layer."""
        depth = self.convention.depth
        return isinstance(node, Name) and (
            depth == 1 or node.layer in (Layer("L"), Layer("", depth))
        )

    def as_vectors(self, settled: Assignment) -> Iterator[Assignment]:
        """Yield a formula as it is, with the weights of the output turned, and with x_i a column."""

        def turned(node: Expression) -> Expression:
            weights = isinstance(node, Name) and node.symbol in ("W", "dW")
            return tree.Transpose(node) if weights and self.is_output(node) else node

        def column(node: Expression) -> Expression:
            small = isinstance(node, Name) and node.symbol in OBSERVED and node.observation
            return tree.Transpose(node) if small else node

        yield settled
        yield replace(settled, expression=tree.rewritten(settled.expression, column))
        expression = tree.rewritten(settled.expression, turned)
        target = turned(settled.target)
        if isinstance(target, tree.Transpose):
            expression = tree.Transpose(expression)
        yield replace(settled, expression=expression)


def is_of_one(assignment: Assignment) -> bool:
    r"""Say whether a formula is a derivative of the loss of one observation: ``\ell_i``."""
    left = assignment.source.partition("=")[0]
    derived = isinstance(assignment.target, Name) and assignment.target.is_derivative
    return derived and OF_ONE.search(left) is not None


def bare(text: str) -> str:
    """Return the name of a cost without its argument: J of J(θ)."""
    return text.partition("(")[0].strip()


def totals(assignment: Assignment) -> bool:
    """Say whether a cost is a sum of another cost and something: ``J = L + s``."""
    target = assignment.target
    return (
        isinstance(target, Name)
        and target.symbol == "J"
        and isinstance(assignment.expression, tree.Add)
        and any(term == Name("J") for term in assignment.expression.terms)
    )


def is_differential(assignment: Assignment) -> bool:
    """Say whether a formula follows a change forward: dZ = X dW, dA = g'(Z) dZ.

    A derivative of the cost is computed from those of what comes after.
    """
    target = assignment.target
    if not isinstance(target, Name) or target.symbol not in ("dZ", "dA", "dYhat"):
        return False
    if not target.text.lstrip("{ ").startswith("d"):
        return False
    nodes = list(tree.walk(assignment.expression))
    inner = [node for node in nodes if isinstance(node, Name) and node.is_derivative]
    if any(name.symbol in ("dW", "db") for name in inner):
        return True
    sloped = any(isinstance(node, tree.Apply) and node.derivative for node in nodes)
    same = [name for name in inner if name.symbol == "dZ" and name.layer == target.layer]
    weighted = any(isinstance(node, Name) and node.symbol == "W" for node in nodes)
    return target.symbol == "dA" and sloped and bool(same) and not weighted
