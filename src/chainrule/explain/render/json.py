"""A trace as plain values, ready for JSON. docs/explain.md describes the keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.explain.paths import Chain, chain_document
from chainrule.explain.step import Step
from chainrule.explain.steps import Steps
from chainrule.explain.update import Update
from chainrule.nn import Parameters
from chainrule.nn.arrays import Array
from chainrule.notation.formula import Formula
from chainrule.notation.latex import latex
from chainrule.notation.plain import plain

__all__ = ["SCHEMA", "derivation_document", "plain_values", "trace_document", "update_document"]

SCHEMA = "chainrule.explain/1"
MOST_ENTRIES = 10_000  # of an array whose values are given without being asked for by name


def trace_document(
    trace: Steps,
    *,
    only: Sequence[str] = (),
    chains: Sequence[Chain] = (),
    update: Update | None = None,
) -> dict[str, Any]:
    """Return a trace as plain values.

    Parameters
    ----------
    trace : Steps
    only : sequence of str
        The steps to give, whole however large they are; all by default, large ones elided.
    chains : sequence of Chain
    update : Update, optional

    Returns
    -------
    dict
        NaN and infinity are None in it.
    """
    steps = [trace[name] for name in only] if only else trace.steps
    document = {
        **header(trace),
        "observations": trace.numbers.m,
        "cost": finite(float(trace.cost)),
        "steps": [step_document(step, whole=bool(only)) for step in steps],
    }
    if chains:
        document["chains"] = [chain_document(chain) for chain in chains]
    if update is not None:
        document["update"] = update_document(update)
    return document


def derivation_document(convention: Any, steps: Sequence[Step]) -> dict[str, Any]:
    """Return a derivation without numbers as plain values."""
    return {
        "schema": SCHEMA,
        "network": convention.network.to_dict(),
        "notation": convention.layout.key,
        "note": getattr(convention, "key", None),
        "steps": [step_document(step) for step in steps],
    }


def header(trace: Steps) -> dict[str, Any]:
    convention = trace.convention
    return {
        "schema": SCHEMA,
        "network": trace.network.to_dict(),
        "notation": convention.layout.key,
        "note": getattr(convention, "key", None),
    }


def step_document(step: Step, whole: bool = False) -> dict[str, Any]:
    """Return one step as plain values."""
    document: dict[str, Any] = {
        "name": step.name,
        "part": step.part,
        "formula": step.formula,
        "concrete": step.concrete_formula,
        "chain": text_of(step.chain),
        "latex": step.latex,
        "lines": [plain(line) for line in step.lines],
        "dims": list(step.dims),
        "shape": list(step.shape),
        "factors": list(step.factors),
        "says": step.says,
        "of": step.of or None,
        "relation": step.relation,
    }
    if step.unfused is not None:
        document["unfused"] = {
            "formula": plain(step.unfused.general),
            "concrete": plain(step.unfused.concrete),
            "latex": latex(step.unfused.concrete),
        }
        if step.compute is not None:
            document["unfused"] |= value_document(step.unfused.value, whole)
    if step.compute is not None:
        document |= value_document(step.value, whole)
    return document


def text_of(form: Formula | None) -> str | None:
    return None if form is None else plain(form)


def value_document(value: Any, whole: bool) -> dict[str, Any]:
    """Return an array's values, or how large it is where it is too large."""
    array = np.asarray(value)
    if whole or array.size <= MOST_ENTRIES:
        return {"value": plain_values(array), "elided": False}
    with np.errstate(all="ignore"):
        norm, least, most = (float(f(array)) for f in (np.linalg.norm, np.min, np.max))
    summary = {"norm": finite(norm), "min": finite(least), "max": finite(most)}
    return {"value": None, "elided": True, "summary": summary}


def plain_values(array: Array) -> Any:
    """Return nested lists; NaN and infinity are None."""
    array = np.asarray(array)
    if np.isfinite(array).all():
        return array.tolist()
    if array.ndim == 0:
        return None
    return [plain_values(entry) for entry in array]


def finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def update_document(update: Update) -> dict[str, Any]:
    """Return steps of gradient descent as plain values."""
    document: dict[str, Any] = {
        "learning_rate": update.learning_rate,
        "steps": update.steps,
        "frozen": list(update.frozen),
        "shared_biases": update.shared_biases,
        "costs": plain_values(update.costs),
        "before": named(update.before),
        "gradients": named(update.gradients),
        "after_first_step": named(update.first),
        "after": named(update.after),
        "outputs": value_document(update.outputs, False)["value"],
    }
    if update.too_early is not None:
        early = update.too_early
        document["too_early"] = {
            "costs": plain_values(early.costs),
            "after": named(early.after),
            "outputs": value_document(early.outputs, False)["value"],
        }
    return document


def named(parameters: Parameters) -> dict[str, Any]:
    return {name: value_document(V, False)["value"] for name, V in parameters.items()}
