"""Print approximations.hpp: the fitted functions of the compiled engine, in more digits than it needs.

    python tools/approximations.py > src/chainrule/core/src/approximations.hpp

Mills' ratio, behind the normal distribution function: for x ≥ 0 let u = (x − 4)/(x + 4), in [−1, 1).
R(x) = (1 − Φ(x))/φ(x), times (x + 4), is a smooth function of u, so that its Chebyshev series converges
fast; it is summed here in 60 digits and written out in powers of u. (The change of variable is
Schonfelder's, "Chebyshev expansions for the error and related functions", Mathematics of Computation 32,
1978.)

tanh in single precision: h = tanh(y) with y = x/2 is y P(y²)/Q(y²), of degrees 2 and 3, and
tanh(x) = 2h/(1 + h²), where the errors of h vanish as it nears 1. P and Q are of least error by Lawson's
method: least squares, again and again, with weights that grow where the error is large (Lawson,
"Contributions to the theory of linear least maximum approximation", 1961). All coefficients are
positive, so that nothing cancels.
"""

import mpmath as mp

mp.mp.dps = 60
MILLS_CENTER = mp.mpf(4)
NODES = 80
TANH_LIMIT = mp.mpf("4.51")
TANH_DEGREES = 2, 3
# Of both, which changes nothing but the rounding: just below 2 a float is twice as fine as just above 1.
TANH_SCALE = mp.mpf("1.6")
TANH_POINTS = 300
TANH_ROUNDS = 30


def scaled_ratio(u):
    """Return R(x)(x + 4) at u."""
    x = MILLS_CENTER * (1 + u) / (1 - u)
    if x < 30:
        ratio = mp.sqrt(mp.pi / 2) * mp.erfc(x / mp.sqrt(2)) * mp.exp(x * x / 2)
    else:  # the continued fraction of Laplace
        tail = mp.mpf(0)
        for n in range(300, 0, -1):
            tail = n / (x + tail)
        ratio = 1 / (x + tail)
    return ratio * (x + MILLS_CENTER)


def mills(degree):
    """Return the coefficients of 1, u, u² and so on, of the series cut off after `degree`."""
    angles = [mp.pi * (j + mp.mpf(1) / 2) / NODES for j in range(NODES)]
    values = [scaled_ratio(mp.cos(angle)) for angle in angles]
    series = [
        (1 if n == 0 else 2)
        * mp.fsum(v * mp.cos(n * angle) for v, angle in zip(values, angles, strict=True))
        / NODES
        for n in range(degree + 1)
    ]
    polynomials = [[mp.mpf(1)], [mp.mpf(0), mp.mpf(1)]]
    for n in range(2, degree + 1):  # T_n = 2u T_{n−1} − T_{n−2}
        doubled = [mp.mpf(0), *(2 * c for c in polynomials[n - 1])]
        for power, c in enumerate(polynomials[n - 2]):
            doubled[power] -= c
        polynomials.append(doubled)
    return [
        mp.fsum(series[n] * polynomials[n][power] for n in range(power, degree + 1))
        for power in range(degree + 1)
    ]


def tanh_ratio():
    """Return the coefficients of P and of Q, in powers of y²."""
    top, bottom = TANH_DEGREES
    largest = TANH_LIMIT**2
    angles = [mp.pi * (j + mp.mpf(1) / 2) / TANH_POINTS for j in range(TANH_POINTS)]
    t = [largest * (1 - mp.cos(angle)) / 2 for angle in angles]
    f = [mp.tanh(mp.sqrt(v)) / mp.sqrt(v) for v in t]
    # What a relative error of h is worth in 2h/(1 + h²): (1 − h²)/(1 + h²).
    worth = [mp.sech(2 * mp.sqrt(v)) + mp.mpf("1e-3") for v in t]
    weights, denominator = [mp.mpf(1)] * TANH_POINTS, [mp.mpf(1)] * TANH_POINTS
    best = None
    for _ in range(TANH_ROUNDS):
        A = mp.matrix(TANH_POINTS, top + bottom + 1)
        b = mp.matrix(TANH_POINTS, 1)
        for i, (v, wanted) in enumerate(zip(t, f, strict=True)):
            scale = mp.sqrt(weights[i]) * worth[i] / (denominator[i] * wanted)
            for power in range(top + 1):
                A[i, power] = scale * (v / largest) ** power
            for power in range(1, bottom + 1):
                A[i, top + power] = -scale * wanted * (v / largest) ** power
            b[i] = scale * wanted
        x = mp.lu_solve(A.T * A, A.T * b)
        P = [x[power] / largest**power for power in range(top + 1)]
        Q = [mp.mpf(1), *(x[top + power] / largest**power for power in range(1, bottom + 1))]
        denominator = [mp.polyval(Q[::-1], v) for v in t]
        errors = [
            abs(mp.polyval(P[::-1], v) / q / wanted - 1) * w
            for v, q, wanted, w in zip(t, denominator, f, worth, strict=True)
        ]
        if best is None or max(errors) < best[0]:
            best = max(errors), P, Q
        weights = [w * e for w, e in zip(weights, errors, strict=True)]
        total = mp.fsum(weights)
        weights = [w / total for w in weights]
    return [[TANH_SCALE * c for c in coefficients] for coefficients in best[1:]]


def print_array(name, kind, coefficients):
    print(f"inline constexpr {kind} {name}[] = {{")
    for c in coefficients:
        print(f"    {float(c).hex()}{'f' if kind == 'float' else ''},")
    print("};\n")


def main():
    print("// Made by tools/approximations.py, which says what these are.")
    print("// clang-format off\n#pragma once\n\nnamespace chainrule {\n")
    P, Q = tanh_ratio()
    print_array("tanh_top", "float", P)
    print_array("tanh_bottom", "float", Q)
    print_array("mills_single", "float", mills(11))
    print_array("mills_double", "double", mills(26))
    print("}  // namespace chainrule")


if __name__ == "__main__":
    main()
