"""Assertions about every number of a trace."""

import numpy as np

from chainrule.nn import Parameters
from chainrule.notation.formula import Item, MatMul, Symbol, Transpose
from helpers.formulas import evaluate, surroundings
from helpers.gradients import loss_slopes, penalty_and_slope, relative_error

__all__ = ["assert_by_complex_steps", "assert_by_formulas"]

TOLERANCE = 1e-12


def assert_by_complex_steps(document, network, parameters, X, Y, weight):
    """Compare what the JSON trace says with derivatives by every intermediate."""
    values = {step["name"]: step.get("value") for step in document["steps"]}
    slopes = loss_slopes(network, parameters, X, Y)
    w = np.ones(len(Y)) if weight is None else weight
    c = network.cost_scale * w / (w.sum() if network.reduction == "mean" else 1)
    penalty, penalty_slope = penalty_and_slope(network, parameters, w.sum())
    truth = {"J": c @ slopes.losses + penalty, "losses": slopes.losses[:, np.newaxis]}
    for name, V in Parameters(network.sizes, slopes.theta @ c + penalty_slope).items():
        truth[f"d{name}"] = V
    for layer in range(network.depth + 1):
        name = f"dA{layer}" if layer else "dX"
        truth[name] = c[:, np.newaxis] * slopes.A[layer]
        if layer:
            truth[f"dZ{layer}"] = c[:, np.newaxis] * slopes.Z[layer]
    derivatives = {step["name"] for step in document["steps"] if step["part"] == "backward"}
    derivatives -= {name for name in derivatives if name.startswith(("g", "Jac"))}
    assert derivatives == set(truth) - {"J", "losses"}
    for name, want in truth.items():
        error = relative_error(values[name], want)
        assert error < TOLERANCE, f"{name} is off by {error:.2e}: {network}"
    assert relative_error(document["cost"], truth["J"]) < TOLERANCE


def assert_by_formulas(trace):
    """Evaluate every formula, in symbols and concrete, and compare it with the value beside it."""
    layout = trace.convention.layout
    known = surroundings(trace.steps, trace.network, trace.numbers.m, layout.columns)
    L, c = trace.network.depth, trace.numbers.c
    # The constants of selu are written with four digits.
    tolerance = 1e-4 if "selu" in [g.name for g in trace.network.activations] else 1e-11
    loss = trace.network.loss_function
    slope = loss.derivative(trace.numbers.record.A[L], trace.numbers.Y_smooth)
    known[f"∂ℓ/∂A{L}"] = layout.shown("batch", slope)
    known["c"] = np.transpose(c) if layout.columns and np.ndim(c) else c
    if trace.network.penalty is not None:
        assert_penalty(trace, known)
    for step in trace.steps:
        if step.name.startswith("Jac"):
            for i, matrix in enumerate(step.value):
                assert_same(step, step.general, matrix, known | {"i": i}, tolerance)
            continue
        for form in (step.general, step.concrete):
            if form is not None:
                assert_same(step, form, step.value, known, tolerance)
        if step.unfused is not None:
            for form in (step.unfused.general, step.unfused.concrete):
                assert_same(step, form, step.value, known, tolerance)
                assert_same(step, form, step.unfused.value, known, tolerance)
        for line in step.lines:
            if isinstance(line.left, Item):  # dZ[i] by the Jacobian
                assert_rows(step, line, known, trace)


def assert_penalty(trace, known):
    """∂R/∂V is what the penalty's own formula gives; the general form names it."""
    penalty, weight = trace.network.penalty, trace.numbers.weight
    m = trace.numbers.m if weight is None else weight.sum()
    factor = {"full": 2, "half": 1, "half_mean": 1 / m}[penalty.scale] * penalty.strength
    for name in trace.parameters:
        known[f"∂R/∂{name}"] = factor * known[name] * (penalty.biases or name[0] == "W")


def assert_rows(step, line, known, trace):
    """dZ[i] is the product with the Jacobian of observation i."""
    jacobians = known[f"Jac{step.name[2:]}"]
    for i in range(trace.numbers.m):
        got = evaluate(jacobian_named(line.forms[0]), {**known, "i": i, "Jac": jacobians[i]})
        assert relative_error(np.ravel(got), trace.numbers(step.name)[i]) < TOLERANCE


def jacobian_named(form):
    """Return a formula with a symbol in place of Jac2[i], which is a matrix already."""
    if isinstance(form, Item) and form.body.base == "Jac":
        return Symbol("Jac")
    if isinstance(form, MatMul):
        return MatMul(tuple(map(jacobian_named, form.factors)))
    if isinstance(form, Transpose):
        return Transpose(jacobian_named(form.body))
    return form


def assert_same(step, form, value, known, tolerance):
    want = np.asarray(value)
    got = np.asarray(evaluate(form, known))
    got = got.reshape(()) if want.ndim == 0 else np.broadcast_to(got, want.shape)
    assert relative_error(got, want) < tolerance, step.concrete_formula
