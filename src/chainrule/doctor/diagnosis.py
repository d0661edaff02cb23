"""From the values that a user computed, at one point or several, to a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from chainrule.checks import check_number
from chainrule.doctor.decoding import decode
from chainrule.doctor.elsewhere import right_elsewhere
from chainrule.doctor.evidence import evidence
from chainrule.doctor.findings import Evidence, Finding, Mistake, Verdict
from chainrule.doctor.multiples import Multiple, multiple_mistakes, multiples_of, scaled
from chainrule.doctor.notation import Notation
from chainrule.doctor.paths import Case, Path, rank
from chainrule.doctor.points import Point
from chainrule.doctor.quantities import accept, quantity_order, turned
from chainrule.doctor.reference import check_network, confirm, refer
from chainrule.doctor.report import Report
from chainrule.doctor.updates import update_findings
from chainrule.doctor.values import in_float32
from chainrule.errors import ParameterError
from chainrule.nn.arrays import Array

__all__ = ["diagnose"]

FLOAT64, FLOAT32 = 1e-6, 3e-4


def diagnose(
    points: Sequence[Point],
    quantities: Mapping[str, Sequence[Array | None]],
    *,
    tolerance: float | None = None,
    learning_rate: float | None = None,
    layout: str = "rows",
    title: str = "gradients",
    notes: Sequence[str] = (),
) -> Report:
    """Say of every quantity whether it is right, and name the mistakes that explain what is not.

    Parameters
    ----------
    points : sequence of Point
        Where the values were computed; see `chainrule.doctor.points.draw_points`. The networks of
        the points have the same depth, activations and loss; their sizes may differ.
    quantities : mapping of str to sequence of (ndarray or None)
        ``quantities["dW2"][k]`` is the user's ∂J/∂W2 at ``points[k]``, None where it has no value.
        Names: dA_l, dZ_l, dW_l, db_l without the underscore, l = 0 … L for dA; new_W_l and new_b_l
        are the parameters after one step of gradient descent. All in the rows layout.
    tolerance : float, optional
        Up to which relative distance two arrays are the same: 1e-6, and 3e-4 if every number that was
        given is one of float32.
    learning_rate : float, optional
        η of the update, for new_W_l and new_b_l, and for weights that were updated too early.
    layout : {"rows", "columns"}
        How the corrected formulas are written; the arrays are in rows in any case.
    title : str
        The title of the report.
    notes : sequence of str
        Put before the report's own notes.

    Returns
    -------
    Report

    Raises
    ------
    ParameterError
        If a quantity has an unknown name or not a value for each point, or nothing was given.
    ChainruleError
        If the true gradient and the complex step differ, which would be an error of chainrule's.
    """
    if not points or not quantities:
        raise ParameterError("there is nothing to check: give at least one quantity and one point")
    if tolerance is not None:
        check_number("tolerance", tolerance, 0, 1, low_open=True, high_open=True)
    if learning_rate is not None:
        check_number("learning_rate", learning_rate, 0, low_open=True)
    for name, values in quantities.items():
        if len(values) != len(points):
            raise ParameterError(f"{name} must have one value for each of {len(points)} points")
    for point in points:
        check_network(point.network)
    references = tuple(refer(point) for point in points)
    for reference in references:
        confirm(reference)
    given, refused = accept(references, quantities)
    if tolerance is None:
        everything = [V for values in given.values() for V in values]
        tolerance = FLOAT32 if in_float32(everything) else FLOAT64
    network = points[0].network
    updates = {name: values for name, values in given.items() if name.startswith("new_")}
    gradients = {name: values for name, values in given.items() if name not in updates}
    one_class = all(np.allclose(point.Y.sum(axis=1), 1) for point in points)
    notation = Notation(network, layout, one_class=one_class)
    case = Case(notation, references, gradients, tolerance, learning_rate)
    findings, more = findings_of(case) if gradients else ((), ())
    findings += update_findings(case, updates)
    order = quantity_order(network.depth)
    unread = {finding.quantity for finding in refused}
    findings = tuple(finding for finding in findings if finding.quantity not in unread)
    ordered = sorted([*findings, *refused], key=lambda finding: order.index(finding.quantity))
    return Report(title, tuple(ordered), (*notes, *more))


def findings_of(case: Case) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Return what is said of each quantity, and the notes that hold for all."""
    multiple = whole_multiple(case)
    if multiple is not None:
        return whole_findings(case, multiple), ()
    paths = decode(case)
    notes: tuple[str, ...] = ()
    conventional = per_observation(case)
    if conventional is not None and paths[0].cost:
        others = decode(conventional)
        # Of equally many mistakes, the convention takes those that leave the user's dZ as it is.
        if others[0].cost <= paths[0].cost:
            case, paths = conventional, others
            notes = (
                "dZ and dA are read as derivatives of the loss of each observation, m times those of "
                "the mean; the 1/m stands in dW and db. That is a convention, and no error.",
            )
    if any(mistake.code == "unknown" for mistake in paths[0].mistakes):
        notes += right_elsewhere(case)
    return tuple(path_findings(case, paths)), notes


