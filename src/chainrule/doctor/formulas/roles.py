r"""Which letters of a document stand for something else than usual: its forward pass shows it.

``h = \sigma(z_1)`` makes h the activation of layer 1, ``a^{(k)} = W^{(k)} h^{(k-1)}`` makes a the
pre-activation, ``p = \mathrm{softmax}(f)`` makes p the prediction. Where nothing is said, letters keep
their usual meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.letter import letter_in
from chainrule.doctor.formulas.letters import layers_by_letters
from chainrule.doctor.formulas.symbols import is_shared
from chainrule.doctor.formulas.tree import Assignment, Expression, Layer, Name

__all__ = ["roles_of"]

Roles = dict[str, tuple[str, Layer | None]]
AFFINE = (tree.Add, tree.Juxtapose, tree.MatMul, tree.IndexSum, tree.Transpose)


def roles_of(assignments: Sequence[Assignment]) -> Roles:
    r"""Return what letters stand for, where it is not the usual, and the layer of those without one.

    >>> from chainrule.doctor.formulas.equations import read_latex
    >>> roles_of(read_latex(r"z_1 = W_1 x + b_1 \\ h = \sigma(z_1) \\ z_2 = W_2 h + b_2"))
    {'h': ('A', Layer(letter='', offset=1))}
    """
    given = [a for a in assignments if isinstance(a.target, Name) and not a.is_update]
    everything = [name for a in assignments for name in names(a)]
    found: Roles = {}
    for assignment in given:
        target = assignment.target
        assert isinstance(target, Name)
        letter = letter_in(target.text)
        if not letter or letter in found or target.is_derivative:
            continue
        role = role_of(target, assignment.expression, everything)
        if role is not None and not is_usual(target, *role):
            found[letter] = role
    found |= scores(given, found) | predictions(given, found) | weights(assignments, everything)
    found |= counts(assignments) | costs(given, assignments) | layers_by_letters(given)
    if found.get("a", ("", None))[0] == "Z" and any(letter_in(n.text) == "z" for n in everything):
        found.setdefault("z", ("A", None))  # z = h(a)
    return found


def names(assignment: Assignment) -> list[Name]:
    """Return all names of a formula; where a cost is differentiated by Y, a dY too."""
    both = (assignment.target, assignment.expression)
    by_output = any(
        isinstance(node, tree.Partial)
        and node.top.symbol in ("J", "loss")
        and node.bottom.symbol == "Y"
        for part in both
        for node in tree.walk(part)
    )
    found = [name for part in both for name in tree.names_of(part)]
    return [*found, Name("dY")] if by_output else found


def is_usual(target: Name, symbol: str, layer: Layer | None) -> bool:
    """Say whether a name is read so already."""
    return target.symbol == symbol and (target.layer is not None or layer is None)


def role_of(
    target: Name, expression: Expression, everything: Iterable[Name]
) -> tuple[str, Layer | None] | None:
    """Return what a definition makes of its target: a pre-activation, an activation, a prediction."""
    own = not is_shared(target)
    if is_softmax(expression):
        whole = target.symbol == "A" and not has_layers(target, everything)
        if own or whole or answers(target, everything):
            return "Yhat", None
        return None
    derived = target.symbol == "Y" and any(name.symbol == "dY" for name in everything)
    if is_affine(expression) and (own or derived or target.symbol in ("A", "Z")):
        layers = [n.layer for n in tree.names_of(expression) if n.symbol == "W"]
        return "Z", numbered(target, layers[0])
    if isinstance(expression, (tree.Apply, tree.Maximum)) and not is_derivative(expression):
        inner = [n for n in tree.names_of(expression) if n.symbol == "Z"]
        if not inner:  # h = g(W x + b)
            inner = [n for n in tree.names_of(expression) if n.symbol == "W"]
        if answers(target, everything):
            return "Yhat", None
        if (own or target.symbol == "A") and len(inner) == 1:
            return "A", numbered(target, inner[0].layer)
    return None


def has_layers(target: Name, everything: Iterable[Name]) -> bool:
    """Say whether the letter of a name has a layer anywhere."""
    letter = letter_in(target.text)
    return any(name.layer is not None and letter_in(name.text) == letter for name in everything)


def numbered(target: Name, layer: Layer | None) -> Layer | None:
    """Return the layer that a name without one has: a number, not a letter."""
    if target.layer is not None or layer is None or layer.letter:
        return None
    return layer


def answers(target: Name, everything: Iterable[Name]) -> bool:
    """Say whether y is the prediction: where the targets are called t."""
    return (
        target.symbol == "Y"
        and letter_in(target.text).lower() == "y"
        and any(name.symbol == "Y" and letter_in(name.text) == "t" for name in everything)
    )


def is_derivative(expression: Expression) -> bool:
    return isinstance(expression, tree.Apply) and expression.derivative


def is_affine(expression: Expression) -> bool:
    """Say whether an expression is W times something, and a bias or none."""
    if not isinstance(expression, AFFINE):
        return False
    found = list(tree.names_of(expression))
    plain = all(
        isinstance(node, (*AFFINE, Name, tree.Apply, tree.Multiply))
        for node in tree.walk(expression)
    )
    weighted = sum(name.symbol == "W" for name in found) == 1
    return (
        plain
        and weighted
        and all(n.symbol in ("W", "b", "X", "A", "Z") or not is_shared(n) for n in found)
    )


def is_softmax(expression: Expression) -> bool:
    """Say whether an expression is softmax, by its name or written out."""
    if isinstance(expression, tree.Apply):
        return expression.activation == "softmax" and not expression.derivative
    return scores_of(expression) is not None


def scores_of(expression: Expression) -> Name | None:
    r"""Return z of ``\frac{e^{z_k}}{\sum_j e^{z_j}}``; None if it is something else."""
    if not isinstance(expression, tree.Divide):
        return None
    top, bottom = expression.top, expression.bottom
    if not isinstance(top, tree.Function) or top.name != "exp" or not isinstance(top.operand, Name):
        return None
    total = isinstance(bottom, (tree.IndexSum, tree.Reduce))
    inner = [node for node in tree.walk(bottom) if isinstance(node, tree.Function)]
    return top.operand if total and len(inner) == 1 and inner[0].name == "exp" else None


def scores(given: Sequence[Assignment], found: Roles) -> Roles:
    """Return the letter that softmax is taken of: a pre-activation."""
    more: Roles = {}
    for assignment in given:
        expression = assignment.expression
        name = scores_of(expression)
        if isinstance(expression, tree.Apply) and is_softmax(expression):
            name = expression.operand if isinstance(expression.operand, Name) else None
        if name is not None and (not is_shared(name) or name.symbol == "A"):
            letter = letter_in(name.text)
            if letter and letter not in found:
                more[letter] = "Z", None
    return more


def predictions(given: Sequence[Assignment], found: Roles) -> Roles:
    """Return the letter whose logarithm the cost takes."""
    more: Roles = {}
    for assignment in given:
        target = assignment.target
        if not isinstance(target, Name) or target.symbol not in ("J", "loss"):
            continue
        speaks = any(name.symbol == "Y" for name in tree.names_of(assignment.expression))
        for node in tree.walk(assignment.expression):
            if isinstance(node, tree.Function) and node.name == "log" and speaks:
                for name in tree.names_of(node):
                    letter = letter_in(name.text)
                    if not is_shared(name) and letter and letter not in found:
                        more[letter] = "Yhat", None
    return more


def weights(assignments: Sequence[Assignment], everything: Sequence[Name]) -> Roles:
    r"""Return θ, or β, as the weights, where there are no others: ``h_\theta(x) = \theta^\top x``."""
    for letter, symbol, others in (("theta", "theta", "db"), ("beta", "b", "")):
        parameters = [name for name in everything if name.symbol in ("W", "dW", "b", others)]
        if any(letter_in(name.text) != letter for name in parameters):
            continue
        for assignment in assignments:
            together = tree.names_of(assignment.expression)
            if {symbol, "X"} <= {name.symbol for name in together}:
                return {letter: ("W", None)}
    return {}


def counts(assignments: Sequence[Assignment]) -> Roles:
    r"""Return B of ``\frac{1}{B} \sum_{i=1}^{B}`` as the number of observations."""
    nodes = [node for a in assignments for node in tree.walk(a.expression)]
    upper = {node.upper for node in nodes if isinstance(node, tree.IndexSum)} - {""}
    under = {
        letter_in(name.text)
        for node in nodes
        if isinstance(node, tree.Divide)
        for name in tree.names_of(node.bottom)
        if not name.indices and name.symbol != "m"
    }
    return dict.fromkeys(sorted(upper & under), ("m", None))


def costs(given: Sequence[Assignment], assignments: Sequence[Assignment]) -> Roles:
    r"""Return a letter of the document's own as the cost: defined by the targets, and differentiated."""
    derived = {
        letter_in(node.top.text)
        for a in assignments
        for part in (a.target, a.expression)
        for node in tree.walk(part)
        if isinstance(node, tree.Partial)
    }
    more: Roles = {}
    for assignment in given:
        target, nodes = assignment.target, list(tree.walk(assignment.expression))
        letter = letter_in(target.text) if isinstance(target, Name) else ""
        measures = any(
            isinstance(node, (tree.Norm, tree.Power))
            or (isinstance(node, tree.Function) and node.name == "log")
            for node in nodes
        )
        compared = any(isinstance(node, Name) and node.symbol == "Y" for node in nodes)
        own = isinstance(target, Name) and not is_shared(target) and not target.indices
        if own and letter in derived and measures and compared:
            more[letter] = "J", None
    return more
