"""What local derivatives should be: ∂z/∂w the input, ∂a/∂z the slope of the activation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from chainrule.doctor.findings import Mistake, Verdict
from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.conventions import Convention
from chainrule.doctor.formulas.evaluate import evaluate
from chainrule.doctor.formulas.formula_finding import FormulaFinding
from chainrule.doctor.formulas.ground import Ground
from chainrule.doctor.formulas.indexed import evaluate_indexed, is_indexed
from chainrule.doctor.formulas.slopes import slope_of
from chainrule.doctor.formulas.spelling import Spelling
from chainrule.doctor.formulas.tree import Assignment, Expression, Layer, Name
from chainrule.errors import FormulaError
from chainrule.nn import ACTIVATIONS

__all__ = ["LocalDerivatives"]


@dataclass(frozen=True)
class LocalDerivatives:
    """Judges single factors of the chain rule that do not hold: ∂z/∂w, ∂a/∂z, σ'(z).

    Parameters
    ----------
    convention : Convention
    ground : Ground
    spelling : Spelling
    """

    convention: Convention
    ground: Ground
    spelling: Spelling

    def finding(self, settled: Assignment, label: str) -> FormulaFinding | None:
        """Say of a local derivative what it should be."""
        target = settled.target
        if isinstance(target, tree.Apply):
            return self.slope(target, label)
        if not isinstance(target, tree.Partial):
            return None
        diagonal = self.diagonal(target, settled.expression, label)
        if diagonal is not None:
            return diagonal
        right = self.right(target, settled)
        if right is None:
            return None
        if right in (settled.expression, of_any(settled.expression, target)):
            return FormulaFinding(label, Verdict.RIGHT)
        indexed = is_indexed(target, settled.expression)
        kind = "one" if self.convention.one or indexed else "batch"
        meaning = self.ground.meaning(self.convention, kind, 0)
        layers = self.ground.layers_of(replace(settled, expression=right), self.convention) or [{}]
        meaning = replace(meaning, letters={**meaning.letters, **layers[0]})
        try:  # what cannot be computed may be right, and not understood
            if is_indexed(settled.expression):
                evaluate_indexed(settled.expression, meaning)
            else:
                evaluate(settled.expression, meaning)
        except FormulaError:
            return None
        sentence = f"{label} is not the derivative that belongs there."
        text = self.spelling.written(target, right)
        mistake = Mistake("wrong_local_derivative", label, sentence, text)
        return FormulaFinding(label, Verdict.WRONG, mistakes=(mistake,))

    def slope(self, target: tree.Apply, label: str) -> FormulaFinding | None:
        """Say what the derivative of a named activation is."""
        right = slope_by_value(target)
        if right is None:
            return None
        sentence = f"{label} is not the derivative of {target.activation}."
        text = self.spelling.written(target, right)
        mistake = Mistake("wrong_local_derivative", label, sentence, text)
        return FormulaFinding(label, Verdict.WRONG, mistakes=(mistake,))

    def right(self, target: tree.Partial, settled: Assignment) -> Expression | None:
        """Return what a local derivative should be, if that is known and holds."""
        written = {
            symbol
            for symbol, _ in (*self.spelling.notation.spellings, *self.spelling.notation.samples)
        }
        found = list(local_derivatives(target, self.convention, "X" in written))
        held = [
            self.ground.holds(replace(settled, expression=right), self.convention)
            for right in found
        ]
        for wanted in (True, None):
            if wanted in held:
                return found[held.index(wanted)]
        return None

    def diagonal(
        self, target: tree.Partial, expression: Expression, label: str
    ) -> FormulaFinding | None:
        """Say of ∂a_j/∂z_k that it is only softmax's diagonal, a_j (1 − a_j)."""
        top, bottom = target.top, target.bottom
        if self.convention.output != "softmax" or bottom.symbol != "Z":
            return None
        if len(top.indices) != 1 or len(bottom.indices) != 1 or top.indices == bottom.indices:
            return None
        a = replace(top, text="")
        slope = tree.Multiply(a, tree.Add((tree.Number(1.0, "1"), tree.Negate(a))))
        meaning = self.ground.meaning(self.convention, "one", 0)
        try:
            found, wanted = (evaluate_indexed(part, meaning) for part in (expression, slope))
        except FormulaError:
            return None
        same = found.letters == wanted.letters and np.allclose(found.array, wanted.array, rtol=1e-9)
        if not same:
            return None
        sentence = (
            f"{label} is only the diagonal of softmax's Jacobian, its value for equal indices."
        )
        mistake = Mistake("softmax_diagonal", label, sentence)
        return FormulaFinding(label, Verdict.WRONG, mistakes=(mistake,))


def of_any(expression: Expression, target: tree.Partial) -> Expression:
    r"""Leave out the index of an observation: i of x_i, beside ``\partial z_i / \partial w``."""
    if not isinstance(expression, Name) or target.bottom.indices:
        return expression
    top, index = target.top, expression.indices or (expression.observation,)
    same = (top.indices or (top.observation,)) == index
    return replace(expression, indices=(), observation="") if same else expression


def local_derivatives(
    target: tree.Partial, convention: Convention, has_inputs: bool
) -> Iterator[Expression]:
    """Yield what a local derivative is: ∂z/∂w the input, ∂z/∂a the weight, ∂z/∂b 1."""
    top, bottom = target.top, target.bottom
    both = ((*bottom.indices, *top.indices), (*top.indices, *bottom.indices))
    if top.symbol == "Z" and bottom.symbol == "W" and top.layer is not None:
        before = Layer(top.layer.letter, top.layer.offset - 1)
        indices = tuple(index for index in bottom.indices if index not in top.indices)
        if before == Layer("", 0) or (convention.depth == 1 and has_inputs):
            yield Name("X", None, indices)
        else:
            yield Name("A", before, indices)
    elif top.symbol == "Z" and bottom.symbol == "b":
        yield tree.Number(1.0, "1")
    elif top.symbol == "Z" and bottom.symbol in ("A", "X"):
        yield from (Name("W", top.layer, indices) for indices in both)
    elif top.symbol == "Z" and bottom.symbol == "Z":
        slope = tree.Apply(None, bottom, derivative=True, layer=bottom.layer)
        yield from (tree.Juxtapose(Name("W", top.layer, indices), slope) for indices in both)
    elif top.symbol in ("A", "Yhat") and bottom.symbol == "Z":
        if len(both[0]) == 2 and top.indices != bottom.indices and convention.output == "softmax":
            other = replace(top, indices=bottom.indices, text="")
            yield tree.Juxtapose(top, tree.Add((tree.Kronecker(*both[1]), tree.Negate(other))))
        yield tree.Apply(None, bottom, derivative=True, layer=bottom.layer)


def slope_by_value(target: tree.Apply) -> Expression | None:
    """Return the derivative of a named activation as its row has it, of g(z) or of z.

    None for an activation without a name, and for one that mixes the units.
    """
    if not target.derivative or target.activation is None:
        return None
    value = replace(target, derivative=False)
    written = slope_of(ACTIVATIONS[target.activation], target.operand, value)

    def change(node: Expression) -> Expression:
        return tree.Juxtapose(node.left, node.right) if isinstance(node, tree.Multiply) else node

    return None if written is None else tree.rewritten(written, change)
