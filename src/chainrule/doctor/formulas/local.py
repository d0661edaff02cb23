"""What local derivatives should be: ∂z/∂w the input, ∂a/∂z the slope of the activation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.conventions import Convention
from chainrule.doctor.formulas.tree import Expression, Layer, Name

__all__ = ["local_derivatives", "slope_by_value"]


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
    """Return the derivative of an activation in terms of its value; None if it is no named one."""
    g = replace(target, derivative=False)
    if not target.derivative:
        return None
    if target.activation == "sigmoid":
        return tree.Juxtapose(g, tree.Add((tree.Number(1.0, "1"), tree.Negate(g))))
    if target.activation == "tanh":
        return tree.Add((tree.Number(1.0, "1"), tree.Negate(tree.Power(g, tree.Number(2.0, "2")))))
    if target.activation == "relu":
        return tree.Compare(target.operand, ">", tree.Number(0.0, "0"))
    return None
