"""Backward passes with mistakes in them, written as formulas: in NumPy notation and in LaTeX.

The mistakes are those of `helpers.slips`; `text_with` writes what its `backward` computes.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpers.slips import ETA

NOTATIONS = ("numpy", "latex")
SPELLED = {"sigmoid": r"\sigma", "tanh": r"\tanh"}


@dataclass(frozen=True)
class Pen:
    """Writes the pieces of a formula; a piece is (text, whether it needs brackets in a product)."""

    notation: str = "numpy"
    columns: bool = False

    @property
    def latex(self):
        return self.notation == "latex"

    def name(self, symbol, layer):
        if symbol == "A" and layer == 0:
            return "X"
        if not self.latex:
            return f"{symbol}{layer}"
        if symbol[0] == "d":
            return rf"\frac{{\partial J}}{{\partial {symbol[1:]}_{{{layer}}}}}"
        return f"{symbol}_{{{layer}}}"

    def T(self, text):
        if not self.latex:
            return f"{text}.T"
        return f"({text})^T" if text.startswith("\\frac") else f"{text}^T"

    def matmul(self, a, b):
        return f"{a} {b}" if self.latex else f"({a} @ {b})"

    def times(self, a, b):
        return rf"({a}) \odot ({b})" if self.latex else f"({a}) * ({b})"

    def scaled(self, k, text):
        return f"{k} ({text})" if self.latex else f"{k} * ({text})"

    def over(self, a, b):
        return rf"\frac{{{a}}}{{{b}}}" if self.latex else f"({a}) / ({b})"

    def power(self, text, n):
        return f"({text})^{n}" if self.latex else f"({text})**{n}"

    def apply(self, g, text, derivative=False):
        if not self.latex:
            return f"{g}_prime({text})" if derivative else f"{g}({text})"
        spelled = SPELLED.get(g) or rf"\text{{{g}}}".replace("_", r"\_")
        return f"{spelled}{chr(39) * derivative}({text})"

    def exp(self, text):
        return rf"\exp({text})" if self.latex else f"np.exp({text})"

    def total(self, text, axis):
        """Sum over the observations (axis "m"), over the units ("n"), or over both ("mn")."""
        if self.latex:
            over = {"m": r"\sum_{i=1}^{m}", "n": r"\sum_{j}", "mn": r"\sum_{i=1}^{m} \sum_{j}"}
            return f"{over[axis]} ({text})"
        if axis == "mn":
            return f"np.sum({text})"
        number = 0 if (axis == "m") != self.columns else 1
        return f"np.sum({text}, axis={number}, keepdims=True)"

    @property
    def lam(self):
        return r"\lambda" if self.latex else "lam"

    @property
    def eta(self):
        return r"\eta" if self.latex else "eta"


def loss_text(pen, loss, A, Y):
    """Return ∂ℓ/∂A."""
    return {
        "binary_cross_entropy": pen.over(f"{A} - ({Y})", pen.times(A, f"1 - {A}")),
        "categorical_cross_entropy": pen.over(f"-({Y})", A),
        "poisson": pen.over(f"{A} - ({Y})", A),
        "squared_error": pen.scaled(2, f"{A} - ({Y})"),
        "half_squared_error": f"{A} - ({Y})",
    }[loss]


def output_terms(pen, name, V):
    """Return g' in terms of the output, or None where notation has no word for it."""
    return {
        "sigmoid": pen.times(V, f"1 - {V}"),
        "tanh": f"1 - {pen.power(V, 2)}",
        "softplus": f"1 - {pen.exp('-' + V)}",
        "elu": None if pen.latex else f"np.where({V} > 0, 1, {V} + 1)",
        "exponential": V,
    }[name]


def text_with(network, slips=(), notation="numpy", columns=False):
    """Return the formulas of a backward pass with slips; None if the notation cannot say them."""
    pen = Pen(notation, columns)
    at = {}
    for slip in slips:
        at.setdefault(slip.place, []).append(slip)
    lines = []
    for layer in range(network.depth, 0, -1):
        here = at.get(f"dZ{layer}", [])
        lines += into_A(pen, network, layer, here)
        lines.append((pen.name("dZ", layer), dZ_text(pen, network, layer, here)))
        lines.append(
            (pen.name("dW", layer), dW_text(pen, network, layer, at.get(f"dW{layer}", [])))
        )
        lines.append(
            (pen.name("db", layer), db_text(pen, network, layer, at.get(f"db{layer}", [])))
        )
    if any(text is None for _, text in lines):
        return None
    end = " \\\\\n" if pen.latex else "\n"
    return end.join(f"{target} = {text}" for target, text in lines)


