"""The note "Forward & Back Propagation Derivation" (5-12-2018)."""

from __future__ import annotations

from chainrule.explain.convention import COLUMNS_OF_INPUTS
from chainrule.explain.notes.base import Note, NoteConvention, Slip, minus_gradient
from chainrule.explain.step import Step
from chainrule.explain.writer import Writer
from chainrule.notation.formula import Formula, Number, Partial, Product, SumOver, Symbol
from chainrule.notation.functions import dot
from chainrule.notation.plain import plain

__all__ = ["NOTE"]

COST = Symbol("L")
ELEMENTS = "Element by element"


def raised(base: str, layer: int, sub: str = "") -> Symbol:
    """Return a letter with its layer in brackets above: a^[1]."""
    return Symbol(base, sub, f"[{layer}]")


class ForwardAndBack(NoteConvention):
    """One observation a column, z = Wᵀ a + b; first with indices, then as matrices."""

    default_layout = COLUMNS_OF_INPUTS
    merged = True
    J = COST

    def X(self) -> Formula:
        return raised("a", 0)

    def Y(self) -> Formula:
        return Symbol("y")

    def W(self, layer: int) -> Formula:
        return raised("W", layer)

    def b(self, layer: int) -> Formula:
        return raised("b", layer)

    def Z(self, layer: int) -> Formula:
        return raised("z", layer)

    def A(self, layer: int) -> Formula:
        return raised("a", layer)

    def g(self, layer: int) -> Symbol:
        sigmoid = self.network.activations[layer - 1].name == "sigmoid"
        return Symbol("σ") if sigmoid else raised("g", layer)

    def jacobian(self, layer: int) -> Formula:
        return raised("Jac", layer)["i"]

    def d(self, letter: str, layer: int) -> Formula:
        return raised("δ", layer) if letter == "Z" else self.partial(letter, layer)

    def steps(self) -> list[Step]:
        """Put the element-by-element form before the matrices."""
        steps = super().steps()
        first = next(place for place, step in enumerate(steps) if step.part == "forward")
        return [*steps[:first], *self.elements(), *steps[first:]]

    def elements(self) -> list[Step]:
        """Return the same derivation with indices, for one observation."""
        w, out = Writer(self), []
        L = self.L

        def step(of: str, kind: str, layer: int, left: Formula, form: Formula, says: str) -> None:
            derivative = {"δ": "delta", "∂": "gradient"}.get(plain(left)[0], "")
            dims = w.dims(kind, layer)
            out.append(
                Step(
                    plain(left), ELEMENTS, left, general=form, of=of, kind=kind, dims=dims,
                    shape=w.shape(dims), derivative=derivative, says=says,
                )
            )  # fmt: skip

        for layer in range(1, L + 1):
            z_j = raised("z", layer, "j")
            product = dot(raised("w", layer, "ij"), raised("a", layer - 1, "i"))
            form = SumOver(product, "index", "i") + raised("b", layer, "j")
            step(f"Z{layer}", "batch", layer, z_j, form, "for every unit j")
            step(f"A{layer}", "batch", layer, raised("a", layer, "j"), self.unit_value(layer), "")
        for layer in range(L, 0, -1):
            delta = raised("δ", layer, "j")
            step(f"dZ{layer}", "batch", layer, delta, self.unit_delta(layer), "for every unit j")
            w_ij, b_j = raised("w", layer, "ij"), raised("b", layer, "j")
            by_w = dot(delta, raised("a", layer - 1, "i"))
            step(f"dW{layer}", "weight", layer, Partial(COST, w_ij), by_w,
                 "for one observation; summed over the batch where there are more")  # fmt: skip
            step(f"db{layer}", "bias", layer, Partial(COST, b_j), delta,
                 "for one observation; summed over the batch where there are more")  # fmt: skip
        return out

    def unit_value(self, layer: int) -> Formula:
        z_j = raised("z", layer, "j")
        if self.network.activations[layer - 1].is_elementwise:
            return self.g(layer)(z_j)
        exp = Symbol("exp")
        return exp(z_j) / SumOver(exp(raised("z", layer, "k")), "index", "k")

    def unit_slope(self, layer: int) -> Formula:
        g = self.g(layer)
        return Symbol(g.base, g.sub, g.sup, prime=True)(raised("z", layer, "j"))

    def unit_delta(self, layer: int) -> Formula:
        """Return δ_j: the output's, or a hidden unit's as a sum over the next layer."""
        if layer == self.L:
            inner: Formula = raised("a", layer, "j") - Symbol("y", "j")
            by_k: Formula = raised("a", layer, "k") - Symbol("y", "k")
        else:
            above = dot(raised("w", layer + 1, "jk"), raised("δ", layer + 1, "k"))
            inner = SumOver(above, "index", "k")
            by_k = SumOver(
                dot(raised("w", layer + 1, "kl"), raised("δ", layer + 1, "l")), "index", "l"
            )
        if self.network.activations[layer - 1].is_elementwise:
            return Product((inner, self.unit_slope(layer)), scalars=True)
        a_j, a_k = raised("a", layer, "j"), raised("a", layer, "k")
        return dot(a_j, inner - SumOver(dot(a_k, by_k), "index", "k"))


