"""The derivative of an activation, as its row has it, in a document's own letters."""

from __future__ import annotations

from dataclasses import replace

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.numpy_reader import read_numpy_expression
from chainrule.doctor.formulas.tree import Expression, Name
from chainrule.nn import Activation
from chainrule.notation.numpy_text import Written, numpy_text

__all__ = ["slope_of"]


def slope_of(g: Activation, z: Expression, value: Expression) -> Expression | None:
    """Return g'(z) written out; None for an activation that mixes the units.

    Parameters
    ----------
    g : Activation
    z : Expression
        What g is taken of.
    value : Expression
        What stands for g(z).
    """
    if not g.is_elementwise:
        return None
    letters = {"Z": z, "A": value}
    code = numpy_text(g.derivative_formula, {"z": Written("Z"), "a": Written("A")})

    def change(node: Expression) -> Expression:
        if isinstance(node, tree.Apply):
            return replace(node, text="")
        return letters.get(node.symbol, node) if isinstance(node, Name) else node

    return tree.rewritten(read_numpy_expression(code.text), change)
