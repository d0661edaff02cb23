"""The changes that take another quantity, or another index, for one that is named in a formula."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.places import Edit, Place, put, replaced, target_of
from chainrule.doctor.formulas.tree import Assignment, Layer, Name

__all__ = ["names"]

LAYERED = ("A", "Z", "W", "b", "dA", "dZ", "dW", "db")


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
