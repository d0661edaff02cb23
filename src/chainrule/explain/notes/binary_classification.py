"""The handwritten note "Back propagation: Binary Classification"."""

from __future__ import annotations

from dataclasses import replace

from chainrule.explain.convention import COLUMNS
from chainrule.explain.notes.base import Note, NoteConvention, Slip, letter, minus_gradient
from chainrule.explain.step import Step
from chainrule.notation.formula import Formula, Number, Partial, SumOver, Symbol

__all__ = ["NOTE"]


class BinaryClassification(NoteConvention):
    """Columns, small letters, ∂J/∂z; the 1/n of the cost is lost on the way."""

    default_layout = COLUMNS
    merged = True
    mean_in = "nowhere"
    m = Symbol("n")

    def X(self) -> Formula:
        return Symbol("x")

    def Y(self) -> Formula:
        return Symbol("y")

    def W(self, layer: int) -> Formula:
        return letter("w", layer)

    def b(self, layer: int) -> Formula:
        return letter("b", layer)

    def Z(self, layer: int) -> Formula:
        return letter("z", layer)

    def A(self, layer: int) -> Formula:
        return letter("a", layer) if layer else self.X()

    def slope(self, layer: int) -> Formula:
        return Partial(self.A(layer), self.Z(layer))

    def d(self, letter: str, layer: int) -> Formula:
        return self.partial(letter, layer)

    def steps(self) -> list[Step]:
        """Return the steps with the note's numbers: 1 to 6 for two layers, three a layer."""
        numbered, count = [], 0
        for step in super().steps():
            if step.of.startswith(("dZ", "dW", "db")):
                count += 1
                step = replace(step, says=f"step {count}: {step.says}")
            numbered.append(step)
        return numbered


J, W1, x = Symbol("J"), letter("w", 1), Symbol("x")
z1, z2 = letter("z", 1), letter("z", 2)
error = letter("a", 2) - Symbol("y")
BinaryClassification.update_rules = tuple(
    minus_gradient(V, Symbol("η"), Partial(J, V))
    for V in (letter("w", 1), letter("b", 1), letter("w", 2), letter("b", 2))
)

NOTE = Note(
    key="binary-classification",
    title='the handwritten note "Back propagation: Binary Classification"',
    about="Two layers, one observation a column, tanh in the hidden layer, sigmoid output, binary "
    "cross-entropy; six steps from the cost to the first bias, here for any depth.",
    differs="Its cost is a mean over n observations; from step 1 on the 1/n is gone. So its formulas "
    "are the derivatives of the summed cost: n times those of the mean.",
    convention=BinaryClassification,
    sizes=(3, 4, 1),
    network={"hidden": "tanh", "loss": "binary_cross_entropy"},
    needs={
        "loss": ("binary_cross_entropy",),
        "penalty": (None,),
        "cost_scale": (1.0,),
    },
    slips=(
        Slip(
            "steps 1 to 6", Partial(J, z2), Number(1) / Symbol("n") * Partial(J, z2),
            "the cost has 1/n and a sum; from step 1 on both are gone. The formulas hold for one "
            "observation, or for the summed cost",
        ),
        Slip(
            "step 3", error, SumOver(error, "observations", layout="columns"),
            "a bias acts on every observation: its derivative is the sum over them",
        ),
        Slip(
            "step 6", Partial(J, z1), SumOver(Partial(J, z1), "observations", layout="columns"),
            "the same in the hidden layer",
        ),
        Slip(
            "the shape beside step 5", "1 × d", "n_h × d",
            "∂J/∂w1 has the shape of w1: one row a hidden unit, one column an input",
        ),
    ),
)  # fmt: skip
BinaryClassification.note = NOTE
