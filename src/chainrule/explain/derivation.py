"""A network's derivation without numbers: every step from the inputs to the cost, and back.

The steps are those of `chainrule.nn.propagation`, in the order in which it takes them, written in a
`Convention`. `chainrule.explain.trace` puts the numbers beside them.
"""

from __future__ import annotations

from collections.abc import Callable

from chainrule.explain.backward import backward
from chainrule.explain.convention import Convention, scaled
from chainrule.explain.embedding import embedding_forward, embedding_given
from chainrule.explain.step import Step
from chainrule.explain.writer import Writer, effective_m, names, of_inputs, plain_names, targets
from chainrule.notation.formula import Formula, NormSquared, Number, Symbol, total
from chainrule.notation.functions import activation_value, loss_value

__all__ = ["derivation", "derivation_of"]


def derivation(convention: Convention) -> list[Step]:
    """Return every step, in order: what is given, forward, the cost, backward.

    Parameters
    ----------
    convention : Convention
        Holds the network.

    Returns
    -------
    list of Step
        Without values; a dimension that only data can tell is None in their shapes.
    """
    return [*given(convention), *forward(convention), *cost(convention), *backward(convention)]


def derivation_of(convention: Convention) -> list[Step]:
    """Return the steps of a convention: its own, if it has some."""
    own: Callable[[], list[Step]] | None = getattr(convention, "steps", None)
    return derivation(convention) if own is None else own()


def given(c: Convention) -> list[Step]:
    """Return X, Y, the observation weights and the parameters."""
    w = Writer(c)
    L = c.L
    steps = [
        w.step("given", "X", c.X(), "batch", 0, says="the inputs"),
        w.step("given", "Y", c.Y(), "batch", L, says="the targets"),
    ]
    if c.weighted:
        steps.append(w.step("given", "w", Symbol("w"), "loss", 0, says="the observation weights"))
    if c.network.input_scale:
        steps.append(
            w.step("given", "scale", c.scale(), "bias", 0, says="a learnable factor for each input")
        )
    steps += embedding_given(c)
    for layer in range(1, L + 1):
        steps += [
            w.step("given", f"W{layer}", c.W(layer), "weight", layer),
            w.step("given", f"b{layer}", c.b(layer), "bias", layer),
        ]
    return steps


def forward(c: Convention) -> list[Step]:
    """Return Z and A of every layer."""
    w = Writer(c)
    steps = embedding_forward(c)
    for layer in range(1, c.L + 1):
        A, W, b, Z = c.A_in(layer), c.V(layer), c.b(layer), c.Z(layer)
        if c.parametrized(layer):
            steps.append(effective_weights(w, layer))
        steps.append(
            w.step(
                "forward", f"Z{layer}", Z, "batch", layer,
                general=c.layout.affine(A, W, b), factors=names(c, A, W, b),
            )
        )  # fmt: skip
        g = c.network.activations[layer - 1]
        steps.append(
            w.step(
                "forward", f"A{layer}", c.A(layer), "batch", layer,
                general=c.g(layer)(Z), concrete=activation_value(g, Z, c.units),
                factors=names(c, Z), says=f"{g.name}, layer {layer}",
            )
        )  # fmt: skip
    return steps


def effective_weights(w: Writer, layer: int) -> Step:
    """Return V of a layer: what it multiplies by."""
    c, W = w.c, w.c.W(layer)
    scaled_by = c.network.input_scale and layer == 1
    return w.step(
        "forward", f"V{layer}", c.V(layer), "weight", layer,
        general=of_inputs(c, layer, W),
        factors=(*(["scale"] if scaled_by else []), *names(c, W)),
        says=f"what layer {layer} multiplies by" + kappa_in_words(c, layer),
    )  # fmt: skip


def kappa_in_words(c: Convention, layer: int) -> str:
    if c.kappa(layer) is None:
        return ""
    n = c.network.sizes[layer - 1]
    return f"; κ{layer} = 1/√n{layer - 1} = 1/√{n} = {n**-0.5:.6g}"


# ------------------------------------------------------------------------------------------ the cost


def cost(c: Convention) -> list[Step]:
    """Return the smoothed targets, the losses, the coefficient, the penalty and J."""
    w, network, L = Writer(c), c.network, c.L
    A, Y = c.A(L), targets(c)
    steps = []
    if network.label_smoothing:
        s, classes = network.label_smoothing, network.loss_function.classes(network.sizes[-1])
        assert classes is not None
        form = Number(1 - s) * c.Y() + Number(s) / Number(classes)
        steps.append(
            w.step("cost", "Y_smooth", Y, "batch", L, general=form, factors=names(c, c.Y()))
        )
    steps.append(
        w.step(
            "cost", "losses", c.loss, "loss", L,
            general=loss_value(network.loss_function, A, Y, c.outputs), factors=names(c, A, Y),
            says="one number an observation",
        )
    )  # fmt: skip
    terms, factors = [total_loss(c)], ["losses"] if plain_names(c) else list(names(c, c.loss))
    if c.weighted:
        steps.append(coefficients(w))
        factors.append("c")
    if network.penalty is not None:
        R = Symbol("R")
        steps.append(
            w.step(
                "cost", "penalty", R, "number", 0, general=penalty_value(c),
                factors=names(c, *penalized(c)), says="the L2 penalty",
            )
        )  # fmt: skip
        terms.append(R)
        factors.append("penalty" if plain_names(c) else "R")
    steps.append(
        w.step("cost", "J", c.J, "number", 0, general=total(terms), factors=tuple(factors),
               says="the one number that every derivative below is of")
    )  # fmt: skip
    return steps


def coefficients(w: Writer) -> Step:
    """Return c of weighted observations."""
    weight, scale = Symbol("w"), w.network.cost_scale
    body = weight / w.c.observations(weight) if w.network.reduction == "mean" else weight
    form = body if scale == 1 else Number(scale) * body
    return w.step("cost", "c", Symbol("c"), "loss", 0, general=form, factors=("w",))


def total_loss(c: Convention) -> Formula:
    """Return Σ_i c_i ℓ_i."""
    if c.weighted:
        return c.observations(Symbol("c") * c.loss)
    return scaled(c.coefficient(), c.observations(c.loss))


def penalized(c: Convention) -> list[Formula]:
    penalty = c.network.penalty
    if penalty is None:
        return []
    layers = range(1, c.L + 1)
    return [c.of(letter, layer) for layer in layers for letter in "Wb" if penalty.covers(letter)]


def penalty_value(c: Convention) -> Formula:
    """Return the penalty as a formula, λ put in."""
    penalty = c.network.penalty
    assert penalty is not None
    strength = Number(penalty.strength)
    factor: Formula = {
        "full": strength,
        "half": strength / Number(2),
        "half_mean": strength / (Number(2) * effective_m(c)),
    }[penalty.scale]
    return factor * total([NormSquared(V) for V in penalized(c)])
