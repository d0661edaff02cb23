"""Chains of single numbers: formulas that define their own nodes, ``x = w_1 x_1``, ``z = x + b``.

Every name is one number. What a definition gives is a node, everything else a leaf; a derivative is
taken by the complex step through the definitions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.evaluate import Meaning, evaluate
from chainrule.doctor.formulas.repairs import Trial
from chainrule.doctor.formulas.symbols import key_of
from chainrule.doctor.formulas.tree import Assignment, Expression, Name
from chainrule.doctor.formulas.trials import MatrixTrial
from chainrule.errors import FormulaError

__all__ = ["Graph"]

STEP = 1e-30
MOST_NODES = 60


def key(name: Name) -> str:
    """Return the key of a name: its symbol and its layer, as it stands."""
    if name.layer is not None and name.layer.letter:
        return f"{name.symbol}_{name.layer}"
    return key_of(name.symbol, None if name.layer is None else name.layer.offset)


@dataclass
class Graph:
    """The nodes that formulas define.

    Parameters
    ----------
    nodes : dict of str to Expression
        In the order of the document; of two definitions of one name the last counts.
    names : dict of str to Name
        How the document writes them.
    """

    nodes: dict[str, Expression] = field(default_factory=dict)
    names: dict[str, Name] = field(default_factory=dict)
    activation: tree.Apply | None = None

    @classmethod
    def of(cls, assignments: Sequence[Assignment]) -> Graph:
        """Collect the definitions among formulas: those of names that are no derivatives."""
        graph = cls()
        for assignment in assignments:
            target = assignment.target
            if not isinstance(target, Name) or target.is_derivative or assignment.is_update:
                continue
            if not any(name.is_derivative for name in tree.names_of(assignment.expression)):
                graph.nodes[key(target)] = assignment.expression
                graph.names[key(target)] = target
        if len(graph.nodes) > MOST_NODES:
            raise FormulaError(f"more than {MOST_NODES} definitions of single numbers")
        if "A" not in graph.nodes:
            graph.name_the_activation()
        return graph

    def name_the_activation(self) -> None:
        """Make a node of σ(z), which a chain calls σ: ∂C/∂σ."""
        for expression in self.nodes.values():
            for node in tree.walk(expression):
                if isinstance(node, tree.Apply) and isinstance(node.operand, Name):
                    self.activation = node
        if self.activation is not None:
            self.nodes = {name: self.named(e) for name, e in self.nodes.items()}
            self.nodes["A"] = self.activation

    def named(self, expression: Expression) -> Expression:
        """Return an expression with σ in place of σ(z)."""
        return tree.rewritten(
            expression, lambda node: Name("A") if node == self.activation else node
        )

    def leaves(self, expressions: Sequence[Expression]) -> list[str]:
        """Return the names that nothing defines."""
        found = [
            key(name)
            for expression in (*self.nodes.values(), *expressions)
            for name in tree.names_of(expression)
            if not name.is_derivative
        ]
        return sorted(set(found) - set(self.nodes))

    def values(self, leaves: dict[str, Any], moved: str = "") -> dict[str, Any]:
        """Compute every node; a step is added to the one that is moved."""
        values = dict(leaves)
        if moved in values:
            values[moved] = values[moved] + 1j * STEP
        waiting = dict(self.nodes)
        while waiting:
            ready = [
                name
                for name, expression in waiting.items()
                if all(key(n) in values for n in tree.names_of(expression))
            ]
            if not ready:
                raise FormulaError(f"{next(iter(waiting))} is defined by itself")
            for name in ready:
                values[name] = evaluate(waiting.pop(name), Meaning(values))
                if name == moved:
                    values[name] = values[name] + 1j * STEP
        return values

    def meaning(self, expressions: Sequence[Expression], seed: int) -> Meaning:
        """Return numbers for all names, and all derivatives of nodes that the expressions speak of."""
        names = self.leaves(expressions)
        rng = np.random.RandomState(seed)
        leaves = {name: np.asarray(rng.uniform(0.3, 1.2)) for name in names}
        leaves |= {name: np.asarray(1.0) for name in names if name == "m"}
        values = self.values(leaves)
        for name in list(values):
            moved = self.values(leaves, name)
            for other in self.nodes:
                slope = np.imag(moved[other]) / STEP
                if other == "J":
                    values[f"d{name}"] = np.asarray(slope)
                values[f"{other}/{name}"] = np.asarray(slope)
        return Meaning({name: np.asarray(np.real(value)) for name, value in values.items()})

    def trials(self, assignment: Assignment) -> list[Trial]:
        """Return where a formula is compared with the truth.

        Raises
        ------
        FormulaError
            If what it gives is no derivative of this graph.
        """
        found: list[Trial] = []
        for seed in (1, 2):
            meaning = self.meaning((assignment.target, assignment.expression), seed)
            truth = evaluate(assignment.target, meaning)
            if not np.isfinite(truth).all() or truth == 0:
                raise FormulaError("it is a derivative that is 0")
            found.append(MatrixTrial(np.asarray(truth), 1, meaning, "the left side"))
        return found

    def prepared(self, assignment: Assignment) -> Assignment:
        """Return a formula with σ in place of σ(z)."""
        return replace(assignment, expression=self.named(assignment.expression))
