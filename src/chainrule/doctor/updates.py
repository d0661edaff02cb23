"""Updates: θ ← θ − η dθ, with the right dθ, in the right direction."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.doctor.findings import Evidence, Finding, Mistake, Verdict
from chainrule.doctor.multiples import multiples_of, scaled
from chainrule.doctor.paths import Case
from chainrule.doctor.tensors import plus
from chainrule.doctor.values import Values, distance

__all__ = ["update_findings"]


def update_findings(case: Case, updates: Mapping[str, Values]) -> tuple[Finding, ...]:
    """Return what is said of every new_W_l and new_b_l.

    The gradient is the user's own where it was given, else the true one. A learning rate that was not
    declared is read off the first update.
    """
    eta = case.learning_rate
    found = []
    for name, given in updates.items():
        if eta is None:
            eta = learning_rate(case, name, given)
        found.append(update_finding(case, name, given, eta))
    return tuple(found)


def step_of(case: Case, name: str, given: Values) -> Values:
    """Return θ − new θ, which is η dθ."""
    return plus(case.parameter(name.removeprefix("new_")), given, -1)


def gradient_of(case: Case, name: str) -> Values:
    """Return the gradient that the update has to follow."""
    quantity = name.replace("new_", "d")
    return case.given.get(quantity, case.true(quantity))


def learning_rate(case: Case, name: str, given: Values) -> float | None:
    """Return the positive η that an update is made with, None if it follows no gradient."""
    step, gradient = step_of(case, name, given), gradient_of(case, name)
    for c, a in multiples_of(step, gradient, case.counts, case.tolerance):
        if a == 0 and c > 0:
            return c
    return None


def update_finding(case: Case, name: str, given: Values, eta: float | None) -> Finding:
    """Return what is said of one update."""
    parameter = name.removeprefix("new_")
    gradient, step = gradient_of(case, name), step_of(case, name, given)

    def follows(direction: Values, rate: float) -> bool:
        left = plus(case.parameter(parameter), scaled(direction, (rate, 0), case.counts), -1)
        return case.same(given, left)

    left = float("inf")
    if eta is not None:
        want = plus(case.parameter(parameter), scaled(gradient, (eta, 0), case.counts), -1)
        left = distance(given, want)
        if left <= case.tolerance:
            wrong = not case.same(gradient, case.true(f"d{parameter}"))
            verdict = Verdict.FOLLOWS if wrong else Verdict.RIGHT
            source = (f"d{parameter}",) if wrong else ()
            note = f"η = {eta:.6g}"
            return Finding(name, verdict, distance=left, follows_from=source, note=note)
    sentence = reason(case, name, step, gradient, eta)
    corrected = f"{parameter} = {parameter} - eta * d{parameter}"
    mistake = Mistake("wrong_update", name, sentence, corrected)
    return Finding(
        name,
        Verdict.WRONG,
        mistakes=(mistake,),
        distance=left,
        evidence=(Evidence("right", left),),
    )


def reason(case: Case, name: str, step: Values, gradient: Values, eta: float | None) -> str:
    """Say what is wrong about an update, as far as it can be said."""
    parameter = name.removeprefix("new_")
    for c, a in multiples_of(step, gradient, case.counts, case.tolerance):
        if c == 0:
            return f"{parameter} is not changed by the update."
        if a == 0 and c < 0:
            return f"{parameter} goes up the gradient: {parameter} − η d{parameter} goes down."
        if eta is not None:
            power = "" if a == 0 else " × m" if a == 1 else f" × m^{a}"
            return f"The step is {c:.6g}{power} times d{parameter}, and not η = {eta:.6g} times."
    for other in case.references[0].point.parameters:
        source = case.given.get(f"d{other}", case.true(f"d{other}"))
        if other != parameter and list(multiples_of(step, source, case.counts, case.tolerance)):
            return f"{parameter} is updated with d{other}, and not with d{parameter}."
    return f"The step of {parameter} is no multiple of d{parameter}."
