"""What a backward pass gives that has a wrong derivative at its output, or at any layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.conventions import Convention
from chainrule.doctor.formulas.ground import Ground
from chainrule.doctor.formulas.tree import Expression, Name
from chainrule.doctor.reference import Reference
from chainrule.nn.activations import ACTIVATIONS
from chainrule.nn.arrays import Array
from chainrule.nn.losses import LOSSES

__all__ = ["Rival", "gone_on", "rivals"]

KINDS = ("batch", "one")


@dataclass(frozen=True)
class Rival:
    """A mistake at the output, and the backward pass that it gives."""

    code: str
    sentence: str
    convention: Convention
    symbol: str
    derivative: Callable[[Reference], Array]
    right: Callable[[Name], Expression] | None = None

    def references(self, ground: Ground) -> dict[Any, list[Reference]]:
        """Return the truth at all points with the mistake made."""
        convention = replace(self.convention, layout="rows", one=False, turned=False)
        found = {}
        with np.errstate(all="ignore"):  # another loss may not take these outputs
            for kind in KINDS:
                found[convention, kind] = [
                    gone_on(reference, self.symbol, convention.depth, self.derivative(reference))
                    for reference in ground.at(convention, kind)
                ]
        return found


def rivals(convention: Convention) -> Iterator[Rival]:
    """Yield the mistakes at the output of a network."""
    loss = LOSSES[convention.loss]
    if convention.output == "softmax" and loss.output is None:
        sentence = "only the diagonal of softmax's Jacobian is used"
        yield Rival("softmax_diagonal", sentence, convention, "dZ", diagonal, softmax_rule)
        sentence = "the element-wise derivative of the sigmoid stands for softmax's Jacobian"
        yield Rival("softmax_diagonal", sentence, convention, "dZ", sigmoid_slope, softmax_rule)
    for other in LOSSES.values():
        if other.name == convention.loss:
            continue

        def derivative(reference: Reference, other: Any = other) -> Array:
            with np.errstate(all="ignore"):
                return np.asarray(reference.c * other.derivative(reference.A[-1], reference.Y))

        sentence = f"it is the derivative of {other.name}, and the cost is {convention.loss}"
        yield Rival("loss_mismatch", sentence, convention, "dA", derivative)
    if convention.output == "softmax" and loss.output is not None:
        sentence = f"it is the derivative of a squared error, and the cost is {convention.loss}"
        yield Rival(
            "loss_mismatch", sentence, convention, "dZ", squared, difference_rule(convention)
        )
    if loss.output is None:
        sentence = f"Ŷ − Y is the derivative for a cross-entropy, and the cost is {convention.loss}"
        yield Rival("loss_mismatch", sentence, convention, "dZ", difference)


def diagonal(reference: Reference) -> Array:
    A = reference.A[-1]
    return np.asarray(reference.dA[-1] * A * (1 - A))


def sigmoid_slope(reference: Reference) -> Array:
    sigmoid = ACTIVATIONS["sigmoid"]
    Z = reference.Z[-1]
    return np.asarray(reference.dA[-1] * sigmoid.derivative(Z, sigmoid.value(Z)))


def difference(reference: Reference) -> Array:
    return np.asarray(reference.c * (reference.A[-1] - reference.Y))


def squared(reference: Reference) -> Array:
    A = reference.A[-1]
    return np.asarray(reference.c * (A - reference.Y) * A * (1 - A))


def difference_rule(convention: Convention) -> Callable[[Name], Expression]:
    """Return the rule ŷ − y, with a 1/m where it belongs."""

    def rule(target: Name) -> Expression:
        Y = Name("Y", None, target.indices)
        plain = tree.Add((Name("Yhat", None, target.indices), tree.Negate(Y)))
        per_one = convention.per_observation or convention.one or convention.reduction == "sum"
        scale: Expression = tree.Number(convention.cost_scale)
        if not per_one:
            scale = tree.Divide(scale, Name("m"))
        elif convention.cost_scale == 1:
            return plain
        return tree.Juxtapose(scale, plain)

    return rule


def softmax_rule(target: Name) -> Expression:
    """Return a ⊙ (da − Σ_k da_k a_k), with indices where the target has one."""
    layer = target.layer
    other = tuple("k" if index != "k" else "i" for index in target.indices)
    A, dA = Name("A", layer, target.indices), Name("dA", layer, target.indices)
    summed = tree.Juxtapose(Name("dA", layer, other), Name("A", layer, other))
    total: Expression = (
        tree.IndexSum(other[0], summed) if other else tree.IndexSum("j", tree.Multiply(dA, A))
    )
    difference = tree.Add((dA, tree.Negate(total)))
    return tree.Juxtapose(A, difference) if other else tree.Multiply(A, difference)


def gone_on(reference: Reference, symbol: str, layer: int, value: Array) -> Reference:
    """Return what the backward pass gives from a wrong dZ or dA at a layer on."""
    network, parameters = reference.network, reference.point.parameters
    dZ, dA = list(reference.dZ), list(reference.dA)
    gradients = reference.gradients.copy()
    for number in range(layer, 0, -1):
        if number == layer and symbol == "dZ":
            dZ[number] = value
        else:
            dA[number] = value if number == layer else dA[number]
            g = network.activations[number - 1]
            dZ[number] = g.jacobian_product(reference.Z[number], reference.A[number], dA[number])
        dW = reference.A[number - 1].T @ dZ[number] * reference.collect
        db = dZ[number].sum(axis=0, keepdims=True) * reference.collect
        gradients[f"W{number}"] = dW + reference.penalty_factor(f"W{number}") * reference.W(number)
        gradients[f"b{number}"] = db + reference.penalty_factor(f"b{number}") * reference.b(number)
        dA[number - 1] = dZ[number] @ parameters[f"W{number}"].T
    return replace(reference, dZ=dZ, dA=dA, gradients=gradients)
