"""The changes that undo a mistake: each a whole formula with one thing changed, and a code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.tree import Assignment, Expression, Layer, Name

__all__ = ["Edit", "edits_of", "flipped"]

LAYERED = ("A", "Z", "W", "b", "dA", "dZ", "dW", "db")
PRODUCTS = (tree.Multiply, tree.MatMul, tree.Juxtapose)


@dataclass(frozen=True)
class Edit:
    """A changed formula, what mistake the change undoes, and how unlikely it is."""

    expression: Expression
    code: str
    sentence: str
    rank: int = 0
    details: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Place:
    """A node in a formula: what replaces it gives a whole formula again."""

    node: Expression
    path: tuple[int, ...]
    derivative: bool
    """Whether it stands in a factor that is the derivative of an activation."""
    penalty: bool
    """Whether it stands in a term with λ."""
    partial: bool = False
    """Whether it is one of the two names of a local derivative."""


def places(assignment: Assignment) -> list[Place]:
    """Return every node of a formula, with where it stands."""
    found: list[Place] = []
    target = assignment.target
    inputs = isinstance(target, Name) and target.symbol in ("dW", "W")
    backward = isinstance(target, tree.Partial) or (
        isinstance(target, Name) and target.is_derivative
    )

    def visit(node: Expression, path: tuple[int, ...], derivative: bool, penalty: bool) -> None:
        found.append(Place(node, path, derivative, penalty))
        for number, child in enumerate(node.children):
            inner = derivative or (isinstance(node, tree.Apply) and node.derivative)
            if isinstance(node, PRODUCTS) and not inner and backward:
                inner = is_slope(child) and not (inputs and is_bare(child))
            burdened = penalty
            if isinstance(node, tree.Add):
                burdened = penalty or any(n.symbol == "lambda" for n in tree.names_of(child))
            if isinstance(node, tree.Partial):
                found.append(Place(child, (*path, number), inner, burdened, partial=True))
            else:
                visit(child, (*path, number), inner, burdened)

    visit(assignment.expression, (), False, False)
    if isinstance(assignment.expression, tree.Add):
        return found
    if any(name.symbol == "lambda" for name in tree.names_of(assignment.expression)):
        return [replace(place, penalty=True) for place in found]
    return found


def is_slope(node: Expression) -> bool:
    """Say whether a factor speaks of activations and pre-activations alone."""
    names = list(tree.names_of(node))
    return bool(names) and all(name.symbol in ("A", "Z", "Yhat") for name in names)


def is_bare(node: Expression) -> bool:
    """Say whether a factor is a name, transposed perhaps."""
    return isinstance(node, Name) or (
        isinstance(node, tree.Transpose) and isinstance(node.operand, Name)
    )


def replaced(whole: Expression, path: tuple[int, ...], new: Expression) -> Expression:
    """Return the whole with another node at a path."""
    if not path:
        return new
    children = list(whole.children)
    children[path[0]] = replaced(children[path[0]], path[1:], new)
    return whole.with_children(tuple(children))


def edits_of(assignment: Assignment, depth: int) -> Iterator[Edit]:
    """Yield the edits of a formula, without those that no tree takes."""
    everywhere = places(assignment)
    makers = (
        signs,
        burdens,
        names,
        slopes,
        transposes,
        products,
        orders,
        summations,
        substitutes,
        weights,
    )
    whole = [place for place in everywhere if not place.partial]
    for maker in makers:
        yield from maker(assignment, everywhere if maker is names else whole, depth)


def put(assignment: Assignment, place: Place, new: Expression) -> Expression:
    return replaced(assignment.expression, place.path, new)


def target_of(assignment: Assignment) -> tuple[str, Layer | None]:
    """Return the symbol and the layer of what a formula gives."""
    target = assignment.target
    if isinstance(target, Name):
        return target.symbol, target.layer
    if isinstance(target, tree.Partial):
        return "partial", target.bottom.layer
    return "", None


def signs(assignment: Assignment, everywhere: list[Place], depth: int) -> Iterator[Edit]:
    """Turn the sign of one term."""
    symbol, _ = target_of(assignment)
    for place in everywhere:
        if not isinstance(place.node, tree.Add):
            continue
        terms = place.node.terms
        for number, term in enumerate(terms):
            turned = term.operand if isinstance(term, tree.Negate) else tree.Negate(term)
            new = tree.Add((*terms[:number], turned, *terms[number + 1 :]))
            burdened = any(name.symbol == "lambda" for name in tree.names_of(term))
            code = "penalty_sign" if burdened else "sign"
            if symbol in ("W", "b", "theta"):
                code = "wrong_update"
            sentence = "a term has the wrong sign"
            if code == "penalty_sign":
                sentence = "the derivative of the penalty has the opposite sign"
            if place.derivative:
                code, sentence = "wrong_local_derivative", "the activation's derivative is wrong"
            yield Edit(put(assignment, place, new), code, sentence, 1)


def burdens(assignment: Assignment, everywhere: list[Place], depth: int) -> Iterator[Edit]:
    """Leave out the term of a penalty."""
    symbol, _ = target_of(assignment)
    for place in everywhere:
        if not isinstance(place.node, tree.Add):
            continue
        terms = place.node.terms
        for number, term in enumerate(terms):
            if not any(name.symbol == "lambda" for name in tree.names_of(term)):
                continue
            rest = (*terms[:number], *terms[number + 1 :])
            new = rest[0] if len(rest) == 1 else tree.Add(rest)
            code = "penalty_on_biases" if symbol == "db" else "penalty_factor"
            sentence = "there is a penalty that the cost does not have"
            yield Edit(put(assignment, place, new), code, sentence, 1)


def neighbors(name: Name, depth: int) -> Iterator[Name]:
    """Yield the names that one may be confused with."""
    plain = replace(name, text="")
    if name.symbol in LAYERED and name.layer is not None:
        for other in other_layers(name, depth):
            if name.symbol == "A" and other == Layer("", 0):
                yield replace(plain, symbol="X", layer=None)
            else:
                yield replace(plain, layer=other)
    if name.symbol == "X" and not name.indices:
        for number in range(1, depth + 1):
            yield replace(plain, symbol="A", layer=Layer("", number))
    partner = {"A": "Z", "Z": "A", "dA": "dZ", "dZ": "dA", "Y": "Yhat", "Yhat": "Y"}
    partner |= {"dW": "db", "db": "dW"}
    if name.symbol in partner:
        yield replace(plain, symbol=partner[name.symbol])


def own_gradient(assignment: Assignment, name: Name) -> Iterator[Name]:
    """Yield the gradient that belongs into an update, for another one that stands there."""
    target = assignment.target
    if assignment.is_update and isinstance(target, Name) and name.is_derivative:
        yield Name(f"d{target.symbol}", target.layer, target.indices)


def other_layers(name: Name, depth: int) -> Iterator[Layer]:
    assert name.layer is not None
    if name.layer.letter:
        for step in (-1, 1):
            yield Layer(name.layer.letter, name.layer.offset + step)
        return
    first = 0 if name.symbol in ("A", "dA") else 1
    for number in range(first, depth + 1):
        if number != name.layer.offset:
            yield Layer("", number)


def names(assignment: Assignment, everywhere: list[Place], depth: int) -> Iterator[Edit]:
    """Take another quantity: everywhere, or at one place."""
    found = [place for place in everywhere if isinstance(place.node, Name)]
    distinct: dict[Name, list[Place]] = {}
    for place in found:
        assert isinstance(place.node, Name)
        distinct.setdefault(place.node, []).append(place)
    for name, where in distinct.items():
        for other in (*neighbors(name, depth), *own_gradient(assignment, name)):
            telling = next((place for place in where if place.derivative), where[0])
            code, sentence = named(assignment, telling, name, other)
            if len(where) > 1:
                whole = assignment.expression
                for place in where:
                    whole = replaced(whole, place.path, other)
                yield Edit(whole, code, sentence, 2)
            for place in where:
                code, sentence = named(assignment, place, name, other)
                yield Edit(put(assignment, place, other), code, sentence, 2)
    yield from other_indices(assignment, distinct)


def other_indices(assignment: Assignment, distinct: dict[Name, list[Place]]) -> Iterator[Edit]:
    """Take another index, and the layer that it runs over: ∂a_j for ∂a_i."""
    yield from inputs_of_units(assignment, distinct)
    letters = {index for name in distinct for index in name.indices}
    letters |= {i for name in tree.names_of(assignment.target) for i in name.indices}
    for old in sorted(letters):
        for letter in sorted(letters - {old}):
            for step in (0, 1, -1):
                whole = assignment.expression
                for name, where in distinct.items():
                    if name.indices != (old,) or name.symbol not in ("A", "dA", "Z", "dZ"):
                        continue
                    for place in where:
                        whole = replaced(whole, place.path, respelled(name, letter, step))
                if whole is not assignment.expression:
                    sentence = (
                        f"the index {old} stands for the units of another layer: {letter} is meant"
                    )
                    yield Edit(whole, "symbol_clash", sentence, 2)


def inputs_of_units(assignment: Assignment, distinct: dict[Name, list[Place]]) -> Iterator[Edit]:
    """Take the input of the layer for a quantity with another index: a_i for a_j in ∂J/∂w_ij."""
    target = assignment.target
    if not isinstance(target, Name) or target.symbol != "dW" or target.layer is None:
        return
    before = Layer(target.layer.letter, target.layer.offset - 1)
    for name, where in distinct.items():
        if name.symbol not in ("A", "Z", "X") or len(name.indices) != 1:
            continue
        for index in target.indices:
            new = Name("A", before, (index,), name.observation)
            if before == Layer("", 0):
                new = replace(new, symbol="X", layer=None)
            for place in where:
                if (new.layer, new.indices) != (name.layer, name.indices):
                    sentence = "the input is that of another layer"
                    yield Edit(put(assignment, place, new), "off_by_one_input", sentence, 2)


def respelled(name: Name, letter: str, step: int) -> Name:
    text = name.text.replace(f"_{name.indices[0]}", f"_{letter}")
    text = text if text != name.text else ""
    layer = name.layer
    if layer is not None:
        layer = Layer(layer.letter, layer.offset + step)
    return replace(name, layer=layer, indices=(letter,), text=text)


def named(assignment: Assignment, place: Place, name: Name, other: Name) -> tuple[str, str]:
    """Say which mistake it is to write `name` where `other` belongs."""
    symbol, _ = target_of(assignment)
    kinds = {name.symbol, other.symbol}
    if symbol in ("W", "b", "theta"):
        return "wrong_update", "the update does not follow its own gradient"
    if place.penalty and kinds <= {"W", "b"}:
        return "penalty_wrong_layer", "the penalty's derivative has the parameters of another layer"
    if kinds == {"Y", "Yhat"}:
        if symbol in ("J", "loss"):
            return "degenerate_cost", "the cost compares the prediction, or the target, with itself"
        return "wrong_local_derivative", "the prediction and the target are confused"
    if kinds == {"W"}:
        return "wrong_weights", "the weights are those of another layer"
    if place.derivative and kinds <= {"A", "Z", "X"}:
        if name.layer == other.layer:
            return (
                "activation_derivative_argument",
                "the activation's derivative is taken at the wrong argument",
            )
        return "wrong_layer_derivative", "the activation's derivative is that of another layer"
    if kinds == {"dA", "dZ"}:
        if other.symbol == "dZ":
            return "missing_activation_derivative", "the derivative of the activation is missing"
        return "wrong_local_derivative", "the derivative of the activation is there twice"
    if kinds <= {"dZ"} or kinds <= {"dA"}:
        return "wrong_layer_gradient", "the gradient is that of another layer"
    if kinds <= {"A", "X", "Z"} and symbol in ("dW", "Z", "A", "partial"):
        if name.symbol != other.symbol and name.layer == other.layer:
            return "wrong_local_derivative", "the pre-activation stands for the activation"
        return "off_by_one_input", "the input is that of another layer"
    return "wrong_local_derivative", "another quantity belongs here"


def slopes(assignment: Assignment, everywhere: list[Place], depth: int) -> Iterator[Edit]:
    """Multiply a factor by the derivative of an activation; take g for g' or g' for g."""
    symbol, layer = target_of(assignment)
    for place in everywhere:
        node = place.node
        if isinstance(node, tree.Apply) and symbol not in ("A", "Yhat", "J", "loss"):
            text = node.text if "\\" in node.text else ""  # sigmoid_prime is another name
            new = replace(node, derivative=not node.derivative, text=text)
            sentence = "the activation stands where its derivative belongs"
            if node.derivative:
                sentence = "the derivative of the activation stands where the activation belongs"
            yield Edit(put(assignment, place, new), "wrong_local_derivative", sentence, 3)
            yield from whole_slopes(assignment, place, node, layer)
    if symbol not in ("dZ", "dW", "db", "dA"):
        return
    for place in everywhere:
        if place.derivative or place.penalty or isinstance(place.node, (tree.Number, tree.Negate)):
            continue
        if isinstance(place.node, Name) and place.node.symbol in ("W", "b", "m", "Y", "X", "A"):
            continue
        for number in layers_near(layer, depth):
            for indices in unit_indices(assignment, number):
                slope = slope_of(number, indices)
                steeper = put(assignment, place, tree.Multiply(place.node, slope))
                sentence = "the derivative of the activation is missing"
                details = {"layer": str(number)}
                yield Edit(steeper, "missing_activation_derivative", sentence, 2, details)


def whole_slopes(
    assignment: Assignment, place: Place, node: tree.Apply, layer: Layer | None
) -> Iterator[Edit]:
    """Take g'(Z) of the layer of the target, the activation and its argument."""
    inner = node.operand
    if not node.derivative or node.layer is None or layer is None or not isinstance(inner, Name):
        return
    moved = replace(inner, layer=layer, text="")
    new = replace(node, layer=layer, operand=moved, text="")
    sentence = "the activation's derivative is that of another layer"
    yield Edit(put(assignment, place, new), "wrong_layer_derivative", sentence, 2)


