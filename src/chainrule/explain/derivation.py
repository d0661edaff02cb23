"""A network's derivation without numbers: every step from the inputs to the cost, and back.

The steps are those of `chainrule.nn.propagation`, in the order in which it takes them, written in a
`Convention`. `chainrule.explain.trace` puts the numbers beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.explain.algebra import (
    Equation,
    Expr,
    Item,
    NormSquared,
    Number,
    Partial,
    Product,
    Symbol,
    Transpose,
    total,
)
from chainrule.explain.convention import Convention, scaled
from chainrule.explain.functions import (
    activation_derivative,
    activation_value,
    fused_derivative,
    loss_derivative,
    loss_value,
    softmax_product,
    worked,
)
from chainrule.explain.plain import plain
from chainrule.explain.step import Step, Unfused
from chainrule.nn import Network
from chainrule.nn.activations import Softmax

__all__ = ["derivation", "derivation_of", "is_elementwise"]


def is_elementwise(network: Network, layer: int) -> bool:
    """Say whether the activation of a layer works unit by unit."""
    return not isinstance(network.activations[layer - 1], Softmax)


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


class Writer:
    """Writes steps in a convention: the shapes are looked up, the names are read off the symbols."""

    def __init__(self, convention: Convention) -> None:
        self.c = convention
        self.network = convention.network
        self.layout = convention.layout

    def n(self, layer: int) -> str:
        return f"n{layer}"

    def shape(self, dims: tuple[str, ...]) -> tuple[int | None, ...]:
        known: dict[str, int | None] = {"1": 1, "m": None}
        known |= {self.n(layer): size for layer, size in enumerate(self.network.sizes)}
        return tuple(known[dim] for dim in dims)

    def step(self, part: str, of: str, symbol: Expr, kind: str, layer: int, **rest: Any) -> Step:
        dims = self.dims(kind, layer)
        name = of if plain_names(self.c) else plain(symbol)
        if rest.get("general") == symbol:  # ∂L/∂Ŷ = ∂L/∂Ŷ
            rest["general"] = rest["concrete"]
        if rest.get("concrete") == rest.get("general"):
            rest["concrete"] = None
        return Step(name, part, symbol, dims=dims, shape=self.shape(dims), of=of, kind=kind, **rest)

    def dims(self, kind: str, layer: int) -> tuple[str, ...]:
        n = self.n
        match kind:
            case "batch":
                return self.layout.batch(n(layer))
            case "weight":
                return self.layout.weight(n(layer - 1), n(layer))
            case "bias":
                return self.layout.bias(n(layer))
            case "loss":
                return ("1", "m") if self.layout.columns else ("m", "1")
            case "jacobian":
                return ("m", n(layer), n(layer))
            case _:
                return ()


def plain_names(convention: Convention) -> bool:
    """Say whether the steps are called by the library's own names."""
    return type(convention) is Convention


def names(convention: Convention, *symbols: Expr) -> tuple[str, ...]:
    found = (plain(symbol) for symbol in symbols)
    return tuple("Y_smooth" if name == "Ỹ" and plain_names(convention) else name for name in found)


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
    for layer in range(1, L + 1):
        steps += [
            w.step("given", f"W{layer}", c.W(layer), "weight", layer),
            w.step("given", f"b{layer}", c.b(layer), "bias", layer),
        ]
    return steps


