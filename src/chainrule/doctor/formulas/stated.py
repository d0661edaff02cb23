"""What a document states outright: the activation of each layer, and which have no bias."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.tree import Assignment, Expression, Name

__all__ = ["layers_without_bias", "stated_activations", "with_stated"]


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


def layers_without_bias(assignments: Sequence[Assignment], depth: int) -> tuple[int, ...]:
    """Return the layers whose step forward is stated without a bias, and that have none anywhere."""
    everything = [
        n for a in assignments for n in (*tree.names_of(a.target), *tree.names_of(a.expression))
    ]
    numbers = {"L": depth, "K": depth - 1}
    biases = [n.layer for n in everything if n.symbol in ("b", "db")]
    if any(layer is None or layer.letter not in ("", *numbers) for layer in biases):
        return ()
    biased = {layer.at(numbers) for layer in biases if layer is not None}
    found = set()
    for assignment in assignments:
        target = assignment.target
        if not isinstance(target, Name) or target.symbol not in ("Z", "A", "Yhat"):
            continue
        names = list(tree.names_of(assignment.expression))
        weights = [n.layer for n in names if n.symbol == "W"]
        plain = all(name.symbol in ("W", "X", "A") for name in names)
        one = plain and len(names) == 2 and len(weights) == 1
        if one and weights[0] is not None and weights[0].letter in ("", *numbers):
            found.add(weights[0].at(numbers))
    return tuple(sorted(found - biased))