def unit_indices(assignment: Assignment, layer: Layer) -> list[tuple[str, ...]]:
    """Return the indices that the units of a layer may have: none, where there are no indices."""
    target = assignment.target
    if not isinstance(target, Name) or not target.indices:
        return [()]
    if layer == target.layer:
        return [(index,) for index in target.indices]
    found = {
        name.indices
        for name in tree.names_of(assignment.expression)
        if name.layer == layer and len(name.indices) == 1
    }
    return sorted(found)


def slope_of(layer: Layer, indices: tuple[str, ...] = ()) -> Expression:
    """Return g'(Z_l)."""
    return tree.Apply(None, Name("Z", layer, indices), derivative=True, layer=layer)


def layers_near(layer: Layer | None, depth: int) -> list[Layer]:
    """Return the layers that a formula may speak of."""
    if layer is not None and layer.letter:
        return [layer, Layer(layer.letter, layer.offset + 1), Layer(layer.letter, layer.offset - 1)]
    return [Layer("", number) for number in range(1, depth + 1)]


def transposes(assignment: Assignment, everywhere: list[Place], depth: int) -> Iterator[Edit]:
    """Transpose one part, or leave a transpose out."""
    for place in everywhere:
        if isinstance(place.node, tree.Transpose):
            bare = put(assignment, place, place.node.operand)
            yield Edit(bare, "missing_transpose", "there is a transpose too many", 3)
    for place in sorted(everywhere, key=lambda place: not isinstance(place.node, Name)):
        if not isinstance(place.node, (tree.Transpose, tree.Number, tree.Negate, tree.Divide)):
            turned = put(assignment, place, tree.Transpose(place.node))
            yield Edit(turned, "missing_transpose", "a transpose is missing", 3)