a, y, z, w = (Symbol(base, "j") for base in "ayzw")
a_i, a_k = Symbol("a", "i"), Symbol("a", "k")
W, sigma = Symbol("W", sup="l"), Symbol("σ")
slope = Symbol("σ", prime=True)(z)
half = Number(0.5)
hat = Symbol("y", hat=True)
ForwardAndBack.update_rules = tuple(
    minus_gradient(V, Symbol("η"), Partial(COST, V)) for V in (W, Symbol("b", sup="l"))
)

NOTE = Note(
    key="forward-and-back",
    title='the note "Forward & Back Propagation Derivation" (5-12-2018)',
    about="Any number of layers, sigmoid in the hidden ones, ½ Σ (ŷ − y)²; first element by element "
    "for one observation, then as matrices, one observation a column, z = Wᵀ a + b.",
    differs="Its δ is the derivative of ½ Σ (ŷ − y)² of one observation; for a batch, of the sum. Its "
    "forward part ends in a softmax, where the element-wise σ' of its backward part is only the "
    "diagonal of the Jacobian: for a softmax output the steps here have the whole Jacobian.",
    convention=ForwardAndBack,
    sizes=(3, 4, 2),
    network={
        "hidden": "sigmoid", "output": "sigmoid", "loss": "half_squared_error",
        "reduction": "sum",
    },
    needs={
        "loss": ("half_squared_error",),
        "reduction": ("sum",),
        "penalty": (None,),
        "cost_scale": (1.0,),
    },
    slips=(
        Slip("∂L/∂a_j, first", y - a, a - y, "the sign"),
        Slip("∂L/∂a_j, then", half * (y - a), a - y, "the sign, and the ½ is kept"),
        Slip("∂L/∂a_j, later", y + a, a - y, "a plus for the minus; it may be the scan's"),
        Slip(
            "∂z_j/∂w_ij", dot(1 - sigma(z), sigma(z)), a_i,
            "that is ∂a_j/∂z_j, the factor before it; z_j is Σ_i w_ij a_i + b_j",
        ),
        Slip(
            "the cost", half * SumOver((hat - hat) ** 2, "index", "j"),
            half * SumOver((hat - Symbol("y")) ** 2, "index", "j"),
            "a prediction against itself: always 0",
        ),
        Slip(
            "the box of the chain", Partial(COST, a_i), Partial(COST, a),
            "the weight w_ij acts on unit j",
        ),
        Slip(
            "a forward line", sigma(Symbol("z", sup="[0]")), sigma(Symbol("z", sup="[1]")),
            "a^[1] is that of z^[1]; the inputs have no z",
        ),
        Slip(
            "σ' of the output layer", dot(a - y, slope),
            dot(a, (a - y) - SumOver(dot(a_k, a_k - Symbol("y", "k")), "index", "k")),
            "the forward part ended in a softmax, whose derivative is a full Jacobian; σ' is its "
            "diagonal",
        ),
        Slip(
            "the batch form of the forward pass", "Z = A^[0] W^[1] + b, in rows",
            "Z = Wᵀ A^[0] + b, in columns",
            "the form for one observation has columns; both are right, but not on one page",
        ),
    ),
)  # fmt: skip
ForwardAndBack.note = NOTE
