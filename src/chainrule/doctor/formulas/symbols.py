"""What the names in formulas stand for: canonical symbols for the spellings that people use."""

from __future__ import annotations

import re

from chainrule.doctor.formulas.tree import Layer, Name
from chainrule.nn.activations import ACTIVATIONS, ALIASES

__all__ = [
    "ELEMENT_FUNCTIONS",
    "activation_called",
    "activation_of",
    "canonical_name",
    "is_shared",
    "key_of",
]

# The symbols that every network has.
SHARED = frozenset(
    (
        *("X", "Y", "Yhat", "A", "Z", "W", "b", "dA", "dZ", "dW", "db", "dYhat"),
        *("m", "n", "lambda", "eta", "J", "loss", "theta", "dtheta"),
    )
)
# The functions of one argument, beside the activations, and their spellings.
ELEMENT_FUNCTIONS = {
    "exp": "exp",
    "log": "log",
    "ln": "log",
    "log1p": "log1p",
    "expm1": "expm1",
    "sqrt": "sqrt",
    "square": "square",
    "abs": "abs",
    "absolute": "abs",
    "sign": "sign",
    "cosh": "cosh",
    "sinh": "sinh",
    "cos": "cos",
    "sin": "sin",
    "erf": "erf",
}

SPELLINGS = {  # of quantities without a layer
    "X": ("X", "x", "inputs", "X_train"),
    "Y": ("Y", "y", "t", "T", "target", "targets", "y_true", "Y_true", "labels", "Y_train"),
    "Yhat": (
        "Yhat",
        "yhat",
        "Y_hat",
        "y_hat",
        "y_pred",
        "Y_pred",
        "Ŷ",
        "ŷ",
        "probs",
        "out",
        "output",
    ),
    "m": ("m", "M", "N", "n", "batch_size", "n_samples", "num_samples", "n_observations"),
    "lambda": (
        "lam",
        "lambda_",
        "lambd",
        "lmbda",
        "lmbd",
        "λ",
        "reg",
        "l2",
        "weight_decay",
        "Lambda",
    ),
    "eta": ("eta", "η", "lr", "alpha", "α", "learning_rate", "step_size"),
    "J": ("J", "cost", "Cost", "loss", "Loss"),
}
PLAIN = {spelling: symbol for symbol, all_ in SPELLINGS.items() for spelling in all_}

LETTERS = {
    "W": ("W", "w", "weights", "weight", "Theta", "theta", "Θ", "θ"),
    "b": ("b", "B", "bias", "biases", "beta", "β"),
    "Z": ("Z", "z"),
    "A": ("A", "a", "H", "h"),
}
LETTER_OF = {spelling: letter for letter, all_ in LETTERS.items() for spelling in all_}
LAYERED = re.compile(
    r"(?P<d>d|∂|grad_|d_|g_)?(?P<letter>" + "|".join(sorted(LETTER_OF, key=len, reverse=True)) + ")"
    r"_?(?P<layer>\d{1,2}|[lL])?"
)
DELTA = re.compile(r"(?:delta|Delta|δ|Δ)_?(?P<layer>\d{1,2}|[lL])?")
LAYERED_INPUT = re.compile(r"(?P<d>d)?[Xx](?P<layer>0)?")

# g, f and the like: the activation of the layer, whatever it is.
GENERIC = re.compile(r"(?:g|f|phi|φ|act|activation)_?(?P<layer>\d{1,2}|[lL])?")
SAME_ACTIVATION = {
    **ALIASES,
    "σ": "sigmoid",
    "sigma": "sigmoid",
    "sig": "sigmoid",
    "expit": "sigmoid",
    "ReLU": "relu",
    "Relu": "relu",
    "RELU": "relu",
    "LeakyReLU": "leaky_relu",
    "leakyrelu": "leaky_relu",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Softmax": "softmax",
    "SoftMax": "softmax",
    "ELU": "elu",
    "SELU": "selu",
    "GELU": "gelu",
    "SiLU": "silu",
    "swish": "silu",
    "Mish": "mish",
    "linear": "identity",
}
DERIVATIVE = re.compile(
    r"(?P<front>d_?|grad_|der_|deriv_|derivative_)?(?P<name>\w+?)"
    r"(?P<back>_?(?:prime|derivative|deriv|der|grad|gradient|backward))?(?P<layer>_?\d{1,2})?"
)


def canonical_name(text: str) -> Name | None:
    """Return the quantity that a Python name spells, or None if it spells none.

    >>> canonical_name("dW2").symbol, str(canonical_name("dW2").layer)
    ('dW', '2')
    >>> canonical_name("delta_1").symbol, canonical_name("y_pred").symbol
    ('dZ', 'Yhat')
    """
    if text in PLAIN:
        return Name(PLAIN[text], text=text)
    if match := DELTA.fullmatch(text):
        return Name("dZ", layer_of(match["layer"]), text=text)
    if match := LAYERED_INPUT.fullmatch(text):
        return Name("dA" if match["d"] else "X", Layer("", 0) if match["d"] else None, text=text)
    if match := LAYERED.fullmatch(text):
        symbol = ("d" if match["d"] else "") + LETTER_OF[match["letter"]]
        layer = layer_of(match["layer"])
        if symbol == "A" and layer == Layer("", 0):
            return Name("X", text=text)
        return Name(symbol, layer, text=text)
    return None


def activation_called(word: str) -> str | None:
    """Return the activation that a word spells, by its name in `ACTIVATIONS`; None if it spells none.

    >>> activation_called("ReLU"), activation_called("tanh"), activation_called("sum")
    ('relu', 'tanh', None)
    """
    return word if word in ACTIVATIONS else SAME_ACTIVATION.get(word)


def layer_of(text: str | None) -> Layer | None:
    """Read the number, or the letter, that follows a name."""
    if not text:
        return None
    return Layer("", int(text)) if text.isdecimal() else Layer(text)


def activation_of(text: str) -> tuple[str | None, bool, Layer | None] | None:
    """Read the name of an activation or of its derivative.

    Returns
    -------
    tuple of (str or None, bool, Layer or None), or None
        The activation (None for a generic g), whether it is the derivative, and the layer of a
        generic one; None if the name is no activation's.

    >>> activation_of("tanh_prime"), activation_of("sigmoid"), activation_of("sum")
    (('tanh', True, None), ('sigmoid', False, None), None)
    """
    if called := activation_called(text):
        return called, False, None
    if match := GENERIC.fullmatch(text):
        return None, False, layer_of(match["layer"])
    match = DERIVATIVE.fullmatch(text)
    if match is None or not (match["front"] or match["back"]):
        return None
    name, layer = match["name"], layer_of((match["layer"] or "").strip("_"))
    if called := activation_called(name):
        return called, True, None
    if generic := GENERIC.fullmatch(name):
        return None, True, layer_of(generic["layer"]) or layer
    return None


def key_of(symbol: str, layer: int | None) -> str:
    """Return the key of a quantity in an environment: "W2", "dZ1", "X", "m"."""
    return symbol if layer is None else f"{symbol}{layer}"


def is_shared(name: Name) -> bool:
    """Say whether a name is one that every network has: none of the document's own."""
    return name.symbol in SHARED
