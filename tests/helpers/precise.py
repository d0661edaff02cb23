"""Activations, losses and gradients in 500 decimal digits, element by element.

Written from the definitions, with `decimal` alone: no stable rearrangement is needed where 1 + e^−700
keeps its digits, and no derivative either, since a difference over 1e−60 is good to 100 digits.
"""

from decimal import Context, Decimal, getcontext, localcontext, setcontext
from functools import cache

setcontext(Context(prec=500))
STEP = Decimal("1e-60")
SELU_ALPHA = Decimal("1.6732632423543772848170429916717")
SELU_SCALE = Decimal("1.0507009873554804934193349852946")


def arctan_of_inverse(n):
    term = total = Decimal(1) / n
    k = 1
    while abs(term) > Decimal("1e-510"):
        term /= -n * n
        k += 2
        total += term / k
    return total


PI = 4 * (4 * arctan_of_inverse(5) - arctan_of_inverse(239))  # Machin's formula


def sigmoid(z):
    return 1 / (1 + (-z).exp())


def tanh(z):
    return (z.exp() - (-z).exp()) / (z.exp() + (-z).exp())


def softplus(z):
    return z if z > 2000 else (1 + z.exp()).ln()


def normal_cdf(z):
    """Φ(z) = ½ + φ(z) (z + z³/3 + z⁵/15 + …); beyond 40 it is 0 or 1 to 347 digits."""
    if abs(z) > 40:
        return Decimal(z > 0)
    term = total = z
    n = 1
    while abs(term) > Decimal("1e-450"):
        n += 2
        term *= z * z / n
        total += term
    return Decimal("0.5") + (-z * z / 2).exp() / (2 * PI).sqrt() * total


FORMULAS = {
    "identity": lambda z: z,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": lambda z: max(z, Decimal(0)),
    "leaky_relu": lambda z: z if z > 0 else z / 100,
    "elu": lambda z: z if z > 0 else z.exp() - 1,
    "selu": lambda z: SELU_SCALE * (z if z > 0 else SELU_ALPHA * (z.exp() - 1)),
    "softplus": softplus,
    "gelu": lambda z: z * normal_cdf(z),
    "silu": lambda z: z * sigmoid(z),
    "mish": lambda z: z * tanh(softplus(z)),
    "exponential": lambda z: z.exp(),
}


@cache
def around(name, z, precision):
    """Return g(z − h), g(z), g(z + h), in the precision of the moment: it is part of the key."""
    z, g = Decimal(z), FORMULAS[name]
    return g(z - STEP), g(z), g(z + STEP)


def value(name, z):
    """Return g(z)."""
    return around(name, z, getcontext().prec)[1]


def slope(name, z):
    """Return g'(z), by a difference; at a kink it is the mean of the two slopes."""
    left, _, right = around(name, z, getcontext().prec)
    return (right - left) / (2 * STEP)


def curvature(name, z):
    """Return g''(z), by a second difference."""
    left, middle, right = around(name, z, getcontext().prec)
    return (right - 2 * middle + left) / (STEP * STEP)


def softmax(row):
    exponentials = [Decimal(z).exp() for z in row]
    return [e / sum(exponentials) for e in exponentials]


def loss(name, a, y):
    """Return ℓ of one observation, from the outputs `a`."""
    match name:
        case "binary_cross_entropy":
            return -sum(
                (q * p.ln() if q else 0) + ((1 - q) * (1 - p).ln() if q != 1 else 0)
                for p, q in zip(a, y, strict=True)
            )
        case "categorical_cross_entropy":
            return -sum(q * p.ln() for p, q in zip(a, y, strict=True) if q)
        case "poisson":
            return sum(p - q + (q * (q / p).ln() if q else 0) for p, q in zip(a, y, strict=True))
        case "squared_error":
            return sum((p - q) ** 2 for p, q in zip(a, y, strict=True))
        case _:
            return sum((p - q) ** 2 for p, q in zip(a, y, strict=True)) / 2


