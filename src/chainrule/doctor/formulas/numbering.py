r"""Documents that number their layers from 1 at the input: ``z^{(l+1)} = W^{(l)} a^{(l)} + b^{(l)}``.

There the weights are called after the layer they come from. It is the numbering of this library with
everything that is no parameter one higher: a^{(1)} is the input. Some number so nothing but their δ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.tree import Assignment, Expression, Layer, Name

__all__ = ["Numbering", "numbering_of"]

DATA = ("A", "Z", "dA", "dZ")
PARAMETERS = ("W", "b", "dW", "db")
FORWARD = ("Z", "A")
LAST = ("L",)


@dataclass(frozen=True)
class Numbering:
    """How far the numbers of a document's layers are from ours.

    Parameters
    ----------
    symbols : tuple of str
        What is numbered one higher.
    """

    symbols: tuple[str, ...] = ()

    def ours(self, node: Expression) -> Expression:
        """Return a name of the document in our numbering."""
        return self.moved(node, -1)

    def theirs(self, node: Expression) -> Expression:
        """Return a name of ours, one that the document does not write, in its numbering."""
        if isinstance(node, Name) and node.text:
            return node
        if isinstance(node, Name) and node.symbol == "X" and self.symbols == DATA:
            return node
        return self.moved(node, 1)

    def moved(self, node: Expression, step: int) -> Expression:
        """Return a name with its layer moved by a step, where it is one that is."""
        if not self.symbols or not isinstance(node, (Name, tree.Apply)) or node.layer is None:
            return node
        symbol = node.symbol if isinstance(node, Name) else "A"
        layer = node.layer
        # L counts the input too, where it has a number: the last of everything is L.
        last = layer.letter in LAST and self.symbols == DATA
        if last and symbol in PARAMETERS:
            layer = Layer(layer.letter, layer.offset - step)
        elif symbol in self.symbols and not last:
            layer = Layer(layer.letter, layer.offset + step)
        else:
            return node
        if isinstance(node, Name) and symbol == "A" and layer == Layer("", 0):
            return replace(node, symbol="X", layer=None)
        return replace(node, layer=layer)


def numbering_of(assignments: Sequence[Assignment]) -> Numbering:
    """Find out how the layers of a document are numbered: by its forward pass, if it has one."""
    steps = list(forward_steps(assignments))
    if steps:
        return Numbering(DATA) if steps.count(1) > steps.count(0) else only_deltas(assignments)
    back = list(backward_steps(assignments))
    if back and all(step == (1, 0) for step in back):
        return Numbering(DATA)
    return only_deltas(assignments)


def forward_steps(assignments: Sequence[Assignment]) -> Iterator[int]:
    """Yield how much higher z is than the weights in it."""
    for assignment in assignments:
        target = assignment.target
        if not isinstance(target, Name) or target.symbol not in FORWARD or target.layer is None:
            continue
        for name in tree.names_of(assignment.expression):
            if name.symbol == "W" and name.layer and name.layer.letter == target.layer.letter:
                yield target.layer.offset - name.layer.offset


def backward_steps(assignments: Sequence[Assignment]) -> Iterator[tuple[int, int]]:
    """Yield how much higher δ and a are than the weights by which δ aᵀ is the derivative."""
    for assignment in assignments:
        target = assignment.target
        if not isinstance(target, Name) or target.symbol != "dW" or target.layer is None:
            continue
        found = {}
        for name in tree.names_of(assignment.expression):
            if (
                name.symbol in ("A", "dZ")
                and name.layer
                and name.layer.letter == target.layer.letter
            ):
                found[name.symbol] = name.layer.offset - target.layer.offset
        if len(found) == 2:
            yield found["dZ"], found["A"]


def only_deltas(assignments: Sequence[Assignment]) -> Numbering:
    """Say whether the δ alone are numbered one higher: δ_3 and δ_2, and no other third layer."""
    numbers: dict[str, set[int]] = {"delta": set(), "weights": set(), "others": set()}
    for assignment in assignments:
        for name in (*tree.names_of(assignment.target), *tree.names_of(assignment.expression)):
            if name.layer is None or name.symbol not in (*DATA, *PARAMETERS):
                continue
            if name.layer.letter:
                return Numbering()
            kind = "delta" if name.symbol == "dZ" else "weights"
            numbers[kind if name.symbol in ("dZ", *PARAMETERS) else "others"].add(name.layer.offset)
    delta, weights = numbers["delta"], numbers["weights"]
    if not delta or not weights or min(delta) < 2:
        return Numbering()
    higher = max(delta) == max(weights) + 1 > max(numbers["others"], default=0)
    return Numbering(("dZ",)) if higher else Numbering()
