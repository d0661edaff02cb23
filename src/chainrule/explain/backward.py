"""The backward part of a derivation: every derivative, from the cost to the inputs."""

from __future__ import annotations

from chainrule.explain.convention import Convention, scaled
from chainrule.explain.embedding import embedding_backward, embedding_input_gradient
from chainrule.explain.step import Step, Unfused
from chainrule.explain.writer import (
    Writer,
    effective_m,
    names,
    of_inputs,
    targets,
)
from chainrule.nn import Network
from chainrule.notation.formula import (
    Equation,
    Formula,
    Item,
    Number,
    Partial,
    Product,
    Symbol,
    Transpose,
)
from chainrule.notation.functions import (
    activation_derivative,
    fused_derivative,
    jacobian_product,
    loss_derivative,
    worked,
)

__all__ = ["backward"]


def backward(c: Convention) -> list[Step]:
    """Return every derivative, from the cost to the inputs."""
    steps = output_layer(c)
    for layer in range(c.L, 0, -1):
        steps += parameter_gradients(c, layer)
        if layer > 1:
            steps += hidden_layer(c, layer - 1)
    steps += embedding_backward(c)
    if not c.merged:
        embedded = c.network.embedding is not None
        steps.append(embedding_input_gradient(c) if embedded else input_gradient(c, 0))
    return steps


def output_layer(c: Convention) -> list[Step]:
    """Return dA_L, g_L' and dZ_L: fused where the loss and the output belong together."""
    w, network, L = Writer(c), c.network, c.L
    A, Y, loss = c.A(L), targets(c), network.loss_function
    dA, coefficient = c.d("A", L), c.in_delta()
    loss_slope = loss_derivative(loss, A, Y, c.outputs)
    first = w.step(
        "backward", f"dA{L}", dA, "batch", L, derivative="delta",
        general=c.output_slope(), concrete=scaled(coefficient, loss_slope),
        factors=names(c, A, Y), says="how the cost changes with each output",
    )  # fmt: skip
    steps = [first, *local_derivative(c, L)]
    product, concrete = products(c, L, dA, scaled(coefficient, loss_slope))
    form: Formula | None = concrete if network.activations[-1].is_elementwise else None
    unfused = None
    if loss.logit_derivative is not None:
        unfused = Unfused(product, concrete)
        fused = fused_derivative(loss, c.Z(L), A, Y, c.outputs)
        form = None if fused is None else scaled(coefficient, fused)
    steps.append(
        w.step(
            "backward", f"dZ{L}", c.d("Z", L), "batch", L, derivative="delta",
            chain=None if isinstance(dA, Partial) else chain_to_Z(c, L),
            general=product, concrete=form, unfused=unfused,
            lines=jacobian_form(c, L), factors=(steps[0].name, steps[1].name),
            says=fused_words(network) if unfused else "how the cost changes with each pre-activation",
        )
    )  # fmt: skip
    return steps


def fused_words(network: Network) -> str:
    """Say what was multiplied, and when the result is Ŷ − Y."""
    pair = f"{str(network.loss).replace('_', ' ')} and {network.output}"
    words = f"{pair}, multiplied by hand: no division"
    if network.loss_function.targets == "distribution":
        words += "; it is A − Y where the targets of an observation sum to 1"
    return words


def chain_to_Z(c: Convention, layer: int) -> Formula:
    return Product((c.partial("A", layer), Partial(c.A(layer), c.Z(layer))), scalars=True)


def local_derivative(c: Convention, layer: int) -> list[Step]:
    """Return g'(Z) of a layer, or the Jacobian where it is not diagonal."""
    w = Writer(c)
    g = c.network.activations[layer - 1]
    if not g.is_elementwise:
        return [full_jacobian(c, layer)]
    step = w.step(
        "backward", f"g{layer}'", c.slope(layer), "batch", layer,
        concrete=activation_derivative(g, c.Z(layer), c.A(layer)),
        factors=names(c, c.Z(layer), c.A(layer)), lines=worked(g.name),
        says=f"the slope of {g.name}, layer {layer}",
    )  # fmt: skip
    return [step]


def full_jacobian(c: Convention, layer: int) -> Step:
    """Return the Jacobian of a layer whose activation mixes the units."""
    name = c.network.activations[layer - 1].name
    partial: Formula = Partial(c.A(layer), c.Z(layer))
    general, says = partial, f"a full matrix for each observation i: {name} mixes the units"
    if name == "softmax":
        a = Item(c.A(layer), c.layout.index)
        column = Transpose(a) @ a if not c.layout.columns else a @ Transpose(a)
        general, says = Symbol("diag")(a) - column, f"{says}; δ_jk is 1 for j = k, else 0"
    return Writer(c).step(
        "backward", f"Jac{layer}", c.jacobian(layer), "jacobian", layer, chain=partial,
        general=general, factors=names(c, c.A(layer)), lines=worked(name), says=says,
    )  # fmt: skip


def products(
    c: Convention, layer: int, dA: Formula, dA_written: Formula
) -> tuple[Formula, Formula]:
    """Return dZ = Jac(g)ᵀ dA of a layer, in symbols and with this network's functions."""
    Z, A, g = c.Z(layer), c.A(layer), c.network.activations[layer - 1]
    if not g.is_elementwise:
        return (
            jacobian_product(g, Z, A, dA, c.units),
            jacobian_product(g, Z, A, dA_written, c.units),
        )
    slope = activation_derivative(g, Z, A)
    return dA * c.slope(layer), dA_written if slope == Number(1) else dA_written * slope