def loss_slope(name, p, q):
    """Return ∂ℓ/∂ŷ of one output."""
    match name:
        case "categorical_cross_entropy":
            return -q / p
        case "poisson":
            return 1 - q / p
        case "squared_error":
            return 2 * (p - q)
        case _:
            return p - q


def dot(u, v):
    return sum(p * q for p, q in zip(u, v, strict=True))


def sigmoid_output(z, y):
    """Return (ℓ, ∂ℓ/∂z) of binary cross-entropy, with 1 − ŷ as σ(−z): a difference would be 0."""
    total, dz = Decimal(0), []
    for p, r, q in zip(map(sigmoid, z), map(sigmoid, map(Decimal.copy_negate, z)), y, strict=True):
        total -= (q * p.ln() if q else 0) + ((1 - q) * r.ln() if q != 1 else 0)
        dz.append(((1 - q) / r - q / p) * (p * r))
    return total, dz


def output_layer(output, name, z, y):
    """Return (ℓ, ∂ℓ/∂z) of one observation, the derivatives never fused."""
    if name == "binary_cross_entropy":
        return sigmoid_output(z, y)
    if output != "softmax":
        a = [value(output, p) for p in z]
        da = [loss_slope(name, p, q) for p, q in zip(a, y, strict=True)]
        return loss(name, a, y), [d * slope(output, p) for d, p in zip(da, z, strict=True)]
    a = softmax(z)
    da = [loss_slope(name, p, q) for p, q in zip(a, y, strict=True)]
    jacobian = [[p * ((k == j) - a[j]) for j in range(len(a))] for k, p in enumerate(a)]
    columns = zip(*jacobian, strict=True)
    return loss(name, a, y), [dot(column, da) for column in columns]


def hidden_layer(hidden, z, da):
    """Return ∂ℓ/∂z of one observation, given ∂ℓ/∂a."""
    if hidden != "softmax":
        return [d * slope(hidden, p) for d, p in zip(da, z, strict=True)]
    a = softmax(z)
    return [a[j] * sum(((k == j) - a[k]) * da[k] for k in range(len(a))) for j in range(len(a))]


def decimals(V):
    return [[Decimal(float(v)) for v in row] for row in V]


def cost_and_gradients(hidden, output, name, parameters, X, Y):
    """Return the mean cost of a network with one hidden layer, and [dW1, db1, dW2, db2] as lists.

    In 150 digits, which is quicker: 90 remain of a slope, and nobody asks for a gradient of e^−200.
    """
    with localcontext(Context(prec=150)):
        return by_the_general_equations(hidden, output, name, parameters, X, Y)


def by_the_general_equations(hidden, output, name, parameters, X, Y):
    W1, b1, W2, b2 = (decimals(parameters[key]) for key in ("W1", "b1", "W2", "b2"))
    columns1, columns2 = list(zip(*W1, strict=True)), list(zip(*W2, strict=True))
    m, J = len(X), Decimal(0)
    rows = []  # (x, dz1, a1, dz2) of each observation
    for x, y in zip(decimals(X), decimals(Y), strict=True):
        z1 = [dot(x, w) + c for w, c in zip(columns1, b1[0], strict=True)]
        a1 = softmax(z1) if hidden == "softmax" else [value(hidden, z) for z in z1]
        z2 = [dot(a1, w) + c for w, c in zip(columns2, b2[0], strict=True)]
        each, dz2 = output_layer(output, name, z2, y)
        J += each / m
        dz2 = [d / m for d in dz2]
        rows.append((x, hidden_layer(hidden, z1, [dot(w, dz2) for w in W2]), a1, dz2))
    sums = []
    for inputs, outputs in ((0, 1), (2, 3)):
        pairs = [(row[inputs], row[outputs]) for row in rows]
        width, height = len(pairs[0][1]), len(pairs[0][0])
        sums.append(
            [[sum(a[i] * d[j] for a, d in pairs) for j in range(width)] for i in range(height)]
        )
        sums.append([[sum(d[j] for _, d in pairs) for j in range(width)]])
    return J, sums
