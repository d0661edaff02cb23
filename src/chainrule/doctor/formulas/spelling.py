"""Corrections as the document would write them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.conventions import Convention
from chainrule.doctor.formulas.slopes import slope_of
from chainrule.doctor.formulas.tree import Expression, Name
from chainrule.doctor.formulas.write import Notation, to_text
from chainrule.nn import ACTIVATIONS

__all__ = ["Spelling"]


@dataclass(frozen=True)
class Spelling:
    """Writes formulas in the notation of a document.

    Parameters
    ----------
    convention : Convention
        What the activations of the layers are.
    notation : Notation
        How the document spells names.
    declared : bool
        Whether the hidden activation was declared, and not found out.
    """

    convention: Convention
    notation: Notation
    declared: bool = False

    def written(self, target: Expression, expression: Expression) -> str:
        """Write a corrected formula."""
        expression = tree.rewritten(expression, self.by_name)
        updated = isinstance(target, Name) and target.is_parameter and self.notation.latex
        sign = r"\leftarrow" if updated else "="
        return f"{to_text(target, self.notation)} {sign} {to_text(expression, self.notation)}"

    def by_name(self, node: Expression) -> Expression:
        """Call the activation of a layer by the name that the document has for it.

        In NumPy notation its derivative is written out.
        """
        if not isinstance(node, tree.Apply) or node.activation or node.text or not node.layer:
            return node
        depth = self.convention.depth
        known = {"L": depth, "K": depth - 1}
        hidden = set(self.convention.network().hidden)
        if node.layer.letter in ("", *known):
            number = node.layer.at(known)
            if not 1 <= number <= depth:
                return node
            name = self.convention.network().activations[number - 1].name
        elif len(hidden) == 1:
            name = hidden.pop()
        else:
            return node
        certain = name in self.notation.named or self.declared
        if node.derivative and certain and not self.notation.latex:
            # code has no g': what is written must be there to be called
            slope = slope_of(ACTIVATIONS[name], node.operand, Name("A", node.layer))
            return node if slope is None else slope
        return replace(node, activation=name) if name in self.notation.named else node