def per_observation(case: Case) -> Case | None:
    """Return the case under the convention that the 1/m stands in dW and db, if it may be meant."""
    if case.notation.network.reduction != "mean":
        return None
    references = tuple(reference.per_observation() for reference in case.references)
    notation = replace(case.notation, per_observation=True)
    other = replace(case, notation=notation, references=references)
    names = [name for name in case.given if name[1] in "AZ"]
    meant = any(case.same(case.given[name], other.true(name)) for name in names)
    not_meant = any(case.is_true(name) for name in names)
    proved = any(case.is_true(n) for n in case.given if n[1] in "Wb")
    return other if meant and proved and not not_meant else None


def whole_multiple(case: Case) -> Multiple | None:
    """Return the multiple of the truth that everything is, penalty included; None if there is none.

    Without a penalty the path says the same.
    """
    names = [name for name in case.given if name[1] in "Wb"]
    if len(names) < 2 or not any(reference.kappa for reference in case.references):
        return None
    found: list[set[Multiple]] = []
    for name in names:
        true = case.true(name)
        multiples = multiples_of(case.given[name], true, case.counts, case.tolerance)
        found.append(
            {
                (round(c, 9), a)
                for c, a in multiples
                if case.same(case.given[name], scaled(true, (c, a), case.counts))
            }
        )
    common = set.intersection(*found)
    if (1.0, 0) in common:  # as all powers of m are, where m is 1
        return None
    return min(common, key=lambda multiple: abs(multiple[1])) if common else None


def whole_findings(case: Case, multiple: Multiple) -> tuple[Finding, ...]:
    """Return the findings where every gradient is the same multiple of the true one."""
    place = f"dZ{case.depth}"
    mistakes = tuple(
        replace(m, sentence=m.sentence.replace(place, "every gradient, its penalty included,"))
        for m in multiple_mistakes(case.notation, place, multiple)
    )
    found = [Finding(place, Verdict.WRONG, place in case.given, mistakes)]
    for name in case.given:
        if name != place:
            left = case.distance_to_truth(name)
            found.append(Finding(name, Verdict.FOLLOWS, distance=left, follows_from=(place,)))
    return tuple(found)


def path_findings(case: Case, paths: list[Path]) -> list[Finding]:
    """Return a finding for every quantity that was given, is missing, or is found to be wrong."""
    path = paths[0]
    mistakes: dict[str, tuple[Mistake, ...]] = {}
    for mistake in path.mistakes:
        mistakes[mistake.place] = (*mistakes.get(mistake.place, ()), mistake)
    ties = ties_of(path, paths)
    found = []
    for name in quantity_order(case.depth):
        if name.startswith("new_"):
            continue
        if name in case.given:
            found.append(given_finding(case, path, name, mistakes, ties.get(name, ())))
        elif name in mistakes:
            found.append(
                Finding(
                    name,
                    Verdict.WRONG,
                    given=False,
                    mistakes=mistakes[name],
                    ties=ties.get(name, ()),
                    follows_from=roots(case, name, mistakes),
                    evidence=evidence(case, path, name),
                    note="it was not given; what was computed from it says so",
                )
            )
        elif name[1] in "Wb":
            found.append(Finding(name, Verdict.NOT_GIVEN, given=False))
    return found


