"""What a document states outright: the activation of each layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.tree import Assignment, Expression, Name

__all__ = ["stated_activations", "with_stated"]


def stated_activations(assignments: Sequence[Assignment], depth: int) -> dict[int, str]:
    r"""Return the activations of the layers that formulas such as ``A_2 = \tanh(Z_2)`` speak of.

    Layers for which a document states two are left out.

    Parameters
    ----------
    assignments : sequence of Assignment
        In one numbering; see `chainrule.doctor.formulas.normal`.
    depth : int
        L, the layer of ŷ.

    Returns
    -------
    dict of int to str
    """
    found: dict[int, set[str]] = {}
    for assignment in assignments:
        target, name = assignment.target, activation_of(assignment.expression)
        layer = layer_of(target, depth) if isinstance(target, Name) else None
        if layer is not None and name is not None:
            found.setdefault(layer, set()).add(name)
    return {layer: min(names) for layer, names in found.items() if len(names) == 1}


def layer_of(target: Name, depth: int) -> int | None:
    """Return the layer whose activation a name is; None if it is none, or that of any layer."""
    if target.symbol == "Yhat":
        return depth
    if target.symbol != "A" or target.layer is None or target.layer.letter not in ("", "L"):
        return None
    return target.layer.offset + (depth if target.layer.letter else 0)


def activation_of(expression: Expression) -> str | None:
    """Return the activation that a formula applies."""
    if isinstance(expression, tree.Apply) and not expression.derivative:
        return expression.activation
    if isinstance(expression, tree.Maximum):
        return "relu"
    if isinstance(expression, tree.Function) and expression.name == "exp":
        return "exponential"
    return "identity" if isinstance(expression, Name) and expression.symbol == "Z" else None


def with_stated(
    stated: dict[int, str], depth: int, usual: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    """Yield the hidden activations to try: those stated, with each of the usual ones for the others.

    Where nothing is stated, one activation is that of all hidden layers.
    """
    hidden = range(1, depth)
    if any(layer in stated for layer in hidden):
        for name in usual:
            yield tuple(stated.get(layer, name) for layer in hidden)
            if all(layer in stated for layer in hidden):
                break
    for name in usual:
        yield (name,)
