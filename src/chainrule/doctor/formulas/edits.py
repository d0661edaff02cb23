"""The changes that undo a mistake: each a whole formula with one thing changed, and a code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.names_edits import names
from chainrule.doctor.formulas.places import Edit, Place, places, put, target_of
from chainrule.doctor.formulas.tree import Assignment, Expression, Layer, Name

__all__ = ["Edit", "edits_of", "flipped"]


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


def same_function(node: tree.Apply, target: Expression) -> bool:
    """Say whether a target is this function of this argument, however it is spelled."""
    return isinstance(target, tree.Apply) and replace(target, text="") == replace(node, text="")


def slopes(assignment: Assignment, everywhere: list[Place], depth: int) -> Iterator[Edit]:
    """Multiply a factor by the derivative of an activation; take g for g' or g' for g."""
    symbol, layer = target_of(assignment)
    for place in everywhere:
        node = place.node
        if isinstance(node, tree.Apply) and symbol not in ("A", "Yhat", "J", "loss"):
            text = node.text if "\\" in node.text else ""  # sigmoid_prime is another name
            new = replace(node, derivative=not node.derivative, text=text)
            if same_function(new, assignment.target):
                continue  # σ'(z) = σ'(z) puts nothing right
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