def given_finding(
    case: Case,
    path: Path,
    name: str,
    mistakes: Mapping[str, tuple[Mistake, ...]],
    ties: tuple[tuple[Mistake, ...], ...],
) -> Finding:
    """Return what is said of a quantity that was given."""
    left = case.distance_to_truth(name)
    sentence = f"{name} has the shape of its transpose."
    shape = Mistake("missing_transpose", name, sentence, case.notation.formula(name))
    if name in mistakes:
        found = mistakes[name]
        if is_turned(case, name) and "missing_transpose" not in {m.code for m in found}:
            found = (*found, shape)
        return Finding(
            name,
            Verdict.WRONG,
            mistakes=found,
            ties=ties,
            distance=left,
            follows_from=roots(case, name, mistakes),
            evidence=evidence(case, path, name),
        )
    true = (Evidence("right", left),)
    if left <= case.tolerance and is_turned(case, name):
        return Finding(name, Verdict.WRONG, mistakes=(shape,), distance=left)
    if left <= case.tolerance:
        inner = case.notation.per_observation and name[1] in "AZ"
        verdict = Verdict.CONVENTION if inner else Verdict.RIGHT
        note = "m times the derivative of the mean" if inner else ""
        return Finding(name, verdict, distance=left, evidence=true, note=note)
    return Finding(
        name,
        Verdict.FOLLOWS,
        distance=left,
        follows_from=roots(case, name, mistakes),
        evidence=true,
    )


def is_turned(case: Case, name: str) -> bool:
    """Say whether weights of one row were given as one column, or the reverse: the numbers agree."""
    if name[1] != "W":
        return False
    true = case.true(name)
    return any(
        given is not None and right is not None and turned("W", given.shape, right.shape)
        for given, right in zip(case.given[name], true, strict=True)
    )


def roots(case: Case, name: str, mistakes: Mapping[str, tuple[Mistake, ...]]) -> tuple[str, ...]:
    """Return the wrong quantities that `name` is computed from, the nearest first.

    The search ends at a quantity that was given and is right: what is wrong before it does not come
    through.
    """
    layer, kind = int(name[2:]), name[1]
    chain = [f"dZ{layer}"] if kind in "Wb" else []
    chain += [f"dA{layer}"] if kind != "A" else []
    for upper in range(layer + 1, case.depth + 1):
        chain += [f"dZ{upper}", f"dA{upper}"]
    found = []
    for source in chain:
        if source in mistakes:
            found.append(source)
        elif source in case.given and case.is_true(source):
            break
    return tuple(found)


def ties_of(path: Path, paths: list[Path]) -> dict[str, tuple[tuple[Mistake, ...], ...]]:
    """Return the other explanations, each at the first place where it differs from the chosen one."""
    mine = {(mistake.place, mistake.sentence) for mistake in path.mistakes}
    ties: dict[str, list[tuple[Mistake, ...]]] = {}
    others = [*path.others(), *(other for p in paths[1:] for other in (p.mistakes, *p.others()))]
    for other in sorted(others, key=rank):
        theirs = {(mistake.place, mistake.sentence) for mistake in other}
        instead = tuple(m for m in other if (m.place, m.sentence) not in mine)
        lacking = [m for m in path.mistakes if (m.place, m.sentence) not in theirs]
        if instead and lacking:
            known = ties.setdefault(lacking[0].place, [])
            codes = [(m.code, m.place) for m in instead]
            if codes not in [[(m.code, m.place) for m in tie] for tie in known]:
                known.append(instead)
    return {place: tuple(found) for place, found in ties.items()}