def products(assignment: Assignment, everywhere: list[Place], depth: int) -> Iterator[Edit]:
    """Take a matrix product for an element-wise one, or the other way round."""
    sentence = "an element-wise product stands where a matrix product belongs"
    other = "a matrix product stands where an element-wise product belongs"
    for place in everywhere:
        node = place.node
        if isinstance(node, (tree.Multiply, tree.Juxtapose)):
            if isinstance(node, tree.Juxtapose) and node.mark not in ("*", "\\ast"):
                continue
            left, right = node.left, node.right
            for one, two in (
                (left, right),
                (tree.Transpose(left), right),
                (left, tree.Transpose(right)),
                (right, left),
                (tree.Transpose(right), left),
                (right, tree.Transpose(left)),
            ):
                new: Expression = tree.MatMul(one, two)
                yield Edit(put(assignment, place, new), "elementwise_product", sentence, 4)
        elif isinstance(node, tree.MatMul):
            new = tree.Multiply(node.left, node.right)
            yield Edit(put(assignment, place, new), "wrong_local_derivative", other, 6)


def orders(assignment: Assignment, everywhere: list[Place], depth: int) -> Iterator[Edit]:
    """Turn the factors of a matrix product around, transposed or not."""
    for place in everywhere:
        node = place.node
        if not isinstance(node, (tree.MatMul, tree.Juxtapose)):
            continue
        kind = type(node)
        for left, right in (
            (node.right, node.left),
            (flipped(node.right), node.left),
            (node.right, flipped(node.left)),
            (flipped(node.left), flipped(node.right)),
            (flipped(node.right), flipped(node.left)),
        ):
            sentence = "the factors stand in the wrong order, or a transpose is missing"
            new = kind(left, right)
            yield Edit(put(assignment, place, new), "missing_transpose", sentence, 5)