def jacobian_form(c: Convention, layer: int) -> tuple[Formula, ...]:
    """Return dZ[i] as a product with the Jacobian; nothing for an element-wise activation."""
    if c.network.activations[layer - 1].is_elementwise:
        return ()
    dA, dZ = (Item(c.d(letter, layer), c.layout.index) for letter in "AZ")
    Jac = c.jacobian(layer)
    return (Equation(dZ, (Jac.T @ dA if c.layout.columns else dA @ Jac,)),)


def hidden_layer(c: Convention, layer: int) -> list[Step]:
    """Return dA, g' and dZ of a hidden layer."""
    w = Writer(c)
    down = c.layout.input_gradient(c.d("Z", layer + 1), c.V(layer + 1))
    steps = [] if c.merged else [input_gradient(c, layer)]
    steps += local_derivative(c, layer)
    dA = down if c.merged else c.d("A", layer)
    general, substituted = products(c, layer, dA, dA)
    concrete = substituted if c.network.activations[layer - 1].is_elementwise else None
    chain = chain_to_Z(c, layer)
    if c.merged:
        above = Partial(c.Z(layer + 1), c.A(layer))
        chain = Product(
            (c.partial("Z", layer + 1), above, Partial(c.A(layer), c.Z(layer))), scalars=True
        )
    step = w.step(
        "backward", f"dZ{layer}", c.d("Z", layer), "batch", layer, derivative="delta",
        chain=chain, general=general, concrete=concrete, lines=jacobian_form(c, layer),
        factors=(*(names(c, c.d("Z", layer + 1), c.V(layer + 1)) if c.merged else names(c, dA)),
                 steps[-1].name),
        says="how the cost changes with each pre-activation",
    )  # fmt: skip
    return [*steps, step]


def input_gradient(c: Convention, layer: int) -> Step:
    """Return dA of a layer from dZ of the next; layer 0 are the inputs."""
    above = layer + 1
    chain = Product((c.partial("Z", above), Partial(c.Z(above), c.A(layer))), scalars=True)
    return Writer(c).step(
        "backward", f"dA{layer}" if layer else "dX", c.d("A", layer), "batch", layer,
        derivative="delta", chain=chain,
        general=c.layout.input_gradient(c.d("Z", above), c.V(above)),
        factors=names(c, c.d("Z", above), c.V(above)),
        says=f"what layer {above} passes down",
    )  # fmt: skip


def weight_product(w: Writer, layer: int) -> tuple[list[Step], Formula, tuple[str, ...], str]:
    """Return dV, if there is one; and what dW is but for the penalty: formula, factors, a sentence."""
    c = w.c
    dZ, A, dV = c.d("Z", layer), c.A_in(layer), c.d("V", layer)
    product, factors = c.layout.weight_gradient(A, dZ), names(c, A, dZ)
    says = "input times output's derivative, summed over the observations"
    if not c.parametrized(layer):
        return [], product, factors, says
    step = w.step(
        "backward", f"dV{layer}", dV, "weight", layer, derivative="gradient",
        general=product, factors=factors, says=says,
    )  # fmt: skip
    scale = ("scale",) if c.network.input_scale and layer == 1 else ()
    return (
        [step],
        of_inputs(c, layer, dV),
        (*scale, *names(c, dV)),
        "each V is a multiple of its own W",
    )


def scale_gradient(w: Writer) -> Step:
    """Return ds: each s acts on all units of the first layer."""
    c = w.c
    dV, W = c.d("V", 1), c.W(1)
    return w.step(
        "backward", "dscale", Symbol("ds"), "bias", 0, derivative="gradient",
        general=Transpose(c.units(scaled(c.kappa(1), W * dV))), factors=names(c, W, dV),
        says="each s acts on every unit of the first layer",
    )  # fmt: skip


def parameter_gradients(c: Convention, layer: int) -> list[Step]:
    """Return dW and db of a layer, penalty included."""
    w = Writer(c)
    dZ = c.d("Z", layer)
    steps, of_weights, factors_of_W, says_of_W = weight_product(w, layer)
    for letter, kind, body, factors, says in (
        ("W", "weight", of_weights, factors_of_W, says_of_W),
        ("b", "bias", c.observations(dZ), names(c, dZ), "a bias acts on every observation"),
    ):  # fmt: skip
        general = scaled(c.in_gradient(), body)
        extra = penalty_slope(c, letter, layer)
        concrete = None if extra is None else general + extra
        if extra is not None:
            general = general + Partial(Symbol("R"), c.of(letter, layer))
            factors = (*factors, *names(c, c.of(letter, layer)))
        chain = Product(
            (c.partial("Z", layer), Partial(c.Z(layer), c.of(letter, layer))), scalars=True
        )
        steps.append(
            w.step(
                "backward", f"d{letter}{layer}", c.d(letter, layer), kind, layer,
                derivative="gradient", chain=scaled(c.in_gradient(), chain),
                general=general, concrete=concrete, factors=factors, says=says,
            )
        )  # fmt: skip
    if c.network.input_scale and layer == 1:
        steps.append(scale_gradient(w))
    return steps


def penalty_slope(c: Convention, letter: str, layer: int) -> Formula | None:
    """Return ∂penalty/∂V as a formula; None where V is not penalized."""
    penalty = c.network.penalty
    if penalty is None or not penalty.covers(letter) or penalty.strength == 0:
        return None
    strength = Number(penalty.strength)
    factor: Formula = {
        "full": Number(2 * penalty.strength),
        "half": strength,
        "half_mean": strength / effective_m(c),
    }[penalty.scale]
    return factor * c.of(letter, layer)
