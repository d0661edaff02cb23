"""Evaluating a formula as it is written: what a reader with NumPy would compute.

Nothing here comes from `chainrule.nn`: a formula of the explainer that evaluates to the value beside
it says what the library computes.
"""

from math import erf, pi, sqrt

import numpy as np

from chainrule.notation import formula as al
from chainrule.notation.plain import plain


def log(x):
    """Return log x; 0 for log 0, which stands beside a factor of 0 wherever it is right."""
    return np.log(np.where(x == 0, 1, x))


FUNCTIONS = {
    "σ": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "exp": np.exp,
    "log": log,
    "cosh": np.cosh,
    "max": np.maximum,
    "abs": np.abs,
    "Φ": np.vectorize(lambda z: (1 + erf(z / sqrt(2))) / 2, otypes=[float]),
    "φ": lambda z: np.exp(-(z**2) / 2) / sqrt(2 * pi),
    "diag": lambda a: np.diag(np.ravel(a)),
}


def evaluate(value, known):
    """Return the number or array that a formula is, names looked up in `known`."""

    def ev(part):
        return evaluate(part, known)

    match value:
        case al.Number(number):
            return number
        case al.Symbol() | al.Partial() | al.Gradient():
            return known[plain(value)]
        case al.Add(terms):
            return sum(sign * ev(term) for sign, term in terms)
        case al.Product(factors):
            out = 1.0
            for factor in factors:
                out = out * ev(factor)
            return out
        case al.MatMul(factors):
            out = ev(factors[0])
            for factor in factors[1:]:
                out = out @ ev(factor)
            return out
        case al.Fraction(over, under):
            return ev(over) / ev(under)
        case al.Power(body, exponent):
            return ev(body) ** exponent
        case al.Transpose(body):
            return np.transpose(ev(body))
        case al.NormSquared(body):
            return np.sum(ev(body) ** 2)
        case al.Cases(left, then, otherwise):
            return np.where(ev(left) > 0, ev(then), ev(otherwise))
        case al.Apply(function, arguments):
            if plain(value) in known:  # g2'(Z2), a step of its own
                return known[plain(value)]
            name = plain(function)
            call = FUNCTIONS[name] if name in FUNCTIONS else known[name]
            return call(*map(ev, arguments))
        case al.Item(body, "i"):
            return ev(body)[known["i"]][np.newaxis]
        case al.Item(body, ":, i"):
            return ev(body)[:, known["i"]][:, np.newaxis]
        case al.SumOver(body, "units", _, layout):
            return np.sum(ev(body), axis=1 if layout == "rows" else 0, keepdims=True)
        case al.SumOver(body, "observations", _, layout):
            return np.sum(ev(body), axis=0 if layout == "rows" else 1, keepdims=True)
        case _:
            raise TypeError(f"cannot evaluate {plain(value)}")


def surroundings(steps, network, m, columns=False):
    """Return what the formulas of these steps may name: their values, m, the activations."""
    known = {"m": m, "η": 0.1, "learning_rate": 0.1}
    for step in steps:
        known[plain(step.symbol)] = known[step.name] = np.asarray(step.value)
    known["ℓ"] = known.get("losses", known.get("ℓ"))
    for layer, g in enumerate(network.activations, start=1):
        known[f"g{layer}"] = lambda z, g=g: g.value(z.T).T if columns else g.value(z)
    return known