def flipped(node: Expression) -> Expression:
    """Return the transpose."""
    return node.operand if isinstance(node, tree.Transpose) else tree.Transpose(node)


def summations(assignment: Assignment, everywhere: list[Place], depth: int) -> Iterator[Edit]:
    """Sum over the observations, or not; over another axis; a sum for a mean."""
    symbol, _ = target_of(assignment)
    if symbol == "db":
        for place in everywhere[:4]:
            if place.penalty and len(everywhere) > 1 and not place.path:
                continue
            sentence = "it is not summed over the observations"
            new: Expression = tree.IndexSum("i", place.node)
            yield Edit(put(assignment, place, new), "bias_not_summed", sentence, 1)
    for place in everywhere:
        node = place.node
        if isinstance(node, tree.Reduce):
            for axis in (0, 1):
                if axis != node.axis:
                    new = tree.Reduce(node.kind, node.operand, axis, keepdims=True)
                    sentence = "the sum runs over the wrong axis"
                    yield Edit(put(assignment, place, new), "bias_wrong_axis", sentence, 2)
        if (
            isinstance(node, tree.IndexSum)
            and target_of(assignment)[0] == "db"
            and node.index != "i"
        ):
            new = replace(node, index="i", upper="m")
            sentence = "the sum runs over the units, not the observations"
            yield Edit(put(assignment, place, new), "bias_wrong_axis", sentence, 1)
        if isinstance(node, (tree.Reduce, tree.IndexSum)):
            sentence = "there is a sum over the observations too many"
            new = put(assignment, place, node.operand)
            yield Edit(new, "wrong_local_derivative", sentence, 6)


