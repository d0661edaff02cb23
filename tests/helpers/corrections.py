"""Running the formulas that the doctor proposes, as code."""

from itertools import product

import numpy as np
import scipy.special

from chainrule.doctor.notation import Notation
from chainrule.doctor.points import draw_point
from chainrule.doctor.reference import refer

__all__ = ["check_formulas_of", "surroundings"]

COMMON = {"np": np, "scipy": scipy, "lam": 0.3}


def surroundings(reference, layout, per_observation):
    """Return what a formula may name, with observations as the layout has them."""
    network = reference.network
    names = COMMON | {"m": reference.m, "X": reference.A[0], "Y": reference.Y}
    for layer in range(1, network.depth + 1):
        names |= {f"Z{layer}": reference.Z[layer], f"A{layer}": reference.A[layer]}
        collected = reference.m if per_observation and network.reduction == "mean" else 1
        for letter, values in (("Z", reference.dZ), ("A", reference.dA)):
            names[f"d{letter}{layer}"] = values[layer] * collected
        for name in (f"W{layer}", f"b{layer}"):
            names[name] = reference.point.parameters[name]
    if layout == "columns":
        names = {name: V.T if isinstance(V, np.ndarray) else V for name, V in names.items()}
    return names


def quantities(network):
    """Return every quantity that the doctor writes formulas of."""
    return [f"d{letter}{layer}" for layer in range(1, network.depth + 1) for letter in "AZWb"]


def check_formulas_of(network):
    """Assert that the right formula of every quantity is code that gives its values."""
    reference = refer(draw_point(network, 5, 0, 0))
    for layout, per_observation in product(("rows", "columns"), (False, True)):
        names = surroundings(reference, layout, per_observation)
        for name in quantities(network):
            formula = Notation(network, layout, per_observation).formula(name)
            target, _, code = formula.partition(" = ")
            assert target == name
            value = eval(code, dict(names))
            want = reference.true(name)
            if name[1] in "AZ" and per_observation and network.reduction == "mean":
                want = want * reference.m
            want = want.T if layout == "columns" else want
            message = f"{formula} ({layout}, {per_observation})"
            np.testing.assert_allclose(value, want, rtol=1e-9, atol=1e-12, err_msg=message)
