"""Print approximations.hpp: the fitted functions of the compiled engine, in more digits than it needs.

    python tools/approximations.py > src/chainrule/core/src/approximations.hpp

Mills' ratio, behind the normal distribution function: for x ≥ 0 let u = (x − 4)/(x + 4), in [−1, 1).
R(x) = (1 − Φ(x))/φ(x), times (x + 4), is a smooth function of u, so that its Chebyshev series converges
fast; it is summed here in 60 digits and written out in powers of u. (The change of variable is
Schonfelder's, "Chebyshev expansions for the error and related functions", Mathematics of Computation 32,
1978.)
"""

import mpmath as mp

mp.mp.dps = 60
MILLS_CENTER = mp.mpf(4)
NODES = 80


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


def print_array(name, kind, coefficients):
    print(f"inline constexpr {kind} {name}[] = {{")
    for c in coefficients:
        print(f"    {float(c).hex()}{'f' if kind == 'float' else ''},")
    print("};\n")


def main():
    print("// Made by tools/approximations.py, which says what these are.")
    print("// clang-format off\n#pragma once\n\nnamespace chainrule {\n")
    print_array("mills_single", "float", mills(11))
    print_array("mills_double", "double", mills(26))
    print("}  // namespace chainrule")


if __name__ == "__main__":
    main()
