"""Rahul Singh, "Back Propagation Equations for Binary Classification"."""

from __future__ import annotations

from chainrule.explain.notes.base import Note, NoteConvention, Slip, letter, minus_gradient
from chainrule.notation.formula import Formula, Partial, Symbol

__all__ = ["NOTE"]

COST, L, RATE = Symbol("cost"), Symbol("L"), Symbol("learning_rate")


class Singh(NoteConvention):
    """Rows; dZ is the derivative of the loss of each observation, 1/m enters in dW and dB."""

    merged = True
    mean_in = "parameters"
    J = COST
    loss = L
    rate = RATE

    def b(self, layer: int) -> Formula:
        return letter("β", layer)

    def A(self, layer: int) -> Formula:
        if layer == self.L:
            return Symbol("Y", hat=True)
        return super().A(layer)

    def g(self, layer: int) -> Symbol:
        if layer == self.L and self.network.output == "sigmoid":
            return Symbol("σ")
        return letter("f", layer)

    def slope(self, layer: int) -> Formula:
        if layer == self.L:
            return Partial(self.A(layer), self.Z(layer))
        return super().slope(layer)

    def d(self, letter_: str, layer: int) -> Formula:
        if letter_ == "A" and layer == self.L:
            return Partial(L, self.A(layer))
        return letter({"b": "dB"}.get(letter_, f"d{letter_}"), layer)

    def partial(self, letter_: str, layer: int) -> Formula:
        # The chains of dZ are those of the loss L, those of dW and dB of the cost.
        return Partial(L if letter_ in "AZ" else COST, self.of(letter_, layer))


Singh.update_rules = tuple(
    minus_gradient(V, RATE, Partial(COST, V))
    for V in (letter("β", 1), letter("W", 1), letter("β", 2), letter("W", 2))
)

NOTE = Note(
    key="singh",
    title='Rahul Singh, "Back Propagation Equations for Binary Classification"',
    about="One observation a row, any hidden activation f, sigmoid output, the mean of the binary "
    "cross-entropy; then one more layer, and the way to any number of layers and to many classes.",
    differs="Its dZ is the derivative of the loss L of each observation, and the 1/m comes in with dW "
    "and dB. So its dZ is m times the derivative of the cost; its dW and dB are those of the cost.",
    convention=Singh,
    sizes=(3, 4, 1),
    network={"hidden": "tanh", "loss": "binary_cross_entropy"},
    needs={
        "loss": ("binary_cross_entropy", "categorical_cross_entropy"),
        "reduction": ("mean",),
        "cost_scale": (1.0,),
    },
    slips=(
        Slip(
            "the shapes of the biases", "n × 1", "1 × n",
            "Z = X W + β adds β to every row, so that β is a row",
        ),
        Slip(
            "the shape of ∂cost/∂β1", "n_1 × 1", "1 × n_1",
            "∂cost/∂β2 is called 1 × n_2: a derivative has the shape of what it is by",
        ),
        Slip(
            "the cost and the gradients", "1/n in the cost, 1/m in dW and dB", "1/m in both",
            "n and m are one number here, the number of observations; elsewhere n are the inputs",
        ),
    ),
)  # fmt: skip
Singh.note = NOTE
