"""Pages: a derivation, a trace, a chain and an update as blocks that every renderer knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from chainrule.explain.convention import Convention, letters_of
from chainrule.explain.document import Document, Formulas, Grid, Heading, Matrix, Part
from chainrule.explain.paths import Chain, Path
from chainrule.explain.step import Step
from chainrule.explain.steps import Steps
from chainrule.explain.update import Update
from chainrule.nn import Network, Parameters
from chainrule.notation.formula import (
    Equation,
    Formula,
    Item,
    NormSquared,
    Partial,
    Product,
    Symbol,
)

__all__ = ["add_steps", "derivation_page", "trace_page"]

PARTS = {
    "given": "Given",
    "forward": "Forward",
    "cost": "The cost",
    "backward": "Backward: from the cost to every weight",
}
MOST_OBSERVATIONS = 3  # whose Jacobians are shown


def trace_page(
    trace: Steps,
    *,
    digits: int = 6,
    chains: Sequence[Chain] = (),
    update: Update | None = None,
    only: Sequence[str] = (),
) -> Document:
    """Return a trace as a page.

    Parameters
    ----------
    trace : Steps
    digits : int
        Behind the point.
    chains : sequence of Chain
        Scalar chains of single weights, from `Trace.chain`.
    update : Update, optional
        Steps of gradient descent, from `Trace.update`.
    only : sequence of str
        The steps to show; all by default.
    """
    page = Document(
        f"{sizes(trace.network)}, {counted(trace.numbers.m, 'observation')}", digits=digits
    )
    introduce(page, trace.convention)
    add_steps(page, [trace[name] for name in only] if only else trace.steps)
    closing(page, trace.convention, trace)
    for chain in chains:
        add_chain(page, chain)
    if update is not None:
        add_update(page, update, trace.network)
    return page


def derivation_page(convention: Convention, steps: Sequence[Step], digits: int = 6) -> Document:
    """Return a derivation without numbers as a page."""
    page = Document(f"The derivation of a {sizes(convention.network)} network", digits=digits)
    introduce(page, convention)
    if type(convention) is Convention:
        general_equations(page, convention)
    add_steps(page, steps)
    closing(page, convention, None)
    return page


def introduce(page: Document, convention: Convention) -> None:
    """Say what the network is, and in which convention the page is written."""
    network = convention.network
    penalty = network.penalty
    page.say(
        f"Network {sizes(network)}: {layers_text(network)}; loss {words(network.loss)}, "
        + ("mean" if network.reduction == "mean" else "sum")
        + " over the observations"
        + (f", times {network.cost_scale:g}" if network.cost_scale != 1 else "")
        + (f"; L2 penalty of strength {penalty.strength:g} ({penalty.scale})" if penalty else "")
        + (f"; label smoothing {network.label_smoothing:g}" if network.label_smoothing else "")
        + embedding_text(network)
        + "."
    )
    about = getattr(convention, "introduction", None)
    if about is not None:
        page.add(*about())
        return
    page.say(
        f"In {convention.layout.key}: {convention.layout.title}. dV is ",
        Partial(convention.J, Symbol("V")),
        " of the one cost J, of V's own shape.",
    )


def layers_text(network: Network) -> str:
    names = [g.name for g in network.activations]
    return ", ".join(f"layer {at} {name}" for at, name in enumerate(names, start=1))


def embedding_text(network: Network) -> str:
    embedding = network.embedding
    if embedding is None:
        return ""
    which = "input" if embedding.columns == 1 else f"{embedding.columns} inputs"
    return f"; the first {which} embedded in {embedding.width} values each"


def words(name: str | None) -> str:
    return str(name).replace("_", " ")


def sizes(network: Network) -> str:
    return "-".join(map(str, network.sizes))


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def general_equations(page: Document, c: Convention) -> None:
    """Write the equations of any layer l."""
    below, here = "l−1", "l"
    A0, A, Z, W, b = (
        Symbol("A", below), Symbol("A", here), Symbol("Z", here), Symbol("W", here), Symbol("b", here),
    )  # fmt: skip
    dA0, dA, dZ = Symbol("dA", below), Symbol("dA", here), Symbol("dZ", here)
    slope = Symbol("g", here, prime=True)(Z)
    index = c.layout.index
    jac = Item(Symbol("Jac", here), "i")
    row = Item(dA, index)
    L = Symbol("A", "L")
    page.add(
        Heading("For any layer"),
        Formulas(
            (
                Equation(Z, (c.layout.affine(A0, W, b),)),
                Equation(A, (Symbol("g", here)(Z),)),
                Equation(Symbol("dA", "L"), (Symbol("c") * Partial(Symbol("ℓ"), L),)),
                Equation(dZ, (dA * slope,)),
                Equation(Item(dZ, index), (jac.T @ row if c.layout.columns else row @ jac,)),
                Equation(Symbol("dW", here), (c.layout.weight_gradient(A0, dZ),)),
                Equation(Symbol("db", here), (c.observations(dZ),)),
                Equation(dA0, (c.layout.input_gradient(dZ, W),)),
            )
        ),
    )
    page.say(
        "c is 1/m for a mean over the observations and 1 for a sum. The fourth line is for an "
        "activation that works unit by unit; the fifth, with the Jacobian of each observation i, for "
        "any. A penalty adds its own derivative to dW, and to db where it covers the biases."
    )


# ------------------------------------------------------------------------------------------ the steps


def add_steps(page: Document, steps: Iterable[Step]) -> None:
    """Append every step: its formulas, its shape and its numbers."""
    part = None
    for step in steps:
        if step.part != part:
            part = step.part
            page.add(Heading(PARTS.get(part, part)))
        add_step(page, step)


def add_step(page: Document, step: Step) -> None:
    page.add(Heading(step.name, 3, aside_of(step), step.factors))
    if step.lines:
        page.add(Formulas(tuple(line for line in step.lines if isinstance(line, Equation))))
    if step.equation is not None:
        page.add(Formulas((step.equation,)))
    if step.value is not None:
        add_value(page, step)
    if step.unfused is not None:
        add_unfused(page, step)


def aside_of(step: Step) -> str:
    """Return the shape and what there is to say."""
    known = [
        str(dim if size is None else size) for dim, size in zip(step.dims, step.shape, strict=True)
    ]
    shape = " × ".join(step.dims)
    if known != list(step.dims):
        shape += f" = {' × '.join(known)}"
    parts = [part for part in (shape, step.says, step.relation) if part]
    return "; ".join(parts)


def add_value(page: Document, step: Step) -> None:
    value = np.asarray(step.value)
    if value.ndim < 3:
        page.add(Matrix(step.symbol, value))
        return
    base = step.symbol.body if isinstance(step.symbol, Item) else step.symbol
    for i, entry in enumerate(value[:MOST_OBSERVATIONS]):
        page.add(Matrix(Item(base, str(i)), entry))
    if step.shape[0] is not None and step.shape[0] > MOST_OBSERVATIONS:
        page.say(f"and so on, for {step.shape[0]:,} observations.")


def add_unfused(page: Document, step: Step) -> None:
    """Put the unfused product beside the fused form, and say where it fails."""
    unfused = step.unfused
    assert unfused is not None
    page.say("Unfused, the product of the two factors:")
    page.add(Formulas((Equation(step.symbol, (unfused.general, unfused.concrete)),)))
    if unfused.value is None:
        return
    value, fused = np.asarray(unfused.value), np.asarray(step.value)
    broken = ~np.isfinite(value)
    if broken.any():
        page.add(Matrix(unfused.general, value))
        page.say(
            f"{counted(int(broken.sum()), 'entry').replace('entrys', 'entries')} of {value.size:,} "
            "cannot be computed in this way: a saturated unit makes it 0/0. The fused form has no "
            "division."
        )
    else:
        distance = float(np.abs(value - fused).max())
        size = float(np.abs(fused).max())
        page.say(
            "It gives the same numbers, to rounding."
            if distance <= 1e-12 * size
            else f"The two differ by up to {distance:.1e}, for digits cancel in the product."
        )


def closing(page: Document, convention: Convention, trace: Steps | None) -> None:
    """Append what a note adds: a comparison with the derivative of the cost, its slips."""
    more = getattr(convention, "closing", None)
    if more is not None:
        page.add(*more(trace))


# ------------------------------------------------------------------------------- one weight, one step


def add_chain(page: Document, chain: Chain) -> None:
    """Append the scalar chain of one weight."""
    page.add(Heading(f"One weight: {chain.entry}"), Formulas((chain.equation,)))
    listed = len(chain.paths)
    page.say(
        f"{counted(chain.count, 'path')} from the weight to the cost"
        + (f", of which the {listed} largest are listed" if listed < chain.count else "")
        + ". In the library's own letters, one observation a row; indices count from 0."
    )
    rows: list[tuple[Part | float, ...]] = []
    for path in chain.paths:
        rows.append((*path_cells(path), path.product))
    if listed < chain.count:
        rows.append(("", f"the other {chain.count - listed:,} paths", "", chain.remainder))
    if chain.penalty:
        rows.append(("", "the penalty", "", chain.penalty))
    derivative: Formula = chain.equation.left
    rows.append(("", derivative, "", chain.value))
    page.add(Grid(("observation", "factors, from the cost to the weight", "their values", "product"),
                  tuple(rows)))  # fmt: skip
    first = chain.paths[0] if chain.paths else None
    if first is not None:
        page.say("The factors of the first path:")
        body = tuple((part.derivative, part.form, part.value) for part in first.factors)
        page.add(Grid(("derivative", "is", "value"), body))


def path_cells(path: Path) -> tuple[Part, Part, Part]:
    forms = Product(tuple(part.form for part in path.factors), scalars=True)
    values = " · ".join(f"{part.value:.6g}" for part in path.factors)
    return str(path.observation), forms, values


def add_update(page: Document, update: Update, network: Network) -> None:
    """Append steps of gradient descent."""
    count = update.steps
    page.add(
        Heading(
            "One step of gradient descent" if count == 1 else f"{count:,} steps of gradient descent"
        )
    )
    theta, rate = Symbol("θ"), Symbol("η")
    page.add(Formulas((Equation(theta, (theta - rate * Symbol("dθ"),), "←"),)))
    notes = [
        f"η = {update.learning_rate:g}",
        "all gradients are computed before any parameter moves",
    ]
    if update.frozen:
        notes.append(f"{', '.join(update.frozen)} are frozen")
    if update.shared_biases:
        notes.append("the units of a layer share one bias, their gradients added")
    page.say("; ".join(notes) + ".")
    for name in update.before:
        page.add(Heading(name, 3))
        base, sub = letters_of(name)
        new, old = Symbol(base, sub, "new"), Symbol(base, sub)
        page.add(
            Matrix(old, update.before[name]),
            Matrix(Symbol(f"d{base}", sub), update.gradients[name]),
            Matrix(new, update.first[name], "frozen" if name in update.frozen else ""),
        )
    add_costs(page, update)


def add_costs(page: Document, update: Update) -> None:
    """Append the costs before and after, and what the slip gives."""
    page.add(Heading("The cost, before and after"))
    early = update.too_early
    header: list[Part] = ["after step", "cost"]
    if early is not None:
        header.append("updated too early")
    rows: list[tuple[Part | float, ...]] = []
    for step in chosen_steps(update.steps):
        row: list[Part | float] = [f"{step:,}", float(update.costs[step])]
        if early is not None:
            row.append(float(early.costs[step]))
        rows.append(tuple(row))
    page.add(Grid(tuple(header), tuple(rows)))
    slope = Symbol("η") * NormSquared(Symbol("dθ"))
    page.say(
        "To first order the first step lowers the cost by ",
        slope,
        f", over what moves: {update.first_order:.6g}. It lowers it by "
        f"{float(update.costs[0] - update.costs[1]):.6g}.",
    )
    if update.steps > 1:
        page.add(Heading(f"After step {update.steps:,}", 3))
        add_parameters(page, update.after)
    page.add(Matrix(Symbol("Y", hat=True), update.outputs, "the outputs after the last step"))
    if early is not None:
        page.say(
            "Updated too early: what comes out if each layer is updated before the gradients of the "
            "layer below are computed. A common slip; the right order is the other column."
        )
        if update.steps > 1:
            page.add(Matrix(Symbol("Y", hat=True), early.outputs, "updated too early"))


def chosen_steps(steps: int) -> list[int]:
    """Return the steps whose costs are listed: all of a few, else ten between the first and last."""
    if steps <= 10:
        return list(range(steps + 1))
    return sorted({round(place * steps / 10) for place in range(11)} | {0, 1, steps})


def add_parameters(page: Document, parameters: Parameters) -> None:
    for name, value in parameters.items():
        page.add(Matrix(Symbol(*letters_of(name)), value))
