"""Whole documents in LaTeX: the forward pass, the cost, the shapes, and a backward pass with slips."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.written import Pen, text_with

LOSSES = {
    "binary_cross_entropy": r"-{Y} \log {A} - (1 - {Y}) \log(1 - {A})",
    "categorical_cross_entropy": r"-\sum_{{k}} {Y} \log {A}",
    "poisson": r"{A} - {Y} \log {A}",
    "squared_error": r"\lVert {A} - {Y} \rVert^2",
    "half_squared_error": r"\frac{{1}}{{2}} \lVert {A} - {Y} \rVert^2",
}
NAMES = {"sigmoid": r"\sigma", "tanh": r"\tanh", "identity": None}
PENALTIES = {"full": r"\lambda", "half": r"\frac{\lambda}{2}", "half_mean": r"\frac{\lambda}{2m}"}


@dataclass(frozen=True)
class DocumentSlip:
    """A mistake that only documents have: its code, where, and how."""

    code: str
    layer: int = 0
    how: str = ""

    @property
    def place(self):
        return f"W{self.layer}" if self.layer else "J"


def document_slips(network):
    """Yield the mistakes of documents that a network has room for."""
    for layer in range(1, network.depth + 1):
        if network.sizes[layer - 1] != network.sizes[layer]:
            yield DocumentSlip("wrong_shape_note", layer)
    yield DocumentSlip("degenerate_cost", how="prediction")
    yield DocumentSlip("degenerate_cost", how="target")
    for layer in range(1, network.depth + 1):
        yield DocumentSlip("symbol_clash", layer)


def document_with(network, slips=(), columns=False, of_document=None):
    """Return a Markdown document; None if the notation cannot say the slips.

    Parameters
    ----------
    network : Network
    slips : sequence of Slip
        In the backward pass.
    columns : bool
    of_document : DocumentSlip, optional
    """
    backward = text_with(network, slips, "latex", columns)
    if backward is None:
        return None
    special = of_document or DocumentSlip("")
    lines = forward_lines(network, columns, special)
    parts = [
        "# Notes\n\nThe forward pass:",
        displayed(lines),
        "The weights have the shapes " + ", ".join(shape_notes(network, columns, special)) + ".",
        "The cost is",
        f"$$\n{cost(network, special)}\n$$",
        "Then",
        displayed([line.strip() for line in backward.split("\\\\\n")]),
    ]
    return "\n\n".join(parts) + "\n"


def displayed(lines):
    """Return aligned lines."""
    inner = " \\\\\n".join(line.replace(" = ", " &= ", 1) for line in lines)
    return "$$\n\\begin{aligned}\n" + inner + "\n\\end{aligned}\n$$"


def forward_lines(network, columns, special):
    pen = Pen("latex", columns)
    lines = []
    for layer, g in enumerate(network.activations, start=1):
        A, Z = pen.name("A", layer - 1), pen.name("Z", layer)
        W, b = pen.name("W", layer), pen.name("b", layer)
        if special.code == "symbol_clash" and special.layer == layer:
            Z = b  # the sum is called like the bias
        product = f"{W} {A}" if columns else f"{A} {W}"
        lines.append(f"{Z} = {product} + {b}")
        Z = pen.name("Z", layer)
        name = NAMES.get(g.name, rf"\operatorname{{{g.name.replace('_', chr(92) + '_')}}}")
        value = Z if name is None else rf"{name}({Z})"
        lines.append(f"{pen.name('A', layer)} = {value}")
    return lines


def shape_notes(network, columns, special):
    for layer in range(1, network.depth + 1):
        sides = [f"n_{layer}", f"n_{layer - 1}"] if columns else [f"n_{layer - 1}", f"n_{layer}"]
        if special.code == "wrong_shape_note" and special.layer == layer:
            sides.reverse()
        yield rf"$W_{layer} \in \mathbb{{R}}^{{{sides[0]} \times {sides[1]}}}$"


def cost(network, special):
    A, Y = f"A_{network.depth}", "Y"
    if special.code == "degenerate_cost":
        A, Y = (A, A) if special.how == "prediction" else (Y, Y)
    loss = LOSSES[network.loss].format(A=A, Y=Y)
    mean = r"\frac{1}{m} " if network.reduction == "mean" else ""
    constant = f"{network.cost_scale:g} " if network.cost_scale != 1 else ""
    text = rf"J = {constant}{mean}\sum_{{i=1}}^{{m}} \left[ {loss} \right]"
    if network.penalty is None:
        return text
    factor = PENALTIES[network.penalty.scale]
    terms = [rf"\lVert W_{k} \rVert^2" for k in range(1, network.depth + 1)]
    if network.penalty.biases:
        terms += [rf"\lVert b_{k} \rVert^2" for k in range(1, network.depth + 1)]
    return rf"{text} + {factor} \left( {' + '.join(terms)} \right)"
