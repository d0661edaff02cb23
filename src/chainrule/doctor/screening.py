"""Screening: whether any of many steps can explain anything of what was given, judged at one point."""

from __future__ import annotations

import numpy as np

from chainrule.doctor.paths import Case, Path
from chainrule.doctor.reference import Reference
from chainrule.doctor.rules.parameters import parameter_variants, right_parameter
from chainrule.doctor.rules.variants import Upstream
from chainrule.doctor.steps import Step, steps_to_Z
from chainrule.doctor.values import attempt
from chainrule.nn.arrays import Array

__all__ = ["MOST_HIDDEN", "promising"]

MOST_HIDDEN = 2
"""How many mistakes are looked for before something that was given speaks for them."""


def promising(case: Case, path: Path, layer: int, level: int, ventured: int) -> bool:
    """Say whether, with `level` mistakes in dZ_l, some dW_l or db_l that was given may be explained.

    Parameters
    ----------
    case, path
    layer, level : int
        As in `chainrule.doctor.steps.steps_to_Z`.
    ventured : int
        How many mistakes the path already has for which nothing speaks. With one that is still free,
        a mistake in dW_l or db_l itself is looked for.

    Returns
    -------
    bool
        Never False where there is such an explanation.
    """
    observed = [name for name in (f"dW{layer}", f"db{layer}") if name in case.given]
    points = range(len(case.references))
    at = next((k for k in points if all(case.given[n][k] is not None for n in observed)), None)
    if at is None:
        return True
    there, way = case.at(at), path.at(at)
    free = level + ventured < MOST_HIDDEN
    with np.errstate(all="ignore"):
        for step in steps_to_Z(there, way, layer, level):
            if step.possible and any(
                explains(there, way, layer, step, name, free) for name in observed
            ):
                return True
    return False


def explains(case: Case, path: Path, layer: int, step: Step, name: str, wrongly: bool) -> bool:
    """Say whether dW_l or db_l may come from a step, rightly, or wrongly, with one more mistake."""
    if step.delta is not None:
        eta = case.learning_rate
        declared = eta is not None and explains(case, path, layer, step.after(eta), name, wrongly)
        return declared or after_update(case, layer, step, name)
    reference, glimpse = case.references[0], case.glimpses[name]
    known = {**path.upstream, f"dZ{layer}": step.values, f"dA{layer}": step.dA}
    upstream = {key: values[0] for key, values in known.items() if values and values[0] is not None}

    def right(r: Reference, up: Upstream) -> Array:
        return right_parameter(r, up, name)

    variants = parameter_variants(case.notation, name) if wrongly else ()
    rules = (right, *(variant.apply for variant in variants))
    terms = (attempt(rule, reference, upstream) for rule in rules)
    if any(data is not None and glimpse.allows(reference.collect * data) for data in terms):
        return True
    given, data = case.given[name][0], attempt(right, reference, upstream)
    if name[1] != "W" or given is None or data is None:
        return False
    return case.glimpse(name, 0, given.T).allows(reference.collect * data)


def after_update(case: Case, layer: int, step: Step, name: str) -> bool:
    """Say whether dW_l or db_l may come from a step with some learning rate."""
    assert step.delta is not None
    data, delta = (case.data_term(name, values)[0] for values in (step.values, step.delta))
    return data is not None and delta is not None and case.glimpses[name].allows_update(data, delta)
