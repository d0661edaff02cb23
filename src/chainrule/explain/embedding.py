"""The steps of an embedding: what the first layer receives in the place of X, and the way back.

The equations are those of `chainrule.nn.embeddings`; in its letters the subscript 0 sets w, b, a and c
apart from the layers' weights and biases.
"""

from __future__ import annotations

from itertools import pairwise

from chainrule.explain.convention import Convention
from chainrule.explain.step import Step
from chainrule.explain.writer import Writer, names
from chainrule.nn.embeddings import NAMES
from chainrule.notation.formula import (
    Formula,
    Item,
    Number,
    Partial,
    Product,
    SumOver,
    Symbol,
    Transpose,
)

__all__ = [
    "embedding_backward",
    "embedding_forward",
    "embedding_given",
    "embedding_input_gradient",
]

FULL_TURN = Number(2) * Symbol("π")
SAYS = {
    "frequency": "the frequencies of the waves, in turns for each unit of x",
    "phase": "their phases, in turns",
    "amplitude": "what x and each wave are multiplied by",
    "offset": "what is added",
}
KINDS = dict(zip(NAMES, ("waves of an input",) * 2 + ("values of an input",) * 2, strict=True))


def embedding_given(c: Convention) -> list[Step]:
    """Return the parameters of the embedding; nothing without one."""
    if c.network.embedding is None:
        return []
    w = Writer(c)
    return [
        w.step("given", name, c.embedding(name), KINDS[name], 0, says=SAYS[name]) for name in NAMES
    ]


def x_of(c: Convention) -> Formula:
    """Return the embedded inputs of observation i, as a column."""
    row = Item(c.X(), "i, :k")
    return Transpose(row) if not c.layout.columns else Item(c.X(), ":k, i")


def embedding_forward(c: Convention) -> list[Step]:
    """Return t, e and E; nothing without an embedding."""
    if c.network.embedding is None:
        return []
    w = Writer(c)
    frequency, phase, amplitude, offset = map(c.embedding, NAMES)
    t, e = Item(Symbol("t"), "i"), Item(Symbol("e"), "i")
    waves = Symbol("cos")(Product((*FULL_TURN.factors, t)))  # type: ignore[attr-defined]
    return [
        w.step(
            "forward", "t", t, "turns", 0, general=phase + frequency * x_of(c),
            factors=("phase", "frequency", "X"),
            says="turns, for each observation i: a row for each embedded input x; whole turns left out",
        ),
        w.step(
            "forward", "e", e, "waves", 0, general=Symbol("concat")(x_of(c), waves),
            factors=("X", "t"), says="x, and its waves beside it",
        ),
        w.step(
            "forward", "E", c.A_in(1), "embedded", 0, general=amplitude * Symbol("e") + offset,
            factors=("amplitude", "e", "offset"),
            says="what layer 1 receives: the values of each embedded input, and the other inputs",
        ),
    ]  # fmt: skip


def embedding_backward(c: Convention) -> list[Step]:
    """Return dE, dt, and the gradients of the embedding's parameters; nothing without one."""
    if c.network.embedding is None:
        return []
    w = Writer(c)
    amplitude = c.embedding("amplitude")
    t, dt, dE = Item(Symbol("t"), "i"), Item(Symbol("dt"), "i"), Item(Symbol("dE"), "i")
    sine = Symbol("sin")(Product((*FULL_TURN.factors, t)))  # type: ignore[attr-defined]
    slope = -Product((*FULL_TURN.factors, sine, amplitude, dE))  # type: ignore[attr-defined]
    dZ, V = c.d("Z", 1), c.V(1)
    steps = [
        w.step(
            "backward", "dE", Symbol("dE"), "embedded", 0, derivative="delta",
            chain=chain(c, c.Z(1), Symbol("E")),
            general=c.layout.input_gradient(dZ, V), factors=names(c, dZ, V),
            says="what layer 1 passes down",
        ),
        w.step(
            "backward", "dt", dt, "turns", 0, derivative="delta",
            chain=chain(c, Symbol("E"), Symbol("e"), Symbol("t")), general=slope,
            factors=("t", "amplitude", "dE"), says="the waves alone: x itself has no turns",
        ),
    ]  # fmt: skip
    for name, above, body, factors in (
        ("frequency", "t", x_of(c) * dt, ("X", "dt")),
        ("phase", "t", dt, ("dt",)),
        ("amplitude", "E", dE * Item(Symbol("e"), "i"), ("dE", "e")),
        ("offset", "E", dE, ("dE",)),
    ):
        steps.append(
            w.step(
                "backward", f"d{name}", c.d_embedding(name), KINDS[name], 0, derivative="gradient",
                chain=chain(c, Symbol(above), c.embedding(name)),
                general=SumOver(body, "index", "i"), factors=factors,
                says="summed over the observations",
            )
        )  # fmt: skip
    return steps


def chain(c: Convention, *symbols: Formula) -> Formula:
    """Return ∂J/∂a · ∂a/∂b · … of symbols a, b, …, from the cost on."""
    partials = [Partial(over, under) for over, under in pairwise((c.J, *symbols))]
    return Product(tuple(partials), scalars=True)


def embedding_input_gradient(c: Convention) -> Step:
    """Return dX: through x itself, and through its waves."""
    straight = Item(c.embedding("amplitude"), ":, 0") * Item(Symbol("dE"), ":, 0")
    waves = SumOver(c.embedding("frequency") * Symbol("dt"), "units")
    return Writer(c).step(
        "backward", "dX", c.d("A", 0), "batch", 0, derivative="delta", general=straight + waves,
        factors=("amplitude", "dE", "frequency", "dt"),
        says="of an embedded input: through x itself and through its waves; of the others it is dE",
    )  # fmt: skip