def forward(c: Convention) -> list[Step]:
    """Return Z and A of every layer."""
    w = Writer(c)
    steps = []
    for layer in range(1, c.L + 1):
        A, W, b, Z = c.A(layer - 1), c.V(layer), c.b(layer), c.Z(layer)
        if c.parametrized(layer):
            steps.append(effective_weights(w, layer))
        steps.append(
            w.step(
                "forward", f"Z{layer}", Z, "batch", layer,
                general=c.layout.affine(A, W, b), factors=names(c, A, W, b),
            )
        )  # fmt: skip
        name = c.network.activations[layer - 1].name
        steps.append(
            w.step(
                "forward", f"A{layer}", c.A(layer), "batch", layer,
                general=c.g(layer)(Z), concrete=activation_value(name, Z, c.units),
                factors=names(c, Z), says=f"{name}, layer {layer}",
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


def of_inputs(c: Convention, layer: int, W: Expr) -> Expr:
    """Return κ diag(s) W, or what of it there is: how V comes from W, and dW from dV."""
    if c.network.input_scale and layer == 1:
        diagonal = Symbol("diag")(c.scale())
        W = W @ diagonal if c.layout.transposed_weights else diagonal @ W
    return scaled(c.kappa(layer), W)


def kappa_in_words(c: Convention, layer: int) -> str:
    if c.kappa(layer) is None:
        return ""
    n = c.network.sizes[layer - 1]
    return f"; κ{layer} = 1/√n{layer - 1} = 1/√{n} = {n**-0.5:.6g}"


# ------------------------------------------------------------------------------------------ the cost


def targets(c: Convention) -> Expr:
    """Return the targets that the loss sees."""
    return Symbol("Ỹ") if c.network.label_smoothing else c.Y()


def cost(c: Convention) -> list[Step]:
    """Return the smoothed targets, the losses, the coefficient, the penalty and J."""
    w, network, L = Writer(c), c.network, c.L
    A, Y = c.A(L), targets(c)
    steps = []
    if network.label_smoothing:
        s, classes = network.label_smoothing, 2
        if network.loss == "categorical_cross_entropy":
            classes = network.sizes[-1]
        form = Number(1 - s) * c.Y() + Number(s) / Number(classes)
        steps.append(
            w.step("cost", "Y_smooth", Y, "batch", L, general=form, factors=names(c, c.Y()))
        )
    steps.append(
        w.step(
            "cost", "losses", c.loss, "loss", L,
            general=loss_value(str(network.loss), A, Y, c.outputs), factors=names(c, A, Y),
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


def total_loss(c: Convention) -> Expr:
    """Return Σ_i c_i ℓ_i."""
    if c.weighted:
        return c.observations(Symbol("c") * c.loss)
    return scaled(c.coefficient(), c.observations(c.loss))


def penalized(c: Convention) -> list[Expr]:
    penalty = c.network.penalty
    if penalty is None:
        return []
    layers = range(1, c.L + 1)
    return [c.of(letter, layer) for layer in layers for letter in "Wb" if penalty.covers(letter)]


def penalty_value(c: Convention) -> Expr:
    """Return the penalty as a formula, λ put in."""
    penalty = c.network.penalty
    assert penalty is not None
    strength = Number(penalty.strength)
    factor: Expr = {
        "full": strength,
        "half": strength / Number(2),
        "half_mean": strength / (Number(2) * effective_m(c)),
    }[penalty.scale]
    return factor * total([NormSquared(V) for V in penalized(c)])


def penalty_slope(c: Convention, letter: str, layer: int) -> Expr | None:
    """Return ∂penalty/∂V as a formula; None where V is not penalized."""
    penalty = c.network.penalty
    if penalty is None or not penalty.covers(letter) or penalty.strength == 0:
        return None
    strength = Number(penalty.strength)
    factor: Expr = {
        "full": Number(2 * penalty.strength),
        "half": strength,
        "half_mean": strength / effective_m(c),
    }[penalty.scale]
    return factor * c.of(letter, layer)


def effective_m(c: Convention) -> Expr:
    """Return m as λ/2m sees it: the weights' sum where there are weights."""
    return c.observations(Symbol("w")) if c.weighted else c.m


# ------------------------------------------------------------------------------------------ backward


def backward(c: Convention) -> list[Step]:
    """Return every derivative, from the cost to the inputs."""
    steps = output_layer(c)
    for layer in range(c.L, 0, -1):
        steps += parameter_gradients(c, layer)
        if layer > 1:
            steps += hidden_layer(c, layer - 1)
    if not c.merged:
        steps.append(input_gradient(c, 0))
    return steps


def output_layer(c: Convention) -> list[Step]:
    """Return dA_L, g_L' and dZ_L: fused where the loss and the output belong together."""
    w, network, L = Writer(c), c.network, c.L
    A, Y, name = c.A(L), targets(c), str(network.loss)
    dA, coefficient = c.d("A", L), c.in_delta()
    loss_slope = loss_derivative(name, A, Y)
    first = w.step(
        "backward", f"dA{L}", dA, "batch", L, derivative="delta",
        general=c.output_slope(), concrete=scaled(coefficient, loss_slope),
        factors=names(c, A, Y), says="how the cost changes with each output",
    )  # fmt: skip
    steps = [first, *local_derivative(c, L)]
    product, concrete = products(c, L, dA, scaled(coefficient, loss_slope))
    form: Expr | None = concrete
    unfused = None
    if network.loss_function.logit_derivative is None:
        if not is_elementwise(network, L):
            form = None  # dA would stand in it twice
    else:
        unfused = Unfused(product, concrete)
        form = scaled(coefficient, fused_derivative(name, A, Y, c.outputs))
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
    if network.output == "softmax":
        words += "; it is A − Y where the targets of an observation sum to 1"
    return words


def chain_to_Z(c: Convention, layer: int) -> Expr:
    return Product((c.partial("A", layer), Partial(c.A(layer), c.Z(layer))), scalars=True)


def local_derivative(c: Convention, layer: int) -> list[Step]:
    """Return g'(Z) of a layer, or the Jacobian where it is not diagonal."""
    w = Writer(c)
    name = c.network.activations[layer - 1].name
    if not is_elementwise(c.network, layer):
        a = Item(c.A(layer), c.layout.index)
        column = Transpose(a) @ a if not c.layout.columns else a @ Transpose(a)
        symbol = c.jacobian(layer)
        step = w.step(
            "backward", f"Jac{layer}", symbol, "jacobian", layer,
            chain=Partial(c.A(layer), c.Z(layer)), general=Symbol("diag")(a) - column,
            factors=names(c, c.A(layer)), lines=worked(name),
            says="a full matrix for each observation i: softmax mixes the units; δ_jk is 1 for j = k, "
            "else 0",
        )  # fmt: skip
        return [step]
    step = w.step(
        "backward", f"g{layer}'", c.slope(layer), "batch", layer,
        concrete=activation_derivative(name, c.Z(layer), c.A(layer)),
        factors=names(c, c.Z(layer), c.A(layer)), lines=worked(name),
        says=f"the slope of {name}, layer {layer}",
    )  # fmt: skip
    return [step]


def products(c: Convention, layer: int, dA: Expr, dA_written: Expr) -> tuple[Expr, Expr]:
    """Return dZ = Jac(g)ᵀ dA of a layer, in symbols and with this network's functions."""
    A, name = c.A(layer), c.network.activations[layer - 1].name
    if not is_elementwise(c.network, layer):
        return softmax_product(A, dA, c.units), softmax_product(A, dA_written, c.units)
    slope = activation_derivative(name, c.Z(layer), A)
    return dA * c.slope(layer), dA_written if name == "identity" else dA_written * slope


def jacobian_form(c: Convention, layer: int) -> tuple[Expr, ...]:
    """Return dZ[i] as a product with the Jacobian; nothing for an element-wise activation."""
    if is_elementwise(c.network, layer):
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
    concrete = substituted if is_elementwise(c.network, layer) else None
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


def parameter_gradients(c: Convention, layer: int) -> list[Step]:
    """Return dW and db of a layer, penalty included."""
    w = Writer(c)
    dZ, A, dV = c.d("Z", layer), c.A(layer - 1), c.d("V", layer)
    product, means = (
        c.layout.weight_gradient(A, dZ),
        "input times output's derivative, summed over the observations",
    )
    steps = []
    of_weights, factors_of_W, says_of_W = product, names(c, A, dZ), means
    if c.parametrized(layer):
        steps.append(
            w.step(
                "backward", f"dV{layer}", dV, "weight", layer, derivative="gradient",
                general=product, factors=names(c, A, dZ), says=means,
            )
        )  # fmt: skip
        scaled_by = ("scale",) if c.network.input_scale and layer == 1 else ()
        of_weights, factors_of_W = of_inputs(c, layer, dV), (*scaled_by, *names(c, dV))
        says_of_W = "each V is a multiple of its own W"
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


def scale_gradient(w: Writer) -> Step:
    """Return ds: each s acts on all units of the first layer."""
    c = w.c
    dV, W = c.d("V", 1), c.W(1)
    return w.step(
        "backward", "dscale", Symbol("ds"), "bias", 0, derivative="gradient",
        general=Transpose(c.units(scaled(c.kappa(1), W * dV))), factors=names(c, W, dV),
        says="each s acts on every unit of the first layer",
    )  # fmt: skip