def into_A(pen, network, layer, slips):
    """Return the lines that give dA_l, and an update before it where one comes too early."""
    target, L = pen.name("dA", layer), network.depth
    if layer == L:
        loss = next((s.how for s in slips if s.code == "loss_mismatch"), network.loss)
        Y = "-Y" if any(s.how == "plus" for s in slips) else "Y"
        text = loss_text(pen, loss, pen.name("A", L), Y)
        if network.cost_scale != 1:
            text = pen.scaled(network.cost_scale, text)
        return [(target, pen.over(text, "m") if network.reduction == "mean" else text)]
    number, turned, before = layer + 1, True, []
    for slip in slips:
        if slip.code == "missing_transpose":
            turned = False
        elif slip.code == "wrong_weights":
            number = slip.how
        elif slip.code == "updated_weights":
            W, dW = pen.name("W", layer + 1), pen.name("dW", layer + 1)
            step = f"{pen.eta} {dW}" if pen.latex else f"{pen.eta} * {dW}"
            before = [(W, f"{W} - {step}")]
    W, dZ = pen.name("W", number), pen.name("dZ", layer + 1)
    W = pen.T(W) if turned else W
    return [*before, (target, pen.matmul(W, dZ) if pen.columns else pen.matmul(dZ, W))]


def dZ_text(pen, network, layer, slips):
    g = network.activations[layer - 1].name
    Z, A, dA = (pen.name(symbol, layer) for symbol in ("Z", "A", "dA"))
    factor = pen.apply(g, Z, derivative=True)
    text = None
    for slip in slips:
        if slip.code == "missing_activation_derivative":
            text = dA
        elif slip.code == "softmax_diagonal":
            factor = pen.times(A, f"1 - {A}")
        elif slip.code == "activation_derivative_argument":
            factor = pen.apply(g, A, derivative=True)
            if slip.how == "Z":
                factor = output_terms(pen, g, Z)
        elif slip.code == "wrong_layer_derivative":
            kind, k = slip.how
            factor = (
                pen.apply(g, pen.name("Z", k), derivative=True)
                if kind == "Z"
                else pen.apply(network.activations[k - 1].name, Z, derivative=True)
            )
        elif slip.how == "twice":
            factor = pen.power(factor, 2)
        elif slip.how == "g":
            factor = pen.apply(g, Z)
        else:
            continue
        if factor is None:
            return None
        text = text or pen.times(dA, factor)
    if text is None and g == "softmax":
        total = pen.total(pen.times(dA, A), "n")
        text = None if total is None else pen.times(A, f"{dA} - {total}")
    elif text is None:
        text = pen.times(dA, factor)
    return multiple(pen, text, slips)


def dW_text(pen, network, layer, slips):
    A, dZ = pen.name("A", layer - 1), pen.name("dZ", layer)
    text = None
    for slip in slips:
        if slip.code == "off_by_one_input":
            A = pen.name("A", slip.how)
        elif slip.code == "missing_activation_derivative":
            dZ = pen.name("dA", layer)
        elif slip.code == "wrong_layer_gradient":
            dZ = pen.name("dZ", slip.how)
        elif slip.how == "ones":
            if pen.latex:
                return None
            A = f"np.ones_like({A})"
        elif slip.how == "Z":
            A = pen.name("Z", layer - 1)
        elif slip.code == "missing_transpose":
            text = pen.matmul(A, pen.T(dZ)) if pen.columns else pen.matmul(pen.T(dZ), A)
        elif slip.code == "elementwise_product":
            text = pen.times(A, dZ)
    if text is None:
        text = pen.matmul(dZ, pen.T(A)) if pen.columns else pen.matmul(pen.T(A), dZ)
    return penalized(pen, network, multiple(pen, text, slips), f"W{layer}", slips)


def db_text(pen, network, layer, slips):
    dZ, axis = pen.name("dZ", layer), "m"
    for slip in slips:
        if slip.code == "missing_activation_derivative":
            dZ = pen.name("dA", layer)
        elif slip.code == "bias_not_summed":
            axis = ""
        elif slip.code == "bias_wrong_axis":
            axis = "n" if slip.how == "units" else "mn"
    text = pen.total(dZ, axis) if axis else dZ
    text = None if text is None else multiple(pen, text, slips)
    return penalized(pen, network, text, f"b{layer}", slips)


def multiple(pen, text, slips):
    """Write the slips that are a number."""
    if text is None:
        return None
    for slip in slips:
        if slip.code in ("missing_mean", "double_mean", "mean_for_sum", "bias_mean_for_sum"):
            text = pen.scaled("m", text) if slip.how > 0 else pen.over(text, "m")
        elif slip.code == "sign":
            text = f"-({text})"
        elif slip.code == "factor":
            text = pen.scaled(slip.how, text)
    return text


def penalized(pen, network, text, name, slips):
    """Add the derivative of the penalty."""
    penalty, sign, number, letter = network.penalty, "+", name[1:], name[0]
    factors = []
    if penalty is not None and (letter == "W" or penalty.biases):
        factors = {"full": [2, pen.lam], "half": [pen.lam], "half_mean": [pen.over(pen.lam, "m")]}[
            penalty.scale
        ]
    for slip in slips:
        if slip.code == "penalty_missing":
            factors = []
        elif slip.code == "penalty_sign":
            sign = "-"
        elif slip.code in ("penalty_factor", "penalty_on_biases") and not factors:
            factors = [0.2]
        elif slip.code == "penalty_factor":
            factors = [slip.how, *factors]
        elif slip.code == "penalty_wrong_layer":
            number = slip.how
    if not factors or text is None:
        return text
    between = " " if pen.latex else " * "
    return f"{text} {sign} {between.join(map(str, [*factors, pen.name(letter, number)]))}"


def learning_rate():
    """Return the η of an update that comes too early."""
    return ETA
