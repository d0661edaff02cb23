"""A document's formulas in one numbering: the layers that are left unsaid, an output layer called 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.indexed import OBSERVED, is_indexed
from chainrule.doctor.formulas.numbering import numbering_of
from chainrule.doctor.formulas.tree import Assignment, Expression, Layer, Name

__all__ = ["depth_of", "later_letter", "normal"]

OUTPUT = Layer("L")
LAYERED = ("W", "b", "Z", "A", "dW", "db", "dZ", "dA")


def normal(assignments: Sequence[Assignment]) -> list[Assignment]:
    """Return the formulas in one numbering.

    Where weights have the layer 0, that is the output layer, and K is the last hidden one. A quantity
    without a layer is of the layer that its formula speaks of: that of the target or of the weights, the
    last one if the targets Y are in it, else any.
    """
    zero = any(
        name.symbol in ("W", "b", "dW", "db") and name.layer == Layer("", 0)
        for assignment in assignments
        for name in names(assignment)
    )
    if zero:
        assignments = [changed(assignment, output_is_zero) for assignment in assignments]
    assignments = observed(assignments)
    numbering = numbering_of(assignments)
    if numbering.symbols:
        assignments = [changed(assignment, numbering.ours) for assignment in assignments]
    return [settled(for_all_observations(assignment)) for assignment in assignments]


def observed(assignments: Sequence[Assignment]) -> Sequence[Assignment]:
    r"""Take n of ``x_n`` as an observation, where sums run over it up to N, and no weight has it."""
    indices = {index for a in assignments for n in names(a) for index in n.indices}
    summed = {
        node.index
        for a in assignments
        for node in tree.walk(a.expression)
        if isinstance(node, tree.IndexSum) and node.upper in ("m", "n", "N")
    }
    parameters = ("W", "b", "dW", "db")
    units = {i for a in assignments for n in names(a) if n.symbol in parameters for i in n.indices}
    letters = (summed & indices & {"n", "i"}) - units

    def change(node: Expression) -> Expression:
        if not isinstance(node, Name) or node.symbol not in OBSERVED or node.observation:
            return node
        if len(node.indices) != 1 or node.indices[0] not in letters:
            return node
        return replace(node, indices=(), observation=node.indices[0])

    return [changed(a, change) for a in assignments] if letters else assignments


def for_all_observations(assignment: Assignment) -> Assignment:
    r"""Leave out the index of an observation where no sum runs over it.

    ``dz^{(i)} = a^{(i)} - y^{(i)}`` says of every observation what ``dZ = A - Y`` says of them all. In
    ``dW = dz^{(i)} a^{(i)T}`` the sum is left unsaid.
    """
    target, expression = assignment.target, assignment.expression
    bound = {node.index for node in tree.walk(expression) if isinstance(node, tree.IndexSum)}
    kept = {name.observation for name in tree.names_of(target)} if is_indexed(target) else set()
    if isinstance(target, Name) and target.symbol in ("J", "loss") and not is_indexed(expression):
        return assignment

    def change(node: Expression) -> Expression:
        if isinstance(node, Name) and node.observation not in (bound | kept | {""}):
            return replace(node, observation="")
        return node

    free = {name.observation for name in tree.names_of(expression)} - bound - kept - {""}
    if not free and (kept or not any(name.observation for name in tree.names_of(target))):
        return assignment
    return changed(assignment, change)


def names(assignment: Assignment) -> list[Name]:
    return [*tree.names_of(assignment.target), *tree.names_of(assignment.expression)]


def changed(assignment: Assignment, change: Callable[[Expression], Expression]) -> Assignment:
    target = tree.rewritten(assignment.target, change)
    return replace(
        assignment, target=target, expression=tree.rewritten(assignment.expression, change)
    )


def output_is_zero(node: Expression) -> Expression:
    if isinstance(node, (Name, tree.Apply)) and node.layer is not None:
        symbol = node.symbol if isinstance(node, Name) else "g"
        if node.layer == Layer("", 0) and symbol in ("W", "b", "Z", "dW", "db", "dZ", "g"):
            return replace(node, layer=OUTPUT)
        if node.layer.letter == "K":
            return replace(node, layer=Layer("L", node.layer.offset - 1))
    return node


def settled(assignment: Assignment) -> Assignment:
    """Give a layer to every quantity without one."""
    everything = names(assignment)
    if not any(name.layer is None and name.symbol in LAYERED for name in everything):
        return assignment
    target = assignment.target
    layer = layer_spoken_of(assignment)
    inputs = input_letters(everything)
    later = later_letter(assignment)

    def change(node: Expression) -> Expression:
        if not isinstance(node, Name) or node.layer is not None or node.symbol not in LAYERED:
            return node
        if later and later in node.indices:
            return replace(node, layer=Layer(layer.letter, layer.offset + 1))
        if node.symbol in ("A", "dA") and len(node.indices) == 1 and node.indices[0] in inputs:
            return replace(node, layer=Layer(layer.letter, layer.offset - 1))
        if node.symbol == "A" and is_input_of(target):
            return replace(node, layer=Layer("", layer.offset - 1))
        return replace(node, layer=layer)

    return changed(assignment, change)


def is_input_of(target: Expression) -> bool:
    """Say whether an activation without a layer is the input of what is given: h in ``z_2 = W_2 h``."""
    if not isinstance(target, Name) or target.layer is None or target.layer.letter:
        return False
    return target.symbol in ("Z", "dW") and target.layer.offset > 1


def layer_spoken_of(assignment: Assignment) -> Layer:
    """Return the layer of a formula: of its target, its weights, its Z; the last one beside Y."""
    target = assignment.target
    if isinstance(target, Name) and target.layer is not None:
        return target.layer
    everything = names(assignment)
    for symbols in (("dW", "db", "W", "b"), ("dZ", "Z")):
        for name in everything:
            if name.symbol in symbols and name.layer is not None:
                return name.layer
    if any(name.symbol in ("Y", "Yhat") for name in everything):
        return OUTPUT
    for name in everything:
        if name.symbol in ("A", "dA") and name.layer is not None and name.layer.letter:
            step = 1 if set(name.indices) & input_letters(everything) else 0
            return Layer(name.layer.letter, name.layer.offset + step)
    return Layer("l")


def later_letter(assignment: Assignment) -> str:
    r"""Return the index of the units behind: k in ``\delta_j = g'(z_j) \sum_k w_{kj} \delta_k``."""
    target = assignment.target
    if (
        not isinstance(target, Name)
        or target.symbol not in ("dZ", "dA")
        or len(target.indices) != 1
    ):
        return ""
    found = [
        set(name.indices) - set(target.indices)
        for name in tree.names_of(assignment.expression)
        if name.symbol == "W" and len(name.indices) == 2 and set(target.indices) & set(name.indices)
    ]
    return found[0].pop() if len(found) == 1 and len(found[0]) == 1 else ""


def input_letters(everything: list[Name]) -> set[str]:
    """Return the indices that run over the inputs of a layer: i in w_ij, beside z_j."""
    pairs = {
        name.indices for name in everything if name.symbol in ("W", "dW") and len(name.indices) == 2
    }
    outputs = {
        name.indices[0]
        for name in everything
        if name.symbol in ("Z", "dZ", "b", "db") and len(name.indices) == 1
    }
    return {
        letter for pair in pairs for letter in pair if outputs & set(pair) and letter not in outputs
    }


def depth_of(assignments: Sequence[Assignment]) -> int:
    """Return the number of layers that a document speaks of; 3 if it speaks of l and L alone."""
    numbers, general = [0], False
    for assignment in assignments:
        for name in names(assignment):
            if name.layer is None or name.symbol not in LAYERED:
                continue
            if name.layer.letter:
                general = True
            else:
                numbers.append(name.layer.offset)
    found = max(numbers)
    if general and found < 2:
        return 3
    return found or 1