def weights(assignment: Assignment, everywhere: list[Place], depth: int) -> Iterator[Edit]:
    """Put the weights into a pass back that goes through none."""
    symbol, layer = target_of(assignment)
    target = assignment.target
    if symbol not in ("dZ", "dA") or layer is None or not isinstance(target, Name):
        return
    if any(name.symbol == "W" for name in tree.names_of(assignment.expression)):
        return
    after = Layer(layer.letter, layer.offset + 1)
    for place in everywhere:
        node = place.node
        if not isinstance(node, Name) or node.symbol != "dZ":
            continue
        if node.layer != after:
            if node.layer != layer or node.indices == target.indices:
                continue
            node = replace(node, layer=after)  # δ_k beside δ_j, in a text that numbers no layers
        W = Name("W", after)
        pairs: list[tuple[Expression, Expression]] = [
            *((node, part) for part in (tree.Transpose(W), W)),
            *((part, node) for part in (tree.Transpose(W), W)),
        ]
        if target.indices and node.indices:
            both = (*target.indices, *node.indices)
            pairs = [(Name("W", after, indices), node) for indices in (both, both[::-1])]
        for left, right in pairs:
            new = put(assignment, place, tree.Juxtapose(left, right))
            yield Edit(new, "wrong_weights", "the weights are missing", 2)


def substitutes(assignment: Assignment, everywhere: list[Place], depth: int) -> Iterator[Edit]:
    """Put the right factor in the place of a wrong one."""
    symbol, layer = target_of(assignment)
    if symbol not in ("dZ", "dW", "dA", "db") or layer is None:
        return
    before = Layer(layer.letter, layer.offset - 1)
    after = Layer(layer.letter, layer.offset + 1)
    inputs: Expression = Name("X") if before == Layer("", 0) else Name("A", before)
    known: list[Expression] = [slope_of(layer, found) for found in unit_indices(assignment, layer)]
    if symbol == "dW":
        known += [inputs, tree.Transpose(inputs)]
    if symbol in ("dW", "db"):
        known.append(Name("dZ", layer))
    else:
        weights = Name("W", after)
        known += [weights, tree.Transpose(weights), Name("dZ", after)]
    for place in everywhere:
        if not place.path or isinstance(place.node, tree.Number) or place.penalty:
            continue
        for factor in known:
            if factor == place.node:
                continue
            sentence = "one factor is not the derivative that belongs there"
            new = put(assignment, place, factor)
            yield Edit(new, "wrong_local_derivative", sentence, 7)
